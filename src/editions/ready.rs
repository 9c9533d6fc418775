//! The ready copy of one page: its text in each form, made once, and how it is handed out.

use actix_web::body::{BoxBody, to_bytes};
use actix_web::dev::ServiceResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, ETAG, HeaderMap, HeaderName, HeaderValue, HttpDate,
    IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED, SET_COOKIE, VARY,
};
use actix_web::web::Bytes;
use actix_web::{HttpResponse, web as pool};
use jiff::{SignedDuration, Timestamp};
use tokio::sync::OnceCell;

use crate::metrics::{Metrics, OfRoute};
use crate::web::{Digest, Encoding, PAGES, REQUEST_ID, Route, SURROGATE_KEY, knows_tag};

/// For browsers and for the caches before the site. A browser asks each time whether it still holds, so that nobody reads
/// a figure that was corrected; a shared cache that is told of changes may hand it out for a minute, a minute more while
/// it fetches another, and for a day while the site is down.
pub const PUBLIC: HeaderValue =
    HeaderValue::from_static("max-age=0, s-maxage=60, stale-while-revalidate=60, stale-if-error=86400");
/// Dates are told in whole seconds, and another process may have made its copy half a second after a change: before this
/// time is over, those who go by the date could miss one.
const DATED_AFTER: SignedDuration = SignedDuration::from_secs(2);
/// What is shorter is not worth compressing.
const WORTH_COMPRESSING: usize = 256;

/// One page as it stands in an edition.
pub struct Ready {
    headers: Vec<(HeaderName, HeaderValue)>,
    /// Where its answers are counted.
    pub counted: OfRoute,
    made_at: Timestamp,
    /// For feeds and files, whose readers may go by dates. A page has its tag, and a date would make its head longer.
    made_on: Option<HeaderValue>,
    tags: [HeaderValue; 3],
    plain: Bytes,
    gzip: OnceCell<Option<Bytes>>,
    brotli: OnceCell<Option<Bytes>>,
}

impl Ready {
    /// The copy of an answer; the answer itself where it is not the same for everybody.
    pub async fn of(
        answer: ServiceResponse<BoxBody>,
        now: Timestamp,
        metrics: &Metrics,
    ) -> Result<Self, ServiceResponse<BoxBody>> {
        let says_no = answer.headers().get_all(CACHE_CONTROL).any(|value| value.as_bytes().starts_with(b"no-store"));
        if answer.status() != StatusCode::OK || says_no || answer.headers().contains_key(SET_COOKIE) {
            return Err(answer);
        }
        let route = answer.response().extensions().get::<Route>().cloned();
        let counted = metrics.of_route(route.map_or_else(|| "none".into(), |route| route.0));
        let (request, answer) = answer.into_parts();
        let (answer, body) = answer.into_parts();
        let Ok(plain) = to_bytes(body).await else {
            return Err(ServiceResponse::new(request, HttpResponse::InternalServerError().finish()));
        };
        let of_this_answer = [CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, ETAG, VARY, REQUEST_ID];
        let mut headers: Vec<_> = answer.headers().iter().map(|(name, value)| (name.clone(), value.clone())).collect();
        headers.retain(|(name, _)| !of_this_answer.contains(name));
        headers.extend([
            (CACHE_CONTROL, PUBLIC),
            (VARY, HeaderValue::from_static("Accept-Encoding")),
            (SURROGATE_KEY, PAGES),
        ]);
        let content = &Digest::of_bytes(&plain)[..12];
        let tags = [Encoding::Brotli, Encoding::Gzip, Encoding::Plain].map(|form| form.tag(content));
        let (gzip, brotli) = (OnceCell::new(), OnceCell::new());
        let is_page =
            headers.iter().any(|(name, value)| *name == CONTENT_TYPE && value.as_bytes().starts_with(b"text/html"));
        let made_on = (!is_page).then(|| http_date(now));
        Ok(Self { headers, counted, made_at: now, made_on, tags, plain, gzip, brotli })
    }

    /// How much memory it takes, about, once it was asked for in every form.
    pub fn weight(&self) -> usize {
        self.plain.len() + self.plain.len() / 2 + 2048
    }

    /// The answer at `now` for somebody who sent these headers: the page, or that they have it.
    pub async fn answer(&self, asked: &HeaderMap, now: Timestamp) -> HttpResponse {
        let (encoding, body) = self.form(Encoding::wanted(asked)).await;
        let tag = &self.tags[encoding as usize];
        let made_on = self.made_on.as_ref().filter(|_| now >= self.made_at + DATED_AFTER);
        let holds = if asked.contains_key(IF_NONE_MATCH) {
            knows_tag(asked, tag)
        } else {
            made_on.is_some_and(|made_on| asked.get(IF_MODIFIED_SINCE) == Some(made_on))
        };
        let mut answer = HttpResponse::new(if holds { StatusCode::NOT_MODIFIED } else { StatusCode::OK });
        let headers = answer.headers_mut();
        for (name, value) in &self.headers {
            headers.append(name.clone(), value.clone());
        }
        headers.insert(ETAG, tag.clone());
        if let Some(made_on) = made_on {
            headers.insert(LAST_MODIFIED, made_on.clone());
        }
        if holds {
            return answer;
        }
        if let Some(name) = encoding.name() {
            answer.headers_mut().insert(CONTENT_ENCODING, name);
        }
        answer.set_body(BoxBody::new(body))
    }

    /// The answer for somebody who asked before it went out of date: to be read, and kept by nobody.
    pub fn answer_once(self) -> HttpResponse {
        let mut answer = HttpResponse::new(StatusCode::OK);
        for (name, value) in self.headers {
            answer.headers_mut().append(name, value);
        }
        answer.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        answer.set_body(BoxBody::new(self.plain))
    }

    /// The text in the form that is wanted, or as it is where that form is no smaller. Each form is made once, beside
    /// those who answer.
    async fn form(&self, wanted: Encoding) -> (Encoding, Bytes) {
        let place = match wanted {
            Encoding::Brotli => &self.brotli,
            Encoding::Gzip => &self.gzip,
            Encoding::Plain => return (Encoding::Plain, self.plain.clone()),
        };
        let made = place.get_or_init(async || {
            if self.plain.len() < WORTH_COMPRESSING {
                return None;
            }
            let plain = self.plain.clone();
            pool::block(move || wanted.encoded(&plain)).await.ok().flatten()
        });
        match made.await {
            Some(bytes) => (wanted, bytes.clone()),
            None => (Encoding::Plain, self.plain.clone()),
        }
    }
}

fn http_date(at: Timestamp) -> HeaderValue {
    let text = HttpDate::from(std::time::SystemTime::from(at)).to_string();
    HeaderValue::from_str(&text).unwrap_or_else(|_| unreachable!("a date is plain letters and digits"))
}
