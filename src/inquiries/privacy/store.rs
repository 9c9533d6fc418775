//! All SQL about keeping, the bin, what is known of a person, and the erasure log.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use sqlx::{SqliteConnection, SqliteExecutor};

use crate::inquiries::privacy::subject::Subject;
use crate::inquiries::{Kind, State};

/// Why something is in the bin, or was deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(rename_all = "snake_case")]
pub enum Why {
    /// It was past its time.
    Retention,
    /// The visitor took it back.
    Withdrawn,
    /// Staff put it in the bin.
    Staff,
    /// The person asked for it.
    Request,
}

impl Why {
    /// As stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Retention => "retention",
            Self::Withdrawn => "withdrawn",
            Self::Staff => "staff",
            Self::Request => "request",
        }
    }

    /// For the desk.
    pub fn words(self) -> &'static str {
        match self {
            Self::Retention => "its time was over",
            Self::Withdrawn => "the visitor took it back",
            Self::Staff => "staff put it in the bin",
            Self::Request => "the person asked for it",
        }
    }
}

/// When an inquiry was last dealt with: received, moved on, answered, corrected, released, held or let go, taken out
/// of the bin by somebody. That the clock takes out what it binned too early is no dealing.
macro_rules! since {
    () => {
        "max(received_at, state_changed_at, coalesce(
            (SELECT max(e.at) FROM inquiry_events e WHERE e.inquiry_id = inquiries.id
             AND (e.kind IN ('state', 'answer', 'corrected', 'released', 'held')
                  OR (e.kind = 'restored' AND e.note <> 'retention'))), received_at)) AS since"
    };
}

/// An inquiry whose time may be over.
#[derive(Debug, sqlx::FromRow)]
pub struct Untouched {
    /// Number of the row.
    pub id: i64,
    /// When it was last dealt with.
    #[sqlx(try_from = "jiff_sqlx::Timestamp")]
    pub since: Timestamp,
}

/// Inquiries of a kind that nobody has dealt with since `before`, the longest untouched first. Neither those in the
/// bin nor those on hold.
pub async fn longest_untouched(
    db: impl SqliteExecutor<'_>,
    kind: Kind,
    is_quarantined: bool,
    before: Timestamp,
    limit: i64,
) -> sqlx::Result<Vec<Untouched>> {
    sqlx::query_as(concat!(
        "SELECT id, since FROM (SELECT id, ",
        since!(),
        " FROM inquiries
          WHERE received_at <= ?1 AND binned_at IS NULL AND held = 0 AND kind = ?2 AND (state = 'quarantined') = ?3)
          WHERE since <= ?1 ORDER BY since, id LIMIT ?4"
    ))
    .bind(before.to_sqlx())
    .bind(kind)
    .bind(is_quarantined)
    .bind(limit)
    .fetch_all(db)
    .await
}

/// Puts an inquiry in the bin; false where it is there already, or on hold.
pub async fn bin(tx: &mut SqliteConnection, id: i64, why: Why, now: Timestamp) -> sqlx::Result<bool> {
    let done = sqlx::query(
        "UPDATE inquiries SET binned_at = ?, binned_for = ?, version = version + 1
         WHERE id = ? AND binned_at IS NULL AND held = 0",
    )
    .bind(now.to_sqlx())
    .bind(why)
    .bind(id)
    .execute(tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Takes an inquiry out of the bin; false where it is not in it. One that the visitor had taken back waits again.
pub async fn restore(tx: &mut SqliteConnection, id: i64, now: Timestamp) -> sqlx::Result<bool> {
    let done = sqlx::query(
        "UPDATE inquiries SET binned_at = NULL, binned_for = NULL, version = version + 1,
                state_changed_at = iif(state = 'withdrawn', ?2, state_changed_at),
                state = iif(state = 'withdrawn', 'new', state)
         WHERE id = ?1 AND binned_at IS NOT NULL",
    )
    .bind(id)
    .bind(now.to_sqlx())
    .execute(tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Takes an inquiry out of the bin without anybody having dealt with it; false where it is not in it.
pub async fn take_out(tx: &mut SqliteConnection, id: i64) -> sqlx::Result<bool> {
    let done = sqlx::query(
        "UPDATE inquiries SET binned_at = NULL, binned_for = NULL, version = version + 1
         WHERE id = ? AND binned_at IS NOT NULL",
    )
    .bind(id)
    .execute(tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Says whether the clock must leave an inquiry alone; false where that is so already.
pub async fn hold(tx: &mut SqliteConnection, id: i64, held: bool) -> sqlx::Result<bool> {
    let done = sqlx::query("UPDATE inquiries SET held = ?1, version = version + 1 WHERE id = ?2 AND held <> ?1")
        .bind(held)
        .bind(id)
        .execute(tx)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Inquiries that are in the bin because their time was over, the one dealt with last first.
pub async fn binned_by_clock(
    db: impl SqliteExecutor<'_>,
    kind: Kind,
    is_quarantined: bool,
    limit: i64,
) -> sqlx::Result<Vec<Untouched>> {
    sqlx::query_as(concat!(
        "SELECT id, ",
        since!(),
        " FROM inquiries
          WHERE binned_at IS NOT NULL AND binned_for = 'retention' AND kind = ? AND (state = 'quarantined') = ?
          ORDER BY since DESC, id LIMIT ?"
    ))
    .bind(kind)
    .bind(is_quarantined)
    .bind(limit)
    .fetch_all(db)
    .await
}

/// How an inquiry stands towards the clock.
#[derive(Debug, sqlx::FromRow)]
pub struct Standing {
    /// Which form it came by.
    pub kind: Kind,
    /// How far staff are with it.
    pub state: State,
    /// When it was last dealt with.
    #[sqlx(try_from = "jiff_sqlx::Timestamp")]
    pub since: Timestamp,
    /// Why it is in the bin.
    pub binned_for: Option<Why>,
}

/// How the inquiry with this number stands towards the clock.
pub async fn standing(db: impl SqliteExecutor<'_>, id: i64) -> sqlx::Result<Option<Standing>> {
    sqlx::query_as(concat!("SELECT kind, state, binned_for, ", since!(), " FROM inquiries WHERE id = ?"))
        .bind(id)
        .fetch_optional(db)
        .await
}

/// Something in the bin.
#[derive(Debug, sqlx::FromRow)]
pub struct Binned {
    /// Number of the row.
    pub id: i64,
    /// `IE-2026-000123`
    pub reference: String,
    /// Whose it is.
    pub name: String,
    /// Since when.
    #[sqlx(try_from = "jiff_sqlx::Timestamp")]
    pub binned_at: Timestamp,
    /// Why.
    #[sqlx(rename = "binned_for")]
    pub why: Why,
}

/// What has lain in the bin since `before` or longer and is not on hold, the longest first.
pub async fn binned_before(db: impl SqliteExecutor<'_>, before: Timestamp, limit: i64) -> sqlx::Result<Vec<Binned>> {
    sqlx::query_as(
        "SELECT id, reference, name, binned_at, binned_for FROM inquiries
         WHERE binned_at <= ? AND held = 0 ORDER BY binned_at, id LIMIT ?",
    )
    .bind(before.to_sqlx())
    .bind(limit)
    .fetch_all(db)
    .await
}

/// Begins the time of what was binned after `ahead`, while the clock was wrong, anew at `now`.
pub async fn date_bin_anew(tx: &mut SqliteConnection, ahead: Timestamp, now: Timestamp) -> sqlx::Result<()> {
    sqlx::query("UPDATE inquiries SET binned_at = ? WHERE binned_at > ?")
        .bind(now.to_sqlx())
        .bind(ahead.to_sqlx())
        .execute(tx)
        .await?;
    Ok(())
}

/// Whether anything was binned after `ahead`.
pub async fn any_binned_after(db: impl SqliteExecutor<'_>, ahead: Timestamp) -> sqlx::Result<bool> {
    sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM inquiries WHERE binned_at > ?)")
        .bind(ahead.to_sqlx())
        .fetch_one(db)
        .await
}

/// How many inquiries are in the bin.
pub async fn count_binned(db: impl SqliteExecutor<'_>) -> sqlx::Result<i64> {
    sqlx::query_scalar("SELECT count(*) FROM inquiries WHERE binned_at IS NOT NULL").fetch_one(db).await
}

/// A part of the bin, what is deleted soonest first.
pub async fn binned(db: impl SqliteExecutor<'_>, limit: i64, offset: i64) -> sqlx::Result<Vec<Binned>> {
    sqlx::query_as(
        "SELECT id, reference, name, binned_at, binned_for FROM inquiries
         WHERE binned_at IS NOT NULL ORDER BY binned_at, id LIMIT ? OFFSET ?",
    )
    .bind(limit)
    .bind(offset)
    .fetch_all(db)
    .await
}

/// Deletes an inquiry with its history and its letters: those about it, and those that name it within its group of
/// inquiries answered together. Digests give references alone, and go in their own time. What was answered in it stands alone again.
/// The marks that its addresses refuse letters go with the last inquiry from there. The letters' Message-IDs.
pub async fn erase(tx: &mut SqliteConnection, id: i64) -> sqlx::Result<Vec<String>> {
    let found: Option<(String, String)> =
        sqlx::query_as("SELECT reference, email FROM inquiries WHERE id = ?").bind(id).fetch_optional(&mut *tx).await?;
    let Some((reference, email)) = found else { return Ok(vec![]) };
    let letters = sqlx::query_scalar(
        "DELETE FROM outbox WHERE id IN (
             SELECT id FROM outbox WHERE inquiry_id = ?1
             UNION ALL SELECT o.id FROM inquiries i JOIN outbox o ON o.inquiry_id = i.id
                       WHERE (i.merged_into = ?1 OR i.id = (SELECT merged_into FROM inquiries WHERE id = ?1))
                         AND instr(o.subject || ' ' || o.body_text, ?2) > 0)
         RETURNING message_id",
    )
    .bind(id)
    .bind(reference)
    .fetch_all(&mut *tx)
    .await?;
    sqlx::query("UPDATE inquiries SET merged_into = NULL, version = version + 1 WHERE merged_into = ?")
        .bind(id)
        .execute(&mut *tx)
        .await?;
    sqlx::query("DELETE FROM inquiry_events WHERE inquiry_id = ?").bind(id).execute(&mut *tx).await?;
    sqlx::query(
        "DELETE FROM refused_addresses
         WHERE address IN (SELECT ?2 UNION ALL SELECT given FROM earlier_contacts WHERE inquiry_id = ?1)
           AND NOT EXISTS (SELECT 1 FROM inquiries
                           WHERE email = refused_addresses.address COLLATE NOCASE AND email <> '' AND id <> ?1)",
    )
    .bind(id)
    .bind(email)
    .execute(&mut *tx)
    .await?;
    sqlx::query("DELETE FROM earlier_contacts WHERE inquiry_id = ?").bind(id).execute(&mut *tx).await?;
    sqlx::query("DELETE FROM inquiries WHERE id = ?").bind(id).execute(tx).await?;
    Ok(letters)
}

/// Deletes every letter to an address except those about the `spared` inquiries; their Message-IDs.
pub async fn erase_letters_to(tx: &mut SqliteConnection, email: &str, spared: &[i64]) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar(
        "DELETE FROM outbox WHERE recipient = ?1 COLLATE NOCASE AND ?1 <> ''
         AND (inquiry_id IS NULL OR inquiry_id NOT IN (SELECT value FROM json_each(?2)))
         RETURNING message_id",
    )
    .bind(email)
    .bind(numbers(spared))
    .fetch_all(tx)
    .await
}

/// Deletes letters about no inquiry, such as digests, that went out before `before`, the oldest first; their
/// Message-IDs.
pub async fn erase_old_digests(tx: &mut SqliteConnection, before: Timestamp, limit: i64) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar(
        "DELETE FROM outbox WHERE id IN (SELECT id FROM outbox WHERE inquiry_id IS NULL AND state = 'sent' AND sent_at < ?
                                         ORDER BY sent_at LIMIT ?)
         RETURNING message_id",
    )
    .bind(before.to_sqlx())
    .bind(limit)
    .fetch_all(tx)
    .await
}

/// Whether there is one.
pub async fn any_old_digest(db: impl SqliteExecutor<'_>, before: Timestamp) -> sqlx::Result<bool> {
    sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM outbox WHERE inquiry_id IS NULL AND state = 'sent' AND sent_at < ?)",
    )
    .bind(before.to_sqlx())
    .fetch_one(db)
    .await
}

/// Forgets that the mail server of an address refused a letter.
pub async fn forget_refusal(tx: &mut SqliteConnection, email: &str) -> sqlx::Result<()> {
    sqlx::query("DELETE FROM refused_addresses WHERE address = ?").bind(email).execute(tx).await?;
    Ok(())
}

/// One line of the erasure log.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Erasure {
    /// When.
    #[sqlx(try_from = "jiff_sqlx::Timestamp")]
    pub at: Timestamp,
    /// A member of staff, or the clock.
    pub actor: String,
    /// Why.
    pub why: Why,
    /// Keyed digest of the reference, address or number.
    pub subject_hash: String,
    /// How many inquiries.
    pub inquiries: i64,
    /// How many letters.
    pub letters: i64,
}

/// Writes down that something was erased, without what it was.
pub async fn note_erasure(tx: &mut SqliteConnection, erasure: &Erasure) -> sqlx::Result<()> {
    sqlx::query("INSERT INTO erasures (at, actor, why, subject_hash, inquiries, letters) VALUES (?, ?, ?, ?, ?, ?)")
        .bind(erasure.at.to_sqlx())
        .bind(&erasure.actor)
        .bind(erasure.why)
        .bind(&erasure.subject_hash)
        .bind(erasure.inquiries)
        .bind(erasure.letters)
        .execute(tx)
        .await?;
    Ok(())
}

/// How many lines the erasure log has.
pub async fn count_erasures(db: impl SqliteExecutor<'_>) -> sqlx::Result<i64> {
    sqlx::query_scalar("SELECT count(*) FROM erasures").fetch_one(db).await
}

/// A part of the erasure log, newest first.
pub async fn erasures(db: impl SqliteExecutor<'_>, limit: i64, offset: i64) -> sqlx::Result<Vec<Erasure>> {
    sqlx::query_as(
        "SELECT at, actor, why, subject_hash, inquiries, letters FROM erasures ORDER BY id DESC LIMIT ? OFFSET ?",
    )
    .bind(limit)
    .bind(offset)
    .fetch_all(db)
    .await
}

/// Every erasure of what has one of these digests, newest first.
pub async fn erasures_of(db: impl SqliteExecutor<'_>, subject_hashes: &[String]) -> sqlx::Result<Vec<Erasure>> {
    sqlx::query_as(
        "SELECT at, actor, why, subject_hash, inquiries, letters FROM erasures
         WHERE subject_hash IN (SELECT value FROM json_each(?)) ORDER BY id DESC",
    )
    .bind(serde_json::json!(subject_hashes).to_string())
    .fetch_all(db)
    .await
}

/// An inquiry that has to do with a person.
#[derive(Debug, sqlx::FromRow)]
pub struct Found {
    /// Number of the row.
    pub id: i64,
    /// `IE-2026-000123`
    pub reference: String,
    /// Which form it came by.
    pub kind: Kind,
    /// How far staff are with it.
    pub state: State,
    /// Who sent it, by its own account.
    pub name: String,
    /// When it was kept.
    #[sqlx(try_from = "jiff_sqlx::Timestamp")]
    pub received_at: Timestamp,
    /// Whether it is on hold.
    pub held: bool,
    /// Whether it is in the bin.
    pub is_binned: bool,
    /// Whether it is answered in another.
    pub is_merged: bool,
    /// Whether it gives this e-mail address.
    pub by_email: bool,
    /// Whether it gives this number to be called.
    pub by_phone: bool,
    /// Whether it gives this number for WhatsApp.
    pub by_whatsapp: bool,
    /// Whether it gave this address or number before it was corrected.
    pub by_correction: bool,
}

/// Every inquiry that gives this address or number, or gave it before a correction, whatever became of it; and those
/// answered together with one of them. Newest first.
pub async fn inquiries_of(db: impl SqliteExecutor<'_>, subject: &Subject) -> sqlx::Result<Vec<Found>> {
    sqlx::query_as(
        "WITH corrected (id) AS (
             SELECT inquiry_id FROM earlier_contacts WHERE given = ?1 AND ?1 <> ''
             UNION SELECT inquiry_id FROM earlier_contacts WHERE given = ?3 AND ?3 <> ''
             UNION SELECT inquiry_id FROM earlier_contacts WHERE e164 = ?2 AND e164 <> ''
         ), matched (id) AS (
             SELECT id FROM inquiries WHERE email = ?1 COLLATE NOCASE AND email <> ''
             UNION SELECT id FROM inquiries WHERE phone_e164 = ?2 AND phone_e164 <> ''
             UNION SELECT id FROM inquiries WHERE whatsapp_e164 = ?2 AND whatsapp_e164 <> ''
             UNION SELECT id FROM inquiries WHERE phone = ?3 AND phone <> ''
             UNION SELECT id FROM inquiries WHERE whatsapp = ?3 AND whatsapp <> ''
             UNION SELECT id FROM corrected
         ), heads (id) AS (
             SELECT id FROM matched
             UNION SELECT merged_into FROM inquiries WHERE id IN (SELECT id FROM matched) AND merged_into IS NOT NULL
         )
         SELECT id, reference, kind, state, name, received_at, held, binned_at IS NOT NULL AS is_binned,
                merged_into IS NOT NULL AS is_merged, email <> '' AND email = ?1 COLLATE NOCASE AS by_email,
                (phone_e164 <> '' AND phone_e164 = ?2) OR (phone <> '' AND phone = ?3) AS by_phone,
                (whatsapp_e164 <> '' AND whatsapp_e164 = ?2) OR (whatsapp <> '' AND whatsapp = ?3) AS by_whatsapp,
                id IN (SELECT id FROM corrected) AS by_correction
         FROM inquiries
         WHERE id IN (SELECT id FROM heads
                      UNION SELECT id FROM inquiries WHERE merged_into IN (SELECT id FROM heads) AND merged_into IS NOT NULL)
         ORDER BY received_at DESC, id DESC",
    )
    .bind(subject.email())
    .bind(subject.e164())
    .bind(subject.typed_number())
    .fetch_all(db)
    .await
}

/// A letter that has to do with a person.
#[derive(Debug, sqlx::FromRow)]
pub struct FoundLetter {
    /// Number in the outbox.
    pub id: i64,
    /// Address it goes to.
    pub recipient: String,
    /// What it is about, where it is about an inquiry.
    pub inquiry_id: Option<i64>,
    /// One line.
    pub subject: String,
    /// `queued`, `sent` or `failed`.
    pub state: String,
    /// When it was queued.
    #[sqlx(try_from = "jiff_sqlx::Timestamp")]
    pub queued_at: Timestamp,
}

/// Every letter to an address, and every letter about these inquiries, oldest first.
pub async fn letters_of(db: impl SqliteExecutor<'_>, email: &str, inquiries: &[i64]) -> sqlx::Result<Vec<FoundLetter>> {
    sqlx::query_as(
        "SELECT id, recipient, inquiry_id, subject, state, queued_at FROM outbox
         WHERE id IN (SELECT id FROM outbox WHERE recipient = ?1 COLLATE NOCASE AND ?1 <> ''
                      UNION SELECT id FROM outbox WHERE inquiry_id IN (SELECT value FROM json_each(?2)))
         ORDER BY id",
    )
    .bind(email)
    .bind(numbers(inquiries))
    .fetch_all(db)
    .await
}

/// When the mail server of an address refused a letter for good, and its words.
pub async fn refusal(db: impl SqliteExecutor<'_>, email: &str) -> sqlx::Result<Option<(String, String)>> {
    sqlx::query_as("SELECT since, reason FROM refused_addresses WHERE address = ?").bind(email).fetch_optional(db).await
}

/// All that is kept of an inquiry as JSON: every column, its history, and the text that was agreed to; not the key to its
/// receipt, which opens it to whoever has the file.
pub async fn inquiry_as_json(db: impl SqliteExecutor<'_>, id: i64) -> sqlx::Result<Option<String>> {
    sqlx::query_scalar(
        "SELECT json_object(
             'reference', reference, 'kind', kind, 'state', state, 'received_at', received_at,
             'state_changed_at', state_changed_at, 'version', version,
             'form_key', form_key, 'content_hash', content_hash, 'name', name, 'email', email, 'phone', phone,
             'phone_e164', phone_e164, 'whatsapp', whatsapp, 'whatsapp_e164', whatsapp_e164, 'residence', residence,
             'citizenship', citizenship, 'age', age, 'program', program, 'occupation', occupation, 'noc', noc,
             'education', education, 'experience_years', experience_years, 'english_test', english_test, 'crs', crs,
             'consent_at', consent_at, 'consent_version', consent_version,
             'consent_text', (SELECT text FROM consent_texts WHERE version = consent_version), 'message', message,
             'owner', (SELECT staff.name FROM staff WHERE staff.id = owner_id),
             'answered_in', (SELECT other.reference FROM inquiries other WHERE other.id = inquiries.merged_into),
             'score', score, 'doubts', doubts, 'text_hash', text_hash, 'network', network,
             'held', json(iif(held, 'true', 'false')), 'binned_at', binned_at, 'binned_for', binned_for,
             'earlier_contacts', json((SELECT json_group_array(given) FROM earlier_contacts
                                       WHERE inquiry_id = inquiries.id)),
             'events', json((SELECT json_group_array(json_object('at', at, 'actor', actor, 'kind', kind, 'note', note))
                             FROM (SELECT e.at, e.actor, e.kind, e.note FROM inquiry_events e
                                   WHERE e.inquiry_id = inquiries.id ORDER BY e.id))))
         FROM inquiries WHERE id = ?",
    )
    .bind(id)
    .fetch_optional(db)
    .await
}

/// A letter as JSON: every column, with both bodies.
pub async fn letter_as_json(db: impl SqliteExecutor<'_>, id: i64) -> sqlx::Result<Option<String>> {
    sqlx::query_scalar(
        "SELECT json_object(
             'message_id', message_id, 'recipient', recipient, 'reply_to', reply_to, 'in_reply_to', in_reply_to,
             'subject', subject, 'about', (SELECT reference FROM inquiries WHERE inquiries.id = inquiry_id),
             'state', state, 'attempts', attempts, 'last_error', last_error, 'queued_at', queued_at,
             'next_attempt_at', next_attempt_at, 'give_up_at', give_up_at, 'sent_at', sent_at, 'sent_by', sent_by,
             'body_text', body_text, 'body_html', body_html)
         FROM outbox WHERE id = ?",
    )
    .bind(id)
    .fetch_optional(db)
    .await
}

/// Numbers as SQLite reads a list of them.
fn numbers(ids: &[i64]) -> String {
    let ids: Vec<String> = ids.iter().map(i64::to_string).collect();
    format!("[{}]", ids.join(","))
}

/// The erasure log after an instant.
pub async fn erasures_since(db: impl SqliteExecutor<'_>, after: Timestamp) -> sqlx::Result<Vec<Erasure>> {
    sqlx::query_as("SELECT at, actor, why, subject_hash, inquiries, letters FROM erasures WHERE at >= ? ORDER BY id")
        .bind(after.to_sqlx())
        .fetch_all(db)
        .await
}

/// The last reference given in each year.
pub async fn reference_numbers(db: impl SqliteExecutor<'_>) -> sqlx::Result<Vec<(i64, i64)>> {
    sqlx::query_as("SELECT year, last FROM inquiry_numbers").fetch_all(db).await
}

/// Sees to it that references of a year go on after `last`.
pub async fn number_from(tx: &mut SqliteConnection, year: i64, last: i64) -> sqlx::Result<()> {
    sqlx::query(
        "INSERT INTO inquiry_numbers (year, last) VALUES (?, ?)
         ON CONFLICT (year) DO UPDATE SET last = max(last, excluded.last)",
    )
    .bind(year)
    .bind(last)
    .execute(tx)
    .await?;
    Ok(())
}

/// What an inquiry can be known by.
#[derive(Debug, sqlx::FromRow)]
pub struct Given {
    /// Number of the row.
    pub id: i64,
    /// `IE-2026-000123`
    pub reference: String,
    /// Addresses and numbers it gives, or gave before they were corrected, one a line.
    pub contacts: String,
}

/// What the next inquiries after `after` can be known by.
pub async fn given(db: impl SqliteExecutor<'_>, after: i64, limit: i64) -> sqlx::Result<Vec<Given>> {
    sqlx::query_as(
        "SELECT id, reference, concat_ws(char(10), email, iif(phone_e164 = '', phone, phone_e164),
                iif(whatsapp_e164 = '', whatsapp, whatsapp_e164),
                (SELECT group_concat(iif(e164 = '', given, e164), char(10)) FROM earlier_contacts WHERE inquiry_id = id)) AS contacts
         FROM inquiries WHERE id > ? ORDER BY id LIMIT ?",
    )
    .bind(after)
    .bind(limit)
    .fetch_all(db)
    .await
}
