//! The daily digest: one letter a morning to each address of the staff inbox, and none twice.

use anyhow::Result;
use askama::Template;
use jiff::civil::{Date, time};
use jiff::{SignedDuration, Timestamp};

use crate::db::Database;
use crate::draws::{self, UpTo};
use crate::inquiries::inquiry::admin_path;
use crate::inquiries::receive::{message_id, staff_inbox};
use crate::inquiries::watch::{silence_warning, store};
use crate::inquiries::{State, count_in_state};
use crate::mail::{self, Letter, Purpose};
use crate::web::{Day, Firm, Instant, SiteAddress, age, firm_zone, plural};

/// When it is sent, by the clock of the firm's offices.
const HOUR: i8 = 8;
/// An inquiry should have its answer within this time.
const ANSWERED_WITHIN: SignedDuration = SignedDuration::from_hours(24);
/// So many of those that wait longer are named.
const NAMED: i64 = 5;

/// Everything a digest says, ready to print. Of inquiries it holds references only: it is forwarded and printed.
struct Digest {
    firm: String,
    since: String,
    received: i64,
    /// `2 (5 in all)`
    set_aside: String,
    spam_desk: String,
    unanswered: i64,
    waiting: Vec<Waiting>,
    /// Beyond those named.
    more_waiting: i64,
    failed: i64,
    /// Where the mail server cannot be used.
    outage: Option<String>,
    /// Where e-mails were written to files instead of being sent.
    written: Option<String>,
    oldest_unsent: Option<String>,
    mail_desk: String,
    warning: Option<String>,
    /// Where the record of draws may lack later ones.
    old_record: Option<String>,
    desk: String,
}

struct Waiting {
    reference: String,
    age: String,
    link: String,
}

#[derive(Template)]
#[template(path = "inquiries/mail_digest.txt")]
struct DigestText<'a> {
    digest: &'a Digest,
}

#[derive(Template)]
#[template(path = "inquiries/mail_digest.html")]
struct DigestHtml<'a> {
    digest: &'a Digest,
}

/// Queues the digest of today once it is time, unless that was done before, by whichever process. A site that was
/// down at eight sends it when it is back the same day; one that has not worked before eight has nothing to tell yet.
/// With nobody to write to, the day stays open.
pub async fn send(db: &Database, firm: &Firm, site: &SiteAddress, now: Timestamp) -> Result<()> {
    let Some(day) = due_day(now) else { return Ok(()) };
    let opens = day.to_datetime(time(HOUR, 0, 0, 0)).to_zoned(firm_zone())?.timestamp();
    if store::has_digest(db.read(), day).await? || !store::was_at_work_before(db.read(), opens).await? {
        return Ok(());
    }
    let digest = Digest::gather(db, firm, site, now).await?;
    let letter = digest.letter(day)?;
    let mut tx = db.begin_write().await?;
    let inbox = staff_inbox(&mut tx, firm).await?;
    if inbox.is_empty() || !store::note_digest(&mut tx, day, now).await? {
        return Ok(());
    }
    for recipient in inbox {
        mail::queue(&mut tx, &Letter { recipient, ..letter.clone() }, &message_id(site), now).await?;
    }
    tx.commit().await?;
    tracing::info!(%day, "the digest is queued");
    Ok(())
}

/// The day whose digest may be sent at `now`.
fn due_day(now: Timestamp) -> Option<Date> {
    let here = now.to_zoned(firm_zone());
    (here.hour() >= HOUR).then(|| here.date())
}

impl Digest {
    async fn gather(db: &Database, firm: &Firm, site: &SiteAddress, now: Timestamp) -> sqlx::Result<Self> {
        let since = store::last_digest(db.read(), now).await?.unwrap_or(now - SignedDuration::from_hours(24));
        let (received, set_aside) = store::came_between(db.read(), since, now).await?;
        let set_aside_in_all = count_in_state(db.read(), Some(State::Quarantined)).await?;
        let late = now - ANSWERED_WITHIN;
        let unanswered = store::count_unanswered(db.read(), late).await?;
        let waiting: Vec<Waiting> = store::oldest_unanswered(db.read(), late, NAMED)
            .await?
            .into_iter()
            .map(|inquiry| Waiting {
                age: age(inquiry.received_at, now),
                link: site.absolute(&admin_path(inquiry.id, &inquiry.reference, &inquiry.receipt_token)),
                reference: inquiry.reference,
            })
            .collect();
        let standing = mail::standing(db.read()).await?;
        Ok(Self {
            firm: firm.name.clone(),
            since: Instant::in_office(since).text,
            received,
            set_aside: format!("{set_aside} ({set_aside_in_all} in all)"),
            spam_desk: site.absolute("/admin/inquiries?state=quarantined"),
            unanswered,
            more_waiting: unanswered - i64::try_from(waiting.len()).unwrap_or(unanswered),
            waiting,
            failed: standing.failed,
            outage: standing.outage_sentence(now),
            written: standing.written_sentence(),
            oldest_unsent: standing.oldest_unsent.map(|oldest| age(oldest, now)),
            mail_desk: site.absolute("/admin/mail"),
            warning: silence_warning(db, now).await?,
            old_record: old_record(draws::up_to(db.read(), now).await?),
            desk: site.absolute("/admin"),
        })
    }

    /// The letter, still without its recipient.
    fn letter(&self, day: Date) -> askama::Result<Letter> {
        let day = Day::from(day).text;
        let received = plural(self.received, "inquiry", "inquiries");
        Ok(Letter {
            recipient: String::new(),
            reply_to: None,
            in_reply_to: None,
            subject: format!("Digest of {day}: {received}, {} unanswered over a day", self.unanswered),
            text: DigestText { digest: self }.render()?,
            html: DigestHtml { digest: self }.render()?,
            inquiry_id: None,
            purpose: Purpose::Digest,
            network: String::new(),
        })
    }
}

fn old_record(up_to: Option<UpTo>) -> Option<String> {
    let up_to = up_to.filter(UpTo::is_old)?;
    Some(format!(
        "The latest draw in the record was held on {}, {} ago. Later draws may be missing: import the government’s file.",
        up_to.day.text,
        up_to.age()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_opens_at_eight_in_lahore() {
        for (now, day) in [
            ("2026-11-23T02:59:59Z", None),
            ("2026-11-23T03:00:00Z", Some("2026-11-23")),
            ("2026-11-23T18:59:59Z", Some("2026-11-23")),
            ("2026-11-23T19:00:00Z", None),
        ] {
            assert_eq!(due_day(now.parse().unwrap()).map(|day| day.to_string()).as_deref(), day, "{now}");
        }
    }
}
