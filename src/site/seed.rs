//! Settings and pages of a new site.

use anyhow::{Context, Result};
use jiff::Timestamp;
use sqlx::SqliteConnection;

use crate::site::{SiteSettings, store};

pub async fn seed(tx: &mut SqliteConnection, now: Timestamp) -> Result<()> {
    let settings = SiteSettings {
        name: "Immigration Experts".into(),
        tagline: "Canadian immigration news, backed by data".into(),
        expert_phones: "042 35911332\n051 8439995".into(),
        business_phone: "051 8439995\n042 35911332".into(),
        contact_time: "Mon–Sat 10.00–18.00".into(),
        ..SiteSettings::default()
    };
    store::create(tx, &settings, now).await?;
    for (slug, text) in
        [("about", include_str!("../../data/about.md")), ("privacy", include_str!("../../data/privacy.md"))]
    {
        let (title, summary, body) =
            split_page(text).with_context(|| format!("data/{slug}.md has no title, summary or body"))?;
        store::create_page(tx, slug, title, summary, body, now).await?;
    }
    Ok(())
}

/// Splits a page into title (first-level heading), summary (first paragraph) and body.
fn split_page(text: &str) -> Option<(&str, &str, &str)> {
    let (title, rest) = text.strip_prefix("# ")?.split_once("\n\n")?;
    let (summary, body) = rest.split_once("\n\n")?;
    Some((title.trim(), summary.trim(), body.trim()))
}
