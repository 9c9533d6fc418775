//! Replies of visitors by e-mail: messages as mail programs send them, and what staff see.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use immigration_experts::inquiries::{Received, Receiver, Refusal};
use immigration_experts::staff::Role;

use crate::support::{Page, Site, Visitor};

const FLAGS: [&str; 4] = ["--staff-inbox", "inbox@example.com", "--reply-address", "Replies@office.example"];
const FROM: &str = "From: Ayesha Khan <ayesha@example.org>\r\n";

/// Site with one inquiry, which the writer has answered, and the address for replies to it.
async fn answered_inquiry() -> (Site, Visitor, String) {
    let site = Site::start_with(&FLAGS).await;
    let writer = site.staff(Role::Writer).await;
    let fields = [("name", "Ayesha Khan"), ("email", "ayesha@example.org"), ("message", "Is my occupation listed?")];
    assert_eq!(site.visitor().post("/contact", &fields).await.status, 303);
    let answer = [("subject", "Your inquiry IE-2026-000001"), ("text", "Which test did you take?")];
    assert_eq!(writer.post("/admin/inquiries/1/reply", &answer).await.status, 303);
    site.emails().await;
    let address = site.text("SELECT reply_to FROM outbox WHERE purpose = 'answer'").await;
    (site, writer, address)
}

/// Delivers a message as the command does.
async fn deliver_to(site: &Site, raw: impl AsRef<[u8]>, recipient: Option<&str>) -> Result<Received, Refusal> {
    let services = &site.running.services;
    let firm = services.firm.current().await;
    let receiver = Receiver {
        db: &services.db,
        firm: &firm,
        site: &services.http.base_url,
        reply_address: "Replies@office.example",
        own_address: "no-reply@localhost",
    };
    receiver.receive(raw.as_ref(), recipient, services.clock.now()).await.unwrap()
}

async fn deliver(site: &Site, raw: impl AsRef<[u8]>) -> Result<Received, Refusal> {
    deliver_to(site, raw, None).await
}

fn added() -> Result<Received, Refusal> {
    Ok(Received::Added("IE-2026-000001".into()))
}

/// A plain message from the visitor with further header lines.
fn plain(address: &str, more: &str, text: &str) -> String {
    format!("{FROM}To: <{address}>\r\nSubject: Re: Your inquiry\r\n{more}\r\n{text}\r\n")
}

/// Text of the newest reply on the staff page.
fn reply_text(page: &Page) -> String {
    page.all("ol.rows li > p.note").pop().unwrap_or_default()
}

#[actix_web::test]
async fn each_inquiry_has_its_own_address_for_replies() {
    let (site, writer, address) = answered_inquiry().await;
    assert!(address.starts_with("Replies+ie-2026-000001-") && address.ends_with("@office.example"), "{address}");
    let emails = site.emails().await;
    let to_visitor: Vec<_> = emails.iter().filter(|email| email.recipients == ["ayesha@example.org"]).collect();
    assert_eq!(to_visitor.len(), 2);
    for email in &to_visitor {
        assert!(email.source.replace("\r\n ", " ").contains(&format!("Reply-To: {address}")), "{}", email.source);
        let text = email.source.replace("=\r\n", "").replace("\r\n", " ");
        assert!(
            text.contains("You can answer this e-mail. Your answer is added to your inquiry IE-2026-000001."),
            "{text}"
        );
    }
    // Notices to staff still lead to the visitor.
    assert!(emails[0].source.contains("Reply-To: ayesha@example.org"), "{}", emails[0].source);
    let hint = writer.get("/admin/inquiries/1").await.first("#text-hint");
    assert!(hint.contains("If the visitor answers it, the e-mail is added to this page."), "{hint}");
    let fields = [("name", "Bilal"), ("email", "bilal@example.org"), ("message", "Another question")];
    site.visitor().post("/contact", &fields).await;
    let other = site.text("SELECT reply_to FROM outbox WHERE recipient = 'bilal@example.org'").await;
    assert_ne!(address.rsplit_once('-').unwrap().1, other.rsplit_once('-').unwrap().1);
}

#[actix_web::test]
async fn without_an_address_for_replies_emails_say_where_they_go() {
    let site = Site::start().await;
    let writer = site.staff(Role::Writer).await;
    let fields = [("name", "Ayesha"), ("email", "ayesha@example.org"), ("message", "Hello")];
    site.visitor().post("/contact", &fields).await;
    let answer = [("subject", "S"), ("text", "Yes.")];
    for column in ["body_text", "body_html"] {
        let confirmation = site.body(column, "ayesha@example.org").await;
        let notice =
            "If you answer this e-mail, it goes to inbox@example.com. Please quote your reference IE-2026-000001.";
        assert!(confirmation.contains(notice), "{confirmation}");
        writer.post("/admin/inquiries/1/reply", &answer).await;
        let reply = site.body(column, "ayesha@example.org").await;
        assert!(reply.contains("Yes.") && reply.contains(notice), "{reply}");
        site.execute("DELETE FROM outbox WHERE purpose = 'answer'").await;
    }
}

#[actix_web::test]
async fn messages_of_common_programs_are_read() {
    let (site, writer, address) = answered_inquiry().await;
    let urdu = "جی ہاں، میں نے IELTS دیا ہے۔";
    let (windows_1256, _, _) = encoding_rs::WINDOWS_1256.encode("نعم، لدي شهادة");
    let gmail = format!(
        "MIME-Version: 1.0\r\nReferences: <x@localhost>\r\nIn-Reply-To: <x@localhost>\r\n{FROM}Date: Mon, 23 Nov 2026 10:05:00 +0500\r\n\
         Message-ID: <CAF1@mail.gmail.com>\r\nSubject: Re: Your inquiry IE-2026-000001\r\nTo: Immigration Experts <{address}>\r\n\
         Content-Type: multipart/alternative; boundary=\"000b\"\r\n\r\n--000b\r\nContent-Type: text/plain; charset=\"UTF-8\"\r\n\r\n\
         IELTS General, 8 in all.\r\n\r\nOn Mon, Nov 23, 2026 at 10:00 AM Immigration Experts <\r\nno-reply@localhost> wrote:\r\n\r\n\
         > Which test did you take?\r\n>\r\n--000b\r\nContent-Type: text/html; charset=\"UTF-8\"\r\n\r\n\
         <div dir=\"ltr\">IELTS General, 8 in all.</div>\r\n--000b--\r\n"
    );
    let outlook = format!(
        "{FROM}To: \"{address}\" <{address}>\r\nSubject: RE: Your inquiry\r\nMessage-ID: <DB7@DB7PR.outlook.com>\r\nThread-Topic: x\r\n\
         X-MS-Has-Attach: no\r\nMIME-Version: 1.0\r\nContent-Type: text/html; charset=\"Windows-1252\"\r\n\
         Content-Transfer-Encoding: quoted-printable\r\n\r\n<html><head><style>p.MsoNormal {{margin:0}}</style></head><body lang=3D\"EN-GB\">\r\n\
         <div class=3D\"WordSection1\"><p class=3D\"MsoNormal\">It=92s caf=E9 &amp; 3 &lt; 4.<o:p></o:p></p>\r\n\
         <div style=3D\"border-top:solid #E1E1E1 1.0pt\"><p class=3D\"MsoNormal\"><b>From:</b> Immigration Experts &lt;no-reply@localhost&gt;<br>\r\n\
         <b>Sent:</b> 23 November 2026 10:00<br><b>To:</b> Ayesha<br><b>Subject:</b> Your inquiry</p></div>\r\n\
         <p class=3D\"MsoNormal\">Which test did you take?</p></div></body></html>\r\n"
    );
    let apple = format!(
        "{FROM}Content-Type: multipart/mixed; boundary=\"Apple-Mail-1\"\r\nMime-Version: 1.0 (Mac OS X Mail)\r\nSubject: Re: Your inquiry\r\n\
         Message-Id: <A1@icloud.com>\r\nTo: {address}\r\nX-Mailer: Apple Mail\r\n\r\n--Apple-Mail-1\r\n\
         Content-Transfer-Encoding: quoted-printable\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n\
         See the certificate =E2=80=93 it is attached.\r\n\r\n--Apple-Mail-1\r\nContent-Disposition: inline; filename=\"certificate.pdf\"\r\n\
         Content-Type: application/pdf; name=\"certificate.pdf\"\r\nContent-Transfer-Encoding: base64\r\n\r\n{}\r\n\
         --Apple-Mail-1\r\nContent-Transfer-Encoding: 7bit\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\n\
         > On 23 Nov 2026, at 10:00, Immigration Experts wrote:\r\n> Which test did you take?\r\n--Apple-Mail-1--\r\n",
        STANDARD.encode([7; 3_000])
    );
    let related = format!(
        "{FROM}To: {address}\r\nSubject: Picture\r\nMessage-ID: <rel@example.org>\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/related; boundary=\"rel\"\r\n\r\n--rel\r\nContent-Type: text/html; charset=utf-8\r\n\r\n\
         <p>My score: <b>470</b></p><script>alert(1)</script><img src=\"cid:one\">\r\n--rel\r\nContent-Type: image/png; name=\"score.png\"\r\n\
         Content-ID: <one>\r\nContent-Transfer-Encoding: base64\r\n\r\n{}\r\n--rel--\r\n",
        STANDARD.encode([1; 30])
    );
    let mut arabic =
        plain(&address, "Message-ID: <w@x.org>\r\nContent-Type: text/plain; charset=windows-1256\r\n", "").into_bytes();
    arabic.extend_from_slice(&windows_1256);
    let base64 = plain(
        &address,
        "Message-ID: <u@x.org>\r\nContent-Type: text/plain; charset=UTF-8\r\nContent-Transfer-Encoding: base64\r\n",
        &STANDARD.encode(urdu),
    );
    for (message, text) in [
        (gmail.into_bytes(), "IELTS General, 8 in all."),
        (outlook.into_bytes(), "It’s café & 3 < 4."),
        (apple.into_bytes(), "See the certificate – it is attached."),
        (related.into_bytes(), "My score: **470**"),
        (base64.into_bytes(), urdu),
        (arabic, "نعم، لدي شهادة"),
    ] {
        assert_eq!(deliver(&site, &message).await, added(), "{text}");
        let page = writer.get("/admin/inquiries/1").await;
        let shown = reply_text(&page);
        assert!(shown.starts_with(text), "{text}: {shown}");
        assert!(!shown.contains("Which test") && !shown.contains("alert"), "{shown}");
    }
    let page = writer.get("/admin/inquiries/1").await;
    let quoted = page.all("details .note").join("\n");
    assert_eq!(quoted.matches("Which test did you take?").count(), 3, "{quoted}");
    let attachments = page.all("ol.rows li ul li").join("; ");
    assert!(
        attachments.contains("certificate.pdf, 3 kB") && attachments.contains("score.png, 30 bytes"),
        "{attachments}"
    );
}

#[actix_web::test]
async fn reply_reopens_the_inquiry_and_notifies_the_person_who_works_on_it() {
    let (site, _, address) = answered_inquiry().await;
    let before = site.emails().await.len();
    site.advance_hours(30);
    assert_eq!(site.text("SELECT state FROM inquiries").await, "answered");
    assert_eq!(deliver(&site, plain(&address, "Message-ID: <1@x.org>\r\n", "I took IELTS.")).await, added());
    assert_eq!(site.text("SELECT state FROM inquiries").await, "reading");
    let notice = site.emails().await.split_off(before);
    assert_eq!(notice.len(), 1, "no automatic reply to the visitor");
    assert_eq!(notice[0].recipients, ["writer@example.com"]);
    let text = site.body("body_text", "writer@example.com").await;
    assert!(text.contains("The visitor replied by e-mail.") && text.contains("Reply: I took IELTS."), "{text}");
    let writer = site.sign_in("writer@example.com").await;
    let list = writer.get("/admin/inquiries").await;
    assert!(list.first("table tbody tr").contains("visitor replied"), "{}", list.text);
    assert!(!list.first("table tbody tr").contains("overdue"), "the visitor has just replied");
    assert!(writer.get("/admin/inquiries?age=24h").await.all("table tbody tr").is_empty());
    let page = writer.get("/admin/inquiries/1").await;
    assert!(page.first("h1 + p").contains("visitor replied"), "{}", page.first("h1 + p"));
    site.advance_hours(25);
    let writer = site.sign_in("writer@example.com").await;
    assert_eq!(writer.get("/admin/inquiries?age=24h").await.all("table tbody tr").len(), 1);
    let page = writer.get("/admin/inquiries/1").await;
    assert!(page.first(".overdue").contains("unanswered for 25 hours"), "{}", page.first("h1 + p"));

    // The answer continues the thread: our first e-mail, the reply, our next e-mail.
    assert_eq!(page.field_value("subject"), "Re: Your inquiry");
    writer.post("/admin/inquiries/1/reply", &[("subject", "Re: Your inquiry"), ("text", "Thank you.")]).await;
    let answer = site.emails().await.pop().unwrap().source.replace("\r\n ", " ");
    assert!(answer.contains("In-Reply-To: <1@x.org>"), "{answer}");
    let references = answer.lines().find(|line| line.starts_with("References: ")).unwrap();
    assert!(references.ends_with(" <1@x.org>") && references.matches('<').count() == 3, "{references}");
    let page = writer.get("/admin/inquiries/1").await;
    assert!(!page.first("h1 + p").contains("visitor replied"));
}

#[actix_web::test]
async fn closed_unassigned_inquiry_becomes_new_and_the_inbox_is_notified() {
    let (site, writer, address) = answered_inquiry().await;
    writer.post("/admin/inquiries/1/owner", &[("owner", "none")]).await;
    writer.post("/admin/inquiries/1/state", &[("state", "closed")]).await;
    site.execute("UPDATE inquiries SET owner_id = NULL").await;
    assert_eq!(deliver(&site, plain(&address, "", "One more question.")).await, added());
    assert_eq!(site.text("SELECT state FROM inquiries").await, "new");
    assert_eq!(site.emails().await.pop().unwrap().recipients, ["inbox@example.com"]);
}

#[actix_web::test]
async fn the_same_message_is_added_once() {
    let (site, _, address) = answered_inquiry().await;
    let known = Ok(Received::Known("IE-2026-000001".into()));
    for message in [plain(&address, "Message-ID: <1@x.org>\r\n", "Hello"), plain(&address, "", "Without an ID")] {
        assert_eq!(deliver(&site, &message).await, added());
        assert_eq!(deliver(&site, &message).await, known);
    }
    let unusable = plain(&address, "Message-ID: <a b\tc>\r\n", "With an unusable ID");
    assert_eq!(deliver(&site, &unusable).await, added());
    assert_eq!(deliver(&site, &unusable).await, known);
    assert_eq!(site.count("SELECT count(*) FROM inquiry_replies").await, 3);
    assert_eq!(site.count("SELECT count(*) FROM inquiry_replies WHERE message_id IS NULL").await, 2);
}

#[actix_web::test]
async fn automatic_messages_and_loops_are_not_added() {
    let (site, _, address) = answered_inquiry().await;
    let own = site.text("SELECT message_id FROM outbox WHERE purpose = 'answer'").await;
    for header in [
        "Auto-Submitted: auto-replied\r\n",
        "Auto-Submitted: auto-generated; type=x\r\n",
        "Precedence: bulk\r\n",
        "Precedence: auto_reply\r\n",
        "X-Auto-Response-Suppress: All\r\n",
        "X-Autoreply: yes\r\n",
        "Return-Path: <>\r\n",
        "List-Id: <news.example.org>\r\n",
        "Content-Type: multipart/report; report-type=disposition-notification; boundary=b\r\n",
        &format!("Message-ID: <{own}>\r\n"),
    ] {
        let received = deliver(&site, plain(&address, header, "I am out of the office.")).await;
        assert!(matches!(received, Ok(Received::Automatic(_))), "{header}: {received:?}");
    }
    for sender in ["MAILER-DAEMON@mx.example.org", "no-reply@localhost", &address, "Replies@office.example"] {
        let message = plain(&address, "", "Text").replace("ayesha@example.org", sender);
        let received = deliver(&site, message).await;
        let is_loop_by_address = sender != address;
        assert_eq!(matches!(received, Ok(Received::Automatic(_))), is_loop_by_address, "{sender}: {received:?}");
    }
    for header in ["Auto-Submitted: no\r\n", "Precedence: first-class\r\n", "Return-Path: <ayesha@example.org>\r\n"] {
        assert_eq!(deliver(&site, plain(&address, header, "I am here.")).await, added(), "{header}");
    }
}

#[actix_web::test]
async fn messages_without_a_valid_address_are_refused() {
    let (site, _, address) = answered_inquiry().await;
    let unknown = Err(Refusal::UnknownRecipient);
    let forged = format!("{}x", address.split('@').next().unwrap().trim_end_matches(char::is_alphanumeric));
    for recipient in [
        "Replies@office.example".to_owned(),
        "office@example.com".to_owned(),
        format!("{forged}@office.example"),
        address.replace("000001", "000002"),
        address.replace("office.example", "evil.example"),
    ] {
        assert_eq!(deliver(&site, plain(&recipient, "", "Hello")).await, unknown, "{recipient}");
    }
    // Many addresses in one message are guesses, even if one is right.
    let many: Vec<String> =
        (0..50).map(|number| format!("Replies+ie-2026-000001-guess{number}@office.example")).collect();
    let guesses = format!("{}, {address}", many.join(", "));
    assert_eq!(deliver(&site, plain(&guesses, "", "Hello")).await, unknown);
    for raw in ["", "\r\n\r\n", "This is no e-mail at all."] {
        assert_eq!(deliver(&site, raw).await, Err(Refusal::Unreadable), "{raw}");
    }
    assert_eq!(site.count("SELECT count(*) FROM inquiry_replies").await, 0);
    // The mail server's word counts more than the headers, and the case of the address does not.
    let upper = address.to_uppercase();
    assert_eq!(deliver_to(&site, plain("office@example.com", "", "Hello"), Some(&upper)).await, added());
    assert_eq!(deliver_to(&site, plain(&address, "", "Hi"), Some("office@example.com")).await, unknown);
    let delivered = plain("office@example.com", &format!("Delivered-To: {address}\r\n"), "By header");
    assert_eq!(deliver(&site, delivered).await, added());
}

#[actix_web::test]
async fn reply_from_another_address_is_marked() {
    let (site, writer, address) = answered_inquiry().await;
    let other = plain(&address, "", "I answer for her.").replace("ayesha@example.org", "brother@example.net");
    assert_eq!(deliver(&site, other).await, added());
    let page = writer.get("/admin/inquiries/1").await;
    assert_eq!(page.first("ol.rows .uncertain"), "from another address: brother@example.net");
    let notice = site.body("body_text", "writer@example.com").await;
    assert_eq!(
        site.text("SELECT actor FROM inquiry_events WHERE kind = 'answer' ORDER BY id DESC LIMIT 1").await,
        "unknown sender"
    );
    assert!(notice.contains("from another address") && notice.contains("From: b***@example.net"), "{notice}");
    // The same mailbox in another spelling.
    let same = plain(&address, "", "It is me.").replace("ayesha@example.org", "Ayesha+work@Example.org");
    assert_eq!(deliver(&site, same).await, added());
    assert_eq!(site.count("SELECT count(*) FROM inquiry_replies WHERE is_other_address").await, 1);
    let admin = site.staff(Role::Admin).await;
    let found = admin.get("/admin/inquiries/people?q=Brother@example.net").await;
    assert!(found.text.contains("IE-2026-000001"), "personal data requests find the reply: {}", found.text);
    // Our next e-mail does not continue the thread of somebody else.
    let own = "SELECT count(*) FROM inquiry_replies WHERE message_id IS NOT NULL";
    assert_eq!(site.count(own).await, 0);
}

#[actix_web::test]
async fn replies_follow_merges_and_stay_out_of_the_trash() {
    let (site, _, address) = answered_inquiry().await;
    let fields = [("name", "Ayesha"), ("email", "ayesha@example.org"), ("message", "Again, from my phone")];
    site.visitor().post("/contact", &fields).await;
    site.execute("UPDATE inquiries SET merged_into = 2 WHERE id = 1").await;
    assert_eq!(deliver(&site, plain(&address, "", "To the first")).await, Ok(Received::Added("IE-2026-000002".into())));
    site.execute("UPDATE inquiries SET merged_into = NULL; UPDATE inquiries SET trashed_at = '2026-11-22T09:00:00Z', trash_reason = 'staff' WHERE id = 1").await;
    assert_eq!(deliver(&site, plain(&address, "", "To the trash")).await, Err(Refusal::Trashed));
    site.execute("UPDATE inquiries SET trashed_at = NULL, trash_reason = NULL, state = 'quarantined' WHERE id = 1")
        .await;
    let before = site.emails().await.len();
    assert_eq!(deliver(&site, plain(&address, "", "To the quarantine")).await, added());
    assert_eq!(site.text("SELECT state FROM inquiries WHERE id = 1").await, "quarantined");
    assert_eq!(site.emails().await.len(), before, "quarantined inquiries send no e-mails");
}

#[actix_web::test]
async fn replies_are_found_exported_and_erased_with_the_inquiry() {
    let (site, writer, address) = answered_inquiry().await;
    let admin = site.staff(Role::Admin).await;
    let text = "My grandmother lives in Saskatoon.\r\n\r\n> Which test did you take?";
    assert_eq!(deliver(&site, plain(&address, "", text)).await, added());
    assert_eq!(writer.get("/admin/inquiries?q=saskatoon").await.all("table tbody tr").len(), 1);
    let export =
        admin.post("/admin/inquiries/people/export", &[("q", "ayesha@example.org"), ("inquiry-1", "on")]).await;
    assert!(export.text.contains("\"text\": \"My grandmother lives in Saskatoon.\""), "{}", export.text);
    assert!(export.text.contains("\"quoted\": \"> Which test did you take?\""), "{}", export.text);
    let erase = [("q", "ayesha@example.org"), ("again", "ayesha@example.org"), ("inquiry-1", "yes")];
    assert_eq!(admin.post("/admin/inquiries/people/erasure", &erase).await.status, 303);
    assert_eq!(site.count("SELECT count(*) FROM inquiry_replies").await, 0);
    assert_eq!(site.count("SELECT count(*) FROM inquiries").await, 0);
}

#[actix_web::test]
async fn reply_starts_the_retention_period_again_and_is_part_of_the_visitors_own_export() {
    let (site, _, address) = answered_inquiry().await;
    let settings = "UPDATE site SET keep_contact_months = '1'";
    site.execute(settings).await;
    site.advance_hours(20 * 24);
    assert_eq!(deliver(&site, plain(&address, "", "I am still interested.")).await, added());
    let receipt = format!("/receipts/{}", site.text("SELECT receipt_token FROM inquiries").await);
    let visitor = site.visitor();
    let opened = visitor.post(&format!("{receipt}/confirmation"), &[("address", "ayesha@example.org")]).await;
    let token = visitor.get(opened.location()).await.field_value("access_token");
    let export = visitor.get(&format!("{receipt}.json?access_token={token}")).await.text;
    assert!(export.contains("I am still interested."), "{export}");
    let panel = site.staff(Role::Admin).await.get("/admin/inquiries/1").await;
    assert!(panel.text.contains("January 12, 2027"), "{}", panel.text);
}

#[actix_web::test]
async fn huge_texts_are_cut_off_and_floods_wait() {
    let (site, writer, address) = answered_inquiry().await;
    let huge = plain(&address, "", &"word ".repeat(200_000));
    assert_eq!(deliver(&site, huge).await, added());
    let page = writer.get("/admin/inquiries/1").await;
    assert!(reply_text(&page).ends_with("[…]") && page.text.len() < 400_000, "{}", page.text.len());
    for number in 1..100 {
        assert_eq!(deliver(&site, plain(&address, "", &format!("Message {number}"))).await, added());
    }
    assert_eq!(deliver(&site, plain(&address, "", "Message 101")).await, Err(Refusal::TooMany));
    site.advance_hours(24);
    assert_eq!(deliver(&site, plain(&address, "", "Message 101")).await, added());
}

#[actix_web::test]
async fn returned_email_is_shown_as_failed() {
    let (site, writer, _) = answered_inquiry().await;
    let own = site.text("SELECT message_id FROM outbox WHERE purpose = 'answer'").await;
    let report = |id: &str, action: &str| {
        format!(
            "Return-Path: <>\r\nFrom: Mail Delivery System <MAILER-DAEMON@mx.example.org>\r\nTo: no-reply@localhost\r\nSubject: Undelivered\r\n\
             Content-Type: multipart/report; report-type=delivery-status; boundary=\"b\"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nSorry.\r\n\
             --b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example.org\r\n\r\n\
             Final-Recipient: rfc822; ayesha@example.org\r\nAction: {action}\r\nStatus: 5.1.1\r\n\
             Diagnostic-Code: smtp; 550 5.1.1 no such user\r\n\r\n--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: <{id}>\r\n\r\n--b--\r\n"
        )
    };
    for (id, action) in [("forged@localhost", "failed"), (&*own, "delayed")] {
        let received = deliver(&site, report(id, action)).await;
        assert!(matches!(received, Ok(Received::Automatic(_))), "{action}: {received:?}");
    }
    assert_eq!(site.count("SELECT count(*) FROM outbox WHERE state = 'failed'").await, 0);
    assert_eq!(deliver(&site, report(&own, "failed")).await, Ok(Received::Returned));
    let page = writer.get("/admin/inquiries/1").await;
    assert!(page.text.contains("E-mail to ayesha@example.org bounced"), "{}", page.text);
    assert!(
        page.first(".alert, .banner, [role=alert]").contains("could not be sent")
            || page.text.contains("could not be sent")
    );
}
