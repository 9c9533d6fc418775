//! Data for search engines: JSON-LD, titles, sitemap dates, icons, security.txt.

use immigration_experts::staff::Role;
use serde_json::Value;

use crate::support::feeds::{altered_round, import_rounds};
use crate::support::{FIRST_POST, PUBLIC_PAGES, Page, Site};

/// Things that a page describes, by type.
fn things(page: &Page) -> Vec<Value> {
    let parts = page.text.split("<script type=\"application/ld+json\">").skip(1);
    parts.map(|part| serde_json::from_str(part.split_once("</script>").unwrap().0).unwrap()).collect()
}

fn thing(page: &Page, kind: &str) -> Value {
    let found = things(page).into_iter().find(|thing| thing["@type"] == kind);
    found.unwrap_or_else(|| panic!("no {kind} on {}", page.path))
}

#[actix_web::test]
async fn a_post_is_a_news_article_with_its_corrections() {
    let site = Site::start_with(&["--base-url", "https://immigration.example"]).await;
    let page = site.visitor().get(FIRST_POST).await;
    let article = thing(&page, "NewsArticle");
    assert_eq!(article["@context"], "https://schema.org");
    assert_eq!(article["headline"], page.first("h1"));
    assert_eq!(article["datePublished"], "2023-07-04T09:00:00Z");
    assert!(article["dateModified"].as_str() > article["datePublished"].as_str());
    assert_eq!(article["author"]["@type"], "Person");
    assert_eq!(article["author"]["name"], "Sheraz");
    assert_eq!(article["publisher"]["name"], "Immigration Experts");
    assert_eq!(article["mainEntityOfPage"], format!("https://immigration.example{FIRST_POST}"));
    assert_eq!(article["correction"][0]["@type"], "CorrectionComment");
    let correction = article["correction"][0]["text"].as_str().unwrap();
    assert!(correction.starts_with("The first version of this post") && !correction.contains("**"), "{correction}");
    let crumbs = thing(&page, "BreadcrumbList");
    let names: Vec<&str> =
        crumbs["itemListElement"].as_array().unwrap().iter().map(|item| item["name"].as_str().unwrap()).collect();
    assert_eq!(names[..2], ["Home", "News"]);

    site.advance_hours(30);
    let publisher = site.staff(Role::Publisher).await;
    import_rounds(&publisher, &[altered_round("252", &[("drawCRS", "475")])]).await;
    let article = thing(&site.visitor().get(FIRST_POST).await, "NewsArticle");
    let texts: Vec<&str> =
        article["correction"].as_array().unwrap().iter().map(|one| one["text"].as_str().unwrap()).collect();
    assert!(texts.contains(&"Draw 252: CRS cut-off changed from 476 to 475."), "{texts:?}");
}

#[actix_web::test]
async fn the_company_the_record_and_the_place_of_each_page_are_described() {
    let site = Site::start().await;
    site.execute("UPDATE site SET email = 'office@example.com', licence_name = 'Sara Malik', licence_number = 'R12'")
        .await;
    let visitor = site.visitor();
    for path in ["/", "/contact", "/about"] {
        let business = thing(&visitor.get(path).await, "ProfessionalService");
        assert_eq!(business["name"], "Immigration Experts", "{path}");
        assert_eq!(business["telephone"][0], "+92518439995", "{path}");
        assert_eq!(
            (&business["email"], &business["identifier"]["value"]),
            (&"office@example.com".into(), &"R12".into())
        );
    }
    let dataset = thing(&visitor.get("/draws").await, "Dataset");
    assert_eq!(dataset["temporalCoverage"], "2015-01-31/..");
    assert_eq!(dataset["distribution"][0]["contentUrl"], format!("{}/draws.csv", site.base));
    assert!(things(&visitor.get("/draws?year=2023").await).is_empty(), "a part of the record is no dataset of its own");
    for (path, list) in
        [("/draws/252", "/draws"), ("/occupations/31301", "/occupations"), ("/categories/healthcare", "/categories")]
    {
        let page = visitor.get(path).await;
        let crumbs = thing(&page, "BreadcrumbList");
        let items = crumbs["itemListElement"].as_array().unwrap();
        assert_eq!(items.len(), 3, "{path}");
        assert_eq!(
            (&items[1]["item"], &items[2]["item"]),
            (&format!("{}{list}", site.base).into(), &format!("{}{path}", site.base).into())
        );
        assert_eq!(items[2]["position"], 3);
    }
}

#[actix_web::test]
async fn structured_data_is_valid_and_never_questions_and_answers() {
    /// Terms of schema.org that the site uses, each with its properties.
    const TERMS: [(&str, &[&str]); 11] = [
        (
            "NewsArticle",
            &[
                "author",
                "correction",
                "dateModified",
                "datePublished",
                "description",
                "headline",
                "image",
                "inLanguage",
                "keywords",
                "mainEntityOfPage",
                "publisher",
                "url",
            ],
        ),
        (
            "ProfessionalService",
            &["address", "description", "email", "identifier", "name", "sameAs", "telephone", "url"],
        ),
        ("BreadcrumbList", &["itemListElement"]),
        ("ListItem", &["item", "name", "position"]),
        (
            "Dataset",
            &[
                "creator",
                "description",
                "distribution",
                "isAccessibleForFree",
                "isBasedOn",
                "name",
                "spatialCoverage",
                "temporalCoverage",
                "url",
                "variableMeasured",
            ],
        ),
        ("DataDownload", &["contentUrl", "encodingFormat"]),
        ("CorrectionComment", &["datePublished", "text"]),
        ("Person", &["name"]),
        ("Organization", &["name", "url"]),
        ("PropertyValue", &["name", "url", "value"]),
        ("FAQPage", &[]),
    ];
    fn check(value: &Value, path: &str) {
        match value {
            Value::Object(fields) => {
                let kind = fields["@type"].as_str().unwrap();
                assert_ne!(kind, "FAQPage", "{path}");
                let (_, known) =
                    TERMS.iter().find(|(name, _)| *name == kind).unwrap_or_else(|| panic!("{path}: {kind}"));
                for (name, value) in fields {
                    assert!(name.starts_with('@') || known.contains(&name.as_str()), "{path}: {kind} has no {name}");
                    check(value, path);
                }
            }
            Value::Array(items) => items.iter().for_each(|item| check(item, path)),
            _ => {}
        }
    }
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let title = "</script><script>alert(1)</script> & <b>";
    let fields = [
        ("title", title),
        ("summary", title),
        ("author", title),
        ("body", "Words."),
        ("slug", "hostile"),
        ("action", "publish"),
    ];
    assert_eq!(publisher.post("/admin/posts/new", &fields).await.status, 303);
    let visitor = site.visitor();
    for path in PUBLIC_PAGES.into_iter().chain(["/news/hostile"]) {
        let page = visitor.get(path).await;
        page.assert_no_active_content();
        things(&page).iter().for_each(|thing| check(thing, path));
    }
    assert_eq!(thing(&visitor.get("/news/hostile").await, "NewsArticle")["headline"], title);
}

#[actix_web::test]
async fn every_page_has_a_title_and_a_picture_for_shared_links() {
    let site = Site::start().await;
    let visitor = site.visitor();
    for path in PUBLIC_PAGES {
        let page = visitor.get(path).await;
        let meta = |name: &str| page.attributes(&format!("meta[property='og:{name}']"), "content");
        assert_eq!((meta("title").len(), meta("description").len(), meta("url").len()), (1, 1, 1), "{path}");
        assert_eq!(
            (meta("image:width"), meta("image:height")),
            (vec!["1200".to_owned()], vec!["630".to_owned()]),
            "{path}"
        );
        assert!(
            meta("image")[0].starts_with(&format!("{}/cards/", site.base)) && !meta("image:alt")[0].is_empty(),
            "{path}"
        );
        assert_eq!(page.attributes("meta[name='twitter:card']", "content"), ["summary_large_image"], "{path}");
        assert!(page.attributes("link[hreflang]", "href").is_empty(), "{path}: one language needs none");
        let description = page.attributes("meta[name=description]", "content").concat();
        assert!((50..=320).contains(&description.chars().count()), "{path}: {description}");
    }
}

/// Last change of a page in the sitemap.
async fn changed(site: &Site, path: &str) -> String {
    let map = site.visitor().get("/sitemap.xml").await.text;
    let entry = map.split("<url>").find(|entry| entry.starts_with(&format!("<loc>{}{path}</loc>", site.base)));
    let entry = entry.unwrap_or_else(|| panic!("no {path}"));
    entry.split_once("<lastmod>").map_or("", |(_, rest)| rest.split_once('<').unwrap().0).to_owned()
}

#[actix_web::test]
async fn the_sitemap_tells_when_each_page_changed() {
    let site = Site::start().await;
    let (post, draw, other) =
        (changed(&site, FIRST_POST).await, changed(&site, "/draws/252").await, changed(&site, "/draws/251").await);
    assert!(post.ends_with('Z') && draw.ends_with('Z'), "{post} {draw}");
    assert!(changed(&site, "/occupations/31301").await.starts_with("202"));
    assert_eq!(changed(&site, "/contact").await, "", "not recorded");
    site.advance_hours(30);
    let publisher = site.staff(Role::Publisher).await;
    import_rounds(&publisher, &[altered_round("252", &[("drawCRS", "475")])]).await;
    let corrected = changed(&site, "/draws/252").await;
    assert!(corrected > draw, "{corrected}");
    assert_eq!(changed(&site, FIRST_POST).await, corrected, "a figure in the post has changed");
    assert_eq!(changed(&site, "/draws/251").await, other);
    assert_eq!(changed(&site, "/draws").await, corrected);
    let updated = site.visitor().get("/news/feed.atom").await.first("entry > updated");
    assert_eq!(updated, corrected, "as in the feed");
}

#[actix_web::test]
async fn a_small_site_needs_no_sitemap_index() {
    let site = Site::start().await;
    let visitor = site.visitor();
    assert!(visitor.get("/sitemap.xml").await.text.contains("<urlset "));
    for path in ["/sitemap-1.xml", "/sitemap-0.xml", "/sitemap-01.xml", "/sitemap-x.xml"] {
        assert_eq!(visitor.get(path).await.status, 404, "{path}");
    }
}

#[actix_web::test]
async fn a_large_site_has_a_sitemap_index() {
    let site = Site::start().await;
    site.execute(
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9500)
         INSERT INTO posts (slug, title, summary, author, state, published_at, created_at, updated_at, body)
         SELECT 'post-' || i, 'Post', 'S', 'A', 'published', '2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z',
                '2026-01-02T00:00:00Z', 'Words' FROM n",
    )
    .await;
    let visitor = site.visitor();
    let index = visitor.get("/sitemap.xml").await.text;
    assert!(index.contains("<sitemapindex ") && index.matches("<sitemap><loc>").count() == 2, "{index}");
    let parts = [visitor.get("/sitemap-1.xml").await.text, visitor.get("/sitemap-2.xml").await.text];
    assert_eq!(parts[0].matches("<url>").count(), 10_000);
    assert!(parts[1].matches("<url>").count() > 400);
    assert_eq!(visitor.get("/sitemap-3.xml").await.status, 404);
}

#[actix_web::test]
async fn icons_and_the_manifest_exist() {
    let site = Site::start().await;
    let visitor = site.visitor();
    let icon = visitor.get("/favicon.ico").await;
    assert_eq!((icon.status, icon.header("content-type")), (200, "image/x-icon"));
    let page = visitor.get("/").await;
    let touch = page.attributes("link[rel='apple-touch-icon']", "href").concat();
    assert_eq!(visitor.get(&touch).await.header("content-type"), "image/png");
    let manifest = visitor.get(&page.attributes("link[rel=manifest]", "href").concat()).await;
    let manifest: Value = serde_json::from_str(&manifest.text).unwrap();
    assert_eq!(manifest["name"], "Immigration Experts");
    for icon in manifest["icons"].as_array().unwrap() {
        let response = reqwest::get(format!("{}{}", site.base, icon["src"].as_str().unwrap())).await.unwrap();
        let picture = image::load_from_memory(&response.bytes().await.unwrap()).unwrap();
        assert_eq!(icon["sizes"], format!("{}x{}", picture.width(), picture.height()));
    }
}

#[actix_web::test]
async fn security_txt_names_a_contact_and_expires_within_a_year() {
    let site = Site::start().await;
    let text = site.visitor().get("/.well-known/security.txt").await.text;
    assert!(text.contains(&format!("Contact: {}/contact\n", site.base)), "{text}");
    let expires = text.lines().find_map(|line| line.strip_prefix("Expires: ")).unwrap();
    let expires: jiff::Timestamp = expires.parse().unwrap();
    let days = (expires - site.running.services.clock.now()).total(jiff::Unit::Hour).unwrap() / 24.0;
    assert!((150.0..365.0).contains(&days), "{days}");
    site.execute("UPDATE site SET email = 'office@example.com'").await;
    let text = site.visitor().get("/.well-known/security.txt").await.text;
    assert!(text.contains("Contact: mailto:office@example.com\n"), "{text}");
}
