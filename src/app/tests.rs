//! Stopping a site of which a part has failed: no visitor can bring that about.

use clap::Parser;

use super::*;
use crate::config::Settings;
use crate::mail::Mailbag;

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    settings: Settings,
}

async fn started(dir: &std::path::Path) -> Running {
    let data = dir.join("data");
    let arguments = ["site", "--bind", "127.0.0.1:0", "--data-dir", data.to_str().unwrap()];
    let config = Line::parse_from(arguments).settings.check().unwrap();
    start(config, Clock::system(), Transport::Memory(Mailbag::default())).await.unwrap()
}

#[actix_web::test]
async fn a_part_that_failed_is_reported_after_everything_else_has_stopped() {
    let dir = tempfile::tempdir().unwrap();
    let running = started(dir.path()).await;
    let db = running.db.clone();
    running.keeping_inquiries.abort();
    running.keeping_house.abort();
    let failure = running.stop().await.unwrap_err();
    assert!(format!("{failure:#}").starts_with("the counter broke down"), "the first one: {failure:#}");
    assert!(db.read().is_closed(), "the database is closed all the same");
    let log = dir.path().join("data/site.db-wal");
    assert!(!log.exists() || log.metadata().unwrap().len() == 0, "and its log folded into the file");
}

#[actix_web::test]
async fn a_server_that_ended_by_itself_does_not_keep_the_rest_from_stopping() {
    let dir = tempfile::tempdir().unwrap();
    let mut running = started(dir.path()).await;
    let db = running.db.clone();
    running.handle.stop(false).await;
    let error = running.broken_down().await;
    assert_eq!(error.to_string(), "the server ended by itself");
    running.stop().await.unwrap();
    assert!(db.read().is_closed());
}
