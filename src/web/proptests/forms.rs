//! Property tests of forms and uploads.

use actix_web::FromRequest;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::test::TestRequest;
use actix_web::web::Data;
use proptest::prelude::*;
use serde::Deserialize;

use crate::http::HttpContext;
use crate::http::PageError;
use crate::test_support::{any_bytes, any_text, check_property, text_from};
use crate::web::form::parse_form;
use crate::web::{Form, Query, Upload, multi_line, one_line, single_line};

#[derive(Debug, Default, Deserialize, PartialEq)]
#[serde(default)]
struct TestForm {
    #[serde(deserialize_with = "one_line")]
    name: String,
    #[serde(deserialize_with = "multi_line")]
    message: String,
    plain: String,
}

const ENCODED_FRAGMENTS: &[&str] = &[
    "name",
    "message",
    "plain",
    "=",
    "&",
    "+",
    "%",
    "%2",
    "%00",
    "%0d%0a",
    "%ff",
    "%c3",
    "%c3%a9",
    "%ed%a0%80",
    "%zz",
    "%26",
    "%3d",
    "a",
    ";",
    "name=",
    "&name=b",
    "[]",
    "[0]",
    "__proto__",
    "name%00",
    "\r\n",
];

fn assert_parses(encoded: &[u8]) {
    let typed: TestForm = parse_form(encoded).unwrap_or_else(|error| panic!("{error:?}"));
    assert!(!typed.name.chars().any(|c| c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2028}')));
    assert!(!typed.message.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\t')));
    assert_eq!(single_line(&typed.name), typed.name);
    // A form that shows the parsed values submits the same values.
    let shown = form_urlencoded::Serializer::new(String::new())
        .append_pair("name", &typed.name)
        .append_pair("message", &typed.message.replace('\n', "\r\n"))
        .append_pair("plain", &typed.plain)
        .finish();
    assert_eq!(parse_form::<TestForm>(shown.as_bytes()).unwrap(), typed);
}

#[test]
fn any_body_is_parsed() {
    check_property(300, any_bytes(200), |encoded| assert_parses(&encoded));
    check_property(300, text_from(ENCODED_FRAGMENTS, 20), |encoded| assert_parses(encoded.as_bytes()));
}

#[test]
fn form_values_are_preserved() {
    check_property(300, (any_text(40), any_text(40)), |(name, message)| {
        let encoded = form_urlencoded::Serializer::new(String::new())
            .append_pair("plain", "first")
            .append_pair("name", &name)
            .append_pair("message", &message)
            .append_pair("plain", &name)
            .finish();
        let typed: TestForm = parse_form(encoded.as_bytes()).unwrap();
        assert_eq!((typed.name, typed.plain), (single_line(&name), name));
        let letters = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
        assert_eq!(letters(&typed.message), letters(&message));
    });
}

const MULTIPART_FRAGMENTS: &[&str] = &[
    "--b\r\n",
    "--b--\r\n",
    "--b",
    "--",
    "\r\n",
    "\r\n\r\n",
    "\n",
    "Content-Disposition: form-data",
    "; name=\"file\"",
    "; name=\"text\"",
    "; name=\"a\"",
    "; name=file",
    "; name*=UTF-8''%66ile",
    "; filename=\"a.json\"",
    "; filename=\"../../etc/passwd\"",
    "; filename*=UTF-8''%e2%80%ae%00",
    "; filename=\"\u{202e}\\\"",
    ";",
    "\"",
    "=",
    "Content-Type: text/plain",
    "Content-Type: multipart/mixed; boundary=b",
    "Content-Length: 99999999999999999999",
    "Content-Length: -1",
    "Content-Length: 2",
    "Content-Transfer-Encoding: base64",
    "Content-Disposition: attachment",
    "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"x\"\r\n\r\n{}\r\n",
    "--b\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\nwords\r\n",
    ": ",
    "{}",
    "\0",
    "é",
];

const CONTENT_TYPES: &[&str] = &[
    "multipart/form-data; boundary=b",
    "multipart/form-data; boundary=\"b\"",
    "multipart/form-data; boundary=",
    "multipart/form-data",
    "multipart/mixed; boundary=b",
    "application/x-www-form-urlencoded",
    "text/plain",
    "",
    ";",
    "multipart/form-data; boundary=b; boundary=c",
    "application/x-www-form-urlencoded; charset=utf-16",
];

#[test]
fn every_upload_is_accepted_or_rejected_with_a_page() {
    let body = prop_oneof![4 => text_from(MULTIPART_FRAGMENTS, 16).prop_map(String::into_bytes), 1 => any_bytes(200)];
    let kind = prop_oneof![5 => Just(CONTENT_TYPES[0]), 2 => proptest::sample::select(CONTENT_TYPES)];
    check_property(200, (kind, body), |(kind, body)| {
        actix_web::rt::System::new().block_on(async {
            let request = || {
                TestRequest::post()
                    .app_data(Data::new(HttpContext::for_tests()))
                    .insert_header((CONTENT_TYPE, kind))
                    .set_payload(body.clone())
            };
            let (head, mut payload) = request().to_http_parts();
            match Upload::from_request(&head, &mut payload).await {
                Ok(upload) => {
                    assert_eq!(single_line(&upload.file_name).trim_end(), upload.file_name.trim_end());
                    assert!(upload.parse_fields::<TestForm>().is_ok());
                }
                Err(refusal) => assert!(is_client_error(&refusal), "{refusal:?}"),
            }
            let (head, mut payload) = request().to_http_parts();
            if let Err(refusal) = Form::<TestForm>::from_request(&head, &mut payload).await {
                assert!(is_client_error(&refusal), "{refusal:?}");
            }
        });
    });
}

fn is_client_error(refusal: &PageError) -> bool {
    matches!(refusal, PageError::BadRequest(_) | PageError::UnsupportedMediaType | PageError::PayloadTooLarge)
}

#[test]
fn any_query_is_parsed() {
    check_property(200, text_from(ENCODED_FRAGMENTS, 20), |typed| {
        let query: String =
            typed.chars().filter(|c| c.is_ascii_graphic() && !matches!(c, '#' | '<' | '>' | '"')).collect();
        let Ok(uri) = format!("/search?{query}").parse::<actix_web::http::Uri>() else { return };
        let (head, mut payload) = TestRequest::default().uri(&uri.to_string()).to_http_parts();
        let read = actix_web::rt::System::new().block_on(Query::<TestForm>::from_request(&head, &mut payload));
        assert!(read.is_ok(), "{read:?}");
    });
}
