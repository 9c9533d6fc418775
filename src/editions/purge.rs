//! Telling the caches that stand before the site that what they hold is out of date.

use std::time::Duration;

use anyhow::{Result, ensure};
use hyper::{Method, Request, Uri};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use tokio::sync::watch;

use crate::editions::Number;
use crate::web::{PAGES, SURROGATE_KEY};

/// How long a cache may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);
/// After how long one that could not be told is told again, at most.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// The caches before the site: each takes `PURGE` requests at an address.
#[derive(Clone, Debug, Default)]
pub struct Caches(pub Vec<Uri>);

/// Tells every cache of the newest edition.
pub(super) struct Telling(watch::Sender<Option<Number>>);

impl Caches {
    /// Begins to tell them; ends when the teller is let go.
    pub(super) fn tell(self) -> Telling {
        let (telling, news) = watch::channel(None);
        for cache in self.0 {
            tokio::spawn(keep_fresh(cache, news.clone()));
        }
        Telling(telling)
    }
}

impl Telling {
    /// Tells them of this edition, unless it is the one they know of.
    pub(super) fn edition(&self, number: Number) {
        self.0.send_if_modified(|known| {
            let is_new = *known != Some(number);
            *known = Some(number);
            is_new
        });
    }
}

/// One that cannot be told is told again, later and later, until it was told or there is newer news.
async fn keep_fresh(cache: Uri, mut news: watch::Receiver<Option<Number>>) {
    while news.changed().await.is_ok() {
        let mut pause = Duration::from_secs(1);
        while let Err(error) = purge(&cache).await {
            tracing::warn!(%cache, error = format!("{error:#}"), "a cache could not be told of a change (PURGE_URL)");
            tokio::select! {
                () = tokio::time::sleep(pause) => pause = (pause * 2).min(LONGEST_PAUSE),
                ended = news.changed() => if ended.is_err() { return },
            }
        }
    }
}

async fn purge(cache: &Uri) -> Result<()> {
    let request = Request::builder()
        .method(Method::from_bytes(b"PURGE")?)
        .uri(cache)
        .header(SURROGATE_KEY.as_str(), PAGES.as_bytes())
        .body(String::new())?;
    let client = Client::builder(TokioExecutor::new()).build_http::<String>();
    let answer = tokio::time::timeout(PATIENCE, client.request(request)).await??;
    ensure!(answer.status().is_success(), "it answered {}", answer.status());
    Ok(())
}
