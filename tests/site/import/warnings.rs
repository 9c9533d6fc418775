use immigration_experts::staff::Role;

use crate::support::Site;
use crate::support::feeds::{CORRECTED, altered_round, apply, file, new_round, preview, shown_warnings};

type FeedFields = &'static [(&'static str, &'static str)];

/// Changes of draw 448 that give a warning: fields, rule, text in the preview.
const WARNINGS: [(FeedFields, &str, &str); 9] = [
    (
        &[("drawCutOff", "October 15, 2026 at 10:08:21 UTC")],
        "tie_break_after_draw",
        "The tie-break (October 15, 2026, 10:08:21 a.m. UTC) is later than the draw (October 15, 2026, 10:08:20 a.m. UTC)",
    ),
    (&[("drawCutOff", "October 15, 2025 at 10:08:19 UTC")], "tie_break_old", "is more than 365 days before the draw"),
    (
        &[("drawDateTime", "October 5, 2026 at 10:08:20 UTC"), ("drawCutOff", "October 1, 2026 at 10:08:20 UTC")],
        "days_apart",
        "The draw is dated October 15, 2026, but its time is October 5, 2026, 10:08:20 a.m. UTC: more than a day apart.",
    ),
    (&[("drawDateTime", "October 5, 2025 at 10:08:20 UTC")], "days_apart", "more than a day apart"),
    (&[("dd4", "12,916")], "wrong_sum", "In the pool, 451–500 is given as 73,554, but its parts add up to 73,555."),
    (&[("dd18", "226,858")], "wrong_sum", "In the pool, Total is given as 226,858, but its parts add up to 226,859."),
    (
        &[("drawDistributionAsOn", "October 16, 2026")],
        "pool_after_draw",
        "The pool is dated October 16, 2026, after the draw of October 15, 2026.",
    ),
    (
        &[("drawDateTime", "in the morning")],
        "unreadable",
        "drawDateTime is “in the morning”, which is not a date and time",
    ),
    (&[("dd6", "many")], "unreadable", "dd6 (pool, 471–480) is “many”, which is not a whole number."),
];

#[actix_web::test]
async fn draw_with_a_warning_needs_a_reason_that_is_stored_and_audited() {
    for (others, rule, sentence) in WARNINGS {
        let site = Site::start().await;
        let publisher = site.staff(Role::Publisher).await;
        let page = preview(&publisher, &file(&[new_round("448", others)])).await;
        let lines = page.all(".findings li");
        assert!(
            lines.iter().any(|line| line.starts_with("Draw 448.") && line.contains(sentence)),
            "{sentence}: {lines:?}"
        );
        for reason in ["", "  "] {
            let refused = apply(&publisher, &page, reason).await;
            assert_eq!(refused.status, 422, "{rule}");
            let fault = refused.first("[role=alert]");
            assert!(fault.contains(" no reason.") && fault.contains("Enter a reason for each warning"), "{fault}");
        }
        assert_eq!(site.count("SELECT count(*) FROM draws").await, 448, "{rule}");
        let done = apply(&publisher, &page, "It is so in the <ministerial> instruction.").await;
        assert_eq!(done.status, 303, "{rule}: {}", done.text);
        let actions = "SELECT group_concat(actor || ': ' || subject, char(10)) FROM audit_log
                     WHERE action = 'acknowledged a warning'";
        assert!(
            site.text(actions).await.lines().any(|line| line.starts_with("Test publisher: draw 448: ")
                && line.contains(sentence)
                && line.ends_with(" Reason: It is so in the <ministerial> instruction.")),
            "{rule}: {}",
            site.text(actions).await
        );
        let kept = site
            .text(
                "SELECT group_concat(warning_key || ' ' || reason) FROM draw_acknowledged_warnings WHERE round = '448'",
            )
            .await;
        assert!(
            kept.contains(&format!("{rule}-")) && kept.contains(" It is so in the <ministerial> instruction."),
            "{kept}"
        );
        // An unreadable field is not stored, so that it gives no warning later.
        let lines = publisher.get("/admin/draws").await.all("section[aria-labelledby=warnings] li");
        let of_448: Vec<&String> = lines.iter().filter(|line| line.starts_with("Draw 448:")).collect();
        let is_acknowledged =
            |line: &&&String| line.ends_with("Acknowledged: It is so in the <ministerial> instruction.");
        assert_eq!(of_448.iter().filter(is_acknowledged).count(), of_448.len(), "{of_448:?}");
        assert!(rule == "unreadable" || !of_448.is_empty(), "{rule}: {lines:?}");
        assert_eq!(site.visitor().get("/draws/448").await.status, 200, "{rule}");
        assert_eq!(publisher.get("/admin/draws/448").await.status, 200, "{rule}");
    }
}

#[actix_web::test]
async fn line_copied_from_the_previous_draw_gives_a_warning() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let odd_size = |number| new_round(number, &[("drawSize", "1,507")]);
    let page = preview(&publisher, &file(&[odd_size("449"), odd_size("448")])).await;
    let sentence = "Draw 449. The number of invitations (1,507) is the same as in the previous draw, 448: the row may have been copied by mistake.";
    assert_eq!(shown_warnings(&page), [sentence]);
    assert_eq!(apply(&publisher, &page, "").await.status, 422);
    let page =
        preview(&publisher, &file(&[new_round("449", &[("drawDate", "2026-10-16")]), new_round("448", &[])])).await;
    assert_eq!(page.all(".findings li"), Vec::<String>::new(), "1,500 twice is plausible");
    let page = preview(&publisher, &file(&[new_round("449", &[]), new_round("448", &[])])).await;
    let sentence = "Draw 449. Date, invitations and CRS cut-off are the same as in the previous draw, 448: this may be a duplicate.";
    assert_eq!(shown_warnings(&page), [sentence]);
    assert_eq!(apply(&publisher, &page, "").await.status, 422);
}

#[actix_web::test]
async fn only_changes_that_add_a_warning_need_a_reason() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let page =
        preview(&publisher, &file(&[altered_round("252", &[("drawCutOff", "November 12, 2023 12:47:27 UTC")])])).await;
    assert!(page.first(".findings li").contains("is later than the draw (June 28, 2023, 2:04:34 p.m. UTC)"));
    assert_eq!(apply(&publisher, &page, "").await.status, 422);
    assert_eq!(site.text("SELECT tie_break FROM draws WHERE round = '252'").await, "2022-11-12T12:47:27Z");
    // The subtotals of draw 247 were already wrong.
    let page = preview(&publisher, &file(&[altered_round("247", &[("drawCRS", "484")])])).await;
    assert_eq!(page.all(".findings"), Vec::<String>::new());
    assert_eq!(apply(&publisher, &page, "").await.status, 303);
}

#[actix_web::test]
async fn impossible_figure_rejects_the_whole_file() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    for (round, sentence) in [
        (
            new_round("449", &[("drawCRS", "1500")]),
            "Draw 449. A CRS cut-off of 1500 is not possible: scores range from 1 to 1,200.",
        ),
        (
            new_round("449", &[("drawCRS", "0")]),
            "Draw 449. A CRS cut-off of 0 is not possible: scores range from 1 to 1,200.",
        ),
        (new_round("449", &[("drawSize", "0")]), "Draw 449. A draw invites at least one person."),
        (
            new_round(
                "449",
                &[
                    ("drawDate", "2026-12-01"),
                    ("drawDateTime", ""),
                    ("drawCutOff", ""),
                    ("drawDistributionAsOn", "November 30, 2026"),
                ],
            ),
            "Draw 449. The draw is dated December 1, 2026. The date must be between January 2015 and today.",
        ),
        (
            new_round(
                "449",
                &[
                    ("drawDate", "2006-10-15"),
                    ("drawDateTime", ""),
                    ("drawCutOff", ""),
                    ("drawDistributionAsOn", "October 12, 2006"),
                ],
            ),
            "Draw 449. The draw is dated October 15, 2006. The date must be between January 2015 and today.",
        ),
        (
            altered_round("252", &[("drawCRS", "1,201")]),
            "Draw 252. A CRS cut-off of 1201 is not possible: scores range from 1 to 1,200.",
        ),
    ] {
        let page = preview(&publisher, &file(&[new_round("448", &[]), round])).await;
        assert_eq!(page.all(".findings li"), [sentence]);
        assert_eq!(page.all("main form"), Vec::<String>::new(), "there is no import button");
        assert!(page.first(".alert").starts_with("This file cannot be imported"));
        // Submitting the form anyway is rejected.
        for reason in ["", "I insist."] {
            let refused = publisher.post(&page.path, &[("reason", reason)]).await;
            assert!([409, 422].contains(&refused.status), "{}", refused.status);
        }
        assert_eq!(site.count("SELECT count(*) FROM draws").await, 448, "valid draws are not imported either");
        assert_eq!(site.count(CORRECTED).await, 0);
        assert_eq!(site.count("SELECT crs FROM draws WHERE round = '252'").await, 476);
    }
}

#[actix_web::test]
async fn each_warning_has_its_own_reason() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let late = ("drawCutOff", "October 15, 2026 at 10:08:21 UTC");
    let page = preview(&publisher, &file(&[new_round("448", &[late, ("dd4", "12,916")])])).await;
    let asked = page.attributes(".findings input", "name");
    assert_eq!((asked.len(), shown_warnings(&page).len()), (2, 2));
    let fingerprint = page.field_value("fingerprint");
    let half = [("fingerprint", fingerprint.as_str()), (&asked[0], "The instruction <says> so."), (&asked[1], " ")];
    let refused = publisher.post(&page.path, &half).await;
    assert_eq!(refused.status, 422);
    assert!(refused.first("[role=alert]").starts_with("1 warning has no reason."));
    assert_eq!(refused.field_value(&asked[0]), "The instruction <says> so.", "entered values are kept");
    let whole = [half[0], half[1], (&asked[1], "So in both feeds.")];
    assert_eq!(publisher.post(&page.path, &whole).await.status, 303);
    let lines = publisher.get("/admin/draws").await.all("section[aria-labelledby=warnings] li");
    assert!(
        lines[0].contains("is later than the draw") && lines[0].ends_with("Acknowledged: The instruction <says> so."),
        "{lines:?}"
    );
    assert!(lines[1].contains("add up to") && lines[1].ends_with("Acknowledged: So in both feeds."), "{lines:?}");
    // Other figures give a new warning.
    let page = preview(&publisher, &file(&[new_round("448", &[late, ("dd4", "12,917")])])).await;
    assert_eq!(
        shown_warnings(&page),
        ["Draw 448. In the pool, 451–500 is given as 73,554, but its parts add up to 73,556."]
    );
    assert_eq!(apply(&publisher, &page, "").await.status, 422);
}
