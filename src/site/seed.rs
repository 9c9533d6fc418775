//! What a new site says before anybody has changed a word.

use anyhow::{Context, Result};
use jiff::Timestamp;
use sqlx::SqliteConnection;

use crate::site::{SiteSettings, store};

/// Writes the firm's record, as far as it is known, and the standing pages.
pub async fn seed(tx: &mut SqliteConnection, now: Timestamp) -> Result<()> {
    let record = SiteSettings {
        name: "Immigration Experts".into(),
        tagline: "Canadian immigration, from the figures up".into(),
        expert_phones: "042 35911332\n051 8439995".into(),
        business_phone: "051 8439995\n042 35911332".into(),
        contact_time: "Mon–Sat 10.00–18.00".into(),
        ..SiteSettings::default()
    };
    store::create(tx, &record, now).await?;
    for (slug, text) in
        [("about", include_str!("../../data/about.md")), ("privacy", include_str!("../../data/privacy.md"))]
    {
        let (title, summary, body) =
            split_page(text).with_context(|| format!("data/{slug}.md lacks a title, summary or body"))?;
        store::create_page(tx, slug, title, summary, body, now).await?;
    }
    Ok(())
}

/// A page's file: its title as a first-level heading, a paragraph of summary, then the body.
fn split_page(text: &str) -> Option<(&str, &str, &str)> {
    let (title, rest) = text.strip_prefix("# ")?.split_once("\n\n")?;
    let (summary, body) = rest.split_once("\n\n")?;
    Some((title.trim(), summary.trim(), body.trim()))
}
