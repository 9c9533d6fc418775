//! Parser of `SMTP_URL`: mail server, credentials and TLS mode.

use std::net::IpAddr;

use anyhow::{Result, bail, ensure};
use percent_encoding::percent_decode_str;
use url::Url;

use crate::mail::smtp::TlsMode;

const EXAMPLE: &str = "smtp://user:password@host:587";
const ENCODING: &str = "SMTP_URL cannot be read as smtp://user:password@host:587. Percent-encode special characters in the user \
                        name and the password: @ is %40, : is %3A, / is %2F, # is %23, ? is %3F, % is %25, a space is %20. \
                        Example: the password a/b#c is written a%2Fb%23c";

#[derive(Debug)]
pub struct SmtpUrl {
    /// Its path is the name for EHLO.
    pub url: Url,
    pub tls_mode: TlsMode,
}

impl SmtpUrl {
    /// Errors contain no part of the text, since it may be the password.
    pub fn parse(text: &str) -> Result<Self> {
        let Some((scheme, rest)) = text.split_once("://") else { bail!("SMTP_URL is not a URL such as {EXAMPLE}") };
        ensure!(
            ["smtp", "smtps"].iter().any(|known| scheme.eq_ignore_ascii_case(known)),
            "SMTP_URL must begin with smtp:// or smtps://"
        );
        ensure!(!text.contains(char::is_control), "SMTP_URL contains a line break or another control character");
        // An @ after the first of these belongs to an unencoded password.
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        ensure!(!rest[end..].contains('@'), ENCODING);
        let url = match Url::parse(text) {
            Ok(url) => url,
            Err(_) if rest.contains('@') => bail!(ENCODING),
            Err(_) => bail!("SMTP_URL is not a URL such as {EXAMPLE}"),
        };
        let host = url.host_str().unwrap_or_default();
        ensure!(!host.is_empty(), "SMTP_URL has no host");
        ensure!(!host.contains('%'), "SMTP_URL has a non-ASCII host: use its ASCII form (xn--…)");
        ensure!(url.port() != Some(0), "SMTP_URL has port 0, which is not valid");
        check_credentials(&url)?;
        ensure!(
            url.fragment().is_none(),
            "SMTP_URL has text after a #, which would be ignored: remove it, or write %23 if it belongs to the password"
        );
        let name = url.path().trim_matches('/');
        let is_name = name.chars().all(|c| c.is_ascii_alphanumeric() || ".-_:[]".contains(c));
        ensure!(
            is_name,
            "SMTP_URL has a path that is not a host name: the path is the name that the site sends in EHLO"
        );
        let tls_mode = tls_mode(&url)?;
        Ok(Self { url, tls_mode })
    }

    /// Describes a combination of scheme and port that probably does not work.
    pub fn warning(&self) -> Option<String> {
        let (scheme, port) = (self.url.scheme(), self.url.port()?);
        let (meant, why) = match (scheme, port) {
            ("smtp", 465) => ("smtps://", "uses TLS from the first byte"),
            ("smtps", 25 | 587) => ("smtp://", "starts without TLS"),
            _ => return None,
        };
        Some(format!("SMTP_URL begins with {scheme}://, but port {port} {why}, so write {meant}"))
    }
}

fn check_credentials(url: &Url) -> Result<()> {
    let (user, password) = (url.username(), url.password().unwrap_or_default());
    ensure!(user.is_empty() || !password.is_empty(), "SMTP_URL has a user and no password ({EXAMPLE})");
    ensure!(password.is_empty() || !user.is_empty(), "SMTP_URL has a password and no user ({EXAMPLE})");
    let is_text = |text: &str| percent_decode_str(text).decode_utf8().is_ok();
    ensure!(is_text(user) && is_text(password), ENCODING);
    Ok(())
}

/// STARTTLS is required unless the server is on this machine or `?tls=` says otherwise.
fn tls_mode(url: &Url) -> Result<TlsMode> {
    let mut asked = None;
    for (name, value) in url.query_pairs() {
        ensure!(
            name == "tls",
            "SMTP_URL has a parameter that is not known: use tls=required, tls=opportunistic or tls=none \
             (if the question mark belongs to the password, write %3F)"
        );
        ensure!(asked.is_none(), "SMTP_URL has tls= twice");
        asked = Some(value.into_owned());
    }
    let host = url.host_str().unwrap_or_default();
    let is_local = host.eq_ignore_ascii_case("localhost")
        || host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok_and(|ip| ip.to_canonical().is_loopback());
    Ok(match (url.scheme(), asked.as_deref()) {
        ("smtps", None) => TlsMode::Implicit,
        ("smtps", Some(_)) => bail!("SMTP_URL begins with smtps://, which always uses TLS: leave out tls="),
        (_, None) if is_local => TlsMode::None,
        (_, None | Some("required")) => TlsMode::Required,
        (_, Some("opportunistic")) => TlsMode::Opportunistic,
        (_, Some("none")) => TlsMode::None,
        (_, Some(_)) => bail!("SMTP_URL has a value of tls= that is neither required, opportunistic nor none"),
    })
}

/// Warning about a valid `SMTP_URL`.
pub fn smtp_warning(text: &str) -> Result<Option<String>> {
    Ok(SmtpUrl::parse(text)?.warning())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rejection(text: &str) -> String {
        SmtpUrl::parse(text).err().unwrap_or_else(|| panic!("{text} is accepted")).to_string()
    }

    #[test]
    fn password_with_special_characters_works_or_the_error_explains_the_encoding() {
        for special in "@:/#?%[]&+ =;!$'\"<>\\^`{|}~".chars() {
            for password in [format!("hunter{special}2"), format!("12{special}hunter"), format!("{special}x{special}")]
            {
                let text = format!("smtp://office%40example.com:{password}@mail.example.com:587");
                match SmtpUrl::parse(&text) {
                    Ok(SmtpUrl { url, .. }) => {
                        let read = percent_decode_str(url.password().unwrap()).decode_utf8().unwrap().into_owned();
                        assert_eq!((url.host_str(), url.port()), (Some("mail.example.com"), Some(587)), "{text}");
                        assert_eq!(read, password, "{text}");
                    }
                    Err(error) => {
                        let error = error.to_string();
                        assert!(error.starts_with("SMTP_URL") && error.contains("%23"), "{text}: {error}");
                        assert!(!error.contains("hunter") && !error.contains('\n'), "{text}: {error}");
                    }
                }
                let encoded = percent_encoding::utf8_percent_encode(&password, percent_encoding::NON_ALPHANUMERIC);
                assert!(SmtpUrl::parse(&format!("smtp://office:{encoded}@mail.example.com")).is_ok(), "{encoded}");
            }
        }
        assert!(rejection("smtp://u:%FF@mail.example.com").contains("%25"));
        assert!(rejection("smtp://office:12/34@mail.example.com").contains("%2F"), "it looks like a host and a port");
    }

    #[test]
    fn ignored_parts_of_the_url_are_rejected() {
        for (text, why) in [
            ("smtp://mail.example.com#x", "#"),
            ("smtp://mail.example.com?tsl=none", "not known"),
            ("smtp://mail.example.com?tls=none&timeout=5", "not known"),
            ("smtp://mail.example.com?tls=none&tls=required", "twice"),
            ("smtp://mail.example.com?tls=maybe", "neither"),
            ("smtps://mail.example.com?tls=none", "leave out"),
            ("smtp://user@mail.example.com", "no password"),
            ("smtp://user:@mail.example.com", "no password"),
            ("smtp://:hunter2@mail.example.com", "no user"),
            ("smtp://mail.example.com/a/b", "path"),
            ("smtp://mail.example.com:0", "port 0"),
            ("smtp://", "host"),
            ("mail.example.com", "such as"),
            ("http://mail.example.com", "must begin"),
        ] {
            let error = rejection(text);
            assert!(error.starts_with("SMTP_URL") && error.contains(why), "{text}: {error}");
            assert!(!error.contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn port_that_does_not_fit_the_scheme_gives_a_warning() {
        let warning = |text: &str| smtp_warning(text).unwrap();
        assert!(warning("smtp://u:p@mail.example.com:465").unwrap().ends_with("so write smtps://"));
        assert!(warning("smtps://u:p@mail.example.com:587").unwrap().ends_with("so write smtp://"));
        for fine in ["smtp://mail.example.com", "smtp://mail.example.com:2525", "smtps://mail.example.com:465"] {
            assert_eq!(warning(fine), None, "{fine}");
        }
    }
}
