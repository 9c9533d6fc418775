//! Version history of a post.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};

use crate::http::{PageError, PageResult};
use crate::posts::admin::edit::{EditPage, find, load_token_values};
use crate::posts::post_form::PostForm;
use crate::posts::store;
use crate::services::Services;
use crate::staff::StaffContext;

/// `GET /admin/posts/{id}/revisions/{version}`: opens an earlier version in the editor; saving restores it.
pub async fn revision(mut ctx: StaffContext, path: Path<(i64, i64)>, services: Data<Services>) -> PageResult {
    let (id, version) = path.into_inner();
    let post = find(&services.db, id).await?;
    let old = store::revision(services.db.read(), id, version).await?.ok_or(PageError::NotFound)?;
    let form = PostForm {
        title: old.meta.title,
        summary: old.summary,
        author: old.author,
        topics: old.topics,
        body: old.body,
        correction: old.correction,
        ..PostForm::of(&post)
    };
    let token_values = load_token_values(&services.db, &form).await?;
    ctx.flash = Some("This is an earlier version. Save it to restore it.".into());
    let mut page = EditPage::new(ctx, Some(post), form, services.clock.now());
    page.show_preview(&token_values);
    page.respond(StatusCode::OK, &services.db).await
}
