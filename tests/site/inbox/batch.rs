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
    assert_eq!(page.all(".batch button"), ["Release"]);
    let fields = [("inquiry-1", "1"), ("inquiry-2", "1"), ("inquiry-3", "1"), ("action", "release")];
    let page = writer.post_and_follow("/admin/inquiries/batch", &fields).await;
    assert!(
        page.first(".flash").starts_with("2 inquiries released from quarantine. 1 inquiry skipped"),
        "{}",
        page.first(".flash")
    );
    assert_eq!(site.emails().await.len(), 4);
}
