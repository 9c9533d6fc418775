//! Processed pictures in a temporary file until the import is confirmed, so that they take neither memory nor a place in
//! Media.

use std::collections::HashMap;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};

use anyhow::{Context, Result};
use jiff::Timestamp;
use sqlx::SqliteConnection;

use crate::media::{self, AddResult, PictureFile, PictureProcessor, ProcessedPicture};
use crate::web::{Picture, UploadedFiles};
use crate::wordpress::picture_files::PictureFiles;

/// Address of a picture in a report without processed pictures.
const NOT_PROCESSED: &str = "/media/0000000000000000-1.jpg";

#[derive(Default)]
pub struct StagedPictures {
    /// Deleted by the system when it is closed. Created with the first picture.
    file: Option<File>,
    pictures: Vec<StagedPicture>,
    /// Addresses by the paths of the files; `None` for files that are refused.
    addresses: HashMap<String, Option<String>>,
    /// File names with the reasons why they were refused.
    pub refused: Vec<String>,
}

struct StagedPicture {
    picture: Picture,
    name: String,
    alt: String,
    /// Width, format and length of each file, in the order of the temporary file.
    files: Vec<(u32, &'static str, usize)>,
    start: u64,
}

impl StagedPictures {
    pub fn len(&self) -> usize {
        self.addresses.values().flatten().count()
    }

    /// Processes the picture with this path once, and returns its address. Without a processor, only looks whether it exists.
    pub async fn stage(
        &mut self,
        files: &mut PictureFiles,
        path: &str,
        alt: &str,
        processor: Option<&PictureProcessor>,
    ) -> Result<Option<String>> {
        if let Some(known) = self.addresses.get(path) {
            return Ok(known.clone());
        }
        let address = match processor {
            None => Some(NOT_PROCESSED.to_owned()),
            Some(processor) => self.process(files.read(path)?, path, alt, processor).await?,
        };
        self.addresses.insert(path.to_owned(), address.clone());
        Ok(address)
    }

    async fn process(
        &mut self,
        content: Vec<u8>,
        path: &str,
        alt: &str,
        processor: &PictureProcessor,
    ) -> Result<Option<String>> {
        let name = path.rsplit('/').next().unwrap_or_default();
        if content.len() > UploadedFiles::MAX_FILE_BYTES {
            self.refused.push(format!("{name} is larger than {} MB.", UploadedFiles::MAX_FILE_BYTES / 1024 / 1024));
            return Ok(None);
        }
        let processed = match processor.process(content).await {
            Ok(processed) => processed,
            Err(error) => {
                self.refused.push(format!("{name} {error}"));
                return Ok(None);
            }
        };
        let file = match &mut self.file {
            Some(file) => file,
            None => self.file.insert(tempfile::tempfile().context("cannot create a temporary file")?),
        };
        let start = file.seek(SeekFrom::End(0))?;
        let mut files = vec![];
        for PictureFile { width, format, content } in &processed.files {
            file.write_all(content).context("cannot write a temporary file")?;
            files.push((*width, *format, content.len()));
        }
        let picture = processed.picture;
        let address = picture.address();
        self.pictures.push(StagedPicture { picture, name: name.to_owned(), alt: alt.to_owned(), files, start });
        Ok(Some(address))
    }

    /// Adds the pictures to Media and returns the number of new ones.
    pub async fn add_to_media(&mut self, tx: &mut SqliteConnection, by: &str, now: Timestamp) -> Result<usize> {
        let mut added = 0;
        for staged in &self.pictures {
            let Some(file) = &mut self.file else { break };
            file.seek(SeekFrom::Start(staged.start))?;
            let mut files = vec![];
            for &(width, format, len) in &staged.files {
                let mut content = vec![0; len];
                file.read_exact(&mut content)?;
                files.push(PictureFile { width, format, content });
            }
            let processed = ProcessedPicture { picture: staged.picture.clone(), files, is_animated: false };
            if let AddResult::Added(id) = media::add_picture(tx, &processed, &staged.name, by, now).await? {
                media::set_alt(tx, id, &staged.alt).await?;
                added += 1;
            }
        }
        Ok(added)
    }
}
