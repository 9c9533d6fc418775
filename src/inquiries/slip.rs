//! A slip in the domain of an e-mail address, such as `gmial.com`: a suggestion, never a reason to refuse.

/// Where most people who write to us have their mail.
const DOMAINS: [&str; 22] = [
    "gmail.com",
    "yahoo.com",
    "hotmail.com",
    "outlook.com",
    "live.com",
    "icloud.com",
    "ymail.com",
    "rocketmail.com",
    "googlemail.com",
    "msn.com",
    "aol.com",
    "me.com",
    "protonmail.com",
    "proton.me",
    "zoho.com",
    "gmx.com",
    "mail.com",
    "yandex.com",
    "yahoo.ca",
    "yahoo.co.uk",
    "hotmail.co.uk",
    "outlook.fr",
];

/// Endings that are mistyped more often than they exist.
const ENDINGS: [(&str, &str); 9] = [
    (".con", ".com"),
    (".comm", ".com"),
    (".cmo", ".com"),
    (".ocm", ".com"),
    (".vom", ".com"),
    (".xom", ".com"),
    (".coom", ".com"),
    (".com.com", ".com"),
    (".pkk", ".pk"),
];

/// The address that was probably meant, where another domain is more likely than the one that was typed.
pub fn probably_meant(address: &str) -> Option<String> {
    let (local, typed) = address.rsplit_once('@')?;
    let domain = typed.to_lowercase();
    if DOMAINS.contains(&domain.as_str()) {
        return None;
    }
    let near = |known: &&&str| {
        // A short name has many near ones that exist; in a longer one two slips are still one word.
        let slips = if known.len() < 8 {
            0
        } else if known.len() < 10 {
            1
        } else {
            2
        };
        strsim::damerau_levenshtein(known, &domain) <= slips
    };
    let nearest = DOMAINS.iter().filter(near).min_by_key(|known| strsim::damerau_levenshtein(known, &domain));
    let mended = || ENDINGS.iter().find_map(|(slip, meant)| Some(format!("{}{meant}", domain.strip_suffix(slip)?)));
    let meant = nearest.map(|known| (*known).to_owned()).or_else(mended)?;
    Some(format!("{local}@{meant}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_in_a_well_known_domain_gets_a_suggestion() {
        for (typed, meant) in [
            ("ali@gmial.com", "ali@gmail.com"),
            ("ali@gmal.com", "ali@gmail.com"),
            ("Ali@GMAIL.CON", "Ali@gmail.com"),
            ("ali@gmail.co", "ali@gmail.com"),
            ("ali@yaho.com", "ali@yahoo.com"),
            ("ali@hotmial.com", "ali@hotmail.com"),
            ("ali@hotmal.co", "ali@hotmail.com"),
            ("ali@outlok.com", "ali@outlook.com"),
            ("ali@example.con", "ali@example.com"),
            ("o'neil+a@iclod.com", "o'neil+a@icloud.com"),
        ] {
            assert_eq!(probably_meant(typed).as_deref(), Some(meant), "{typed}");
        }
    }

    #[test]
    fn an_address_that_may_well_be_right_is_left_alone() {
        for typed in [
            "ali@gmail.com",
            "ali@yahoo.com.pk",
            "ali@example.com",
            "ali@mail.pk",
            "ali@me.org",
            "ali@email.com",
            "ali@cloud.com",
            "ali@hotmail.fr",
            "ali@live.ca",
            "ali@msn.pk",
            "not an address",
        ] {
            assert_eq!(probably_meant(typed), None, "{typed}");
        }
    }
}
