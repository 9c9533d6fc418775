//! Form and query extractors, text fields without invisible characters, and messages per field.

use std::future::{Future, Ready, ready};
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use validator::{Validate, ValidationError, ValidationErrorsKind};

use crate::http::{FormBody, PageError, TimedPayload};
use crate::web::invisible::{has_visible, is_disallowed_char, is_line_break, visible_only, without_invisible};

/// Maximum bytes of a visitor's form: all fields filled to their limits, percent-encoded.
const MAX_FORM_BYTES: usize = 256 * 1024;
/// Maximum bytes of a form from staff: the longest post in Urdu, percent-encoded.
pub(super) const MAX_STAFF_FORM_BYTES: usize = 1024 * 1024;
/// Maximum number of fields: far more than a list of inquiries with a checkbox each.
pub(super) const MAX_FIELDS: usize = 20_000;

/// Form extractor for structs of text fields.
///
/// Ignores unknown fields, leaves missing ones empty, uses the last of repeated ones, and replaces invalid UTF-8. So the
/// form reports mistakes, not the parser.
#[derive(Debug)]
pub struct Form<T>(pub T);

/// Query extractor with the rules of [`Form`].
#[derive(Debug)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned> FromRequest for Form<T> {
    type Error = PageError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, PageError>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let is_form = is_urlencoded(request);
        let mut payload = TimedPayload::of(request, payload);
        let request = request.clone();
        Box::pin(async move {
            let limit = if payload.is_from_staff { MAX_STAFF_FORM_BYTES } else { MAX_FORM_BYTES };
            let body = payload.read_limited(if is_form { limit } else { 0 }).await?;
            match body {
                FormBody::Complete(body) => {
                    let form = parse_form(&body).map(Self);
                    request.extensions_mut().insert(SubmittedForm(body));
                    form
                }
                // A request without a body has no unsupported content type.
                FormBody::TooLarge if !is_form => Err(PageError::UnsupportedMediaType),
                FormBody::TooLarge => Err(PageError::PayloadTooLarge),
            }
        })
    }
}

/// Request extension with the submitted form, for a page that offers it again.
pub(super) struct SubmittedForm(Vec<u8>);

impl SubmittedForm {
    pub fn fields(&self) -> Vec<(String, String)> {
        form_urlencoded::parse(&self.0).into_owned().collect()
    }
}

pub(super) fn is_urlencoded(request: &HttpRequest) -> bool {
    request.content_type().eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

impl<T: DeserializeOwned> FromRequest for Query<T> {
    type Error = PageError;
    type Future = Ready<Result<Self, PageError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(parse_query(request.query_string()).map(Self))
    }
}

/// Parses a query string with the rules of [`Query`].
pub fn parse_query<T: DeserializeOwned>(query: &str) -> Result<T, PageError> {
    parse_form(query.as_bytes())
}

pub(super) fn parse_form<T: DeserializeOwned>(encoded: &[u8]) -> Result<T, PageError> {
    if encoded.iter().filter(|byte| **byte == b'&').count() >= MAX_FIELDS {
        return Err(PageError::PayloadTooLarge);
    }
    let fields =
        form_urlencoded::parse(encoded).map(|(name, value)| (name.into_owned(), value.into_owned().into())).collect();
    serde_json::from_value(serde_json::Value::Object(fields))
        .map_err(|_| PageError::BadRequest("The form contains something that this site cannot read."))
}

/// Serde deserializer of a single-line text.
///
/// Replaces line breaks by spaces, removes invisible characters except joiners inside a word, and trims the result.
pub fn one_line<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    String::deserialize(deserializer).map(|typed| single_line(&typed))
}

/// Cleans a text like [`one_line`].
pub fn single_line(typed: &str) -> String {
    without_invisible(typed)
}

/// Serde deserializer of an e-mail address without invisible characters, which copied addresses often contain.
pub fn email_line<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    String::deserialize(deserializer).map(|typed| visible_only(&typed))
}

/// Serde deserializer of a multi-line text with line feeds and without other control characters.
///
/// Converts all line breaks of Unicode to line feeds, because word processors put others on the clipboard.
pub fn multi_line<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    String::deserialize(deserializer).map(|typed| several_lines(&typed))
}

/// Cleans a text like [`multi_line`].
pub fn several_lines(typed: &str) -> String {
    let typed = typed.replace("\r\n", "\n");
    let with_feeds = typed.chars().map(|c| if is_line_break(c) { '\n' } else { c });
    with_feeds.filter(|c| matches!(c, '\n' | '\t') || !is_disallowed_char(*c)).collect::<String>().trim_end().to_owned()
}

/// Rule for `validator`: the text contains a visible character.
pub fn not_blank(typed: &str) -> Result<(), ValidationError> {
    if has_visible(typed) { Ok(()) } else { Err(ValidationError::new("required")) }
}

/// Error messages of a form, at most one per field, in the order of the page.
#[derive(Clone, Debug, Default)]
pub struct FieldErrors {
    order: Vec<&'static str>,
    messages: Vec<(&'static str, String)>,
}

impl FieldErrors {
    /// Validates `form`. `order` lists the fields in the order of the page.
    pub fn of(form: &impl Validate, order: &[&'static str]) -> Self {
        let mut errors = Self::in_order(order);
        let Err(broken) = form.validate() else { return errors };
        for field in order {
            if let Some(ValidationErrorsKind::Field(all)) = broken.errors().get(*field)
                && let Some(first) = all.first()
            {
                errors.add(field, first.message.as_deref().unwrap_or("Please check this field."));
            }
        }
        // A broken rule of a field that is not in `order` must still reject the form.
        if errors.is_empty()
            && let Some(first) = order.first()
        {
            errors.add(first, "Please check this form.");
        }
        errors
    }

    /// No messages yet. `order` lists the fields in the order of the page.
    pub fn in_order(order: &[&'static str]) -> Self {
        Self { order: order.to_vec(), messages: vec![] }
    }

    /// Adds a message to a field, unless it has one already.
    pub fn add(&mut self, field: &'static str, sentence: impl Into<String>) {
        if self.for_field(field).is_empty() {
            self.messages.push((field, sentence.into()));
            let place = |field: &str| self.order.iter().position(|name| *name == field);
            self.messages.sort_by_key(|(field, _)| place(field).unwrap_or(usize::MAX));
        }
    }

    /// Message of a field, or an empty text.
    pub fn for_field(&self, field: &str) -> &str {
        self.messages.iter().find(|(name, _)| *name == field).map_or("", |(_, sentence)| sentence)
    }

    pub fn is_empty(&self) -> bool {
        self.messages.is_empty()
    }

    /// All fields with messages.
    pub fn iter(&self) -> impl Iterator<Item = &(&'static str, String)> {
        self.messages.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize, Default, Debug)]
    #[serde(default)]
    struct TestForm {
        #[serde(deserialize_with = "one_line")]
        name: String,
        #[serde(deserialize_with = "multi_line")]
        message: String,
    }

    #[test]
    fn malformed_forms_are_parsed() {
        let typed: TestForm =
            parse_form(b"name=%00A%0D%0AB%E2%80%AEx+&message=a%0D%0Ab%00%ED%A0%80&other=1&name").unwrap();
        assert_eq!((typed.name.as_str(), typed.message.as_str()), ("", "a\nb\u{fffd}\u{fffd}\u{fffd}"));
        let typed: TestForm = parse_form(b"name=%00A%0D%0AB%E2%80%AEx+").unwrap();
        assert_eq!(typed.name, "A  Bx");
    }

    #[test]
    fn every_line_break_is_normalized() {
        for end in ["\r\n", "\n", "\r", "\u{b}", "\u{c}", "\u{1e}", "\u{85}", "\u{2028}", "\u{2029}"] {
            let encoded = form_urlencoded::Serializer::new(String::new())
                .append_pair("message", &format!("CRS 470{end}2 children"))
                .append_pair("name", &format!("Ali{end}Khan"))
                .finish();
            let typed: TestForm = parse_form(encoded.as_bytes()).unwrap();
            let expected = ("CRS 470\n2 children", "Ali Khan");
            assert_eq!((typed.message.as_str(), typed.name.replace("  ", " ").as_str()), expected, "{end:?}");
        }
    }
}
