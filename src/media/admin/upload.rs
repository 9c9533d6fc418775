//! Upload of pictures.

use actix_web::http::StatusCode;
use actix_web::web::Data;

use crate::http::{PageError, PageResult, see_other};
use crate::media::admin::list::{ListQuery, UploadReport, respond};
use crate::media::encode::ProcessedPicture;
use crate::media::format::PictureError;
use crate::media::store::{self, AddResult};
use crate::services::Services;
use crate::staff::{self, StaffContext};
use crate::web::{UploadedFile, UploadedFiles, plural_len};

/// What became of the files of one upload.
#[derive(Default)]
struct Upload {
    /// Pictures in the library, in the order of their files.
    ids: Vec<i64>,
    /// Of these, how many were there before.
    known: usize,
    animated: usize,
    refused: Vec<String>,
}

/// `POST /admin/media`: adds each file, or says why it was refused. One refused file does not affect the others.
pub async fn upload(ctx: StaffContext, mut files: UploadedFiles, services: Data<Services>) -> PageResult {
    let mut upload = Upload::default();
    while let Some(file) = files.next().await? {
        upload.add(file, &ctx, &services).await?;
    }
    if upload.ids.is_empty() && upload.refused.is_empty() {
        upload.refused.push("Choose one or more pictures.".to_owned());
    }
    let added = upload.summary();
    if !upload.refused.is_empty() {
        let report = UploadReport { added, refused: upload.refused };
        return respond(StatusCode::UNPROCESSABLE_ENTITY, ctx, ListQuery::default(), report, &services.db).await;
    }
    let mut tx = services.db.begin_write().await?;
    ctx.set_flash(&mut tx, &added.unwrap_or_default()).await?;
    tx.commit().await?;
    Ok(match upload.ids.as_slice() {
        [id] => see_other(&format!("/admin/media/{id}")),
        _ => see_other("/admin/media"),
    })
}

impl Upload {
    async fn add(&mut self, file: UploadedFile, ctx: &StaffContext, services: &Services) -> Result<(), PageError> {
        let UploadedFile { name, content } = file;
        let processed = match content {
            Some(content) => services.picture_processor.process(content).await,
            None => Err(PictureError::TooManyBytes),
        };
        match processed {
            Ok(processed) => self.store(&processed, &name, ctx, services).await?,
            Err(error) => self.refused.push(format!("{name} {error}")),
        }
        Ok(())
    }

    async fn store(
        &mut self,
        processed: &ProcessedPicture,
        name: &str,
        ctx: &StaffContext,
        services: &Services,
    ) -> sqlx::Result<()> {
        let (now, by) = (services.clock.now(), &ctx.member.name);
        let mut tx = services.db.begin_write().await?;
        let id = match store::add(&mut tx, processed, name, by, now).await? {
            AddResult::Added(id) => {
                staff::audit(&mut tx, now, by, "uploaded a picture", name).await?;
                id
            }
            AddResult::Restored(id) => {
                staff::audit(&mut tx, now, by, "restored a picture", name).await?;
                self.known += 1;
                id
            }
            AddResult::Duplicate(id) => {
                self.known += 1;
                id
            }
        };
        tx.commit().await?;
        self.ids.push(id);
        self.animated += usize::from(processed.is_animated);
        Ok(())
    }

    /// Sentences about the files that were accepted; `None` without any.
    fn summary(&self) -> Option<String> {
        let added = self.ids.len() - self.known;
        let mut sentences = vec![];
        if added > 0 {
            sentences.push(format!("Added {}.", plural_len(added, "picture", "pictures")));
        }
        match self.known {
            0 => {}
            1 => sentences.push("1 picture was in Media already.".to_owned()),
            known => sentences.push(format!("{known} pictures were in Media already.")),
        }
        if self.animated > 0 {
            sentences.push("Animations are not supported: only the first frame is shown.".to_owned());
        }
        (!sentences.is_empty()).then(|| sentences.join(" "))
    }
}
