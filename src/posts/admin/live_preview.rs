//! Preview of the text that is being typed, shown beside it by the preview script.

use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;

use crate::http::{PageError, PageResult, html};
use crate::posts::admin::edit::{Preview, load_token_values};
use crate::posts::post_form::PostForm;
use crate::services::Services;
use crate::staff::StaffContext;
use crate::web::Form;

/// Document for a frame, with the style sheet of the public pages.
#[derive(Template)]
#[template(path = "posts/live_preview.html")]
struct LivePreviewPage {
    ctx: StaffContext,
    preview: Preview,
    author: String,
}

/// `POST /admin/posts/previews`
pub async fn live_preview(ctx: StaffContext, form: Form<PostForm>, services: Data<Services>) -> PageResult {
    let mut form = form.0;
    form.normalize_cover();
    if form.is_too_long() {
        return Err(PageError::PayloadTooLarge);
    }
    let token_values = load_token_values(&services.db, &form).await?;
    let preview = Preview::new(&form, &token_values);
    html(StatusCode::OK, &LivePreviewPage { ctx, preview, author: form.author })
}
