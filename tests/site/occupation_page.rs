//! Occupation pages, and pages of unknown codes.

use crate::support::{FIRST_POST, Site, Visitor};

/// Compressed size of a page and its style sheet, in bytes.
pub async fn transfer_size(visitor: &Visitor, path: &str) -> usize {
    let page = visitor.get(path).await;
    let sheet = page.attributes("link[rel=stylesheet]", "href").remove(0);
    let mut bytes = 0;
    for path in [path, &sheet] {
        let request = visitor.client.get(format!("{}{path}", visitor.base)).header("accept-encoding", "br");
        let answer = request.send().await.unwrap();
        assert_eq!(answer.headers()["content-encoding"], "br", "{path}");
        bytes += answer.bytes().await.unwrap().len();
    }
    bytes
}

#[actix_web::test]
async fn occupation_explains_its_code_and_lists_other_names() {
    let site = Site::start().await;
    let page = site.visitor().get("/occupations/31301").await;
    let text = page.first("main");
    for part in [
        "TEER 1, the second digit of the code, means work that usually requires a university degree",
        "The first digit is broad category 3, Health occupations. It covers health care for people",
        "Also known as: hospital nurse, ICU nurse,",
        " RN,",
        "3012 Registered nurses and registered psychiatric nurses",
    ] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
    let ask = page.attributes(".actions .button", "href");
    assert_eq!(
        (page.first(".actions .button").as_str(), &ask[0]),
        ("Ask about this occupation", &"/apply?occupation=31301".into())
    );
    assert_eq!(site.visitor().get(&ask[0]).await.field_value("occupation"), "31301");
    assert_eq!(page.attributes("#posts + ul a", "href"), [FIRST_POST]);
    assert_eq!(page.all("#posts + ul a"), ["Canada invites 500 healthcare workers in Express Entry draw 252"]);
    let near = page.attributes("#related + ul a", "href");
    assert_eq!(near[..3], ["/occupations/31300", "/occupations/31302", "/occupations/31303"]);
    assert!(near.contains(&"/occupations/32101".to_owned()) && !near.contains(&"/occupations/31301".to_owned()));
}

#[actix_web::test]
async fn occupation_shows_its_draws_newest_first() {
    let site = Site::start().await;
    for (noc, rounds) in [("31301", 16), ("41320", 6), ("21231", 3), ("40042", 1)] {
        let page = site.visitor().get(&format!("/occupations/{noc}")).await;
        let shown = page.all("tbody th a");
        let sql = "SELECT r.round FROM category_draws r JOIN category_occupations m ON m.list_id = r.list_id
                   WHERE m.noc = ? ORDER BY r.date DESC, r.sort_key DESC";
        let held: Vec<String> =
            sqlx::query_scalar(sql).bind(noc).fetch_all(site.running.services.db.read()).await.unwrap();
        assert_eq!(shown, held, "{noc}");
        assert_eq!(shown.len(), rounds, "{noc}: {shown:?}");
        assert_eq!(page.all("main details tbody th a").len(), rounds.saturating_sub(10), "{noc}");
    }
    let page = site.visitor().get("/occupations/31301").await;
    assert_eq!(page.first("main details summary"), "6 earlier draws");
    let last = page.all("tbody tr").pop().unwrap();
    assert_eq!(last, "252June 28, 2023476500 invitedHealthcare");
    let newest = page.first("tbody tr");
    assert!(newest.starts_with("441September 4, 20264753,500 invited"), "{newest}");
}

#[actix_web::test]
async fn each_list_shows_the_experience_it_required() {
    let site = Site::start().await;
    let visitor = site.visitor();
    // On two STEM lists, but not on the third.
    let engineer = visitor.get("/occupations/21231").await;
    assert!(engineer.first(".answer").starts_with("Not on any list now."));
    assert_eq!(engineer.attributes("#before + ul time", "datetime"), ["2023-05-31", "2025-02-26"]);
    assert!(engineer.first("#before + ul li").contains("At least 6 months"));
    let officer = visitor.get("/occupations/40042").await;
    assert_eq!(officer.all("#now + ul li").len(), 1);
    assert!(officer.first("#now + ul li").contains("ten years of continuous service"));
    let counsellor = visitor.get("/occupations/41320").await;
    assert!(counsellor.first("#before + ul li").contains("6 months of continuous full-time work"));
    let never = visitor.get("/occupations/65311").await;
    assert_eq!(never.all("#before, #draws, table"), Vec::<String>::new());
    assert_eq!(never.first(".answer"), "Not on any list now. No list in our record has named this occupation.");
    assert!(
        never.first("main header").contains("only counts work experience in TEER 0 to 3; this occupation is TEER 5.")
    );
}

#[actix_web::test]
async fn list_without_a_draw_says_so() {
    let site = Site::start().await;
    let page = site.visitor().get("/occupations/41201").await;
    assert_eq!(page.first("#draws + p"), "No draws yet");
}

#[actix_web::test]
async fn unknown_code_suggests_similar_occupations() {
    let site = Site::start().await;
    let visitor = site.visitor();
    for (code, offered, first) in [
        ("31399", 4, "/occupations/31300"),
        ("31305", 4, "/occupations/31300"),
        ("3012", 1, "/occupations/31301"),
        ("2173", 2, "/occupations/21231"),
    ] {
        let page = visitor.get(&format!("/occupations/{code}")).await;
        page.assert_page_layout();
        let close = page.attributes("main ul.cards a", "href");
        assert_eq!((page.status, close.len()), (404, offered), "{code}");
        assert_eq!(close.first().map_or("", String::as_str), first, "{code}");
        assert_eq!(page.first("h1"), format!("{code} is not a NOC 2021 code"));
        assert_eq!(page.attributes("meta[name=robots]", "content"), ["noindex"]);
    }
    for code in ["99999", "9999", "3130", "31", "3130a", "313011", "nurse", "٣١٣٠١", "%3Cb%3E", "1"] {
        let page = visitor.get(&format!("/occupations/{code}")).await;
        assert_eq!((page.status, page.first("h1").as_str()), (404, "Page not found"), "{code}");
    }
}

#[actix_web::test]
async fn directory_pages_are_small() {
    let site = Site::start().await;
    let visitor = site.visitor();
    for path in
        ["/occupations", "/occupations?q=a&page=2", "/occupations?teer=1", "/occupations/31301", "/occupations/31102"]
    {
        let weight = transfer_size(&visitor, path).await;
        assert!(weight <= 14 * 1024, "{path} weighs {weight}");
    }
}

/// Answer on the page of an occupation.
async fn answer(site: &Site, noc: &str) -> String {
    site.visitor().get(&format!("/occupations/{noc}")).await.first(".answer")
}

#[actix_web::test]
async fn answer_names_the_current_list_and_its_last_cut_off() {
    let site = Site::start().await;
    assert_eq!(
        answer(&site, "31301").await,
        "Yes: on the Healthcare and social services list since February 18, 2026. Last cut-off 475 (September 4, 2026)."
    );
    let page = site.visitor().get("/occupations/31301").await;
    let version = "/categories/healthcare?version=2026-Version+3";
    assert_eq!(page.attributes(".answer a", "href"), [version, "/draws/441"]);
    assert_eq!(page.all("h1 + .answer").len(), 1, "the answer comes first");
    let description = page.attributes("meta[name=description]", "content").remove(0);
    assert!(description.contains("Yes: on the Healthcare and social services list since February 18, 2026."));
    assert_eq!(
        answer(&site, "41201").await,
        "Yes: on the Researchers with Canadian work experience list since February 18, 2026. No draw yet."
    );
}

#[actix_web::test]
async fn answer_names_each_of_several_lists() {
    let site = Site::start().await;
    let page = site.visitor().get("/occupations/31100").await;
    assert_eq!(page.first(".answer p"), "Yes: on 2 lists now.");
    assert_eq!(
        page.all(".answer li"),
        [
            "On the Healthcare and social services list since February 18, 2026. Last cut-off 475 (September 4, 2026).",
            "On the Physicians with Canadian work experience list since December 8, 2025. Last cut-off 198 (September 3, 2026).",
        ]
    );
}

#[actix_web::test]
async fn answer_names_past_lists_with_their_dates() {
    let site = Site::start().await;
    // Cooks were on the second list of trades only.
    assert_eq!(
        answer(&site, "63200").await,
        "Not on any list now. It was on the Trade list from February 27, 2025 to February 17, 2026. Last cut-off 505 (September 18, 2025)."
    );
    // Educational counsellors were on the first healthcare list only.
    assert_eq!(
        answer(&site, "41320").await,
        format!(
            "Not on any list now. It was on the Healthcare list from May 31, 2023 to February 26, 2025. Last cut-off {}.",
            last_healthcare_cut_off(&site).await
        )
    );
    assert_eq!(answer(&site, "00010").await, "Not on any list now. No list in our record has named this occupation.");
}

/// Last cut-off of the first healthcare list with its date, as text.
async fn last_healthcare_cut_off(site: &Site) -> String {
    let row: (i64, String) = sqlx::query_as(
        "SELECT crs, date FROM draws WHERE category_key = 'healthcare' AND date <= '2025-02-26' ORDER BY sort_key DESC LIMIT 1",
    )
    .fetch_one(site.running.services.db.read())
    .await
    .unwrap();
    let day: jiff::civil::Date = row.1.parse().unwrap();
    format!("{} ({})", row.0, day.strftime("%B %-d, %Y"))
}

#[actix_web::test]
async fn answer_changes_on_the_day_an_occupation_joins_or_leaves_a_list() {
    let site = Site::start().await;
    // The test clock starts on November 22, 2026 at 14:00 in the offices.
    site.execute(
        "UPDATE category_lists SET effective_to = '2026-11-22' WHERE category_key = 'healthcare' AND effective_to IS NULL;
         INSERT INTO category_lists (id, category_key, version, name_en, name_fr, draw_names, effective_from, experience_where,
                                     must_be_continuous, source, confidence, notes)
         VALUES (900, 'healthcare', '2026-Version 4', 'Healthcare and social services occupations', '', '', '2026-11-23', '',
                 '', 'x', 'high', '');
         INSERT INTO category_occupations (list_id, position, noc) VALUES (900, 1, '31301'), (900, 2, '00010')",
    )
    .await;
    let on = |topic: &str, day: &str| format!("Yes: on the {topic} list {day}");
    let until = "from February 18, 2026 to November 22, 2026. Last cut-off 475 (September 4, 2026).";
    let nurse = answer(&site, "31301").await;
    assert!(nurse.starts_with(&on("Healthcare and social services", until)), "{nurse}");
    assert!(
        nurse.ends_with("From November 23, 2026, it will be on the Healthcare and social services list."),
        "{nurse}"
    );
    let legislator = answer(&site, "00010").await;
    assert_eq!(
        legislator,
        "Not on any list now. From November 23, 2026, it will be on the Healthcare and social services list."
    );
    assert!(answer(&site, "31200").await.starts_with("Yes: on the Healthcare"), "the last day counts");
    site.advance_hours(10);
    let nurse = answer(&site, "31301").await;
    assert_eq!(
        nurse,
        on("Healthcare and social services", "since November 23, 2026. Last cut-off 475 (September 4, 2026).")
    );
    assert_eq!(
        answer(&site, "00010").await,
        on("Healthcare and social services", "since November 23, 2026. No draw yet."),
        "earlier draws were not for this occupation"
    );
    let psychologist = answer(&site, "31200").await;
    assert!(
        psychologist.starts_with("Not on any list now. It was on the Healthcare and social services list "),
        "{psychologist}"
    );
    // Three versions without a gap between them are one period.
    assert!(psychologist.contains("from May 31, 2023 to November 22, 2026. Last cut-off 475"), "{psychologist}");
}

#[actix_web::test]
async fn occupation_page_links_others_on_the_same_list_and_its_source() {
    let site = Site::start().await;
    let page = site.visitor().get("/occupations/72106").await;
    assert_eq!(page.all("#related ~ h3"), ["Also on the Trade list"]);
    let same = page.attributes("#related ~ h3 + ul a", "href");
    assert_eq!(same.len(), 5);
    let list = site.visitor().get("/categories/trades").await.attributes("ol.occupations a", "href");
    assert!(same.iter().all(|href| list.contains(href) && href != "/occupations/72106"), "{same:?}");
    assert!(page.attributes("aside a", "href").contains(&"/categories/trades".to_owned()));
    let source = page.first("article .small:last-child");
    assert!(source.starts_with("Figures last checked on August 26, 2026. Sources: "), "{source}");
    let french = page.first("p.french[lang=fr]");
    assert!(!french.is_empty());
}
