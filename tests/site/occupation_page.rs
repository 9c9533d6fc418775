//! Occupation pages, and pages of unknown codes.

use crate::support::{FIRST_POST, Site, Visitor};

/// Compressed size of a page and its style sheet, in bytes.
pub async fn transfer_size(visitor: &Visitor, path: &str) -> usize {
    let page = visitor.get(path).await;
    let sheet = page.attributes("link[rel=stylesheet]", "href").remove(0);
    let mut bytes = 0;
    for path in [path, &sheet] {
        let request = visitor.client.get(format!("{}{path}", visitor.base)).header("accept-encoding", "gzip");
        let answer = request.send().await.unwrap();
        assert_eq!(answer.headers()["content-encoding"], "gzip", "{path}");
        bytes += answer.bytes().await.unwrap().len();
    }
    bytes
}

#[actix_web::test]
async fn occupation_explains_its_code_and_lists_other_names() {
    let site = Site::start().await;
    let page = site.visitor().get("/occupations/31301").await;
    let text = page.first("article");
    for part in [
        "TEER 1, the second digit of the code, means work that usually requires a university degree",
        "The first digit is broad category 3, Health occupations. It covers health care for people",
        "Also known as: hospital nurse, ICU nurse,",
        " RN,",
        "3012 Registered nurses and registered psychiatric nurses",
    ] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
    let ask = page.attributes(".actions .apply", "href");
    assert_eq!(
        (page.first(".actions .apply").as_str(), &ask[0]),
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
        assert_eq!(page.all("details tbody th a").len(), rounds.saturating_sub(10), "{noc}");
    }
    let page = site.visitor().get("/occupations/31301").await;
    assert_eq!(page.first("details summary"), "6 earlier draws");
    let last = page.all("tbody tr").pop().unwrap();
    assert_eq!(last, "252June 28, 2023476500Healthcare occupations");
    let newest = page.first("tbody tr");
    assert!(newest.starts_with("441September 4, 20264753,500"), "{newest}");
}

#[actix_web::test]
async fn each_list_shows_the_experience_it_required() {
    let site = Site::start().await;
    let visitor = site.visitor();
    // On two STEM lists, but not on the third.
    let engineer = visitor.get("/occupations/21231").await;
    assert!(engineer.first("#now + p").starts_with("This occupation is not in any current category."));
    assert_eq!(engineer.attributes("#before + ul time", "datetime"), ["2023-05-31", "2025-02-26"]);
    assert!(engineer.first("#before + ul li").contains("At least 6 months"));
    let officer = visitor.get("/occupations/40042").await;
    assert_eq!(officer.all("#now + ul li").len(), 1);
    assert!(officer.first("#now + ul li").contains("ten years of continuous service"));
    let counsellor = visitor.get("/occupations/41320").await;
    assert!(counsellor.first("#before + ul li").contains("6 months of continuous full-time work"));
    let never = visitor.get("/occupations/65311").await;
    assert_eq!(never.all("#before, #draws, table"), Vec::<String>::new());
    assert!(never.first("#now + p").contains("TEER 0 to 3"));
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
