//! Shutdown after a part of the site has failed, which no request can cause.

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
    Application::build(config, Clock::system(), Transport::Memory(MemoryMailbox::default())).await.unwrap()
}

#[actix_web::test]
async fn failed_task_is_reported_after_everything_else_has_stopped() {
    let dir = tempfile::tempdir().unwrap();
    let running = start_app(dir.path()).await;
    let db = running.services.db.clone();
    running.tasks.abort("inquiries");
    running.tasks.abort("intake");
    let failure = running.stop().await.unwrap_err();
    assert!(format!("{failure:#}").starts_with("the intake task failed"), "the first one: {failure:#}");
    assert!(db.read().is_closed(), "the database is closed nevertheless");
    let log = dir.path().join("data/site.db-wal");
    assert!(!log.exists() || log.metadata().unwrap().len() == 0, "the write-ahead log is merged into the file");
}

#[actix_web::test]
async fn shutdown_completes_when_the_server_has_already_exited() {
    let dir = tempfile::tempdir().unwrap();
    let running = start_app(dir.path()).await;
    let db = running.services.db.clone();
    running.server.stop(false).await;
    let error = running.run_until_stopped(std::future::pending()).await.unwrap_err();
    assert_eq!(error.to_string(), "the server exited unexpectedly");
    assert!(db.read().is_closed());
}
