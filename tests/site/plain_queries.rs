//! Queries in site search and occupation directory: TEER levels, invalid codes, accents, typing errors.

use immigration_experts::staff::Role;

use crate::support::{Page, Site};

fn encoded(q: &str) -> String {
    form_urlencoded::byte_serialize(q.as_bytes()).collect()
}

async fn directory(site: &Site, q: &str) -> Page {
    let page = site.visitor().get(&format!("/occupations?q={}", encoded(q))).await;
    assert_eq!(page.status, 200, "{q}");
    page
}

async fn search(site: &Site, q: &str) -> Page {
    let page = site.visitor().get(&format!("/search?q={}", encoded(q))).await;
    assert_eq!(page.status, 200, "{q}");
    page
}

fn codes(page: &Page) -> Vec<String> {
    page.listed_codes()
}

/// NOC codes of the occupations in the search results.
fn found_codes(page: &Page) -> Vec<String> {
    let paths = page.attributes(".results li > a", "href");
    paths.iter().filter_map(|path| path.strip_prefix("/occupations/")).map(str::to_owned).collect()
}

#[actix_web::test]
async fn searching_teer_and_a_level_finds_only_that_level() {
    let site = Site::start().await;
    for (q, levels, total) in [
        ("TEER 1", "1", "97 occupations"),
        ("teer1", "1", "97 occupations"),
        ("FEER 1", "1", "97 occupations"),
        ("TEER 0", "0", "48 occupations"),
        ("TEER 5", "5", "45 occupations"),
        ("TEER 0-5", "012345", "516 occupations"),
        ("TEER 4 or 5", "45", "140 occupations"),
    ] {
        let page = directory(&site, q).await;
        assert_eq!(page.first("[role=status]"), total, "{q}");
        assert!(codes(&page).iter().all(|code| levels.contains(&code[1..2])), "{q}");
        assert!(!page.all("table").join(" ").to_lowercase().contains("truck") || levels.contains('3'), "{q}");
        let found = found_codes(&search(&site, q).await);
        assert!(!found.is_empty() && found.iter().all(|code| levels.contains(&code[1..2])), "{q}: {found:?}");
    }
    for q in ["teer 1 engineer", "engineer, TEER: 1"] {
        let page = directory(&site, q).await;
        let all = codes(&page);
        assert!(all.contains(&"21300".to_owned()) && all.iter().all(|code| code[1..].starts_with('1')), "{q}: {all:?}");
        let found = found_codes(&search(&site, q).await);
        assert!(found.contains(&"21300".to_owned()), "{q}: {found:?}");
        assert!(found.iter().all(|code| code[1..].starts_with('1')), "{q}: {found:?}");
    }
    let page = directory(&site, "TEER 7").await;
    assert_eq!(page.first("[role=status]"), "No occupations found");
    assert!(page.all(".notice").contains(&"TEER levels range from 0 to 5.".to_owned()));
}

#[actix_web::test]
async fn job_bank_code_that_is_not_a_unit_group_is_explained() {
    let site = Site::start().await;
    let groups = ["00011", "00012", "00013", "00014", "00015"];
    for q in ["00018", "NOC 00018"] {
        let page = directory(&site, q).await;
        assert!(page.first(".notice").contains("“Seniors managers – public and private sector”"), "{q}");
        assert_eq!(codes(&page), groups, "{q}");
        let page = search(&site, q).await;
        let linked = page.attributes(".notice a", "href");
        assert_eq!(linked, groups.map(|code| format!("/occupations/{code}")), "{q}");
    }
    let page = site.visitor().get("/occupations/00018").await;
    assert_eq!((page.status, page.first("h1")), (404, "00018 is not a NOC 2021 code".into()));
    assert!(page.first("main").contains("a combination of unit groups"));
    assert_eq!(page.attributes("main ul a", "href"), groups.map(|code| format!("/occupations/{code}")));

    for (code, words) in [
        ("31309", "31309 is not a NOC 2021 code. 4 codes start with 3130"),
        ("99998", "99998 is not a NOC 2021 code. No NOC 2021 code starts with its first two digits."),
    ] {
        let notice = search(&site, code).await.first(".notice");
        assert!(notice.contains(words), "{code}: {notice}");
        let notice = directory(&site, code).await.first(".notice");
        assert!(notice.contains(&format!("{code} is not a NOC 2021 code.")), "{notice}");
    }
}

#[actix_web::test]
async fn synonyms_with_accents_are_found_in_either_case() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let words = [("noc", "31301"), ("synonyms", "Équipière de sœurs")];
    assert_eq!(publisher.post("/admin/occupations/synonyms", &words).await.status, 303);
    for q in [
        "équipière",
        "ÉQUIPIÈRE",
        "equipiere",
        "e\u{301}quipie\u{300}re",
        "sœurs",
        "SŒURS",
        "soeurs",
        "équipière de sœurs",
    ] {
        assert_eq!(codes(&directory(&site, q).await).first().map(String::as_str), Some("31301"), "{q}");
        let page = publisher.get(&format!("/admin/occupations/synonyms?noc={}", encoded(q))).await;
        assert!(page.first("main").contains("31301"), "{q}");
    }
    for q in ["ÉLECTRICIENS", "électriciens", "electriciens"] {
        let page = publisher.get(&format!("/admin/occupations/synonyms?noc={}", encoded(q))).await;
        assert!(page.first("main").contains("72200"), "{q}");
    }
}

#[actix_web::test]
async fn the_site_search_tolerates_a_typing_error() {
    let site = Site::start().await;
    for (q, first, read_as) in [
        ("dentst", "/occupations/31110", "dentist"),
        ("dentl hygienist", "/occupations/32111", "dental hygienist"),
        ("privcy", "/privacy", "privacy"),
        ("plumbre", "/occupations/72300", "plumber"),
    ] {
        let page = search(&site, q).await;
        let found = page.attributes(".results li > a", "href");
        assert_eq!(found.first().map(String::as_str), Some(first), "{q}: {found:?}");
        let notice = page.first(".notice");
        assert_eq!(notice, format!("No results found for “{q}”. Showing results for “{read_as}”."));
    }
    let page = search(&site, "dentist").await;
    assert_eq!(page.all(".notice"), Vec::<String>::new());
}
