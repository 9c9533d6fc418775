//! Finds offers of advice or representation in company texts while there is no licence (IRPA s. 91).

use sqlx::SqlitePool;

use crate::pages::store;
use crate::web::{Firm, find_advice_offer};

/// A public text that offers advice or representation.
#[derive(Debug)]
pub struct AdviceOffer {
    pub label: String,
    /// Where staff edit the text.
    pub href: String,
    pub sentence: String,
}

/// Offers in the settings and in pages; none once the licence is filled in.
pub async fn offers(db: &SqlitePool, firm: &Firm) -> sqlx::Result<Vec<AdviceOffer>> {
    if firm.licence().is_some() {
        return Ok(vec![]);
    }
    let settings = [
        ("Tagline", "tagline", &firm.tagline),
        ("Heading of the front page", "front_heading", &firm.front_heading),
        ("Text of the front page", "front_text", &firm.front_text),
    ];
    let settings = settings.into_iter().filter_map(|(label, field, text)| {
        let sentence = find_advice_offer(text)?;
        Some(AdviceOffer { label: label.into(), href: format!("/admin/site#{field}"), sentence })
    });
    let pages = store::all_public(db).await?.into_iter().filter_map(|page| {
        let sentence = [&page.title, &page.summary, &page.body].into_iter().find_map(|text| find_advice_offer(text))?;
        Some(AdviceOffer { href: format!("/admin/pages/{}", page.id), label: page.title, sentence })
    });
    Ok(settings.chain(pages).collect())
}
