//! Admin area: dashboard, inquiries, mail, settings, accounts, audit log.

use immigration_experts::staff::Role;

use crate::support::{FIRST_POST, PASSWORD, PUBLIC_PAGES, Page, STAFF_PAGES, Site, Visitor};

type Fields<'a> = Vec<(&'a str, &'a str)>;

async fn send_inquiry(site: &Site, name: &str, message: &str) -> Page {
    let fields = [("name", name), ("email", "visitor@example.com"), ("phone", "0300 1234567"), ("message", message)];
    site.visitor().post_and_follow("/contact", &fields).await
}

/// Fields of the form at `path` with their current values, as a browser submits them.
async fn form_fields(member: &Visitor, path: &str, names: &[&'static str]) -> Vec<(&'static str, String)> {
    let page = member.get(path).await;
    names.iter().map(|name| (*name, page.field_value(name))).collect()
}

fn with<'a>(fields: &'a [(&'static str, String)], others: &[(&'a str, &'a str)]) -> Fields<'a> {
    let kept = fields.iter().map(|(name, value)| (*name, value.as_str()));
    kept.filter(|(name, _)| !others.iter().any(|(other, _)| other == name)).chain(others.iter().copied()).collect()
}

const SETTINGS_FIELDS: [&str; 12] = [
    "name",
    "tagline",
    "expert_phones",
    "business_phone",
    "contact_time",
    "email",
    "address",
    "licence_name",
    "licence_number",
    "staff_inbox",
    "mail_from",
    "version",
];

async fn settings_form(admin: &Visitor) -> Vec<(&'static str, String)> {
    let mut fields = form_fields(admin, "/admin/site", &SETTINGS_FIELDS).await;
    fields[2].1 = "042 35911332\n051 8439995".into();
    fields
}

/// Entries of the audit log, newest first: actor, and action with subject.
async fn audit_entries(admin: &Visitor) -> Vec<(String, String)> {
    let page = admin.get("/admin/audit").await;
    assert_eq!(page.status, 200);
    page.all("tbody td:nth-child(2)").into_iter().zip(page.all("tbody .what")).collect()
}

#[actix_web::test]
async fn dashboard_starts_with_what_needs_attention() {
    let site = Site::start().await;
    let admin = site.staff(Role::Admin).await;
    let page = admin.get("/admin").await;
    assert_eq!(page.first("h1"), "Dashboard");
    assert_eq!(
        (page.first("#inquiries"), page.first("#inquiries + p")),
        ("0 new inquiries".into(), "No inquiries waiting".into())
    );
    assert_eq!(page.first("#drafts + p"), "No drafts");
    assert_eq!(page.all("[role=alert]"), Vec::<String>::new());
    send_inquiry(&site, "Amina", "First").await;
    site.advance_hours(3);
    send_inquiry(&site, "Bilal", "Second").await;
    let draft = [("title", "A draft"), ("author", "A"), ("action", "save")];
    assert_eq!(admin.post("/admin/posts/new", &draft).await.status, 303);
    site.emails().await;
    site.execute("UPDATE outbox SET state = 'failed' WHERE recipient = 'inbox@example.com'").await;
    admin.get("/admin/posts").await;
    let page = admin.get("/admin").await;
    assert_eq!(page.first("#inquiries"), "2 new inquiries");
    assert_eq!(
        page.all("section[aria-labelledby=inquiries] li"),
        [
            "Amina IE-2026-000001 · Message · waiting 3 hours",
            "Bilal IE-2026-000002 · Message · waiting less than a minute"
        ]
    );
    assert_eq!(page.all("section[aria-labelledby=drafts] li a"), ["A draft"]);
    assert_eq!(page.first("[role=alert]"), "2 e-mails could not be sent. View e-mails");
    let missing = page.all("section[aria-labelledby=missing] li");
    assert_eq!(missing.len(), 4, "{missing:?}");
    assert!(missing.contains(&"Licence number".to_owned()) && !missing.contains(&"Staff inbox".to_owned()));
    admin.post("/admin/inquiries/1/state", &[("state", "answered")]).await;
    admin.get("/admin/inquiries/1").await;
    assert_eq!(admin.get("/admin").await.first("#inquiries"), "1 new inquiry");
    let writer = site.staff(Role::Writer).await;
    assert_eq!(writer.get("/admin").await.all("section[aria-labelledby=missing]"), Vec::<String>::new());
}

#[actix_web::test]
async fn inquiry_list_shows_state_and_age() {
    let site = Site::start().await;
    let writer = site.staff(Role::Writer).await;
    assert!(writer.get("/admin/inquiries").await.all("main > p").contains(&"No inquiries found.".to_owned()));
    send_inquiry(&site, "Amina", "First").await;
    site.advance_hours(24 * 3);
    let writer =
        if writer.get("/admin").await.status == 200 { writer } else { site.sign_in("writer@example.com").await };
    send_inquiry(&site, "Bilal", "Second").await;
    writer.post("/admin/inquiries/1/state", &[("state", "closed")]).await;
    let page = writer.get("/admin/inquiries").await;
    let tabs = [
        "All (2)",
        "Unanswered over 24 hours (0)",
        "New (1)",
        "In progress (0)",
        "Answered (0)",
        "Closed (1)",
        "Withdrawn (0)",
        "Quarantined (0)",
    ];
    assert_eq!(page.all(".tabs a"), tabs);
    assert_eq!(page.all("tbody .reference"), ["IE-2026-000002", "IE-2026-000001"]);
    assert_eq!(page.all("tbody th a"), ["Bilal", "Amina"]);
    assert_eq!(page.all("tbody .state"), ["New", "Closed"]);
    assert_eq!(page.all("tbody time"), ["less than a minute", "3 days"]);
    for (state, expected) in
        [("new", &["Bilal"][..]), ("closed", &["Amina"]), ("answered", &[]), ("nothing", &["Bilal", "Amina"])]
    {
        let page = writer.get(&format!("/admin/inquiries?state={state}")).await;
        assert_eq!(page.all("tbody th a"), expected, "{state}");
    }
    assert_eq!(writer.get("/admin/inquiries?page=2").await.status, 404);
}

#[actix_web::test]
async fn inquiry_page_shows_content_emails_and_history() {
    let site = Site::start().await;
    let writer = site.staff(Role::Writer).await;
    let sent = [
        ("name", "Zaynab"),
        ("email", "zaynab@example.com"),
        ("phone", "0300 1234567"),
        ("whatsapp", "+44 20 7946 0000"),
        ("residence", "Oman"),
        ("citizenship", "Pakistani"),
        ("age", "۲۹"),
        ("program", "Work permit"),
        ("occupation", "31301"),
        ("education", "Doctorate"),
        ("experience_years", "4"),
        ("english_test", "IELTS 8"),
        ("crs", "480+"),
        ("message", "Soon."),
        ("consent", "yes"),
    ];
    let receipt = site.visitor().post("/apply", &sent).await.location().to_owned();
    site.emails().await;
    site.execute("UPDATE inquiries SET phone_e164 = '+923001234567', whatsapp_e164 = '+442079460000'").await;
    let page = writer.get("/admin/inquiries/1").await;
    let shown: Vec<(String, String)> =
        page.all("dl.submitted dt").into_iter().zip(page.all("dl.submitted dd")).collect();
    let expected = [
        ("Name", "Zaynab"),
        ("E-mail", "zaynab@example.com"),
        ("Phone", "0300 1234567"),
        ("WhatsApp", "+44 20 7946 0000"),
        ("Country of residence", "Oman"),
        ("Citizenship", "Pakistani"),
        ("Age", "29"),
        ("Program", "Work permit"),
        ("Occupation", "31301"),
        ("Education", "Doctorate"),
        ("Years of experience", "4"),
        ("English test", "IELTS 8"),
        ("CRS score", "480"),
        ("Message", "Soon."),
    ];
    assert_eq!(shown, expected.map(|(label, value)| (label.to_owned(), value.to_owned())));
    let mut links = page.attributes(".toolbar a", "href");
    links.retain(|href| !href.starts_with('/'));
    let expected = [
        "mailto:zaynab@example.com?subject=IE-2026-000001",
        "tel:+923001234567",
        "https://wa.me/923001234567",
        "tel:+442079460000",
        "https://wa.me/442079460000",
    ];
    assert_eq!(links, expected);
    assert!(page.attributes("main a", "href").contains(&"/occupations/31301".to_owned()));
    assert_eq!(page.all("h2 + ul li .state"), ["sent", "sent"]);
    assert_eq!(
        page.all(".toolbar button"),
        ["Mark as in progress", "Mark as answered", "Mark as closed", "Claim", "Assign", "This is spam"]
    );
    assert_eq!(page.all("ol.rows li").len(), 1);
    assert!(page.all("ol.rows li")[0].ends_with("visitor submitted the inquiry"), "{:?}", page.all("ol.rows li"));

    site.advance_hours(1);
    let page = writer.post_and_follow("/admin/inquiries/1/state", &[("state", "answered")]).await;
    assert_eq!(page.first(".flash"), "IE-2026-000001 marked as answered.");
    assert_eq!(
        (page.first(".state"), page.all(".toolbar button")[..3].join(", ")),
        ("Answered".into(), "Mark as new, Mark as in progress, Mark as closed".into())
    );
    let visitor = site.visitor().get(&receipt).await;
    assert_eq!(visitor.all("dl.submitted dd")[1], "Answered. Please check your e-mail and your phone.");
    let page =
        writer.post_and_follow("/admin/inquiries/1/notes", &[("note", "Called.\nCall <b>again</b> on Monday.")]).await;
    assert_eq!(page.first(".note"), "Called. Call <b>again</b> on Monday.");
    writer.post("/admin/inquiries/1/state", &[("state", "closed")]).await;
    writer.post("/admin/inquiries/1/state", &[("state", "closed")]).await;
    let page = writer.post_and_follow("/admin/inquiries/1/state", &[("state", "new")]).await;
    let history = page.all("ol.rows li");
    let ends = [
        "visitor submitted the inquiry",
        "Test writer claimed the inquiry",
        "Test writer changed the status to answered",
        "Call <b>again</b> on Monday.",
        "Test writer changed the status to closed",
        "Test writer changed the status to new",
    ];
    assert_eq!(history.len(), ends.len(), "setting the same state twice is one change: {history:?}");
    for (entry, end) in history.iter().zip(ends) {
        assert!(entry.ends_with(end), "{entry}");
    }
    assert!(!site.visitor().get(&receipt).await.text.contains("Monday"), "notes are visible to staff only");
}

#[actix_web::test]
async fn invalid_inquiry_action_is_rejected() {
    let site = Site::start().await;
    let writer = site.staff(Role::Writer).await;
    send_inquiry(&site, "Amina", "First").await;
    for state in ["", "gone", "NEW", "quarantined", "withdrawn"] {
        let page = writer.post("/admin/inquiries/1/state", &[("state", state)]).await;
        assert_eq!(
            (page.status, page.first(".lead")),
            (400, "Choose a status: new, in progress, answered or closed.".into())
        );
    }
    for (note, problem) in [
        (" \n ", "Error: Enter a note."),
        (&*"x".repeat(10_001), "Error: The note must be 10,000 characters or fewer."),
    ] {
        let page = writer.post("/admin/inquiries/1/notes", &[("note", note)]).await;
        assert_eq!((page.status, page.first("#note-error")), (422, problem.into()));
        assert_eq!(page.field_value("note").len(), note.trim().len());
    }
    for path in ["/admin/inquiries/99", "/admin/inquiries/abc", "/admin/inquiries/-1", "/admin/mail/99"] {
        assert_eq!(writer.get(path).await.status, 404, "{path}");
    }
    assert_eq!(writer.post("/admin/inquiries/99/state", &[("state", "new")]).await.status, 404);
    assert_eq!(writer.post("/admin/inquiries/99/notes", &[("note", "x")]).await.status, 404);
    assert_eq!(site.count("SELECT count(*) FROM inquiry_events").await, 1);
}

#[actix_web::test]
async fn mail_page_lists_emails_and_retries_failed_ones() {
    let site = Site::start().await;
    let writer = site.staff(Role::Writer).await;
    assert!(writer.get("/admin/mail").await.text.contains("No e-mails yet"));
    send_inquiry(&site, "Amina", "First").await;
    assert_eq!(site.emails().await.len(), 2);
    site.execute("UPDATE outbox SET state = 'failed', attempts = 9, last_error = '550 <no> such user' WHERE id = 2")
        .await;
    let page = writer.get("/admin/mail").await;
    assert_eq!(
        page.all("tbody th"),
        ["We have received your message (IE-2026-000001)", "Message from Amina (IE-2026-000001)"]
    );
    assert_eq!(page.all("tbody td:nth-child(2)"), ["visitor@example.com", "inbox@example.com"]);
    assert_eq!(page.all("tbody .state"), ["failed", "sent"]);
    assert_eq!(page.all("tbody td.number"), ["9", "1"]);
    assert_eq!(page.all("tbody td:nth-child(3) .small"), ["550 <no> such user"]);
    assert_eq!(page.attributes("tbody form", "action"), ["/admin/mail/2/sending", "/admin/mail/2/dismissal"]);
    let email = writer.get("/admin/mail/2").await;
    assert_eq!(email.first("h1"), "We have received your message (IE-2026-000001)");
    assert!(email.first("pre").contains("We have received your message"));
    assert!(email.all("dl.submitted dd").contains(&"550 <no> such user".to_owned()));
    let message_id = site.text("SELECT message_id FROM outbox WHERE id = 2").await;
    assert_eq!(writer.post("/admin/mail/2/sending", &[]).await.status, 303);
    let emails = site.emails().await;
    assert_eq!((emails.len(), &*emails[2].recipients[0]), (3, "visitor@example.com"));
    assert!(
        emails[2].source.contains(&message_id) && emails[1].source.contains(&message_id),
        "the Message-ID never changes"
    );
    let page = writer.get("/admin/mail").await;
    assert_eq!(page.all("tbody .state"), ["sent", "sent"]);
    assert_eq!(page.all("tbody td:nth-child(3) .small"), Vec::<String>::new());
    let page = writer.post_and_follow("/admin/mail/1/sending", &[]).await;
    assert_eq!(page.first(".flash"), "This e-mail has already been sent.");
    assert_eq!(site.emails().await.len(), 3);
    assert_eq!(writer.post("/admin/mail/99/sending", &[]).await.status, 404);
}

#[actix_web::test]
async fn company_settings_changes_show_on_every_page_at_once() {
    let site = Site::start_with(&[]).await;
    let admin = site.staff(Role::Admin).await;
    let fields = settings_form(&admin).await;
    assert_eq!(with(&fields, &[])[0], ("name", "Immigration Experts"));
    let others = [
        ("name", "Maple & Sons <Advisers>"),
        ("expert_phones", "021 111222\r\n\r\n+1 416 555 0100"),
        ("business_phone", "021 333444"),
        ("contact_time", "Sun–Thu 9–17"),
        ("email", "hello@maple.example"),
        ("address", "1 Mall Road\nLahore"),
        ("licence_name", "Sheraz K."),
        ("licence_number", "R123456"),
        ("staff_inbox", "one@maple.example, two@maple.example"),
        ("mail_from", "office@maple.example"),
    ];
    let page = admin.post_and_follow("/admin/site", &with(&fields, &others)).await;
    assert_eq!(page.first(".flash"), "Settings saved. The changes are live.");
    for path in PUBLIC_PAGES.into_iter().chain(["/nothing", "/admin/sign-in"]) {
        let page = site.visitor().get(path).await;
        assert_eq!(page.first("header .brand"), "Maple & Sons <Advisers>", "{path}");
        assert!(page.first("title").ends_with(" – Maple & Sons <Advisers>"), "{path}");
        assert_eq!(page.all("header .experts a"), ["021 111222", "+1 416 555 0100"], "{path}");
        assert_eq!(page.attributes("header .experts a", "href"), ["tel:+9221111222", "tel:+14165550100"], "{path}");
        let foot = page.first("footer");
        for part in [
            "Business Phone: 021 333444",
            "Sun–Thu 9–17",
            "hello@maple.example",
            "1 Mall RoadLahore",
            "Sheraz K.",
            "R123456",
        ] {
            assert!(foot.contains(part), "{path}: {part} in {foot}");
        }
        assert!(
            !page.text.contains("Immigration Experts") || path == "/about" || path == "/privacy" || path == FIRST_POST
        );
        assert!(!page.text.contains("042 35911332"), "{path}");
        assert!(!page.text.contains("one@maple.example"), "{path}: the staff inbox is not public");
    }
    assert_eq!(admin.get("/admin").await.all("section[aria-labelledby=missing]"), Vec::<String>::new());
    send_inquiry(&site, "Amina", "First").await;
    let emails = site.emails().await;
    let recipients: Vec<&str> = emails.iter().flat_map(|email| &email.recipients).map(String::as_str).collect();
    assert_eq!(recipients, ["one@maple.example", "two@maple.example", "visitor@example.com"]);
    assert!(emails.iter().all(|email| email.source.contains("<office@maple.example>")), "{}", emails[0].source);
    let feed = site.visitor().get("/news/feed.atom").await;
    assert_eq!(feed.first("feed > title"), "Maple & Sons <Advisers>: news");
}

#[actix_web::test]
async fn invalid_settings_show_errors_and_keep_entered_values() {
    let site = Site::start().await;
    let admin = site.staff(Role::Admin).await;
    let fields = settings_form(&admin).await;
    for (name, bad) in [
        ("name", ""),
        ("name", &*"x".repeat(101)),
        ("expert_phones", " "),
        ("business_phone", ""),
        ("contact_time", ""),
        ("email", "nobody"),
        ("email", "a@example.com\r\nBcc: b@example.com"),
        ("staff_inbox", "a@example.com, b"),
        ("mail_from", "Firm <office@example.com>"),
    ] {
        let page = admin.post("/admin/site", &with(&fields, &[(name, bad), ("tagline", "Typed <here>")])).await;
        assert_eq!(page.status, 422, "{name} {bad:?}");
        assert_eq!(page.attributes("[role=alert] a", "href"), [format!("#{name}")], "{bad:?}");
        assert_eq!(page.attributes(&format!("#{name}"), "aria-invalid"), ["true"]);
        assert_eq!(page.field_value("tagline"), "Typed <here>");
    }
    assert_eq!(site.count("SELECT version FROM site").await, 1);
    site.visitor().get("/").await.assert_page_layout();
}

#[actix_web::test]
async fn concurrent_settings_edits_show_a_conflict() {
    let site = Site::start().await;
    let admin = site.staff(Role::Admin).await;
    let fields = settings_form(&admin).await;
    assert_eq!(admin.post("/admin/site", &with(&fields, &[("tagline", "Theirs")])).await.status, 303);
    let page = admin.post("/admin/site", &with(&fields, &[("tagline", "Mine")])).await;
    assert_eq!(page.status, 409);
    assert!(page.first("[role=alert]").starts_with("Someone else changed the settings"));
    assert_eq!((page.field_value("tagline"), page.field_value("version")), ("Mine".into(), "2".into()));
    assert_eq!(site.text("SELECT tagline FROM site").await, "Theirs");
    let again = with(&fields, &[("tagline", "Mine"), ("version", "2")]);
    assert_eq!(admin.post("/admin/site", &again).await.status, 303);
    assert_eq!(site.text("SELECT tagline FROM site").await, "Mine");
    assert_eq!(admin.post("/admin/site", &with(&fields, &[("version", "")])).await.status, 409);
}

#[actix_web::test]
async fn invitation_link_is_shown_once_and_works_once() {
    let site = Site::start().await;
    let admin = site.staff(Role::Admin).await;
    let new = [("name", "Hina"), ("email", "hina@example.com"), ("role", "publisher")];
    let page = admin.post_and_follow("/admin/staff", &new).await;
    let flash = page.first(".flash");
    assert!(flash.starts_with("This link is being sent to hina@example.com. You can also send it"), "{flash}");
    let address = flash.rsplit(' ').next().unwrap().strip_prefix(&site.base).unwrap().to_owned();
    let row = page.all("tbody tr").into_iter().find(|row| row.contains("Hina")).unwrap();
    assert!(row.contains("hina@example.com") && row.contains("no password yet"), "{row}");
    assert!(!admin.get("/admin/staff").await.text.contains(&address), "the link is shown once");
    let token = address.rsplit('/').next().unwrap();
    assert_ne!(site.text("SELECT token_hash FROM staff_invitations").await, token, "only a hash is stored");

    let visitor = site.visitor();
    let page = visitor.get(&address).await;
    assert_eq!((page.status, page.first("h1")), (200, "Set your password".into()));
    assert_eq!(page.header("referrer-policy"), "same-origin");
    let short = visitor.post(&address, &[("password", "short")]).await;
    assert_eq!(short.status, 422);
    assert!(short.first("#password-error").contains("at least 12"));
    let other = [("name", "Mallory"), ("email", "mallory@example.com"), ("role", "admin"), ("password", PASSWORD)];
    assert_eq!(visitor.post(&address, &other).await.status, 303);
    assert_eq!(site.count("SELECT count(*) FROM staff WHERE email LIKE 'mallory%' OR name = 'Mallory'").await, 0);
    assert_eq!(visitor.get(&address).await.status, 404, "the link works once");
    assert_eq!(visitor.post(&address, &[("password", "another sentence")]).await.status, 404);
    let hina = site.sign_in("hina@example.com").await;
    assert_eq!(hina.get("/admin").await.first(".role"), "publisher");

    let again = admin.post("/admin/staff", &[("name", "H"), ("email", "HINA@example.com"), ("role", "writer")]).await;
    assert_eq!(
        (again.status, again.first("#email-error")),
        (422, "Error: An account with this e-mail address already exists.".into())
    );
    let bad = admin.post("/admin/staff", &[("name", ""), ("email", "hina"), ("role", "owner")]).await;
    assert_eq!(bad.status, 422);
    assert_eq!(bad.all(".error").len(), 3, "{:?}", bad.all(".error"));
    assert_eq!(bad.field_value("email"), "hina");
    assert_eq!(site.count("SELECT count(*) FROM staff").await, 2);
}

#[actix_web::test]
async fn invitation_link_expires_after_three_days_or_when_replaced() {
    let site = Site::start().await;
    site.staff(Role::Admin).await;
    site.account("hina@example.com", Role::Writer).await;
    let admin = site.sign_in("admin@example.com").await;
    let invite = async || {
        let page = admin.post_and_follow("/admin/staff/2/invitation", &[]).await;
        page.first(".flash").rsplit(' ').next().unwrap().strip_prefix(&site.base).unwrap().to_owned()
    };
    let (first, second) = (invite().await, invite().await);
    assert_eq!(site.visitor().get(&first).await.status, 404);
    assert_eq!(site.visitor().get(&second).await.status, 200);
    let hina = site.sign_in("hina@example.com").await;
    site.advance_hours(7);
    assert_eq!(hina.get("/admin").await.status, 200, "the old password works until a new one is set");
    assert_eq!(site.visitor().post(&second, &[("password", "quite another one")]).await.status, 303);
    assert_eq!(hina.get("/admin").await.status, 303, "a new password ends all sessions");
    let third = invite().await;
    site.advance_hours(72);
    assert_eq!(site.visitor().get(&third).await.status, 404);
    assert_eq!(site.visitor().post(&third, &[("password", "a third sentence")]).await.status, 404);
}

#[actix_web::test]
async fn deactivating_an_account_ends_its_sessions_at_once() {
    let site = Site::start().await;
    let admin = site.staff(Role::Admin).await;
    let writer = site.staff(Role::Writer).await;
    let page = admin.post_and_follow("/admin/staff/2/deactivation", &[]).await;
    assert_eq!(page.first(".flash"), "Test writer has been deactivated and signed out everywhere.");
    assert_eq!(writer.get("/admin").await.status, 303);
    let fields = [("email", "writer@example.com"), ("password", PASSWORD)];
    let refused = writer.post("/admin/sign-in", &fields).await;
    assert_eq!(refused.status, 422);
    assert_eq!(refused.first("[role=alert]"), "Incorrect e-mail address or password.");
    assert_eq!(admin.post("/admin/staff/2/invitation", &[]).await.status, 404, "a deactivated account cannot sign in");
    assert_eq!(admin.post("/admin/staff/2/activation", &[]).await.status, 303);
    assert_eq!(writer.get("/admin").await.status, 303, "the old session remains ended");
    site.sign_in("writer@example.com").await;
}

#[actix_web::test]
async fn last_admin_cannot_lose_the_role() {
    let site = Site::start().await;
    let admin = site.staff(Role::Admin).await;
    site.account("writer@example.com", Role::Writer).await;
    for role in ["writer", "publisher"] {
        let page = admin.post_and_follow("/admin/staff/1/role", &[("role", role)]).await;
        assert_eq!(page.first(".flash"), "There must be at least one admin. Make another account an admin first.");
    }
    assert_eq!(admin.post("/admin/staff/1/deactivation", &[]).await.status, 400);
    assert_eq!(site.text("SELECT role FROM staff WHERE id = 1").await, "admin");
    // An account without a password could not sign in as the remaining admin.
    site.execute("INSERT INTO staff (email, name, role, created_at) VALUES ('n@example.com', 'N', 'admin', '2026-11-22T09:00:00Z')")
        .await;
    admin.post("/admin/staff/1/role", &[("role", "writer")]).await;
    assert_eq!(site.text("SELECT role FROM staff WHERE id = 1").await, "admin");
    assert_eq!(admin.post("/admin/staff/2/role", &[("role", "owner")]).await.status, 400);
    assert_eq!(admin.post("/admin/staff/99/role", &[("role", "admin")]).await.status, 404);
    let page = admin.post_and_follow("/admin/staff/2/role", &[("role", "admin")]).await;
    assert_eq!(page.first(".flash"), "Test writer now has the role admin.");
    let gone = admin.post("/admin/staff/1/role", &[("role", "writer")]).await;
    assert_eq!(gone.status, 303);
    assert_eq!(admin.get("/admin/staff").await.status, 403, "immediately");
    assert_eq!(admin.get("/admin").await.first(".role"), "writer");
}

#[actix_web::test]
async fn two_admins_deactivating_each_other_leave_one_active() {
    let site = Site::start().await;
    let first = site.staff(Role::Admin).await;
    site.account("second@example.com", Role::Admin).await;
    let second = site.sign_in("second@example.com").await;
    for _ in 0..5 {
        let (here, there) = tokio::join!(
            first.post("/admin/staff/2/deactivation", &[]),
            second.post("/admin/staff/1/deactivation", &[])
        );
        assert!(here.status < 500 && there.status < 500);
        assert!(site.count("SELECT count(*) FROM staff WHERE active = 1").await >= 1);
    }
    assert_eq!(site.count("SELECT count(*) FROM staff WHERE active = 1").await, 1);
}

#[actix_web::test]
async fn only_admins_see_settings_staff_and_audit_log() {
    let site = Site::start().await;
    site.account("other@example.com", Role::Admin).await;
    for role in [Role::Writer, Role::Publisher] {
        let member = site.staff(role).await;
        let mut refusals = vec![];
        for path in ["/admin/site", "/admin/staff", "/admin/audit"] {
            refusals.push(member.get(path).await);
        }
        for path in [
            "/admin/site",
            "/admin/staff",
            "/admin/staff/1/role",
            "/admin/staff/1/deactivation",
            "/admin/staff/1/activation",
            "/admin/staff/1/invitation",
        ] {
            let fields = [("name", "X"), ("email", "x@example.com"), ("role", "admin"), ("version", "1")];
            refusals.push(member.post(path, &fields).await);
        }
        for page in refusals {
            assert_eq!(page.status, 403, "{role} {}", page.path);
            page.assert_page_layout();
            assert_eq!(page.first("h1"), "You do not have access");
            assert!(page.first(".lead").starts_with("Only admins"), "{}", page.first(".lead"));
        }
        let links = member.get("/admin").await.attributes("header nav a", "href");
        assert_eq!(
            links,
            [
                "/admin",
                "/admin/posts",
                "/admin/pages",
                "/admin/media",
                "/admin/draws",
                "/admin/occupations",
                "/admin/inquiries",
                "/admin/mail",
                "/"
            ]
        );
    }
    let roles = "SELECT group_concat(role || active) FROM (SELECT role, active FROM staff ORDER BY id)";
    assert_eq!(site.text(roles).await, "admin1,writer1,publisher1");
    assert_eq!(site.count("SELECT version FROM site").await, 1);
    let admin = site.sign_in("other@example.com").await;
    for path in ["/admin/site", "/admin/staff", "/admin/audit"] {
        assert_eq!(admin.get(path).await.status, 200, "{path}");
    }
}

#[actix_web::test]
async fn audit_log_lists_every_action_with_its_actor() {
    let site = Site::start().await;
    let admin = site.staff(Role::Admin).await;
    let publisher = site.staff(Role::Publisher).await;
    send_inquiry(&site, "Amina", "First").await;
    site.emails().await;
    site.execute("UPDATE outbox SET state = 'failed' WHERE id = 1").await;
    let fields = settings_form(&admin).await;
    let draft = [("title", "A post"), ("author", "A"), ("summary", "S"), ("body", "B"), ("action", "save")];
    for (member, path, fields) in [
        (&publisher, "/admin/posts/new", draft.to_vec()),
        (&publisher, "/admin/posts/2/publication", vec![]),
        (&publisher, "/admin/posts/2/withdrawal", vec![]),
        (&publisher, "/admin/posts/2/trash", vec![]),
        (&publisher, "/admin/posts/2/restoration", vec![]),
        (&publisher, "/admin/inquiries/1/state", vec![("state", "answered")]),
        (&publisher, "/admin/mail/1/sending", vec![]),
        (&admin, "/admin/site", with(&fields, &[])),
        (&admin, "/admin/staff", vec![("name", "Hina"), ("email", "hina@example.com"), ("role", "writer")]),
        (&admin, "/admin/staff/3/role", vec![("role", "publisher")]),
        (&admin, "/admin/staff/3/deactivation", vec![]),
        (&admin, "/admin/staff/3/activation", vec![]),
        (&admin, "/admin/staff/3/invitation", vec![]),
        (&publisher, "/admin/account", vec![("current", PASSWORD), ("password", "quite another sentence")]),
        (&publisher, "/admin/sign-out-everywhere", vec![]),
    ] {
        let page = member.post(path, &fields).await;
        assert_eq!(page.status, 303, "{path}: {}", page.text);
    }
    let expected = [
        ("Test publisher", "saved a draft: A post"),
        ("Test publisher", "published a post: A post"),
        ("Test publisher", "unpublished a post: A post"),
        ("Test publisher", "moved a post to the trash: A post"),
        ("Test publisher", "restored a post: A post"),
        ("Test publisher", "changed the status of an inquiry to answered: IE-2026-000001"),
        ("Test publisher", "retried an e-mail: e-mail 1"),
        ("Test admin", "changed the settings: Immigration Experts"),
        ("Test admin", "added a team member as writer: Hina"),
        ("Test admin", "changed the role to publisher: Hina"),
        ("Test admin", "deactivated an account: Hina"),
        ("Test admin", "reactivated an account: Hina"),
        ("Test admin", "created a set-up link: Hina"),
        ("Test publisher", "changed the password: Test publisher"),
        ("Test publisher", "signed out everywhere: Test publisher"),
    ];
    let mut done = audit_entries(&admin).await;
    done.reverse();
    let done: Vec<(&str, &str)> = done.iter().map(|(who, what)| (&**who, &**what)).collect();
    assert_eq!(done[4..], expected, "set-up of accounts is excluded");
    assert_eq!(done[0], ("Test admin", "set a password with a set-up link: Test admin"));
    assert!(!admin.get("/admin/audit").await.text.contains("sentence"));
    assert_eq!(admin.get("/admin/audit?page=2").await.status, 404);
}

#[actix_web::test]
async fn admin_area_warns_when_emails_are_only_written_to_files() {
    let site = Site::start_with_file_drop().await;
    let writer = site.staff(Role::Writer).await;
    for path in ["/admin", "/admin/mail"] {
        assert!(writer.get(path).await.first(".notice").starts_with("No mail server is configured."), "{path}");
    }
    send_inquiry(&site, "Amina", "First").await;
    site.deliver_due().await;
    assert_eq!(std::fs::read_dir(site.dir.path().join("data/mail")).unwrap().count(), 2);
    let site = Site::start().await;
    let writer = site.staff(Role::Writer).await;
    for path in ["/admin", "/admin/mail"] {
        assert_eq!(writer.get(path).await.all("p.notice"), Vec::<String>::new(), "{path}");
    }
}

#[actix_web::test]
async fn admin_pages_have_titles_and_no_scripts() {
    let site = Site::start().await;
    let admin = site.staff(Role::Admin).await;
    send_inquiry(&site, "Amina", "First").await;
    // The style page has the layout of the public pages.
    for path in STAFF_PAGES.into_iter().filter(|path| *path != "/admin/style") {
        let page = admin.get(path).await;
        page.assert_no_active_content();
        assert_eq!((page.status, page.all("h1").len()), (200, 1), "{path}");
        assert_eq!(page.attributes("meta[name=robots]", "content"), ["noindex"], "{path}");
        assert!(page.first("title").ends_with(" – Immigration Experts admin"), "{path}");
        assert_eq!(page.first(".signed-in a"), "Test admin", "{path}");
        assert_eq!(
            page.all("header nav a[aria-current]").len(),
            usize::from(!path.starts_with("/admin/account")),
            "{path}"
        );
    }
}
