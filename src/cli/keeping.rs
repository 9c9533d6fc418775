//! The commands that keep the data safe: making a backup, putting one back, looking whether all is well.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Result, ensure};

use crate::app;
use crate::backups::{self, Restored};
use crate::cli::say;
use crate::clock::Clock;
use crate::config::{Config, misspelt_settings};
use crate::db::InUse;
use crate::doctor::{self, Finding, Level, Patient};
use crate::web::{EmailAddress, plural};

/// `backup FILE`
pub async fn backup(file: &Path, force: bool, config: &Config) -> Result<()> {
    ensure!(file != Path::new("-"), "name a file: what is written to a pipe cannot be read back");
    let (now, place) = (Clock::system().now(), app::place(config)?);
    backups::must_be_a_site(&place).await?;
    // A restore would take away what is being copied.
    let _in_use = InUse::with_others(&place.database).await?;
    let made = backups::make(&place, file, force, now, Arc::default()).await?;
    let inquiries = made.manifest.rows.get("inquiries").copied().unwrap_or_default();
    say(&format!(
        "{} was made and read back: {}, {}, {} bytes",
        file.display(),
        plural(i64::try_from(made.manifest.files.len())?, "file", "files"),
        plural(inquiries, "inquiry", "inquiries"),
        made.size
    ));
    for link in made.links {
        say(&format!("left out: {} is a symbolic link, and the backup follows none", link.display()));
    }
    Ok(())
}

/// `restore FILE`
pub async fn restore(file: &Path, force: bool, config: &Config) -> Result<()> {
    let place = app::place(config)?;
    let had_data = place.database.exists();
    let restored = backups::restore(&place, file, force, Clock::system().now()).await?;
    let (manifest, since, before) = match restored {
        Restored::Done { manifest, since, before } => (manifest, since, before),
        Restored::Finished { before } => {
            say(
                "a restore that had been interrupted is finished now; to restore another backup, run the command again",
            );
            say_where(&before);
            return Ok(());
        }
    };
    say(&format!("the backup made at {} is restored; everybody on the desk signs in again", manifest.made_at));
    say_where(&before);
    if manifest.files.iter().all(|file| file.name != "secret") {
        say("the backup holds no secret: the next start makes one, and no longer finds whom the former one has erased");
    }
    match since {
        Some(since) => {
            if since.inquiries > 0 {
                let inquiries = plural(since.inquiries, "inquiry", "inquiries");
                say(&format!("{inquiries} came after it was made: only what was there before holds them"));
            }
            if since.erasures > 0 {
                let erasures = plural(i64::try_from(since.erasures)?, "erasure", "erasures");
                let again = plural(since.erased_again, "inquiry", "inquiries");
                say(&format!("{erasures} came after it was made: {again} erased again"));
            }
            if since.people > 0 {
                let people = plural(i64::try_from(since.people)?, "person", "people");
                let references: Vec<String> = since.came_back.into_iter().collect();
                let back = if references.is_empty() { "nothing of theirs".into() } else { references.join(", ") };
                say(&format!(
                    "{people} had asked to be erased since; what came back of them: {back}. Erase it again at \
                     /admin/inquiries/people"
                ));
            }
        }
        None if had_data => say(
            "the database that was there could not be asked what happened since: what was erased after the backup was made \
             has come back. References go on after a gap, so that none is given out twice",
        ),
        None => {}
    }
    Ok(())
}

/// `doctor`
pub async fn doctor(config: Result<Config>, letter_to: Option<EmailAddress>) -> Result<ExitCode> {
    let findings = match config {
        Err(error) => vec![Finding::fail(format!("settings: {error:#}"), "mend it: nothing else was looked at")],
        Ok(config) => {
            let place = app::place(&config)?;
            let odd_names = misspelt_settings();
            doctor::examine(&Patient { config, place, now: Clock::system().now(), letter_to, odd_names }).await
        }
    };
    findings.iter().for_each(|finding| say(&finding.to_string()));
    let is_well = findings.iter().all(|finding| finding.level != Level::Fail);
    Ok(if is_well { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn say_where(before: &[std::path::PathBuf]) {
    for directory in before {
        say(&format!("what was there before is kept in {}: remove it once it is not needed", directory.display()));
    }
}
