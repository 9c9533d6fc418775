//! IndexNow (indexnow.org): reports changed pages to search engines. Off unless `INDEXNOW` is set.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use hyper::client::conn::http1;
use hyper::header::{CONTENT_TYPE, HOST};
use hyper::{Request, Uri};
use hyper_util::rt::TokioIo;
use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::json;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use crate::db::Database;
use crate::http::{BaseUrl, SiteSecret};
use crate::seo::store;
use crate::web::{office_date, office_time_zone};

/// URLs in one request. The protocol allows 10,000.
const MAX_URLS: usize = 10_000;
const TIMEOUT: Duration = Duration::from_secs(30);

/// Endpoint of a search engine, and the key that proves that the reports come from this site.
#[derive(Clone, Debug)]
pub struct IndexNow {
    endpoint: Uri,
    key: String,
}

/// Time of a change. A list that takes effect on a day does so at the beginning of the day of the office.
fn instant(changed: &str) -> String {
    let day: Option<Date> = changed.parse().ok().filter(|_| changed.len() == "2026-11-22".len());
    let start = day.and_then(|day| day.to_zoned(office_time_zone()).ok());
    start.map_or_else(|| changed.to_owned(), |start| start.timestamp().to_string())
}

impl IndexNow {
    pub fn new(endpoint: Uri, secret: &SiteSecret) -> Self {
        Self { endpoint, key: secret.mac("indexnow") }
    }

    /// Content of the file `/{key}.txt`, which the search engine reads to check the key.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Reports the pages that have changed since the last report. The first report contains nothing, because search
    /// engines know the older pages from the sitemap.
    pub async fn report_changes(&self, db: &Database, site: &BaseUrl, now: Timestamp) -> Result<()> {
        if let Some(since) = store::reported_until(db.read()).await? {
            let entries = store::entries(db.read(), office_date(now)).await?;
            // A change in the second of the last report is reported twice rather than never.
            let is_new = |changed: &Option<String>| changed.as_deref().is_some_and(|changed| instant(changed) >= since);
            let urls: Vec<String> = entries
                .into_iter()
                .filter(|entry| is_new(&entry.changed))
                .map(|entry| site.absolute_url(&entry.address))
                .collect();
            if urls.is_empty() {
                return Ok(());
            }
            for urls in urls.chunks(MAX_URLS) {
                tokio::time::timeout(TIMEOUT, self.send(site, urls))
                    .await
                    .context("no answer from the search engine")??;
            }
        }
        let mut tx = db.begin_write().await?;
        store::set_reported_until(&mut tx, now).await?;
        tx.commit().await?;
        Ok(())
    }

    async fn send(&self, site: &BaseUrl, urls: &[String]) -> Result<()> {
        let host = self.endpoint.host().context("INDEXNOW has no host")?;
        let is_https = self.endpoint.scheme_str() == Some("https");
        let port = self.endpoint.port_u16().unwrap_or(if is_https { 443 } else { 80 });
        let stream = TcpStream::connect((host, port)).await?;
        if !is_https {
            return self.post(stream, site, urls).await;
        }
        let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        let config = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
        let name = ServerName::try_from(host.to_owned())?;
        self.post(TlsConnector::from(Arc::new(config)).connect(name, stream).await?, site, urls).await
    }

    async fn post(
        &self,
        stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
        site: &BaseUrl,
        urls: &[String],
    ) -> Result<()> {
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        let connection = tokio::spawn(connection);
        let key_location = site.absolute_url(&format!("/{}.txt", self.key));
        let content =
            json!({"host": site.host(), "key": self.key, "keyLocation": key_location, "urlList": urls}).to_string();
        let path = self.endpoint.path_and_query().map_or("/", |path| path.as_str());
        let request = Request::post(path)
            .header(HOST, self.endpoint.authority().map_or("", |authority| authority.as_str()))
            .header(CONTENT_TYPE, "application/json; charset=utf-8")
            .body(content)?;
        let response = sender.send_request(request).await;
        connection.abort();
        let status = response?.status();
        ensure!(status.is_success(), "the search engine answered {status} (INDEXNOW)");
        Ok(())
    }
}
