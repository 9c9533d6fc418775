//! Settings of a new site.

use anyhow::Result;
use jiff::Timestamp;
use sqlx::SqliteConnection;

use crate::site::weekly_hours::WeeklyHours;
use crate::site::{SiteSettings, store};

/// Settings of a new site: samples until an admin changes or confirms them.
pub fn sample_settings() -> SiteSettings {
    SiteSettings {
        name: "Immigration Experts".into(),
        tagline: "Canadian immigration news, backed by data".into(),
        expert_phones: "042 35911332\n051 8439995".into(),
        business_phone: "051 8439995\n042 35911332".into(),
        contact_time: "Mon–Sat 10.00–18.00".into(),
        hours: WeeklyHours::monday_to_saturday("10.00–18.00"),
        front_text:
            "Express Entry is the system that Canada uses to invite skilled workers to apply to live in Canada. \
                     We publish the official figures of its draws and explain what they mean."
                .into(),
        ..SiteSettings::default()
    }
}

pub async fn seed(tx: &mut SqliteConnection, now: Timestamp) -> Result<()> {
    store::create(tx, &sample_settings(), now).await?;
    Ok(())
}
