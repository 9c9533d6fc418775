//! Upload of an export.

use std::io::Write;

use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;

use crate::http::{PageError, PageResult, html, see_other};
use crate::services::Services;
use crate::staff::StaffContext;
use crate::web::StreamedFile;
use crate::wordpress::store::{self, Import};
use crate::wordpress::work_folder::{DiskFull, WorkFolder, disk_error};

/// Bytes after which the free disk space is checked again.
const CHECK_INTERVAL: u64 = 16 * 1024 * 1024;

#[derive(Template)]
#[template(path = "wordpress/admin_import.html")]
struct ImportPage {
    ctx: StaffContext,
    error: String,
    /// Import that has not ended.
    open: Option<Import>,
    /// Maximum megabytes of an upload.
    max_mb: u64,
}

impl ImportPage {
    async fn respond(status: StatusCode, ctx: StaffContext, error: String, services: &Services) -> PageResult {
        let open = store::find_open(services.db.read()).await?;
        html(status, &Self { ctx, error, open, max_mb: StreamedFile::MAX_BYTES / 1024 / 1024 })
    }
}

/// `GET /admin/posts/import`
pub async fn new(ctx: StaffContext, services: Data<Services>) -> PageResult {
    ImportPage::respond(StatusCode::OK, ctx, String::new(), &services).await
}

/// `POST /admin/posts/import`: stores the file, which a background task reads, and redirects to its progress.
pub async fn upload(ctx: StaffContext, mut file: StreamedFile, services: Data<Services>) -> PageResult {
    let Some(name) = file.open().await? else {
        let error = "Choose a file.".to_owned();
        return ImportPage::respond(StatusCode::UNPROCESSABLE_ENTITY, ctx, error, &services).await;
    };
    if store::find_open(services.db.read()).await?.is_some() {
        file.discard().await;
        return refuse_second(ctx, &services).await;
    }
    let mut folder = WorkFolder::create(&services.imports.folder)?;
    match receive(&mut file, &folder).await {
        Ok(()) => {}
        Err(Refusal::Page(error)) => return Err(error),
        Err(Refusal::Sentence(sentence)) => {
            file.discard().await;
            return ImportPage::respond(StatusCode::UNPROCESSABLE_ENTITY, ctx, sentence, &services).await;
        }
    }
    let mut tx = services.db.begin_write().await?;
    if store::find_open(&mut *tx).await?.is_some() {
        tx.rollback().await?;
        return refuse_second(ctx, &services).await;
    }
    let id = store::insert_import(&mut tx, &name, folder.name(), &ctx.member.name, services.clock.now()).await?;
    tx.commit().await?;
    folder.retain();
    Ok(see_other(&format!("/admin/posts/import/{id}")))
}

async fn refuse_second(ctx: StaffContext, services: &Services) -> PageResult {
    let error = "Another import has not ended. Finish or cancel it first.".to_owned();
    ImportPage::respond(StatusCode::CONFLICT, ctx, error, services).await
}

enum Refusal {
    Page(PageError),
    Sentence(String),
}

impl From<anyhow::Error> for Refusal {
    fn from(error: anyhow::Error) -> Self {
        match error.downcast_ref::<DiskFull>() {
            Some(full) => Self::Sentence(full.to_string()),
            None => Self::Page(error.into()),
        }
    }
}

/// Writes the file to the disk while it arrives.
async fn receive(upload: &mut StreamedFile, folder: &WorkFolder) -> Result<(), Refusal> {
    let announced = upload.announced_bytes();
    if announced > StreamedFile::MAX_BYTES + CHECK_INTERVAL {
        return Err(too_large());
    }
    folder.ensure_free(announced)?;
    let mut file = folder.create_file("upload")?;
    let (mut written, mut checked) = (0, 0);
    while let Some(chunk) = upload.next_chunk().await.map_err(Refusal::Page)? {
        written += u64::try_from(chunk.len()).unwrap_or(u64::MAX);
        if written > StreamedFile::MAX_BYTES {
            return Err(too_large());
        }
        if written - checked >= CHECK_INTERVAL {
            folder.ensure_free(CHECK_INTERVAL)?;
            checked = written;
        }
        // Blocks for as long as writing to the cache of the disk takes.
        file.write_all(&chunk).map_err(|error| disk_error(error, "cannot store the upload"))?;
    }
    if written == 0 {
        return Err(Refusal::Sentence("The file is empty.".to_owned()));
    }
    Ok(())
}

fn too_large() -> Refusal {
    let max = StreamedFile::MAX_BYTES / 1024 / 1024;
    Refusal::Sentence(format!(
        "The file is larger than {max} MB. Ask the person who runs the server to use the command import wordpress."
    ))
}
