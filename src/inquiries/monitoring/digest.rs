//! Daily digest: one e-mail each morning to every address of the staff inbox.

use anyhow::Result;
use askama::Template;
use jiff::civil::{Date, time};
use jiff::{SignedDuration, Timestamp};

use crate::db::Database;
use crate::draws::{self, RecordAge};
use crate::http::BaseUrl;
use crate::inquiries::inquiry::REPLY_SLA;
use crate::inquiries::inquiry::admin_path;
use crate::inquiries::monitoring::store::{self, SpamVerdict};
use crate::inquiries::monitoring::warning::inactivity_warning;
use crate::inquiries::notifications::{message_id, staff_inbox};
use crate::inquiries::{InquiryState, count_in_state};
use crate::mail::{self, NewEmail, Purpose};
use crate::web::{DisplayDate, DisplayTime, Firm, office_time_zone, plural, relative_age};

/// Hour of sending, in the office time zone.
const SEND_HOUR: i8 = 8;
/// Number of overdue inquiries that are listed.
const MAX_LISTED: i64 = 5;
/// Number of decisions on spam that are listed.
const MAX_VERDICTS: usize = 10;

/// Content of a digest. Lists only references of inquiries, because digests are forwarded and printed.
struct Digest {
    firm: String,
    since: String,
    received: i64,
    /// `2 (5 in total)`
    quarantined: String,
    spam_url: String,
    /// Decisions of staff since the last digest, for people who adjust the filter. No filter learns from them.
    verdicts: Vec<VerdictList>,
    unanswered: i64,
    waiting: Vec<UnansweredRow>,
    /// Overdue inquiries that are not listed.
    more_waiting: i64,
    failed: i64,
    /// Set if the mail server is unavailable.
    outage: Option<String>,
    /// Set if e-mails were written to files instead of being sent.
    written_to_files: Option<String>,
    oldest_unsent: Option<String>,
    mail_url: String,
    inactivity_warning: Option<String>,
    /// Set if draws may be missing from the record.
    stale_record_warning: Option<String>,
    admin_url: String,
}

struct VerdictList {
    label: &'static str,
    count: usize,
    /// `IE-2026-000001, score 20: Contains two links.`
    lines: Vec<String>,
    /// Decisions that are not listed.
    more: usize,
}

impl VerdictList {
    /// The lists that are not empty.
    fn all(verdicts: &[SpamVerdict]) -> Vec<Self> {
        [("spam", "Marked as spam by staff"), ("not_spam", "Marked as not spam by staff")]
            .into_iter()
            .map(|(verdict, label)| Self::of(verdicts, verdict, label))
            .filter(|list| list.count > 0)
            .collect()
    }

    fn of(verdicts: &[SpamVerdict], verdict: &str, label: &'static str) -> Self {
        let all: Vec<&SpamVerdict> = verdicts.iter().filter(|one| one.verdict == verdict).collect();
        let line = |one: &&SpamVerdict| match one.spam_reasons.as_str() {
            "" => format!("{}, score {}", one.reference, one.spam_score),
            reasons => format!("{}, score {}: {}", one.reference, one.spam_score, reasons.replace('\n', " ")),
        };
        let lines: Vec<String> = all.iter().take(MAX_VERDICTS).map(line).collect();
        Self { label, count: all.len(), more: all.len() - lines.len(), lines }
    }
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

/// Queues today's digest once it is due, unless this or another process has queued it already.
///
/// A site that was down at that hour queues it later the same day. A site that was set up after that hour skips the day.
/// Without a recipient, the digest stays due.
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
    tracing::info!(%day, "digest queued");
    Ok(())
}

/// Day whose digest is due at `now`.
fn due_day(now: Timestamp) -> Option<Date> {
    let local = now.to_zoned(office_time_zone());
    (local.hour() >= SEND_HOUR).then(|| local.date())
}

impl Digest {
    async fn gather(db: &Database, firm: &Firm, site: &BaseUrl, now: Timestamp) -> sqlx::Result<Self> {
        let since = store::last_digest(db.read(), now).await?.unwrap_or(now - SignedDuration::from_hours(24));
        let (received, quarantined) = store::count_received(db.read(), since, now).await?;
        let quarantined_total = count_in_state(db.read(), InquiryState::Quarantined).await?;
        let overdue_before = now - REPLY_SLA;
        let unanswered = store::count_unanswered(db.read(), overdue_before).await?;
        let waiting: Vec<UnansweredRow> = store::oldest_unanswered(db.read(), overdue_before, MAX_LISTED)
            .await?
            .into_iter()
            .map(|inquiry| UnansweredRow {
                age: relative_age(inquiry.waiting_since, now),
                link: site.absolute_url(&admin_path(inquiry.id, &inquiry.reference, &inquiry.receipt_token)),
                reference: inquiry.reference,
            })
            .collect();
        let verdicts = store::spam_verdicts(db.read(), since, now).await?;
        let status = mail::outbox_status(db.read()).await?;
        Ok(Self {
            firm: firm.name.clone(),
            since: DisplayTime::in_office(since).text,
            received,
            quarantined: format!("{quarantined} ({quarantined_total} in total)"),
            spam_url: site.absolute_url("/admin/inquiries?state=quarantined"),
            verdicts: VerdictList::all(&verdicts),
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

    /// The recipient is still empty.
    fn to_email(&self, day: Date) -> askama::Result<NewEmail> {
        let day = DisplayDate::from(day).text;
        let received = plural(self.received, "inquiry", "inquiries");
        Ok(NewEmail {
            recipient: String::new(),
            reply_to: None,
            in_reply_to: None,
            subject: format!("Digest for {day}: {received}, {} unanswered over 24 h", self.unanswered),
            text: DigestText { digest: self }.render()?,
            html: DigestHtml { digest: self }.render()?,
            inquiry_id: None,
            purpose: Purpose::Digest,
            network_hash: String::new(),
        })
    }
}

fn stale_record_warning(age: Option<RecordAge>) -> Option<String> {
    let age = age.filter(RecordAge::is_stale)?;
    Some(format!(
        "The latest draw in the record was held on {}, {} ago. Later draws may be missing. Import the government’s file.",
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
