//! An address is treated by the route it leads to, however it is spelled.

use immigration_experts::staff::Role;

use crate::support::Site;

#[actix_web::test]
async fn no_answer_of_the_admin_area_may_be_stored_however_its_address_is_spelled() {
    let site = Site::start().await;
    let (visitor, admin) = (site.visitor(), site.staff(Role::Admin).await);
    for path in [
        "/%61dmin",
        "/%61dmin/",
        "/%61dmin/posts",
        "/admi%6E/posts",
        "/admin/%70osts",
        "/%61%64%6d%69%6e/inquiries",
        "/%61dmin/nothing",
        "/%61dmin/sign-in",
        "/admin%2Fposts",
    ] {
        for who in [&visitor, &admin] {
            let page = who.get(path).await;
            let is_staffs = page.status != 404 || !path.contains("%2F");
            assert!(!is_staffs || page.header("cache-control") == "no-store", "{path}: {}", page.status);
            assert_eq!(page.headers.get_all("cache-control").iter().count(), 1, "{path}");
        }
    }
    let other_spelling = admin.get("/%61dmin/posts").await;
    assert_eq!((other_spelling.status, other_spelling.location()), (301, "/admin/posts"));
    assert_eq!(
        visitor.get("/%61dmin/posts?page=1").await.location(),
        "/admin/sign-in?next=%2Fadmin%2Fposts%3Fpage%3D1"
    );
}

#[actix_web::test]
async fn a_page_names_its_one_address_and_is_counted_under_its_route_however_it_is_spelled() {
    let site = Site::start().await;
    let visitor = site.visitor();
    for path in ["/%61bout", "/abou%74"] {
        let other_spelling = visitor.get(path).await;
        assert_eq!((other_spelling.status, other_spelling.location()), (301, "/about"), "{path}");
        let page = visitor.get(other_spelling.location()).await;
        assert_eq!(page.attributes("link[rel=canonical]", "href"), [format!("{}/about", site.base)]);
        assert_eq!(page.attributes("header nav [aria-current]", "href"), ["/about"], "{path}");
    }
    visitor.get("/%61dmin/inquiries/1").await;
    let figures = visitor.get("/metrics").await.text;
    let counted = "site_requests_total{route=\"/admin/inquiries/{id}\",status=\"303\"} 1";
    assert!(figures.contains(counted), "{figures}");
}

#[actix_web::test]
async fn an_address_that_only_begins_like_another_shows_the_firm_as_it_is_now() {
    let site = Site::start().await;
    let visitor = site.visitor();
    visitor.get("/about").await;
    site.run("UPDATE site SET contact_time = 'Mon–Fri 9–17'").await;
    for path in ["/healthcare", "/metrics-of-ours", "/static/nothing/here"] {
        let page = visitor.get(path).await;
        assert_eq!(page.status, 404);
        assert!(page.first("footer").contains("Mon–Fri 9–17"), "{path}");
        site.run("UPDATE site SET contact_time = contact_time || ''").await;
    }
}
