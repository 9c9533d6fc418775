//! Processes pictures on the blocking thread pool, one at a time.

use std::path::Path;
use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

use crate::media::encode::{ProcessedPicture, process};
use crate::media::format::PictureError;

/// Limits the memory for pictures: a large one takes up to 600 MB while it is processed. Clones share the limit.
#[derive(Clone)]
pub struct PictureProcessor {
    limit: Arc<Semaphore>,
    program: Arc<Path>,
}

impl PictureProcessor {
    /// `program` is this program. It starts itself to decode AVIF.
    pub fn new(program: &Path) -> Self {
        Self { limit: Arc::new(Semaphore::new(1)), program: program.into() }
    }

    /// Processes an uploaded file. Waits until the pictures before it are done.
    pub async fn process(&self, content: Vec<u8>) -> Result<ProcessedPicture, PictureError> {
        let permit = self.limit.clone().acquire_owned().await.unwrap_or_else(|_| unreachable!("it is never closed"));
        let program = self.program.clone();
        let processed = spawn_blocking(move || {
            let processed = process(&content, &program);
            drop(permit);
            processed
        });
        // A decoder that panics does so because the file is damaged.
        processed.await.unwrap_or(Err(PictureError::Damaged))
    }
}
