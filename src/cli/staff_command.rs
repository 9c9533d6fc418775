//! `staff`: accounts on the command line.

use anyhow::{Context, Result, bail};
use clap::Subcommand;
use sqlx::SqliteConnection;

use crate::accounts::{SetUpLink, send_set_up_link};
use crate::app;
use crate::cli::output::print_line;
use crate::clock::Clock;
use crate::config::Config;
use crate::staff::{self, AuditChanges, NewMember, Role, StaffMember};
use crate::web::EmailAddress;

/// Name in the audit log.
const ACTOR: &str = "command line";

#[derive(Subcommand)]
pub enum StaffCommand {
    /// Create an account and print its set-up link
    Add {
        /// E-mail address to sign in with
        email: String,
        /// Name of the person
        #[arg(long)]
        name: String,
        /// Role: writer, publisher or admin
        #[arg(long)]
        role: Role,
    },
    /// Print a new set-up link for an account with a lost password
    ResetPassword {
        /// E-mail address of the account
        email: String,
    },
    /// Turn off two-factor authentication for an account whose phone is lost, and sign it out everywhere
    ResetTotp {
        /// E-mail address of the account
        email: String,
    },
    /// Deactivate an account and sign it out everywhere
    Deactivate {
        /// E-mail address of the account
        email: String,
    },
    /// List the accounts
    List,
}

pub async fn run(command: StaffCommand, config: Config) -> Result<()> {
    let db = app::open_existing(&config).await?;
    let site = app::base_url(&config, config.bind);
    let has_mail_server = config.smtp_url.is_some();
    let now = Clock::system().now();
    match command {
        StaffCommand::Add { email, name, role } => {
            let email =
                email.parse::<EmailAddress>().with_context(|| format!("\"{email}\" is not an e-mail address"))?;
            let name = name.trim().to_owned();
            if name.is_empty() || name.chars().count() > 100 {
                bail!("--name must be the name of a person, 100 characters or fewer");
            }
            let new = NewMember { email, name, role };
            let mut tx = db.begin_write().await?;
            let Some(id) = staff::add(&mut tx, &new, now).await? else {
                bail!("{} already has an account; use: staff reset-password {}", new.email, new.email);
            };
            let link = send_set_up_link(&mut tx, id, &site, has_mail_server, now).await?;
            let changes = AuditChanges::default().field("e-mail", "", &new.email).field("role", "", role);
            let action = format!("added a team member as {role}");
            staff::audit_change(&mut tx, now, ACTOR, &action, &new.name, &changes).await?;
            tx.commit().await?;
            print_line(&format!("{} can set a password within three days at {}", new.name, link.url));
            print_mail_notice(&link);
        }
        StaffCommand::ResetPassword { email } => {
            let mut tx = db.begin_write().await?;
            let member = find(&mut tx, &email).await?;
            if !member.active {
                bail!("the account of {} is deactivated; an admin can reactivate it at /admin/staff", member.name);
            }
            let link = send_set_up_link(&mut tx, member.id, &site, has_mail_server, now).await?;
            staff::audit(&mut tx, now, ACTOR, "created a set-up link", &member.name).await?;
            tx.commit().await?;
            print_line(&format!("{} can set a new password within three days at {}", member.name, link.url));
            print_mail_notice(&link);
        }
        StaffCommand::ResetTotp { email } => {
            let mut tx = db.begin_write().await?;
            let member = find(&mut tx, &email).await?;
            if !staff::remove_totp(&mut tx, member.id).await? {
                bail!("{} does not use two-factor authentication", member.name);
            }
            staff::end_all_sessions(&mut tx, member.id).await?;
            staff::audit(&mut tx, now, ACTOR, "reset two-factor authentication", &member.name).await?;
            tx.commit().await?;
            print_line(&format!("{} can sign in with the password alone and is signed out everywhere", member.name));
        }
        StaffCommand::Deactivate { email } => {
            let mut tx = db.begin_write().await?;
            let member = find(&mut tx, &email).await?;
            if !member.active {
                bail!("the account of {} is already deactivated", member.name);
            }
            staff::set_active(&mut tx, member.id, false).await?;
            // Without an admin, nobody could reactivate the account.
            if staff::count_admins(&mut *tx).await? == 0 {
                bail!("{} is the last admin; add another one first: staff add", member.name);
            }
            let changes = AuditChanges::default().field("status", "active", "deactivated");
            staff::audit_change(&mut tx, now, ACTOR, "deactivated an account", &member.name, &changes).await?;
            tx.commit().await?;
            print_line(&format!("{} is deactivated and signed out everywhere", member.name));
        }
        StaffCommand::List => {
            for member in staff::all(db.read()).await? {
                let state = match (member.active, member.has_password) {
                    (false, _) => "deactivated",
                    (true, false) => "no password yet",
                    (true, true) => "active",
                };
                print_line(&format!("{}\t{}\t{}\t{state}", member.email, member.name, member.role));
            }
        }
    }
    db.close().await;
    Ok(())
}

fn print_mail_notice(link: &SetUpLink) {
    if link.is_sent {
        print_line("an e-mail with this link is queued");
    }
}

async fn find(tx: &mut SqliteConnection, email: &str) -> Result<StaffMember> {
    staff::find_by_email(tx, email.trim()).await?.with_context(|| format!("no account for {email}"))
}
