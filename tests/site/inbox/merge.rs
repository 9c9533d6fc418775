//! Merging and splitting inquiries of one person.

use super::{insert_inquiry, listed_references, site_and_writer};
use crate::support::{Page, Visitor};

async fn merge(writer: &Visitor, id: i64, into: i64) -> Page {
    writer.post(&format!("/admin/inquiries/{id}/merge"), &[("into", &into.to_string())]).await
}

const MERGED: &str = "SELECT group_concat(coalesce(merged_into, 0)) FROM inquiries";

#[actix_web::test]
async fn inquiries_can_be_merged_and_unmerged() {
    let (site, writer) = site_and_writer().await;
    for message in ["First.", "Second."] {
        insert_inquiry(&site, &format!("email = 'amina@example.com', message = '{message}'")).await;
    }
    let page = writer.get("/admin/inquiries/1").await;
    assert_eq!(
        page.all("section[aria-labelledby=others] button"),
        ["Merge into IE-2026-000002", "Merge IE-2026-000002 into this one"]
    );
    let answer = merge(&writer, 1, 2).await;
    assert_eq!((answer.status, answer.location()), (303, "/admin/inquiries/2"));
    let page = writer.get("/admin/inquiries/2").await;
    assert_eq!(page.first(".flash"), "IE-2026-000001 merged into IE-2026-000002.");
    assert_eq!(listed_references(&writer, "").await, ["02"]);
    assert!(page.first("section[aria-labelledby=others]").contains("Merged into this inquiry."));
    assert!(page.all("ol.rows li")[1].ends_with("Test writer merged IE-2026-000001 into this inquiry"));
    let page = writer.get("/admin/inquiries/1").await;
    assert!(page.first(".notice").starts_with("Merged into IE-2026-000002."));
    assert!(page.all("ol.rows li")[1].ends_with("Test writer merged this inquiry into IE-2026-000002"));
    assert_eq!(page.all("textarea[name=text]"), Vec::<String>::new(), "the reply goes to the other inquiry");

    // A reply to one also sets the state of those merged into it.
    writer.post("/admin/inquiries/2/reply", &[("subject", "S"), ("text", "T")]).await;
    assert_eq!(site.text("SELECT group_concat(state) FROM inquiries").await, "answered,answered");

    let page = writer.post_and_follow("/admin/inquiries/1/unmerge", &[]).await;
    assert_eq!(page.first(".flash"), "IE-2026-000001 split from IE-2026-000002.");
    assert!(page.all("ol.rows li").last().unwrap().ends_with("Test writer split this inquiry from IE-2026-000002"));
    let page = writer.get("/admin/inquiries/2").await;
    assert!(page.all("ol.rows li").last().unwrap().ends_with("Test writer split IE-2026-000001 from this inquiry"));
    assert_eq!(site.text(MERGED).await, "0,0");
    assert_eq!(writer.post("/admin/inquiries/1/unmerge", &[]).await.status, 422);
}

#[actix_web::test]
async fn inquiry_cannot_be_merged_into_itself_or_in_a_cycle() {
    let (site, writer) = site_and_writer().await;
    for _ in 0..4 {
        insert_inquiry(&site, "email = 'amina@example.com'").await;
    }
    assert_eq!(merge(&writer, 1, 1).await.status, 422);
    assert_eq!(merge(&writer, 1, 2).await.status, 303);
    assert_eq!(merge(&writer, 2, 1).await.status, 422, "mutual merge");
    assert_eq!(merge(&writer, 1, 3).await.status, 422, "already merged");
    assert_eq!(merge(&writer, 3, 1).await.location(), "/admin/inquiries/2", "merges into the root");
    assert_eq!(merge(&writer, 2, 4).await.status, 303);
    assert_eq!(merge(&writer, 4, 3).await.status, 422, "cycle");
    assert_eq!(site.text(MERGED).await, "2,4,2,0");
    assert_eq!(writer.get("/admin/inquiries/1").await.first(".notice a"), "IE-2026-000004");
    for (id, into) in [(4, "99"), (4, "x"), (4, "")] {
        let page = writer.post(&format!("/admin/inquiries/{id}/merge"), &[("into", into)]).await;
        assert_eq!(page.status, 400, "{into}");
    }
    assert_eq!(writer.post("/admin/inquiries/99/merge", &[("into", "1")]).await.status, 404);
}

#[actix_web::test]
async fn merging_into_a_closed_inquiry_reopens_it() {
    let (site, writer) = site_and_writer().await;
    insert_inquiry(&site, "email = 'a@example.com', state = 'closed'").await;
    insert_inquiry(&site, "email = 'a@example.com'").await;
    merge(&writer, 2, 1).await;
    assert_eq!(listed_references(&writer, "?state=new").await, ["01"]);
    let trashed = "email = 'a@example.com', trashed_at = '2026-11-22T08:00:00Z', trash_reason = 'staff'";
    for set in [trashed, "state = 'withdrawn'", "state = 'quarantined'"] {
        let id = insert_inquiry(&site, set).await;
        assert_eq!(merge(&writer, 1, id).await.status, 422, "{set}");
    }
}

#[actix_web::test]
async fn withdrawn_inquiry_stays_withdrawn_when_its_merge_is_answered() {
    let (site, writer) = site_and_writer().await;
    insert_inquiry(&site, "email = 'a@example.com', state = 'withdrawn'").await;
    insert_inquiry(&site, "email = 'a@example.com'").await;
    site.execute("UPDATE inquiries SET merged_into = 2 WHERE id = 1").await;
    writer.post("/admin/inquiries/2/state", &[("state", "answered")]).await;
    assert_eq!(site.text("SELECT group_concat(state) FROM inquiries").await, "withdrawn,answered");
}
