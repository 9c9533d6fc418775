//! Reports of changed pages to search engines (IndexNow).

use std::time::Duration;

use immigration_experts::staff::Role;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::support::feeds::{altered_round, import_rounds};
use crate::support::{FIRST_POST, Site};

/// Answers one request with this status and returns its body. Fails without a request.
async fn answer(listener: &TcpListener, status: &str) -> String {
    tokio::time::timeout(Duration::from_secs(20), answer_one(listener, status)).await.expect("a report")
}

async fn answer_one(listener: &TcpListener, status: &str) -> String {
    let (mut stream, _) = listener.accept().await.unwrap();
    let mut request = String::new();
    let mut buffer = [0; 4096];
    loop {
        let len = stream.read(&mut buffer).await.unwrap();
        assert!(len > 0, "the request ended early: {request}");
        request.push_str(std::str::from_utf8(&buffer[..len]).unwrap());
        if let Some((head, body)) = request.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
            if body.len() == length.parse::<usize>().unwrap() {
                assert!(head.starts_with("POST /indexnow HTTP/1.1"), "{head}");
                let response = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n");
                stream.write_all(response.as_bytes()).await.unwrap();
                return body.to_owned();
            }
        }
    }
}

async fn report(site: &Site) -> anyhow::Result<()> {
    site.running.jobs.run("search engine reports").await
}

#[actix_web::test]
async fn changed_pages_are_reported_once_with_a_key_that_the_site_serves() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}/indexnow", listener.local_addr().unwrap());
    let site = Site::start_with(&["--indexnow", &endpoint, "--base-url", "https://immigration.example"]).await;
    site.advance_hours(1);
    report(&site).await.unwrap();
    assert_eq!(site.count("SELECT count(*) FROM indexnow_state").await, 1, "older pages are not reported");
    site.advance_hours(20);
    report(&site).await.unwrap();

    let publisher = site.staff(Role::Publisher).await;
    import_rounds(&publisher, &[altered_round("252", &[("drawCRS", "475")])]).await;
    site.advance_hours(1);
    // A failed report is repeated.
    let (failed, _) = tokio::join!(report(&site), answer(&listener, "503 Busy"));
    assert!(failed.unwrap_err().to_string().contains("503"));
    let (sent, body) = tokio::join!(report(&site), answer(&listener, "202 Accepted"));
    sent.unwrap();
    let body: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(body["host"], "immigration.example");
    let urls: Vec<&str> = body["urlList"].as_array().unwrap().iter().map(|url| url.as_str().unwrap()).collect();
    for path in ["/draws/252", FIRST_POST, "/draws"] {
        assert!(urls.contains(&&*format!("https://immigration.example{path}")), "{path}: {urls:?}");
    }
    assert!(!urls.contains(&"https://immigration.example/draws/251"), "{urls:?}");
    let key = body["key"].as_str().unwrap();
    assert_eq!(body["keyLocation"], format!("https://immigration.example/{key}.txt"));
    let file = site.visitor().get(&format!("/{key}.txt")).await;
    assert_eq!((file.status, file.text.as_str()), (200, key));
    site.advance_hours(1);
    report(&site).await.unwrap();
}

#[actix_web::test]
async fn reports_are_off_by_default() {
    let site = Site::start().await;
    assert!(report(&site).await.unwrap_err().to_string().contains("no job named"));
    assert_eq!(site.visitor().get(&format!("/{}.txt", "0".repeat(32))).await.status, 404);
}
