//! E-mail addresses: as SMTP needs them, as keys for counting, and redacted for the log.

use lettre::Address;

use crate::web::ascii_domain;

/// Address with an ASCII domain; `None` if it is invalid. The part before the `@` is unchanged and may need SMTPUTF8.
pub fn to_ascii_address(address: &str) -> Option<Address> {
    let (local, domain) = address.trim().rsplit_once('@')?;
    let domain = if domain.is_ascii() { domain.to_owned() } else { ascii_domain(domain)? };
    Address::new(local, domain).ok()
}

/// Address for Reply-To; `None` if it needs SMTPUTF8.
pub fn reply_address(address: &str) -> Option<String> {
    to_ascii_address(address).map(|address| address.to_string()).filter(|address| address.is_ascii())
}

/// Domains of one provider that lead to the same mailbox.
const DOMAIN_ALIASES: &[&[&str]] = &[
    &["gmail.com", "googlemail.com"],
    &["icloud.com", "me.com", "mac.com"],
    &["proton.me", "protonmail.com", "protonmail.ch", "pm.me"],
    &["yandex.ru", "yandex.com", "ya.ru"],
];
/// Characters before the `@` that a provider ignores.
const IGNORED_LOCAL_CHARS: &[(&str, &[char])] = &[("gmail.com", &['.']), ("proton.me", &['.', '-', '_'])];
/// Providers where a hyphen begins a sub-address, as a plus does everywhere.
const HYPHEN_SUBADDRESS_PROVIDERS: [&str; 3] = ["yahoo.", "ymail.", "rocketmail."];

/// Key that is equal for all spellings of one mailbox, for counting e-mails. Nothing is sent to it.
///
/// Spellings differ in case, `name+tag`, Gmail's dots, or the domain of the provider.
pub fn mailbox_key(address: &str) -> String {
    let address = address.trim().to_lowercase();
    let (local, domain) = address.rsplit_once('@').unwrap_or((&address, ""));
    let domain = domain.trim_end_matches('.');
    let domain = ascii_domain(domain).unwrap_or_else(|| domain.to_owned());
    let same = DOMAIN_ALIASES.iter().find(|domains| domains.contains(&domain.as_str()));
    let domain = same.map_or(domain.as_str(), |domains| domains[0]);
    // `"name"@` is the same as `name@`.
    let local: String = local.chars().filter(|c| !matches!(c, '"' | '\\')).collect();
    let mut name = local.split('+').next().unwrap_or_default();
    if HYPHEN_SUBADDRESS_PROVIDERS.iter().any(|provider| domain.starts_with(provider)) {
        name = name.split('-').next().unwrap_or_default();
    }
    let ignored =
        IGNORED_LOCAL_CHARS.iter().find(|(provider, _)| *provider == domain).map_or(&[][..], |(_, ignored)| ignored);
    format!("{}@{domain}", name.replace(ignored, ""))
}

/// Whether two spellings lead to the same mailbox; not if one is empty.
pub fn is_same_mailbox(one: &str, other: &str) -> bool {
    !one.trim().is_empty() && mailbox_key(one) == mailbox_key(other)
}

/// Text for the log without e-mail addresses and without the local part of the recipient's address.
pub fn redact_addresses(text: &str, recipient: &str) -> String {
    const INSTEAD: &str = "(address)";
    let is_end = |c: char| c.is_whitespace() || matches!(c, '<' | '>' | '(' | ')' | '[' | ']' | '"' | '\'' | ',' | ';');
    let text: String = text
        .split_inclusive(is_end)
        .map(|piece| {
            let word = piece.trim_end_matches(is_end);
            if word.contains('@') { piece.replacen(word, INSTEAD, 1) } else { piece.to_owned() }
        })
        .collect();
    let local = recipient.rsplit_once('@').map_or("", |(local, _)| local);
    let words = text.split(' ').map(|word| {
        let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
        if !local.is_empty() && bare.eq_ignore_ascii_case(local) {
            word.replacen(bare, INSTEAD, 1)
        } else {
            word.to_owned()
        }
    });
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn internationalised_domains_are_sent_as_a_labels() {
        for (typed, sent) in [
            ("ali@example.com", Some("ali@example.com")),
            ("Ali@Bücher.example", Some("Ali@xn--bcher-kva.example")),
            ("ali@例え.テスト", Some("ali@xn--r8jz45g.xn--zckzah")),
            ("ali@مثال.پاکستان", Some("ali@xn--mgbh0fb.xn--mgbai9azgqp6j")),
            ("علی@پاکستان.example", Some("علی@xn--mgbai9azgqp6j.example")),
            ("ali@ex\u{ad}ample.com", Some("ali@example.com")),
            ("ali@-ü.example", None),
            ("ali", None),
        ] {
            assert_eq!(to_ascii_address(typed).map(|address| address.to_string()).as_deref(), sent, "{typed}");
        }
        assert_eq!(reply_address("ali@bücher.example").as_deref(), Some("ali@xn--bcher-kva.example"));
        assert_eq!(reply_address("علی@example.com"), None);
    }

    #[test]
    fn aliases_of_one_mailbox_have_one_key() {
        for (typed, key) in [
            ("Victim@Example.com", "victim@example.com"),
            ("victim+1@example.com", "victim@example.com"),
            ("vic.tim@example.com", "vic.tim@example.com"),
            ("v.i.c.tim+x@googlemail.com", "victim@gmail.com"),
            ("victim-a@yahoo.co.uk", "victim@yahoo.co.uk"),
            ("victim-a@example.com", "victim-a@example.com"),
            ("\"victim\"@example.com", "victim@example.com"),
            ("victim@me.com", "victim@icloud.com"),
            ("vic_tim@protonmail.com", "victim@proton.me"),
            ("victim@bücher.example", "victim@xn--bcher-kva.example"),
            ("victim@xn--bcher-kva.example", "victim@xn--bcher-kva.example"),
        ] {
            assert_eq!(mailbox_key(typed), key, "{typed}");
        }
    }

    #[test]
    fn addresses_are_redacted_in_log_text() {
        for (text, shown) in [
            ("550 5.1.1 <Ali.Khan@example.com>: user unknown", "550 5.1.1 <(address)>: user unknown"),
            ("550 no mailbox ali.khan here", "550 no mailbox (address) here"),
            ("421 RCPT TO:<ali.khan@example.com> failed (other@x.test)", "421 RCPT <(address)> failed ((address))"),
            ("cannot connect: Connection refused", "cannot connect: Connection refused"),
        ] {
            let shown = shown.replace("RCPT <", "RCPT TO:<");
            assert_eq!(redact_addresses(text, "ali.khan@example.com"), shown);
        }
    }
}
