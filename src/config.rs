//! Settings: one definition for command-line flag, environment variable, default and help.

mod certificates;
mod list;
mod log_filter;
mod misspelt;
mod networks;
mod reply_address;
mod urls;

pub use misspelt::warnings as misspelt_settings;

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use hyper::Uri;
use ipnet::IpNet;
use lettre::Address;
use lettre::message::Mailbox;
use tokio_rustls::rustls::pki_types::CertificateDer;
use url::Url;

use crate::config::list::parse_list;

/// Unchecked settings from flags and environment variables.
#[derive(clap::Args, Clone, Debug)]
#[command(next_help_heading = "Settings")]
pub struct Settings {
    /// Address and port to listen on
    #[arg(long, env = "BIND", default_value = "127.0.0.1:8080", global = true)]
    bind: String,

    /// Public address of the site, for links in e-mails and feeds; https turns on secure cookies
    /// [default: http:// followed by BIND]
    #[arg(long, env = "BASE_URL", global = true)]
    base_url: Option<String>,

    /// Data directory: database, secret, e-mail files, backups
    #[arg(long, env = "DATA_DIR", default_value = "var", global = true)]
    data_dir: OsString,

    /// SQLite database [default: sqlite://DATA_DIR/site.db]
    #[arg(long, env = "DATABASE_URL", global = true)]
    database_url: Option<String>,

    /// Directory for nightly backups, preferably on another disk; off for none [default: DATA_DIR/backups]
    #[arg(long, env = "BACKUPS", global = true)]
    backups: Option<OsString>,

    /// Mail server, as smtp://user:password@host:587 (STARTTLS required unless ?tls=none) or smtps://…
    /// Special characters in user and password are percent-encoded: @ is %40, / is %2F
    /// [default: e-mails are written to DATA_DIR/mail]
    #[arg(long, env = "SMTP_URL", hide_env_values = true, global = true)]
    smtp_url: Option<String>,

    /// PEM file of certificate authorities to trust for the mail server, in addition to the built-in ones and those of
    /// this machine
    #[arg(long, env = "SMTP_CA", global = true)]
    smtp_ca: Option<PathBuf>,

    /// Sender of all e-mails [default: the company settings]
    #[arg(long, env = "MAIL_FROM", global = true)]
    mail_from: Option<String>,

    /// Recipients of inquiries, separated by commas [default: the company settings]
    #[arg(long, env = "STAFF_INBOX", global = true)]
    staff_inbox: Option<String>,

    /// Address for replies of visitors, such as replies@example.com: each inquiry gets its own address below it,
    /// replies+…@example.com, and the command "mail in" adds what arrives there to the inquiry
    /// [default: replies go to the address of the company]
    #[arg(long, env = "REPLY_ADDRESS", global = true)]
    reply_address: Option<String>,

    /// Forms accepted per hour from one network (IPv4 /24, IPv6 /48)
    /// [default: 600, no limit for this machine and its own network]
    #[arg(long, env = "FORM_LIMIT", global = true)]
    form_limit: Option<String>,

    /// Maximum number of e-mails sent per minute
    #[arg(long, env = "MAIL_RATE", default_value = "300", global = true)]
    mail_rate: String,

    /// Addresses and ranges (10.0.0.0/8) of proxies whose X-Forwarded-For is trusted, separated by commas
    #[arg(long, env = "TRUSTED_PROXIES", global = true)]
    trusted_proxies: Option<String>,

    /// Size of the page cache in megabytes; 0 turns it off
    #[arg(long, env = "PAGE_CACHE_MB", default_value = "16", global = true)]
    page_cache_mb: String,

    /// Upstream caches that get a PURGE request after every change, as http:// addresses, separated by commas
    #[arg(long, env = "PURGE_URL", global = true)]
    purge_url: Option<String>,

    /// Search engine that gets the addresses of changed pages by the IndexNow protocol, such as
    /// api.indexnow.org/indexnow with https; off by default
    #[arg(long, env = "INDEXNOW", global = true)]
    indexnow: Option<String>,

    /// Addresses and ranges, besides this machine, that may read /metrics and the details of /health/ready,
    /// separated by commas
    #[arg(long, env = "METRICS_FROM", global = true)]
    metrics_from: Option<String>,

    /// Log level (off, error, warn, info, debug, trace) or a filter by module (info,immigration_experts::mail=debug)
    #[arg(long, env = "LOG", default_value = "info", global = true)]
    log: String,

    /// Log format: text or json
    #[arg(long, env = "LOG_FORMAT", default_value = "text", global = true)]
    log_format: String,
}

/// Validated settings.
#[derive(Clone, Debug)]
pub struct Config {
    pub bind: SocketAddr,
    /// Public address without a path; `None` means `http://` and the listen address.
    pub base_url: Option<Url>,
    pub data_dir: PathBuf,
    pub database_url: String,
    /// Directory of nightly backups; `None` if they are off.
    pub backups: Option<PathBuf>,
    /// Mail server; without one, e-mails are written to files.
    pub smtp_url: Option<Secret>,
    /// Additional certificate authorities for the mail server.
    pub smtp_ca: Vec<CertificateDer<'static>>,
    /// Sender; overrides the company settings.
    pub mail_from: Option<Mailbox>,
    /// Recipients of inquiries; override the company settings.
    pub staff_inbox: Vec<Address>,
    /// Address below which each inquiry has its own address for replies.
    pub reply_address: Option<Address>,
    /// Forms per hour and network, if configured.
    pub form_limit: Option<u32>,
    /// E-mails per minute, at least 1.
    pub mail_rate: u32,
    pub trusted_proxies: Vec<IpNet>,
    pub page_cache_bytes: u64,
    pub purge_urls: Vec<Uri>,
    /// IndexNow endpoint; `None` if it is off.
    pub indexnow: Option<Uri>,
    pub metrics_from: Vec<IpNet>,
    pub log: String,
    pub log_json: bool,
    /// This program. It starts itself to decode pictures.
    pub program: PathBuf,
    /// `serve --new`: start a new site even if an earlier one has lost its database.
    pub new: bool,
    /// Warnings about accepted values that are probably mistakes.
    pub warnings: Vec<String>,
}

/// Text that may contain a password. `Debug` hides it.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("(hidden)")
    }
}

impl Settings {
    /// Validates all settings. The error is one sentence that starts with the name of the setting.
    pub fn check(self) -> Result<Config> {
        let mut warnings = vec![];
        let bind = non_empty_or(&self.bind, "127.0.0.1:8080");
        let bind = bind
            .parse::<SocketAddr>()
            .ok()
            .with_context(|| format!("BIND is \"{bind}\", which is not an address and port such as 127.0.0.1:8080"))?;
        let base_url = non_empty(self.base_url).map(|text| urls::parse_base_url(&text)).transpose()?;
        let data_dir = PathBuf::from(if self.data_dir.is_empty() { "var".into() } else { self.data_dir });
        let database_url = match non_empty(self.database_url) {
            // These three characters have a special meaning in a URL.
            None => {
                let path = data_dir.join("site.db").display().to_string();
                format!("sqlite://{}", path.replace('%', "%25").replace('?', "%3F").replace('#', "%23"))
            }
            Some(url) => urls::check_database_url(url)?,
        };
        let backups = match self.backups.map(trimmed).filter(|path| !path.is_empty()) {
            None => Some(data_dir.join("backups")),
            Some(path) if path.eq_ignore_ascii_case("off") => None,
            Some(path) => {
                let is_refusal =
                    ["none", "no", "false", "0", "disabled"].iter().any(|no| path.eq_ignore_ascii_case(no));
                let path = PathBuf::from(path);
                ensure!(
                    !is_refusal,
                    "BACKUPS is {0}: write off to turn backups off, or ./{0} for a directory of that name",
                    path.display()
                );
                ensure!(!path.is_file(), "BACKUPS is {}, which is a file; use a directory or off", path.display());
                Some(path)
            }
        };
        let smtp_ca = match self.smtp_ca.filter(|path| !path.as_os_str().is_empty()) {
            None => vec![],
            Some(path) => certificates::read(&path)?,
        };
        let mail_from = non_empty(self.mail_from)
            .map(|text| {
                text.parse::<Mailbox>().ok().with_context(|| {
                    format!(
                        "MAIL_FROM is \"{text}\", which is not one e-mail address, such as office@example.com or \
                             Immigration Experts <office@example.com>"
                    )
                })
            })
            .transpose()?;
        let staff_inbox = parse_list("STAFF_INBOX", self.staff_inbox.as_deref(), "an e-mail address")?;
        let reply_address = non_empty(self.reply_address).map(|text| reply_address::parse(&text)).transpose()?;
        let form_limit = non_empty(self.form_limit)
            .map(|text| {
                text.parse::<u32>()
                    .ok()
                    .filter(|limit| *limit > 0)
                    .with_context(|| format!("FORM_LIMIT is \"{text}\", which is not a whole number of 1 or more"))
            })
            .transpose()?;
        let mail_rate = non_empty_or(&self.mail_rate, "300");
        let mail_rate = mail_rate.parse().ok().filter(|rate| (1..=60_000).contains(rate)).with_context(|| {
            format!("MAIL_RATE is \"{mail_rate}\", which is not a number of e-mails per minute from 1 to 60000")
        })?;
        let trusted_proxies =
            networks::parse_networks("TRUSTED_PROXIES", self.trusted_proxies.as_deref(), &mut warnings)?;
        let page_cache_mb = non_empty_or(&self.page_cache_mb, "16").parse::<u64>().ok().filter(|mb| *mb <= 65_536);
        let page_cache_mb = page_cache_mb.with_context(|| {
            format!("PAGE_CACHE_MB is \"{}\", which is not a number of megabytes from 0 to 65536", self.page_cache_mb)
        })?;
        let purge_urls = urls::parse_purge_urls(self.purge_url.as_deref())?;
        let indexnow = non_empty(self.indexnow).filter(|text| text != "off");
        let indexnow = indexnow.map(|text| urls::parse_indexnow(&text)).transpose()?;
        let metrics_from = networks::parse_networks("METRICS_FROM", self.metrics_from.as_deref(), &mut warnings)?;
        let log = log_filter::check(non_empty_or(&self.log, "info"))?;
        let log_json = match non_empty_or(&self.log_format, "text") {
            "text" => false,
            "json" => true,
            other => bail!("LOG_FORMAT is \"{other}\"; use text or json"),
        };
        Ok(Config {
            bind,
            base_url,
            data_dir,
            database_url,
            backups,
            smtp_url: non_empty(self.smtp_url).map(Secret),
            smtp_ca,
            mail_from,
            staff_inbox,
            reply_address,
            form_limit,
            mail_rate,
            trusted_proxies,
            page_cache_bytes: page_cache_mb * 1_000_000,
            purge_urls,
            indexnow,
            metrics_from,
            log,
            log_json,
            program: this_program(),
            new: false,
            warnings,
        })
    }
}

/// File of this program. On Linux, a link that stays valid after an update has replaced the file.
fn this_program() -> PathBuf {
    let link = Path::new("/proc/self/exe");
    if link.exists() { link.to_owned() } else { std::env::current_exe().unwrap_or_default() }
}

/// Treats an empty value as unset, so that an `.env` file can switch a setting off.
fn non_empty(text: Option<String>) -> Option<String> {
    text.map(|t| t.trim().to_owned()).filter(|t| !t.is_empty())
}

fn non_empty_or<'a>(text: &'a str, default: &'a str) -> &'a str {
    Some(text.trim()).filter(|text| !text.is_empty()).unwrap_or(default)
}

fn trimmed(text: OsString) -> OsString {
    text.to_str().map_or_else(|| text.clone(), |text| text.trim().into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Args {
        #[command(flatten)]
        settings: Settings,
    }

    fn check(flags: &[&str]) -> Result<Config> {
        Args::parse_from([&["site"], flags].concat()).settings.check()
    }

    #[test]
    fn invalid_value_is_rejected_with_the_name_of_its_setting() {
        for (flag, value, name) in [
            ("--bind", "8080", "BIND"),
            ("--base-url", "example.com", "BASE_URL"),
            ("--base-url", "https://example.com/site", "BASE_URL"),
            ("--base-url", "https://example.com/?page=1", "BASE_URL"),
            ("--base-url", "https://example.com/#top", "BASE_URL"),
            ("--base-url", "https:example.com", "BASE_URL"),
            ("--base-url", "https://user:hunter2@example.com", "BASE_URL"),
            ("--database-url", "postgres://x", "DATABASE_URL"),
            ("--database-url", "sqlite://", "DATABASE_URL"),
            ("--database-url", "sqlite::memory:", "DATABASE_URL"),
            ("--database-url", "sqlite://site.db?mode=memory", "DATABASE_URL"),
            ("--database-url", "sqlite://site.db?mode=ro", "DATABASE_URL"),
            ("--database-url", "sqlite://site.db?immutable=1", "DATABASE_URL"),
            ("--database-url", "sqlite://site.db?journal=off", "DATABASE_URL"),
            ("--backups", "none", "BACKUPS"),
            ("--backups", "Cargo.toml", "BACKUPS"),
            ("--smtp-ca", "no/such/file.pem", "SMTP_CA"),
            ("--smtp-ca", "Cargo.toml", "SMTP_CA"),
            ("--mail-from", "nobody", "MAIL_FROM"),
            ("--mail-from", "a@example.com, b@example.com", "MAIL_FROM"),
            ("--staff-inbox", "a@example.com, b", "STAFF_INBOX"),
            ("--reply-address", "replies", "REPLY_ADDRESS"),
            ("--reply-address", "a@example.com, b@example.com", "REPLY_ADDRESS"),
            ("--reply-address", "antworten@bücher.example", "REPLY_ADDRESS"),
            ("--reply-address", "replies+token@example.com", "REPLY_ADDRESS"),
            ("--reply-address", "replies-to-inquiries-of-visitors@example.com", "REPLY_ADDRESS"),
            ("--form-limit", "0", "FORM_LIMIT"),
            ("--form-limit", "many", "FORM_LIMIT"),
            ("--mail-rate", "0", "MAIL_RATE"),
            ("--mail-rate", "many", "MAIL_RATE"),
            ("--page-cache-mb", "99999", "PAGE_CACHE_MB"),
            ("--page-cache-mb", "much", "PAGE_CACHE_MB"),
            ("--purge-url", "127.0.0.1", "PURGE_URL"),
            ("--purge-url", "https://cache.example.com/", "PURGE_URL"),
            ("--purge-url", "http://user:hunter2@cache.example.com/", "PURGE_URL"),
            ("--purge-url", "http://cache.example.com/#all", "PURGE_URL"),
            ("--indexnow", "on", "INDEXNOW"),
            ("--indexnow", "ftp://example.com/indexnow", "INDEXNOW"),
            ("--trusted-proxies", "proxy", "TRUSTED_PROXIES"),
            ("--trusted-proxies", "10.0.0.0/33", "TRUSTED_PROXIES"),
            ("--metrics-from", "10.0.0.0-10.0.0.9", "METRICS_FROM"),
            ("--log", "a=b=c", "LOG"),
            ("--log", "inof", "LOG"),
            ("--log-format", "xml", "LOG_FORMAT"),
        ] {
            let error = check(&[flag, value]).unwrap_err().to_string();
            assert!(error.starts_with(name), "{flag} {value}: {error}");
            assert!(!error.contains('\n') && !error.contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn empty_value_counts_as_not_set() {
        let flags = [
            "--bind",
            "--base-url",
            "--data-dir",
            "--database-url",
            "--backups",
            "--smtp-url",
            "--mail-from",
            "--staff-inbox",
            "--reply-address",
            "--form-limit",
            "--mail-rate",
            "--trusted-proxies",
            "--page-cache-mb",
            "--purge-url",
            "--metrics-from",
            "--log",
            "--log-format",
        ];
        let defaults = check(&[]).unwrap();
        for flag in flags {
            let config = check(&[flag, ""]).unwrap();
            assert_eq!(format!("{config:?}"), format!("{defaults:?}"), "{flag}");
        }
    }

    #[test]
    fn several_addresses_are_read_from_one_line() {
        let config = check(&["--staff-inbox", "a@example.com, b@example.com ,"]).unwrap();
        assert_eq!(config.staff_inbox.len(), 2);
    }

    #[test]
    fn mail_password_is_never_printed() {
        let config = check(&["--smtp-url", "smtp://u:hunter2@example.com"]).unwrap();
        assert!(!format!("{config:?}").contains("hunter2"));
    }
}
