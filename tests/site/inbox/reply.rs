//! Replies by e-mail: threading, variables and history.

use immigration_experts::staff::Role;

use super::{insert_inquiry, site_and_writer};
use crate::support::Site;

#[actix_web::test]
async fn reply_is_emailed_and_fully_recorded() {
    let (site, writer) = site_and_writer().await;
    let fields = [("name", "Zaynab"), ("email", "zaynab@example.com"), ("phone", "0300 1234567"), ("message", "Hello")];
    site.visitor().post("/contact", &fields).await;
    site.emails().await;
    let receipt = site.text("SELECT message_id FROM outbox WHERE recipient = 'zaynab@example.com'").await;
    let page = writer.get("/admin/inquiries/1").await;
    assert_eq!(page.field_value("subject"), "Your inquiry IE-2026-000001");
    assert!(page.first("#text-hint").contains("If the visitor answers it, the e-mail goes to inbox@example.com and"));
    let text = "Dear Zaynab,\n\nyes & <no>.\nSee you.";
    let answer = [("subject", "Your inquiry IE-2026-000001"), ("text", text)];
    let page = writer.post_and_follow("/admin/inquiries/1/reply", &answer).await;
    assert_eq!(
        (page.first(".flash"), page.first(".state")),
        ("Reply to IE-2026-000001 is being sent.".into(), "Answered".into())
    );
    assert!(page.first("h1 + p").contains("Assigned to Test writer"));
    assert!(page.all("ol.rows .note")[0].contains("yes & <no>. See you."), "{:?}", page.all("ol.rows .note"));
    let emails = site.emails().await;
    let email = emails.last().unwrap();
    assert_eq!(email.recipients, ["zaynab@example.com"]);
    assert!(email.source.contains("Reply-To: inbox@example.com"), "{}", email.source);
    for head in ["In-Reply-To", "References"] {
        assert!(email.source.contains(&format!("{head}: <{receipt}>")), "{}", email.source);
    }
    let notice = "If you answer this e-mail, it goes to inbox@example.com. Please quote your reference IE-2026-000001.";
    assert_eq!(site.body("body_text", "zaynab@example.com").await, format!("{text}\n\n-- \n{notice}\n"));
    let html = site.body("body_html", "zaynab@example.com").await;
    assert!(html.contains("yes &#38; &#60;no&#62;.<br>See you."), "{html}");
    let first = site.text("SELECT message_id FROM outbox ORDER BY id DESC LIMIT 1").await;
    writer.post("/admin/inquiries/1/reply", &answer).await;
    assert!(
        site.emails().await.last().unwrap().source.contains(&format!("In-Reply-To: <{first}>")),
        "the thread continues"
    );
    assert!(writer.get("/admin/inquiries/1").await.all("h2 + ul li .state").iter().all(|state| state == "sent"));
}

#[actix_web::test]
async fn reply_email_history_and_state_change_in_one_transaction() {
    let (site, writer) = site_and_writer().await;
    insert_inquiry(&site, "email = 'a@example.com'").await;
    site.execute(
        "CREATE TRIGGER full BEFORE INSERT ON inquiry_events BEGIN SELECT RAISE(FAIL, 'the disk is full'); END",
    )
    .await;
    assert_eq!(writer.post("/admin/inquiries/1/reply", &[("subject", "S"), ("text", "T")]).await.status, 503);
    assert_eq!(site.count("SELECT count(*) FROM outbox").await, 0);
    assert_eq!(site.text("SELECT state FROM inquiries").await, "new");
}

#[actix_web::test]
async fn invalid_reply_is_returned_with_entered_values() {
    let (site, writer) = site_and_writer().await;
    insert_inquiry(&site, "email = 'a@example.com'").await;
    let (long, far) = ("x".repeat(201), "x".repeat(20_001));
    for (subject, text, field, message) in [
        ("", "Text", "subject", "Enter a subject."),
        (&*long, "Text", "subject", "The subject must be 200 characters or fewer."),
        ("Subject", " \n", "text", "Enter your reply."),
        ("Subject", &*far, "text", "The reply must be 20,000 characters or fewer."),
        (
            "Subject",
            "{{draw 9999 crs}}",
            "text",
            "“{{draw 9999 crs}}” is not valid. There is no draw 9999 in the record.",
        ),
        ("Subject", "{{sum}}", "text", "“{{sum}}” is not valid"),
        ("Subject", "{{crs}}", "text", "No CRS score on file. Write it yourself."),
        ("Subject", "{{open", "text", "is not closed"),
    ] {
        let page = writer.post("/admin/inquiries/1/reply", &[("subject", subject), ("text", text)]).await;
        assert_eq!(page.status, 422, "{text}");
        assert!(page.first(&format!("#{field}-error")).contains(message), "{}", page.first(&format!("#{field}-error")));
        assert_eq!(page.field_value("subject"), subject);
        assert_eq!(page.all("textarea[name=text]")[0], text.trim());
    }
    assert_eq!(site.count("SELECT count(*) FROM outbox").await, 0);
}

#[actix_web::test]
async fn tokens_in_a_reply_are_previewed_before_sending() {
    let (site, writer) = site_and_writer().await;
    insert_inquiry(&site, "name = 'Amina', email = 'a@example.com'").await;
    let typed = [("subject", "S"), ("text", "{{name}}, the cut-off was {{draw 252 crs}} on {{ Draw 252 date }}.")];
    let page = writer.post("/admin/inquiries/1/reply", &typed).await;
    assert_eq!((page.status, page.field_value("text")), (422, "Amina, the cut-off was 476 on June 28, 2023.".into()));
    assert_eq!(page.first("#text-error"), "Error: The variables are filled in. Check the text, then send it.");
    assert_eq!(site.count("SELECT count(*) FROM outbox").await, 0);
    let read = page.field_value("text");
    assert_eq!(writer.post("/admin/inquiries/1/reply", &[("subject", "S"), ("text", &read)]).await.status, 303);
    assert!(site.body("body_text", "a@example.com").await.starts_with(&format!("{read}\n\n-- \n")));
}

#[actix_web::test]
async fn template_is_filled_from_the_draw_record_and_the_inquiry() {
    let (site, writer) = site_and_writer().await;
    insert_inquiry(
        &site,
        "kind = 'apply', name = '{{draw 252 crs}}', email = 'a@example.com', noc = '31301', crs = 480",
    )
    .await;
    insert_inquiry(&site, "email = 'b@example.com'").await;
    let body = "{{name}} {{reference}} {{me}} {{occupation}} {{crs}} [{{categories}}] {{latest draws}} \
                {{draw latest crs}} {{draw latest healthcare crs}} {{draw 252 tie-break}} {{phone}} {{firm}}";
    let page = writer.post("/admin/inquiries/templates/new", &[("title", "All of it"), ("body", body)]).await;
    assert_eq!(page.status, 303, "{}", page.text);
    let id = site.count("SELECT max(id) FROM answer_templates").await;
    let newest = site.count("SELECT crs FROM draws ORDER BY sort_key DESC LIMIT 1").await;
    let (round, crs) = (
        site.text("SELECT round FROM draws WHERE category_key = 'healthcare' ORDER BY sort_key DESC LIMIT 1").await,
        site.count("SELECT crs FROM draws WHERE category_key = 'healthcare' ORDER BY sort_key DESC LIMIT 1").await,
    );
    let page = writer.get(&format!("/admin/inquiries/1?template={id}")).await;
    let text = page.field_value("text");
    assert!(
        text.starts_with(
            "((draw 252 crs)) IE-2026-000001 Test writer Registered nurses and registered psychiatric nurses 480 ["
        ),
        "text of the visitor is not expanded: {text}"
    );
    assert!(
        text.contains(&format!("draw {round} of ")) && text.contains(&format!("a CRS cut-off of {crs}.")),
        "{text}"
    );
    let end =
        format!("{newest} {crs} November 12, 2022, 12:47 p.m. UTC 051 8439995 or 042 35911332 Immigration Experts");
    assert!(text.ends_with(&end), "{text}");
    let page = writer.get(&format!("/admin/inquiries/2?template={id}")).await;
    let problem = page.first("[role=alert]");
    assert!(problem.contains("No occupation on file. Write it yourself."), "{problem}");
    assert!(page.field_value("text").contains("{{occupation}}"), "the variable is kept");
    for id in ["99", "x", ""] {
        assert_eq!(writer.get(&format!("/admin/inquiries/2?template={id}")).await.field_value("text"), "");
    }
}

#[actix_web::test]
async fn inquiry_without_an_email_offers_a_call_instead() {
    let (site, writer) = site_and_writer().await;
    insert_inquiry(&site, "phone = '0300 1234567'").await;
    let page = writer.get("/admin/inquiries/1").await;
    assert!(page.first("section[aria-labelledby=reply] p").starts_with("No e-mail address given. Call them"));
    assert_eq!(page.all("textarea[name=text]"), Vec::<String>::new());
    let page = writer.post("/admin/inquiries/1/reply", &[("subject", "S"), ("text", "Typed words")]).await;
    assert_eq!(page.status, 422);
    assert!(page.first("[role=alert]").contains("Call them") && page.text.contains("Typed words"));
    assert_eq!(site.count("SELECT count(*) FROM outbox").await, 0);
}

#[actix_web::test]
async fn without_a_mail_server_staff_and_visitors_are_told_that_nothing_is_sent() {
    let site = Site::start_with_file_drop().await;
    let writer = site.staff(Role::Writer).await;
    let fields = [("name", "Zaynab"), ("email", "zaynab@example.com"), ("message", "Hello")];
    let receipt = site.visitor().post_and_follow("/contact", &fields).await;
    assert!(receipt.text.contains("No confirmation e-mail was sent to your address."), "{}", receipt.text);
    let answer = [("subject", "Your inquiry"), ("text", "Yes.")];
    let flash = writer.post_and_follow("/admin/inquiries/1/reply", &answer).await.first(".flash");
    let directory = site.dir.path().join("data/mail");
    assert_eq!(
        flash,
        format!(
            "Reply to IE-2026-000001 saved. No mail server is set, so it is not sent: it is saved as a file in {}, and \
             E-mails shows it.",
            directory.display()
        )
    );
    site.deliver_due().await;
    assert_eq!(std::fs::read_dir(directory).unwrap().count(), 3, "inquiry, confirmation and reply");
    site.execute("UPDATE inquiries SET state = 'quarantined', state_before_spam = NULL").await;
    let flash = writer.post_and_follow("/admin/inquiries/1/release", &[]).await.first(".flash");
    assert!(flash.contains("its e-mails are saved as files and not sent"), "{flash}");
    let post = [("title", "A post"), ("summary", "S"), ("author", "A"), ("body", "Text."), ("action", "submit")];
    let flash = writer.post_and_follow("/admin/posts/new", &post).await.first(".flash");
    assert_eq!(flash, "Submitted for review. No mail server is set, so tell the publishers yourself.");
}
