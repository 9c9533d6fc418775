//! nginx in front of the site.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::front::{self, Front};
use crate::neighbour::{Neighbour, example, find};
use crate::program::Home;

/// As long as a page may be shown after it was changed, and a little.
const A_MINUTE: Duration = Duration::from_secs(65);

/// The site behind nginx, or nothing where there is none. The part for TLS is tried by itself: here it is plain.
async fn open(more: &[(&'static str, &str)]) -> Option<Front> {
    let nginx = find("nginx", "Debian: nginx")?;
    let start = async |home: &Home, site: u16, door: u16| {
        let directory = home.dir.path();
        let fitted = example(
            "nginx/site.conf",
            &[
                ("server 127.0.0.1:8080;", format!("server 127.0.0.1:{site};")),
                ("/var/cache/nginx/site", directory.join("cache").display().to_string()),
                ("    listen [::]:80;\n", String::new()),
                ("    listen [::]:443 ssl http2;\n", String::new()),
                ("    listen 80;\n", format!("    listen unix:{};\n", directory.join("plain.sock").display())),
                ("listen 443 ssl http2;", format!("listen 127.0.0.1:{door};")),
                ("    ssl_certificate     /etc/letsencrypt/live/www.example.com/fullchain.pem;\n", String::new()),
                ("    ssl_certificate_key /etc/letsencrypt/live/www.example.com/privkey.pem;\n", String::new()),
            ],
        );
        let whole = whole(directory, &fitted);
        Neighbour::start(Command::new(nginx).arg("-c").arg(whole), directory.join("nginx.log")).listening(door).await
    };
    let settings = |_| more.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
    Some(Front::open(settings, start).await)
}

/// A whole configuration around that of the site, in files of its own; its path.
fn whole(directory: &Path, site: &str) -> std::path::PathBuf {
    std::fs::write(directory.join("site.conf"), site).unwrap();
    let own = directory.display();
    let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .iter()
        .map(|kind| format!("  {kind}_temp_path {own}/{kind};\n"))
        .collect();
    let path = directory.join("nginx.conf");
    let text = format!(
        "daemon off;\nuser root;\nworker_processes 1;\npid {own}/nginx.pid;\nerror_log stderr warn;\n\
         events {{ worker_connections 512; }}\n\
         http {{\n  access_log off;\n{temporary}  include {own}/site.conf;\n}}\n"
    );
    std::fs::write(&path, text).unwrap();
    path
}

#[actix_web::test]
async fn pages_are_made_once_and_shown_to_everybody() {
    let Some(front) = open(&[]).await else { return };
    front::pages_are_made_once_and_shown_to_everybody(&front).await;
    front::each_browser_gets_the_encoding_it_reads(&front).await;
    front::many_who_ask_at_once_are_answered_by_one_page(&front).await;
}

#[actix_web::test]
async fn what_is_one_persons_passes() {
    let Some(front) = open(&[]).await else { return };
    front::forms_pass_and_nobody_sees_anothers(&front).await;
    front::the_desk_is_shown_to_who_signed_in_alone(&front).await;
}

#[actix_web::test]
async fn the_site_counts_visitors_and_not_the_cache() {
    let Some(front) = open(&[("FORM_LIMIT", "2")]).await else { return };
    front::the_site_counts_visitors_and_not_the_cache(&front).await;
}

#[actix_web::test]
async fn while_the_site_is_down_its_pages_are_shown() {
    let Some(mut front) = open(&[]).await else { return };
    front::while_the_site_is_down_its_pages_are_shown(&mut front).await;
}

#[actix_web::test]
async fn what_is_published_is_seen_within_a_minute() {
    let Some(front) = open(&[]).await else { return };
    let (admin, reader) = (front.admin().await, front.visitor_from(8));
    reader.get("/about").await;
    front::rewrite_about(&admin, "We moved to the second floor.").await;
    assert!(!reader.get("/about").await.text.contains("second floor"), "else there is nothing to wait for");
    let changed = Instant::now();
    while !reader.get("/about").await.text.contains("second floor") {
        assert!(changed.elapsed() < A_MINUTE, "the old page is still shown");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

#[test]
fn the_example_with_tls_is_accepted() {
    let (Some(nginx), Some(openssl)) = (find("nginx", "Debian: nginx"), find("openssl", "Debian: openssl")) else {
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let (key, certificate) = (dir.path().join("privkey.pem"), dir.path().join("fullchain.pem"));
    let mut request = Command::new(openssl);
    request.args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]);
    request.args(["-subj", "/CN=www.example.com", "-keyout"]).arg(key).arg("-out").arg(certificate);
    assert!(request.output().unwrap().status.success());
    let own = dir.path().display().to_string();
    let fitted = example(
        "nginx/site.conf",
        &[("/etc/letsencrypt/live/www.example.com", own.clone()), ("/var/cache/nginx/site", format!("{own}/cache"))],
    );
    let tried = Command::new(nginx).arg("-t").arg("-c").arg(whole(dir.path(), &fitted)).output().unwrap();
    let said = String::from_utf8_lossy(&tried.stderr);
    assert!(tried.status.success() && !said.contains("[warn]"), "{said}");
}
