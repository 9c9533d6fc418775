//! Suggestions for typos in the domain of an e-mail address, such as `gmial.com`.

/// Common e-mail providers, and whether all their addresses end in `.com`.
const PROVIDERS: [(&str, bool); 12] = [
    ("gmail", true),
    ("googlemail", true),
    ("icloud", true),
    ("ymail", true),
    ("rocketmail", true),
    ("yahoo", false),
    ("hotmail", false),
    ("outlook", false),
    ("live", false),
    ("msn", true),
    ("aol", false),
    ("protonmail", false),
];

/// Existing providers whose names resemble those above.
const KNOWN_GOOD: [&str; 8] = ["email", "mail", "cloud", "gmx", "fastmail", "tmail", "smail", "look"];

/// Top-level domains that do not exist, and the intended ones.
const TLD_TYPOS: [(&str, &str); 9] = [
    ("con", "com"),
    ("comm", "com"),
    ("cmo", "com"),
    ("ocm", "com"),
    ("vom", "com"),
    ("xom", "com"),
    ("coom", "com"),
    ("com.com", "com"),
    ("pkk", "pk"),
];

/// Existing top-level domains that are usually a typo after a provider's name.
const COM_TYPOS: [&str; 4] = ["co", "cm", "om", "cim"];

/// Maximum length of a domain name (RFC 1035). Comparing longer ones would be slow.
const MAX_DOMAIN_LEN: usize = 253;

/// The address that was probably meant, if it differs from the one entered.
pub fn suggest(address: &str) -> Option<String> {
    let (local, typed) = address.rsplit_once('@')?;
    if typed.len() > MAX_DOMAIN_LEN {
        return None;
    }
    let domain = typed.to_lowercase();
    let (name, ending) = domain.split_once('.')?;
    let provider = PROVIDERS.iter().find(|(known, _)| *known == name).or_else(|| nearest_provider(name));
    let meant = match provider {
        Some((known, is_com)) => format!("{known}.{}", provider_tld(ending, *is_com)),
        None => format!("{name}.{}", corrected_tld(ending).unwrap_or(ending)),
    };
    (meant != domain).then(|| format!("{local}@{meant}"))
}

/// The provider whose name is one typo away, or two if it is long.
fn nearest_provider(name: &str) -> Option<&'static (&'static str, bool)> {
    if KNOWN_GOOD.contains(&name) {
        return None;
    }
    let distance = |known: &str| strsim::damerau_levenshtein(known, name);
    // Too many existing names resemble a short one.
    let allowed = |known: &str| match known.len() {
        ..5 => 0,
        5..7 => 1,
        _ => 2,
    };
    PROVIDERS.iter().filter(|(known, _)| distance(known) <= allowed(known)).min_by_key(|(known, _)| distance(known))
}

fn provider_tld(typed: &str, is_com: bool) -> &str {
    match corrected_tld(typed) {
        Some(meant) => meant,
        None if is_com || COM_TYPOS.contains(&typed) => "com",
        None => typed,
    }
}

fn corrected_tld(ending: &str) -> Option<&'static str> {
    TLD_TYPOS.iter().find(|(typo, _)| *typo == ending).map(|(_, meant)| *meant)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typo_in_a_known_domain_gets_a_suggestion() {
        for (typed, meant) in [
            ("ali@gmial.com", "ali@gmail.com"),
            ("ali@gmal.com", "ali@gmail.com"),
            ("Ali@GMAIL.CON", "Ali@gmail.com"),
            ("ali@gmail.co", "ali@gmail.com"),
            ("ali@gmail.pk", "ali@gmail.com"),
            ("ali@gmail.com.com", "ali@gmail.com"),
            ("ali@yaho.com", "ali@yahoo.com"),
            ("ali@yahho.com.pk", "ali@yahoo.com.pk"),
            ("ali@hotmial.com", "ali@hotmail.com"),
            ("ali@hotmal.co", "ali@hotmail.com"),
            ("ali@outlok.com", "ali@outlook.com"),
            ("ali@example.con", "ali@example.com"),
            ("o'neil+a@iclod.com", "o'neil+a@icloud.com"),
        ] {
            assert_eq!(suggest(typed).as_deref(), Some(meant), "{typed}");
        }
    }

    #[test]
    fn overlong_domain_gets_no_suggestion() {
        let typed = |letters: usize| format!("ali@{}.con", "x".repeat(letters));
        assert!(suggest(&typed(200)).is_some());
        assert_eq!(suggest(&typed(1_000_000)), None);
    }

    #[test]
    fn plausible_address_gets_no_suggestion() {
        for typed in [
            "ali@gmail.com",
            "ali@yahoo.com.pk",
            "ali@yahoo.co.in",
            "ali@yahoo.co.uk",
            "ali@example.com",
            "ali@mail.pk",
            "ali@me.org",
            "ali@email.com",
            "ali@cloud.com",
            "ali@hotmail.fr",
            "ali@hotmail.ca",
            "ali@outlook.sa",
            "ali@outlook.de",
            "ali@live.ca",
            "ali@msn.com",
            "ali@firm.co",
            "ali@lums.edu.pk",
            "not an address",
        ] {
            assert_eq!(suggest(typed), None, "{typed}");
        }
    }
}
