//! The copies of each night, by a clock that is moved: when they are made, which stay, and who is told when none is.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use immigration_experts::staff::Role;
use immigration_experts::{app, backups};

use crate::support::{Site, config};

impl Site {
    fn copies(&self) -> BTreeSet<String> {
        let Ok(entries) = std::fs::read_dir(self.copies_dir()) else { return BTreeSet::new() };
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    fn copies_dir(&self) -> PathBuf {
        self.dir.path().join("data/backups")
    }
}

fn set<const N: usize>(nights: [&str; N]) -> BTreeSet<String> {
    nights.map(|night| format!("site-{night}.tar.gz")).into()
}

#[actix_web::test]
async fn each_night_has_one_copy_and_a_missed_one_is_made_up_for() {
    // November 22, 2026, 14:00 in the offices.
    let site = Site::start().await;
    site.running.nightly.look_around().await;
    assert_eq!(site.copies(), set(["2026-11-22"]), "a site that is new has one at once");
    site.pass_hours(12);
    site.running.nightly.look_around().await;
    assert_eq!(site.copies(), set(["2026-11-22"]), "it is not half past two yet");
    site.pass_hours(1);
    tokio::join!(site.running.nightly.look_around(), site.running.nightly.look_around());
    assert_eq!(site.copies(), set(["2026-11-22", "2026-11-23"]), "and no half of another");
    site.pass_hours(5 * 24);
    site.running.nightly.look_around().await;
    assert_eq!(site.copies(), set(["2026-11-22", "2026-11-23", "2026-11-28"]));
    let ready = site.visitor().get("/health/ready").await.text;
    assert!(ready.ends_with("backup: newest less than a minute\n"), "{ready}");
    site.pass_hours(2);
    let ready = site.visitor().get("/health/ready").await.text;
    assert!(ready.ends_with("backup: newest 2 hours\n"), "{ready}");
    site.clock.advance(jiff::SignedDuration::from_hours(-2));
    let made = site.running.nightly.last_backup().unwrap();
    assert_eq!(made, site.clock.now(), "when it was made, not when it was due");

    // Read as any other backup is.
    let file = site.copies_dir().join("site-2026-11-28.tar.gz");
    let manifest = backups::read_through(&file, None).unwrap();
    assert_eq!(manifest.made_at, site.clock.now());
    let names: Vec<&str> = manifest.files.iter().map(|file| file.name.as_str()).collect();
    assert_eq!(names, ["site.db", "secret"], "and no copy in a copy");
}

#[actix_web::test]
async fn what_the_rotation_does_not_keep_is_thrown_away_and_nothing_else() {
    let site = Site::start().await;
    std::fs::create_dir(site.copies_dir()).unwrap();
    let odd = ["notes.txt", "mine.tar.gz", "site-2026-1-1.tar.gz"];
    for name in set(["2026-09-01", "2026-09-02", "2026-10-01", "2026-10-17"]).iter().map(String::as_str).chain(odd) {
        std::fs::write(site.copies_dir().join(name), "kept by somebody").unwrap();
    }
    std::fs::create_dir(site.copies_dir().join("site-2026-11-01.tar.gz.part")).unwrap();
    for _ in 0..7 {
        site.running.nightly.look_around().await;
        site.pass_hours(24);
    }
    let mut expected = set([
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
    expected.extend(odd.map(String::from));
    // The first of its week, of which there are not four yet.
    expected.extend(set(["2026-09-01"]));
    assert_eq!(site.copies(), expected);
}

#[actix_web::test]
async fn when_no_copy_can_be_made_staff_and_machines_are_told_why() {
    let site = Site::start().await;
    site.account("writer@example.com", Role::Writer).await;
    // A session does not last as long as a copy may be missing.
    let alarms = async || site.sign_in("writer@example.com").await.get("/admin").await.all(".alarm");
    std::fs::write(site.copies_dir(), "a file where the directory should be").unwrap();
    site.running.nightly.look_around().await;
    assert_eq!(alarms().await, Vec::<String>::new(), "it may be mended by itself");
    site.pass_hours(37);
    site.running.nightly.look_around().await;
    let told = alarms().await.join(" ");
    assert!(told.starts_with("There is no safety copy yet. The last try failed: cannot make the directory"), "{told}");
    let ready = site.visitor().get("/health/ready").await;
    assert_eq!(ready.status, 200);
    assert!(ready.text.ends_with("backup: none yet\nbackup is late\n"), "{}", ready.text);
    std::fs::remove_file(site.copies_dir()).unwrap();
    site.running.nightly.look_around().await;
    assert!(site.copies().is_empty(), "a try costs a whole copy: not every minute");
    site.pass_hours(1);
    site.running.nightly.look_around().await;
    assert_eq!(site.copies().len(), 1);
    assert_eq!(alarms().await, Vec::<String>::new());
    site.pass_hours(60);
    assert!(alarms().await.join(" ").starts_with("The newest safety copy is 2 days old."));
}

#[actix_web::test]
async fn a_copy_under_way_is_given_up_when_the_site_stops_and_leaves_nothing() {
    let site = Site::start().await;
    let place = app::place(&config(&site.dir, &[])).unwrap();
    let file = site.dir.path().join("site.tar.gz");
    let stop = Arc::new(AtomicBool::new(true));
    let given_up = backups::make(&place, &file, false, site.clock.now(), stop).await.unwrap_err();
    assert!(format!("{given_up:#}").contains("the site is stopping"), "{given_up:#}");
    assert_eq!(std::fs::read_dir(site.dir.path()).unwrap().count(), 1, "the data alone");
}

#[actix_web::test]
async fn they_can_be_turned_off_or_put_elsewhere() {
    let site = Site::start_with(&["--backups", "off"]).await;
    site.running.nightly.look_around().await;
    site.pass_hours(100);
    assert!(site.copies().is_empty());
    assert!(site.visitor().get("/health/ready").await.text.ends_with("backup: off\n"));
    let elsewhere = tempfile::tempdir().unwrap();
    let site = Site::start_with(&["--backups", elsewhere.path().join("safe").to_str().unwrap()]).await;
    site.running.nightly.look_around().await;
    assert!(elsewhere.path().join("safe/site-2026-11-22.tar.gz").exists() && site.copies().is_empty());
}
