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
