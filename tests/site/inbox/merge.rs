//! Two inquiries of one person: answered as one, and apart again.

use super::{keep, shown, site_and_writer};
use crate::support::{Page, Visitor};

async fn merge(writer: &Visitor, id: i64, into: i64) -> Page {
    writer.post(&format!("/admin/inquiries/{id}/merge"), &[("into", &into.to_string())]).await
}

const MERGED: &str = "SELECT group_concat(coalesce(merged_into, 0)) FROM inquiries";

#[actix_web::test]
async fn two_inquiries_of_one_person_become_one_and_two_again() {
    let (site, writer) = site_and_writer().await;
    for message in ["First.", "Second."] {
        keep(&site, &format!("email = 'amina@example.com', message = '{message}'")).await;
    }
    let page = writer.get("/admin/inquiries/1").await;
    assert_eq!(
        page.all("section[aria-labelledby=others] button"),
        ["Answer this one in IE-2026-000002", "Answer IE-2026-000002 here"]
    );
    let answer = merge(&writer, 1, 2).await;
    assert_eq!((answer.status, answer.location()), (303, "/admin/inquiries/2"));
    let page = writer.get("/admin/inquiries/2").await;
    assert_eq!(page.first(".flash"), "IE-2026-000001 is answered in IE-2026-000002 from now on.");
    assert_eq!(shown(&writer, "").await, ["02"]);
    assert!(page.first("section[aria-labelledby=others]").contains("It is answered in this one."));
    assert!(page.all("ol.rows li")[1].ends_with("Test writer merged IE-2026-000001 into it"));
    let page = writer.get("/admin/inquiries/1").await;
    assert!(page.first(".notice").starts_with("This one is answered in IE-2026-000002."));
    assert!(page.all("ol.rows li")[1].ends_with("Test writer merged it into IE-2026-000002"));
    assert_eq!(page.all("textarea[name=text]"), Vec::<String>::new(), "it is answered in the other");

    // What is answered in one is answered for the visitor who asks after the other.
    writer.post("/admin/inquiries/2/answer", &[("subject", "S"), ("text", "T")]).await;
    assert_eq!(site.text("SELECT group_concat(state) FROM inquiries").await, "answered,answered");

    let page = writer.post_and_follow("/admin/inquiries/1/unmerge", &[]).await;
    assert_eq!(page.first(".flash"), "IE-2026-000001 is answered by itself again.");
    assert!(page.all("ol.rows li").last().unwrap().ends_with("Test writer separated it from IE-2026-000002"));
    let page = writer.get("/admin/inquiries/2").await;
    assert!(page.all("ol.rows li").last().unwrap().ends_with("Test writer separated IE-2026-000001 from it"));
    assert_eq!(site.text(MERGED).await, "0,0");
    assert_eq!(writer.post("/admin/inquiries/1/unmerge", &[]).await.status, 422);
}

#[actix_web::test]
async fn an_inquiry_is_never_answered_in_itself_nor_two_in_each_other() {
    let (site, writer) = site_and_writer().await;
    for _ in 0..4 {
        keep(&site, "email = 'amina@example.com'").await;
    }
    assert_eq!(merge(&writer, 1, 1).await.status, 422);
    assert_eq!(merge(&writer, 1, 2).await.status, 303);
    assert_eq!(merge(&writer, 2, 1).await.status, 422, "each in the other");
    assert_eq!(merge(&writer, 1, 3).await.status, 422, "it is answered elsewhere already");
    assert_eq!(merge(&writer, 3, 1).await.location(), "/admin/inquiries/2", "the one in which that one is answered");
    assert_eq!(merge(&writer, 2, 4).await.status, 303);
    assert_eq!(merge(&writer, 4, 3).await.status, 422, "round in a ring");
    assert_eq!(site.text(MERGED).await, "2,4,2,0");
    assert_eq!(writer.get("/admin/inquiries/1").await.first(".notice a"), "IE-2026-000004");
    for (id, into) in [(4, "99"), (4, "x"), (4, "")] {
        let page = writer.post(&format!("/admin/inquiries/{id}/merge"), &[("into", into)]).await;
        assert_eq!(page.status, 400, "{into}");
    }
    assert_eq!(writer.post("/admin/inquiries/99/merge", &[("into", "1")]).await.status, 404);
}

#[actix_web::test]
async fn what_nobody_answered_does_not_vanish_in_one_that_is_done_with() {
    let (site, writer) = site_and_writer().await;
    keep(&site, "email = 'a@example.com', state = 'closed'").await;
    keep(&site, "email = 'a@example.com'").await;
    merge(&writer, 2, 1).await;
    assert_eq!(shown(&writer, "?state=new").await, ["01"]);
    let binned = "email = 'a@example.com', binned_at = '2026-11-22T08:00:00Z', binned_for = 'staff'";
    for set in [binned, "state = 'withdrawn'", "state = 'quarantined'"] {
        let id = keep(&site, set).await;
        assert_eq!(merge(&writer, 1, id).await.status, 422, "{set}");
    }
}

#[actix_web::test]
async fn one_that_the_visitor_took_back_stays_so_when_the_other_is_answered() {
    let (site, writer) = site_and_writer().await;
    keep(&site, "email = 'a@example.com', state = 'withdrawn'").await;
    keep(&site, "email = 'a@example.com'").await;
    site.run("UPDATE inquiries SET merged_into = 2 WHERE id = 1").await;
    writer.post("/admin/inquiries/2/state", &[("state", "answered")]).await;
    assert_eq!(site.text("SELECT group_concat(state) FROM inquiries").await, "withdrawn,answered");
}
