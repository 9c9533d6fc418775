use immigration_experts::staff::Role;

use crate::support::Site;
use crate::support::feeds::{altered_round, apply, file, import_rounds, new_round, preview, shown_warnings};

#[actix_web::test]
async fn implausible_date_or_number_needs_a_reason() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    // Without other times, so that only the date is implausible.
    let dated = |number: &str, day: &str, full: &str| {
        let others = [("drawDate", day), ("drawDateFull", full), ("drawDateTime", ""), ("drawCutOff", "")];
        new_round(number, &[&others[..], &[("drawDistributionAsOn", day)]].concat())
    };
    for (round, sentence) in [
        (
            dated("448", "2026-10-15", "October 16, 2026"),
            "Draw 448. drawDate is October 15, 2026, but drawDateFull is October 16, 2026. October 15, 2026 is used.",
        ),
        (
            dated("448", "2026-10-15", "October 51, 2026"),
            "Draw 448. drawDateFull is “October 51, 2026”, which is not a date.",
        ),
        (dated("448", "2026-15-10", "October 15, 2026"), "Draw 448. drawDate is “2026-15-10”, which is not a date."),
        (
            dated("448", "2025-10-15", "October 15, 2025"),
            "Draw 448. The draw is dated October 15, 2025, before draw 447 of October 1, 2026, which has the lower number.",
        ),
        (
            dated("448", "2026-11-22", "November 22, 2026"),
            "Draw 448. The draw is dated November 22, 2026, 52 days after draw 447 of October 1, 2026: the longest pause \
             between two draws was 49 days.",
        ),
        (
            dated("449", "2026-10-15", "October 15, 2026"),
            "Draw 449. The number leaves a gap: draw 448 is missing after draw 447.",
        ),
        (
            dated("4480", "2026-10-15", "October 15, 2026"),
            "Draw 4480. The number leaves a gap: draws 448 to 4479 are missing after draw 447.",
        ),
        (dated("447a", "2026-10-15", "October 15, 2026"), "Draw 447a. The number 447 is already used by draw 447."),
        (
            new_round("448", &[("drawSize", "150,000")]),
            "Draw 448. 150,000 invitations are more than in any draw: the largest so far invited 27,332 people.",
        ),
        (
            new_round("448", &[("drawDistributionAsOn", "October 12, 2025")]),
            "Draw 448. The pool is dated October 12, 2025, 368 days before the draw of October 15, 2026.",
        ),
        (
            altered_round("437", &[("drawDate", "2026-08-20"), ("drawDateFull", "August 19, 2026")]),
            "Draw 437. drawDate is August 20, 2026, but drawDateFull is August 19, 2026. August 20, 2026 is used.",
        ),
    ] {
        let page = preview(&publisher, &file(&[round])).await;
        assert!(shown_warnings(&page).contains(&sentence.to_owned()), "{sentence}\n{:?}", shown_warnings(&page));
        assert_eq!(apply(&publisher, &page, "").await.status, 422, "{sentence}");
        assert_eq!(site.count("SELECT count(*) FROM draws").await, 448);
    }
    let page = preview(&publisher, &file(&[dated("449", "2026-10-15", "October 15, 2026")])).await;
    assert_eq!(apply(&publisher, &page, "Draw 448 is not published yet.").await.status, 303);
    // The missing draw fills the gap.
    import_rounds(&publisher, &[dated("448", "2026-10-14", "October 14, 2026")]).await;
}

#[actix_web::test]
async fn manual_draw_is_compared_with_neighbouring_draws() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let draw = |round, date| {
        [
            ("round", round),
            ("date", date),
            ("name", "General"),
            ("invitations", "1,000"),
            ("crs", "500"),
            ("source", "The instruction"),
        ]
    };
    for (round, date, words) in [
        ("450", "2026-10-15", "draws 448 to 449 are missing"),
        ("448", "2026-09-15", "before draw 447 of October 1, 2026"),
    ] {
        let page = publisher.post("/admin/draws/new", &draw(round, date)).await;
        assert_eq!(page.status, 422, "{words}");
        assert!(page.text.contains(words), "{words}");
    }
    assert_eq!(publisher.post("/admin/draws/new", &draw("448", "2026-10-15")).await.status, 303);
}
