//! Offers of advice or representation in the firm's own texts while the licence is not filled in.

use sqlx::SqlitePool;

use crate::site::store;
use crate::web::{Firm, offered_advice};

/// A public text that offers advice or representation.
#[derive(Debug)]
pub struct Offer {
    /// Which text it is.
    pub place: String,
    /// Where staff edit it.
    pub href: String,
    /// The sentence.
    pub sentence: String,
}

/// The offers in the tagline and the standing pages; none once the licence is filled in.
pub async fn offers(db: &SqlitePool, firm: &Firm) -> sqlx::Result<Vec<Offer>> {
    if firm.licence().is_some() {
        return Ok(vec![]);
    }
    let tagline = offered_advice(&firm.tagline).map(|sentence| Offer {
        place: "Tagline".into(),
        href: "/admin/site".into(),
        sentence,
    });
    let pages = store::standing_pages(db).await?.into_iter().filter_map(|page| {
        let sentence = in_page(&page.title, &page.summary, &page.body)?;
        Some(Offer { href: format!("/admin/site/pages/{}", page.slug), place: page.title, sentence })
    });
    Ok(tagline.into_iter().chain(pages).collect())
}

/// The first offer in a standing page.
pub fn in_page(title: &str, summary: &str, body: &str) -> Option<String> {
    [title, summary, body].into_iter().find_map(offered_advice)
}
