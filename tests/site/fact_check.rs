//! Fact check of posts, before publication and after changes of the record.

use immigration_experts::staff::Role;

use crate::support::feeds::{altered_round, import_rounds};
use crate::support::{Page, Site, Visitor};

/// Paraphrase of the article printed in 2023, with its three errors: the tie-break is after the draw, a rank is given as
/// a score, and 1,500 invitations are announced for the wrong day.
const PRINTED_ANNOUNCEMENT: &str = "On June 28, 2023 Canada held the first category-based draw of Express Entry, round 252, and invited 500 healthcare \
                       workers.\n\n## The figures\n\n- **Date and time of round:** June 28, 2023 at 14:04:34 UTC\n\
                       - **Number of invitations issued:** 500\n- **CRS rank required to be invited to apply:** 500 or above\n\
                       - **CRS score of lowest-ranked candidate invited:** 476\n\
                       - **Tie-breaking rule:** November 12, 2023 at 12:47:27 UTC\n\n## What comes next\n\n\
                       On July 5, 2023, IRCC will invite 1,500 more healthcare workers.\n\n## Some of the 35 occupations\n\n\
                       1. Audiologists and speech-language pathologists – NOC 31112\n2. Dentists – NOC 31110";

const POST: [(&str, &str); 6] = [
    ("title", "Canada invites 500 healthcare workers in Express Entry draw"),
    ("slug", "printed"),
    ("summary", "The first round for a category."),
    ("author", "Sheraz"),
    ("topics", "express entry"),
    ("body", PRINTED_ANNOUNCEMENT),
];

type Fields = Vec<(String, String)>;

fn post(others: &[(&str, &str)]) -> Fields {
    let kept = POST.iter().filter(|(name, _)| !others.iter().any(|(other, _)| other == name));
    kept.chain(others).map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

async fn send(member: &Visitor, path: &str, fields: &Fields) -> Page {
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (&**name, &**value)).collect();
    member.post(path, &fields).await
}

/// Value of the text area.
fn body(page: &Page) -> String {
    let (_, rest) = page.text.split_once("<textarea id=\"body\"").unwrap();
    rest.split_once(">\n").unwrap().1.split_once("</textarea>").unwrap().0.to_owned()
}

fn reasons(page: &Page) -> Vec<String> {
    page.all(".findings li > p:not(.small):not(:has(button))")
}

/// Saves the printed article as a draft and returns the path of its editor.
async fn draft(member: &Visitor) -> String {
    let page = send(member, "/admin/posts/new", &post(&[("action", "save")])).await;
    assert_eq!(page.status, 303, "{:?}", page.all("[role=alert]"));
    page.location().to_owned()
}

#[actix_web::test]
async fn printed_announcement_draft_has_three_findings() {
    let site = Site::start().await;
    let writer = site.staff(Role::Writer).await;
    let path = draft(&writer).await;
    let page = writer.get(&path).await;
    assert_eq!(page.first("#findings"), "3 possible errors");
    assert_eq!(
        page.all(".findings li > p.small"),
        [
            "Rank given as a score · Text, line 7",
            "Differs from the record · Text, line 9",
            "Differs from the record · Text, line 13"
        ]
    );
    assert_eq!(
        page.all(".findings blockquote"),
        [
            "CRS rank required to be invited to apply: 500 or above",
            "Tie-breaking rule: November 12, 2023 at 12:47:27 UTC",
            "On July 5, 2023, IRCC will invite 1,500 more healthcare workers.",
        ]
    );
    let reasons = reasons(&page);
    assert!(reasons[0].starts_with("A rank is not a score"), "{reasons:?}");
    assert!(
        reasons[1].starts_with("A tie-break cannot be later than the draw") && reasons[1].contains("November 12, 2022"),
        "{reasons:?}"
    );
    assert!(
        reasons[2].contains("Draw 254 of July 5, 2023 invited 500 people, not 1,500.")
            && reasons[2].contains("1,500 people were invited on July 6, 2023 in draw 255."),
        "{reasons:?}"
    );
    assert_eq!(
        page.all(".findings button code"),
        [
            "CRS score required to be invited to apply:** {{draw 252 crs}} or above",
            "{{draw 252 tie-break}}",
            "{{draw 255 date}}"
        ]
    );
    assert_eq!(page.all("input[name=reason]").len(), 0, "a writer cannot publish over them");
    assert_eq!(writer.get("/admin/posts/1").await.all(".findings"), Vec::<String>::new(), "the first post is correct");
    let preview = send(&writer, "/admin/posts/new", &post(&[("slug", ""), ("action", "preview")])).await;
    assert_eq!((preview.status, preview.all(".findings li").len()), (200, 3), "the preview shows findings too");
}

#[actix_web::test]
async fn fix_button_changes_only_its_sentence() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let path = draft(&publisher).await;
    let mut page = publisher.get(&path).await;
    let mut text = PRINTED_ANNOUNCEMENT.to_owned();
    for (left, typed, token) in [
        (
            2,
            "CRS rank required to be invited to apply:** 500 or above",
            "CRS score required to be invited to apply:** {{draw 252 crs}} or above",
        ),
        (1, "November 12, 2023 at 12:47:27 UTC", "{{draw 252 tie-break}}"),
        (0, "July 5, 2023", "{{draw 255 date}}"),
    ] {
        let key = page.attributes(".findings button[name=apply_fix]", "value").remove(0);
        assert_eq!(page.attributes(".findings button[name=apply_fix]", "form")[0], "editor");
        assert_eq!(page.attributes("form#editor", "action"), [&*path]);
        let others = [
            ("body", text.as_str()),
            ("summary", "Typed & not saved."),
            ("correction", "A note."),
            ("version", "1"),
            ("apply_fix", &key),
        ];
        let fixed = send(&publisher, &path, &post(&others)).await;
        assert_eq!(fixed.status, 200);
        text = text.replacen(typed, token, 1);
        assert_eq!(body(&fixed), text, "the other text is unchanged");
        assert_eq!(
            (
                fixed.field_value("summary"),
                fixed.field_value("correction"),
                fixed.field_value("slug"),
                fixed.field_value("version")
            ),
            ("Typed & not saved.".into(), "A note.".into(), "printed".into(), "1".into())
        );
        assert!(
            fixed.first(".flash").starts_with(&format!("Inserted {token}"))
                && fixed.first(".flash").ends_with("Not saved yet.")
        );
        assert_eq!(fixed.all(".findings li").len(), left);
        assert_eq!(site.text("SELECT body FROM posts WHERE id = 2").await, PRINTED_ANNOUNCEMENT, "nothing is saved");
        page = fixed;
    }
    let done = send(&publisher, &path, &post(&[("body", &text), ("version", "1"), ("action", "publish")])).await;
    assert_eq!(done.status, 303, "{:?}", done.all("[role=alert]"));
    let post = site.visitor().get("/news/printed").await;
    let items = post.all(".prose ul li");
    assert_eq!(items[2], "CRS score required to be invited to apply: 476 or above");
    assert_eq!(items[4], "Tie-breaking rule: November 12, 2022, 12:47 p.m. UTC");
    assert!(
        post.all(".prose > p").contains(&"On July 6, 2023, IRCC will invite 1,500 more healthcare workers.".to_owned())
    );
    assert_eq!(site.count("SELECT count(*) FROM accepted_findings").await, 0);
}

#[actix_web::test]
async fn fix_button_of_an_outdated_finding_changes_nothing() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    for key in ["0123456789abcdef", "x"] {
        let page = send(&publisher, "/admin/posts/new", &post(&[("apply_fix", key)])).await;
        assert_eq!((page.status, body(&page), page.all(".flash").len()), (200, PRINTED_ANNOUNCEMENT.to_owned(), 0));
    }
    let titled =
        post(&[("title", "Round 252: CRS 477"), ("summary", "Cut-off of round 252: CRS 478."), ("body", "Words.")]);
    let page =
        send(&publisher, "/admin/posts/new", &[&titled[..], &[("action".into(), "preview".into())]].concat()).await;
    let keys = page.attributes(".findings button[name=apply_fix]", "value");
    assert_eq!(
        page.all(".findings li > p.small"),
        ["Differs from the record · Title", "Differs from the record · Summary"]
    );
    let page =
        send(&publisher, "/admin/posts/new", &[&titled[..], &[("apply_fix".into(), keys[0].clone())]].concat()).await;
    assert_eq!(
        (page.field_value("title"), page.field_value("summary")),
        ("Round 252: CRS {{draw 252 crs}}".into(), "Cut-off of round 252: CRS 478.".into())
    );
    let page =
        send(&publisher, "/admin/posts/new", &[&titled[..], &[("apply_fix".into(), keys[1].clone())]].concat()).await;
    assert_eq!(page.field_value("summary"), "Cut-off of round 252: CRS {{draw 252 crs}}.");
}

#[actix_web::test]
async fn words_in_question_and_the_effect_of_a_fix_are_marked() {
    let site = Site::start().await;
    let writer = site.staff(Role::Writer).await;
    let text = "In **round 252** the _cut-off_ was 480, after {{draw 251 crs}}.";
    let page = send(&writer, "/admin/posts/new", &post(&[("title", "T"), ("body", text), ("action", "preview")])).await;
    assert_eq!(page.all(".findings blockquote mark"), ["480"]);
    assert_eq!(page.all(".findings .effect"), ["After the fix: In round 252 the cut-off was 476, after 486."]);
    assert_eq!(page.all(".findings .effect ins"), ["476"]);
    assert_eq!(page.all(".findings :is(blockquote, p) .effect, .findings li > .effect").len(), 1, "only in its button");
    assert_eq!(page.all(".findings button .effect").len(), 1);
}

#[actix_web::test]
async fn hints_block_nothing() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let text = "Rank required to be invited to apply: 500 or above";
    let fields = |action| post(&[("title", "Round 252"), ("body", text), ("action", action)]);
    let page = send(&publisher, "/admin/posts/new", &fields("preview")).await;
    assert_eq!(page.all(".findings h2"), ["1 hint"]);
    assert_eq!(page.all(".findings.hints blockquote"), [text]);
    assert_eq!(page.all("input#reason").len(), 0);
    let done = send(&publisher, "/admin/posts/new", &fields("publish")).await;
    assert_eq!(done.status, 303, "{:?}", done.all("[role=alert]"));
    assert_eq!(site.count("SELECT count(*) FROM accepted_findings").await, 0);
    assert_eq!(site.count("SELECT count(*) FROM audit_log WHERE action LIKE '%possible errors'").await, 0);
    assert_eq!(publisher.get(done.location()).await.all(".findings.hints li").len(), 1);
}

#[actix_web::test]
async fn post_with_findings_needs_a_reason_to_publish() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let path = draft(&publisher).await;
    let sentence = "3 possible errors. Fix the text or enter a reason for keeping it.";
    let refusals = [
        send(&publisher, &path, &post(&[("version", "1"), ("action", "publish")])).await,
        send(&publisher, &path, &post(&[("version", "1"), ("action", "publish"), ("reason", "  ")])).await,
        publisher.post(&format!("{path}/publication"), &[("version", "1")]).await,
        publisher.post(&format!("{path}/publication"), &[]).await,
        send(&publisher, "/admin/posts/new", &post(&[("slug", "other"), ("action", "publish")])).await,
    ];
    for page in refusals {
        assert_eq!((page.status, page.first("[role=alert] a")), (422, sentence.into()));
        assert_eq!(page.attributes("[role=alert] a", "href"), ["#reason"]);
        assert_eq!((page.all(".findings li").len(), page.all("input#reason").len()), (3, 1));
        assert_eq!(body(&page), PRINTED_ANNOUNCEMENT);
    }
    assert_eq!(site.visitor().get("/news/printed").await.status, 404);

    let reason = "Quoted as <printed> in 2023.";
    let done = send(&publisher, &path, &post(&[("version", "1"), ("action", "publish"), ("reason", reason)])).await;
    assert_eq!(done.status, 303);
    assert_eq!(site.visitor().get("/news/printed").await.status, 200);
    let entry = site
        .text("SELECT actor || ': ' || subject FROM audit_log WHERE action = 'published with possible errors'")
        .await;
    assert!(
        entry.starts_with(&format!("Test publisher: {} | Reason: {reason} | Findings: CRS rank required", POST[0].1)),
        "{entry}"
    );
    assert!(
        entry.contains("Tie-breaking rule: November 12, 2023 at 12:47:27 UTC")
            && entry.contains("1,500 more healthcare workers"),
        "{entry}"
    );
    let admin = site.staff(Role::Admin).await;
    assert!(admin.get("/admin/audit").await.first("tbody").contains(reason));

    let page = publisher.get(&path).await;
    assert_eq!(page.all(".findings"), Vec::<String>::new());
    assert_eq!(page.all(".accepted summary"), ["3 findings were accepted earlier"]);
    assert_eq!((page.all(".accepted li").len(), page.all(".accepted button").len()), (3, 0));
    assert!(page.first(".accepted li").contains("CRS rank required to be invited to apply: 500 or above"));
    assert_eq!(page.all("input#reason").len(), 0);
    let version = page.field_value("version");
    let later =
        send(&publisher, &path, &post(&[("version", &version), ("action", "save"), ("summary", "Another summary.")]))
            .await;
    assert_eq!(later.status, 303, "accepted findings need no new reason");
    let version = publisher.get(&path).await.field_value("version");
    let fresh = PRINTED_ANNOUNCEMENT.replace("476", "477");
    let refused = send(&publisher, &path, &post(&[("version", &version), ("action", "save"), ("body", &fresh)])).await;
    assert_eq!(
        (refused.status, refused.first("[role=alert] a").contains("1 possible error.")),
        (422, true),
        "new findings need one"
    );
    assert_eq!((refused.all(".findings li").len(), refused.all(".accepted li").len()), (1, 3));
    assert_eq!(publisher.post(&format!("{path}/withdrawal"), &[]).await.status, 303);
    assert_eq!(publisher.post(&format!("{path}/publication"), &[]).await.status, 303, "even after unpublishing");
    assert_eq!(site.count("SELECT count(*) FROM audit_log WHERE action = 'published with possible errors'").await, 1);
}

#[actix_web::test]
async fn saving_a_draft_does_not_accept_findings() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let path = draft(&publisher).await;
    let saved = send(&publisher, &path, &post(&[("version", "1"), ("action", "save"), ("reason", "Later.")])).await;
    assert_eq!(saved.status, 303);
    assert_eq!(site.count("SELECT count(*) FROM accepted_findings").await, 0);
    assert_eq!(publisher.post(&format!("{path}/publication"), &[]).await.status, 422);
}

#[actix_web::test]
async fn every_type_of_finding_shows_the_correct_value() {
    let site = Site::start().await;
    let writer = site.staff(Role::Writer).await;
    for (text, label, words) in [
        ("Registered nurses (NOC 3012) are wanted.", "Unknown NOC code", "3012"),
        ("Dentists (NOC 31112) may be invited.", "Code and title differ", "31110"),
        ("The round was held on Monday, June 28, 2023.", "Wrong day of the week", "Wednesday"),
        ("We guarantee your visa.", "Prohibited promise", ""),
        ("Applications close on June 31, 2023.", "Impossible date", "June"),
        ("Round 252 had a CRS cut-off of 467.", "Differs from the record", "476"),
        ("In round 91b the cut-off was 903.", "Differs from the record", "902"),
        ("Round 208 invited 681 people.", "Differs from the record", "888"),
    ] {
        let page =
            send(&writer, "/admin/posts/new", &post(&[("title", "T"), ("body", text), ("action", "preview")])).await;
        let labels = page.all(".findings li > p.small strong");
        assert_eq!(labels, [label], "{text}: {:?}", reasons(&page));
        assert!(reasons(&page)[0].contains(words), "{text}: {:?}", reasons(&page));
    }
    let fine = "Round 208 invited 888 people. Round 252 of Wednesday, June 28, 2023 stopped at 476: dentists (NOC 31110). We promise nothing.";
    let page = send(&writer, "/admin/posts/new", &post(&[("title", "T"), ("body", fine), ("action", "preview")])).await;
    assert_eq!(reasons(&page), Vec::<String>::new());
}

#[actix_web::test]
async fn dashboard_lists_posts_made_wrong_by_a_correction() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let typed = post(&[
        ("title", "Typed"),
        ("slug", "typed"),
        ("body", "Round 252 had a CRS cut-off of 476."),
        ("action", "publish"),
    ]);
    let referring = post(&[
        ("title", "Referring"),
        ("slug", "referring"),
        ("body", "Round 252 had a CRS cut-off of {{draw 252 crs}}."),
        ("action", "publish"),
    ]);
    let saved = post(&[
        ("title", "A draft"),
        ("slug", ""),
        ("body", "Round 252 had a CRS cut-off of 476."),
        ("action", "save"),
    ]);
    let mut paths = vec![];
    for fields in [&typed, &referring, &saved] {
        let page = send(&publisher, "/admin/posts/new", fields).await;
        assert_eq!(page.status, 303);
        paths.push(page.location().to_owned());
    }
    let listed = async || publisher.get("/admin").await.all("section[aria-labelledby=stale-posts] li a");
    assert_eq!(listed().await, Vec::<String>::new());
    site.advance_hours(1);
    import_rounds(&publisher, &[altered_round("252", &[("drawCRS", "475")])]).await;
    let dashboard = publisher.get("/admin").await;
    assert_eq!(dashboard.first("#stale-posts"), "Published posts that no longer match the record");
    assert_eq!(listed().await, ["Typed"]);
    let page = publisher.get(&paths[0]).await;
    assert_eq!(
        page.all(".findings button"),
        ["After the fix: Round 252 had a CRS cut-off of 475. Replace with {{draw 252 crs}}"]
    );
    assert!(reasons(&page)[0].contains("475"), "{:?}", reasons(&page));
    let notes = site.visitor().get("/news/typed").await.all("aside.correction p:not(.small)");
    assert_eq!(notes.len(), 1, "readers see the correction at once");
    site.advance_hours(1);
    let key = page.attributes(".findings button[name=apply_fix]", "value").remove(0);
    let fixed = send(
        &publisher,
        &paths[0],
        &post(&[("title", "Typed"), ("body", &body(&page)), ("version", "1"), ("apply_fix", &key)]),
    )
    .await;
    let fields = post(&[
        ("title", "Typed"),
        ("slug", "typed"),
        ("body", &body(&fixed)),
        ("version", &page.field_value("version")),
        ("action", "save"),
    ]);
    assert_eq!(send(&publisher, &paths[0], &fields).await.status, 303);
    assert_eq!(listed().await, Vec::<String>::new());
    let text = site.visitor().get("/news/typed").await.first(".prose");
    assert!(text.contains("a CRS cut-off of 475."), "{text}");
}

#[actix_web::test]
async fn accepted_post_is_listed_again_when_the_record_changes() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let fields = post(&[
        ("title", "Typed"),
        ("body", "Round 252 had a CRS cut-off of 480."),
        ("action", "publish"),
        ("reason", "As printed."),
    ]);
    assert_eq!(send(&publisher, "/admin/posts/new", &fields).await.status, 303);
    site.advance_hours(1);
    import_rounds(&publisher, &[altered_round("252", &[("drawCRS", "475")])]).await;
    let listed = publisher.get("/admin").await.all("section[aria-labelledby=stale-posts] li a");
    assert_eq!(listed, ["Typed"], "the reason applied to the old record");
}

#[actix_web::test]
async fn dashboard_checks_a_post_again_only_after_a_change() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let fields = post(&[("title", "Typed"), ("body", "Round 252 had a CRS cut-off of 476."), ("action", "publish")]);
    assert_eq!(send(&publisher, "/admin/posts/new", &fields).await.status, 303);
    let stale = async || publisher.get("/admin").await.all("section[aria-labelledby=stale-posts] li a").len();
    let import = async |crs: &str| {
        site.advance_hours(1);
        import_rounds(&publisher, &[altered_round("252", &[("drawCRS", crs)])]).await;
    };
    import("475").await;
    assert_eq!(stale().await, 1);
    site.execute("UPDATE posts SET body = 'Round 252 had a CRS cut-off of 475.' WHERE title = 'Typed'").await;
    assert_eq!(stale().await, 1, "no new version of the post or the record");
    site.execute("UPDATE posts SET version = version + 1 WHERE title = 'Typed'").await;
    assert_eq!(stale().await, 0, "a new version of the post");
    import("474").await;
    assert_eq!(stale().await, 1, "a new version of the record");
}

#[actix_web::test]
async fn overlong_text_is_returned_at_once_without_checking() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let phrase = "We guarantee a visa. ";
    for (action, key) in [("save", ""), ("preview", ""), ("publish", ""), ("", "anything")] {
        let body = phrase.repeat(900_000 / phrase.len());
        let fields =
            [("title", "A title"), ("author", "Sheraz"), ("body", &*body), ("action", action), ("apply_fix", key)];
        let page = publisher.post("/admin/posts/new", &fields).await;
        assert_eq!(page.status, 422, "{action}");
        assert!(page.text.contains("The text must be 150,000 characters or fewer"), "{action}");
        assert_eq!(page.all(".findings li").len(), 0, "{action}");
        assert_eq!(page.field_value("body").trim(), body.trim(), "{action}: the input is kept");
        assert!(page.text.len() < body.len() + 50_000, "{action}: {}", page.text.len());
    }
    let body = phrase.repeat(149_000 / phrase.len());
    let fields = [("title", "A title"), ("author", "Sheraz"), ("body", &*body), ("action", "save")];
    let saved = publisher.post("/admin/posts/new", &fields).await;
    assert_eq!(saved.status, 303, "{}", saved.text);
    let page = publisher.get(saved.location()).await;
    assert!(page.text.contains("Only the first 100 findings are shown."));
    assert!(page.text.len() < body.len() + 200_000, "{}", page.text.len());
}
