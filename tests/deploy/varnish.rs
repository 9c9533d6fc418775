//! Varnish in front of the site.

use std::process::Command;

use crate::caddy;
use crate::external_process::{ExternalProcess, example_config, find_program, free_port};
use crate::program::{Home, until};
use crate::proxy_contract::{self, ProxiedSite};

/// Site behind Varnish, or `None` without Varnish.
async fn open(more: &[(&'static str, &str)]) -> Option<ProxiedSite> {
    let varnishd = find_program("varnishd", "Debian: varnish")?;
    let start = async |home: &Home, site: u16, public_port: u16| {
        let rules = home.dir.path().join("site.vcl");
        let fitted = example_config("varnish/site.vcl", &[(".port = \"8080\"", format!(".port = \"{site}\""))]);
        std::fs::write(&rules, fitted).unwrap();
        let mut command = Command::new(varnishd);
        command.args(["-F", "-j", "none", "-T", "none", "-s", "malloc,64m", "-p", "http_gzip_support=off"]);
        command.arg("-a").arg(format!("127.0.0.1:{public_port}")).arg("-f").arg(rules);
        command.arg("-n").arg(home.dir.path().join("varnish"));
        ExternalProcess::start(&mut command, home.dir.path().join("varnish.log"))
            .wait_until_listening(public_port)
            .await
    };
    let settings = |public_port| {
        let mut settings = vec![("PURGE_URL", format!("http://127.0.0.1:{public_port}/"))];
        settings.extend(more.iter().map(|(name, value)| (*name, (*value).to_owned())));
        settings
    };
    Some(ProxiedSite::open(settings, start).await.wait_until_cached().await)
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
async fn cached_pages_are_served_while_the_site_is_down() {
    let Some(mut front) = open(&[]).await else { return };
    proxy_contract::cached_pages_are_served_while_the_site_is_down(&mut front).await;
}

#[actix_web::test]
async fn published_changes_appear_at_once_and_stale_pages_cover_outages() {
    let Some(mut front) = open(&[]).await else { return };
    let (admin, reader) = (front.admin().await, front.visitor_from(8));
    for words in ["We moved to the second floor.", "We moved to the third floor."] {
        until("a copy", async || proxy_contract::is_hit(&reader.get("/about").await).then_some(())).await;
        proxy_contract::update_about_page(&admin, words).await;
        // Without a purge, the old page would stay for a minute. This waits half as long.
        until("the new page", async || reader.get("/about").await.text.contains(words).then_some(())).await;
    }
    // Out of date, and the site is down.
    let purged = purge(&front, 1, &[]).await;
    front.site.kill();
    assert_eq!(purged, 200);
    let page = reader.get("/about").await;
    assert!(page.status == 200 && page.text.contains("third floor"), "{}: {}", page.status, page.text);
}

#[actix_web::test]
async fn only_the_site_itself_may_purge_pages() {
    let Some(front) = open(&[]).await else { return };
    front.visitor().get("/about").await;
    assert_eq!(purge(&front, 9, &[]).await, 403);
    assert_eq!(purge(&front, 1, &[("x-forwarded-for", "198.51.100.1")]).await, 403, "a forwarded request");
    assert!(proxy_contract::is_hit(&front.visitor().get("/about").await));
    assert_eq!(purge(&front, 1, &[]).await, 200);
    assert!(!proxy_contract::is_hit(&front.visitor().get("/about").await));
}

#[actix_web::test]
async fn client_addresses_are_known_behind_caddy_and_varnish() {
    let Some(caddy) = find_program("caddy", "Debian: caddy") else { return };
    let Some(mut front) = open(&[("FORM_LIMIT", "2")]).await else { return };
    let public_port = free_port();
    let _caddy = caddy::start_plain_http(&caddy, &front.home, front.public_port, public_port).await;
    front.public_port = public_port;
    proxy_contract::rate_limits_count_visitors_not_the_proxy(&front).await;
    front.visitor().get("/privacy").await;
    assert!(proxy_contract::is_hit(&front.visitor().get("/privacy").await));
    assert_eq!(purge(&front, 1, &[]).await, 403, "a request forwarded by Caddy");
}

/// Response of Varnish to a purge from `127.0.0.last`.
async fn purge(front: &ProxiedSite, last: u8, headers: &[(&str, &str)]) -> u16 {
    let visitor = front.visitor_from(last);
    let method = reqwest::Method::from_bytes(b"PURGE").unwrap();
    let request = visitor.client.request(method, format!("{}/", visitor.base)).header("surrogate-key", "pages");
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    request.send().await.unwrap().status().as_u16()
}
