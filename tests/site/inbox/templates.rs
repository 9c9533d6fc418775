//! Reply templates.

use immigration_experts::staff::Role;

use super::{insert_inquiry, site_and_writer};

const TEMPLATES_PATH: &str = "/admin/inquiries/templates";

#[actix_web::test]
async fn new_site_has_reply_templates_with_valid_tokens() {
    let (site, writer) = site_and_writer().await;
    let page = writer.get(TEMPLATES_PATH).await;
    let expected = [
        "First reply to an application",
        "Request for documents",
        "We could not reach you by phone",
        "Your occupation is in a category",
    ];
    assert_eq!(page.all(".active a"), expected);
    insert_inquiry(&site, "kind = 'apply', name = 'Amina', email = 'a@example.com', noc = '31301', crs = 480").await;
    let page = writer.get("/admin/inquiries/1").await;
    assert_eq!(page.all("nav[aria-label=Templates] a"), expected);
    for href in page.attributes("nav[aria-label=Templates] a", "href") {
        let page = writer.get(&href).await;
        let text = page.field_value("text");
        assert!(text.starts_with("Dear Amina,") && !text.contains("{{"), "{href}: {text}");
        assert_eq!(page.all("[role=alert]"), Vec::<String>::new(), "{href}");
    }
}

#[actix_web::test]
async fn template_can_be_created_changed_archived_and_restored() {
    let (site, writer) = site_and_writer().await;
    insert_inquiry(&site, "email = 'a@example.com'").await;
    let offered = async || writer.get("/admin/inquiries/1").await.all("nav[aria-label=Templates] a");
    let fields = [("title", "Hours"), ("body", "We are open, {{name}}.\n\nBye.")];
    let page = writer.post_and_follow(&format!("{TEMPLATES_PATH}/new"), &fields).await;
    assert!(page.all(".active a").contains(&"Hours".to_owned()));
    let id = site.count("SELECT max(id) FROM answer_templates").await;
    let path = format!("{TEMPLATES_PATH}/{id}");
    let page = writer.get(&path).await;
    assert_eq!((page.field_value("title"), page.field_value("version")), ("Hours".into(), "1".into()));
    let changed = [("title", "Our hours"), ("body", "Closed, {{name}}."), ("version", "1")];
    assert_eq!(writer.post(&path, &changed).await.status, 303);
    let page = writer.get(&format!("/admin/inquiries/1?template={id}")).await;
    assert_eq!(page.field_value("text"), "Closed, Visitor.");

    let page = writer.post_and_follow(&format!("{path}/archive"), &[]).await;
    assert_eq!(page.all(".archived a"), ["Our hours"]);
    assert!(!offered().await.contains(&"Our hours".to_owned()));
    assert_eq!(writer.post(&format!("{path}/archive"), &[]).await.status, 303, "repeating it changes nothing");
    let page = writer.post_and_follow(&format!("{path}/unarchive"), &[]).await;
    assert_eq!(page.first(".flash"), "Template restored.");
    assert!(offered().await.contains(&"Our hours".to_owned()));
    for path in ["99", "x", "99/archive", "99/unarchive"] {
        assert_eq!(writer.post(&format!("{TEMPLATES_PATH}/{path}"), &fields).await.status, 404, "{path}");
    }
    let log = "SELECT group_concat(action, ', ') FROM audit_log WHERE subject LIKE '%ours'";
    assert_eq!(
        site.text(log).await,
        "created a reply template, updated a reply template, archived a reply template, restored a reply template"
    );
}

#[actix_web::test]
async fn template_with_an_unknown_token_is_rejected_and_keeps_input() {
    let (site, writer) = site_and_writer().await;
    let before = site.count("SELECT count(*) FROM answer_templates").await;
    for (title, body, field, message) in [
        ("", "Text", "title", "Enter a title."),
        ("T", "", "body", "Enter the text."),
        ("T", "Dear {{nam}},", "body", "“{{nam}}” is not valid"),
        ("T", "{{draw 9999 crs}}", "body", "There is no draw 9999 in the record."),
        ("T", "{{draw latest nothing crs}}", "body", "no draw of this category is on record"),
        ("T", "{{draw latest score}}", "body", "“score” is not a field of a draw"),
        ("T", "{{draw 252 figures}}", "body", "must be in a paragraph of its own"),
        ("T", "{{name", "body", "is not closed"),
    ] {
        let page = writer.post(&format!("{TEMPLATES_PATH}/new"), &[("title", title), ("body", body)]).await;
        assert_eq!(page.status, 422, "{body}");
        assert!(page.first(&format!("#{field}-error")).contains(message), "{}", page.first(&format!("#{field}-error")));
        assert_eq!((page.field_value("title"), page.field_value("body")), (title.into(), body.into()));
    }
    assert_eq!(site.count("SELECT count(*) FROM answer_templates").await, before);
}

#[actix_web::test]
async fn concurrent_template_edits_show_a_conflict() {
    let (site, writer) = site_and_writer().await;
    let publisher = site.staff(Role::Publisher).await;
    let path = format!("{TEMPLATES_PATH}/1");
    publisher.post(&path, &[("title", "Theirs"), ("body", "Their text."), ("version", "1")]).await;
    let page = writer.post(&path, &[("title", "Mine"), ("body", "My text."), ("version", "1")]).await;
    assert_eq!(page.status, 409);
    let notice = page.first("[role=alert]");
    assert!(notice.contains("Test publisher") && notice.contains("Their text."), "{notice}");
    assert_eq!(
        (page.field_value("title"), page.field_value("body"), page.field_value("version")),
        ("Mine".into(), "My text.".into(), "2".into())
    );
    assert_eq!(writer.post(&path, &[("title", "Mine"), ("body", "My text."), ("version", "2")]).await.status, 303);
    assert_eq!(site.text("SELECT body FROM answer_templates WHERE id = 1").await, "My text.");
}

/// Text of a template for the first inquiry, and the messages shown to staff.
async fn filled_template(
    site: &crate::support::Site,
    writer: &crate::support::Visitor,
    title: &str,
) -> (String, String) {
    let sql = sqlx::AssertSqlSafe(format!("SELECT id FROM answer_templates WHERE title = '{title}'"));
    let id: i64 = sqlx::query_scalar(sql).fetch_one(site.running.services.db.read()).await.unwrap();
    let page = writer.get(&format!("/admin/inquiries/1?template={id}")).await;
    (page.field_value("text"), page.all("[role=alert]").join(" "))
}

#[actix_web::test]
async fn nominee_draw_cut_off_is_not_given_as_the_lowest_score() {
    let (site, writer) = site_and_writer().await;
    insert_inquiry(&site, "kind = 'apply', name = 'Amina', email = 'a@example.com', noc = '31301'").await;
    let (text, _) = filled_template(&site, &writer, "First reply to an application").await;
    assert!(
        text.contains("October 1, 2026 (Trades Occupations, 2026-Version 3), with a CRS cut-off of 476."),
        "{text}"
    );
    site.execute("DELETE FROM draws WHERE round IN ('446', '447')").await;
    let (text, messages) = filled_template(&site, &writer, "First reply to an application").await;
    assert!(
        text.contains("with a CRS cut-off of 725, which includes the 600 points of a provincial nomination."),
        "{text}"
    );
    assert!(!text.contains("lowest score") && messages.is_empty(), "{text} {messages}");
}

#[actix_web::test]
async fn template_explains_the_tie_break_at_the_cut_off() {
    let (site, writer) = site_and_writer().await;
    insert_inquiry(&site, "kind = 'apply', name = 'Amina', email = 'a@example.com', noc = '31301', crs = 468").await;
    let (text, messages) = filled_template(&site, &writer, "Your occupation is in a category").await;
    assert!(text.contains("At exactly the cut-off the tie-break decides"), "{text}");
    assert!(!text.contains("at or above") && !text.contains("Good news") && messages.is_empty(), "{text} {messages}");
}

#[actix_web::test]
async fn category_requiring_canadian_work_is_never_offered_as_open() {
    let (site, writer) = site_and_writer().await;
    insert_inquiry(&site, "kind = 'apply', name = 'Amina', email = 'a@example.com', noc = '00012'").await;
    let page = writer.get("/admin/inquiries/1").await;
    assert!(!page.all("nav[aria-label=Templates] a").contains(&"Your occupation is in a category".to_owned()));
    let notice = page.first("#reply ~ .notice, section[aria-labelledby=reply] .notice");
    assert!(
        notice.contains("“Your occupation is in a category” is not available here")
            && notice.contains("counts work in Canada only"),
        "{notice}"
    );
    assert!(page.first("section[aria-labelledby=eligibility]").contains("counts work in Canada only"));
    // The same applies to a staff template with these variables, and to one opened by its URL.
    site.execute(
        "INSERT INTO answer_templates (title, body, updated_at, updated_by) \
              SELECT 'Mine', 'Good news: {{categories}}', updated_at, updated_by FROM answer_templates LIMIT 1",
    )
    .await;
    assert!(!writer.get("/admin/inquiries/1").await.all("nav[aria-label=Templates] a").contains(&"Mine".to_owned()));
    let (text, messages) = filled_template(&site, &writer, "Mine").await;
    assert!(text.contains("{{categories}}") && messages.contains("counts work in Canada only"), "{text} {messages}");

    site.execute("UPDATE inquiries SET noc = '31102'").await;
    let (text, messages) = filled_template(&site, &writer, "Your occupation is in a category").await;
    assert!(text.contains("Healthcare and social services occupations") && !text.contains("Physicians"), "{text}");
    assert!(
        messages.contains(
            "Not included in the text: “Physicians with Canadian work experience” counts work in Canada only."
        ),
        "{messages}"
    );
}
