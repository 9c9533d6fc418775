//! nginx in front of the site.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::external_process::{ExternalProcess, example_config, find_program};
use crate::program::Home;
use crate::proxy_contract::{self, ProxiedSite};

/// Maximum age of a page after a change, plus some margin.
const CACHE_LIFETIME: Duration = Duration::from_secs(65);

/// Site behind nginx, or `None` without nginx. Plain HTTP; TLS has a test of its own.
async fn open(more: &[(&'static str, &str)]) -> Option<ProxiedSite> {
    let nginx = find_program("nginx", "Debian: nginx")?;
    let start = async |home: &Home, site: u16, public_port: u16| {
        let directory = home.dir.path();
        let fitted = example_config(
            "nginx/site.conf",
            &[
                ("server 127.0.0.1:8080;", format!("server 127.0.0.1:{site};")),
                ("/var/cache/nginx/site", directory.join("cache").display().to_string()),
                ("    listen [::]:80;\n", String::new()),
                ("    listen [::]:443 ssl http2;\n", String::new()),
                ("    listen 80;\n", format!("    listen unix:{};\n", directory.join("plain.sock").display())),
                ("listen 443 ssl http2;", format!("listen 127.0.0.1:{public_port};")),
                ("    ssl_certificate     /etc/letsencrypt/live/www.example.com/fullchain.pem;\n", String::new()),
                ("    ssl_certificate_key /etc/letsencrypt/live/www.example.com/privkey.pem;\n", String::new()),
            ],
        );
        let whole = write_nginx_conf(directory, &fitted);
        ExternalProcess::start(Command::new(nginx).arg("-c").arg(whole), directory.join("nginx.log"))
            .wait_until_listening(public_port)
            .await
    };
    let settings = |_| more.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
    Some(ProxiedSite::open(settings, start).await)
}

/// Complete configuration around that of the site; returns its path.
fn write_nginx_conf(directory: &Path, site: &str) -> std::path::PathBuf {
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
async fn pages_are_rendered_once_and_served_to_everyone() {
    let Some(front) = open(&[]).await else { return };
    proxy_contract::pages_are_rendered_once_and_served_to_everyone(&front).await;
    proxy_contract::each_browser_gets_an_encoding_it_accepts(&front).await;
    proxy_contract::concurrent_requests_share_one_rendered_page(&front).await;
}

#[actix_web::test]
async fn private_pages_bypass_the_cache() {
    let Some(front) = open(&[]).await else { return };
    proxy_contract::forms_bypass_the_cache_and_stay_private(&front).await;
    proxy_contract::admin_pages_are_shown_only_to_signed_in_staff(&front).await;
}

#[actix_web::test]
async fn rate_limits_count_visitors_not_the_proxy() {
    let Some(front) = open(&[("FORM_LIMIT", "2")]).await else { return };
    proxy_contract::rate_limits_count_visitors_not_the_proxy(&front).await;
}

#[actix_web::test]
async fn only_uploads_of_pictures_may_be_large() {
    let Some(front) = open(&[]).await else { return };
    proxy_contract::only_uploads_of_pictures_may_be_large(&front).await;
}

#[actix_web::test]
async fn cached_pages_are_served_while_the_site_is_down() {
    let Some(mut front) = open(&[]).await else { return };
    proxy_contract::cached_pages_are_served_while_the_site_is_down(&mut front).await;
}

#[actix_web::test]
async fn published_changes_appear_within_a_minute() {
    let Some(front) = open(&[]).await else { return };
    let (admin, reader) = (front.admin().await, front.visitor_from(8));
    reader.get("/about").await;
    proxy_contract::update_about_page(&admin, "We moved to the second floor.").await;
    assert!(!reader.get("/about").await.text.contains("second floor"), "the page is cached");
    let changed = Instant::now();
    while !reader.get("/about").await.text.contains("second floor") {
        assert!(changed.elapsed() < CACHE_LIFETIME, "the old page is still shown");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

#[test]
fn tls_example_is_valid() {
    let (Some(nginx), Some(openssl)) =
        (find_program("nginx", "Debian: nginx"), find_program("openssl", "Debian: openssl"))
    else {
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let (key, certificate) = (dir.path().join("privkey.pem"), dir.path().join("fullchain.pem"));
    let mut request = Command::new(openssl);
    request.args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]);
    request.args(["-subj", "/CN=www.example.com", "-keyout"]).arg(key).arg("-out").arg(certificate);
    assert!(request.output().unwrap().status.success());
    let own = dir.path().display().to_string();
    let fitted = example_config(
        "nginx/site.conf",
        &[("/etc/letsencrypt/live/www.example.com", own.clone()), ("/var/cache/nginx/site", format!("{own}/cache"))],
    );
    let tried = Command::new(nginx).arg("-t").arg("-c").arg(write_nginx_conf(dir.path(), &fitted)).output().unwrap();
    let errors = String::from_utf8_lossy(&tried.stderr);
    assert!(tried.status.success() && !errors.contains("[warn]"), "{errors}");
}
