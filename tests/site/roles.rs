//! Who may use which route of the admin area: one table, held against the routes that the site registers.

use std::collections::BTreeSet;

use immigration_experts::staff::Role::{self, Admin, Publisher, Writer};

use crate::support::routes::of_staff;
use crate::support::{Page, Site, Visitor};

/// Every route of the admin area with the least role that may use it. A route that is missing here fails the test.
const TABLE: [(Role, &str, &str); 90] = [
    (Writer, "GET", "/admin"),
    (Writer, "GET", "/admin/account"),
    (Writer, "POST", "/admin/account"),
    (Writer, "GET", "/admin/draws"),
    (Writer, "GET", "/admin/draws/{round}"),
    (Writer, "POST", "/admin/draws/{round}/posts"),
    (Writer, "GET", "/admin/inquiries"),
    (Writer, "POST", "/admin/inquiries/batch"),
    (Writer, "GET", "/admin/inquiries/bin"),
    (Writer, "GET", "/admin/inquiries/erasures"),
    (Writer, "GET", "/admin/inquiries/people"),
    (Writer, "POST", "/admin/inquiries/people/copy"),
    (Writer, "GET", "/admin/inquiries/templates"),
    (Writer, "GET", "/admin/inquiries/templates/new"),
    (Writer, "POST", "/admin/inquiries/templates/new"),
    (Writer, "GET", "/admin/inquiries/templates/{id}"),
    (Writer, "POST", "/admin/inquiries/templates/{id}"),
    (Writer, "POST", "/admin/inquiries/templates/{id}/retirement"),
    (Writer, "POST", "/admin/inquiries/templates/{id}/return"),
    (Writer, "GET", "/admin/inquiries/{id}"),
    (Writer, "GET", "/admin/inquiries/{id}.json"),
    (Writer, "POST", "/admin/inquiries/{id}/answer"),
    (Writer, "POST", "/admin/inquiries/{id}/bin"),
    (Writer, "POST", "/admin/inquiries/{id}/hold"),
    (Writer, "POST", "/admin/inquiries/{id}/merge"),
    (Writer, "POST", "/admin/inquiries/{id}/notes"),
    (Writer, "POST", "/admin/inquiries/{id}/occupation"),
    (Writer, "POST", "/admin/inquiries/{id}/owner"),
    (Writer, "POST", "/admin/inquiries/{id}/release"),
    (Writer, "POST", "/admin/inquiries/{id}/restoration"),
    (Writer, "POST", "/admin/inquiries/{id}/state"),
    (Writer, "POST", "/admin/inquiries/{id}/unmerge"),
    (Writer, "GET", "/admin/mail"),
    (Writer, "POST", "/admin/mail/refused-addresses/removal"),
    (Writer, "POST", "/admin/mail/retry"),
    (Writer, "GET", "/admin/mail/{id}"),
    (Writer, "POST", "/admin/mail/{id}/sending"),
    (Writer, "POST", "/admin/mail/{id}/dismissal"),
    (Writer, "POST", "/admin/mail/{id}/dismissal/removal"),
    (Writer, "GET", "/admin/occupations"),
    (Writer, "GET", "/admin/occupations/lists/{id}"),
    (Writer, "GET", "/admin/occupations/words"),
    (Writer, "GET", "/admin/posts"),
    (Writer, "GET", "/admin/posts/new"),
    (Writer, "POST", "/admin/posts/new"),
    (Writer, "GET", "/admin/posts/{id}"),
    (Writer, "POST", "/admin/posts/{id}"),
    (Writer, "POST", "/admin/posts/{id}/bin"),
    (Writer, "POST", "/admin/posts/{id}/restoration"),
    (Writer, "GET", "/admin/posts/{id}/revisions/{version}"),
    (Writer, "POST", "/admin/sign-out"),
    (Writer, "POST", "/admin/sign-out-everywhere"),
    (Publisher, "GET", "/admin/draws/import"),
    (Publisher, "POST", "/admin/draws/import"),
    (Publisher, "GET", "/admin/draws/import/{id}"),
    (Publisher, "POST", "/admin/draws/import/{id}"),
    (Publisher, "POST", "/admin/draws/names"),
    (Publisher, "GET", "/admin/draws/new"),
    (Publisher, "POST", "/admin/draws/new"),
    (Publisher, "POST", "/admin/draws/{round}"),
    (Publisher, "POST", "/admin/draws/{round}/confirmations"),
    (Publisher, "GET", "/admin/inquiries.csv"),
    (Publisher, "POST", "/admin/occupations/lists"),
    (Publisher, "GET", "/admin/occupations/lists/new"),
    (Publisher, "POST", "/admin/occupations/lists/new"),
    (Publisher, "POST", "/admin/occupations/lists/{id}"),
    (Publisher, "POST", "/admin/occupations/lists/{id}/checks"),
    (Publisher, "GET", "/admin/occupations/lists/{id}/correction"),
    (Publisher, "POST", "/admin/occupations/lists/{id}/correction"),
    (Publisher, "POST", "/admin/occupations/lists/{id}/end"),
    (Publisher, "POST", "/admin/occupations/lists/{id}/reopening"),
    (Publisher, "POST", "/admin/occupations/lists/{id}/withdrawal"),
    (Publisher, "POST", "/admin/occupations/words"),
    (Publisher, "POST", "/admin/occupations/words/removal"),
    (Publisher, "POST", "/admin/posts/{id}/publication"),
    (Publisher, "POST", "/admin/posts/{id}/withdrawal"),
    (Admin, "GET", "/admin/audit"),
    (Admin, "GET", "/admin/inquiries/people/erasure"),
    (Admin, "POST", "/admin/inquiries/people/erasure"),
    (Admin, "GET", "/admin/site"),
    (Admin, "POST", "/admin/site"),
    (Admin, "GET", "/admin/site/pages/{slug}"),
    (Admin, "POST", "/admin/site/pages/{slug}"),
    (Admin, "GET", "/admin/site/pages/{slug}/revisions/{version}"),
    (Admin, "GET", "/admin/staff"),
    (Admin, "POST", "/admin/staff"),
    (Admin, "POST", "/admin/staff/{id}/activation"),
    (Admin, "POST", "/admin/staff/{id}/deactivation"),
    (Admin, "POST", "/admin/staff/{id}/invitation"),
    (Admin, "POST", "/admin/staff/{id}/role"),
];

/// What a writer may do with drafts only. The post of these routes' examples is published.
const DRAFTS_ONLY: [(&str, &str); 2] = [("POST", "/admin/posts/{id}"), ("POST", "/admin/posts/{id}/bin")];

async fn ask(who: &Visitor, method: &str, path: &str) -> Page {
    if method == "GET" { who.get(path).await } else { who.post(path, &[]).await }
}

#[test]
fn no_route_of_the_admin_area_is_missing_from_the_table_of_roles() {
    let registered: BTreeSet<(String, String, Role)> =
        of_staff().into_iter().map(|(method, pattern, _, role)| (method, pattern, role)).collect();
    let known = TABLE.map(|(role, method, pattern)| (method.to_owned(), pattern.to_owned(), role));
    assert_eq!(registered, BTreeSet::from(known));
    assert_eq!(of_staff().len(), TABLE.len(), "none is registered twice");
}

#[actix_web::test]
async fn every_admin_route_is_open_to_the_roles_of_the_table_and_closed_to_all_others() {
    let site = Site::start().await;
    let fields = [("name", "Omar"), ("email", "visitor@example.com"), ("message", "m")];
    assert_eq!(site.visitor().post("/contact", &fields).await.status, 303);
    let mut people = vec![(None, site.visitor())];
    for role in Role::ALL {
        people.push((Some(role), site.staff(role).await));
    }
    for (role, who) in &people {
        for (method, pattern, path, least) in of_staff() {
            if pattern.contains("sign-out") {
                continue;
            }
            let page = ask(who, &method, &path).await;
            let what = format!("{role:?} {method} {path}: {} {}", page.status, page.text);
            match role {
                None => {
                    assert_eq!(page.status, 303, "{what}");
                    assert!(page.location().starts_with("/admin/sign-in?next="), "{what}");
                }
                Some(role) if *role < least => {
                    assert_eq!(page.status, 403, "{what}");
                    page.assert_head_and_foot();
                }
                Some(Writer) if DRAFTS_ONLY.contains(&(&method, &pattern)) => assert_eq!(page.status, 403, "{what}"),
                Some(_) => {
                    assert!([200, 303, 400, 404, 409, 422].contains(&page.status), "{what}");
                    assert!(!page.location().starts_with("/admin/sign-in"), "{what}");
                }
            }
        }
    }
    for (role, who) in people {
        let Some(role) = role else { continue };
        // The account may have been closed by the tour of the admin.
        if who.get("/admin").await.status != 200 {
            continue;
        }
        let page = who.post("/admin/sign-out", &[]).await;
        assert_eq!((page.status, page.location()), (303, "/admin/sign-in?after=sign-out"), "{role:?}");
        assert_eq!(who.post("/admin/sign-out-everywhere", &[]).await.location(), "/admin/sign-in?next=%2Fadmin");
    }
}

#[actix_web::test]
async fn a_writer_is_refused_before_anything_is_looked_up_or_read() {
    let site = Site::start().await;
    let writer = site.staff(Writer).await;
    for path in ["/admin/staff/99/role", "/admin/posts/99/publication", "/admin/draws/import"] {
        let page = writer.post_body(path, "text/plain", b"no form".to_vec()).await;
        assert_eq!(page.status, 403, "{path}");
    }
}

#[actix_web::test]
async fn a_writer_neither_sees_nor_gets_the_export_of_all_inquiries() {
    let site = Site::start().await;
    for (role, status, links) in [(Writer, 403, 0), (Publisher, 200, 2), (Admin, 200, 2)] {
        let who = site.staff(role).await;
        let list = who.get("/admin/inquiries").await;
        assert_eq!(list.attributes("a[href*='.csv']", "href").len(), links, "{role}");
        for path in ["/admin/inquiries.csv", "/admin/inquiries.csv?state=new&for=spreadsheet"] {
            assert_eq!(who.get(path).await.status, status, "{role} {path}");
        }
    }
}
