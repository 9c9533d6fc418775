//! In which form a text travels: as it is, or compressed where the visitor's browser takes that; and whether it is there
//! already.

use std::io::Write;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{ACCEPT_ENCODING, HeaderMap, HeaderValue, IF_NONE_MATCH, VARY};
use actix_web::middleware::Next;
use actix_web::web::Bytes;

/// Good, and quick enough that nobody waits for it: the next better one takes five times as long for a hundredth less.
const BROTLI_QUALITY: i32 = 5;
/// What brotli looks back over, as a power of two: no page is longer.
const BROTLI_WINDOW: i32 = 20;

/// The form of a copy, the smallest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// Where the browser takes it, mostly over https.
    Brotli,
    /// Where it takes that.
    Gzip,
    /// Uncompressed.
    Identity,
}

impl Encoding {
    /// The compressed form that whoever sent these headers likes best, of two that are as welcome the smaller; as it is
    /// only where they take neither.
    pub fn negotiate(headers: &HeaderMap) -> Self {
        // Several lines are one list.
        let lines = headers.get_all(ACCEPT_ENCODING).filter_map(|line| line.to_str().ok());
        let (mut brotli, mut gzip, mut any) = (None, None, None);
        for (coding, quality) in lines.flat_map(|line| line.split(',')).filter_map(parse_qvalue) {
            let said = match coding {
                "*" => &mut any,
                coding if coding.eq_ignore_ascii_case("br") => &mut brotli,
                coding if coding.eq_ignore_ascii_case("gzip") => &mut gzip,
                _ => continue,
            };
            *said = Some(quality);
        }
        let wanted = |said: Option<f32>| said.or(any).unwrap_or(0.0);
        let (brotli, gzip) = (wanted(brotli), wanted(gzip));
        // That it may come as it is goes without saying, and says nothing about what is liked better.
        if brotli > 0.0 && brotli >= gzip {
            Self::Brotli
        } else if gzip > 0.0 {
            Self::Gzip
        } else {
            Self::Identity
        }
    }

    /// Its name in `Content-Encoding`.
    pub fn name(self) -> Option<HeaderValue> {
        match self {
            Self::Brotli => Some(HeaderValue::from_static("br")),
            Self::Gzip => Some(HeaderValue::from_static("gzip")),
            Self::Identity => None,
        }
    }

    /// The strong tag of this form of a text that `content` stands for: letters and digits.
    pub fn etag(self, content: &str) -> HeaderValue {
        let form = match self {
            Self::Brotli => "br",
            Self::Gzip => "gz",
            Self::Identity => "identity",
        };
        HeaderValue::from_str(&format!("\"{content}-{form}\""))
            .unwrap_or_else(|_| unreachable!("letters and digits make a header"))
    }

    /// `plain` in this form; `None` where that is no smaller.
    pub fn compress(self, plain: &[u8]) -> Option<Bytes> {
        let encoded = match self {
            Self::Brotli => brotli(plain),
            Self::Gzip => gzip(plain),
            Self::Identity => None,
        };
        encoded.filter(|encoded| encoded.len() < plain.len()).map(Bytes::from)
    }
}

/// Middleware, around what compresses: every answer says that it depends on the encodings that are asked for, whether it
/// came out compressed or not. A cache would otherwise mix up the answers of one address.
pub async fn vary_by_encoding(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let mut response = next.call(request).await?;
    response.headers_mut().insert(VARY, HeaderValue::from_static("Accept-Encoding"));
    Ok(response)
}

/// Whether whoever sent these headers has the text that `tag` stands for. For reading, a weak tag is as good.
pub fn if_none_match(headers: &HeaderMap, tag: &HeaderValue) -> bool {
    let lines = headers.get_all(IF_NONE_MATCH).filter_map(|line| line.to_str().ok());
    let mut known = lines.flat_map(|line| line.split(',')).map(str::trim);
    known.any(|one| one == "*" || one.strip_prefix("W/").unwrap_or(one).as_bytes() == tag)
}

/// A coding and how much it is wanted, such as `gzip;q=0.5`. What cannot be read is not wanted.
fn parse_qvalue(text: &str) -> Option<(&str, f32)> {
    let (coding, quality) = match text.split_once(';') {
        None => (text, 1.0),
        Some((coding, rest)) => {
            let quality = rest.split_once('=').filter(|(name, _)| name.trim().eq_ignore_ascii_case("q"));
            (coding, quality.and_then(|(_, quality)| quality.trim().parse().ok()).unwrap_or(0.0))
        }
    };
    Some((coding.trim(), quality)).filter(|(coding, _)| !coding.is_empty())
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

    #[test]
    fn the_preferred_encoding_is_negotiated() {
        for (said, wanted) in [
            ("", Encoding::Identity),
            ("identity", Encoding::Identity),
            ("gzip, deflate", Encoding::Gzip),
            ("gzip, deflate, br, zstd", Encoding::Brotli),
            ("br;q=0, gzip;q=0.1", Encoding::Gzip),
            ("BR", Encoding::Brotli),
            ("*", Encoding::Brotli),
            ("*;q=0.5, br;q=0", Encoding::Gzip),
            ("gzip;q=0, *;q=0", Encoding::Identity),
            ("gzip ; q = 1", Encoding::Gzip),
            ("gzip;q=1.0, *;q=0.5", Encoding::Gzip),
            ("br;q=0.2, gzip;q=0.1", Encoding::Brotli),
            ("gzip;q=much, br;x", Encoding::Identity),
            (",;,", Encoding::Identity),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT_ENCODING, HeaderValue::from_static(said));
            assert_eq!(Encoding::negotiate(&headers), wanted, "{said}");
        }
        assert_eq!(Encoding::negotiate(&HeaderMap::new()), Encoding::Identity);
    }

    #[test]
    fn if_none_match_accepts_weak_tags_and_lists() {
        let tag = Encoding::Brotli.etag("1a");
        for (known, found) in [
            ("\"1a-br\"", true),
            ("W/\"1a-br\"", true),
            ("\"x\", \"1a-br\"", true),
            ("*", true),
            ("\"1a-gz\"", false),
            ("1a-br", false),
            ("", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(IF_NONE_MATCH, HeaderValue::from_static(known));
            assert_eq!(if_none_match(&headers, &tag), found, "{known}");
        }
    }

    #[test]
    fn incompressible_content_is_not_compressed() {
        assert_eq!(Encoding::Gzip.compress(b"alive"), None);
        assert_eq!(Encoding::Brotli.compress(b""), None);
        assert!(Encoding::Brotli.compress(&[b' '; 4000]).is_some_and(|encoded| encoded.len() < 100));
    }
}
