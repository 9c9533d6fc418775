//! Varnish in front of the site.

use std::process::Command;

use crate::caddy;
use crate::front::{self, Front};
use crate::neighbour::{Neighbour, example, find, free_port};
use crate::program::{Home, until};

/// The site behind Varnish, or nothing where there is none.
async fn open(more: &[(&'static str, &str)]) -> Option<Front> {
    let varnishd = find("varnishd", "Debian: varnish")?;
    let start = async |home: &Home, site: u16, door: u16| {
        let rules = home.dir.path().join("site.vcl");
        let fitted = example("varnish/site.vcl", &[(".port = \"8080\"", format!(".port = \"{site}\""))]);
        std::fs::write(&rules, fitted).unwrap();
        let mut command = Command::new(varnishd);
        command.args(["-F", "-j", "none", "-T", "none", "-s", "malloc,64m", "-p", "http_gzip_support=off"]);
        command.arg("-a").arg(format!("127.0.0.1:{door}")).arg("-f").arg(rules);
        command.arg("-n").arg(home.dir.path().join("varnish"));
        Neighbour::start(&mut command, home.dir.path().join("varnish.log")).listening(door).await
    };
    let settings = |door| {
        let mut settings = vec![("PURGE_URL", format!("http://127.0.0.1:{door}/"))];
        settings.extend(more.iter().map(|(name, value)| (*name, (*value).to_owned())));
        settings
    };
    Some(Front::open(settings, start).await.settled().await)
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
async fn what_is_published_is_seen_at_once_and_an_old_page_is_better_than_none() {
    let Some(mut front) = open(&[]).await else { return };
    let (admin, reader) = (front.admin().await, front.visitor_from(8));
    for words in ["We moved to the second floor.", "We moved to the third floor."] {
        until("a copy", async || front::is_hit(&reader.get("/about").await).then_some(())).await;
        front::rewrite_about(&admin, words).await;
        // It would be a minute without a purge, and this waits for half of one.
        until("the new page", async || reader.get("/about").await.text.contains(words).then_some(())).await;
    }
    // Out of date, and nobody there to ask for another.
    let purged = purge(&front, 1, &[]).await;
    front.site.kill();
    assert_eq!(purged, 200);
    let page = reader.get("/about").await;
    assert!(page.status == 200 && page.text.contains("third floor"), "{}: {}", page.status, page.text);
}

#[actix_web::test]
async fn only_the_site_itself_may_say_that_pages_are_out_of_date() {
    let Some(front) = open(&[]).await else { return };
    front.visitor().get("/about").await;
    assert_eq!(purge(&front, 9, &[]).await, 403);
    assert_eq!(purge(&front, 1, &[("x-forwarded-for", "198.51.100.1")]).await, 403, "passed on by somebody");
    assert!(front::is_hit(&front.visitor().get("/about").await));
    assert_eq!(purge(&front, 1, &[]).await, 200);
    assert!(!front::is_hit(&front.visitor().get("/about").await));
}

#[actix_web::test]
async fn with_caddy_before_it_the_site_still_knows_who_is_asking() {
    let Some(caddy) = find("caddy", "Debian: caddy") else { return };
    let Some(mut front) = open(&[("FORM_LIMIT", "2")]).await else { return };
    let door = free_port();
    let _caddy = caddy::plain(&caddy, &front.home, front.door, door).await;
    front.door = door;
    front::the_site_counts_visitors_and_not_the_cache(&front).await;
    front.visitor().get("/privacy").await;
    assert!(front::is_hit(&front.visitor().get("/privacy").await));
    assert_eq!(purge(&front, 1, &[]).await, 403, "whoever it is, Caddy passed it on");
}

/// What Varnish says to `127.0.0.last`, who says that every page is out of date.
async fn purge(front: &Front, last: u8, headers: &[(&str, &str)]) -> u16 {
    let visitor = front.visitor_from(last);
    let method = reqwest::Method::from_bytes(b"PURGE").unwrap();
    let request = visitor.client.request(method, format!("{}/", visitor.base)).header("surrogate-key", "pages");
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    request.send().await.unwrap().status().as_u16()
}
