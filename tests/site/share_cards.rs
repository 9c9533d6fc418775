//! Pictures for shared links: drawn in the background, stored, and served.

use immigration_experts::staff::Role;

use crate::support::feeds::{altered_round, import_rounds};
use crate::support::{FIRST_POST, Site};

/// Path of the picture that a page names.
async fn card_path(site: &Site, page: &str) -> String {
    let url = site.visitor().get(page).await.attributes("meta[property='og:image']", "content").concat();
    url.strip_prefix(&site.base).unwrap().to_owned()
}

struct Picture {
    caching: String,
    content: Vec<u8>,
}

async fn picture(site: &Site, path: &str) -> Picture {
    let response = reqwest::get(format!("{}{path}", site.base)).await.unwrap();
    let header = |name: &str| response.headers()[name].to_str().unwrap().to_owned();
    assert_eq!((response.status().as_u16(), header("content-type")), (200, "image/png".into()), "{path}");
    assert_eq!(header("cross-origin-resource-policy"), "cross-origin");
    let caching = header("cache-control");
    let content = response.bytes().await.unwrap().to_vec();
    let decoded = image::load_from_memory_with_format(&content, image::ImageFormat::Png).unwrap();
    assert_eq!((decoded.width(), decoded.height()), (1200, 630), "{path}");
    Picture { caching, content }
}

async fn draw_cards(site: &Site) {
    site.running.jobs.run("share cards").await.unwrap();
}

const UNTIL_DRAWN: &str = "public, max-age=60";
const FOREVER: &str = "public, max-age=31536000, immutable";

#[actix_web::test]
async fn a_card_is_drawn_in_the_background_and_survives_a_restart() {
    let site = Site::start().await;
    let path = card_path(&site, FIRST_POST).await;
    let before = picture(&site, &path).await;
    assert_eq!(before.caching, UNTIL_DRAWN);
    assert_eq!(site.count("SELECT count(*) FROM share_cards").await, 0, "serving draws nothing");
    draw_cards(&site).await;
    let drawn = picture(&site, &path).await;
    assert_eq!(drawn.caching, FOREVER);
    assert_ne!(drawn.content, before.content);
    let cards = site.count("SELECT count(*) FROM share_cards").await;
    assert!((1..=5).contains(&cards), "a few at a time: {cards}");
    let dir = site.stop().await;
    let site = Site::start_in(dir, &[]).await;
    assert_eq!(picture(&site, &path).await.content, drawn.content);
}

#[actix_web::test]
async fn every_draw_occupation_and_list_gets_a_card() {
    let site = Site::start().await;
    // Cards of the other draws and occupations are taken as drawn, to save time.
    let pages = ["/draws/252", "/occupations/31301", "/draws", "/"];
    for page in pages {
        let path = card_path(&site, page).await;
        assert_eq!(picture(&site, &path).await.caching, UNTIL_DRAWN, "{page}");
    }
    site.execute("DELETE FROM category_occupations WHERE noc <> '31301'").await;
    let mut runs = 0;
    while site.count("SELECT count(*) FROM share_cards WHERE key = 'noc-31301'").await == 0 {
        draw_cards(&site).await;
        runs += 1;
        assert!(runs < 250, "the cards are never complete");
    }
    for page in pages {
        let path = card_path(&site, page).await;
        assert_eq!(picture(&site, &path).await.caching, FOREVER, "{page}");
    }
}

#[actix_web::test]
async fn a_corrected_figure_gives_the_card_a_new_address_and_picture() {
    let site = Site::start().await;
    let old_path = card_path(&site, "/draws/252").await;
    site.execute("INSERT INTO share_cards (key, hash, content) VALUES ('draw-252', 'old', x'')").await;
    while site.text("SELECT hash FROM share_cards WHERE key = 'draw-252'").await == "old" {
        draw_cards(&site).await;
    }
    let old = picture(&site, &old_path).await;
    let publisher = site.staff(Role::Publisher).await;
    import_rounds(&publisher, &[altered_round("252", &[("drawCRS", "475")])]).await;
    let new_path = card_path(&site, "/draws/252").await;
    assert_ne!(new_path, old_path);
    let meanwhile = picture(&site, &new_path).await;
    assert_eq!((meanwhile.caching.as_str(), &meanwhile.content), (UNTIL_DRAWN, &old.content));
    while picture(&site, &new_path).await.caching == UNTIL_DRAWN {
        draw_cards(&site).await;
    }
    assert_ne!(picture(&site, &new_path).await.content, old.content);
    assert_eq!(picture(&site, &old_path).await.caching, UNTIL_DRAWN, "the old address shows the new picture");
}

#[actix_web::test]
async fn the_card_of_a_removed_post_is_deleted() {
    let site = Site::start().await;
    draw_cards(&site).await;
    let cards = "SELECT count(*) FROM share_cards WHERE key = 'post-1'";
    assert_eq!(site.count(cards).await, 1);
    let publisher = site.staff(Role::Publisher).await;
    assert_eq!(publisher.post("/admin/posts/1/withdrawal", &[]).await.status, 303);
    draw_cards(&site).await;
    assert_eq!(site.count(cards).await, 0);
}

#[actix_web::test]
async fn addresses_that_no_page_names_are_not_found() {
    let site = Site::start().await;
    for path in [
        "/cards/x",
        "/cards/draw-252.png",
        "/cards/draw-252-short.png",
        "/cards/..%2f-0123456789ab.png",
        "/cards/draw_252-0123456789ab.png",
        "/cards/draw-252-0123456789ab.jpg",
    ] {
        assert_eq!(site.visitor().get(path).await.status, 404, "{path}");
    }
}
