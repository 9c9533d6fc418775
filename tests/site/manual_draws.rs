//! Draws added and corrected by hand, with the same validation as imported ones.

use immigration_experts::staff::Role;

use crate::support::feeds::CORRECTED;
use crate::support::{FIRST_POST, Page, Site, Visitor};

/// Draw that is later than the seed data.
const DRAW: [(&str, &str); 14] = [
    ("round", "448"),
    ("date", "2026-10-15"),
    ("held_at", "October 15, 2026 at 10:08:20 UTC"),
    ("name", "Canadian Experience Class"),
    ("name_fr", "Catégorie de l’expérience canadienne"),
    ("category", "cec"),
    ("invitations", "1,500"),
    ("invitations_corrected", ""),
    ("crs", "515"),
    ("tie_break", "October 11, 2026 at 14:55:49 UTC"),
    ("programs", "Canadian Experience Class"),
    ("pool_as_of", ""),
    ("notes", ""),
    ("source", "The ministerial instruction"),
];

type Fields = Vec<(String, String)>;

fn with(fields: &[(&str, &str)], others: &[(&str, &str)]) -> Fields {
    let kept = fields.iter().filter(|(name, _)| !others.iter().any(|(other, _)| other == name));
    kept.chain(others).map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

async fn send(member: &Visitor, path: &str, fields: &Fields) -> Page {
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (&**name, &**value)).collect();
    member.post(path, &fields).await
}

async fn add_draw(member: &Visitor, others: &[(&str, &str)]) -> Page {
    send(member, "/admin/draws/new", &with(&DRAW, others)).await
}

/// Form fields of a draw, as a browser submits them.
async fn draw_form(member: &Visitor, round: &str) -> Fields {
    let page = member.get(&format!("/admin/draws/{round}")).await;
    let mut fields =
        vec![("category".to_owned(), page.field_value("category")), ("notes".to_owned(), page.field_value("notes"))];
    let form = format!("form[action='/admin/draws/{round}'] input");
    for name in page.attributes(&form, "name") {
        let value = page.field_value(&name);
        fields.push((name, value));
    }
    fields
}

async fn correct_draw(member: &Visitor, round: &str, others: &[(&str, &str)]) -> Page {
    let held = draw_form(member, round).await;
    let fields: Vec<(&str, &str)> = held.iter().map(|(name, value)| (&**name, &**value)).collect();
    send(member, &format!("/admin/draws/{round}"), &with(&fields, others)).await
}

#[actix_web::test]
async fn manually_added_draw_appears_everywhere_at_once() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let form = publisher.get("/admin/draws/new").await;
    assert_eq!((form.status, form.first("h1")), (200, "Add a draw manually".into()));
    assert!(form.attributes("#names option", "value").contains(&"Canadian Experience Class".to_owned()));
    let page = add_draw(&publisher, &[]).await;
    assert_eq!((page.status, page.location()), (303, "/admin/draws/448"), "{}", page.text);
    let page = publisher.get("/admin/draws/448").await;
    assert!(page.first(".flash").starts_with("Saved."));
    let round = site.visitor().get("/draws/448").await;
    round.assert_page_layout();
    assert_eq!(
        round.all("dl.score dd"),
        ["1,500", "515", "October 15, 2026, 10:08:20 a.m. UTC", "October 11, 2026, 2:55:49 p.m. UTC"]
    );
    assert!(round.first("#record ~ p").contains("Source: The ministerial instruction."));
    assert_eq!(round.all("aside.correction"), Vec::<String>::new());
    assert_eq!(site.visitor().get("/draws").await.first(".draws tbody th"), "448");
    assert!(site.visitor().get("/draws/feed.atom").await.first("entry title").starts_with("Draw 448: "));
    assert_eq!(
        site.text("SELECT actor || ': ' || action || ': ' || subject FROM audit_log ORDER BY id DESC LIMIT 1").await,
        "Test publisher: added a draw: draw 448: Source: The ministerial instruction"
    );
}

#[actix_web::test]
async fn dates_and_times_are_accepted_in_common_formats() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let days = [
        "2026-10-15",
        " October 15, 2026 ",
        "Oct 15 2026",
        "15 octobre 2026",
        "15-10-2026",
        "October 15th, 2026",
        "۲۰۲۶-۱۰-۱۵",
        "october 15. 2026",
    ];
    let instants = [
        "October 15, 2026 at 09:08:20 UTC",
        "October 15, 2026, 9:08:20 a.m. UTC",
        "15 octobre 2026 à 9:08:20",
        "2026-10-15T09:08:20Z",
        "2026-10-15 09:08:20",
        "October 15th 2026 at09:08:20 AM UTC",
        "۲۰۲۶-۱۰-۱۵ ۰۹:۰۸:۲۰",
        "October 15 at 9:08:20 UTC",
    ];
    // All have the same figures, which gives a warning.
    let twice = ("reason", "So that the ways of writing can be compared.");
    for (place, (day, instant)) in days.into_iter().zip(instants).enumerate() {
        let number = (448 + place).to_string();
        let figures = [("invitations", "۱٬۵۰۰"), ("crs", " ۵۱۵ "), ("tie_break", "")];
        let figures = if place == 6 {
            [("invitations", "۱۵۰۰"), figures[1], figures[2]]
        } else {
            [("invitations", "1 500"), ("crs", "515"), figures[2]]
        };
        let others = [&[("round", &*number), ("date", day), ("held_at", instant), twice], figures.as_slice()].concat();
        let page = add_draw(&publisher, &others).await;
        assert_eq!(page.status, 303, "{day}, {instant}: {:?}", page.all("[role=alert] li"));
    }
    let all = site
        .text("SELECT group_concat(DISTINCT date || held_at || invitations || crs) FROM draws WHERE sort_key > 4475")
        .await;
    assert_eq!(all, "2026-10-152026-10-15T09:08:20Z1500515");
    let page = add_draw(&publisher, &[("round", " 91B "), ("invitations", "5,000")]).await;
    assert!(page.first("#round-error").contains("Draw 91b already exists"), "{}", page.first("#round-error"));
}

#[actix_web::test]
async fn each_invalid_draw_field_has_an_error_and_keeps_its_value() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    for (field, typed, words) in [
        ("round", "", "Enter the draw number"),
        ("round", "91c", "Enter the draw number"),
        ("round", "252", "Draw 252 already exists."),
        ("date", "", "Enter the date of the draw"),
        ("date", "2026-02-30", "Enter the date of the draw"),
        ("date", "October 2026", "Enter the date of the draw"),
        ("date", "2026-11-30", "must be between January 2015 and today."),
        ("date", "2014-12-31", "must be between January 2015 and today."),
        ("held_at", "in the morning", "Enter the date and time to the second in UTC"),
        ("held_at", "October 15, 2026", "Enter the date and time to the second in UTC"),
        ("tie_break", "October 11, 2026 at 14:55 UTC", "Enter the date and time to the second in UTC"),
        ("tie_break", "497", "Enter the date and time to the second in UTC"),
        ("name", " ", "Enter the name of the draw"),
        ("category", "dogs", "Choose a category from the list."),
        ("invitations", "", "Enter the number of invitations"),
        ("invitations", "1.500", "Enter the number of invitations"),
        ("invitations", "-1", "Enter the number of invitations"),
        ("invitations", "0", "A draw invites at least one person."),
        ("invitations_corrected", "many", "Enter a whole number, or leave this empty"),
        ("crs", "", "Enter the CRS cut-off"),
        ("crs", "515.5", "Enter the CRS cut-off"),
        ("crs", "1201", "A CRS cut-off of 1201 is not possible"),
        ("crs", "0", "A CRS cut-off of 0 is not possible"),
        ("pool_as_of", "2026-10-12", "Enter a number for every band of the pool"),
        ("pool_as_of", "yesterday", "Enter the date of the pool count."),
        ("source", "", "Enter the source of the figures."),
    ] {
        let page = add_draw(&publisher, &[(field, typed)]).await;
        assert_eq!(page.status, 422, "{field} “{typed}”");
        assert!(page.first(&format!("#{field}-error")).contains(words), "{field} “{typed}”: {:?}", page.all(".error"));
        assert_eq!(page.attributes("[role=alert] a", "href"), [format!("#{field}")], "{field} “{typed}”");
        for (name, value) in with(&DRAW, &[(field, typed)]) {
            let expected = if name == "category" && typed == "dogs" { "" } else { value.trim() };
            assert_eq!(page.field_value(&name).trim(), expected, "{name} after a wrong {field}");
        }
        page.assert_no_active_content();
    }
    let empty = publisher.post("/admin/draws/new", &[]).await;
    let links = empty.attributes("[role=alert] a", "href");
    assert_eq!(links, ["#round", "#date", "#name", "#invitations", "#crs", "#source"], "in the order of the page");
    for link in links {
        assert_eq!(empty.all(&link).len(), 1, "{link} has a target");
    }
    assert_eq!(site.count("SELECT count(*) FROM draws").await, 448);
}

#[actix_web::test]
async fn manual_draw_with_warnings_needs_a_reason() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let wrong: [(&str, &[(&str, &str)]); 4] = [
        ("is later than the draw", &[("tie_break", "2026-10-16 10:08:20")]),
        ("more than 365 days before the draw", &[("tie_break", "2025-10-14 10:08:20")]),
        ("more than a day apart", &[("held_at", "October 5, 2026 at 10:08:20 UTC"), ("tie_break", "")]),
        ("is later than the draw (October 15, 2026)", &[("held_at", ""), ("tie_break", "2026-10-18 10:08:20")]),
    ];
    for (place, (words, others)) in wrong.into_iter().enumerate() {
        let number = (448 + place).to_string();
        let others = [&[("round", number.as_str())], others].concat();
        let page = add_draw(&publisher, &others).await;
        assert_eq!(page.status, 422, "{words}");
        assert!(
            page.all(".findings li").iter().any(|line| line.contains(words)),
            "{words}: {:?}",
            page.all(".findings li")
        );
        assert_eq!(page.attributes("[role=alert] a", "href"), ["#reason"]);
        let page = add_draw(&publisher, &[&others[..], &[("reason", "Seen in the instruction.")]].concat()).await;
        assert_eq!(page.status, 303, "{words}");
        let page = publisher.get(page.location()).await;
        let lines = page.all(".findings li");
        assert!(
            lines.iter().any(|line| line.contains(words) && line.ends_with("Acknowledged: Seen in the instruction.")),
            "{words}: {lines:?}"
        );
        // An acknowledged warning needs no reason again.
        assert_eq!(
            correct_draw(&publisher, &number, &[("notes", "A note."), ("source", "Us")]).await.status,
            303,
            "{words}"
        );
    }
    let impossible = [("round", "460"), ("crs", "1500"), ("reason", "I insist.")];
    let page = add_draw(&publisher, &impossible).await;
    assert_eq!((page.status, page.attributes("[role=alert] a", "href")), (422, vec!["#crs".to_owned()]));
}

#[actix_web::test]
async fn manual_correction_is_stored_and_shown_with_its_source() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    site.advance_hours(1);
    assert_eq!(
        correct_draw(&publisher, "252", &[("crs", "477"), ("source", "")]).await.status,
        422,
        "a correction needs a source"
    );
    let page =
        correct_draw(&publisher, "252", &[("crs", "477"), ("tie_break", ""), ("source", "An e-mail & a <call>")]).await;
    assert_eq!((page.status, page.location()), (303, "/admin/draws/252"), "{}", page.text);
    let kept = "SELECT group_concat(concat_ws('|', field, before, after, corrected_at, corrected_by, source), char(10))
                FROM draw_corrections WHERE round = '252'";
    let by = "2026-11-22T10:00:00Z|Test publisher|An e-mail & a <call>";
    assert_eq!(
        site.text(kept).await.lines().collect::<Vec<_>>(),
        [format!("crs|476|477|{by}"), format!("tie_break|2022-11-12T12:47:27Z||{by}")]
    );
    let round = site.visitor().get("/draws/252").await;
    assert_eq!(
        round.all("aside.correction p"),
        [
            "Corrected on November 22, 2026: CRS cut-off changed from 476 to 477. An e-mail & a <call>.",
            "Corrected on November 22, 2026: tie-break changed from November 12, 2022, 12:47:27 p.m. UTC to none. An e-mail & a <call>.",
        ]
    );
    let post = site.visitor().get(FIRST_POST).await;
    let notes = post.all("aside.correction p");
    assert!(
        notes.contains(
            &"Corrected on November 22, 2026: draw 252, CRS cut-off changed from 476 to 477. An e-mail & a <call>."
                .into()
        ),
        "{notes:?}"
    );
    assert!(post.first(".lead").contains("a CRS cut-off of 477"));
    assert!(!post.text.contains("{{"), "a token without a value is not shown to readers");
    assert!(post.first("article").contains("whose profile was in the pool before (not available)"));
    let contradicted = publisher.get("/admin").await.all("section[aria-labelledby=stale-posts] li a");
    assert_eq!(contradicted, ["Canada invites 500 healthcare workers in Express Entry draw 252"]);
    let saved = "SELECT source || '|' || name || '|' || pool_as_of FROM draws WHERE round = '252'";
    assert_eq!(
        site.text(saved).await,
        "the government’s feed, as saved on August 20, 2026|Healthcare occupations (Version 1)|2023-06-28",
        "other values are unchanged"
    );
    assert_eq!(
        site.text("SELECT action || ': ' || subject FROM audit_log ORDER BY id DESC LIMIT 1").await,
        "corrected a draw: draw 252: CRS cut-off changed from 476 to 477; tie-break changed from November 12, 2022, 12:47:27 p.m. UTC to none. Source: An e-mail & a <call>"
    );
}

#[actix_web::test]
async fn corrected_figure_is_shown_as_a_correction() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    site.advance_hours(1);
    assert_eq!(
        correct_draw(&publisher, "252", &[("invitations_corrected", "510"), ("source", "News")]).await.status,
        303
    );
    let round = site.visitor().get("/draws/252").await;
    assert_eq!(
        round.all("aside.correction p"),
        [
            "The published number of invitations is 500. The correct number is 510.",
            "Corrected on November 22, 2026: number of invitations changed from 500 to 510. News.",
        ]
    );
    let post = site.visitor().get(FIRST_POST).await;
    assert_eq!(post.first("h1"), "Canada invites 510 healthcare workers in Express Entry draw 252");
    assert!(post.first("aside.correction").contains("number of invitations changed from 500 to 510"));
    assert_eq!(
        correct_draw(&publisher, "252", &[("invitations_corrected", ""), ("source", "A mistake")]).await.status,
        303
    );
    let round = site.visitor().get("/draws/252").await;
    assert_eq!(
        round.all("aside.correction p").last().unwrap(),
        "Corrected on November 22, 2026: number of invitations changed from 510 to 500. A mistake."
    );
    assert_eq!(
        correct_draw(&publisher, "252", &[("invitations_corrected", "500"), ("source", "Nothing")]).await.status,
        303
    );
    assert_eq!(site.count("SELECT count(*) FROM draws WHERE round = '252' AND invitations_corrected IS NULL").await, 1);
}

#[actix_web::test]
async fn saving_an_unchanged_draw_changes_nothing() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let all = "SELECT group_concat(concat_ws('|', round, date, held_at, held_at_published, name, name_fr, category_key, programs,
                      invitations, invitations_corrected, crs, tie_break, tie_break_published, pool_as_of, pool, source, notes)) FROM draws";
    let before = site.text(all).await;
    for round in ["1", "6", "91a", "139", "208", "226", "240", "252", "262", "357", "382", "434", "445", "447"] {
        let page = correct_draw(&publisher, round, &[("source", "As it is"), ("reason", "As it is")]).await;
        assert_eq!(page.status, 303, "{round}: {:?}", page.all("[role=alert]"));
    }
    assert_eq!(site.text(all).await, before);
    assert_eq!(site.count(CORRECTED).await, 0);
}

#[actix_web::test]
async fn concurrent_draw_corrections_show_a_conflict() {
    let site = Site::start().await;
    let (one, two) = (site.staff(Role::Publisher).await, site.staff(Role::Admin).await);
    let theirs = draw_form(&two, "252").await;
    assert_eq!(correct_draw(&one, "252", &[("crs", "477"), ("source", "One")]).await.status, 303);
    let fields: Vec<(&str, &str)> = theirs.iter().map(|(name, value)| (&**name, &**value)).collect();
    let typed = with(&fields, &[("invitations", "502"), ("source", "Two")]);
    let page = send(&two, "/admin/draws/252", &typed).await;
    assert_eq!(page.status, 409);
    assert!(page.first("[role=alert]").starts_with("Someone else changed this draw in the meantime"));
    assert_eq!(
        (page.field_value("invitations"), page.field_value("crs"), page.field_value("source")),
        ("502".into(), "476".into(), "Two".into())
    );
    assert_eq!(site.text("SELECT invitations || ' ' || crs FROM draws WHERE round = '252'").await, "500 477");
    assert_ne!(page.field_value("fingerprint"), *theirs.iter().find(|(name, _)| name == "fingerprint").unwrap().1);
    let fields: Vec<(&str, &str)> = typed.iter().map(|(name, value)| (&**name, &**value)).collect();
    let again = with(&fields, &[("fingerprint", &page.field_value("fingerprint"))]);
    assert_eq!(send(&two, "/admin/draws/252", &again).await.status, 303, "knowingly");
    assert_eq!(site.text("SELECT invitations || ' ' || crs FROM draws WHERE round = '252'").await, "502 476");
    assert_eq!(
        site.text("SELECT group_concat(field || ' ' || before || ' ' || after || ' ' || corrected_by) FROM draw_corrections WHERE round = '252'").await,
        "crs 476 477 Test publisher,invitations 500 502 Test admin,crs 477 476 Test admin"
    );
    let (first, second) = tokio::join!(add_draw(&one, &[]), add_draw(&two, &[("crs", "514")]));
    let mut answers = [first.status, second.status];
    answers.sort_unstable();
    assert_eq!(answers, [303, 422], "the number is stored once");
}

#[actix_web::test]
async fn draw_record_has_three_warnings_one_of_them_acknowledged() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let page = publisher.get("/admin/draws").await;
    let warnings = page.all("section[aria-labelledby=warnings] li");
    assert_eq!(warnings.len(), 3, "{warnings:#?}");
    assert!(
        warnings[0]
            .starts_with("Draw 357: The draw is dated July 22, 2025, but its time is July 12, 2025, 4:27:45 p.m. UTC")
    );
    assert_eq!(warnings[1], "Draw 247: In the pool, 451–500 is given as 55,867, but its parts add up to 55,687.");
    assert!(warnings[2].starts_with("Draw 2: The number of invitations (779) is the same as in the previous draw, 1"));
    assert!(warnings[2].contains("Acknowledged: The published total of 2015, 31,063 invitations"));
    assert_eq!(page.first("h2#all"), "All 448 draws");
    let mut rounds = vec![];
    for number in 1..=9 {
        rounds.extend(
            publisher.get(&format!("/admin/draws?page={number}")).await.all("section[aria-labelledby=all] tbody th"),
        );
    }
    assert_eq!((rounds.len(), &*rounds[0], &*rounds[447]), (448, "447", "1"));
    assert_eq!(publisher.get("/admin/draws?page=10").await.status, 404);
}

#[actix_web::test]
async fn acknowledged_warning_shows_its_explanation() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let page = publisher.get("/admin/draws/247").await;
    assert_eq!(page.attributes(".findings form", "action"), ["/admin/draws/247/acknowledgements"]);
    let warning_key = page.attributes(".findings input[name=warning]", "value").remove(0);
    assert!(warning_key.starts_with("wrong_sum-"), "{warning_key}");
    let path = "/admin/draws/247/acknowledgements";
    let flash = publisher.post_and_follow(path, &[("warning", &*warning_key), ("reason", " ")]).await.first(".flash");
    assert_eq!(flash, "Enter a reason for keeping it. Nothing was saved.");
    for other in ["wrong_sum-00000000", "tie_break_old", ""] {
        let flash = publisher.post_and_follow(path, &[("warning", other), ("reason", "R")]).await.first(".flash");
        assert_eq!(flash, "This warning no longer applies because the draw has changed.");
    }
    assert_eq!(site.count("SELECT count(*) FROM draw_acknowledged_warnings").await, 1, "the value of draw 2");
    assert_eq!(
        publisher
            .post("/admin/draws/999/acknowledgements", &[("warning", &*warning_key), ("reason", "R")])
            .await
            .status,
        404
    );
    let found = [("warning", &*warning_key), ("reason", "So in every copy <since> 2023.")];
    let page = publisher.post_and_follow(path, &found).await;
    assert_eq!(page.first(".flash"), "Warning acknowledged.");
    assert!(page.first(".findings li").ends_with("Acknowledged: So in every copy <since> 2023."));
    assert_eq!(page.all(".findings form"), Vec::<String>::new());
    let list = publisher.get("/admin/draws").await;
    assert!(
        list.all("section[aria-labelledby=warnings] li")[1].ends_with("Acknowledged: So in every copy <since> 2023.")
    );
    assert_eq!(
        site.text("SELECT action || ': ' || subject FROM audit_log ORDER BY id DESC LIMIT 1").await,
        "acknowledged a warning: draw 247: In the pool, 451–500 is given as 55,867, but its parts add up to 55,687. \
         Reason: So in every copy <since> 2023."
    );
    for none in ["/admin/draws/999", "/admin/draws/0", "/admin/draws/252x"] {
        assert_eq!(publisher.get(none).await.status, 404, "{none}");
        assert_eq!(publisher.post(none, &[("crs", "1")]).await.status, 404, "{none}");
    }
}
