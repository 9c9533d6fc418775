//! Extractors of forms with files.

use std::future::{Future, Ready, ready};
use std::pin::Pin;

use actix_multipart::{Field, Multipart, MultipartError};
use actix_web::dev::Payload;
use actix_web::http::header::CONTENT_LENGTH;
use actix_web::web::Bytes;
use actix_web::{FromRequest, HttpRequest};
use futures_util::StreamExt;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::http::{FormBody, PageError, TimedPayload, payload_error};
use crate::web::form::{is_urlencoded, parse_form, single_line};

/// Maximum bytes of the whole request.
pub(super) const MAX_UPLOAD_BYTES: usize = 8 * 1024 * 1024;

/// Maximum length of a displayed file name, in characters.
const MAX_FILE_NAME_LEN: usize = 100;

pub(super) const MAX_PARTS: usize = 100;

/// Form with a file (field `file`) or a long text (field `text`), and other fields.
#[derive(Debug, Default)]
pub struct Upload {
    /// Shortened to 100 characters; empty without a file.
    pub file_name: String,
    /// Empty without a file.
    pub file: Vec<u8>,
    pub text: String,
    fields: Map<String, Value>,
}

impl Upload {
    /// Parses the fields except the file, with the rules of [`Form`](crate::web::Form).
    pub fn parse_fields<T: DeserializeOwned>(&self) -> Result<T, PageError> {
        serde_json::from_value(Value::Object(self.fields.clone()))
            .map_err(|_| PageError::BadRequest("The form contains something that this site cannot read."))
    }

    fn with_text_field(self) -> Self {
        let text = self.fields.get("text").and_then(Value::as_str).unwrap_or_default().to_owned();
        Self { text, ..self }
    }
}

impl FromRequest for Upload {
    type Error = PageError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, PageError>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let is_urlencoded = is_urlencoded(request);
        let headers = request.headers().clone();
        let mut payload = TimedPayload::of(request, payload);
        Box::pin(async move {
            if is_urlencoded {
                return match payload.read_limited(MAX_UPLOAD_BYTES).await? {
                    FormBody::Complete(body) => {
                        parse_form(&body).map(|fields| Self { fields, ..Self::default() }.with_text_field())
                    }
                    FormBody::TooLarge => Err(PageError::PayloadTooLarge),
                };
            }
            read_parts(Multipart::new(&headers, payload)).await
        })
    }
}

async fn read_parts(mut parts: Multipart) -> Result<Upload, PageError> {
    let mut upload = Upload::default();
    let (mut bytes_left, mut parts_left) = (MAX_UPLOAD_BYTES, MAX_PARTS);
    while let Some(part) = parts.next().await {
        let mut part = part.map_err(|error| multipart_error(&error))?;
        parts_left = parts_left.checked_sub(1).ok_or(PageError::PayloadTooLarge)?;
        let name = part.name().unwrap_or_default().to_owned();
        let file_name =
            part.content_disposition().and_then(|about| about.get_filename()).unwrap_or_default().to_owned();
        let content = part
            .bytes(bytes_left)
            .await
            .map_err(|_| PageError::PayloadTooLarge)?
            .map_err(|error| multipart_error(&error))?;
        bytes_left -= content.len();
        match name.as_str() {
            "file" => {
                upload.file_name = displayed_file_name(&file_name);
                upload.file = content.into();
            }
            _ => {
                upload.fields.insert(name, String::from_utf8_lossy(&content).into_owned().into());
            }
        }
    }
    Ok(upload.with_text_field())
}

/// Extractor of a form with files only. The handler reads one file after another.
pub struct UploadedFiles {
    /// `None` for a form without files.
    parts: Option<Multipart>,
    parts_left: usize,
}

pub struct UploadedFile {
    /// Shortened to 100 characters.
    pub name: String,
    /// `None` if the file is too large.
    pub content: Option<Vec<u8>>,
}

impl UploadedFiles {
    /// Maximum bytes of a file.
    pub const MAX_FILE_BYTES: usize = 15 * 1024 * 1024;

    /// The next file, or `None` after the last one. Skips fields in which no file was chosen.
    pub async fn next(&mut self) -> Result<Option<UploadedFile>, PageError> {
        let Some(parts) = &mut self.parts else { return Ok(None) };
        while let Some(part) = parts.next().await {
            let mut part = part.map_err(|error| multipart_error(&error))?;
            self.parts_left = self.parts_left.checked_sub(1).ok_or(PageError::PayloadTooLarge)?;
            let name = part.content_disposition().and_then(|about| about.get_filename()).unwrap_or_default();
            let name = truncate_file_name(&single_line(name));
            let content = match part.bytes(Self::MAX_FILE_BYTES).await {
                Ok(content) => Some(content.map_err(|error| multipart_error(&error))?.into()),
                Err(_) => None,
            };
            if !name.is_empty() {
                return Ok(Some(UploadedFile { name, content }));
            }
        }
        Ok(None)
    }
}

impl FromRequest for UploadedFiles {
    type Error = PageError;
    type Future = Ready<Result<Self, PageError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let files = TimedPayload::of(request, payload).reserve(Self::MAX_FILE_BYTES).map(|payload| Self {
            parts: (!is_urlencoded(request)).then(|| Multipart::new(request.headers(), payload)),
            parts_left: MAX_PARTS,
        });
        ready(files)
    }
}

/// Extractor of a form with one large file, which the handler reads in parts.
pub struct StreamedFile {
    /// `None` for a form without files.
    parts: Option<Multipart>,
    field: Option<Field>,
    announced_bytes: u64,
}

impl StreamedFile {
    /// Maximum bytes of the file.
    pub const MAX_BYTES: u64 = 500 * 1024 * 1024;
    /// Bytes of the body in memory at a time.
    const MAX_BUFFER_BYTES: usize = 512 * 1024;
    /// Times the deadline of other forms from staff.
    const DEADLINE_FACTOR: u32 = 4;
    /// Bytes of a refused file that are read and discarded. A browser shows the response only after it has sent the body.
    const DISCARD_LIMIT: usize = 64 * 1024 * 1024;

    /// Opens the file and returns its name, shortened to 100 characters. `None` if no file was chosen.
    pub async fn open(&mut self) -> Result<Option<String>, PageError> {
        let Some(parts) = &mut self.parts else { return Ok(None) };
        let mut parts_left = MAX_PARTS;
        while let Some(part) = parts.next().await {
            let part = part.map_err(|error| multipart_error(&error))?;
            parts_left = parts_left.checked_sub(1).ok_or(PageError::PayloadTooLarge)?;
            let name = part.content_disposition().and_then(|about| about.get_filename()).unwrap_or_default();
            let name = displayed_file_name(name);
            if !name.is_empty() {
                self.field = Some(part);
                return Ok(Some(name));
            }
        }
        Ok(None)
    }

    /// Length of the request according to its head; 0 if it is not announced.
    pub fn announced_bytes(&self) -> u64 {
        self.announced_bytes
    }

    /// The next part of the opened file.
    pub async fn next_chunk(&mut self) -> Result<Option<Bytes>, PageError> {
        let Some(field) = &mut self.field else { return Ok(None) };
        let chunk = field.next().await.transpose().map_err(|error| multipart_error(&error))?;
        if chunk.is_none() {
            // It must not be read beyond its end.
            self.field = None;
        }
        Ok(chunk)
    }

    /// Reads and discards the rest of a file that is refused.
    pub async fn discard(mut self) {
        let mut left = Self::DISCARD_LIMIT;
        while let Ok(Some(chunk)) = self.next_chunk().await {
            left = left.saturating_sub(chunk.len());
            if left == 0 {
                break;
            }
        }
    }
}

impl FromRequest for StreamedFile {
    type Error = PageError;
    type Future = Ready<Result<Self, PageError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let length = request.headers().get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
        let payload = TimedPayload::of(request, payload).with_more_time(Self::DEADLINE_FACTOR);
        let file = payload.reserve(Self::MAX_BUFFER_BYTES).map(|payload| Self {
            parts: (!is_urlencoded(request)).then(|| Multipart::new(request.headers(), payload)),
            field: None,
            announced_bytes: length.unwrap_or_default(),
        });
        ready(file)
    }
}

/// A file name in one line of at most [`MAX_FILE_NAME_LEN`] characters.
pub(super) fn displayed_file_name(name: &str) -> String {
    truncate_file_name(&single_line(name))
}

/// Shortens a name to [`MAX_FILE_NAME_LEN`] characters and keeps its end with the extension.
fn truncate_file_name(name: &str) -> String {
    let chars: Vec<char> = name.chars().collect();
    if chars.len() <= MAX_FILE_NAME_LEN {
        return name.to_owned();
    }
    let end = chars.len() - 20;
    chars[..MAX_FILE_NAME_LEN - 21].iter().chain(&['…']).chain(&chars[end..]).collect()
}

pub(super) fn multipart_error(error: &MultipartError) -> PageError {
    match error {
        MultipartError::Payload(error) => payload_error(error, true),
        _ => PageError::UnsupportedMediaType,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_file_name_is_shortened_and_keeps_its_extension() {
        let usual = "ee_rounds_123_en (2).json";
        assert_eq!(truncate_file_name(usual), usual);
        let long = truncate_file_name(&format!("{}.json", "é".repeat(5000)));
        assert_eq!(long.chars().count(), MAX_FILE_NAME_LEN);
        assert!(long.starts_with("éééé") && long.contains('…') && long.ends_with("é.json"), "{long}");
    }
}
