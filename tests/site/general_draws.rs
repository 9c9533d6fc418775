//! Occupation and category pages: general draws, and the start of category draws.

use immigration_experts::staff::Role;

use crate::support::Site;

/// Form fields of a new draw.
fn draw<'a>(number: &'a str, date: &'a str, category: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("round", number),
        ("date", date),
        ("name", "As announced"),
        ("category", category),
        ("invitations", "1,000"),
        ("crs", "500"),
        ("source", "The ministerial instruction"),
    ]
}

#[actix_web::test]
async fn occupation_page_lists_draws_since_the_last_general_draw() {
    let site = Site::start().await;
    for (noc, is_listed) in [("41320", false), ("00010", false), ("31301", true), ("72106", true)] {
        let page = site.visitor().get(&format!("/occupations/{noc}")).await;
        assert_eq!(page.first(".answer").starts_with("Yes: on "), is_listed, "{noc}");
        let other = page.first("#other + p");
        assert!(
            other.starts_with(
                "The last general draw, open to all Express Entry programs, was draw 294 on April 23, 2024."
            ),
            "{noc}: {other}"
        );
        assert!(
            other.contains(
                "Since then, up to the latest draw in our record (October 1, 2026), all draws without a category were for provincial nominees (57 draws) and the Canadian Experience Class (42 draws)."
            ),
            "{noc}: {other}"
        );
        assert!(
            other.contains("The category French-language proficiency does not require a particular occupation"),
            "{noc}: {other}"
        );
        assert_eq!(page.attributes("#other + p a", "href"), ["/draws/294", "/categories/french"], "{noc}");
        assert!(!page.text.contains("can still be invited"), "{noc}");
    }
    let unskilled = site.visitor().get("/occupations/75110").await;
    assert!(unskilled.first("main header").contains("Express Entry only counts work experience in TEER 0 to 3"));
    assert_eq!(unskilled.all("#other"), Vec::<String>::new());
}

#[actix_web::test]
async fn occupation_pages_show_the_last_general_draw_on_record() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let other = async || site.visitor().get("/occupations/41320").await.first("#other + p");
    let added = publisher.post("/admin/draws/new", &draw("448", "2026-10-15", "general")).await;
    assert_eq!(added.status, 303, "{}", added.text);
    let text = other().await;
    assert!(text.contains("was draw 448 on October 15, 2026."), "{text}");
    assert!(!text.contains("Since then") && !text.contains("all draws were held"), "there was no later draw: {text}");
    let added = publisher.post("/admin/draws/new", &draw("449", "2026-10-20", "healthcare")).await;
    assert_eq!(added.status, 303, "{}", added.text);
    let text = other().await;
    assert!(text.contains("(October 20, 2026)") && text.contains("all draws were held for a category"), "{text}");
    let added = publisher.post("/admin/draws/new", &draw("450", "2026-10-25", "fst")).await;
    assert_eq!(added.status, 303, "{}", added.text);
    let text = other().await;
    assert!(
        text.contains("Since then, up to the latest draw in our record (October 25, 2026)")
            && text.contains("for the Federal Skilled Trades Program (1 draw)."),
        "{text}"
    );
}

#[actix_web::test]
async fn categories_page_dates_the_law_and_the_announcement() {
    let site = Site::start().await;
    let lead = site.visitor().get("/categories").await.first("p.lead");
    assert!(
        lead.starts_with(
            "Category-based draws have been allowed by law since June 23, 2022. The first categories were announced on May 31, 2023."
        ),
        "{lead}"
    );
    let post = site.visitor().get(crate::support::FIRST_POST).await;
    assert!(post.text.contains("since June 23, 2022"));
}
