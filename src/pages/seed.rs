//! Pages of a new site.

use anyhow::{Context, Result};
use jiff::Timestamp;
use sqlx::SqliteConnection;

use crate::pages::outlines::split_page;
use crate::pages::page::Placement;
use crate::pages::page_form::PageForm;
use crate::pages::store;
use crate::posts::PostForm;

pub async fn seed(tx: &mut SqliteConnection, now: Timestamp) -> Result<()> {
    for (slug, menu_label, placement, text) in [
        ("about", "About", Placement::MenuAndFooter, include_str!("../../data/about.md")),
        ("privacy", "", Placement::Footer, include_str!("../../data/privacy.md")),
    ] {
        let (title, summary, body) =
            split_page(text).with_context(|| format!("data/{slug}.md has no title, summary or body"))?;
        let text = PostForm {
            title: title.into(),
            summary: summary.into(),
            body: body.into(),
            action: "publish".into(),
            ..PostForm::default()
        };
        let form = PageForm { text, menu_label: menu_label.into(), placement: placement.value().into() };
        store::create(tx, &form, slug, "initial", now).await?;
    }
    Ok(())
}
