//! Fields of a form as they were sent, without secrets and files.

use actix_multipart::Multipart;
use actix_web::dev::Payload;
use actix_web::{HttpMessage, HttpRequest};
use futures_util::StreamExt;

use crate::http::{FormBody, PageError, TimedPayload};
use crate::web::form::{MAX_FIELDS, MAX_STAFF_FORM_BYTES, is_urlencoded};
use crate::web::upload::{MAX_PARTS, MAX_UPLOAD_BYTES, displayed_file_name, multipart_error};

/// Parts of the names of fields that hold a secret.
const SECRET_NAME_PARTS: [&str; 5] = ["password", "secret", "token", "totp", "recovery"];
/// Names of fields that hold a secret.
const SECRET_NAMES: [&str; 4] = ["current", "code", "otp", "pin"];

/// Whether a field may hold a password, a one-time code or another secret, which is never stored or sent back.
pub fn is_secret_field(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    SECRET_NAMES.contains(&&*name) || SECRET_NAME_PARTS.iter().any(|part| name.contains(part))
}

/// Names and values of a form in the order of the page.
#[derive(Debug, Default)]
pub struct SubmittedFields {
    pub fields: Vec<(String, String)>,
    /// Names of uploaded files, whose content is discarded.
    pub file_names: Vec<String>,
}

impl SubmittedFields {
    /// Reads the body of a form of staff. Fails like the extractors [`Form`](crate::web::Form) and
    /// [`Upload`](crate::web::Upload), with their limits.
    pub async fn read(request: &HttpRequest, payload: &mut Payload) -> Result<Self, PageError> {
        let mut payload = TimedPayload::of(request, payload);
        let mut submitted = if is_urlencoded(request) {
            match payload.read_limited(MAX_STAFF_FORM_BYTES).await? {
                FormBody::Complete(body) => Self {
                    fields: form_urlencoded::parse(&body).into_owned().take(MAX_FIELDS).collect(),
                    file_names: vec![],
                },
                FormBody::TooLarge => return Err(PageError::PayloadTooLarge),
            }
        } else if request.content_type().eq_ignore_ascii_case("multipart/form-data") {
            Self::read_parts(Multipart::new(request.headers(), payload)).await?
        } else {
            payload.read_limited(0).await?;
            Self::default()
        };
        submitted.fields.retain(|(name, _)| !is_secret_field(name));
        Ok(submitted)
    }

    async fn read_parts(mut parts: Multipart) -> Result<Self, PageError> {
        let mut submitted = Self::default();
        let (mut text_left, mut file_left) = (MAX_STAFF_FORM_BYTES, MAX_UPLOAD_BYTES);
        while let Some(part) = parts.next().await {
            let mut part = part.map_err(|error| multipart_error(&error))?;
            if submitted.fields.len() + submitted.file_names.len() >= MAX_PARTS {
                return Err(PageError::PayloadTooLarge);
            }
            let name = part.name().unwrap_or_default().to_owned();
            let file_name = part.content_disposition().and_then(|about| about.get_filename()).map(displayed_file_name);
            let Some(file_name) = file_name else {
                let content = part.bytes(text_left).await.map_err(|_| PageError::PayloadTooLarge)?;
                let content = content.map_err(|error| multipart_error(&error))?;
                text_left -= content.len();
                submitted.fields.push((name, String::from_utf8_lossy(&content).into_owned()));
                continue;
            };
            while let Some(chunk) = part.next().await {
                let chunk = chunk.map_err(|error| multipart_error(&error))?;
                file_left = file_left.checked_sub(chunk.len()).ok_or(PageError::PayloadTooLarge)?;
            }
            // Browsers send an empty part for a field without a file.
            if !file_name.is_empty() {
                submitted.file_names.push(file_name);
            }
        }
        Ok(submitted)
    }

    /// Whether something was entered or a file was chosen. The button of a form without fields needs no copy.
    pub fn has_content(&self) -> bool {
        !self.file_names.is_empty() || self.fields.iter().any(|(_, value)| !value.trim().is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_recognized_by_the_name_of_their_field() {
        for name in ["password", "new_password", "current", "code", "totp", "Recovery_Code", "api_token", "otp", "pin"]
        {
            assert!(is_secret_field(name), "{name}");
        }
        for name in ["title", "body", "codes", "noc", "email", "opinion", "currently", "version"] {
            assert!(!is_secret_field(name), "{name}");
        }
    }
}
