//! Roles: one table of all admin routes, compared with the registered routes.

use std::collections::BTreeSet;

use immigration_experts::staff::Role::{self, Admin, Publisher, Writer};

use crate::support::routes::admin_routes;
use crate::support::{Page, Site, Visitor};

/// Minimum role of every admin route. The test fails if a route is missing.
const ROLE_TABLE: [(Role, &str, &str); 149] = [
    (Writer, "GET", "/admin"),
    (Writer, "GET", "/admin/account"),
    (Writer, "POST", "/admin/account"),
    (Writer, "POST", "/admin/account/sessions/{id}/removal"),
    (Writer, "GET", "/admin/account/two-factor"),
    (Writer, "POST", "/admin/account/two-factor"),
    (Writer, "POST", "/admin/account/two-factor/recovery-codes"),
    (Writer, "POST", "/admin/account/two-factor/removal"),
    (Writer, "POST", "/admin/account/two-factor/set-up"),
    (Writer, "GET", "/admin/draws"),
    (Writer, "GET", "/admin/draws/{number}"),
    (Writer, "POST", "/admin/draws/{number}/posts"),
    (Writer, "GET", "/admin/inquiries"),
    (Writer, "POST", "/admin/inquiries/batch"),
    (Writer, "POST", "/admin/inquiries/undo"),
    (Writer, "GET", "/admin/inquiries/trash"),
    (Writer, "GET", "/admin/inquiries/erasures"),
    (Writer, "GET", "/admin/inquiries/people"),
    (Writer, "POST", "/admin/inquiries/people/export"),
    (Writer, "GET", "/admin/inquiries/templates"),
    (Writer, "GET", "/admin/inquiries/templates/new"),
    (Writer, "POST", "/admin/inquiries/templates/new"),
    (Writer, "GET", "/admin/inquiries/templates/{id}"),
    (Writer, "POST", "/admin/inquiries/templates/{id}"),
    (Writer, "POST", "/admin/inquiries/templates/{id}/archive"),
    (Writer, "POST", "/admin/inquiries/templates/{id}/unarchive"),
    (Writer, "GET", "/admin/inquiries/{id}"),
    (Writer, "GET", "/admin/inquiries/{id}.json"),
    (Writer, "POST", "/admin/inquiries/{id}/reply"),
    (Writer, "POST", "/admin/inquiries/{id}/trash"),
    (Writer, "POST", "/admin/inquiries/{id}/hold"),
    (Writer, "POST", "/admin/inquiries/{id}/merge"),
    (Writer, "POST", "/admin/inquiries/{id}/notes"),
    (Writer, "POST", "/admin/inquiries/{id}/occupation"),
    (Writer, "POST", "/admin/inquiries/{id}/owner"),
    (Writer, "POST", "/admin/inquiries/{id}/release"),
    (Writer, "POST", "/admin/inquiries/{id}/restoration"),
    (Writer, "POST", "/admin/inquiries/{id}/spam"),
    (Writer, "POST", "/admin/inquiries/{id}/state"),
    (Writer, "POST", "/admin/inquiries/{id}/unmerge"),
    (Writer, "GET", "/admin/mail"),
    (Writer, "POST", "/admin/mail/bounced-addresses/removal"),
    (Writer, "POST", "/admin/mail/retry"),
    (Writer, "GET", "/admin/mail/{id}"),
    (Writer, "POST", "/admin/mail/{id}/sending"),
    (Writer, "POST", "/admin/mail/{id}/dismissal"),
    (Writer, "POST", "/admin/mail/{id}/dismissal/removal"),
    (Writer, "GET", "/admin/style"),
    (Writer, "GET", "/admin/media"),
    (Writer, "POST", "/admin/media"),
    (Writer, "GET", "/admin/media/{id}"),
    (Writer, "POST", "/admin/media/{id}"),
    (Writer, "GET", "/admin/media/{id}/preview"),
    (Writer, "POST", "/admin/media/{id}/restoration"),
    (Writer, "POST", "/admin/media/{id}/trash"),
    (Writer, "GET", "/admin/occupations"),
    (Writer, "GET", "/admin/occupations/lists/{id}"),
    (Writer, "GET", "/admin/occupations/synonyms"),
    (Writer, "POST", "/admin/editors/{kind}/{id}"),
    (Writer, "POST", "/admin/editors/{kind}/{id}/closing"),
    (Writer, "GET", "/admin/pages"),
    (Writer, "GET", "/admin/pages/new"),
    (Writer, "POST", "/admin/pages/new"),
    (Writer, "POST", "/admin/pages/new/autosave"),
    (Writer, "POST", "/admin/pages/autosaves/{id}/removal"),
    (Writer, "GET", "/admin/pages/{id}"),
    (Writer, "POST", "/admin/pages/{id}"),
    (Writer, "POST", "/admin/pages/{id}/autosave"),
    (Writer, "GET", "/admin/pages/{id}/revisions/{version}"),
    (Writer, "POST", "/admin/pages/{id}/revisions/{version}/restoration"),
    (Writer, "GET", "/admin/pages/{id}/trash"),
    (Writer, "POST", "/admin/pages/{id}/trash"),
    (Writer, "POST", "/admin/pages/{id}/restoration"),
    (Writer, "GET", "/admin/posts"),
    (Writer, "GET", "/admin/posts/new"),
    (Writer, "POST", "/admin/posts/new"),
    (Writer, "POST", "/admin/posts/new/autosave"),
    (Writer, "POST", "/admin/posts/new/insertions"),
    (Writer, "POST", "/admin/posts/conversions"),
    (Writer, "POST", "/admin/posts/previews"),
    (Writer, "GET", "/admin/posts/tokens"),
    (Writer, "GET", "/admin/posts/pictures"),
    (Writer, "POST", "/admin/posts/autosaves/{id}/removal"),
    (Writer, "POST", "/admin/posts/{id}/autosave"),
    (Writer, "POST", "/admin/posts/{id}/preview-links"),
    (Writer, "POST", "/admin/posts/preview-links/{id}/removal"),
    (Writer, "POST", "/admin/posts/{id}/insertions"),
    (Writer, "GET", "/admin/posts/{id}"),
    (Writer, "POST", "/admin/posts/{id}"),
    (Writer, "POST", "/admin/posts/{id}/trash"),
    (Writer, "POST", "/admin/posts/{id}/restoration"),
    (Writer, "GET", "/admin/posts/{id}/revisions/{version}"),
    (Writer, "POST", "/admin/posts/{id}/revisions/{version}/restoration"),
    (Writer, "POST", "/admin/sign-out"),
    (Writer, "POST", "/admin/sign-out-everywhere"),
    (Writer, "GET", "/admin/unsaved-forms/{id}"),
    (Writer, "POST", "/admin/unsaved-forms/{id}/removal"),
    (Publisher, "GET", "/admin/posts/import"),
    (Publisher, "POST", "/admin/posts/import"),
    (Publisher, "GET", "/admin/posts/import/{id}"),
    (Publisher, "POST", "/admin/posts/import/{id}"),
    (Publisher, "POST", "/admin/posts/import/{id}/cancellation"),
    (Publisher, "GET", "/admin/posts/import/{id}/report.txt"),
    (Publisher, "GET", "/admin/draws/import"),
    (Publisher, "POST", "/admin/draws/import"),
    (Publisher, "GET", "/admin/draws/import/{id}"),
    (Publisher, "POST", "/admin/draws/import/{id}"),
    (Publisher, "POST", "/admin/draws/names"),
    (Publisher, "GET", "/admin/draws/new"),
    (Publisher, "POST", "/admin/draws/new"),
    (Publisher, "POST", "/admin/draws/{number}"),
    (Publisher, "POST", "/admin/draws/{number}/acknowledgements"),
    (Publisher, "GET", "/admin/inquiries.csv"),
    (Publisher, "POST", "/admin/occupations/lists"),
    (Publisher, "GET", "/admin/occupations/lists/new"),
    (Publisher, "POST", "/admin/occupations/lists/new"),
    (Publisher, "POST", "/admin/occupations/lists/{id}"),
    (Publisher, "POST", "/admin/occupations/lists/{id}/verifications"),
    (Publisher, "GET", "/admin/occupations/lists/{id}/correction"),
    (Publisher, "POST", "/admin/occupations/lists/{id}/correction"),
    (Publisher, "POST", "/admin/occupations/lists/{id}/closing"),
    (Publisher, "POST", "/admin/occupations/lists/{id}/reopening"),
    (Publisher, "POST", "/admin/occupations/lists/{id}/deletion"),
    (Publisher, "POST", "/admin/occupations/synonyms"),
    (Publisher, "POST", "/admin/occupations/synonyms/removal"),
    (Publisher, "POST", "/admin/pages/{id}/withdrawal"),
    (Publisher, "POST", "/admin/pages/{id}/order"),
    (Publisher, "POST", "/admin/posts/{id}/publication"),
    (Publisher, "POST", "/admin/posts/{id}/withdrawal"),
    (Publisher, "POST", "/admin/posts/{id}/schedule/removal"),
    (Publisher, "GET", "/admin/posts/{id}/changes"),
    (Publisher, "POST", "/admin/posts/{id}/changes/publication"),
    (Publisher, "POST", "/admin/posts/{id}/changes/removal"),
    (Admin, "GET", "/admin/audit"),
    (Admin, "GET", "/admin/audit.csv"),
    (Admin, "GET", "/admin/inquiries/people/erasure"),
    (Admin, "POST", "/admin/inquiries/people/erasure"),
    (Admin, "POST", "/admin/onboarding/confirmation"),
    (Admin, "POST", "/admin/onboarding/{step}/confirmation"),
    (Admin, "GET", "/admin/site"),
    (Admin, "POST", "/admin/site"),
    (Admin, "GET", "/admin/staff"),
    (Admin, "POST", "/admin/staff"),
    (Admin, "POST", "/admin/staff/two-factor"),
    (Admin, "POST", "/admin/staff/{id}/two-factor/removal"),
    (Admin, "POST", "/admin/staff/{id}/activation"),
    (Admin, "POST", "/admin/staff/{id}/deactivation"),
    (Admin, "POST", "/admin/staff/{id}/invitation"),
    (Admin, "POST", "/admin/staff/{id}/role"),
];

/// Routes that writers may use for drafts only. Their example post or page is published.
const DRAFTS_ONLY: [(&str, &str); 7] = [
    ("POST", "/admin/pages/{id}"),
    ("GET", "/admin/pages/{id}/trash"),
    ("POST", "/admin/pages/{id}/trash"),
    ("POST", "/admin/pages/{id}/revisions/{version}/restoration"),
    ("POST", "/admin/posts/{id}"),
    ("POST", "/admin/posts/{id}/trash"),
    ("POST", "/admin/posts/{id}/revisions/{version}/restoration"),
];

async fn ask(who: &Visitor, method: &str, path: &str) -> Page {
    if method == "GET" { who.get(path).await } else { who.post(path, &[]).await }
}

#[test]
fn every_admin_route_is_in_the_role_table() {
    let registered: BTreeSet<(String, String, Role)> =
        admin_routes().into_iter().map(|(method, pattern, _, role)| (method, pattern, role)).collect();
    let known = ROLE_TABLE.map(|(role, method, pattern)| (method.to_owned(), pattern.to_owned(), role));
    assert_eq!(registered, BTreeSet::from(known));
    assert_eq!(admin_routes().len(), ROLE_TABLE.len(), "no route is registered twice");
}

#[actix_web::test]
async fn every_admin_route_enforces_the_role_table() {
    let site = Site::start().await;
    let fields = [("name", "Omar"), ("email", "visitor@example.com"), ("message", "m")];
    assert_eq!(site.visitor().post("/contact", &fields).await.status, 303);
    let mut people = vec![(None, site.visitor())];
    for role in Role::ALL {
        people.push((Some(role), site.staff(role).await));
    }
    for (role, who) in &people {
        for (method, pattern, path, least) in admin_routes() {
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
                    page.assert_page_layout();
                }
                Some(Writer) if DRAFTS_ONLY.contains(&(&method, &pattern)) => assert_eq!(page.status, 403, "{what}"),
                Some(_) => {
                    assert!([200, 204, 303, 400, 404, 409, 422].contains(&page.status), "{what}");
                    assert!(!page.location().starts_with("/admin/sign-in"), "{what}");
                }
            }
        }
    }
    for (role, who) in people {
        let Some(role) = role else { continue };
        // The admin's requests may have deactivated the account.
        if who.get("/admin").await.status != 200 {
            continue;
        }
        let page = who.post("/admin/sign-out", &[]).await;
        assert_eq!((page.status, page.location()), (303, "/admin/sign-in?after=sign-out"), "{role:?}");
        assert_eq!(who.post("/admin/sign-out-everywhere", &[]).await.location(), "/admin/sign-in?next=%2Fadmin");
    }
}

#[actix_web::test]
async fn role_is_checked_before_anything_is_read() {
    let site = Site::start().await;
    let writer = site.staff(Writer).await;
    for path in ["/admin/staff/99/role", "/admin/posts/99/publication", "/admin/draws/import"] {
        let page = writer.post_body(path, "text/plain", b"no form".to_vec()).await;
        assert_eq!(page.status, 403, "{path}");
    }
}

#[actix_web::test]
async fn writers_cannot_see_or_download_the_inquiry_export() {
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
