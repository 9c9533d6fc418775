//! Public page of a post: contents, figures, terms, correction, sharing.

use immigration_experts::staff::Role;

use crate::occupation_page::transfer_size;
use crate::support::{FIRST_POST, Site, Visitor};

async fn publish(publisher: &Visitor, fields: &[(&str, &str)]) {
    let all = [&[("author", "A writer"), ("summary", "A summary."), ("action", "publish")], fields].concat();
    let page = publisher.post("/admin/posts/new", &all).await;
    assert_eq!(page.status, 303, "{}", page.text);
}

#[actix_web::test]
async fn a_long_post_shows_its_contents_and_reading_time() {
    let site = Site::start().await;
    let page = site.visitor().get(FIRST_POST).await;
    page.assert_page_layout();
    let byline = page.first(".byline");
    assert!(byline.starts_with("By Sheraz · July 4, 2023 ·") && byline.contains(" min read"), "{byline}");
    let sections = page.all(".contents a");
    assert_eq!(sections[..2], ["Draw results", "Who was eligible"]);
    assert!(sections.contains(&"The 35 eligible occupations".to_owned()), "tokens are replaced: {sections:?}");
    for target in page.attributes(".contents a", "href") {
        assert_eq!(page.all(&format!("h2[id='{}']", &target[1..])).len(), 1, "{target}");
    }
    let publisher = site.staff(Role::Publisher).await;
    publish(&publisher, &[("title", "Short news"), ("body", "## One\n\nA.\n\n## Two\n\nB.\n\n## Three\n\nC.")]).await;
    assert!(site.visitor().get("/news/short-news").await.all(".contents").is_empty(), "short posts need none");
}

#[actix_web::test]
async fn the_figures_of_the_draw_and_related_posts_are_beside_the_text() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let body = "It was draw 252 again, with {{draw 252 crs}} points.";
    publish(&publisher, &[("title", "Draw 252, one year on"), ("body", body)]).await;
    publish(&publisher, &[("title", "Same topic"), ("topics", "healthcare"), ("body", "Words.")]).await;
    publish(&publisher, &[("title", "Nothing in common"), ("topics", "weather"), ("body", "Words.")]).await;
    let page = site.visitor().get(FIRST_POST).await;
    assert_eq!(page.all(".beside h3"), ["Draw 252"]);
    assert_eq!(page.all(".beside .score dd"), ["476", "500"]);
    let related = page.all(".beside .links a");
    assert_eq!(related, ["Draw 252, one year on", "Same topic"], "the same draw first");
    let other = site.visitor().get("/news/nothing-in-common").await;
    assert!(other.all("#post-figures, #post-related").is_empty(), "no empty headings");
}

#[actix_web::test]
async fn the_correction_has_a_heading_and_its_date() {
    let site = Site::start().await;
    let page = site.visitor().get(FIRST_POST).await;
    assert_eq!(page.all(".correction h2"), ["Correction"]);
    assert_eq!(page.attributes(".correction", "aria-labelledby"), ["correction"]);
    let day = site.text("SELECT substr(saved_at, 1, 10) FROM post_revisions WHERE post_id = 1").await;
    assert_eq!(page.attributes(".correction time", "datetime"), [day]);
    assert!(page.first(".correction").contains("Added on"));
    assert!(page.attributes(".correction a", "href").contains(&"/corrections".to_owned()));
    let publisher = site.staff(Role::Publisher).await;
    publish(&publisher, &[("title", "No errors"), ("body", "Words.")]).await;
    assert!(site.visitor().get("/news/no-errors").await.all(".correction").is_empty());
}

#[actix_web::test]
async fn terms_are_explained_at_their_first_use() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let body = "## The CRS\n\nA [CRS](/draws) of 500 and an ITA. Another CRS, `CRS` and {{draw 252 crs}}.\n\n{{draw 252 figures}}\n\nTEER 1.";
    publish(&publisher, &[("title", "Terms"), ("body", body)]).await;
    let page = site.visitor().get("/news/terms").await;
    assert_eq!(page.all(".prose abbr"), ["ITA", "CRS", "TEER"]);
    let meanings = page.attributes(".prose abbr", "title");
    assert!(meanings.iter().all(|meaning| meaning.len() > 20), "{meanings:?}");
    assert!(page.text.contains("<a href=\"/draws\" rel=\"noopener\">CRS</a> of 500 and an <abbr"), "{}", page.text);
    assert!(page.text.contains("Another <abbr") && page.text.contains("<code>CRS</code> and 476."));
    assert_eq!(page.all(".terms dt"), ["CRS", "ITA", "TEER", "tie-break"], "also those in the figures");
    let feed = site.visitor().get("/news/feed.atom").await.text;
    assert!(!feed.contains("abbr"), "feeds contain the text as it was written");
}

#[actix_web::test]
async fn a_post_can_be_shared_without_a_script() {
    let site = Site::start_with(&["--base-url", "https://immigration.example"]).await;
    let page = site.visitor().get(FIRST_POST).await;
    let url = format!("https://immigration.example{FIRST_POST}");
    let encoded = "https%3A%2F%2Fimmigration%2Eexample%2Fnews%2Fcanada%2Dinvites";
    let links = page.attributes(".share-links a", "href");
    assert!(
        links[0].starts_with("https://wa.me/?text=Canada%20invites%20500") && links[0].contains(encoded),
        "{links:?}"
    );
    assert!(links[1].starts_with("mailto:?subject=Canada%20invites%20500") && links[1].contains(encoded), "{links:?}");
    assert_eq!(page.attributes("#post-link[readonly]", "value"), [url]);
    assert_eq!(page.all("label[for=post-link]").len(), 1);
}

#[actix_web::test]
async fn the_end_names_the_author_the_licence_holder_and_a_way_to_reach_a_person() {
    let site = Site::start().await;
    let page = site.visitor().get(FIRST_POST).await;
    let end = page.first(".post-end");
    assert!(end.contains("Written by Sheraz for Immigration Experts."), "{end}");
    assert_eq!(page.attributes(".post-end .next-step a[href^='tel:']", "href").len(), 2);
    assert!(page.attributes(".post-end a", "href").contains(&"/contact".to_owned()));
    assert!(!end.contains("Licence"), "no licence is set");
    site.execute("UPDATE site SET licence_name = 'Sara Malik', licence_number = 'R123456'").await;
    let end = site.visitor().get(FIRST_POST).await.first(".post-end");
    assert!(end.contains("Licence holder: Sara Malik") && end.contains("R123456"), "{end}");
}

#[actix_web::test]
async fn posts_and_their_pages_are_small() {
    let site = Site::start().await;
    let visitor = site.visitor();
    for path in [FIRST_POST, "/news", "/follow", "/corrections"] {
        let weight = transfer_size(&visitor, path).await;
        assert!(weight <= 14 * 1024, "{path} weighs {weight}");
    }
}
