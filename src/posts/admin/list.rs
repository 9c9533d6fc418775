//! Admin list of posts: drafts, published posts, trash.

use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;
use serde::Deserialize;

use crate::http::{PageResult, html};
use crate::posts::post::PostSummary;
use crate::posts::{public, store};
use crate::services::Services;
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
pub async fn list(ctx: StaffContext, query: Query<ListQuery>, services: Data<Services>) -> PageResult {
    let total = public::count_public(services.db.read(), "").await?;
    let paging = Pagination::new(&query.0.page, total, 50, "/admin/posts".into())?;
    let drafts = public::drafts(services.db.read()).await?;
    let published = public::newest(services.db.read(), "", paging.per_page, paging.offset()).await?;
    let trashed = public::with_token_values(services.db.read(), store::trashed(services.db.read()).await?).await?;
    html(StatusCode::OK, &ListPage { ctx, drafts, published, trashed, paging })
}
