//! Forms that bring a file.

use std::future::Future;
use std::pin::Pin;

use actix_multipart::Multipart;
use actix_multipart::MultipartError;
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use futures_util::StreamExt;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::web::PageError;
use crate::web::body::{Body, Incoming, broken};
use crate::web::form::{is_form, read, single_line};

/// The largest file that is taken, with everything around it: 8 MB.
const LIMIT: usize = 8 * 1024 * 1024;

/// The longest file name that is kept and shown, in characters.
const LONGEST_NAME: usize = 100;

/// The most fields such a form has.
const PARTS: usize = 100;

/// A form with one file or one long text: its fields are called `file` and `text`. It may have others beside them.
#[derive(Debug, Default)]
pub struct Upload {
    /// The file as the sender's machine calls it, shortened to 100 characters; empty where none was chosen.
    pub file_name: String,
    /// What is in the file; empty where none was chosen.
    pub file: Vec<u8>,
    /// What was typed or pasted instead.
    pub text: String,
    fields: Map<String, Value>,
}

impl Upload {
    /// Every field but the file, read as a [`Form`](crate::web::Form) is.
    pub fn typed<T: DeserializeOwned>(&self) -> Result<T, PageError> {
        serde_json::from_value(Value::Object(self.fields.clone()))
            .map_err(|_| PageError::BadRequest("The form holds something this site does not understand."))
    }

    fn with_fields(self) -> Self {
        let text = self.fields.get("text").and_then(Value::as_str).unwrap_or_default().to_owned();
        Self { text, ..self }
    }
}

impl FromRequest for Upload {
    type Error = PageError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, PageError>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let is_form = is_form(request);
        let headers = request.headers().clone();
        let mut incoming = Incoming::of(request, payload);
        Box::pin(async move {
            if is_form {
                return match incoming.whole(LIMIT).await? {
                    Body::Whole(body) => read(&body).map(|fields| Self { fields, ..Self::default() }.with_fields()),
                    Body::TooLarge => Err(PageError::TooLarge),
                };
            }
            read_parts(Multipart::new(&headers, incoming)).await
        })
    }
}

async fn read_parts(mut parts: Multipart) -> Result<Upload, PageError> {
    let mut upload = Upload::default();
    let (mut room, mut parts_left) = (LIMIT, PARTS);
    while let Some(part) = parts.next().await {
        let mut part = part.map_err(|error| refusal(&error))?;
        parts_left = parts_left.checked_sub(1).ok_or(PageError::TooLarge)?;
        let name = part.name().unwrap_or_default().to_owned();
        let file_name =
            part.content_disposition().and_then(|about| about.get_filename()).unwrap_or_default().to_owned();
        let content = part.bytes(room).await.map_err(|_| PageError::TooLarge)?.map_err(|error| refusal(&error))?;
        room -= content.len();
        match name.as_str() {
            "file" => {
                upload.file_name = shortened(&single_line(&file_name));
                upload.file = content.into();
            }
            _ => {
                upload.fields.insert(name, String::from_utf8_lossy(&content).into_owned().into());
            }
        }
    }
    Ok(upload.with_fields())
}

/// A name of at most [`LONGEST_NAME`] characters: of a longer one the beginning and the end, which holds its extension.
fn shortened(name: &str) -> String {
    let chars: Vec<char> = name.chars().collect();
    if chars.len() <= LONGEST_NAME {
        return name.to_owned();
    }
    let end = chars.len() - 20;
    chars[..LONGEST_NAME - 21].iter().chain(&['…']).chain(&chars[end..]).collect()
}

fn refusal(error: &MultipartError) -> PageError {
    match error {
        MultipartError::Payload(error) => broken(error, true),
        _ => PageError::NotAForm,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_file_name_is_shortened_and_keeps_its_extension() {
        let usual = "ee_rounds_123_en (2).json";
        assert_eq!(shortened(usual), usual);
        let long = shortened(&format!("{}.json", "é".repeat(5000)));
        assert_eq!(long.chars().count(), LONGEST_NAME);
        assert!(long.starts_with("éééé") && long.contains('…') && long.ends_with("é.json"), "{long}");
    }
}
