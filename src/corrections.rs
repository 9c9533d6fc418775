//! `GET /corrections`: all corrections of posts and of the draw record, newest first.

use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;
use jiff::Timestamp;
use serde::Deserialize;

use crate::draws::{self, ChangeText};
use crate::http::{CacheRule, PageResult, html};
use crate::posts;
use crate::services::Services;
use crate::web::{DisplayDate, Layout, Pagination, Query};

pub const CACHE_RULES: [CacheRule; 1] = [CacheRule::Cacheable("/corrections", &["page"])];

#[derive(Template)]
#[template(path = "corrections/list.html")]
struct CorrectionsPage {
    layout: Layout,
    items: Vec<ListedCorrection>,
    paging: Pagination,
}

/// Correction of a post or a draw.
struct ListedCorrection {
    at: Timestamp,
    day: DisplayDate,
    href: String,
    name: String,
    content: CorrectionContent,
}

enum CorrectionContent {
    Figure {
        text: ChangeText,
        source: String,
    },
    /// Line in a post.
    Line(String),
    /// Sanitized HTML.
    Note(String),
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct PageQuery {
    page: String,
}

const PER_PAGE: i64 = 30;

/// `GET /corrections?page=`
pub async fn show(layout: Layout, query: Query<PageQuery>, services: Data<Services>) -> PageResult {
    let db = services.db.read();
    let mut items = vec![];
    for correction in draws::public_corrections(db).await? {
        items.push(ListedCorrection {
            at: correction.at,
            day: correction.day,
            href: format!("/draws/{}", correction.round),
            name: format!("Draw {}", correction.round),
            content: CorrectionContent::Figure { text: correction.text, source: correction.source },
        });
    }
    for correction in posts::corrections(db).await? {
        items.push(ListedCorrection {
            at: correction.at,
            day: DisplayDate::in_office(correction.at),
            href: format!("/news/{}", correction.slug),
            name: correction.title,
            content: if correction.is_note {
                CorrectionContent::Note(correction.text)
            } else {
                CorrectionContent::Line(correction.text)
            },
        });
    }
    // Corrections of the same time keep their order: draws, then posts.
    items.sort_by_key(|item| std::cmp::Reverse(item.at));
    let total = i64::try_from(items.len()).unwrap_or(i64::MAX);
    let paging = Pagination::new(&query.0.page, total, PER_PAGE, "/corrections".into())?;
    let start = usize::try_from(paging.offset()).unwrap_or_default();
    let items = items.into_iter().skip(start).take(PER_PAGE as usize).collect();
    html(StatusCode::OK, &CorrectionsPage { layout, items, paging })
}
