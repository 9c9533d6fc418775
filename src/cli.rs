//! Command line: one function per command. Errors are one line on stderr with exit code 1.

#![expect(clippy::print_stderr, reason = "errors go to stderr")]

mod backup;
mod check;
mod doctor;
mod import_wordpress;
mod input;
mod mail_in;
mod output;
mod staff_command;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Result, bail};
use clap::{CommandFactory, Parser, Subcommand};
use tokio_util::sync::CancellationToken;

use crate::app::{self, Application};
use crate::cli::input::read_file;
use crate::cli::output::print_line;
use crate::cli::staff_command::StaffCommand;
use crate::clock::Clock;
use crate::config::{Config, Settings, misspelt_settings};
use crate::draws;
use crate::http::{ServerLimits, SiteSecret};
use crate::logging;
use crate::mail;
use crate::media;
use crate::signals::ShutdownSignals;
use crate::staff;
use crate::systemd;
use crate::web::{EmailAddress, office_date, plural};

/// Website and admin area of an immigration consultancy. Without a command, serves the site.
#[derive(Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: ServeArguments,
    #[command(flatten)]
    settings: Settings,
}

#[derive(clap::Args)]
struct ServeArguments {
    /// Start a new, empty site even if an earlier site has lost its database
    #[arg(long)]
    new: bool,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the site (the default)
    Serve(ServeArguments),
    /// Manage staff accounts
    #[command(subcommand)]
    Staff(StaffCommand),
    /// Import published data
    #[command(subcommand)]
    Import(ImportCommand),
    /// Manage the outbox
    #[command(subcommand)]
    Mail(MailCommand),
    /// Write all data to one file and verify it; the site may be running
    Backup {
        /// File to write, such as site.tar.gz
        file: PathBuf,
        /// Replace an existing file
        #[arg(long)]
        force: bool,
    },
    /// Restore a backup; the site must be stopped
    Restore {
        /// Backup file, from the command backup or from the nightly backups
        file: PathBuf,
        /// Replace an existing database; it is kept in DATA_DIR/before-restore-…
        #[arg(long)]
        force: bool,
    },
    /// Compare texts with the draw record, like the post editor; exit code 1 if there are errors
    Check(check::CheckArguments),
    /// Check the installation and suggest fixes; exit code 1 if a check fails
    Doctor {
        /// Also send a test e-mail to this address
        #[arg(long, value_name = "ADDRESS")]
        mail: Option<EmailAddress>,
    },
    /// Manage the site's secret
    #[command(subcommand)]
    Secret(SecretCommand),
}

#[derive(Subcommand)]
enum SecretCommand {
    /// Create a new secret, which takes effect at the next start
    ///
    /// The secret in DATA_DIR signs forms and confirmed receipts, derives the set-up link of the first account, and keys the
    /// digests in the erasure log. Rotate it if it may have been exposed, for example in a copy of DATA_DIR. Earlier
    /// secrets stay in the file: open forms remain valid and erasures can still be matched. Passwords and sessions do not
    /// depend on it.
    Rotate,
}

#[derive(Subcommand)]
enum MailCommand {
    /// Queue all failed and waiting e-mails to be sent now by the running site
    Retry,
    /// Add a reply of a visitor, read from standard input, to its inquiry; the site may be running
    ///
    /// For the pipe of a mail server, or with --maildir for a mailbox. Needs REPLY_ADDRESS. Exit codes: 0 accepted, 65
    /// unreadable, 67 not addressed to an inquiry, 75 try again later.
    In(mail_in::MailInArguments),
}

#[derive(Subcommand)]
enum ImportCommand {
    /// Import the government's file of Express Entry draws: print the changes, then apply all or nothing
    #[command(visible_alias = "rounds")]
    Draws {
        /// The file as published (ee_rounds_123_en.json or …_fr.json), or - to read standard input
        file: PathBuf,
        /// Only print the changes
        #[arg(long)]
        preview: bool,
        /// Reason for ignoring warnings or for restoring older values from an old copy of the file; required if there are any
        #[arg(long, default_value = "")]
        reason: String,
    },
    /// Import a WordPress export (WXR): print a report with the fact check, then import everything or nothing
    Wordpress(import_wordpress::WordpressArguments),
}

/// Parses the command line and runs the command.
///
/// Not async: the binary would compile the whole site a second time to await it.
pub fn main() -> ExitCode {
    // Before anything else, because this process needs neither settings nor threads.
    if std::env::args_os().nth(1).is_some_and(|command| command == media::DECODER_COMMAND) {
        return media::decode_standard_input();
    }
    // Before parsing, because flags default to environment variables.
    match read_env_file() {
        Ok(()) => actix_web::rt::System::new().block_on(Cli::parse().run()),
        // A mail server keeps the message after a temporary failure only.
        Err(_) if std::env::args().skip(1).collect::<Vec<_>>().windows(2).any(|words| words == ["mail", "in"]) => {
            mail_in::temporary_failure()
        }
        Err(code) => code,
    }
}

/// Loads `.env`, if it exists, without overriding variables already set. An unreadable line is an error.
fn read_env_file() -> Result<(), ExitCode> {
    let fault = match dotenvy::dotenv() {
        Ok(_) => return Ok(()),
        Err(error) if error.not_found() => return Ok(()),
        // The error contains the line, which may contain a password.
        Err(dotenvy::Error::LineParse(..)) => {
            "it contains a line that is not NAME=value (quote values with spaces)".into()
        }
        Err(error) => error.to_string(),
    };
    eprintln!("error: cannot read .env: {fault}");
    Err(ExitCode::FAILURE)
}

impl Cli {
    async fn run(self) -> ExitCode {
        let new = match &self.command {
            None => self.serve.new,
            Some(Command::Serve(arguments)) => self.serve.new || arguments.new,
            Some(_) if self.serve.new => {
                let kind = clap::error::ErrorKind::ArgumentConflict;
                Self::command().error(kind, "--new can only be used with serve").exit()
            }
            Some(_) => false,
        };
        let done = async {
            let config = self.settings.check().map(|config| Config { new, ..config });
            match self.command {
                // Reports invalid settings itself.
                Some(Command::Doctor { mail }) => return doctor::run(config, mail).await,
                Some(Command::Mail(MailCommand::In(arguments))) => return Ok(mail_in::run(&arguments, config).await),
                Some(Command::Check(arguments)) => return check::run(&arguments, &config?).await,
                None | Some(Command::Serve(_)) => serve(config?).await,
                Some(Command::Staff(command)) => staff_command::run(command, config?).await,
                Some(Command::Import(ImportCommand::Draws { file, preview, reason })) => {
                    import_draws(&file, preview, &reason, config?).await
                }
                Some(Command::Import(ImportCommand::Wordpress(arguments))) => {
                    import_wordpress::run(&arguments, config?).await
                }
                Some(Command::Mail(MailCommand::Retry)) => retry_mail(config?).await,
                Some(Command::Backup { file, force }) => backup::backup(&file, force, &config?).await,
                Some(Command::Restore { file, force }) => backup::restore(&file, force, &config?).await,
                Some(Command::Secret(SecretCommand::Rotate)) => rotate_secret(config?).await,
            }
            .map(|()| ExitCode::SUCCESS)
        };
        match done.await {
            Ok(code) => code,
            Err(error) => {
                eprintln!("error: {error:#}");
                ExitCode::FAILURE
            }
        }
    }
}

async fn serve(config: Config) -> Result<()> {
    logging::init(&config.log, config.log_json)?;
    for warning in setting_warnings(&config)? {
        tracing::warn!("{warning}");
    }
    let mut signals = ShutdownSignals::listen()?;
    let application = tokio::select! {
        application = start(config) => application?,
        () = signals.recv() => bail!("stopped while starting"),
    };
    let base_url = &application.services.http.base_url;
    tracing::info!("listening on {}", base_url.absolute_url("/"));
    if let Some(path) = &application.first_account {
        tracing::info!("no account yet; create the first one at {}", base_url.absolute_url(path));
    }
    let (address, shutting_down) = (application.address, application.shutting_down());
    tokio::spawn(async move {
        let notify = async {
            systemd::notify_ready(address).await;
            systemd::watchdog_loop(address).await;
        };
        tokio::select! {
            biased;
            () = shutting_down.cancelled() => {}
            () = notify => shutting_down.cancelled().await,
        }
        systemd::notify_stopping();
    });
    let stop = CancellationToken::new();
    let second_signal = async {
        signals.recv().await;
        stop.cancel();
        signals.recv_second().await;
    };
    tokio::select! {
        result = application.run_until_stopped(stop.cancelled()) => result,
        () = second_signal => {
            eprintln!("error: second stop signal; aborting open requests");
            // Exit at once. Returning would wait for running tasks.
            std::process::exit(1)
        }
    }
}

/// Warnings about accepted settings.
fn setting_warnings(config: &Config) -> Result<Vec<String>> {
    let smtp = config.smtp_url.as_ref().map(|url| mail::smtp_warning(url.reveal())).transpose()?.flatten();
    Ok(config.warnings.iter().cloned().chain(smtp).chain(misspelt_settings()).collect())
}

async fn start(config: Config) -> Result<Application> {
    let transport = app::transport(&config)?;
    match systemd::socket_from_env()? {
        Some(socket) => {
            tracing::info!("using the socket from LISTEN_FDS; BIND is ignored");
            Application::build_on_listener(socket, config, Clock::system(), transport, ServerLimits::default()).await
        }
        None => Application::build(config, Clock::system(), transport).await,
    }
}

async fn import_draws(file: &Path, preview: bool, reason: &str, config: Config) -> Result<()> {
    let published = draws::parse_feed(&read_file(file)?)?;
    let now = Clock::system().now();
    let today = office_date(now);
    let source = draws::import_source(now);
    let db = app::open_existing(&config).await?;
    // The plan is printed without holding the write lock, because a terminal may be slow.
    let plan = draws::plan(&mut *db.read().acquire().await?, published.clone(), &source, today).await?;
    for line in draws::render_plan(db.read(), &plan).await? {
        print_line(&line);
    }
    if preview || plan.is_empty() {
        if !preview {
            let mut tx = db.begin_write().await?;
            draws::record_check(&mut tx, &plan, today).await?;
            tx.commit().await?;
        }
        print_line(&format!("{}: nothing was changed", draws::summary(&plan)));
        return Ok(());
    }
    let reasons = draws::WarningReasons::same_for_all(reason);
    if let Some(refusal) = draws::rejection_reason(&plan, &reasons) {
        bail!("{refusal} Nothing was changed. (Use --reason \"…\".)");
    }
    let mut tx = db.begin_write().await?;
    if draws::plan(&mut tx, published, &source, today).await?.fingerprint() != plan.fingerprint() {
        bail!("the record changed in the meantime; nothing was changed, please try again");
    }
    draws::apply(&mut tx, &plan, "command line", &source, &reasons, now).await?;
    tx.commit().await?;
    print_line(&format!("{}: imported", draws::summary(&plan)));
    db.close().await;
    Ok(())
}

async fn retry_mail(config: Config) -> Result<()> {
    let db = app::open_existing(&config).await?;
    let now = Clock::system().now();
    let mut tx = db.begin_write().await?;
    let count = mail::requeue_all(&mut tx, now).await?;
    let emails = plural(count, "e-mail", "e-mails");
    if count > 0 {
        staff::audit(&mut tx, now, "command line", "retried all e-mails", &emails).await?;
    }
    tx.commit().await?;
    match count {
        0 => print_line("no e-mails are queued or have failed"),
        _ => print_line(&format!("{emails} queued: the running site sends them within seconds")),
    }
    db.close().await;
    Ok(())
}

async fn rotate_secret(config: Config) -> Result<()> {
    let db = app::open_existing(&config).await?;
    let mut tx = db.begin_write().await?;
    let count = SiteSecret::rotate(&config.data_dir)?;
    let former = plural(i64::try_from(count - 1).unwrap_or(i64::MAX), "earlier secret", "earlier secrets");
    staff::audit(&mut tx, Clock::system().now(), "command line", "rotated the site's secret", &former).await?;
    tx.commit().await?;
    print_line(&format!("created a new secret and kept {former}; it takes effect at the next start of the site"));
    db.close().await;
    Ok(())
}
