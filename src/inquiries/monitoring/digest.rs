//! The daily digest: one letter a morning to each address of the staff inbox, and none twice.

use anyhow::Result;
use askama::Template;
use jiff::civil::{Date, time};
use jiff::{SignedDuration, Timestamp};

use crate::db::Database;
use crate::draws::{self, RecordAge};
use crate::http::BaseUrl;
use crate::inquiries::inquiry::admin_path;
use crate::inquiries::intake::notifications::{message_id, staff_inbox};
use crate::inquiries::monitoring::{inactivity_warning, store};
use crate::inquiries::{InquiryState, count_in_state};
use crate::mail::{self, NewEmail, Purpose};
use crate::web::{DisplayDate, DisplayTime, Firm, office_time_zone, plural, relative_age};

/// When it is sent, by the clock of the firm's offices.
const SEND_HOUR: i8 = 8;
/// An inquiry should have its answer within this time.
const REPLY_SLA: SignedDuration = SignedDuration::from_hours(24);
/// So many of those that wait longer are named.
const MAX_LISTED: i64 = 5;

/// Everything a digest says, ready to print. Of inquiries it holds references only: it is forwarded and printed.
struct Digest {
    firm: String,
    since: String,
    received: i64,
    /// `2 (5 in all)`
    quarantined: String,
    spam_url: String,
    unanswered: i64,
    waiting: Vec<UnansweredRow>,
    /// Beyond those named.
    more_waiting: i64,
    failed: i64,
    /// Where the mail server cannot be used.
    outage: Option<String>,
    /// Where e-mails were written to files instead of being sent.
    written_to_files: Option<String>,
    oldest_unsent: Option<String>,
    mail_url: String,
    inactivity_warning: Option<String>,
    /// Where the record of draws may lack later ones.
    stale_record_warning: Option<String>,
    admin_url: String,
}

struct UnansweredRow {
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
pub async fn send(db: &Database, firm: &Firm, site: &BaseUrl, now: Timestamp) -> Result<()> {
    let Some(day) = due_day(now) else { return Ok(()) };
    let due_at = day.to_datetime(time(SEND_HOUR, 0, 0, 0)).to_zoned(office_time_zone())?.timestamp();
    if store::has_digest(db.read(), day).await? || !store::was_active_before(db.read(), due_at).await? {
        return Ok(());
    }
    let digest = Digest::gather(db, firm, site, now).await?;
    let email = digest.to_email(day)?;
    let mut tx = db.begin_write().await?;
    let inbox = staff_inbox(&mut tx, firm).await?;
    if inbox.is_empty() || !store::record_digest(&mut tx, day, now).await? {
        return Ok(());
    }
    for recipient in inbox {
        mail::queue(&mut tx, &NewEmail { recipient, ..email.clone() }, &message_id(site), now).await?;
    }
    tx.commit().await?;
    tracing::info!(%day, "the digest is queued");
    Ok(())
}

/// The day whose digest may be sent at `now`.
fn due_day(now: Timestamp) -> Option<Date> {
    let here = now.to_zoned(office_time_zone());
    (here.hour() >= SEND_HOUR).then(|| here.date())
}

impl Digest {
    async fn gather(db: &Database, firm: &Firm, site: &BaseUrl, now: Timestamp) -> sqlx::Result<Self> {
        let since = store::last_digest(db.read(), now).await?.unwrap_or(now - SignedDuration::from_hours(24));
        let (received, set_aside) = store::count_received(db.read(), since, now).await?;
        let set_aside_in_all = count_in_state(db.read(), Some(InquiryState::Quarantined)).await?;
        let late = now - REPLY_SLA;
        let unanswered = store::count_unanswered(db.read(), late).await?;
        let waiting: Vec<UnansweredRow> = store::oldest_unanswered(db.read(), late, MAX_LISTED)
            .await?
            .into_iter()
            .map(|inquiry| UnansweredRow {
                age: relative_age(inquiry.received_at, now),
                link: site.absolute_url(&admin_path(inquiry.id, &inquiry.reference, &inquiry.receipt_token)),
                reference: inquiry.reference,
            })
            .collect();
        let status = mail::outbox_status(db.read()).await?;
        Ok(Self {
            firm: firm.name.clone(),
            since: DisplayTime::in_office(since).text,
            received,
            quarantined: format!("{set_aside} ({set_aside_in_all} in all)"),
            spam_url: site.absolute_url("/admin/inquiries?state=quarantined"),
            unanswered,
            more_waiting: unanswered - i64::try_from(waiting.len()).unwrap_or(unanswered),
            waiting,
            failed: status.failed,
            outage: status.outage_sentence(now),
            written_to_files: status.written_sentence(),
            oldest_unsent: status.oldest_unsent.map(|oldest| relative_age(oldest, now)),
            mail_url: site.absolute_url("/admin/mail"),
            inactivity_warning: inactivity_warning(db, now).await?,
            stale_record_warning: stale_record_warning(draws::record_age(db.read(), now).await?),
            admin_url: site.absolute_url("/admin"),
        })
    }

    /// The letter, still without its recipient.
    fn to_email(&self, day: Date) -> askama::Result<NewEmail> {
        let day = DisplayDate::from(day).text;
        let received = plural(self.received, "inquiry", "inquiries");
        Ok(NewEmail {
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

fn stale_record_warning(age: Option<RecordAge>) -> Option<String> {
    let age = age.filter(RecordAge::is_stale)?;
    Some(format!(
        "The latest draw in the record was held on {}, {} ago. Later draws may be missing: import the government’s file.",
        age.latest_draw.text,
        age.days_text()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digest_is_due_from_eight_in_the_office_time_zone() {
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
