//! Percent-encoded paths are handled like the route they match.

use immigration_experts::staff::Role;

use crate::support::Site;

#[actix_web::test]
async fn admin_responses_are_no_store_for_every_url_spelling() {
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
            let is_admin_page = page.status != 404 || !path.contains("%2F");
            assert!(!is_admin_page || page.header("cache-control") == "no-store", "{path}: {}", page.status);
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
async fn encoded_paths_redirect_to_the_canonical_url_and_route_metric() {
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
    let counted = "http_requests_total{route=\"/admin/inquiries/{id}\",status=\"303\"} 1";
    assert!(figures.contains(counted), "{figures}");
}

#[actix_web::test]
async fn not_found_pages_show_current_company_settings() {
    let site = Site::start().await;
    let visitor = site.visitor();
    visitor.get("/about").await;
    site.execute("UPDATE site SET contact_time = 'Mon–Fri 9–17'").await;
    for path in ["/healthcare", "/metrics-of-ours", "/static/nothing/here"] {
        let page = visitor.get(path).await;
        assert_eq!(page.status, 404);
        assert!(page.first("footer").contains("Mon–Fri 9–17"), "{path}");
        site.execute("UPDATE site SET contact_time = contact_time || ''").await;
    }
}
