//! The commands that keep the data safe: making a backup, putting one back, looking whether all is well.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Result, ensure};

use crate::app;
use crate::backups::{self, RestoreOutcome};
use crate::cli::print_line;
use crate::clock::Clock;
use crate::config::{Config, misspelt_settings};
use crate::db::ProcessLock;
use crate::doctor::{self, DoctorContext, Finding, Level};
use crate::web::{EmailAddress, plural};

/// `backup FILE`
pub async fn backup(file: &Path, force: bool, config: &Config) -> Result<()> {
    ensure!(file != Path::new("-"), "name a file: what is written to a pipe cannot be read back");
    let (now, layout) = (Clock::system().now(), app::data_layout(config)?);
    backups::ensure_site_exists(&layout).await?;
    // A restore would take away what is being copied.
    let _in_use = ProcessLock::shared(&layout.database).await?;
    let made = backups::create(&layout, file, force, now, Arc::default()).await?;
    let inquiries = made.manifest.rows.get("inquiries").copied().unwrap_or_default();
    print_line(&format!(
        "{} was made and read back: {}, {}, {} bytes",
        file.display(),
        plural(i64::try_from(made.manifest.files.len())?, "file", "files"),
        plural(inquiries, "inquiry", "inquiries"),
        made.size
    ));
    for link in made.links {
        print_line(&format!("left out: {} is a symbolic link, and the backup follows none", link.display()));
    }
    Ok(())
}

/// `restore FILE`
pub async fn restore(file: &Path, force: bool, config: &Config) -> Result<()> {
    let layout = app::data_layout(config)?;
    let had_data = layout.database.exists();
    let restored = backups::restore(&layout, file, force, Clock::system().now()).await?;
    let (manifest, changes, previous_dirs) = match restored {
        RestoreOutcome::Done { manifest, changes: since, previous_dirs: before } => (manifest, since, before),
        RestoreOutcome::Resumed { previous_dirs: before } => {
            print_line(
                "a restore that had been interrupted is finished now; to restore another backup, run the command again",
            );
            print_locations(&before);
            return Ok(());
        }
    };
    print_line(&format!(
        "the backup made at {} is restored; everybody in the admin area signs in again",
        manifest.made_at
    ));
    print_locations(&previous_dirs);
    if manifest.files.iter().all(|file| file.name != "secret") {
        print_line(
            "the backup holds no secret: the next start makes one, and no longer finds whom the former one has erased",
        );
    }
    match changes {
        Some(since) => {
            if since.inquiries > 0 {
                let inquiries = plural(since.inquiries, "inquiry", "inquiries");
                print_line(&format!("{inquiries} came after it was made: only what was there before holds them"));
            }
            if since.erasures > 0 {
                let erasures = plural(i64::try_from(since.erasures)?, "erasure", "erasures");
                let again = plural(since.re_erased, "inquiry", "inquiries");
                print_line(&format!("{erasures} came after it was made: {again} erased again"));
            }
            if since.people > 0 {
                let people = plural(i64::try_from(since.people)?, "person", "people");
                let references: Vec<String> = since.restored_references.into_iter().collect();
                let back = if references.is_empty() { "nothing of theirs".into() } else { references.join(", ") };
                print_line(&format!(
                    "{people} had asked to be erased since; what came back of them: {back}. Erase it again at \
                     /admin/inquiries/people"
                ));
            }
        }
        None if had_data => print_line(
            "the database that was there could not be asked what happened since: what was erased after the backup was made \
             has come back. References go on after a gap, so that none is given out twice",
        ),
        None => {}
    }
    Ok(())
}

/// `doctor`
pub async fn doctor(config: Result<Config>, test_recipient: Option<EmailAddress>) -> Result<ExitCode> {
    let findings = match config {
        Err(error) => vec![Finding::fail(format!("settings: {error:#}"), "mend it: nothing else was looked at")],
        Ok(config) => {
            let layout = app::data_layout(&config)?;
            let misspelt_settings = misspelt_settings();
            doctor::run_checks(&DoctorContext {
                config,
                layout,
                now: Clock::system().now(),
                test_recipient,
                misspelt_settings,
            })
            .await
        }
    };
    findings.iter().for_each(|finding| print_line(&finding.to_string()));
    let is_well = findings.iter().all(|finding| finding.level != Level::Fail);
    Ok(if is_well { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn print_locations(before: &[std::path::PathBuf]) {
    for directory in before {
        print_line(&format!(
            "what was there before is kept in {}: remove it once it is not needed",
            directory.display()
        ));
    }
}
