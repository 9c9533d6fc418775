//! Telling the caches that stand before the site that what they hold is out of date.

use std::time::Duration;

use anyhow::{Result, ensure};
use hyper::{Method, Request, Uri};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use tokio::sync::watch;

use crate::http::{SURROGATE_KEY, SURROGATE_KEY_PAGES};
use crate::page_cache::CacheVersion;

/// How long a cache may take to answer.
const PURGE_TIMEOUT: Duration = Duration::from_secs(5);
/// After how long one that could not be told is told again, at most.
const MAX_BACKOFF: Duration = Duration::from_secs(60);

/// The caches before the site: each takes `PURGE` requests at an address.
#[derive(Clone, Debug, Default)]
pub struct PurgeTargets(pub Vec<Uri>);

/// Tells every cache of the newest generation.
pub(super) struct PurgeNotifier(watch::Sender<Option<CacheVersion>>);

impl PurgeTargets {
    /// Begins to tell them; ends when the teller is let go.
    pub(super) fn start_purgers(self) -> PurgeNotifier {
        let (sender, versions) = watch::channel(None);
        for cache in self.0 {
            tokio::spawn(run_purger(cache, versions.clone()));
        }
        PurgeNotifier(sender)
    }
}

impl PurgeNotifier {
    /// Tells them of this generation, unless it is the one they know of.
    pub(super) fn notify(&self, version: CacheVersion) {
        self.0.send_if_modified(|known| {
            let is_new = *known != Some(version);
            *known = Some(version);
            is_new
        });
    }
}

/// One that cannot be told is told again, later and later, until it was told or there is newer news.
async fn run_purger(cache: Uri, mut versions: watch::Receiver<Option<CacheVersion>>) {
    while versions.changed().await.is_ok() {
        let mut backoff = Duration::from_secs(1);
        while let Err(error) = purge(&cache).await {
            tracing::warn!(%cache, error = format!("{error:#}"), "a cache could not be told of a change (PURGE_URL)");
            tokio::select! {
                () = tokio::time::sleep(backoff) => backoff = (backoff * 2).min(MAX_BACKOFF),
                ended = versions.changed() => if ended.is_err() { return },
            }
        }
    }
}

async fn purge(cache: &Uri) -> Result<()> {
    let request = Request::builder()
        .method(Method::from_bytes(b"PURGE")?)
        .uri(cache)
        .header(SURROGATE_KEY.as_str(), SURROGATE_KEY_PAGES.as_bytes())
        .body(String::new())?;
    let client = Client::builder(TokioExecutor::new()).build_http::<String>();
    let response = tokio::time::timeout(PURGE_TIMEOUT, client.request(request)).await??;
    ensure!(response.status().is_success(), "it answered {}", response.status());
    Ok(())
}
