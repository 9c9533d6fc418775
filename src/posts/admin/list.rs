//! The desk's list of posts: drafts, what readers see, the bin.

use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;
use serde::Deserialize;

use crate::db::Database;
use crate::posts::{Headline, reading, store};
use crate::staff::Desk;
use crate::web::{PageResult, Paging, Query, html};

#[derive(Template)]
#[template(path = "posts/admin_list.html")]
struct ListPage {
    desk: Desk,
    drafts: Vec<Headline>,
    published: Vec<Headline>,
    binned: Vec<Headline>,
    paging: Paging,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct ListQuery {
    page: String,
}

/// `GET /admin/posts`
pub async fn list(desk: Desk, query: Query<ListQuery>, db: Data<Database>) -> PageResult {
    let total = reading::count_public(db.read(), "").await?;
    let paging = Paging::new(&query.0.page, total, 50, "/admin/posts".into())?;
    let drafts = reading::drafts(db.read()).await?;
    let published = reading::newest(db.read(), "", paging.per_page, paging.offset()).await?;
    let binned = reading::filled(db.read(), store::binned(db.read()).await?).await?;
    html(StatusCode::OK, &ListPage { desk, drafts, published, binned, paging })
}
