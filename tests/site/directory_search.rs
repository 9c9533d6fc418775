//! Occupation search: first result for typical queries; filters and their counts.

use crate::support::{Page, Site, Visitor};

/// Query, and the code of the first result.
const EXPECTED_FIRST: &[(&str, &str)] = &[
    // Titles and parts of titles, singular and plural.
    ("registered nurses", "31301"),
    ("registered nurse", "31301"),
    ("nurse practitioner", "31302"),
    ("licensed practical nurses", "32101"),
    ("dentist", "31110"),
    ("dental hygienist", "32111"),
    ("pharmacists", "31120"),
    ("social worker", "41300"),
    ("civil engineer", "21300"),
    ("mechanical engineers", "21301"),
    ("software engineer", "21231"),
    ("software developer", "21232"),
    ("web developer", "21234"),
    ("data scientist", "21211"),
    ("electrician", "72200"),
    ("industrial electrician", "72201"),
    ("plumbers", "72300"),
    ("carpenter", "72310"),
    ("cook", "63200"),
    ("chef", "62200"),
    ("butcher", "63201"),
    ("secondary school teacher", "41220"),
    ("midwife", "31303"),
    ("midwives", "31303"),
    ("painters and decorators (except interior decorators)", "73112"),
    ("drivers of the transport truck", "73300"),
    // Prefixes of words.
    ("nurs", "31301"),
    ("dent", "31110"),
    ("electric", "72200"),
    ("physiother", "31202"),
    ("reg nur", "31301"),
    ("nutri diet", "31121"),
    ("pharm", "31120"),
    ("software dev", "21232"),
    // French, with and without accents.
    ("infirmier", "31301"),
    ("infirmières autorisées", "31301"),
    ("infirmiere auxiliaire", "32101"),
    ("dentiste", "31110"),
    ("DIÉTÉTISTES", "31121"),
    ("médecin", "31102"),
    ("avocate", "41101"),
    ("comptable", "11100"),
    ("électricien", "72200"),
    ("plombier", "72300"),
    ("soudeur", "72106"),
    ("cuisinière", "63200"),
    ("coiffeuse", "63210"),
    ("camionneur", "73300"),
    ("travailleur social", "41300"),
    ("ingénieur civil", "21300"),
    ("sage-femme", "31303"),
    ("traducteur", "51114"),
    // Synonyms, other spellings, abbreviations.
    ("dietician", "31121"),
    ("counselor", "41301"),
    ("RN", "31301"),
    ("LPN", "32101"),
    ("GP", "31102"),
    ("family doctor", "31102"),
    ("physio", "31202"),
    ("vet", "31103"),
    ("HR manager", "10011"),
    ("IT manager", "20012"),
    ("DBA", "21223"),
    ("QA tester", "22222"),
    ("business analyst", "21221"),
    ("army", "40042"),
    ("uber driver", "75200"),
    ("hairdresser", "63210"),
    ("nanny", "44100"),
    ("secretaries", "13110"),
    ("high school teacher", "41220"),
    ("head nurse", "31300"),
    // Typos of one character.
    ("nruse", "31301"),
    ("pharmcist", "31120"),
    ("phisiotherapist", "31202"),
    ("electrican", "72200"),
    ("carpentter", "72310"),
    ("regstered nurse", "31301"),
    ("plombeir", "72300"),
    // Codes, prefixes of codes, old codes.
    ("31301", "31301"),
    ("NOC 31301", "31301"),
    ("cnp31301", "31301"),
    ("31301 nurse", "31301"),
    ("31301 - Registered nurses", "31301"),
    ("313", "31300"),
    ("NOC 3130", "31300"),
    ("0", "00010"),
    ("۳۱۳۰۱", "31301"),
    ("٣١٣٠١", "31301"),
    ("3012", "31301"),
    ("NOC 2173", "21231"),
    ("2174 web", "21234"),
    ("0213", "20012"),
    // More words than any title has.
    ("registered nurse in Lahore", "31301"),
    ("senior software developer", "21232"),
    ("21231 teacher", "21231"),
];

async fn found(visitor: &Visitor, fields: &[(&str, &str)]) -> Page {
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    let page = visitor.get(&format!("/occupations?{query}")).await;
    assert_eq!(page.status, 200, "{fields:?}");
    page
}

fn codes(page: &Page) -> Vec<String> {
    page.listed_codes()
}

#[actix_web::test]
async fn common_searches_rank_the_expected_occupation_first() {
    let site = Site::start().await;
    let visitor = site.visitor();
    let mut wrong = vec![];
    for (typed, code) in EXPECTED_FIRST {
        let codes = codes(&found(&visitor, &[("q", typed)]).await);
        if codes.first().map(String::as_str) != Some(*code) {
            wrong.push(format!("{typed}: {code} expected, found {:?}", codes.iter().take(4).collect::<Vec<_>>()));
        }
    }
    assert!(wrong.is_empty() && EXPECTED_FIRST.len() >= 60, "{wrong:#?}");
}

#[actix_web::test]
async fn page_shows_how_the_search_was_interpreted() {
    let site = Site::start().await;
    let visitor = site.visitor();
    for (typed, note) in [
        ("nruse", "Nothing matches “nruse”. Showing results for “nurse”."),
        ("regstered nurses", "Nothing matches “regstered nurses”. Showing results for “registered nurses”."),
        (
            "3012",
            "3012 is a NOC 2016 code, “Registered nurses and registered psychiatric nurses”. It is now \
             classified as 31301 Registered nurses and registered psychiatric nurses.",
        ),
        ("21231 teacher", "No occupation matches all of your words. These match some of them."),
        ("nurse lahore", "No occupation matches all of your words. These match some of them."),
    ] {
        assert_eq!(found(&visitor, &[("q", typed)]).await.all(".notice"), [note], "{typed}");
    }
    for typed in ["nurse", "31301", "3130", "rn", "xyzzy", ""] {
        assert_eq!(found(&visitor, &[("q", typed)]).await.all(".notice"), Vec::<String>::new(), "{typed}");
    }
    // Short words are similar to too many others to be corrected.
    assert_eq!(codes(&found(&visitor, &[("q", "rnn")]).await), Vec::<String>::new());
    let old = found(&visitor, &[("q", "2174")]).await;
    assert_eq!(codes(&old), ["21230", "21232", "21234"]);
    assert_eq!(
        old.attributes(".notice a", "href"),
        ["21230", "21232", "21234"].map(|noc| format!("/occupations/{noc}"))
    );
}

#[actix_web::test]
async fn unknown_code_links_to_the_nearest_prefix() {
    let site = Site::start().await;
    let page = found(&site.visitor(), &[("q", "31399")]).await;
    assert_eq!(page.first("[role=status]"), "No occupations found");
    assert_eq!(page.all("main ul a")[0], "4 occupations start with 313");
    assert_eq!(page.attributes("main ul a", "href")[0], "/occupations?q=313");
    assert!(page.attributes("main a", "href").contains(&"/contact".to_owned()));
}

/// Options of a filter with their counts.
fn counts(page: &Page, filter: &str) -> Vec<(String, i64)> {
    let values = page.attributes(&format!("#{filter} option"), "value");
    let labels = page.all(&format!("#{filter} option"));
    let count = |label: &str| label.rsplit_once('(').unwrap().1.trim_end_matches(')').parse().unwrap();
    values.into_iter().zip(labels).skip(1).map(|(value, label)| (value, count(&label))).collect()
}

/// Number of matching occupations in the database.
async fn count_occupations(site: &Site, [teer, broad, category]: [&str; 3]) -> i64 {
    let sql = "SELECT count(*) FROM occupations o
               WHERE (?1 = '' OR teer = CAST(?1 AS INTEGER)) AND (?2 = '' OR broad_category = CAST(?2 AS INTEGER))
                 AND (?3 = '' OR EXISTS (SELECT 1 FROM category_occupations m JOIN category_lists l ON l.id = m.list_id
                                         WHERE m.noc = o.noc AND l.category_key = ?3 AND l.effective_from <= '2026-11-22'
                                           AND coalesce(l.effective_to, '9') >= '2026-11-22'))";
    sqlx::query_scalar(sql)
        .bind(teer)
        .bind(broad)
        .bind(category)
        .fetch_one(site.running.services.db.read())
        .await
        .unwrap()
}

#[actix_web::test]
async fn filter_counts_match_the_filtered_results() {
    let site = Site::start().await;
    let visitor = site.visitor();
    let all = found(&visitor, &[]).await;
    let values = |filter: &str| {
        std::iter::once(String::new())
            .chain(counts(&all, filter).into_iter().map(|(value, _)| value))
            .collect::<Vec<_>>()
    };
    let (teers, broad_categories, categories) = (values("teer"), values("broad"), values("category"));
    assert_eq!((teers.len(), broad_categories.len(), categories.len()), (7, 11, 10), "{categories:?}");
    for teer in &teers {
        for category in &categories {
            let page = found(&visitor, &[("teer", teer), ("category", category)]).await;
            let total = count_occupations(&site, [teer, "", category]).await;
            let expected = match total {
                0 => "No occupations found".to_owned(),
                1 => "1 occupation".to_owned(),
                n => format!("{n} occupations"),
            };
            assert_eq!(page.first("[role=status]"), expected, "{teer} {category}");
            assert_eq!((page.field_value("teer"), page.field_value("category")), (teer.clone(), category.clone()));
            for (broad, count) in counts(&page, "broad") {
                assert_eq!(
                    count,
                    count_occupations(&site, [teer, &broad, category]).await,
                    "{teer} {broad} {category}"
                );
            }
            for (other, count) in counts(&page, "teer") {
                assert_eq!(
                    count,
                    count_occupations(&site, [&other, "", category]).await,
                    "{teer} → {other} {category}"
                );
            }
            for (other, count) in counts(&page, "category") {
                assert_eq!(count, count_occupations(&site, [teer, "", &other]).await, "{teer} {category} → {other}");
            }
        }
    }
}

#[actix_web::test]
async fn filter_links_work_like_the_form_and_can_be_removed() {
    let site = Site::start().await;
    let visitor = site.visitor();
    let page = found(&visitor, &[("q", "nurse")]).await;
    let links = page.attributes("nav.choices a", "href");
    let counts = page.all("nav.choices li .small");
    assert_eq!(links.len(), counts.len());
    for (link, count) in links.iter().zip(&counts) {
        let narrowed = visitor.get(link).await;
        assert!(narrowed.first("[role=status]").starts_with(&format!("{count} occupation")), "{link}");
        assert_eq!(narrowed.field_value("q"), "nurse");
        assert_eq!(
            narrowed.attributes("nav[aria-label='Selected filters'] a", "href"),
            ["/occupations?q=nurse"],
            "{link}"
        );
    }
    let page = visitor.get("/occupations?q=a&teer=1&broad=2&category=stem").await;
    let back = page.attributes("nav[aria-label='Selected filters'] a", "href");
    assert_eq!(
        back,
        [
            "/occupations?q=a&broad=2&category=stem",
            "/occupations?q=a&teer=1&category=stem",
            "/occupations?q=a&teer=1&broad=2"
        ]
    );
}

#[actix_web::test]
async fn search_pagination_shows_each_result_once_and_keeps_the_query() {
    let site = Site::start().await;
    let visitor = site.visitor();
    let (mut all, mut path) = (vec![], "/occupations?q=a&broad=7".to_owned());
    loop {
        let page = visitor.get(&path).await;
        all.extend(codes(&page));
        match page.attributes(".pager a[rel=next]", "href").pop() {
            Some(next) => path = next,
            None => break,
        }
    }
    assert_eq!(path, "/occupations?q=a&broad=7&page=2");
    let mut once = all.clone();
    once.sort();
    once.dedup();
    assert_eq!(once.len(), all.len());
    assert!(all.len() > 50 && all.iter().all(|code| code.starts_with('7')), "{all:?}");
}

#[actix_web::test]
async fn invalid_filters_are_404_and_a_category_without_list_says_so() {
    let site = Site::start().await;
    let visitor = site.visitor();
    for query in
        ["teer=6", "teer=x", "teer=-1", "teer=01", "teer=%D9%A1", "broad=10", "broad=z", "category=magic", "category='"]
    {
        assert_eq!(visitor.get(&format!("/occupations?{query}")).await.status, 404, "{query}");
    }
    let ended = found(&visitor, &[("category", "agriculture")]).await;
    assert_eq!(ended.first("[role=status]"), "No occupations found");
    assert!(ended.first("main > ul").contains("This category has no list in effect."));
    assert!(!counts(&found(&visitor, &[]).await, "category").iter().any(|(key, _)| key == "agriculture"));
}

#[actix_web::test]
async fn category_filter_offers_the_current_categories() {
    let site = Site::start().await;
    site.execute(
        "UPDATE category_lists SET effective_to = '2026-11-22' WHERE category_key = 'stem' AND effective_to IS NULL",
    )
    .await;
    let stem = |page: &Page| counts(page, "category").into_iter().find(|(key, _)| key == "stem");
    assert_eq!(stem(&found(&site.visitor(), &[]).await), Some(("stem".into(), 11)));
    site.advance_hours(24);
    assert_eq!(stem(&found(&site.visitor(), &[]).await), None);
}

#[actix_web::test]
async fn search_accepts_any_text() {
    let site = Site::start().await;
    let visitor = site.visitor();
    let long = ["nurse ".repeat(1700), "x".repeat(10_000), "\u{0301}".repeat(5000), "1".repeat(10_000)];
    let unusual = [
        "\"",
        "'",
        "*",
        "NEAR(",
        "NEAR(nurse, 3)",
        "title_en:nurse",
        "nurse AND",
        "OR",
        "NOT nurse",
        "^nurse",
        "-",
        "--",
        "(",
        "a*b",
        "nurse\"*",
        "%",
        "_",
        "🍁",
        "👩‍⚕️ nurse",
        "نرس",
        "‏31301",
        "护士",
        "\u{301}",
        "nurse\u{0}",
        "a b c d e f g h i j k l m n",
        "é",
        "ß",
        "ﬁ",
        "İ",
        ";;;",
        "{{",
        "<b>",
        "and of the",
        "s",
        "ies",
        "es",
        "wives",
        "1 2 3 4 5",
        "00000 99999",
    ];
    for typed in unusual.into_iter().chain(long.iter().map(String::as_str)) {
        let page = found(&visitor, &[("q", typed)]).await;
        page.assert_no_active_content();
        assert!(page.field_value("q").chars().count() <= 200);
    }
    assert_eq!(codes(&found(&visitor, &[("q", "\"nurse\"*")]).await)[0], "31301");
    assert_eq!(codes(&found(&visitor, &[("q", &long[0])]).await)[0], "31301");
    assert_eq!(visitor.get("/occupations?q=%FF%FE%00").await.status, 200);
}

#[actix_web::test]
async fn synonym_changes_apply_to_searches_at_once() {
    let site = Site::start().await;
    let visitor = site.visitor();
    assert_eq!(codes(&found(&visitor, &[("q", "zorbist")]).await), Vec::<String>::new());
    site.execute("INSERT INTO occupation_synonyms (synonym, noc) VALUES ('zorbist', '53121')").await;
    assert_eq!(codes(&found(&visitor, &[("q", "zorbists")]).await), ["53121"]);
    assert_eq!(codes(&found(&visitor, &[("q", "zrobist")]).await), ["53121"]);
    site.execute("DELETE FROM occupation_synonyms WHERE synonym = 'zorbist'").await;
    assert_eq!(codes(&found(&visitor, &[("q", "zorbist")]).await), Vec::<String>::new());
}
