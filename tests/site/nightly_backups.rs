//! Nightly backups: schedule, rotation, and alerts about missing ones.

use std::collections::BTreeSet;
use std::path::PathBuf;

use immigration_experts::staff::Role;
use immigration_experts::{app, backups};
use tokio_util::sync::CancellationToken;

use crate::support::{Site, config};

impl Site {
    fn backups(&self) -> BTreeSet<String> {
        let Ok(entries) = std::fs::read_dir(self.backups_dir()) else { return BTreeSet::new() };
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    async fn run_due_backup(&self) {
        self.running.services.backup_scheduler.run_due(&CancellationToken::new()).await;
    }

    fn backups_dir(&self) -> PathBuf {
        self.dir.path().join("data/backups")
    }
}

fn backup_names<const N: usize>(nights: [&str; N]) -> BTreeSet<String> {
    nights.map(|night| format!("site-{night}.tar.gz")).into()
}

#[actix_web::test]
async fn each_night_has_one_backup_and_missed_ones_are_made_later() {
    // November 22, 2026, 14:00 in the offices.
    let site = Site::start().await;
    site.run_due_backup().await;
    assert_eq!(site.backups(), backup_names(["2026-11-22"]), "a new site is backed up immediately");
    site.advance_hours(12);
    site.run_due_backup().await;
    assert_eq!(site.backups(), backup_names(["2026-11-22"]), "before 2:30 a.m.");
    site.advance_hours(1);
    tokio::join!(site.run_due_backup(), site.run_due_backup());
    assert_eq!(site.backups(), backup_names(["2026-11-22", "2026-11-23"]), "no partial backup");
    site.advance_hours(5 * 24);
    site.run_due_backup().await;
    assert_eq!(site.backups(), backup_names(["2026-11-22", "2026-11-23", "2026-11-28"]));
    let ready = site.visitor().get("/health/ready").await.text;
    assert!(ready.ends_with("backup: newest less than a minute\n"), "{ready}");
    site.advance_hours(2);
    let ready = site.visitor().get("/health/ready").await.text;
    assert!(ready.ends_with("backup: newest 2 hours\n"), "{ready}");
    site.clock.advance(jiff::SignedDuration::from_hours(-2));
    let made = site.running.services.backup_scheduler.last_backup().unwrap();
    assert_eq!(made, site.clock.now(), "the time when it was made, not when it was due");

    // The file is a normal backup.
    let file = site.backups_dir().join("site-2026-11-28.tar.gz");
    let manifest = backups::read_archive(&file, None).unwrap();
    assert_eq!(manifest.made_at, site.clock.now());
    let names: Vec<&str> = manifest.files.iter().map(|file| file.name.as_str()).collect();
    assert_eq!(names, ["site.db", "secret"], "backups do not contain backups");
}

#[actix_web::test]
async fn rotation_deletes_only_backups_it_does_not_keep() {
    let site = Site::start().await;
    std::fs::create_dir(site.backups_dir()).unwrap();
    let other_files = ["notes.txt", "mine.tar.gz", "site-2026-1-1.tar.gz"];
    for name in backup_names(["2026-09-01", "2026-09-02", "2026-10-01", "2026-10-17"])
        .iter()
        .map(String::as_str)
        .chain(other_files)
    {
        std::fs::write(site.backups_dir().join(name), "an older backup").unwrap();
    }
    std::fs::create_dir(site.backups_dir().join("site-2026-11-01.tar.gz.part")).unwrap();
    for _ in 0..7 {
        site.run_due_backup().await;
        site.advance_hours(24);
    }
    let mut expected = backup_names([
        "2026-09-01",
        "2026-10-01",
        "2026-10-17",
        "2026-11-22",
        "2026-11-23",
        "2026-11-24",
        "2026-11-25",
        "2026-11-26",
        "2026-11-27",
        "2026-11-28",
    ]);
    expected.extend(other_files.map(String::from));
    // The first of its week: there are fewer than four weekly backups.
    expected.extend(backup_names(["2026-09-01"]));
    assert_eq!(site.backups(), expected);
}

#[actix_web::test]
async fn failed_backup_is_reported_to_staff_and_health_check() {
    let site = Site::start().await;
    site.account("writer@example.com", Role::Writer).await;
    // Sessions expire before a missing backup is reported.
    let alerts = async || site.sign_in("writer@example.com").await.get("/admin").await.all(".alert");
    std::fs::write(site.backups_dir(), "a file where the directory should be").unwrap();
    site.run_due_backup().await;
    assert_eq!(alerts().await, Vec::<String>::new(), "the first failure is not reported");
    site.advance_hours(37);
    site.run_due_backup().await;
    let alert = alerts().await.join(" ");
    assert!(
        alert.starts_with("There is no backup yet. The last attempt failed: cannot create the directory"),
        "{alert}"
    );
    let ready = site.visitor().get("/health/ready").await;
    assert_eq!(ready.status, 200);
    assert!(ready.text.ends_with("backup: none yet\nbackup is late\n"), "{}", ready.text);
    std::fs::remove_file(site.backups_dir()).unwrap();
    site.run_due_backup().await;
    assert!(site.backups().is_empty(), "failed backups are not retried every minute");
    site.advance_hours(1);
    site.run_due_backup().await;
    assert_eq!(site.backups().len(), 1);
    assert_eq!(alerts().await, Vec::<String>::new());
    site.advance_hours(60);
    assert!(alerts().await.join(" ").starts_with("The newest backup is 2 days old."));
}

#[actix_web::test]
async fn backup_is_cancelled_on_shutdown_and_leaves_no_file() {
    let site = Site::start().await;
    let layout = app::data_layout(&config(&site.dir, &[])).unwrap();
    let file = site.dir.path().join("site.tar.gz");
    let stop = CancellationToken::new();
    stop.cancel();
    let error = backups::create(&layout, &file, false, site.clock.now(), stop).await.unwrap_err();
    assert!(format!("{error:#}").contains("the site is stopping"), "{error:#}");
    assert_eq!(std::fs::read_dir(site.dir.path()).unwrap().count(), 1, "only the data directory");
}

#[actix_web::test]
async fn backups_can_be_turned_off_or_stored_elsewhere() {
    let site = Site::start_with(&["--backups", "off"]).await;
    site.run_due_backup().await;
    site.advance_hours(100);
    assert!(site.backups().is_empty());
    assert!(site.visitor().get("/health/ready").await.text.ends_with("backup: off\n"));
    let elsewhere = tempfile::tempdir().unwrap();
    let site = Site::start_with(&["--backups", elsewhere.path().join("safe").to_str().unwrap()]).await;
    site.run_due_backup().await;
    assert!(elsewhere.path().join("safe/site-2026-11-22.tar.gz").exists() && site.backups().is_empty());
}
