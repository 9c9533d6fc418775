//! Processed pictures in a file until the import is confirmed, so that they take neither memory nor a place in Media.

use std::collections::HashMap;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};

use anyhow::{Context, Result, bail};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sqlx::SqliteConnection;

use crate::db::Database;
use crate::media::{self, AddResult, PictureFile, PictureProcessor, ProcessedPicture};
use crate::web::{Picture, UploadedFiles};
use crate::wordpress::picture_files::PictureFiles;
use crate::wordpress::progress::{Outdated, Progress, ProgressReporter, Step};
use crate::wordpress::store;
use crate::wordpress::work_folder::{WorkFolder, disk_error};

/// Name of the file in the folder of the import.
const FILE: &str = "pictures";
/// Bytes after which a write transaction is committed, so that nobody waits for long.
const MAX_BATCH_BYTES: usize = 4 * 1024 * 1024;
const FORMATS: [&str; 2] = ["webp", "jpg"];

/// Processes the pictures of an export.
pub struct PictureStaging<'a> {
    folder: &'a WorkFolder,
    processor: &'a PictureProcessor,
    file: File,
    /// Addresses by the paths of the files; `None` for files that are refused.
    addresses: HashMap<String, Option<String>>,
    pub pictures: Vec<StagedPicture>,
    /// File names with the reasons why they were refused.
    pub refused: Vec<String>,
}

#[derive(Debug, Serialize, Deserialize)]
pub struct StagedPicture {
    hash: String,
    width: u32,
    height: u32,
    name: String,
    alt: String,
    /// Width, format and length of each file, in their order.
    files: Vec<(u32, String, usize)>,
    /// Place of the first one.
    start: u64,
}

impl<'a> PictureStaging<'a> {
    pub fn new(folder: &'a WorkFolder, processor: &'a PictureProcessor) -> Result<Self> {
        let file = folder.create_file(FILE)?;
        Ok(Self { folder, processor, file, addresses: HashMap::new(), pictures: vec![], refused: vec![] })
    }

    /// Number of files that can be used.
    pub fn len(&self) -> usize {
        self.addresses.values().flatten().count()
    }

    /// Processes the picture with this path once, and returns its address.
    pub async fn stage(&mut self, files: &mut PictureFiles, path: &str, alt: &str) -> Result<Option<String>> {
        if let Some(known) = self.addresses.get(path) {
            return Ok(known.clone());
        }
        let address = match files.read(path) {
            Ok(content) => self.process(content, path, alt).await?,
            Err(error) => {
                tracing::debug!("cannot read a picture of an import: {error:#}");
                self.refused.push(format!("{} cannot be read.", file_name(path)));
                None
            }
        };
        self.addresses.insert(path.to_owned(), address.clone());
        Ok(address)
    }

    async fn process(&mut self, content: Vec<u8>, path: &str, alt: &str) -> Result<Option<String>> {
        let name = file_name(path);
        if content.len() > UploadedFiles::MAX_FILE_BYTES {
            self.refused.push(format!("{name} is larger than {} MB.", UploadedFiles::MAX_FILE_BYTES / 1024 / 1024));
            return Ok(None);
        }
        let processed = match self.processor.process(content).await {
            Ok(processed) => processed,
            Err(error) => {
                self.refused.push(format!("{name} {error}"));
                return Ok(None);
            }
        };
        let Picture { hash, width, height } = processed.picture.clone();
        let address = processed.picture.address();
        if self.pictures.iter().any(|known| known.hash == hash) {
            return Ok(Some(address));
        }
        let bytes = processed.files.iter().map(|file| file.content.len()).sum::<usize>();
        // Once here, and once in the database.
        self.folder.ensure_free(2 * u64::try_from(bytes)?)?;
        let start = self.file.seek(SeekFrom::End(0))?;
        let mut files = vec![];
        for PictureFile { width, format, content } in &processed.files {
            self.file.write_all(content).map_err(|error| disk_error(error, "cannot write a file of the import"))?;
            files.push((*width, (*format).to_owned(), content.len()));
        }
        self.pictures.push(StagedPicture {
            hash,
            width,
            height,
            name: name.to_owned(),
            alt: alt.to_owned(),
            files,
            start,
        });
        Ok(Some(address))
    }
}

impl StagedPicture {
    fn read(&self, file: &mut File) -> Result<ProcessedPicture> {
        file.seek(SeekFrom::Start(self.start))?;
        let mut files = vec![];
        for (width, format, len) in &self.files {
            let format =
                FORMATS.into_iter().find(|known| known == format).context("the file of pictures is damaged")?;
            let mut content = vec![0; *len];
            file.read_exact(&mut content).context("the file of pictures is damaged")?;
            files.push(PictureFile { width: *width, format, content });
        }
        let picture = Picture { hash: self.hash.clone(), width: self.width, height: self.height };
        Ok(ProcessedPicture { picture, files, is_animated: false })
    }

    fn bytes(&self) -> usize {
        self.files.iter().map(|(.., len)| len).sum()
    }
}

/// Adds the pictures to Media in several short transactions. They are recorded as pending until the posts are added.
pub async fn add_to_media(
    db: &Database,
    pictures: &[StagedPicture],
    folder: &WorkFolder,
    by: &str,
    now: Timestamp,
    report: ProgressReporter<'_>,
) -> Result<()> {
    if pictures.is_empty() {
        return Ok(());
    }
    let total = u64::try_from(pictures.len())?;
    let mut file = folder.open_file(FILE)?;
    let (mut rest, mut done) = (pictures.iter().peekable(), 0);
    while rest.peek().is_some() {
        report(Progress { pictures: usize::try_from(done)?, ..Progress::of(Step::AddingPictures, done, total) })?;
        let (mut batch, mut bytes) = (vec![], 0);
        while let Some(staged) = rest.next_if(|next| batch.is_empty() || bytes + next.bytes() <= MAX_BATCH_BYTES) {
            bytes += staged.bytes();
            batch.push((staged.read(&mut file)?, staged));
            done += 1;
        }
        let mut tx = db.begin_write().await?;
        for (processed, staged) in &batch {
            if media::has_picture(&mut *tx, &staged.hash).await? {
                continue;
            }
            if let AddResult::Added(id) = media::add_picture(&mut tx, processed, &staged.name, by, now).await? {
                media::set_alt(&mut tx, id, &staged.alt).await?;
                store::insert_pending_picture(&mut tx, id).await?;
            }
        }
        tx.commit().await?;
    }
    Ok(())
}

/// Makes sure that all pictures are in Media, in the transaction of the posts. They are no longer pending.
pub async fn confirm_in_media(tx: &mut SqliteConnection, pictures: &[StagedPicture]) -> Result<()> {
    for staged in pictures {
        if !media::restore_picture(tx, &staged.hash).await? {
            bail!(Outdated("A picture was deleted from Media during the import."));
        }
    }
    store::take_pending_pictures(tx).await?;
    Ok(())
}

/// Deletes the pictures of an import that did not reach its end, except those that a text uses in the meantime.
pub async fn delete_pending(db: &Database) -> Result<()> {
    if store::has_pending_pictures(db.read()).await? {
        let mut tx = db.begin_write().await?;
        let ids = store::take_pending_pictures(&mut tx).await?;
        media::delete_unused_pictures(&mut tx, &ids).await?;
        tx.commit().await?;
    }
    Ok(())
}

fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or_default()
}
