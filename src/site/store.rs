//! SQL of company settings and of the menu.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use sqlx::{SqliteConnection, SqliteExecutor};

use crate::site::SiteSettings;
use crate::web::{LinkedPage, ascii_digits};

pub async fn find(db: impl SqliteExecutor<'_>) -> sqlx::Result<SiteSettings> {
    sqlx::query_as(
        "SELECT name, tagline, expert_phones, business_phone, contact_time, email, address, licence_name,
                licence_number, staff_inbox, mail_from, CAST(keep_contact_months AS TEXT) AS keep_contact_months,
                CAST(keep_apply_months AS TEXT) AS keep_apply_months,
                CAST(keep_quarantined_days AS TEXT) AS keep_quarantined_days, whatsapp, social_links, logo,
                iif(logo_has_name, 'yes', '') AS logo_has_name, front_heading, front_text, registered_name, map_link,
                message_reader, response_time, hours_monday, hours_tuesday, hours_wednesday, hours_thursday,
                hours_friday, hours_saturday, hours_sunday, closed_dates, uuid, version
         FROM site WHERE id = 1",
    )
    .fetch_one(db)
    .await
}

/// Whether there are settings; a new database has none.
pub async fn exists(db: impl SqliteExecutor<'_>) -> sqlx::Result<bool> {
    sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM site)").fetch_one(db).await
}

pub async fn create(tx: &mut SqliteConnection, settings: &SiteSettings, now: Timestamp) -> sqlx::Result<()> {
    sqlx::query(
        "INSERT INTO site (id, name, tagline, expert_phones, business_phone, contact_time, front_text, hours_monday,
                           hours_tuesday, hours_wednesday, hours_thursday, hours_friday, hours_saturday, hours_sunday,
                           updated_at)
         VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(&settings.name)
    .bind(&settings.tagline)
    .bind(&settings.expert_phones)
    .bind(&settings.business_phone)
    .bind(&settings.contact_time)
    .bind(&settings.front_text)
    .bind(&settings.hours.hours_monday)
    .bind(&settings.hours.hours_tuesday)
    .bind(&settings.hours.hours_wednesday)
    .bind(&settings.hours.hours_thursday)
    .bind(&settings.hours.hours_friday)
    .bind(&settings.hours.hours_saturday)
    .bind(&settings.hours.hours_sunday)
    .bind(now.to_sqlx())
    .execute(tx)
    .await?;
    Ok(())
}

/// Replaces the settings; `false` if they have changed since `settings.version`.
pub async fn replace(tx: &mut SqliteConnection, settings: &SiteSettings, now: Timestamp) -> sqlx::Result<bool> {
    let done = sqlx::query(
        "UPDATE site SET name = ?, tagline = ?, expert_phones = ?, business_phone = ?, contact_time = ?, email = ?,
                address = ?, licence_name = ?, licence_number = ?, staff_inbox = ?, mail_from = ?,
                keep_contact_months = ?, keep_apply_months = ?, keep_quarantined_days = ?, whatsapp = ?,
                social_links = ?, logo = ?, logo_has_name = ?, front_heading = ?, front_text = ?,
                registered_name = ?, map_link = ?, message_reader = ?, response_time = ?, hours_monday = ?,
                hours_tuesday = ?, hours_wednesday = ?, hours_thursday = ?, hours_friday = ?, hours_saturday = ?,
                hours_sunday = ?, closed_dates = ?, updated_at = ?, version = version + 1
         WHERE id = 1 AND version = ?",
    )
    .bind(&settings.name)
    .bind(&settings.tagline)
    .bind(&settings.expert_phones)
    .bind(&settings.business_phone)
    .bind(&settings.contact_time)
    .bind(&settings.email)
    .bind(&settings.address)
    .bind(&settings.licence_name)
    .bind(&settings.licence_number)
    .bind(&settings.staff_inbox)
    .bind(&settings.mail_from)
    .bind(ascii_digits(&settings.keep_contact_months))
    .bind(ascii_digits(&settings.keep_apply_months))
    .bind(ascii_digits(&settings.keep_quarantined_days))
    .bind(&settings.whatsapp)
    .bind(&settings.social_links)
    .bind(&settings.logo)
    .bind(!settings.logo_has_name.is_empty())
    .bind(&settings.front_heading)
    .bind(&settings.front_text)
    .bind(&settings.registered_name)
    .bind(&settings.map_link)
    .bind(&settings.message_reader)
    .bind(&settings.response_time)
    .bind(&settings.hours.hours_monday)
    .bind(&settings.hours.hours_tuesday)
    .bind(&settings.hours.hours_wednesday)
    .bind(&settings.hours.hours_thursday)
    .bind(&settings.hours.hours_friday)
    .bind(&settings.hours.hours_saturday)
    .bind(&settings.hours.hours_sunday)
    .bind(&settings.hours.closed_dates)
    .bind(now.to_sqlx())
    .bind(settings.version)
    .execute(tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Public pages in the menu or the footer, in their order.
pub async fn linked_pages(db: impl SqliteExecutor<'_>) -> sqlx::Result<Vec<LinkedPage>> {
    sqlx::query_as(
        "SELECT '/' || slug AS path, title, iif(menu_label = '', title, menu_label) AS menu_label, summary,
                placement IN ('menu', 'menu_and_footer') AS is_in_menu,
                placement IN ('footer', 'menu_and_footer') AS is_in_footer
         FROM pages WHERE state = 'published' AND trashed_at IS NULL AND placement <> 'none' ORDER BY list_order, id",
    )
    .fetch_all(db)
    .await
}
