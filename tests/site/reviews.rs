//! Review of posts: submitting a draft with a note, sending it back, and the lists of posts by state.

use immigration_experts::staff::Role;

use crate::support::{Page, Site, Visitor};

pub const POST: [(&str, &str); 6] = [
    ("title", "Spring plans"),
    ("summary", "A summary."),
    ("author", "Test writer"),
    ("topics", "plans"),
    ("body", "The sky is blue."),
    ("action", "save"),
];

/// The fields of a post with some replaced or added.
pub fn with<'a>(others: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let kept = POST.iter().filter(|(name, _)| !others.iter().any(|(other, _)| other == name));
    kept.chain(others).copied().collect()
}

/// Creates a post with the given fields and returns the path of its editor.
pub async fn create(member: &Visitor, others: &[(&str, &str)]) -> String {
    let page = member.post("/admin/posts/new", &with(others)).await;
    assert_eq!(page.status, 303, "{}", page.text);
    page.location().to_owned()
}

/// Presses a button of the editor with the saved text.
async fn press(member: &Visitor, path: &str, others: &[(&str, &str)]) -> Page {
    let editor = member.get(path).await;
    let (slug, version) = (editor.field_value("slug"), editor.field_value("version"));
    member.post(path, &[&with(others)[..], &[("slug", &slug), ("version", &version)]].concat()).await
}

async fn state(member: &Visitor, path: &str) -> String {
    member.get(path).await.first(".state")
}

#[actix_web::test]
async fn submitted_draft_reaches_the_publishers_by_email_and_on_their_dashboard() {
    let site = Site::start().await;
    let (writer, publisher) = (site.staff(Role::Writer).await, site.staff(Role::Publisher).await);
    site.account("admin@example.com", Role::Admin).await;
    let fields = [("action", "submit"), ("review_note", "Please check <the> figures.\nThanks!")];
    let path = create(&writer, &fields).await;
    let page = writer.get(&path).await;
    assert_eq!(page.first(".flash"), "Submitted for review. The publishers get an e-mail.");
    assert_eq!(page.first(".state"), "in review");
    let sent = site.emails().await;
    let to: Vec<&str> = sent.iter().map(|email| email.recipients.first().unwrap().as_str()).collect();
    assert_eq!(to, ["publisher@example.com"], "admins are not notified while there is a publisher");
    assert_eq!(site.body("subject", "publisher@example.com").await, "For review: Spring plans");
    let text = site.body("body_text", "publisher@example.com").await;
    assert!(text.contains("Test writer submitted “Spring plans” for review."), "{text}");
    assert!(text.contains("Please check <the> figures.\nThanks!") && text.contains(&path), "{text}");
    assert!(site.body("body_html", "publisher@example.com").await.contains("&#60;the&#62;"));
    let waiting = publisher.get("/admin").await.first("section[aria-labelledby=in-review] li");
    assert!(waiting.starts_with("Spring plans Test writer submitted it for review"), "{waiting}");
    assert!(waiting.contains("Please check <the> figures."), "{waiting}");
    assert!(writer.get("/admin").await.all("#in-review").is_empty(), "only publishers review");
    let notice = publisher.get(&path).await.first(".notice");
    assert!(notice.contains("Test writer submitted it for review") && notice.contains("Thanks!"), "{notice}");
    assert_eq!(site.visitor().get("/news/spring-plans").await.status, 404);
    assert_eq!(
        site.text("SELECT action || ': ' || subject FROM audit_log ORDER BY id DESC LIMIT 1").await,
        "submitted a post for review: Spring plans"
    );
}

#[actix_web::test]
async fn admins_review_if_there_is_no_other_publisher() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    site.account("admin@example.com", Role::Admin).await;
    create(&publisher, &[("action", "submit")]).await;
    let sent = site.emails().await;
    assert_eq!(
        sent.iter().map(|email| email.recipients.first().unwrap().as_str()).collect::<Vec<_>>(),
        ["admin@example.com"]
    );
}

#[actix_web::test]
async fn publisher_sends_a_draft_back_with_a_note() {
    let site = Site::start().await;
    let (writer, publisher) = (site.staff(Role::Writer).await, site.staff(Role::Publisher).await);
    let path = create(&writer, &[("action", "submit")]).await;
    let refused = press(&publisher, &path, &[("action", "return"), ("body", "Edited.")]).await;
    assert_eq!((refused.status, refused.first("textarea[name=body]")), (422, "Edited.".into()));
    assert_eq!(refused.attributes("[role=alert] a", "href"), ["#review_note"]);
    let answer = press(&publisher, &path, &[("action", "return"), ("review_note", "Add the source.")]).await;
    assert_eq!((answer.status, answer.location()), (303, &*path));
    assert_eq!(state(&publisher, &path).await, "draft");
    site.deliver_due().await;
    assert_eq!(site.body("subject", "writer@example.com").await, "Sent back: Spring plans");
    assert!(site.body("body_text", "writer@example.com").await.contains("Add the source."));
    let listed = writer.get("/admin").await.first("section[aria-labelledby=returned] li");
    assert!(listed.contains("Test publisher sent it back") && listed.contains("Add the source."), "{listed}");
    assert!(writer.get(&path).await.first(".notice").contains("Add the source."));
    assert!(publisher.get("/admin").await.all("#in-review").is_empty());
    assert_eq!(site.count("SELECT count(*) FROM post_revisions WHERE post_id = 2").await, 1, "the text is unchanged");
    let again = press(&publisher, &path, &[("action", "return"), ("review_note", "Twice.")]).await;
    assert_eq!(again.status, 422, "it is not in review any more");
    let changed = [("action", "submit"), ("body", "The sky is blue, see the source.")];
    assert_eq!(press(&writer, &path, &changed).await.status, 303);
    assert!(writer.get("/admin").await.all("#returned").is_empty(), "submitted again");
    assert_eq!(site.count("SELECT count(*) FROM post_revisions WHERE post_id = 2").await, 2);
    let steps = writer.get(&path).await.all("section[aria-labelledby=review_title] li");
    assert_eq!(steps.len(), 3, "{steps:?}");
}

#[actix_web::test]
async fn text_changed_during_review_is_not_sent_back_or_published_unseen() {
    let site = Site::start().await;
    let (writer, publisher) = (site.staff(Role::Writer).await, site.staff(Role::Publisher).await);
    let path = create(&writer, &[("action", "submit")]).await;
    assert_eq!(press(&writer, &path, &[("body", "Changed meanwhile.")]).await.status, 303);
    assert_eq!(state(&writer, &path).await, "in review", "saving does not end the review");
    for others in [[("action", "return"), ("review_note", "x")], [("action", "publish"), ("review_note", "")]] {
        let fields = [&with(&others)[..], &[("slug", "spring-plans"), ("version", "1")]].concat();
        assert_eq!(publisher.post(&path, &fields).await.status, 409, "{others:?}");
    }
    assert_eq!(state(&writer, &path).await, "in review");
}

#[actix_web::test]
async fn posts_are_listed_by_their_state_from_draft_to_unpublished() {
    let site = Site::start().await;
    let (writer, publisher) = (site.staff(Role::Writer).await, site.staff(Role::Publisher).await);
    let path = create(&writer, &[]).await;
    let schedule = [("action", "schedule"), ("schedule_date", "2026-11-23"), ("schedule_time", "09:00")];
    let section =
        async |id: &str| publisher.get("/admin/posts").await.all(&format!("section[aria-labelledby={id}] li a"));
    assert_eq!((state(&writer, &path).await, section("drafts").await), ("draft".into(), vec!["Spring plans".into()]));
    press(&writer, &path, &[("action", "submit")]).await;
    assert_eq!((state(&writer, &path).await, section("in-review").await.len()), ("in review".into(), 1));
    assert_eq!(section("drafts").await.len(), 0);
    press(&publisher, &path, &schedule).await;
    assert_eq!((state(&writer, &path).await, section("scheduled").await.len()), ("scheduled".into(), 1));
    press(&publisher, &path, &[("action", "publish")]).await;
    assert_eq!((state(&writer, &path).await, section("published").await.len()), ("published".into(), 4));
    assert_eq!(publisher.post(&format!("{path}/withdrawal"), &[]).await.status, 303);
    assert_eq!((state(&writer, &path).await, section("unpublished").await.len()), ("unpublished".into(), 1));
    assert_eq!(press(&writer, &path, &[("action", "submit")]).await.status, 303, "it can be reviewed again");
    assert_eq!(state(&writer, &path).await, "in review");
}

#[actix_web::test]
async fn writers_can_submit_but_not_send_back_or_schedule() {
    let site = Site::start().await;
    let (writer, publisher) = (site.staff(Role::Writer).await, site.staff(Role::Publisher).await);
    let path = create(&writer, &[("action", "submit")]).await;
    let buttons = async |who: &Visitor| who.get(&path).await.attributes("fieldset button", "value");
    assert_eq!(buttons(&writer).await, ["submit"]);
    assert_eq!(buttons(&publisher).await, ["submit", "return", "schedule"]);
    let time = [("schedule_date", "2026-11-23"), ("schedule_time", "09:00"), ("review_note", "Kept")];
    for action in ["return", "schedule"] {
        let page = press(&writer, &path, &[&time[..], &[("action", action)]].concat()).await;
        assert_eq!((page.status, page.first("textarea[name=review_note]")), (403, "Kept".into()), "{action}");
    }
    assert_eq!(press(&publisher, &path, &[&time[..], &[("action", "schedule")]].concat()).await.status, 303);
    let page = writer.get(&path).await;
    assert!(page.first(".notice").starts_with("Writers cannot change published posts or scheduled posts."));
    assert_eq!(page.all(".actions button"), ["Preview"]);
    for action in ["save", "submit"] {
        assert_eq!(
            press(&writer, &path, &[("action", action), ("body", "Not approved.")]).await.status,
            403,
            "{action}"
        );
    }
    assert_eq!(writer.post(&format!("{path}/trash"), &[]).await.status, 403);
    assert_eq!(writer.post(&format!("{path}/revisions/1/restoration"), &[("version", "1")]).await.status, 403);
    let published = press(&publisher, "/admin/posts/1", &[("action", "submit")]).await;
    assert_eq!(published.attributes("[role=alert] a", "href"), ["#review_note"], "a published post needs no review");
}

#[actix_web::test]
async fn draft_that_nobody_reviews_does_not_name_the_last_submission() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let path = create(&publisher, &[("action", "submit")]).await;
    let is_named = |page: &Page| page.all(".notice").iter().any(|notice| notice.contains("submitted it for review"));
    assert!(is_named(&publisher.get(&path).await));
    let time = [("action", "schedule"), ("schedule_date", "2026-11-23"), ("schedule_time", "09:00")];
    assert_eq!(press(&publisher, &path, &time).await.status, 303);
    let page = publisher.post_and_follow(&format!("{path}/schedule/removal"), &[]).await;
    assert_eq!((page.first(".state"), is_named(&page)), ("draft".into(), false));
    assert_eq!(page.all("section[aria-labelledby=review_title] li").len(), 1, "it stays in the list");
}

#[actix_web::test]
async fn audit_log_names_the_state_before_the_publication() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let path = create(&publisher, &[("action", "submit")]).await;
    assert_eq!(publisher.post(&format!("{path}/publication"), &[]).await.status, 303);
    assert_eq!(
        site.text("SELECT changes FROM audit_log ORDER BY id DESC LIMIT 1").await,
        r#"[["status","in review","published"]]"#
    );
}
