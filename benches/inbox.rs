//! How fast the inbox answers at 100,000 inquiries.
//!
//! Run with `cargo bench --bench inbox`. Each page is asked for 100 times over HTTP on one connection, signed in; told are
//! the mean and the slowest of a hundred, for the whole table also its length and what memory it took.

#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs, reason = "a measurement speaks to who asked for it")]

use std::time::{Duration, Instant};

use clap::Parser;
use immigration_experts::app::{self, Running};
use immigration_experts::clock::Clock;
use immigration_experts::config::Settings;
use immigration_experts::mail::{Mailbag, Transport};
use immigration_experts::staff::{self, NewMember, Role};

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    settings: Settings,
}

const INQUIRIES: &str = "
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)
    INSERT INTO inquiries (reference, kind, state, received_at, state_changed_at, receipt_token, form_key, content_hash,
                           name, email, phone, phone_e164, residence, program, occupation, noc, crs, owner_id, message)
    SELECT printf('IE-2026-%06d', i), iif(i % 3, 'apply', 'contact'),
           CASE WHEN i > 99500 THEN 'new' WHEN i % 500 = 0 THEN 'quarantined' WHEN i % 7 = 0 THEN 'closed'
                WHEN i % 60 = 0 THEN 'reading' ELSE 'answered' END,
           strftime('%Y-%m-%dT%H:%M:%SZ', 1795300000 - (100000 - i) * 700, 'unixepoch'), '2026-11-22T08:00:00Z',
           lower(hex(randomblob(16))), '', hex(randomblob(16)),
           CASE i % 5 WHEN 0 THEN 'Zaynab' WHEN 1 THEN 'Bilal' WHEN 2 THEN 'Amina' WHEN 3 THEN 'Omar' ELSE 'Hina' END || ' ' ||
           CASE i % 7 WHEN 0 THEN 'Khan' WHEN 1 THEN 'Malik' WHEN 2 THEN 'Butt' WHEN 3 THEN 'Qureshi' ELSE 'Ahmed' END,
           'visitor' || (i % 60000) || '@example.com', '0300 ' || printf('%07d', i % 70000), '+92300' || printf('%07d', i % 70000),
           'Pakistan', iif(i % 3, 'Express Entry', ''), iif(i % 3, 'nurse', ''), iif(i % 3, iif(i % 10, '31301', '21231'), ''),
           iif(i % 3, 300 + i % 300, NULL), iif(i % 4, NULL, 1),
           'I would like to move to Canada with my family and work as a nurse there. ' ||
           replace(hex(zeroblob(12)), '00', 'How long will it take, and what does it cost to apply now? ')
    FROM n";

const PASSWORD: &str = "a short sentence";

async fn start(dir: &std::path::Path) -> Running {
    let line = ["site", "--bind", "127.0.0.1:0", "--data-dir", dir.to_str().unwrap()];
    let config = Line::parse_from(line).settings.check().unwrap();
    let clock = Clock::standing_at("2026-11-22T09:00:00Z".parse().unwrap());
    app::start(config, clock, Transport::Memory(Mailbag::default())).await.unwrap()
}

/// A browser in which an admin is signed in.
async fn sign_in(site: &Running) -> reqwest::Client {
    let now = "2026-11-22T09:00:00Z".parse().unwrap();
    let new = NewMember { email: "bench@example.com".parse().unwrap(), name: "Bench".into(), role: Role::Admin };
    let mut tx = site.db.begin_write().await.unwrap();
    let id = staff::add(&mut tx, &new, now).await.unwrap().unwrap();
    let path = staff::invite(&mut tx, id, now).await.unwrap();
    tx.commit().await.unwrap();
    let policy = reqwest::redirect::Policy::none();
    let client = reqwest::Client::builder().cookie_store(true).redirect(policy).build().unwrap();
    let password = [("password", PASSWORD)];
    client.post(site.site_address.absolute(&path)).form(&password).send().await.unwrap();
    let fields = [("email", "bench@example.com"), ("password", PASSWORD)];
    client.post(site.site_address.absolute("/admin/sign-in")).form(&fields).send().await.unwrap();
    client
}

/// The most memory this process ever had, in kilobytes.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}

#[actix_web::main]
async fn main() {
    let dir = tempfile::tempdir().unwrap();
    let site = start(dir.path()).await;
    let client = sign_in(&site).await;
    let mut tx = site.db.begin_write().await.unwrap();
    sqlx::raw_sql(INQUIRIES).execute(&mut *tx).await.unwrap();
    tx.commit().await.unwrap();
    for path in [
        "/health",
        "/admin",
        "/admin/inquiries",
        "/admin/inquiries?page=1900",
        "/admin/inquiries?state=new",
        "/admin/inquiries?state=answered&page=900",
        "/admin/inquiries?state=withdrawn",
        "/admin/inquiries?age=24h",
        "/admin/inquiries?owner=me&kind=apply&age=older",
        "/admin/inquiries?program=Express+Entry&category=healthcare",
        "/admin/inquiries?q=zaynab+khan",
        "/admin/inquiries?q=nurse&state=new",
        "/admin/inquiries?q=IE-2026-050000",
        "/admin/inquiries?q=0300+0012345",
        "/admin/inquiries?q=visitor12345@example.com",
        "/admin/inquiries/50000",
        "/admin/inquiries/50000.json",
        "/admin/mail",
    ] {
        let address = site.site_address.absolute(path);
        let mut times: Vec<Duration> = vec![];
        for _ in 0..100 {
            let started = Instant::now();
            client.get(&address).send().await.unwrap().error_for_status().unwrap().bytes().await.unwrap();
            times.push(started.elapsed());
        }
        times.sort();
        let mean = times.iter().sum::<Duration>() / 100;
        println!("{path:<60} mean {mean:>10.1?}   slowest {:>10.1?}", times[99]);
    }
    for path in ["/admin/inquiries.csv", "/admin/inquiries.csv?for=spreadsheet", "/admin/inquiries.csv?q=nurse"] {
        let (before, started) = (peak(), Instant::now());
        let mut answer = client.get(site.site_address.absolute(path)).send().await.unwrap().error_for_status().unwrap();
        let (mut first, mut bytes) = (None, 0);
        while let Some(part) = answer.chunk().await.unwrap() {
            first.get_or_insert_with(|| started.elapsed());
            bytes += part.len();
        }
        let (first, whole, grown) = (first.unwrap(), started.elapsed(), peak() - before);
        println!("{path:<60} first byte {first:.1?}, {bytes} bytes in {whole:.1?}, memory grew by {grown} kB at most");
    }
    site.stop().await.unwrap();
}
