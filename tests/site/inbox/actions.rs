//! Staff actions on one inquiry, and edit conflicts.

use immigration_experts::staff::Role;

use super::{insert_inquiry, site_and_writer, version_fields, with};

const STATE_AND_OWNER: &str =
    "SELECT state || ' ' || coalesce((SELECT name FROM staff WHERE id = owner_id), '-') FROM inquiries";

#[actix_web::test]
async fn assigning_starts_reading_and_unassigning_makes_it_new() {
    let (site, writer) = site_and_writer().await;
    insert_inquiry(&site, "email = 'a@example.com'").await;
    site.account("admin@example.com", Role::Admin).await;
    let colleague = site.count("SELECT id FROM staff WHERE email = 'admin@example.com'").await.to_string();
    for (owner, state, flash) in [
        ("me", "reading Test writer", "You claimed IE-2026-000001."),
        (&*colleague, "reading Test admin", "IE-2026-000001 assigned to Test admin."),
        ("none", "new -", "IE-2026-000001 is now unassigned."),
        (&colleague, "reading Test admin", "IE-2026-000001 assigned to Test admin."),
    ] {
        let page = writer.post_and_follow("/admin/inquiries/1/owner", &[("owner", owner)]).await;
        assert_eq!((site.text(STATE_AND_OWNER).await, page.first(".flash")), (state.into(), flash.into()));
    }
    let history = writer.get("/admin/inquiries/1").await.all("ol.rows li");
    for (entry, end) in history.iter().zip([
        "visitor submitted the inquiry",
        "Test writer claimed the inquiry",
        "Test writer changed the status to in progress",
        "Test writer assigned the inquiry to Test admin",
        "Test writer unassigned the inquiry",
        "Test writer changed the status to new",
    ]) {
        assert!(entry.ends_with(end), "{entry}: {end}");
    }
    for owner in ["", "0", "99", "nobody"] {
        assert_eq!(writer.post("/admin/inquiries/1/owner", &[("owner", owner)]).await.status, 400, "{owner}");
    }
    site.execute("UPDATE staff SET active = 0 WHERE email = 'admin@example.com'").await;
    assert_eq!(writer.post("/admin/inquiries/1/owner", &[("owner", &colleague)]).await.status, 400);
}

#[actix_web::test]
async fn edit_conflict_shows_the_other_change_and_keeps_input() {
    let (site, writer) = site_and_writer().await;
    let publisher = site.staff(Role::Publisher).await;
    insert_inquiry(&site, "email = 'a@example.com'").await;
    let page = writer.get("/admin/inquiries/1").await;
    let state = version_fields(&page);
    publisher.post("/admin/inquiries/1/state", &[("state", "closed")]).await;
    publisher.post("/admin/inquiries/1/notes", &[("note", "Called them.")]).await;

    let typed = [("subject", "My <subject>"), ("text", "A long\nanswer & more")];
    let page = writer.post("/admin/inquiries/1/reply", &with(&state, &typed)).await;
    assert_eq!(page.status, 409);
    let notice = page.first("[role=alert]");
    assert!(
        notice.contains("Test publisher changed the status to closed") && notice.contains("Called them."),
        "{notice}"
    );
    assert!(!notice.contains("submitted"), "only new events: {notice}");
    assert_eq!(
        (page.field_value("subject"), page.all("textarea[name=text]")[0].as_str()),
        ("My <subject>".into(), "A long answer & more")
    );
    assert_eq!(page.first(".state"), "Closed", "the page shows the current state");
    assert_eq!(site.count("SELECT count(*) FROM outbox").await, 0);

    for (path, field) in [("state", ("state", "new")), ("owner", ("owner", "me")), ("merge", ("into", "1"))] {
        let page = writer.post(&format!("/admin/inquiries/1/{path}"), &with(&state, &[field])).await;
        assert_eq!(page.status, 409, "{path}");
        assert!(page.first("[role=alert]").contains("Test publisher changed the status to closed"), "{path}");
    }
    assert_eq!(site.text(STATE_AND_OWNER).await, "closed -");

    let now = version_fields(&page);
    let page = writer.post_and_follow("/admin/inquiries/1/reply", &with(&now, &typed)).await;
    assert_eq!(page.first(".flash"), "Reply to IE-2026-000001 is being sent.");
}

#[actix_web::test]
async fn simultaneous_clicks_make_one_action_and_one_conflict() {
    let (site, writer) = site_and_writer().await;
    let publisher = site.staff(Role::Publisher).await;
    insert_inquiry(&site, "email = 'a@example.com'").await;
    let state = version_fields(&writer.get("/admin/inquiries/1").await);
    let fields = with(&state, &[("subject", "S"), ("text", "T")]);
    let path = "/admin/inquiries/1/reply";
    let (first, second) = tokio::join!(writer.post(path, &fields), publisher.post(path, &fields));
    let mut statuses = [first.status, second.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 409]);
    assert_eq!(site.count("SELECT count(*) FROM outbox").await, 1, "the visitor gets one reply");
}

#[actix_web::test]
async fn notes_never_conflict_and_show_the_current_page() {
    let (site, writer) = site_and_writer().await;
    let publisher = site.staff(Role::Publisher).await;
    insert_inquiry(&site, "email = 'a@example.com'").await;
    let state = version_fields(&writer.get("/admin/inquiries/1").await);
    publisher.post("/admin/inquiries/1/notes", &[("note", "First note.")]).await;
    let page = writer.post_and_follow("/admin/inquiries/1/notes", &with(&state, &[("note", "Second note.")])).await;
    assert_eq!(page.all("ol.rows .note"), ["First note.", "Second note."]);
    assert_eq!(page.first(".flash"), "Note saved.");
}

#[actix_web::test]
async fn form_without_a_version_skips_the_conflict_check() {
    let (site, writer) = site_and_writer().await;
    insert_inquiry(&site, "version = 9").await;
    for version in ["", "x"] {
        let fields = [("state", "reading"), ("version", version)];
        assert_eq!(writer.post("/admin/inquiries/1/state", &fields).await.status, 303);
        assert_eq!(writer.post("/admin/inquiries/1/state", &[("state", "new")]).await.status, 303);
    }
    assert_eq!(writer.post("/admin/inquiries/1/state", &[("state", "new"), ("version", "9")]).await.status, 409);
    assert!(site.count("SELECT version FROM inquiries").await > 12, "every change increases the version");
}

#[actix_web::test]
async fn quarantined_and_withdrawn_inquiries_reject_actions() {
    let (site, writer) = site_and_writer().await;
    for (state, reason) in [("quarantined", "Choose “Not spam” first"), ("withdrawn", "withdrew this inquiry")] {
        let id = insert_inquiry(&site, &format!("state = '{state}', email = 'a@example.com'")).await;
        for (path, fields) in [
            ("state", vec![("state", "answered")]),
            ("owner", vec![("owner", "me")]),
            ("reply", vec![("subject", "S"), ("text", "Typed words")]),
            ("merge", vec![("into", "1")]),
        ] {
            let page = writer.post(&format!("/admin/inquiries/{id}/{path}"), &fields).await;
            assert_eq!(page.status, 422, "{state} {path}");
            assert!(page.first("[role=alert]").contains(reason), "{}", page.first("[role=alert]"));
            assert_eq!(page.text.contains("Typed words"), path == "reply", "the entered text is kept");
        }
        assert_eq!(writer.post(&format!("/admin/inquiries/{id}/notes"), &[("note", "Seen.")]).await.status, 303);
    }
    assert_eq!(site.text("SELECT group_concat(state) FROM inquiries").await, "quarantined,withdrawn");
    assert_eq!(site.count("SELECT count(*) FROM outbox").await, 0);
}

#[actix_web::test]
async fn release_sends_emails_once_and_only_from_quarantine() {
    let (site, writer) = site_and_writer().await;
    insert_inquiry(
        &site,
        "state = 'quarantined', spam_score = 8, spam_reasons = 'all capitals', email = 'a@example.com'",
    )
    .await;
    insert_inquiry(&site, "id = id").await;
    let page = writer.get("/admin/inquiries/1").await;
    assert_eq!(page.all(".spam-reasons li"), ["all capitals"]);
    let state = version_fields(&page);
    let page = writer.post_and_follow("/admin/inquiries/1/release", &with(&state, &[])).await;
    assert_eq!((page.path.as_str(), page.first(".state")), ("/admin/inquiries/1", "New".into()));
    assert!(page.all("ol.rows li")[1].ends_with("Test writer marked the inquiry as not spam and queued its e-mails"));
    assert_eq!(site.emails().await.len(), 2);
    assert_eq!(writer.post("/admin/inquiries/1/release", &with(&state, &[])).await.status, 409);
    for id in [1, 2] {
        let page = writer.post(&format!("/admin/inquiries/{id}/release"), &[]).await;
        assert_eq!((page.status, page.first("[role=alert]")), (422, "This inquiry is not quarantined.".into()));
    }
    assert_eq!(site.emails().await.len(), 2);
    assert_eq!(
        site.text("SELECT action || ': ' || subject FROM audit_log ORDER BY id DESC LIMIT 1").await,
        "marked an inquiry as not spam: IE-2026-000001"
    );
}
