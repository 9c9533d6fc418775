//! Content encodings (brotli, gzip) and ETags.

use std::io::Write;

use actix_web::HttpMessage;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{
    self, AcceptEncoding, ContentEncoding, EntityTag, HeaderValue, IfNoneMatch, Preference, Quality, VARY,
};
use actix_web::middleware::Next;
use actix_web::web::Bytes;

/// Fast enough for a request to wait for it. The next better quality takes five times as long and saves one percent.
const BROTLI_QUALITY: i32 = 5;
/// Window of the compression as a power of two: larger than any page.
const BROTLI_WINDOW: i32 = 20;

/// Encoding of a response body. Its value is the index of the encoding in [`Encoding::ALL`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    Brotli,
    Gzip,
    Identity,
}

impl Encoding {
    pub const ALL: [Self; 3] = [Self::Brotli, Self::Gzip, Self::Identity];

    /// The compressed encoding that the client prefers, brotli before gzip; identity only if it accepts neither.
    pub fn negotiate(request: &impl HttpMessage) -> Self {
        let accepted = request.get_header::<AcceptEncoding>().map(|header| header.0).unwrap_or_default();
        let quality = |coding: ContentEncoding| {
            let of = |wanted: Preference<header::Encoding>| accepted.iter().find(|item| item.item == wanted);
            let item = of(Preference::Specific(header::Encoding::Known(coding))).or_else(|| of(Preference::Any));
            item.map_or(Quality::ZERO, |item| item.quality)
        };
        let (brotli, gzip) = (quality(ContentEncoding::Brotli), quality(ContentEncoding::Gzip));
        if brotli > Quality::ZERO && brotli >= gzip {
            Self::Brotli
        } else if gzip > Quality::ZERO {
            Self::Gzip
        } else {
            Self::Identity
        }
    }

    /// Value of `Content-Encoding`.
    pub fn name(self) -> Option<HeaderValue> {
        match self {
            Self::Brotli => Some(HeaderValue::from_static("br")),
            Self::Gzip => Some(HeaderValue::from_static("gzip")),
            Self::Identity => None,
        }
    }

    /// Strong ETag of a body in this encoding. `content` identifies the body and consists of visible ASCII.
    pub fn etag(self, content: &str) -> EntityTag {
        let suffix = match self {
            Self::Brotli => "br",
            Self::Gzip => "gz",
            Self::Identity => "identity",
        };
        EntityTag::new_strong(format!("{content}-{suffix}"))
    }

    /// Compresses `plain`. `None` if the result is not smaller.
    pub fn compress(self, plain: &[u8]) -> Option<Bytes> {
        let encoded = match self {
            Self::Brotli => brotli(plain),
            Self::Gzip => gzip(plain),
            Self::Identity => None,
        };
        encoded.filter(|encoded| encoded.len() < plain.len()).map(Bytes::from)
    }
}

/// Middleware around the compression: adds `Vary: Accept-Encoding` to every response, compressed or not.
///
/// Otherwise a cache could mix up the encodings of a URL.
pub async fn vary_by_encoding(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let mut response = next.call(request).await?;
    response.headers_mut().insert(VARY, HeaderValue::from_static("Accept-Encoding"));
    Ok(response)
}

/// Whether the client already has the body with this ETag. Weak tags match too (RFC 9110, section 13.1.2).
pub fn is_not_modified(condition: &IfNoneMatch, etag: &EntityTag) -> bool {
    match condition {
        IfNoneMatch::Any => true,
        IfNoneMatch::Items(tags) => tags.iter().any(|tag| tag.weak_eq(etag)),
    }
}

fn gzip(plain: &[u8]) -> Option<Vec<u8>> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::with_capacity(plain.len() / 3), flate2::Compression::best());
    encoder.write_all(plain).ok()?;
    encoder.finish().ok()
}

fn brotli(plain: &[u8]) -> Option<Vec<u8>> {
    let parameters =
        brotli::enc::BrotliEncoderParams { quality: BROTLI_QUALITY, lgwin: BROTLI_WINDOW, ..Default::default() };
    let mut encoded = Vec::with_capacity(plain.len() / 3);
    brotli::BrotliCompress(&mut &*plain, &mut encoded, &parameters).ok()?;
    Some(encoded)
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::{ACCEPT_ENCODING, IF_NONE_MATCH};
    use actix_web::test::TestRequest;

    #[test]
    fn the_preferred_encoding_is_negotiated() {
        for (accepted, expected) in [
            ("", Encoding::Identity),
            ("identity", Encoding::Identity),
            ("gzip, deflate", Encoding::Gzip),
            ("gzip, deflate, br, zstd", Encoding::Brotli),
            ("br;q=0, gzip;q=0.1", Encoding::Gzip),
            ("BR", Encoding::Brotli),
            ("*", Encoding::Brotli),
            ("*;q=0.5, br;q=0", Encoding::Gzip),
            ("gzip;q=0, *;q=0", Encoding::Identity),
            ("gzip ; q=1", Encoding::Gzip),
            ("gzip;q=1.0, *;q=0.5", Encoding::Gzip),
            ("br;q=0.2, gzip;q=0.1", Encoding::Brotli),
            ("gzip;q=much, br;x", Encoding::Identity),
            (",;,", Encoding::Identity),
        ] {
            let request = TestRequest::default().insert_header((ACCEPT_ENCODING, accepted)).to_http_request();
            assert_eq!(Encoding::negotiate(&request), expected, "{accepted}");
        }
        assert_eq!(Encoding::negotiate(&TestRequest::default().to_http_request()), Encoding::Identity);
    }

    #[test]
    fn if_none_match_accepts_weak_tags_and_lists() {
        let etag = Encoding::Brotli.etag("1a");
        for (known, expected) in [
            ("\"1a-br\"", true),
            ("W/\"1a-br\"", true),
            ("\"x\", \"1a-br\"", true),
            ("*", true),
            ("\"1a-gz\"", false),
            ("1a-br", false),
            ("", false),
        ] {
            let request = TestRequest::default().insert_header((IF_NONE_MATCH, known)).to_http_request();
            let condition = request.get_header::<IfNoneMatch>();
            assert_eq!(condition.is_some_and(|condition| is_not_modified(&condition, &etag)), expected, "{known}");
        }
    }

    #[test]
    fn incompressible_content_is_not_compressed() {
        assert_eq!(Encoding::Gzip.compress(b"alive"), None);
        assert_eq!(Encoding::Brotli.compress(b""), None);
        assert!(Encoding::Brotli.compress(&[b' '; 4000]).is_some_and(|encoded| encoded.len() < 100));
    }
}
