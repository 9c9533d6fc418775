//! The commands `backup` and `restore`.

use std::path::Path;

use anyhow::{Result, ensure};
use tokio_util::sync::CancellationToken;

use crate::app;
use crate::backups::{self, RestoreOutcome};
use crate::cli::output::print_line;
use crate::clock::Clock;
use crate::config::Config;
use crate::db::ProcessLock;
use crate::web::{plural, plural_len};

pub async fn backup(file: &Path, force: bool, config: &Config) -> Result<()> {
    ensure!(file != Path::new("-"), "name a file: a backup written to a pipe cannot be verified");
    let (now, layout) = (Clock::system().now(), app::data_layout(config)?);
    backups::ensure_site_exists(&layout).await?;
    // Prevents a restore during the backup.
    let _in_use = ProcessLock::shared(&layout.database).await?;
    let made = backups::create(&layout, file, force, now, CancellationToken::new()).await?;
    let inquiries = made.manifest.rows.get("inquiries").copied().unwrap_or_default();
    print_line(&format!(
        "created and verified {}: {}, {}, {} bytes",
        file.display(),
        plural(i64::try_from(made.manifest.files.len())?, "file", "files"),
        plural(inquiries, "inquiry", "inquiries"),
        made.size
    ));
    for link in made.links {
        print_line(&format!("left out: {} is a symbolic link, which backups do not follow", link.display()));
    }
    Ok(())
}

pub async fn restore(file: &Path, force: bool, config: &Config) -> Result<()> {
    let layout = app::data_layout(config)?;
    let had_data = layout.database.exists();
    let restored = backups::restore(&layout, file, force, Clock::system().now()).await?;
    let (manifest, changes, accounts_without_codes, previous_dirs) = match restored {
        RestoreOutcome::Done { manifest, changes: since, accounts_without_codes, previous_dirs: before } => {
            (manifest, since, accounts_without_codes, before)
        }
        RestoreOutcome::Resumed { previous_dirs: before } => {
            print_line("the interrupted restore has been completed; to restore another backup, run the command again");
            print_locations(&before);
            return Ok(());
        }
    };
    print_line(&format!("restored the backup made at {}; all staff must sign in again", manifest.made_at));
    print_locations(&previous_dirs);
    if accounts_without_codes > 0 {
        let accounts = plural_len(accounts_without_codes, "account", "accounts");
        print_line(&format!(
            "recovery codes of {accounts} are no longer valid, because they may have been used after the backup was made. \
             Authenticator apps still work: staff sign in with them and create new codes at /admin/account/two-factor. For a \
             lost phone, run: staff reset-totp EMAIL"
        ));
    }
    if manifest.files.iter().all(|file| file.name != "secret") {
        print_line(
            "the backup contains no secret: the next start creates one, and earlier entries in the erasure log can no longer be matched",
        );
    }
    match changes {
        Some(since) => {
            if since.inquiries > 0 {
                let inquiries = plural(since.inquiries, "inquiry", "inquiries");
                print_line(&format!("not in the backup, only in the previous data: {inquiries}"));
            }
            if since.erasures > 0 {
                let erasures = plural(i64::try_from(since.erasures)?, "erasure", "erasures");
                let again = plural(since.re_erased, "inquiry", "inquiries");
                print_line(&format!("made after the backup: {erasures}; erased again: {again}"));
            }
            if since.people > 0 {
                let people = plural(i64::try_from(since.people)?, "person", "people");
                let references: Vec<String> = since.restored_references.into_iter().collect();
                let back = if references.is_empty() { "none".into() } else { references.join(", ") };
                print_line(&format!(
                    "{people} asked for erasure after the backup was made; their restored data: {back}. Erase them again \
                     at /admin/inquiries/people"
                ));
            }
        }
        None if had_data => print_line(
            "the previous database could not be read: data erased after the backup was made has been restored. References \
             continue after a gap, so that none is used twice",
        ),
        None => {}
    }
    Ok(())
}

fn print_locations(before: &[std::path::PathBuf]) {
    for directory in before {
        print_line(&format!(
            "the previous data are in {}; delete them when you no longer need them",
            directory.display()
        ));
    }
}
