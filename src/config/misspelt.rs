//! Warnings about environment variables that look like a misspelt setting.

use clap::{Args, Command};
use strsim::damerau_levenshtein;

use crate::config::Settings;

/// One warning for each suspicious variable in the environment or in `.env`.
pub fn warnings() -> Vec<String> {
    // Unreadable lines are reported when the file is loaded.
    let in_file: Vec<String> =
        dotenvy::dotenv_iter().into_iter().flatten().filter_map(|line| Some(line.ok()?.0)).collect();
    let set = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    let mut names: Vec<String> = set.chain(in_file.iter().cloned()).collect();
    names.sort();
    names.dedup();
    let known = setting_names();
    names.iter().filter_map(|name| warning(name, in_file.contains(name), &known)).collect()
}

fn setting_names() -> Vec<String> {
    let settings = Settings::augment_args(Command::new("settings"));
    settings.get_arguments().filter_map(|argument| argument.get_env()?.to_str().map(String::from)).collect()
}

fn warning(name: &str, is_in_file: bool, known: &[String]) -> Option<String> {
    let plain = |name: &str| name.to_ascii_uppercase().replace(['-', '.', '_'], "");
    let first = |name: &str| name.split('_').next().unwrap_or_default().to_owned();
    if known.iter().any(|setting| setting == name) {
        return None;
    }
    let nearest = known.iter().min_by_key(|setting| damerau_levenshtein(&plain(setting), &plain(name)))?;
    let is_near = damerau_levenshtein(&plain(nearest), &plain(name)) <= nearest.len() / 4;
    // The environment contains variables of many programs; `.env` belongs to this program.
    let related = known.iter().find(|setting| is_in_file && first(setting) == first(&name.to_ascii_uppercase()));
    let meant = if is_near { nearest } else { related? };
    Some(format!("{name} is not a setting and has no effect; did you mean {meant}?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn misspelt_variable_gives_a_warning_with_the_likely_setting() {
        let known = setting_names();
        assert!(known.len() > 14, "{known:?}");
        for (name, is_in_file, meant) in [
            ("SMPT_URL", false, "SMTP_URL"),
            ("smtp_url", false, "SMTP_URL"),
            ("TRUSTED_PROXY", false, "TRUSTED_PROXIES"),
            ("BASEURL", false, "BASE_URL"),
            ("DATADIR", false, "DATA_DIR"),
            ("BACKUP", false, "BACKUPS"),
            ("SMTP_HOST", true, "SMTP_URL"),
        ] {
            let warning = warning(name, is_in_file, &known).unwrap_or_default();
            assert!(warning.starts_with(name) && warning.contains(meant), "{name}: {warning}");
        }
        for (name, is_in_file) in [
            ("SMTP_URL", true),
            ("MAIL", false),
            ("LOGNAME", false),
            ("PATH", false),
            ("HOME", false),
            ("LANG", false),
            ("SMTP_HOST", false),
            ("COMPOSE_PROJECT_NAME", true),
            ("RUST_BACKTRACE", true),
            ("LISTEN_FDS", false),
            ("NOTIFY_SOCKET", false),
        ] {
            assert_eq!(warning(name, is_in_file, &known), None);
        }
    }
}
