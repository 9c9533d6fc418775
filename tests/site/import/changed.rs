use immigration_experts::staff::Role;

use crate::support::feeds::{
    altered_round, apply, changes, file, import_rounds, new_round, preview, published, shown_warnings,
};
use crate::support::{FIRST_POST, Site, Visitor, assert_well_formed};

const SOURCE: &str = "The government’s file of draws, imported on November 23, 2026";

/// Invented changes of draw 252.
const CHANGED_FIELDS: [(&str, &str); 3] =
    [("drawSize", "501"), ("drawCRS", "475"), ("drawCutOff", "November 13th, 2022 at 12:47:27 UTC")];

#[actix_web::test]
async fn changed_figure_is_previewed_and_updates_every_page_at_once() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let visitor = site.visitor();
    let feed_before = visitor.get("/news/feed.atom").await.first("feed > updated");
    site.advance_hours(24);
    let publisher_again = site.sign_in("publisher@example.com").await;
    drop(publisher);
    let publisher = publisher_again;
    let page = preview(&publisher, &file(&[altered_round("252", &CHANGED_FIELDS), published("255")])).await;
    assert_eq!(page.first(".lead"), "0 new draws, 1 changed draw (252), 1 unchanged.");
    assert_eq!(
        changes(&page),
        [
            "252published number of invitations500501changes: possibly back to an older value",
            "252CRS cut-off476475changes: possibly back to an older value",
            "252tie-breakNovember 12, 2022, 12:47:27 p.m. UTCNovember 13, 2022, 12:47:27 p.m. UTCchanges: possibly back to an older value",
        ]
    );
    assert_eq!(
        page.all("section[aria-labelledby=posts] li"),
        ["Canada invites 500 healthcare workers in Express Entry draw 252 published · 252"]
    );
    assert_eq!(visitor.get("/draws/252").await.all("dl.score dd")[..2], ["500", "476"], "nothing has changed yet");
    assert_eq!(apply(&publisher, &page, "").await.status, 303);

    let kept = "SELECT group_concat(concat_ws('|', field, before, after, corrected_at, corrected_by, source), char(10))
                FROM draw_corrections WHERE round = '252'";
    let by = format!("2026-11-23T09:00:00Z|Test publisher|{SOURCE}");
    assert_eq!(
        site.text(kept).await.lines().collect::<Vec<_>>(),
        [
            format!("invitations|500|501|{by}"),
            format!("crs|476|475|{by}"),
            format!("tie_break|2022-11-12T12:47:27Z|2022-11-13T12:47:27Z|{by}"),
        ]
    );
    let texts = [
        "published number of invitations changed from 500 to 501.",
        "CRS cut-off changed from 476 to 475.",
        "tie-break changed from November 12, 2022, 12:47:27 p.m. UTC to November 13, 2022, 12:47:27 p.m. UTC.",
    ];
    let round = visitor.get("/draws/252").await;
    let expected = texts.map(|words| format!("Corrected on November 23, 2026: {words} {SOURCE}."));
    assert_eq!(round.all("aside.correction p"), expected);
    assert_eq!(
        round.all("dl.score dd"),
        ["501", "475", "June 28, 2023, 2:04:34 p.m. UTC", "November 13, 2022, 12:47:27 p.m. UTC"]
    );

    let title = "Canada invites 501 healthcare workers in Express Entry draw 252";
    let post = visitor.get(FIRST_POST).await;
    post.assert_page_layout();
    assert_eq!(post.first("h1"), title);
    let expected = texts.map(|words| format!("Corrected on November 23, 2026: draw 252, {words} {SOURCE}."));
    let notes = post.all("aside.correction p:not(.small)");
    assert_eq!(notes[notes.len() - 3..], expected);
    assert!(post.first(".byline").contains("updated November 23, 2026"), "{}", post.first(".byline"));
    assert!(post.first(".lead").contains("501 invitations, a CRS cut-off of 475"), "{}", post.first(".lead"));
    assert_eq!(post.all("dl.score dd")[..2], ["501", "475"]);
    assert!(post.first("title").starts_with(title));
    assert!(visitor.get("/news").await.all(".teaser h2").contains(&title.to_owned()));
    assert!(visitor.get("/").await.text.contains(title));
    assert!(round.all("#posts + ul a").contains(&title.to_owned()));
    let feed = visitor.get("/news/feed.atom").await;
    assert_well_formed(&feed.text);
    assert_eq!(feed.first("entry title"), title);
    assert_ne!(feed_before, "2026-11-23T09:00:00Z");
    assert_eq!(
        (feed.first("feed > updated"), feed.first("entry updated")),
        ("2026-11-23T09:00:00Z".into(), "2026-11-23T09:00:00Z".into())
    );
    assert_eq!(feed.first("entry published"), "2023-07-04T09:00:00Z");
    let later = visitor.get("/draws/255").await;
    assert!(later.first("#before ~ dl.pairs").contains("from 475"), "computed values change, too");
    assert_eq!(publisher.get("/admin/draws/252").await.all("main > ul.rows:last-of-type li").len(), 3);
}

#[actix_web::test]
async fn older_file_does_not_undo_our_corrections() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    correct_by_hand(&publisher, "252", &[("crs", "475"), ("invitations", "501")]).await;
    let page = preview(&publisher, &file(&[published("252")])).await;
    let stays = "kept the file is older than our correction";
    assert_eq!(
        changes(&page),
        [format!("252published number of invitations501500{stays}"), format!("252CRS cut-off475476{stays}"),]
    );
    assert!(page.first(".notice").starts_with("No changes to import."));
    assert_eq!(page.all("main form"), Vec::<String>::new());
    let rounds = [altered_round("252", &[("drawName", "Healthcare (V1)")]), new_round("448", &[])];
    let page = preview(&publisher, &file(&rounds)).await;
    assert_eq!(page.first(".lead"), "1 new draw (448), 1 changed draw (252), 0 unchanged.");
    assert_eq!(apply(&publisher, &page, "").await.status, 303);
    let held = "SELECT concat_ws('|', invitations, crs, name, category_key) FROM draws WHERE round = '252'";
    assert_eq!(
        site.text(held).await,
        "501|475|Healthcare (V1)|healthcare",
        "new values are imported, older ones are not"
    );
    let page = preview(&publisher, &file(&[altered_round("252", &[("drawCRS", "474")])])).await;
    assert!(
        changes(&page).contains(&"252CRS cut-off475474changes: possibly back to an older value".to_owned()),
        "a third value is a change"
    );
}

#[actix_web::test]
async fn value_replaced_by_another_file_needs_a_reason_to_return() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    import_rounds(&publisher, &[altered_round("252", &CHANGED_FIELDS)]).await;
    let page = preview(&publisher, &file(&[published("252"), new_round("448", &[])])).await;
    assert_eq!(changes(&page).len(), 3);
    assert_eq!(
        shown_warnings(&page)[1],
        "Draw 252. The file has 476 as CRS cut-off. The record had this value until November 22, 2026, when another file changed it \
         to 475: this file may be older."
    );
    assert_eq!(shown_warnings(&page).len(), 3);
    assert_eq!(apply(&publisher, &page, "").await.status, 422);
    assert_eq!(site.count("SELECT crs FROM draws WHERE round = '252'").await, 475);
    assert_eq!(site.visitor().get("/draws/448").await.status, 404, "all changes or none are applied");
    assert_eq!(apply(&publisher, &page, "The government took it back.").await.status, 303);
    assert_eq!(site.count("SELECT crs FROM draws WHERE round = '252'").await, 476);
    assert_eq!(site.count("SELECT count(*) FROM draw_corrections WHERE round = '252'").await, 6);
    assert_eq!(site.visitor().get("/draws/252").await.all("aside.correction p").len(), 6, "each change is shown");
}

#[actix_web::test]
async fn manually_added_value_stays_when_the_file_has_none() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    correct_by_hand(&publisher, "447", &[("tie_break", "September 20, 2026 at 10:11:12 UTC")]).await;
    let round = serde_json::json!({
        "drawNumber": "447", "drawDate": "2026-10-01", "drawName": "Trades Occupations, 2026-Version 3", "drawSize": "3,500",
        "drawCRS": "476", "drawCutOff": "",
    });
    let page = preview(&publisher, &file(std::slice::from_ref(&round))).await;
    assert_eq!(page.first(".lead"), "0 new draws, 0 changed draws, 1 unchanged.", "{:?}", changes(&page));
}

#[actix_web::test]
async fn published_early_date_does_not_undo_the_corrected_date() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    // Draw 104 as in the feed, and with a corrected date.
    let early = || {
        let instants = [
            ("drawDateTime", "November 15, 2018 at 14:06:07 UTC"),
            ("drawCutOff", "September 16, 2018 at 12:41:42 UTC"),
        ];
        let figures = [("drawDate", "2018-11-14"), ("drawSize", "3,900"), ("drawCRS", "449")];
        let mut round = new_round("104", &[&instants[..], &figures, &[("drawName", "No Program Specified")]].concat());
        let withheld = (1..=18).map(|place| format!("dd{place}")).chain(["drawText2".to_owned()]);
        withheld.for_each(|key| drop(round.as_object_mut().unwrap().remove(&key)));
        round
    };
    let corrected = serde_json::json!({
        "drawNumber": "104", "drawDate": "2018-11-15", "drawName": "No Program Specified", "drawSize": "3,900", "drawCRS": "449",
    });
    let page = preview(&publisher, &file(&[early()])).await;
    assert_eq!(page.first(".lead"), "0 new draws, 0 changed draws, 1 unchanged.");
    let page = preview(&publisher, &file(&[corrected])).await;
    assert_eq!(
        changes(&page),
        ["104published dateNovember 14, 2018November 15, 2018changes: possibly back to an older value"]
    );
    assert_eq!(apply(&publisher, &page, "").await.status, 303);
    let held = "SELECT date || ' ' || coalesce(date_published, 'as published') FROM draws WHERE round = '104'";
    assert_eq!(site.text(held).await, "2018-11-15 as published");
    let page = preview(&publisher, &file(&[early()])).await;
    let stays = "kept the file is older than our correction";
    assert_eq!(changes(&page), [format!("104dateNovember 15, 2018November 14, 2018{stays}")]);
}

#[actix_web::test]
async fn old_feed_does_not_restore_the_replaced_tie_break_of_draw_274() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let old = ("drawCutOff", "November 25, 2023 at 09:48:36 UTC");
    let round = new_round("274", &[("drawName", "STEM occupations (Version 1)"), ("drawDate", "2023-12-08"), old]);
    let page = preview(&publisher, &file(&[round])).await;
    let line = changes(&page).into_iter().find(|line| line.contains("tie-break")).unwrap();
    assert!(line.ends_with("kept the file is older than our correction"), "{line}");
}

/// Corrects a draw in the draw editor.
async fn correct_by_hand(member: &Visitor, round: &str, others: &[(&str, &str)]) {
    let path = format!("/admin/draws/{round}");
    let page = member.get(&path).await;
    let names = page.attributes(&format!("form[action='{path}'] :is(input, select, textarea)"), "name");
    let held: Vec<(String, String)> = names
        .into_iter()
        .filter(|name| !others.iter().any(|(other, _)| other == name))
        .map(|name| (name.clone(), if name == "source" { "An e-mail".into() } else { page.field_value(&name) }))
        .collect();
    let fields: Vec<(&str, &str)> =
        held.iter().map(|(name, value)| (&**name, &**value)).chain(others.iter().copied()).collect();
    let done = member.post(&path, &fields).await;
    assert_eq!(done.status, 303, "{:?}", done.all("[role=alert]"));
}

#[actix_web::test]
async fn published_681_of_draw_208_does_not_undo_the_corrected_888() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let page = preview(&publisher, &file(&[published("207"), published("208")])).await;
    assert_eq!(page.first(".lead"), "0 new draws, 0 changed draws, 2 unchanged.");
    let fields = [
        ("title", "On round 208"),
        ("author", "A"),
        ("summary", "S"),
        ("body", "{{draw 208 invitations}} people."),
        ("action", "publish"),
    ];
    assert_eq!(publisher.post("/admin/posts/new", &fields).await.status, 303);
    assert!(site.visitor().get("/news/on-round-208").await.text.contains("<p>888 people.</p>"));
    site.advance_hours(1);
    let page = preview(&publisher, &file(&[altered_round("208", &[("drawSize", "888")])])).await;
    assert_eq!(
        changes(&page),
        ["208published number of invitations681888changes: possibly back to an older value"],
        "888 was the effective value before, too"
    );
    assert_eq!(apply(&publisher, &page, "").await.status, 303);
    assert_eq!(
        site.text(
            "SELECT invitations || ' ' || coalesce(invitations_corrected, 'as published') FROM draws WHERE round = '208'"
        )
        .await,
        "888 as published"
    );
    let round = site.visitor().get("/draws/208").await;
    assert_eq!(round.all("dl.score dd")[0], "888");
    assert!(!round.text.contains("The correct number is"), "the published value equals the corrected one");
    assert!(site.visitor().get("/news/on-round-208").await.text.contains("<p>888 people.</p>"));
    let page = preview(&publisher, &file(&[published("208")])).await;
    let stays = "kept the file is older than our correction";
    assert_eq!(changes(&page), [format!("208published number of invitations888681{stays}")]);
}

#[actix_web::test]
async fn old_feed_does_not_restore_the_replaced_tie_break_of_draw_262() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let page =
        preview(&publisher, &file(&[altered_round("262", &[("drawCutOff", "August 01, 2023 at 12:59:52 UTC")])])).await;
    assert_eq!(
        changes(&page),
        [
            "262tie-breakJuly 4, 2023, 7:36:18 p.m. UTCAugust 1, 2023, 12:59:52 p.m. UTCkept the file is older than our correction"
        ]
    );
    assert_eq!(page.all("main form"), Vec::<String>::new());
}

#[actix_web::test]
async fn missing_value_is_added_without_a_correction_note() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let fields = [
        ("title", "On round 446"),
        ("author", "A"),
        ("summary", "S"),
        ("body", "[It](/draws/446)."),
        ("action", "publish"),
    ];
    assert_eq!(publisher.post("/admin/posts/new", &fields).await.status, 303);
    site.advance_hours(1);
    let round = new_round(
        "446",
        &[
            ("drawDate", "2026-09-29"),
            ("drawSize", "2,000"),
            ("drawCRS", "518"),
            ("drawDateTime", "September 29, 2026 at  10:19:21 UTC"),
            ("drawCutOff", "September 10th 2026 at 1:02:03 UTC"),
            ("drawText2", ""),
            ("drawDistributionAsOn", "September 27, 2026"),
        ],
    );
    let page = preview(&publisher, &file(std::slice::from_ref(&round))).await;
    assert_eq!(
        changes(&page)[..2],
        [
            "446tie-breaknoneSeptember 10, 2026, 1:02:03 a.m. UTCchanges",
            "446date of the pool countnoneSeptember 27, 2026changes"
        ]
    );
    assert_eq!(changes(&page).len(), 20, "and 18 bands of the pool");
    assert_eq!(apply(&publisher, &page, "").await.status, 303);
    let shown = site.visitor().get("/draws/446").await;
    assert!(shown.all("#record ~ p").contains(&"Added on November 22, 2026: tie-break, pool.".into()));
    assert_eq!(shown.all("aside.correction"), Vec::<String>::new());
    assert_eq!(shown.all(".pool tbody tr").len() + shown.all(".sums dt").len(), 18);
    let post = site.visitor().get("/news/on-round-446").await;
    assert_eq!(post.all("aside.correction"), Vec::<String>::new(), "readers saw no wrong value");
    // A file with empty fields withdraws the values, after a warning.
    let empty: Vec<(String, String)> = (1..=18).map(|n| (format!("dd{n}"), "0".into())).collect();
    let mut copy = round;
    for (key, value) in &empty {
        copy[key.as_str()] = serde_json::json!(value);
    }
    copy["drawCutOff"] = serde_json::json!("");
    let page = preview(&publisher, &file(&[copy])).await;
    assert_eq!(
        changes(&page),
        [
            "446tie-breakSeptember 10, 2026, 1:02:03 a.m. UTCnonechanges: back to an older value",
            "446poolcounted on September 27, 2026nonechanges: back to an older value",
        ]
    );
    assert_eq!(
        shown_warnings(&page),
        [
            "Draw 446. The file has no tie-break. Another file added it on November 22, 2026: this file may be older.",
            "Draw 446. The file has no pool. Another file added it on November 22, 2026: this file may be older.",
        ]
    );
    assert_eq!(apply(&publisher, &page, "").await.status, 422);
    assert_eq!(apply(&publisher, &page, "They were withdrawn.").await.status, 303);
    assert_eq!(site.text("SELECT coalesce(tie_break, pool, 'none') FROM draws WHERE round = '446'").await, "none");
    let corrections = site.visitor().get("/draws/446").await.all("aside.correction p");
    assert_eq!(corrections.len(), 2, "{corrections:?}");
    assert!(corrections[1].contains("pool changed from counted on September 27, 2026 to none."), "{corrections:?}");
}

#[actix_web::test]
async fn post_written_after_a_correction_does_not_mention_it() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    import_rounds(&publisher, &[altered_round("252", &CHANGED_FIELDS)]).await;
    site.advance_hours(1);
    let fields =
        [("title", "Later"), ("author", "A"), ("summary", "S"), ("body", "{{draw 252 crs}}"), ("action", "publish")];
    assert_eq!(publisher.post("/admin/posts/new", &fields).await.status, 303);
    let post = site.visitor().get("/news/later").await;
    assert!(post.text.contains("<p>475</p>"));
    assert_eq!(post.all("aside.correction"), Vec::<String>::new());
}

#[actix_web::test]
async fn draw_with_a_changed_date_or_name_keeps_its_number() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let moved = [
        ("drawDate", "2023-06-29"),
        ("drawDateTime", "June 29, 2023 at 14:04:34 UTC"),
        ("drawName", "Healthcare Occupations, 2023-Version 1"),
        ("drawDistributionAsOn", "June 27, 2023"),
        ("dd17", "5,000"),
        ("drawText2", "Federal Skilled Worker"),
    ];
    let page = preview(&publisher, &file(&[altered_round("252", &moved)])).await;
    let fields: Vec<String> = page.all("section[aria-labelledby=changed] td:nth-child(2)");
    assert_eq!(
        fields,
        ["date", "time of the draw", "name", "programs covered", "date of the pool count", "pool, 0–300"]
    );
    assert_eq!(page.all(".findings li").len(), 1, "the total no longer adds up");
    assert_eq!(apply(&publisher, &page, "As published.").await.status, 303);
    let round = site.visitor().get("/draws/252").await;
    assert_eq!(round.first(".lead"), "Healthcare Occupations, 2023-Version 1, June 29, 2023");
    assert_eq!(round.all("aside.correction p").len(), 6);
    let post = site.visitor().get(FIRST_POST).await;
    assert!(post.first("article").contains("On June 29, 2023, Canada held Express Entry draw 252"));
}
