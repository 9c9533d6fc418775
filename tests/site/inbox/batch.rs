//! Bulk actions.

use immigration_experts::staff::Role;

use super::{insert_inquiry, listed_references, site_and_writer};

#[actix_web::test]
async fn selected_inquiries_can_be_assigned_and_closed() {
    let (site, writer) = site_and_writer().await;
    for _ in 0..4 {
        insert_inquiry(&site, "id = id").await;
    }
    site.account("admin@example.com", Role::Admin).await;
    let admin = site.count("SELECT id FROM staff WHERE email = 'admin@example.com'").await.to_string();
    let page = writer.get("/admin/inquiries?kind=contact").await;
    let names = page.attributes("input[type=checkbox]", "name");
    assert_eq!(names, ["inquiry-4", "inquiry-3", "inquiry-2", "inquiry-1"]);
    let back = page.field_value("back");
    let fields = [("inquiry-1", "1"), ("inquiry-2", "1"), ("action", "assign"), ("owner", &admin), ("back", &back)];
    let page = writer.post_and_follow("/admin/inquiries/batch", &fields).await;
    assert_eq!(page.first(".flash"), "2 inquiries assigned to Test admin.");
    assert_eq!(listed_references(&writer, &format!("?owner={admin}&state=reading")).await, ["02", "01"]);
    let page = writer.post_and_follow("/admin/inquiries/batch", &[("inquiry-3", "1"), ("action", "close")]).await;
    assert_eq!(page.first(".flash"), "1 inquiry closed.");
    assert_eq!(listed_references(&writer, "?state=closed").await, ["03"]);
    let log = "SELECT group_concat(action || ': ' || subject, '; ') FROM audit_log WHERE action LIKE '%several%'";
    assert_eq!(
        site.text(log).await,
        "assigned several inquiries to Test admin: IE-2026-000001, IE-2026-000002; closed several inquiries: IE-2026-000003"
    );
}

#[actix_web::test]
async fn batch_skips_and_names_inquiries_changed_meanwhile() {
    let (site, writer) = site_and_writer().await;
    let publisher = site.staff(Role::Publisher).await;
    for _ in 0..3 {
        insert_inquiry(&site, "id = id").await;
    }
    insert_inquiry(&site, "state = 'quarantined'").await;
    publisher.post("/admin/inquiries/2/notes", &[("note", "Wait.")]).await;
    let fields = [("inquiry-1", "1"), ("inquiry-2", "1"), ("inquiry-4", "1"), ("inquiry-99", "1"), ("action", "close")];
    let page = writer.post_and_follow("/admin/inquiries/batch", &fields).await;
    assert_eq!(
        page.first(".flash"),
        "1 inquiry closed. 2 inquiries skipped (changed in the meantime, or not allowed): IE-2026-000002, IE-2026-000004."
    );
    assert_eq!(site.text("SELECT group_concat(state) FROM inquiries").await, "closed,new,new,quarantined");
    let page = writer.post_and_follow("/admin/inquiries/batch", &[("action", "close")]).await;
    assert_eq!(page.first(".flash"), "Select at least one inquiry. Nothing was changed.");
    for fields in
        [&[("inquiry-3", "1"), ("action", "burn")][..], &[("inquiry-3", "1"), ("action", "assign"), ("owner", "9")]]
    {
        assert_eq!(writer.post("/admin/inquiries/batch", fields).await.status, 400);
    }
}

#[actix_web::test]
async fn batch_release_from_quarantine_sends_the_emails() {
    let (site, writer) = site_and_writer().await;
    for _ in 0..2 {
        insert_inquiry(&site, "state = 'quarantined', email = 'a@example.com'").await;
    }
    insert_inquiry(&site, "id = id").await;
    let page = writer.get("/admin/inquiries?state=quarantined").await;
    assert_eq!(page.all(".batch button"), ["Not spam", "Move to trash"]);
    let fields = [("inquiry-1", "1"), ("inquiry-2", "1"), ("inquiry-3", "1"), ("action", "not-spam")];
    let page = writer.post_and_follow("/admin/inquiries/batch", &fields).await;
    assert!(
        page.first(".flash").starts_with("2 inquiries marked as not spam. 1 inquiry skipped"),
        "{}",
        page.first(".flash")
    );
    assert_eq!(site.emails().await.len(), 4);
}

#[actix_web::test]
async fn every_bulk_action_is_undone_with_one_click() {
    let (site, writer) = site_and_writer().await;
    insert_inquiry(&site, "id = id").await;
    insert_inquiry(&site, "state = 'answered', owner_id = (SELECT max(id) FROM staff)").await;
    insert_inquiry(&site, "merged_into = 1").await;
    let now =
        "SELECT group_concat(concat(state, owner_id, trashed_at IS NOT NULL, state_before_spam), ' ') FROM inquiries";
    let before = site.text(now).await;
    for (action, done) in [
        ("assign", "2 inquiries assigned to Test writer."),
        ("close", "2 inquiries closed."),
        ("spam", "2 inquiries marked as spam."),
        ("trash", "2 inquiries moved to the trash."),
    ] {
        let selected = [("inquiry-1", ""), ("inquiry-2", "")];
        let fields =
            [selected[0], selected[1], ("action", action), ("owner", "me"), ("back", "/admin/inquiries?q=hello")];
        let page = writer.post_and_follow("/admin/inquiries/batch", &fields).await;
        assert_eq!(page.first(".flash"), done);
        assert_ne!(site.text(now).await, before, "{action}");
        assert_eq!(page.attributes(".flash-line form", "action"), ["/admin/inquiries/undo"]);
        assert_eq!(page.all(".flash-line button"), ["Undo"]);
        let undo = [
            ("batch", &*page.field_value("batch")),
            ("back", &*page.attributes(".flash-line [name=back]", "value")[0]),
        ];
        let page = writer.post_and_follow("/admin/inquiries/undo", &undo).await;
        let flash = page.first(".flash");
        assert!(flash == "Undone for 2 inquiries." || flash == "Undone for 3 inquiries.", "{action}: {flash}");
        assert_eq!(site.text(now).await, before, "{action}");
        assert_eq!(listed_references(&writer, "?q=hello").await, ["03", "02", "01"], "{action}");
        let again = writer.post_and_follow("/admin/inquiries/undo", &undo).await;
        assert_eq!(again.first(".flash"), "This can no longer be undone.");
    }
    assert_eq!(site.count("SELECT count(*) FROM spam_verdicts").await, 0);
    assert_eq!(site.count("SELECT count(*) FROM audit_log WHERE action = 'undid a bulk action'").await, 4);
}

#[actix_web::test]
async fn undo_skips_what_changed_later_and_ends_after_a_day() {
    let (site, writer) = site_and_writer().await;
    let publisher = site.staff(Role::Publisher).await;
    for _ in 0..2 {
        insert_inquiry(&site, "id = id").await;
    }
    let close = [("inquiry-1", ""), ("inquiry-2", ""), ("action", "close")];
    let location = writer.post("/admin/inquiries/batch", &close).await.location().to_owned();
    let batch = location.strip_prefix("/admin/inquiries?undo=").unwrap().to_owned();
    let stranger = publisher.post_and_follow("/admin/inquiries/undo", &[("batch", &batch)]).await;
    assert_eq!(stranger.first(".flash"), "This can no longer be undone.", "only the member who did it");
    publisher.post("/admin/inquiries/2/notes", &[("note", "Called them.")]).await;
    let page = writer.post_and_follow("/admin/inquiries/undo", &[("batch", &batch)]).await;
    assert_eq!(
        page.first(".flash"),
        "Undone for 1 inquiry. 1 inquiry skipped (changed in the meantime): IE-2026-000002."
    );
    assert_eq!(site.text("SELECT group_concat(state) FROM inquiries").await, "new,closed");
    // The offer is shown once.
    let location = writer
        .post("/admin/inquiries/batch", &close[..1].iter().copied().chain([close[2]]).collect::<Vec<_>>())
        .await
        .location()
        .to_owned();
    assert_eq!(writer.get(&location).await.all(".flash-line button"), ["Undo"]);
    assert_eq!(writer.get(&location).await.all(".flash-line button"), Vec::<String>::new());
    site.advance_hours(24);
    let writer = site.sign_in("writer@example.com").await;
    let batch = location.split('=').next_back().unwrap();
    let page = writer.post_and_follow("/admin/inquiries/undo", &[("batch", batch)]).await;
    assert_eq!(page.first(".flash"), "This can no longer be undone.");
    for batch in ["", "x", "999"] {
        assert_eq!(writer.post("/admin/inquiries/undo", &[("batch", batch)]).await.status, 303);
    }
}

#[actix_web::test]
async fn inquiry_on_hold_cannot_be_trashed_in_bulk() {
    let (site, writer) = site_and_writer().await;
    insert_inquiry(&site, "on_hold = 1").await;
    let page = writer.post_and_follow("/admin/inquiries/batch", &[("inquiry-1", ""), ("action", "trash")]).await;
    assert!(page.first(".flash").starts_with("Nothing was changed. 1 inquiry skipped"), "{}", page.first(".flash"));
    assert_eq!(page.all(".flash-line button"), Vec::<String>::new());
}
