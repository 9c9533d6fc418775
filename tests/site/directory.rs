//! Occupation directory: list, search and filters.

use crate::support::{Page, Site};

/// Occupations of the announcement of June 28, 2023, in its order.
const HEALTHCARE_2023: [&str; 35] = [
    "31112", "31201", "31110", "31121", "41320", "31102", "42203", "31204", "32101", "32201", "33101", "32120",
    "32121", "32122", "33102", "31302", "31300", "31203", "31111", "33109", "32209", "31209", "32109", "32102",
    "33103", "31303", "31202", "31200", "31301", "32103", "31100", "31101", "41301", "32200", "31103",
];

/// Codes in the table of the directory, in order.
fn codes(page: &Page) -> Vec<String> {
    assert_eq!(page.status, 200, "{}", page.path);
    page.listed_codes()
}

#[actix_web::test]
async fn directory_lists_every_occupation_in_pages_of_50() {
    let site = Site::start().await;
    let visitor = site.visitor();
    let (mut all, mut path, mut pages) = (vec![], "/occupations".to_owned(), 0);
    loop {
        let page = visitor.get(&path).await;
        pages += 1;
        assert_eq!(page.first("[role=status]"), "516 occupations");
        assert_eq!(page.first(".pager span"), format!("Page {pages} of 11"));
        let previous = page.attributes(".pager a[rel=prev]", "href");
        let expected = match pages {
            1 => vec![],
            2 => vec!["/occupations".to_owned()],
            n => vec![format!("/occupations?page={}", n - 1)],
        };
        assert_eq!(previous, expected);
        all.extend(codes(&page));
        match page.attributes(".pager a[rel=next]", "href").pop() {
            Some(next) => path = next,
            None => break,
        }
    }
    assert_eq!((pages, all.len()), (11, 516));
    assert!(all.is_sorted() && all[0] == "00010" && all[515] == "95109", "{} {}", all[0], all[515]);
    assert_eq!(visitor.get("/occupations?page=12").await.status, 404);
    assert_ne!(
        visitor.get("/occupations?page=2").await.first("title"),
        visitor.get("/occupations").await.first("title")
    );
}

#[actix_web::test]
async fn occupations_are_found_in_english_and_french_by_word_or_prefix() {
    let site = Site::start().await;
    let visitor = site.visitor();
    for (q, code) in [
        ("dietitians", "31121"),
        ("Diet", "31121"),
        ("DIÉTÉTISTES", "31121"),
        ("dietetistes", "31121"),
        ("die\u{301}te\u{301}tistes", "31121"),
        ("nutri diet", "31121"),
        ("registered nurses", "31301"),
        ("reg nur", "31301"),
        ("infirmières autorisées", "31301"),
        ("infirmieres autorisees", "31301"),
        ("nurses, (psychiatric)", "31301"),
        ("vétér", "31103"),
        ("produits chimiques d’utilité", "95102"),
        ("31301", "31301"),
        ("NOC 31301", "31301"),
        ("noc31301", "31301"),
        ("  31301  ", "31301"),
    ] {
        let page = visitor.get(&format!("/occupations?{}", encoded(&[("q", q)]))).await;
        assert!(codes(&page).contains(&code.to_owned()), "{q}: {:?}", codes(&page));
        assert_eq!(page.field_value("q"), q.trim());
        assert!(codes(&page).len() < 20, "{q} finds {}", codes(&page).len());
    }
    let page = visitor.get("/occupations?q=dietitians").await;
    assert_eq!(codes(&page), ["31121"]);
    assert_eq!(page.first("[role=status]"), "1 occupation");
    assert!(page.first("tbody tr").contains("Dietitians and nutritionists Diététistes et nutritionnistes"));
    assert_eq!(page.attributes("tbody a", "href"), ["/occupations/31121"]);
    assert_eq!(page.all("tbody th a"), ["Dietitians and nutritionists"], "the name is the link");
    assert_eq!(page.all("tbody [lang=fr]"), ["Diététistes et nutritionnistes"]);
    assert_eq!(page.all(".pager"), Vec::<String>::new());
    assert!(page.first("title").starts_with("Occupations matching dietitians"));
}

#[actix_web::test]
async fn word_search_finds_titles_containing_it() {
    let site = Site::start().await;
    let nurses = codes(&site.visitor().get("/occupations?q=nurse").await);
    for code in ["31301", "31302", "32101", "33102"] {
        assert!(nurses.contains(&code.to_owned()), "{nurses:?}");
    }
}

#[actix_web::test]
async fn code_prefix_and_teer_filters_work_alone_and_together() {
    let site = Site::start().await;
    let visitor = site.visitor();
    let page = visitor.get("/occupations?q=3130").await;
    assert_eq!(codes(&page), ["31300", "31301", "31302", "31303"]);
    let senior = ["00010", "00011", "00012", "00013", "00014", "00015"];
    assert_eq!(codes(&visitor.get("/occupations?q=0001").await), senior);
    let page = visitor.get("/occupations?teer=0").await;
    assert!(codes(&page).iter().all(|code| code[1..].starts_with('0')), "{:?}", codes(&page));
    assert_eq!(page.attributes("#teer option[selected]", "value"), ["0"]);
    let total: i64 = site.count("SELECT count(*) FROM occupations WHERE teer = 0").await;
    assert_eq!(page.first("[role=status]"), format!("{total} occupations"));
    let page = visitor.get("/occupations?q=nurs&teer=2").await;
    assert_eq!(codes(&page)[0], "32101");
    assert!(codes(&page).iter().all(|code| code[1..].starts_with('2')), "{:?}", codes(&page));
    assert_eq!(
        (page.field_value("q"), page.attributes("#teer option[selected]", "value")),
        ("nurs".into(), vec!["2".into()])
    );
    assert_eq!(codes(&visitor.get("/occupations?q=31&teer=2").await), Vec::<String>::new());
    let page = visitor.get("/occupations?q=&teer=1").await;
    let next = page.attributes(".pager a[rel=next]", "href");
    assert_eq!(next, ["/occupations?teer=1&page=2"]);
    let second = codes(&visitor.get(&next[0]).await);
    assert!(second.iter().all(|code| code[1..].starts_with('1')) && !second.is_empty(), "{second:?}");
    let page = visitor.get("/occupations?q=et&teer=1").await;
    assert_eq!(page.attributes(".pager a[rel=next]", "href"), ["/occupations?q=et&teer=1&page=2"]);
}

#[actix_web::test]
async fn empty_search_result_offers_other_ways() {
    let site = Site::start().await;
    for query in ["q=xylophonist-astronaut", "q=99", "q=%2A%28%29", "q=dentist&teer=5", "q=%F0%9F%8D%81"] {
        let page = site.visitor().get(&format!("/occupations?{query}")).await;
        assert_eq!(page.status, 200, "{query}");
        page.assert_page_layout();
        assert_eq!(page.first("[role=status]"), "No occupations found", "{query}");
        assert!(page.attributes("main a", "href").contains(&"/contact".to_owned()));
        assert_eq!(page.all("table"), Vec::<String>::new());
    }
}

#[actix_web::test]
async fn occupation_shows_current_and_past_lists_with_dates() {
    let site = Site::start().await;
    let page = site.visitor().get("/occupations/31301").await;
    assert_eq!(page.first("h1"), "Registered nurses and registered psychiatric nurses");
    assert!(page.first("p[lang=fr]").starts_with("Infirmiers autorisés/infirmières autorisées"));
    assert_eq!(page.all("dl.pairs dd"), ["31301", "1"]);
    let now = page.all("#now + ul li");
    assert_eq!(now.len(), 1, "{now:?}");
    assert!(now[0].starts_with("Healthcare and social services occupations, since February 18, 2026."), "{now:?}");
    assert!(now[0].contains("At least 12 months"), "{now:?}");
    assert_eq!(page.attributes("#now + ul time", "datetime"), ["2026-02-18"]);
    assert_eq!(page.attributes("#now + ul a", "href"), ["/categories/healthcare"]);
    let before = page.attributes("#before + ul time", "datetime");
    assert_eq!(before, ["2025-02-27", "2026-02-17", "2023-05-31", "2025-02-26"]);
    assert!(page.all("#before + ul li")[1].contains("At least 6 months"), "{:?}", page.all("#before + ul li"));
    for href in page.attributes("#before + ul a, #now + ul a", "href") {
        let list = site.visitor().get(&href).await;
        assert!(list.attributes("ol.occupations a", "href").contains(&"/occupations/31301".to_owned()), "{href}");
    }
    assert!(page.attributes("main a", "href").contains(&"/apply?occupation=31301".to_owned()));
    assert_eq!(site.visitor().get("/apply?occupation=31301").await.field_value("occupation"), "31301");
}

#[actix_web::test]
async fn occupation_shows_when_it_left_a_list() {
    let site = Site::start().await;
    let page = site.visitor().get("/occupations/41320").await;
    assert_eq!(page.first("h1"), "Educational counsellors");
    assert!(page.first(".answer").starts_with("Not on any list now. "));
    assert_eq!(page.attributes("#before + ul time", "datetime"), ["2023-05-31", "2025-02-26"]);
    let before = page.all("#before + ul li");
    assert!(before[0].starts_with("Healthcare occupations, from May 31, 2023 to February 26, 2025."), "{before:?}");
    let never = site.visitor().get("/occupations/00010").await;
    assert_eq!(never.all("#before"), Vec::<String>::new());
}

#[actix_web::test]
async fn healthcare_list_of_2023_shows_its_35_occupations_in_order() {
    let site = Site::start().await;
    let page = site.visitor().get("/categories/healthcare?version=Version+1").await;
    assert_eq!((page.status, page.first("h1")), (200, "Healthcare occupations".into()));
    assert_eq!(page.first("h2#occupations"), "35 occupations");
    let codes: Vec<String> =
        page.all("ol.occupations .code").iter().map(|code| code.trim_start_matches("NOC ").to_owned()).collect();
    assert_eq!(codes, HEALTHCARE_2023);
    let links: Vec<String> = HEALTHCARE_2023.map(|code| format!("/occupations/{code}")).into();
    assert_eq!(page.attributes("ol.occupations a", "href"), links);
    assert_eq!(page.all("ol.occupations a")[28], "Registered nurses and registered psychiatric nurses");
    assert!(
        page.first(".answer").contains("was in effect from May 31, 2023 to February 26, 2025"),
        "{}",
        page.first(".answer")
    );
    assert!(page.first("article").contains("At least 6 months"));
}

#[actix_web::test]
async fn category_shows_the_current_list_and_links_earlier_ones() {
    let site = Site::start().await;
    let page = site.visitor().get("/categories/healthcare").await;
    assert_eq!(page.first("h1"), "Healthcare and social services occupations");
    assert_eq!(page.first("header.prose strong"), "in effect");
    assert_eq!(page.first("h2#occupations"), "37 occupations");
    assert_eq!(page.all("ol.occupations li").len(), 37);
    assert_eq!(page.first("#versions + ul strong"), "2026-Version 3");
    assert_eq!(page.all("#versions + ul a"), ["Version 2", "Version 1"]);
    for href in page.attributes("#versions + ul a", "href") {
        let older = site.visitor().get(&href).await;
        assert_eq!(older.status, 200, "{href}");
        assert!(!older.all("header.prose strong").contains(&"in effect".to_owned()), "{href}");
        assert!(older.first(".answer").contains("was in effect from"), "{href}");
    }
    let french = site.visitor().get("/categories/french").await;
    assert_eq!((french.status, french.all("ol.occupations").len()), (200, 0));
}

#[actix_web::test]
async fn categories_page_marks_expired_categories() {
    let site = Site::start().await;
    let page = site.visitor().get("/categories").await;
    let all = page.all(".category-rows li");
    assert_eq!(all.len(), 11, "{all:?}");
    let over: Vec<&String> = all.iter().filter(|entry| entry.contains("Ended on")).collect();
    assert_eq!(over.len(), 1, "{all:?}");
    assert!(over[0].starts_with("Agriculture"), "{over:?}");
    for href in page.attributes(".category-rows a", "href") {
        assert_eq!(site.visitor().get(&href).await.status, 200, "{href}");
    }
}

fn encoded(pairs: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}
