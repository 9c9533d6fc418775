//! The templates for answers, as the desk keeps them.

use immigration_experts::staff::Role;

use super::{keep, site_and_writer};

const DESK: &str = "/admin/inquiries/templates";

#[actix_web::test]
async fn a_new_site_has_answers_ready_in_which_every_token_stands_for_something() {
    let (site, writer) = site_and_writer().await;
    let page = writer.get(DESK).await;
    let expected = [
        "Asking for documents",
        "First answer to an application",
        "We could not reach you by telephone",
        "Your occupation is on a list",
    ];
    assert_eq!(page.all(".offered a"), expected);
    keep(&site, "kind = 'apply', name = 'Amina', email = 'a@example.com', noc = '31301', crs = 480").await;
    let page = writer.get("/admin/inquiries/1").await;
    assert_eq!(page.all("nav[aria-label=Templates] a"), expected);
    for href in page.attributes("nav[aria-label=Templates] a", "href") {
        let page = writer.get(&href).await;
        let text = page.typed("text");
        assert!(text.starts_with("Dear Amina,") && !text.contains("{{"), "{href}: {text}");
        assert_eq!(page.all("[role=alert]"), Vec::<String>::new(), "{href}");
    }
}

#[actix_web::test]
async fn a_template_is_written_changed_retired_and_brought_back() {
    let (site, writer) = site_and_writer().await;
    keep(&site, "email = 'a@example.com'").await;
    let offered = async || writer.get("/admin/inquiries/1").await.all("nav[aria-label=Templates] a");
    let fields = [("title", "Hours"), ("body", "We are open, {{name}}.\n\nBye.")];
    let page = writer.post_and_follow(&format!("{DESK}/new"), &fields).await;
    assert!(page.all(".offered a").contains(&"Hours".to_owned()));
    let id = site.count("SELECT max(id) FROM answer_templates").await;
    let path = format!("{DESK}/{id}");
    let page = writer.get(&path).await;
    assert_eq!((page.typed("title"), page.typed("version")), ("Hours".into(), "1".into()));
    let changed = [("title", "Our hours"), ("body", "Closed, {{name}}."), ("version", "1")];
    assert_eq!(writer.post(&path, &changed).await.status, 303);
    let page = writer.get(&format!("/admin/inquiries/1?template={id}")).await;
    assert_eq!(page.typed("text"), "Closed, Visitor.");

    let page = writer.post_and_follow(&format!("{path}/retirement"), &[]).await;
    assert_eq!(page.all(".retired a"), ["Our hours"]);
    assert!(!offered().await.contains(&"Our hours".to_owned()));
    assert_eq!(writer.post(&format!("{path}/retirement"), &[]).await.status, 303, "twice is once");
    let page = writer.post_and_follow(&format!("{path}/return"), &[]).await;
    assert_eq!(page.first(".flash"), "It is offered again.");
    assert!(offered().await.contains(&"Our hours".to_owned()));
    for path in ["99", "x", "99/retirement", "99/return"] {
        assert_eq!(writer.post(&format!("{DESK}/{path}"), &fields).await.status, 404, "{path}");
    }
    let log = "SELECT group_concat(action, ', ') FROM audit_log WHERE subject LIKE '%ours'";
    assert_eq!(
        site.text(log).await,
        "wrote a template for answers, changed a template for answers, retired a template for answers, brought back a template for answers"
    );
}

#[actix_web::test]
async fn a_template_that_names_nothing_is_refused_and_what_was_typed_stays() {
    let (site, writer) = site_and_writer().await;
    let before = site.count("SELECT count(*) FROM answer_templates").await;
    for (title, body, field, message) in [
        ("", "Text", "title", "Give the template a title"),
        ("T", "", "body", "Write the text."),
        ("T", "Dear {{nam}},", "body", "“{{nam}}” names nothing"),
        ("T", "{{draw 9999 crs}}", "body", "There is no round 9999 in the record."),
        ("T", "{{draw newest nothing crs}}", "body", "there is no such round in the record"),
        ("T", "{{draw newest score}}", "body", "“score” is nothing a round has"),
        ("T", "{{draw 252 figures}}", "body", "needs a paragraph of its own"),
        ("T", "{{name", "body", "is not closed"),
    ] {
        let page = writer.post(&format!("{DESK}/new"), &[("title", title), ("body", body)]).await;
        assert_eq!(page.status, 422, "{body}");
        assert!(page.first(&format!("#{field}-error")).contains(message), "{}", page.first(&format!("#{field}-error")));
        assert_eq!((page.typed("title"), page.typed("body")), (title.into(), body.into()));
    }
    assert_eq!(site.count("SELECT count(*) FROM answer_templates").await, before);
}

#[actix_web::test]
async fn two_who_change_one_template_do_not_overwrite_each_other_unseen() {
    let (site, writer) = site_and_writer().await;
    let publisher = site.staff(Role::Publisher).await;
    let path = format!("{DESK}/1");
    publisher.post(&path, &[("title", "Theirs"), ("body", "Their text."), ("version", "1")]).await;
    let page = writer.post(&path, &[("title", "Mine"), ("body", "My text."), ("version", "1")]).await;
    assert_eq!(page.status, 409);
    let notice = page.first("[role=alert]");
    assert!(notice.contains("Test publisher") && notice.contains("Their text."), "{notice}");
    assert_eq!(
        (page.typed("title"), page.typed("body"), page.typed("version")),
        ("Mine".into(), "My text.".into(), "2".into())
    );
    assert_eq!(writer.post(&path, &[("title", "Mine"), ("body", "My text."), ("version", "2")]).await.status, 303);
    assert_eq!(site.text("SELECT body FROM answer_templates WHERE id = 1").await, "My text.");
}

/// The text that the template with this title gives for the first inquiry, and what staff are told.
async fn chosen(site: &crate::support::Site, writer: &crate::support::Visitor, title: &str) -> (String, String) {
    let sql = sqlx::AssertSqlSafe(format!("SELECT id FROM answer_templates WHERE title = '{title}'"));
    let id: i64 = sqlx::query_scalar(sql).fetch_one(site.running.db.read()).await.unwrap();
    let page = writer.get(&format!("/admin/inquiries/1?template={id}")).await;
    (page.typed("text"), page.all("[role=alert]").join(" "))
}

#[actix_web::test]
async fn the_cut_off_of_a_nominees_draw_is_not_given_as_a_lowest_score() {
    let (site, writer) = site_and_writer().await;
    keep(&site, "kind = 'apply', name = 'Amina', email = 'a@example.com', noc = '31301'").await;
    let (text, _) = chosen(&site, &writer, "First answer to an application").await;
    assert!(
        text.contains("October 1, 2026 (Trades Occupations, 2026-Version 3), with a CRS cut-off of 476."),
        "{text}"
    );
    site.run("DELETE FROM draws WHERE round IN ('446', '447')").await;
    let (text, told) = chosen(&site, &writer, "First answer to an application").await;
    assert!(
        text.contains("with a CRS cut-off of 725, which includes the 600 points of a provincial nomination."),
        "{text}"
    );
    assert!(!text.contains("lowest score") && told.is_empty(), "{text} {told}");
}

#[actix_web::test]
async fn a_listed_occupation_is_told_that_the_tie_break_decides_at_the_cut_off() {
    let (site, writer) = site_and_writer().await;
    keep(&site, "kind = 'apply', name = 'Amina', email = 'a@example.com', noc = '31301', crs = 468").await;
    let (text, told) = chosen(&site, &writer, "Your occupation is on a list").await;
    assert!(text.contains("At exactly the cut-off the tie-break decides"), "{text}");
    assert!(!text.contains("at or above") && !text.contains("Good news") && told.is_empty(), "{text} {told}");
}

#[actix_web::test]
async fn a_category_that_counts_work_in_canada_only_is_never_named_as_open() {
    let (site, writer) = site_and_writer().await;
    keep(&site, "kind = 'apply', name = 'Amina', email = 'a@example.com', noc = '00012'").await;
    let page = writer.get("/admin/inquiries/1").await;
    assert!(!page.all("nav[aria-label=Templates] a").contains(&"Your occupation is on a list".to_owned()));
    let notice = page.first("#answer ~ .notice, section[aria-labelledby=answer] .notice");
    assert!(
        notice.contains("“Your occupation is on a list” is not offered here")
            && notice.contains("counts work in Canada only"),
        "{notice}"
    );
    assert!(page.first("section[aria-labelledby=beside]").contains("counts work in Canada only"));
    // A template of the staff's own with the same tokens is treated alike, and so is one that is opened by its address.
    site.run(
        "INSERT INTO answer_templates (title, body, updated_at, updated_by) \
              SELECT 'Mine', 'Good news: {{categories}}', updated_at, updated_by FROM answer_templates LIMIT 1",
    )
    .await;
    assert!(!writer.get("/admin/inquiries/1").await.all("nav[aria-label=Templates] a").contains(&"Mine".to_owned()));
    let (text, told) = chosen(&site, &writer, "Mine").await;
    assert!(text.contains("{{categories}}") && told.contains("counts work in Canada only"), "{text} {told}");

    site.run("UPDATE inquiries SET noc = '31102'").await;
    let (text, told) = chosen(&site, &writer, "Your occupation is on a list").await;
    assert!(text.contains("Healthcare and social services occupations") && !text.contains("Physicians"), "{text}");
    assert!(
        told.contains("Not named in the text: “Physicians with Canadian work experience” counts work in Canada only."),
        "{told}"
    );
}
