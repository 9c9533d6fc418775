//! The commands: each does one thing, says what it did, and exits with 1 and one line when it could not.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command speaks to the person who typed it")]

mod backup;

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use clap::{CommandFactory, Parser, Subcommand};

use crate::app::{self, Application};
use crate::clock::Clock;
use crate::config::{Config, Settings, misspelt_settings};
use crate::draws;
use crate::http::{ServerLimits, SiteSecret};
use crate::logging;
use crate::mail;
use crate::staff::{self, NewMember, Role};
use crate::systemd::{self, ShutdownSignals};
use crate::web::{EmailAddress, office_time_zone, plural};

/// The website and the admin area of an immigration consultancy. Without a command it serves the site.
#[derive(Parser)]
#[command(version)]
pub struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: ServeArguments,
    #[command(flatten)]
    settings: Settings,
}

#[derive(clap::Args)]
struct ServeArguments {
    /// Start a new, empty site even where an earlier one has left its files and the database is missing
    #[arg(long)]
    new: bool,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the site (what happens without a command)
    Serve(ServeArguments),
    /// Look after accounts, for when nobody can sign in
    #[command(subcommand)]
    Staff(StaffCommand),
    /// Take in what others publish
    #[command(subcommand)]
    Import(ImportCommand),
    /// Look after the letters
    #[command(subcommand)]
    Mail(MailCommand),
    /// Write everything that must be kept into one file, while the site runs or not, and read it back
    Backup {
        /// The file to write, such as site.tar.gz
        file: PathBuf,
        /// Replace the file where there is one
        #[arg(long)]
        force: bool,
    },
    /// Put a backup in the place of what is there; the site must be stopped
    Restore {
        /// The file that backup, or the nightly rotation, has written
        file: PathBuf,
        /// Even where there is a database: it is kept aside, in DATA_DIR/before-restore-…
        #[arg(long)]
        force: bool,
    },
    /// Say whether everything is as it should be, and what to do where it is not; exit code 1 where something fails
    Doctor {
        /// Also send an e-mail to this address
        #[arg(long, value_name = "ADDRESS")]
        mail: Option<EmailAddress>,
    },
    /// Look after the site's own secret
    #[command(subcommand)]
    Secret(SecretCommand),
}

#[derive(Subcommand)]
enum SecretCommand {
    /// Make another secret, which is used from the site's next start on
    ///
    /// The secret in DATA_DIR proves that a form or a confirmed receipt is ours, makes the address of the first account,
    /// and hides who was erased in the log of erasures. Rotate it when somebody may have read it, a copy of DATA_DIR say.
    /// The former ones stay in the file behind it: forms that are open go on counting, and erasures are still found. It
    /// has nothing to do with passwords or with who is signed in. A site that runs takes it up when it is started again.
    Rotate,
}

#[derive(Subcommand)]
enum MailCommand {
    /// Put every letter back to the front that failed or still waits; the running site sends them
    Retry,
}

#[derive(Subcommand)]
enum ImportCommand {
    /// Take in the government's file of Express Entry rounds: says what changes, then applies all of it or nothing
    Rounds {
        /// The file as published (ee_rounds_123_en.json or …_fr.json), or - for what is piped in
        file: PathBuf,
        /// Only say what would change
        #[arg(long)]
        preview: bool,
        /// Why the figures that the checks doubt are right, or why an older copy is to set figures back; without it nothing is
        /// changed
        #[arg(long, default_value = "")]
        reason: String,
    },
}

#[derive(Subcommand)]
enum StaffCommand {
    /// Make an account and print the one-time address at which its password is set
    Add {
        /// E-mail address to sign in with
        email: String,
        /// Name of the person
        #[arg(long)]
        name: String,
        /// What the account may do: writer, publisher or admin
        #[arg(long)]
        role: Role,
    },
    /// Print a new one-time address for an account whose password is lost
    ResetPassword {
        /// E-mail address of the account
        email: String,
    },
    /// List the accounts
    List,
}

/// Reads `.env`, if there is one, into the environment; what is set there already stays. Half a file is a fault, since
/// the site would run with settings that nobody chose.
pub fn read_env_file() -> Result<(), ExitCode> {
    let fault = match dotenvy::dotenv() {
        Ok(_) => return Ok(()),
        Err(error) if error.not_found() => return Ok(()),
        // The line itself may hold a password.
        Err(dotenvy::Error::LineParse(..)) => {
            "it holds a line that is not NAME=value (quote a value with spaces)".into()
        }
        Err(error) => error.to_string(),
    };
    eprintln!("error: .env cannot be read: {fault}");
    Err(ExitCode::FAILURE)
}

impl Cli {
    /// Runs the command.
    pub async fn run(self) -> ExitCode {
        let new = match &self.command {
            None => self.serve.new,
            Some(Command::Serve(arguments)) => self.serve.new || arguments.new,
            Some(_) if self.serve.new => {
                let kind = clap::error::ErrorKind::ArgumentConflict;
                Self::command().error(kind, "--new belongs to serve alone").exit()
            }
            Some(_) => false,
        };
        let done = async {
            let config = self.settings.check().map(|config| Config { new, ..config });
            match self.command {
                // Settings that cannot be read are the first that it speaks of.
                Some(Command::Doctor { mail }) => return backup::doctor(config, mail).await,
                None | Some(Command::Serve(_)) => serve(config?).await,
                Some(Command::Staff(command)) => staff_command(command, config?).await,
                Some(Command::Import(ImportCommand::Rounds { file, preview, reason })) => {
                    import_draws(&file, preview, &reason, config?).await
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
    let mut running = tokio::select! {
        running = start(config) => running?,
        () = signals.recv() => bail!("the site was told to stop while it was starting"),
    };
    tracing::info!("the site is at {}", running.base_url.absolute_url("/"));
    if let Some(path) = &running.first_account {
        tracing::info!("nobody can sign in yet: make the first account at {}", running.base_url.absolute_url(path));
    }
    let address = running.address;
    let systemd_task = tokio::spawn(async move {
        systemd::notify_ready(address).await;
        systemd::watchdog_loop(address).await;
    });
    let server_error = tokio::select! {
        error = running.server_exited() => Some(error),
        () = signals.recv() => None,
    };
    tracing::info!("the site is stopping: requests and letters under way finish");
    systemd_task.abort();
    systemd::notify_stopping();
    tokio::select! {
        stopped = running.stop() => server_error.map_or(stopped, Err),
        () = signals.recv_second() => {
            eprintln!("error: the site was told to stop a second time: what was under way is broken off");
            // At once: to return would be to wait for whoever still works.
            std::process::exit(1)
        }
    }
}

/// What is odd about settings that were accepted.
fn setting_warnings(config: &Config) -> Result<Vec<String>> {
    let smtp = config.smtp_url.as_ref().map(|url| mail::smtp_warning(url.reveal())).transpose()?.flatten();
    Ok(config.warnings.iter().cloned().chain(smtp).chain(misspelt_settings()).collect())
}

async fn start(config: Config) -> Result<Application> {
    let transport = app::transport(&config)?;
    match systemd::socket_from_env()? {
        Some(socket) => {
            tracing::info!("serving the socket that was handed over (LISTEN_FDS); BIND is not used");
            app::start_on_listener(socket, config, Clock::system(), transport, ServerLimits::default()).await
        }
        None => app::start(config, Clock::system(), transport).await,
    }
}

async fn import_draws(file: &Path, preview: bool, reason: &str, config: Config) -> Result<()> {
    let content = if file == Path::new("-") {
        let mut content = vec![];
        std::io::stdin().read_to_end(&mut content).map(|_| content)
    } else {
        std::fs::read(file)
    };
    let content = content.with_context(|| format!("cannot read {}", file.display()))?;
    let published = draws::parse_feed(&content)?;
    let now = Clock::system().now();
    let today = now.to_zoned(office_time_zone()).date();
    let source = draws::import_source(now);
    let db = app::open_existing(&config).await?;
    // Looked at first without the write lock: a terminal may take its time.
    let plan = draws::plan(&mut *db.read().acquire().await?, published.clone(), &source, today).await?;
    for line in draws::render_plan(db.read(), &plan).await? {
        print_line(&line);
    }
    if preview || plan.is_empty() {
        print_line(&format!("{}: nothing was changed", draws::summary(&plan)));
        return Ok(());
    }
    let reasons = draws::WarningReasons::same_for_all(reason);
    if let Some(refusal) = draws::rejection_reason(&plan, &reasons) {
        bail!("{refusal} Nothing was changed. (A reason is given with --reason \"…\".)");
    }
    let mut tx = db.begin_write().await?;
    if draws::plan(&mut tx, published, &source, today).await?.fingerprint() != plan.fingerprint() {
        bail!("the record changed in the meantime; nothing was changed, please try again");
    }
    draws::apply(&mut tx, &plan, "command line", &source, &reasons, now).await?;
    tx.commit().await?;
    print_line(&format!("{}: taken in", draws::summary(&plan)));
    db.close().await;
    Ok(())
}

async fn retry_mail(config: Config) -> Result<()> {
    let db = app::open_existing(&config).await?;
    let now = Clock::system().now();
    let mut tx = db.begin_write().await?;
    let count = mail::requeue_all(&mut tx, now).await?;
    let emails = plural(count, "letter", "letters");
    if count > 0 {
        staff::audit(&mut tx, now, "command line", "sent all letters again", &emails).await?;
    }
    tx.commit().await?;
    match count {
        0 => print_line("no letter waits, and none has failed"),
        _ => print_line(&format!("{emails} put back: the running site sends within seconds")),
    }
    db.close().await;
    Ok(())
}

async fn rotate_secret(config: Config) -> Result<()> {
    let db = app::open_existing(&config).await?;
    let mut tx = db.begin_write().await?;
    let count = SiteSecret::rotate(&config.data_dir)?;
    let former = plural(i64::try_from(count - 1).unwrap_or(i64::MAX), "former one", "former ones");
    staff::audit(&mut tx, Clock::system().now(), "command line", "rotated the site's secret", &former).await?;
    tx.commit().await?;
    print_line(&format!(
        "there is a new secret, and {former} behind it; a site that runs takes it up at its next start"
    ));
    db.close().await;
    Ok(())
}

/// Whoever reads may stop reading: that must not stop the command.
fn print_line(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

async fn staff_command(command: StaffCommand, config: Config) -> Result<()> {
    let db = app::open_existing(&config).await?;
    let site = app::base_url(&config, config.bind);
    let now = Clock::system().now();
    match command {
        StaffCommand::Add { email, name, role } => {
            let email =
                email.parse::<EmailAddress>().with_context(|| format!("\"{email}\" is not an e-mail address"))?;
            let name = name.trim().to_owned();
            if name.is_empty() || name.chars().count() > 100 {
                bail!("--name must hold the person's name, at most 100 letters");
            }
            let new = NewMember { email, name, role };
            let mut tx = db.begin_write().await?;
            let Some(id) = staff::add(&mut tx, &new, now).await? else {
                bail!("there is an account for {} already; use: staff reset-password {}", new.email, new.email);
            };
            let path = staff::invite(&mut tx, id, now).await?;
            staff::audit(&mut tx, now, "command line", &format!("added an account as {role}"), &new.name).await?;
            tx.commit().await?;
            println!("{} can set a password within three days at {}", new.name, site.absolute_url(&path));
        }
        StaffCommand::ResetPassword { email } => {
            let mut tx = db.begin_write().await?;
            let member = staff::find_by_email(&mut *tx, email.trim())
                .await?
                .with_context(|| format!("there is no account for {email}"))?;
            if !member.active {
                bail!("the account of {} is shut; an admin can open it at /admin/staff", member.name);
            }
            let path = staff::invite(&mut tx, member.id, now).await?;
            staff::audit(&mut tx, now, "command line", "made a one-time address for", &member.name).await?;
            tx.commit().await?;
            println!("{} can set another password within three days at {}", member.name, site.absolute_url(&path));
        }
        StaffCommand::List => {
            for member in staff::all(db.read()).await? {
                let state = match (member.active, member.has_password) {
                    (false, _) => "shut",
                    (true, false) => "no password yet",
                    (true, true) => "active",
                };
                println!("{}\t{}\t{}\t{state}", member.email, member.name, member.role);
            }
        }
    }
    db.close().await;
    Ok(())
}
