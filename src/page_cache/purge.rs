//! Purging of upstream caches (`PURGE_URL`) after a change of content.

use std::time::Duration;

use anyhow::{Result, ensure};
use hyper::{Method, Request, Uri};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use tokio::sync::watch;

use crate::http::{SURROGATE_KEY, SURROGATE_KEY_PAGES};
use crate::page_cache::CacheVersion;

const PURGE_TIMEOUT: Duration = Duration::from_secs(5);
/// Maximum delay between two attempts after a failure.
const MAX_BACKOFF: Duration = Duration::from_secs(60);

/// URLs of the upstream caches that accept `PURGE` requests.
#[derive(Clone, Debug, Default)]
pub struct PurgeTargets(pub Vec<Uri>);

/// Sends the current cache version to the tasks that purge. Dropping it ends the tasks.
pub(super) struct PurgeNotifier(watch::Sender<Option<CacheVersion>>);

impl PurgeTargets {
    /// Starts one task per upstream cache.
    pub(super) fn start_purgers(self) -> PurgeNotifier {
        let (sender, versions) = watch::channel(None);
        for cache in self.0 {
            tokio::spawn(run_purger(cache, versions.clone()));
        }
        PurgeNotifier(sender)
    }
}

impl PurgeNotifier {
    /// Purges the caches unless they already have this version.
    pub(super) fn notify(&self, version: CacheVersion) {
        self.0.send_if_modified(|known| {
            let is_new = *known != Some(version);
            *known = Some(version);
            is_new
        });
    }
}

/// Purges one cache after every change. Repeats a failed attempt with growing delays until the next change.
async fn run_purger(cache: Uri, mut versions: watch::Receiver<Option<CacheVersion>>) {
    while versions.changed().await.is_ok() {
        let mut backoff = Duration::from_secs(1);
        while let Err(error) = purge(&cache).await {
            tracing::warn!("purge of {cache} failed: {error:#} (PURGE_URL)");
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
    ensure!(response.status().is_success(), "response status {}", response.status());
    Ok(())
}
