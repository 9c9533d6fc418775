//! Caddy with its own certificates.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::external_process::{ExternalProcess, example_config, find_program, free_port};
use crate::program::Home;
use crate::proxy_contract::{self, ProxiedSite};

fn caddy(program: &Path, home: &Path) -> Command {
    let mut command = Command::new(program);
    command.env("HOME", home).env("XDG_DATA_HOME", home).env("XDG_CONFIG_HOME", home);
    command
}

/// The site behind Caddy without TLS. `None` if Caddy is not installed.
async fn open(more: &[(&'static str, &str)]) -> Option<ProxiedSite> {
    let program = find_program("caddy", "Debian: caddy")?;
    let start =
        async |home: &Home, site: u16, public_port: u16| start_plain_http(&program, home, site, public_port).await;
    let settings = |_| more.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
    Some(ProxiedSite::open(settings, start).await)
}

/// Caddy on `public_port`, forwarding to `behind`.
pub async fn start_plain_http(program: &Path, home: &Home, behind: u16, public_port: u16) -> ExternalProcess {
    let changes = [
        ("{\n\tservers {", "{\n\tadmin off\n\tservers {".to_owned()),
        ("www.example.com {", format!("http://127.0.0.1:{public_port} {{")),
        ("reverse_proxy 127.0.0.1:8080", format!("reverse_proxy 127.0.0.1:{behind}")),
    ];
    let file = home.dir.path().join("Caddyfile");
    std::fs::write(&file, example_config("caddy/Caddyfile", &changes)).unwrap();
    run(program, home.dir.path(), file).wait_until_listening(public_port).await
}

fn run(program: &Path, home: &Path, file: PathBuf) -> ExternalProcess {
    let mut command = caddy(program, home);
    command.args(["run", "--adapter", "caddyfile", "--config"]).arg(file);
    ExternalProcess::start(&mut command, home.join("caddy.log"))
}

#[actix_web::test]
async fn every_request_is_passed_on_and_nothing_is_cached() {
    let Some(mut front) = open(&[]).await else { return };
    proxy_contract::each_browser_gets_an_encoding_it_accepts(&front).await;
    proxy_contract::forms_bypass_the_cache_and_stay_private(&front).await;
    proxy_contract::admin_pages_are_shown_only_to_signed_in_staff(&front).await;
    let (visitor, inside) = (front.visitor(), front.direct_visitor());
    for path in proxy_contract::PAGES {
        let (page, own) = (visitor.get(path).await, inside.get(path).await);
        assert!(page.status == 200 && page.text == own.text && page.header("etag") == own.header("etag"), "{path}");
        assert_eq!(visitor.get_with(path, &[("if-none-match", page.header("etag"))]).await.status, 304, "{path}");
    }
    front.site.kill();
    let page = visitor.get("/contact").await;
    assert_eq!((page.status, page.header("cache-control")), (502, "no-store"));
    assert_eq!(page.first("h1"), "Temporarily unavailable");
    front.restart_site().await;
    assert_eq!(visitor.get("/contact").await.status, 200);
}

#[actix_web::test]
async fn only_uploads_of_pictures_may_be_large() {
    let Some(front) = open(&[]).await else { return };
    proxy_contract::only_uploads_of_pictures_may_be_large(&front).await;
}

#[actix_web::test]
async fn rate_limits_count_visitors_not_caddy() {
    let Some(front) = open(&[("FORM_LIMIT", "2")]).await else { return };
    proxy_contract::rate_limits_count_visitors_not_the_proxy(&front).await;
}

#[actix_web::test]
async fn example_serves_https_and_redirects_http_to_it() {
    let (Some(program), Some(curl)) = (find_program("caddy", "Debian: caddy"), find_program("curl", "Debian: curl"))
    else {
        return;
    };
    let (home, site_port, plain, secure) = (Home::new(), free_port(), free_port(), free_port());
    let own = format!(
        "{{\n\tadmin off\n\tlocal_certs\n\tskip_install_trust\n\thttp_port {plain}\n\thttps_port {secure}\n\tdefault_bind 127.0.0.1\n\tservers {{"
    );
    let changes =
        [("{\n\tservers {", own), ("reverse_proxy 127.0.0.1:8080", format!("reverse_proxy 127.0.0.1:{site_port}"))];
    let file = home.dir.path().join("Caddyfile");
    std::fs::write(&file, example_config("caddy/Caddyfile", &changes)).unwrap();
    let bind = format!("127.0.0.1:{site_port}");
    let site = [("BIND", bind.as_str()), ("BASE_URL", "https://www.example.com"), ("TRUSTED_PROXIES", "127.0.0.1")];
    let _site = home.serve(&site).await;
    let _caddy =
        run(&program, home.dir.path(), file).wait_until_listening(secure).await.wait_until_listening(plain).await;
    let ask = |port: u16, scheme: &str| {
        let mut command = Command::new(&curl);
        // The issuer is unknown here, and the certificate may take a moment.
        command.args([
            "-sk",
            "-i",
            "--http1.1",
            "--retry",
            "20",
            "--retry-all-errors",
            "--retry-delay",
            "1",
            "--resolve",
        ]);
        command
            .arg(format!("www.example.com:{port}:127.0.0.1"))
            .arg(format!("{scheme}://www.example.com:{port}/about"));
        String::from_utf8_lossy(&command.output().unwrap().stdout).into_owned()
    };
    let page = ask(secure, "https");
    assert!(page.starts_with("HTTP/1.1 200") && page.to_lowercase().contains("strict-transport-security:"), "{page}");
    let moved = ask(plain, "http");
    assert!(moved.starts_with("HTTP/1.1 308") && moved.contains("Location: https://www.example.com/about"), "{moved}");
}

#[test]
fn example_configuration_is_valid_unchanged() {
    let Some(program) = find_program("caddy", "Debian: caddy") else { return };
    let dir = tempfile::tempdir().unwrap();
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/caddy/Caddyfile");
    let mut command = caddy(&program, dir.path());
    let tried = command.args(["validate", "--adapter", "caddyfile", "--config"]).arg(file).output().unwrap();
    assert!(tried.status.success(), "{}", String::from_utf8_lossy(&tried.stderr));
}
