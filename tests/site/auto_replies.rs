//! Automatic e-mails: limited, marked as automatic, and sent after e-mails to staff.

use immigration_experts::staff::Role;

use crate::support::smtp::{FakeSmtpServer, SmtpBehaviour};
use crate::support::{Page, Site, Visitor};

/// Sends the contact form and opens the receipt.
async fn send_inquiry(visitor: &Visitor, email: &str, message: &str) -> Page {
    visitor.post_and_follow("/contact", &[("name", "Ali"), ("email", email), ("message", message)]).await
}

const NONE_SENT: &str = "No confirmation e-mail was sent to your address.";
const TO_VICTIM: &str = "SELECT count(*) FROM outbox WHERE purpose = 'auto_reply'";

#[actix_web::test]
async fn one_address_gets_at_most_three_automatic_emails_a_day() {
    let site = Site::start().await;
    let spellings = ["victim@gmail.com", "Victim@Gmail.com", "v.i.c.t.i.m@gmail.com", "victim+7@googlemail.com"];
    for (number, email) in spellings.iter().cycle().take(24).enumerate() {
        let receipt = send_inquiry(&site.visitor(), email, &format!("A question of mine, number {number}")).await;
        assert_eq!(receipt.text.contains(NONE_SENT), number >= 3, "{number}");
    }
    assert_eq!(site.count(TO_VICTIM).await, 3);
    let to_staff = "SELECT count(*) FROM outbox WHERE purpose = 'notification'";
    assert_eq!(site.count("SELECT count(*) FROM inquiries").await, 24, "every inquiry is kept");
    assert_eq!(site.count(to_staff).await, site.count("SELECT count(*) FROM inquiries WHERE state = 'new'").await);
    // Other addresses are not affected, and the limit ends after a day.
    assert!(!send_inquiry(&site.visitor(), "other@gmail.com", "Hello").await.text.contains(NONE_SENT));
    site.advance_hours(25);
    assert!(!send_inquiry(&site.visitor(), "victim@gmail.com", "Hello again").await.text.contains(NONE_SENT));
}

#[actix_web::test]
async fn concurrent_forms_count_towards_the_auto_reply_limit() {
    let site = Site::start().await;
    let visitor = site.visitor();
    let messages: Vec<String> = (0..20).map(|number| format!("Question {number}")).collect();
    let forms = messages.iter().map(|message| async {
        let fields = [("name", "Ali"), ("email", "victim@example.com"), ("message", message)];
        assert_eq!(visitor.post("/contact", &fields).await.status, 303);
    });
    futures_util::future::join_all(forms).await;
    assert_eq!((site.count("SELECT count(*) FROM inquiries").await, site.count(TO_VICTIM).await), (20, 3));
}

#[actix_web::test]
async fn withdrawals_and_corrections_count_towards_the_email_limit() {
    let site = Site::start().await;
    for number in 0..6 {
        let visitor = site.visitor();
        let receipt = send_inquiry(&visitor, "victim@example.com", &format!("Question {number}")).await.path;
        let confirm = [("address", "victim@example.com")];
        let page = visitor.post(&format!("{receipt}/confirmation"), &confirm).await;
        let access_token = page.location().split(['=', '#']).nth(1).unwrap().to_owned();
        let correct =
            [("name", "Ali"), ("email", "second@example.com"), ("phone", ""), ("access_token", &*access_token)];
        assert_eq!(visitor.post(&format!("{receipt}/contact"), &correct).await.status, 303);
        let page = visitor.post(&format!("{receipt}/confirmation"), &[("address", "second@example.com")]).await;
        let access_token = page.location().split(['=', '#']).nth(1).unwrap().to_owned();
        let withdraw = [("access_token", &*access_token), ("sure", "yes")];
        assert_eq!(visitor.post(&format!("{receipt}/withdrawal"), &withdraw).await.status, 303);
        site.clock.advance(jiff::SignedDuration::from_mins(10));
    }
    let each = "SELECT group_concat(recipient || ' ' || n) FROM
                (SELECT recipient, count(*) AS n FROM outbox WHERE purpose = 'auto_reply' GROUP BY recipient ORDER BY recipient)";
    assert_eq!(site.text(each).await, "second@example.com 3,victim@example.com 3");
}

#[actix_web::test]
async fn released_inquiries_are_acknowledged_within_the_limit() {
    let site = Site::start().await;
    for number in 0..5 {
        send_inquiry(&site.visitor(), "victim@example.com", &format!("Question {number}")).await;
    }
    site.execute("DELETE FROM outbox; UPDATE inquiries SET state = 'quarantined'").await;
    let writer = site.staff(Role::Writer).await;
    for id in 1..=5 {
        assert_eq!(writer.post(&format!("/admin/inquiries/{id}/release"), &[]).await.status, 303);
    }
    let released = site.count("SELECT count(*) FROM inquiries WHERE state <> 'quarantined'").await;
    assert_eq!((released, site.count(TO_VICTIM).await), (5, 3));
}

#[actix_web::test]
async fn network_gets_20_acknowledgements_an_hour_and_staff_get_all() {
    let site = Site::start_with(&["--staff-inbox", "inbox@example.com", "--trusted-proxies", "127.0.0.1"]).await;
    let from = async |address: &str, number: usize| {
        let (email, message) = (format!("person{number}@example.com"), format!("Please call me, I am {number}"));
        let fields = [("name", "Ali"), ("email", &*email), ("message", &*message)];
        let visitor = site.visitor();
        let page = visitor.post_with("/contact", &fields, &[("x-forwarded-for", address)]).await;
        assert_eq!(page.status, 303);
        visitor.get(page.location()).await.text.contains(NONE_SENT)
    };
    let mut without = 0;
    for number in 0..25 {
        without += usize::from(from(&format!("203.0.113.{number}"), number).await);
    }
    assert_eq!((without, site.count(TO_VICTIM).await), (5, 20));
    assert!(!from("198.51.100.7", 100).await, "another network");
    site.advance_hours(2);
    assert!(!from("203.0.113.7", 101).await, "an hour later");
    site.advance_hours(25);
    site.running.jobs.run("inquiries").await.unwrap();
    assert_eq!(
        site.count("SELECT count(*) FROM outbox WHERE network_hash <> ''").await,
        0,
        "networks are deleted after a day"
    );
}

#[actix_web::test]
async fn staff_emails_are_sent_before_acknowledgements_in_a_flood() {
    let server = FakeSmtpServer::start(SmtpBehaviour::OutOfService);
    let site = Site::start_with_smtp(&server.url).await;
    for number in 0..30 {
        send_inquiry(&site.visitor(), &format!("person{number}@example.com"), &format!("Question {number}")).await;
    }
    server.set_behaviour(SmtpBehaviour::Accepts);
    site.advance_hours(1);
    site.deliver_due().await;
    let sent_emails = server.received();
    let is_to_staff = |email: &String| email.contains("\nTo: inbox@example.com");
    let (staff, visitors) = sent_emails.split_at(sent_emails.iter().filter(|email| is_to_staff(email)).count());
    assert!(staff.iter().all(is_to_staff) && !visitors.is_empty() && !visitors.iter().any(is_to_staff));
}

fn header(source: &str, name: &str) -> Option<String> {
    let head = source.replace("\r\n ", " ");
    let head = head.split("\r\n\r\n").next().unwrap_or_default();
    head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": ").map(str::to_owned))
}

async fn send_reply(staff: &Visitor) {
    let page = staff.get("/admin/inquiries/1").await;
    let seen = |name: &str| page.attributes(&format!("form[action$='/reply'] input[name={name}]"), "value").remove(0);
    let (version, event) = (seen("version"), seen("last_event"));
    let fields = [("subject", "Your inquiry"), ("text", "Yes."), ("version", &*version), ("last_event", &*event)];
    let page = staff.post("/admin/inquiries/1/reply", &fields).await;
    assert_eq!(page.status, 303, "{}", page.text);
}

#[actix_web::test]
async fn staff_replies_have_a_reply_to_address_even_without_a_company_address() {
    let site = Site::start_with(&[]).await;
    let admin = site.staff(Role::Admin).await;
    send_inquiry(&site.visitor(), "ali@example.com", "Hello").await;
    send_reply(&admin).await;
    let reply =
        site.emails().await.into_iter().rfind(|email| email.source.contains("Subject: Your inquiry\r\n")).unwrap();
    assert_eq!(header(&reply.source, "Reply-To").as_deref(), Some("admin@example.com"));
}

#[actix_web::test]
async fn automatic_emails_are_marked_and_staff_replies_are_not() {
    let site = Site::start().await;
    send_inquiry(&site.visitor(), "ali@example.com", "Hello").await;
    let auto_headers = |source: &str| [header(source, "Auto-Submitted"), header(source, "X-Auto-Response-Suppress")];
    let emails = site.emails().await;
    let to = |recipient: &str| emails.iter().rfind(|it| it.recipients == [recipient]).unwrap().source.clone();
    assert_eq!(auto_headers(&to("inbox@example.com")), [Some("auto-generated".into()), Some("All".into())]);
    assert_eq!(auto_headers(&to("ali@example.com")), [Some("auto-replied".into()), Some("All".into())]);
    send_reply(&site.staff(Role::Writer).await).await;
    let emails = site.emails().await;
    let answer = &emails.last().unwrap().source;
    assert!(answer.contains("Subject: Your inquiry\r\n"), "{answer}");
    assert_eq!(auto_headers(answer), [None, None]);
    assert!(emails.iter().all(|it| header(&it.source, "From").unwrap().contains("Immigration Experts")));
}

#[actix_web::test]
async fn from_header_shows_the_firm_name_in_any_script() {
    for name in ["Immigration Experts", "ماہرین، امیگریشن", "Smith, \"Best\" & Co. (Lahore)", "=?utf-8?q?Boss?="]
    {
        let site = Site::start_with(&["--staff-inbox", "inbox@example.com", "--mail-from", "office@example.com"]).await;
        site.execute(&format!("UPDATE site SET name = '{}'", name.replace('\'', "''"))).await;
        send_inquiry(&site.visitor(), "ali@example.com", "Hello").await;
        let from = header(&site.emails().await[0].source, "From").unwrap();
        assert!(from.is_ascii() && from.ends_with("<office@example.com>"), "{from}");
        assert!(from.len() > "<office@example.com>".len() + 10 && !from.contains("=?utf-8?q?Boss?="), "{from}");
    }
}

#[actix_web::test]
async fn name_that_looks_encoded_reaches_staff_unchanged() {
    let site = Site::start().await;
    let fields = [("name", "=?utf-8?q?The=20Boss?="), ("phone", "0300 1234567"), ("message", "Hello")];
    assert_eq!(site.visitor().post("/contact", &fields).await.status, 303);
    let source = &site.emails().await[0].source;
    let subject = header(source, "Subject").unwrap();
    assert!(!subject.contains("=?utf-8?q?"), "{subject}");
    assert!(subject.starts_with("=?utf-8?b?"), "{subject}");
}

#[actix_web::test]
async fn idn_domains_are_sent_as_a_labels_and_staff_always_get_mail() {
    let server = FakeSmtpServer::start(SmtpBehaviour::OutOfService);
    let site = Site::start_with_smtp(&server.url).await;
    send_inquiry(&site.visitor(), "ali@example.com", "Hello").await;
    // The sender has read both e-mails and waits for the server.
    site.deliver_due().await;
    // As saved by a site whose mail server accepted any address.
    site.execute(
        "UPDATE outbox SET recipient = 'ali@bücher.example' WHERE purpose = 'auto_reply';
         UPDATE outbox SET reply_to = 'علی@bücher.example' WHERE purpose = 'notification'",
    )
    .await;
    server.set_behaviour(SmtpBehaviour::Accepts);
    site.advance_hours(1);
    site.deliver_due().await;
    let sent_emails = server.received();
    assert_eq!(sent_emails.len(), 2, "{sent_emails:#?}");
    assert!(sent_emails.iter().all(|email| email.split("\n\n").next().unwrap().is_ascii()), "{sent_emails:#?}");
    assert!(sent_emails.iter().any(|email| email.contains("To: ali@xn--bcher-kva.example")), "{sent_emails:#?}");
    assert!(!sent_emails.iter().any(|email| email.contains("\nTo: inbox@example.com") && email.contains("Reply-To:")));
}

#[actix_web::test]
async fn non_ascii_addresses_are_used_only_with_smtputf8() {
    for (behaviour, sent) in [(SmtpBehaviour::OffersSmtputf8, 2), (SmtpBehaviour::Accepts, 1)] {
        let server = FakeSmtpServer::start(SmtpBehaviour::OutOfService);
        let site = Site::start_with_smtp(&server.url).await;
        send_inquiry(&site.visitor(), "ali@example.com", "Hello").await;
        site.deliver_due().await;
        server.set_behaviour(behaviour);
        site.advance_hours(1);
        site.execute("UPDATE outbox SET recipient = 'علی@example.com' WHERE purpose = 'auto_reply'").await;
        site.deliver_due().await;
        assert_eq!(server.received().len(), sent);
        assert_eq!(site.count("SELECT count(*) FROM bounced_addresses").await, 0);
    }
}
