//! The admin area's list of posts: drafts, what readers see, the bin.

use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;
use serde::Deserialize;

use crate::db::Database;
use crate::http::{PageResult, html};
use crate::posts::{PostSummary, public, store};
use crate::staff::StaffContext;
use crate::web::{Pagination, Query};

#[derive(Template)]
#[template(path = "posts/admin_list.html")]
struct ListPage {
    ctx: StaffContext,
    drafts: Vec<PostSummary>,
    published: Vec<PostSummary>,
    trashed: Vec<PostSummary>,
    paging: Pagination,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct ListQuery {
    page: String,
}

/// `GET /admin/posts`
pub async fn list(ctx: StaffContext, query: Query<ListQuery>, db: Data<Database>) -> PageResult {
    let total = public::count_public(db.read(), "").await?;
    let paging = Pagination::new(&query.0.page, total, 50, "/admin/posts".into())?;
    let drafts = public::drafts(db.read()).await?;
    let published = public::newest(db.read(), "", paging.per_page, paging.offset()).await?;
    let trashed = public::with_token_values(db.read(), store::trashed(db.read()).await?).await?;
    html(StatusCode::OK, &ListPage { ctx, drafts, published, trashed, paging })
}
