//! SQL of accounts, set-up links and sessions.

use jiff::{SignedDuration, Timestamp};
use jiff_sqlx::ToSqlx;
use sqlx::{SqliteConnection, SqliteExecutor};

use crate::clock::MAX_CLOCK_SKEW;
use crate::http::sha256_hex;
use crate::staff::{NewMember, Role, StaffMember, audit, session};

/// Query for [`StaffMember`] rows of the table alias `s`.
macro_rules! select_staff {
    ($rest:literal) => {
        concat!(
            "SELECT s.id, s.email, s.name, s.role, s.active, s.password_hash IS NOT NULL AS has_password,
                    EXISTS (SELECT 1 FROM staff_totp f WHERE f.staff_id = s.id AND f.confirmed_at IS NOT NULL) AS has_totp ",
            $rest
        )
    };
}

pub async fn has_any(db: impl SqliteExecutor<'_>) -> sqlx::Result<bool> {
    sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM staff)").fetch_one(db).await
}

/// All accounts, active ones first, by name.
pub async fn all(db: impl SqliteExecutor<'_>) -> sqlx::Result<Vec<StaffMember>> {
    sqlx::query_as(select_staff!("FROM staff s ORDER BY active DESC, name, id")).fetch_all(db).await
}

pub async fn find(db: impl SqliteExecutor<'_>, id: i64) -> sqlx::Result<Option<StaffMember>> {
    sqlx::query_as(select_staff!("FROM staff s WHERE id = ?")).bind(id).fetch_optional(db).await
}

/// Account with this e-mail address, ignoring case.
pub async fn find_by_email(db: impl SqliteExecutor<'_>, email: &str) -> sqlx::Result<Option<StaffMember>> {
    sqlx::query_as(select_staff!("FROM staff s WHERE email = ?")).bind(email).fetch_optional(db).await
}

/// E-mail addresses of active admins, who receive inquiries if there is no staff inbox.
pub async fn admin_addresses(db: impl SqliteExecutor<'_>) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar("SELECT email FROM staff WHERE role = 'admin' AND active = 1 ORDER BY id").fetch_all(db).await
}

/// E-mail addresses of active publishers without `except_id`, or of the admins if there is no such publisher.
pub async fn publisher_addresses(db: impl SqliteExecutor<'_>, except_id: Option<i64>) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar(
        "WITH others AS (SELECT id, email, role FROM staff WHERE active = 1 AND id IS NOT ?)
         SELECT email FROM others
         WHERE role = iif(EXISTS (SELECT 1 FROM others WHERE role = 'publisher'), 'publisher', 'admin') ORDER BY id",
    )
    .bind(except_id)
    .fetch_all(db)
    .await
}

/// E-mail address of an active account.
pub async fn active_address(db: impl SqliteExecutor<'_>, id: i64) -> sqlx::Result<Option<String>> {
    sqlx::query_scalar("SELECT email FROM staff WHERE id = ? AND active = 1").bind(id).fetch_optional(db).await
}

/// Adds an account without a password. Returns its ID, or `None` if the address has an account.
pub async fn add(tx: &mut SqliteConnection, new: &NewMember, now: Timestamp) -> sqlx::Result<Option<i64>> {
    sqlx::query_scalar("INSERT INTO staff (email, name, role, created_at) VALUES (?, ?, ?, ?) ON CONFLICT (email) DO NOTHING RETURNING id")
        .bind(new.email.as_str())
        .bind(&new.name)
        .bind(new.role)
        .bind(now.to_sqlx())
        .fetch_optional(tx)
        .await
}

pub async fn set_role(tx: &mut SqliteConnection, id: i64, role: Role) -> sqlx::Result<()> {
    sqlx::query("UPDATE staff SET role = ? WHERE id = ?").bind(role).bind(id).execute(tx).await?;
    Ok(())
}

/// Activates or deactivates an account. Deactivation ends its sessions and set-up links.
pub async fn set_active(tx: &mut SqliteConnection, id: i64, active: bool) -> sqlx::Result<()> {
    sqlx::query("UPDATE staff SET active = ? WHERE id = ?").bind(active).bind(id).execute(&mut *tx).await?;
    if !active {
        end_all_sessions(tx, id).await?;
        sqlx::query("DELETE FROM staff_invitations WHERE staff_id = ?").bind(id).execute(tx).await?;
    }
    Ok(())
}

/// Number of admins who can sign in.
pub async fn count_admins(db: impl SqliteExecutor<'_>) -> sqlx::Result<i64> {
    sqlx::query_scalar("SELECT count(*) FROM staff WHERE role = 'admin' AND active = 1 AND password_hash IS NOT NULL")
        .fetch_one(db)
        .await
}

/// ID and password hash of the active account with this address.
pub async fn credentials(db: impl SqliteExecutor<'_>, email: &str) -> sqlx::Result<Option<(i64, String)>> {
    sqlx::query_as("SELECT id, password_hash FROM staff WHERE email = ? AND active = 1 AND password_hash IS NOT NULL")
        .bind(email)
        .fetch_optional(db)
        .await
}

/// E-mail address and password hash of an active account.
pub async fn credentials_by_id(db: impl SqliteExecutor<'_>, id: i64) -> sqlx::Result<Option<(String, String)>> {
    sqlx::query_as("SELECT email, password_hash FROM staff WHERE id = ? AND active = 1 AND password_hash IS NOT NULL")
        .bind(id)
        .fetch_optional(db)
        .await
}

/// Sets a password, and ends the sessions and set-up links of the account.
pub async fn set_password(tx: &mut SqliteConnection, id: i64, hash: &str) -> sqlx::Result<()> {
    sqlx::query("UPDATE staff SET password_hash = ? WHERE id = ?").bind(hash).bind(id).execute(&mut *tx).await?;
    end_all_sessions(tx, id).await?;
    sqlx::query("DELETE FROM staff_invitations WHERE staff_id = ?").bind(id).execute(tx).await?;
    Ok(())
}

/// Stores the hash of a set-up link and replaces any earlier link of the account.
pub async fn insert_invitation(
    tx: &mut SqliteConnection,
    id: i64,
    token: &str,
    now: Timestamp,
    lasts: SignedDuration,
) -> sqlx::Result<()> {
    sqlx::query("DELETE FROM staff_invitations WHERE staff_id = ?").bind(id).execute(&mut *tx).await?;
    sqlx::query("INSERT INTO staff_invitations (token_hash, staff_id, created_at, expires_at) VALUES (?, ?, ?, ?)")
        .bind(sha256_hex(token))
        .bind(id)
        .bind(now.to_sqlx())
        .bind((now + lasts).to_sqlx())
        .execute(tx)
        .await?;
    Ok(())
}

/// Active account of a valid set-up link.
pub async fn find_invited(
    db: impl SqliteExecutor<'_>,
    token: &str,
    now: Timestamp,
) -> sqlx::Result<Option<StaffMember>> {
    sqlx::query_as(select_staff!(
        "FROM staff_invitations i JOIN staff s ON s.id = i.staff_id
         WHERE i.token_hash = ? AND i.expires_at > ? AND i.created_at < ? AND s.active = 1"
    ))
    .bind(sha256_hex(token))
    .bind(now.to_sqlx())
    .bind((now + MAX_CLOCK_SKEW).to_sqlx())
    .fetch_optional(db)
    .await
}

#[derive(Debug, sqlx::FromRow)]
pub struct OpenSession {
    #[sqlx(flatten)]
    pub member: StaffMember,
    /// Message for the next page, shown once.
    pub flash: Option<String>,
    /// Accurate to a few minutes.
    #[sqlx(try_from = "jiff_sqlx::Timestamp")]
    pub last_seen_at: Timestamp,
    /// Whether the account must set up a second factor first.
    pub needs_totp: bool,
}

/// A session of an account, for its list.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct ListedSession {
    pub token_hash: String,
    /// Network of the browser.
    pub address: String,
    pub device: String,
    #[sqlx(try_from = "jiff_sqlx::Timestamp")]
    pub created_at: Timestamp,
    #[sqlx(try_from = "jiff_sqlx::Timestamp")]
    pub last_seen_at: Timestamp,
}

/// A session to open.
pub struct NewSession<'a> {
    pub token: &'a str,
    pub address: &'a str,
    pub device: &'a str,
}

/// Opens a session and records the sign-in; `false` if the account is inactive or its password hash is not `hash`.
pub async fn open_session(
    tx: &mut SqliteConnection,
    id: i64,
    hash: &str,
    new: &NewSession<'_>,
    now: Timestamp,
) -> sqlx::Result<bool> {
    let opened = sqlx::query(
        "INSERT INTO staff_sessions (token_hash, staff_id, created_at, last_seen_at, address, device)
         SELECT ?1, id, ?2, ?2, ?5, ?6 FROM staff WHERE id = ?3 AND active = 1 AND password_hash = ?4",
    )
    .bind(sha256_hex(new.token))
    .bind(now.to_sqlx())
    .bind(id)
    .bind(hash)
    .bind(new.address)
    .bind(new.device)
    .execute(&mut *tx)
    .await?;
    sqlx::query("UPDATE staff SET last_signed_in = ? WHERE id = ?").bind(now.to_sqlx()).bind(id).execute(tx).await?;
    Ok(opened.rows_affected() == 1)
}

/// Session with this token hash, if it is valid at `now`.
///
/// A session from the future was opened while the clock was wrong, and would otherwise last too long.
pub async fn find_session(
    db: impl SqliteExecutor<'_>,
    token_hash: &str,
    now: Timestamp,
) -> sqlx::Result<Option<OpenSession>> {
    sqlx::query_as(select_staff!(
        ", t.flash, t.last_seen_at,
         EXISTS (SELECT 1 FROM staff_policy WHERE totp_required = 1)
             AND NOT EXISTS (SELECT 1 FROM staff_totp f WHERE f.staff_id = s.id AND f.confirmed_at IS NOT NULL) AS needs_totp
         FROM staff_sessions t JOIN staff s ON s.id = t.staff_id
         WHERE t.token_hash = ?1 AND t.created_at > ?2 AND t.created_at < ?3 AND t.last_seen_at > ?4 AND s.active = 1"
    ))
    .bind(token_hash)
    .bind((now - session::MAX_AGE).to_sqlx())
    .bind((now + MAX_CLOCK_SKEW).to_sqlx())
    .bind((now - session::IDLE_TIMEOUT).to_sqlx())
    .fetch_optional(db)
    .await
}

/// Valid sessions of an account, last used first.
pub async fn sessions(db: impl SqliteExecutor<'_>, staff_id: i64, now: Timestamp) -> sqlx::Result<Vec<ListedSession>> {
    sqlx::query_as(
        "SELECT token_hash, address, device, created_at, last_seen_at FROM staff_sessions
         WHERE staff_id = ? AND created_at > ? AND created_at < ? AND last_seen_at > ?
         ORDER BY last_seen_at DESC, created_at DESC",
    )
    .bind(staff_id)
    .bind((now - session::MAX_AGE).to_sqlx())
    .bind((now + MAX_CLOCK_SKEW).to_sqlx())
    .bind((now - session::IDLE_TIMEOUT).to_sqlx())
    .fetch_all(db)
    .await
}

/// Ends one session of an account and returns its device; `None` if there is no such session.
pub async fn end_session_of(
    tx: &mut SqliteConnection,
    staff_id: i64,
    token_hash: &str,
) -> sqlx::Result<Option<String>> {
    sqlx::query_scalar("DELETE FROM staff_sessions WHERE staff_id = ? AND token_hash = ? RETURNING device")
        .bind(staff_id)
        .bind(token_hash)
        .fetch_optional(tx)
        .await
}

pub async fn count_sessions(db: impl SqliteExecutor<'_>, now: Timestamp) -> sqlx::Result<i64> {
    sqlx::query_scalar(
        "SELECT count(*) FROM staff_sessions WHERE created_at > ? AND created_at < ? AND last_seen_at > ?",
    )
    .bind((now - session::MAX_AGE).to_sqlx())
    .bind((now + MAX_CLOCK_SKEW).to_sqlx())
    .bind((now - session::IDLE_TIMEOUT).to_sqlx())
    .fetch_one(db)
    .await
}

pub async fn touch_session(tx: &mut SqliteConnection, token_hash: &str, now: Timestamp) -> sqlx::Result<()> {
    sqlx::query("UPDATE staff_sessions SET last_seen_at = ? WHERE token_hash = ?")
        .bind(now.to_sqlx())
        .bind(token_hash)
        .execute(tx)
        .await?;
    Ok(())
}

/// Removes the message of a session once it is shown.
pub async fn take_flash(tx: &mut SqliteConnection, token_hash: &str) -> sqlx::Result<()> {
    sqlx::query("UPDATE staff_sessions SET flash = NULL WHERE token_hash = ?").bind(token_hash).execute(tx).await?;
    Ok(())
}

/// Sets the message for the next page of a session.
pub async fn set_flash(tx: &mut SqliteConnection, token_hash: &str, message: &str) -> sqlx::Result<()> {
    sqlx::query("UPDATE staff_sessions SET flash = ? WHERE token_hash = ?")
        .bind(message)
        .bind(token_hash)
        .execute(tx)
        .await?;
    Ok(())
}

pub async fn end_session(tx: &mut SqliteConnection, token_hash: &str) -> sqlx::Result<()> {
    sqlx::query("DELETE FROM staff_sessions WHERE token_hash = ?").bind(token_hash).execute(tx).await?;
    Ok(())
}

pub async fn end_all_sessions(tx: &mut SqliteConnection, id: i64) -> sqlx::Result<()> {
    sqlx::query("DELETE FROM staff_sessions WHERE staff_id = ?").bind(id).execute(tx).await?;
    Ok(())
}

/// Ends all sessions and set-up links.
pub async fn revoke_all(tx: &mut SqliteConnection) -> sqlx::Result<()> {
    sqlx::query("DELETE FROM staff_sessions").execute(&mut *tx).await?;
    sqlx::query("DELETE FROM staff_invitations").execute(tx).await?;
    Ok(())
}

/// Deletes expired sessions and set-up links, and old failed sign-ins in the audit log.
pub async fn delete_expired(tx: &mut SqliteConnection, opened_before: Timestamp, now: Timestamp) -> sqlx::Result<()> {
    sqlx::query("DELETE FROM staff_sessions WHERE created_at <= ?")
        .bind(opened_before.to_sqlx())
        .execute(&mut *tx)
        .await?;
    sqlx::query("DELETE FROM staff_invitations WHERE expires_at <= ?").bind(now.to_sqlx()).execute(&mut *tx).await?;
    audit::store::delete_old_failed_sign_ins(tx, now).await
}
