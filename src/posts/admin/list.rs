//! Admin list of posts by state.

use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;
use serde::Deserialize;

use crate::http::{PageResult, html};
use crate::posts::post::PostSummary;
use crate::posts::workflow::{PostInReview, ScheduledPost, TrashedPost};
use crate::posts::{public, store};
use crate::services::Services;
use crate::staff::StaffContext;
use crate::web::{Pagination, Query};

#[derive(Template)]
#[template(path = "posts/admin_list.html")]
struct ListPage {
    ctx: StaffContext,
    in_review: Vec<PostInReview>,
    scheduled: Vec<ScheduledPost>,
    drafts: Vec<PostSummary>,
    unpublished: Vec<PostSummary>,
    published: Vec<PostSummary>,
    trashed: Vec<TrashedPost>,
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
    let unpublished = store::unpublished(services.db.read()).await?;
    let unpublished = public::with_token_values(services.db.read(), unpublished).await?;
    let in_review = public::in_review(services.db.read()).await?;
    let scheduled = public::scheduled(services.db.read()).await?;
    let trashed = public::trashed(services.db.read()).await?;
    html(StatusCode::OK, &ListPage { ctx, in_review, scheduled, drafts, unpublished, published, trashed, paging })
}
