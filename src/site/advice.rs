//! Finds offers of advice or representation in company texts while there is no licence (IRPA s. 91).

use sqlx::SqlitePool;

use crate::site::store;
use crate::web::{Firm, find_advice_offer};

/// A public text that offers advice or representation.
#[derive(Debug)]
pub struct AdviceOffer {
    pub label: String,
    /// Where staff edit the text.
    pub href: String,
    pub sentence: String,
}

/// Offers in the tagline and in pages; none once the licence is filled in.
pub async fn offers(db: &SqlitePool, firm: &Firm) -> sqlx::Result<Vec<AdviceOffer>> {
    if firm.licence().is_some() {
        return Ok(vec![]);
    }
    let tagline = find_advice_offer(&firm.tagline).map(|sentence| AdviceOffer {
        label: "Tagline".into(),
        href: "/admin/site".into(),
        sentence,
    });
    let pages = store::all_pages(db).await?.into_iter().filter_map(|page| {
        let sentence = find_in_page(&page.title, &page.summary, &page.body)?;
        Some(AdviceOffer { href: format!("/admin/site/pages/{}", page.slug), label: page.title, sentence })
    });
    Ok(tagline.into_iter().chain(pages).collect())
}

/// First offer in a page.
pub fn find_in_page(title: &str, summary: &str, body: &str) -> Option<String> {
    [title, summary, body].into_iter().find_map(find_advice_offer)
}
