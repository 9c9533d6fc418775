//! `mail in`: adds replies of visitors to their inquiries, from a pipe of the mail server or from a Maildir.
//!
//! Exit codes are those of `sysexits.h`, which mail servers know: 0 accepted, 65 unreadable, 67 unknown recipient, and 75
//! for everything that may succeed later, so that the mail server keeps the message and tries again.

#![expect(clippy::print_stderr, reason = "refused messages and errors go to stderr")]

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};

use crate::app;
use crate::cli::output::print_line;
use crate::clock::Clock;
use crate::config::Config;
use crate::inquiries::{Received, Receiver, Refusal};
use crate::site;
use crate::web::plural_len;

const EX_DATAERR: u8 = 65;
const EX_NOUSER: u8 = 67;
const EX_TEMPFAIL: u8 = 75;

/// Largest message that is read, in bytes. Mail servers rarely accept more than half of it.
const MAX_MESSAGE_BYTES: u64 = 50_000_000;

#[derive(clap::Args)]
pub struct MailInArguments {
    /// Read all new messages of this Maildir instead of one message from standard input
    #[arg(long, value_name = "DIR")]
    maildir: Option<PathBuf>,
    /// Address that the mail server delivers the message to; without it, the headers of the message decide
    #[arg(long, value_name = "ADDRESS", conflicts_with = "maildir")]
    recipient: Option<String>,
}

/// Runs the command. Every error is temporary for the mail server.
pub async fn run(arguments: &MailInArguments, config: Result<Config>) -> ExitCode {
    match receive(arguments, config).await {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(EX_TEMPFAIL)
        }
    }
}

/// Exit code of an error before the command starts.
pub fn temporary_failure() -> ExitCode {
    ExitCode::from(EX_TEMPFAIL)
}

async fn receive(arguments: &MailInArguments, config: Result<Config>) -> Result<ExitCode> {
    // Read first: a mail server counts a closed pipe as a failure of its own.
    let message = if arguments.maildir.is_none() { Some(read_message()?) } else { None };
    let config = config?;
    let Some(reply_address) = config.reply_address.as_ref().map(ToString::to_string) else {
        bail!("REPLY_ADDRESS is not set, so no e-mail of this site asks for replies (see docs/operations.md)");
    };
    let db = app::open_existing(&config).await?;
    let mail_settings = app::mail_settings(&config);
    let settings = site::settings(db.read()).await?;
    let base_url = app::base_url(&config, config.bind);
    let sender =
        settings.sender(&mail_settings, base_url.host()).map(|from| from.email.to_string()).unwrap_or_default();
    let receiver = Receiver {
        db: &db,
        firm: &settings.to_firm(&mail_settings),
        site: &base_url,
        reply_address: &reply_address,
        own_address: &sender,
    };
    let code = match (&arguments.maildir, message) {
        (Some(maildir), _) => receive_maildir(&receiver, maildir).await?,
        (None, Some(Some(message))) => {
            let received = receiver.receive(&message, arguments.recipient.as_deref(), Clock::system().now()).await?;
            report(received)
        }
        (None, _) => {
            eprintln!("refused: it is larger than 50 MB");
            ExitCode::from(EX_DATAERR)
        }
    };
    db.close().await;
    Ok(code)
}

/// One message from standard input; `None` if it is too large.
fn read_message() -> Result<Option<Vec<u8>>> {
    let mut message = vec![];
    let mut stdin = io::stdin().lock();
    stdin.by_ref().take(MAX_MESSAGE_BYTES + 1).read_to_end(&mut message).context("cannot read standard input")?;
    if message.len() as u64 > MAX_MESSAGE_BYTES {
        io::copy(&mut stdin, &mut io::sink()).context("cannot read standard input")?;
        return Ok(None);
    }
    Ok(Some(message))
}

/// Prints what became of one message.
fn report(received: Result<Received, Refusal>) -> ExitCode {
    match received {
        Ok(Received::Added(reference)) => print_line(&format!("{reference}: reply added")),
        Ok(Received::Known(reference)) => print_line(&format!("{reference}: this reply was added before")),
        Ok(Received::Automatic(reason)) => print_line(&format!("not added: {reason}")),
        Ok(Received::Returned) => print_line("an e-mail of this site was returned; it is marked as failed"),
        Err(refusal) => {
            eprintln!("refused: {refusal}");
            return ExitCode::from(match refusal {
                Refusal::UnknownRecipient | Refusal::Trashed => EX_NOUSER,
                Refusal::Unreadable => EX_DATAERR,
                Refusal::TooMany => EX_TEMPFAIL,
            });
        }
    }
    ExitCode::SUCCESS
}

/// Reads the messages in `new`, oldest first, and moves each to `cur` once it is stored: marked as seen, or flagged and
/// unseen if a person must look at it. Messages that may be accepted later stay in `new`.
async fn receive_maildir(receiver: &Receiver<'_>, maildir: &Path) -> Result<ExitCode> {
    let (new, cur) = (maildir.join("new"), maildir.join("cur"));
    if !new.is_dir() || !cur.is_dir() {
        bail!("{} is not a Maildir: it must contain the directories new and cur", maildir.display());
    }
    let mut names = vec![];
    for entry in fs::read_dir(&new).with_context(|| format!("cannot read {}", new.display()))? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            names.push(entry.file_name());
        }
    }
    // Names begin with the time of delivery.
    names.sort();
    let (mut added, mut automatic, mut refused, mut waiting) = (0, 0, 0, 0);
    for name in names {
        let path = new.join(&name);
        let size = match fs::metadata(&path) {
            Ok(found) => found.len(),
            // Another run has moved it.
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => {
                waiting += 1;
                eprintln!("cannot read {}: {error}", path.display());
                continue;
            }
        };
        let received = if size > MAX_MESSAGE_BYTES {
            Err(Refusal::Unreadable)
        } else {
            let message = match fs::read(&path) {
                Ok(message) => message,
                Err(error) => {
                    waiting += 1;
                    eprintln!("cannot read {}: {error}", path.display());
                    continue;
                }
            };
            receiver.receive(&message, None, Clock::system().now()).await?
        };
        let flag = match received {
            Ok(Received::Added(_) | Received::Known(_)) => {
                added += 1;
                "S"
            }
            Ok(Received::Automatic(_) | Received::Returned) => {
                automatic += 1;
                "S"
            }
            Err(refusal) if refusal.is_temporary() => {
                waiting += 1;
                eprintln!("not yet added: {}: {refusal}", path.display());
                continue;
            }
            Err(refusal) => {
                refused += 1;
                eprintln!("refused: {}: {refusal}", path.display());
                "F"
            }
        };
        let mut moved = name.clone();
        moved.push(format!(":2,{flag}"));
        match fs::rename(&path, cur.join(moved)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(error).with_context(|| format!("cannot move {} to cur", path.display()));
            }
            _ => {}
        }
    }
    let total = added + automatic + refused + waiting;
    if total > 0 {
        let messages = plural_len(total, "message", "messages");
        print_line(&format!("{messages}: {added} added, {automatic} automatic, {refused} refused, {waiting} waiting"));
    }
    Ok(if waiting > 0 { ExitCode::from(EX_TEMPFAIL) } else { ExitCode::SUCCESS })
}
