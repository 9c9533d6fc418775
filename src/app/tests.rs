//! Stopping a site of which a part has failed: no visitor can bring that about.

use clap::Parser;

use super::*;
use crate::config::Settings;
use crate::mail::MemoryMailbox;

#[derive(Parser)]
struct Args {
    #[command(flatten)]
    settings: Settings,
}

async fn start_app(dir: &std::path::Path) -> Application {
    let data = dir.join("data");
    let arguments = ["site", "--bind", "127.0.0.1:0", "--data-dir", data.to_str().unwrap()];
    let config = Args::parse_from(arguments).settings.check().unwrap();
    start(config, Clock::system(), Transport::Memory(MemoryMailbox::default())).await.unwrap()
}

#[actix_web::test]
async fn failed_task_is_reported_after_everything_else_has_stopped() {
    let dir = tempfile::tempdir().unwrap();
    let running = start_app(dir.path()).await;
    let db = running.db.clone();
    running.intake_task.abort();
    running.maintenance_task.abort();
    let failure = running.stop().await.unwrap_err();
    assert!(format!("{failure:#}").starts_with("the counter broke down"), "the first one: {failure:#}");
    assert!(db.read().is_closed(), "the database is closed all the same");
    let log = dir.path().join("data/site.db-wal");
    assert!(!log.exists() || log.metadata().unwrap().len() == 0, "and its log folded into the file");
}

#[actix_web::test]
async fn shutdown_completes_when_the_server_has_already_exited() {
    let dir = tempfile::tempdir().unwrap();
    let mut running = start_app(dir.path()).await;
    let db = running.db.clone();
    running.handle.stop(false).await;
    let error = running.server_exited().await;
    assert_eq!(error.to_string(), "the server ended by itself");
    running.stop().await.unwrap();
    assert!(db.read().is_closed());
}
