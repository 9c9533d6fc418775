//! Site search.

use immigration_experts::staff::Role;

use crate::support::{FIRST_POST, Page, Site};

/// Paths of the results, in order.
fn found(page: &Page) -> Vec<String> {
    page.attributes(".results li > a", "href")
}

async fn search(site: &Site, q: &str) -> Page {
    let q: String = form_urlencoded::byte_serialize(q.as_bytes()).collect();
    let page = site.visitor().get(&format!("/search?q={q}")).await;
    assert_eq!(page.status, 200, "{q}: {}", page.text);
    page.assert_page_layout();
    page
}

#[actix_web::test]
async fn most_relevant_results_come_first() {
    let site = Site::start().await;
    for (q, first) in [
        ("draw 252", "/draws/252"),
        ("252", "/draws/252"),
        ("Round #91a", "/draws/91a"),
        ("healthcare june 2023", "/draws/252"),
        ("June 28, 2023", "/draws/252"),
        ("STEM July 2023", "/draws/254"),
        ("healthcare 476", "/draws/252"),
        ("27,332", "/draws/176"),
        ("۲۵۲", "/draws/252"),
        ("31301", "/occupations/31301"),
        ("NOC 31301", "/occupations/31301"),
        ("registered nurse", "/occupations/31301"),
        ("infirmières autorisées", "/occupations/31301"),
        ("dentist", "/occupations/31110"),
        ("privacy", "/privacy"),
        ("about us", "/about"),
        ("canada invites healthcare workers", FIRST_POST),
    ] {
        assert_eq!(found(&search(&site, q).await).first().map(String::as_str), Some(first), "{q}");
    }
    let nurses = found(&search(&site, "nurse").await);
    let place = |noc: &str| nurses.iter().position(|path| path.ends_with(noc)).unwrap();
    assert!(place("31301") < place("85103"), "a nurse comes before a nursery: {nurses:?}");
    let by_score = found(&search(&site, "476").await);
    assert!(by_score.contains(&"/draws/252".into()) && by_score.contains(&FIRST_POST.into()), "{by_score:?}");
}

#[actix_web::test]
async fn snippets_highlight_search_words_and_show_record_figures() {
    let site = Site::start().await;
    let page = search(&site, "healthcare 476").await;
    assert!(page.all("mark").contains(&"476".to_owned()) && page.all("mark").contains(&"healthcare".to_owned()));
    let text = page.first(".results");
    assert!(text.contains("June 28, 2023: 500 invitations, CRS cut-off 476"), "{text}");
    assert!(text.contains("500 invitations, a CRS cut-off of 476, and 35 eligible healthcare occupations"), "{text}");
    assert!(!page.text.contains("{{"), "{}", page.text);
    let page = search(&site, "60 days to submit").await;
    assert!(page.first(".results p").contains("People who are invited have 60 days to submit a complete application"));
}

#[actix_web::test]
async fn unusual_queries_never_break_the_page() {
    let site = Site::start().await;
    let long = "nurse \"*() ".repeat(900);
    for q in [
        "\"",
        "'",
        "*",
        "nurse*",
        "NEAR(",
        "NEAR(nurse dentist, 5)",
        "a AND",
        "OR",
        "NOT",
        "title:nurse",
        "{title}",
        "-",
        "^x",
        "(((",
        "\\",
        "%",
        "\u{0}",
        "😀",
        "كينيڈا",
        "<script>alert(1)</script>",
        "nurse AND NOT dentist",
        "\"unclosed",
        "-1",
        "99999999999999999999",
        "2023-06-28",
        long.as_str(),
    ] {
        let page = search(&site, q).await;
        assert!(!page.text.contains("<script>"), "{q}");
    }
    let nothing = search(&site, "zzzzqqq").await;
    assert_eq!(found(&nothing), Vec::<String>::new());
    assert!(nothing.first("[role=status]").starts_with("No results found for “zzzzqqq”"));
    assert_eq!(nothing.attributes("main .prose a[href='/contact']", "href").len(), 1, "link to the contact form");
    assert_eq!(nothing.field_value("q"), "zzzzqqq");
    let some = search(&site, "zzzzqqq dentist").await;
    assert!(some.first("[role=status]").contains("No result contains all of your words"));
    assert_eq!(found(&some)[0], "/occupations/31110");
    assert_eq!(search(&site, "").await.all(".results li").len(), 0);
    assert_eq!(site.visitor().get("/search?q=round&page=999").await.status, 404);
}

#[actix_web::test]
async fn search_pagination_keeps_the_query() {
    let site = Site::start().await;
    let page = search(&site, "provincial nominee").await;
    assert_eq!(found(&page).len(), 20);
    assert_eq!(page.attributes(".pager a", "href"), ["/search?q=provincial+nominee&page=2"]);
    let second = site.visitor().get("/search?q=provincial+nominee&page=2").await;
    assert_eq!(second.attributes("ol.results", "start"), ["21"]);
    assert!(found(&second).iter().all(|path| !found(&page).contains(path)));
}

#[actix_web::test]
async fn search_index_follows_post_changes_and_hides_drafts() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let text = |body: &'static str, action: &'static str, version: &'static str| {
        vec![
            ("title", "Snow in Lahore"),
            ("summary", "Weather."),
            ("author", "Test"),
            ("body", body),
            ("action", action),
            ("version", version),
        ]
    };
    let page = publisher.post("/admin/posts/new", &text("Wildebeest.", "save", "")).await;
    let admin_path = page.location().to_owned();
    assert_eq!(found(&search(&site, "wildebeest").await).len(), 0, "a draft");
    assert_eq!(publisher.post(&admin_path, &text("Wildebeest.", "publish", "1")).await.status, 303);
    assert_eq!(found(&search(&site, "wildebeest").await), ["/news/snow-in-lahore"]);
    assert_eq!(publisher.post(&admin_path, &text("Giraffe.", "save", "2")).await.status, 303);
    assert_eq!(found(&search(&site, "wildebeest").await).len(), 0, "edited");
    assert_eq!(found(&search(&site, "giraffe").await).len(), 1);
    assert_eq!(publisher.post(&format!("{admin_path}/withdrawal"), &[]).await.status, 303);
    assert_eq!(found(&search(&site, "giraffe").await).len(), 0, "unpublished");
    assert_eq!(publisher.post(&format!("{admin_path}/publication"), &[]).await.status, 303);
    assert_eq!(found(&search(&site, "giraffe").await).len(), 1);
    assert_eq!(publisher.post(&format!("{admin_path}/trash"), &[]).await.status, 303);
    assert_eq!(found(&search(&site, "giraffe").await).len(), 0, "in the trash");
}

#[actix_web::test]
async fn search_index_follows_draws_and_pages() {
    let site = Site::start().await;
    site.execute("UPDATE draws SET crs = 1199 WHERE round = '252'").await;
    let by_score = found(&search(&site, "1199").await);
    assert_eq!(by_score, ["/draws/252", FIRST_POST], "the draw and the post that mentions it");
    site.execute("INSERT INTO occupation_synonyms (synonym, noc) VALUES ('tooth fairy', '31110')").await;
    assert_eq!(found(&search(&site, "tooth fairy").await), ["/occupations/31110"]);
    site.execute("DELETE FROM occupation_synonyms WHERE synonym = 'tooth fairy'").await;
    assert_eq!(found(&search(&site, "tooth fairy").await).len(), 0);
    site.execute("UPDATE pages SET body = 'Pangolin.' WHERE slug = 'about'").await;
    assert_eq!(found(&search(&site, "pangolin").await), ["/about"]);
}

#[actix_web::test]
async fn large_results_rank_title_matches_then_newest_first() {
    let site = Site::start().await;
    site.execute(
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 600)
         INSERT INTO posts (slug, title, summary, author, state, published_at, created_at, updated_at, body)
         SELECT 'quokka-' || i, iif(i IN (7, 70), 'Quokkas ' || i, 'Animals ' || i), 'News.', 'Test', 'published', '2024-01-01T00:00:00Z',
                '2024-01-01T00:00:00Z', '2024-01-01T00:00:00Z', 'A quokka near round 252.' FROM n",
    )
    .await;
    let page = search(&site, "quokka").await;
    assert_eq!(page.first("[role=status]"), "More than 500 results");
    let first = found(&page);
    assert_eq!(first.len(), 20);
    assert_eq!(first[..4], ["/news/quokka-70", "/news/quokka-7", "/news/quokka-600", "/news/quokka-599"]);
    let mut all = first;
    for number in 2..=25 {
        all.extend(found(&site.visitor().get(&format!("/search?q=quokka&page={number}")).await));
    }
    assert_eq!(all.len(), 500);
    let mut apart = all.clone();
    apart.sort();
    apart.dedup();
    assert_eq!(apart.len(), 500, "each exactly once");
    assert_eq!(all[499], "/news/quokka-103");
    assert_eq!(found(&search(&site, "round 252").await)[0], "/draws/252", "an exact draw number is first");
}
