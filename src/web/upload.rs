//! Forms that bring a file.

use std::future::Future;
use std::pin::Pin;

use actix_multipart::Multipart;
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use futures_util::StreamExt;
use serde::Deserialize;

use crate::web::PageError;
use crate::web::form::{Body, is_form, read, single_line, whole_body};

/// The largest file that is taken, with everything around it: 8 MB.
const LIMIT: usize = 8 * 1024 * 1024;

/// A form with one file or one long text: its fields are called `file` and `text`.
#[derive(Debug, Default)]
pub struct Upload {
    /// The file as the visitor's machine calls it; empty where none was chosen.
    pub file_name: String,
    /// What is in the file; empty where none was chosen.
    pub file: Vec<u8>,
    /// What was typed or pasted instead.
    pub text: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Pasted {
    text: String,
}

impl FromRequest for Upload {
    type Error = PageError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, PageError>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let is_form = is_form(request);
        let headers = request.headers().clone();
        let mut payload = payload.take();
        Box::pin(async move {
            if is_form {
                return match whole_body(&mut payload, LIMIT).await? {
                    Body::Whole(body) => read::<Pasted>(&body).map(|Pasted { text }| Self { text, ..Self::default() }),
                    Body::TooLarge => Err(PageError::TooLarge),
                };
            }
            read_parts(Multipart::new(&headers, payload)).await
        })
    }
}

async fn read_parts(mut parts: Multipart) -> Result<Upload, PageError> {
    let mut upload = Upload::default();
    let mut room = LIMIT;
    while let Some(part) = parts.next().await {
        let mut part = part.map_err(|_| PageError::NotAForm)?;
        let name = part.name().unwrap_or_default().to_owned();
        let file_name =
            part.content_disposition().and_then(|about| about.get_filename()).unwrap_or_default().to_owned();
        let content = part.bytes(room).await.map_err(|_| PageError::TooLarge)?.map_err(|_| {
            PageError::BadRequest("The connection broke while the file was being sent. Please send it again.")
        })?;
        room -= content.len();
        match name.as_str() {
            "file" => {
                upload.file_name = single_line(&file_name).chars().take(200).collect();
                upload.file = content.to_vec();
            }
            "text" => upload.text = String::from_utf8_lossy(&content).into_owned(),
            _ => {}
        }
    }
    Ok(upload)
}
