//! Formatted text from other programs: converted for the paste script, or added to the text without scripts.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use serde::Deserialize;
use serde_json::json;
use tokio::task::spawn_blocking;

use crate::http::{PageError, PageResult};
use crate::posts::admin::edit::{EditPage, find};
use crate::posts::post::Post;
use crate::posts::post_form::PostForm;
use crate::services::Services;
use crate::staff::StaffContext;
use crate::web::{ConversionError, Upload, file_to_markdown, pasted_to_markdown};

/// Content of the clipboard.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Pasted {
    html: String,
    text: String,
}

/// `POST /admin/posts/conversions`: Markdown of pasted text, for the paste script.
pub async fn convert(_: StaffContext, upload: Upload) -> PageResult {
    let Pasted { html, text } = upload.parse_fields()?;
    let markdown = converted(move || Ok(pasted_to_markdown(&html, &text))).await?.unwrap_or_default();
    Ok(HttpResponse::Ok().content_type("application/json").body(json!({ "markdown": markdown }).to_string()))
}

/// `POST /admin/posts/new/insertions`
pub async fn insert_new(ctx: StaffContext, upload: Upload, services: Data<Services>) -> PageResult {
    insert_upload(ctx, None, upload, &services).await
}

/// `POST /admin/posts/{id}/insertions`
pub async fn insert_post(ctx: StaffContext, id: Path<i64>, upload: Upload, services: Data<Services>) -> PageResult {
    let post = find(&services.db, *id).await?;
    insert_upload(ctx, Some(post), upload, &services).await
}

async fn insert_upload(ctx: StaffContext, post: Option<Post>, upload: Upload, services: &Services) -> PageResult {
    let form: PostForm = upload.parse_fields()?;
    let mut page = EditPage::new(ctx, post, form, services.clock.now());
    page.is_submitted = true;
    page.form.normalize_cover();
    if upload.file_name.is_empty() && page.form.formatted.trim().is_empty() {
        page.errors.add("formatted", "Paste a text, or choose a Word file (.docx) or a web page (.html).");
        return page.respond(StatusCode::UNPROCESSABLE_ENTITY, services).await;
    }
    let file = (!upload.file_name.is_empty()).then_some((upload.file_name, upload.file));
    insert(page, file, services).await
}

/// Adds the pasted text and the file to the text in the form, without saving.
///
/// If one of the two cannot be converted, nothing is added.
pub(super) async fn insert(mut page: EditPage, file: Option<(String, Vec<u8>)>, services: &Services) -> PageResult {
    let pasted = page.form.formatted.clone();
    let mut added = vec![];
    let mut sources = vec![];
    if !pasted.trim().is_empty() {
        added.extend(converted(move || Ok(pasted_to_markdown("", &pasted))).await?.ok());
        sources.push("the pasted text".to_owned());
    }
    if let Some((name, content)) = file {
        match converted(move || file_to_markdown(&content)).await? {
            Ok(markdown) if markdown.is_empty() => page.errors.add("file", "The file contains no text."),
            Ok(markdown) => added.push(markdown),
            Err(error) => page.errors.add("file", error.to_string()),
        }
        sources.push(format!("“{name}”"));
    }
    if !page.errors.is_empty() {
        return page.respond(StatusCode::UNPROCESSABLE_ENTITY, services).await;
    }
    for markdown in added {
        let body = &mut page.form.body;
        if !body.trim().is_empty() {
            body.push_str("\n\n");
        }
        body.push_str(&markdown);
    }
    page.form.formatted.clear();
    page.inserted = Some(sources.join(" and "));
    if page.form.is_too_long() {
        page.errors = page.form.length_errors();
        return page.respond(StatusCode::UNPROCESSABLE_ENTITY, services).await;
    }
    page.respond(StatusCode::OK, services).await
}

/// Runs a conversion, which may take a second for a long text, on a thread for such work.
async fn converted(
    convert: impl FnOnce() -> Result<String, ConversionError> + Send + 'static,
) -> Result<Result<String, ConversionError>, PageError> {
    spawn_blocking(convert).await.map_err(|error| PageError::Internal(error.into()))
}
