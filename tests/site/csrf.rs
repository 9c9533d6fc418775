//! Cross-site request forgery: requests from pages of other sites change nothing.

use immigration_experts::staff::Role;
use reqwest::Method;

use crate::support::routes::mounted;
use crate::support::{Page, Site, Visitor};

const BASE_URL: &str = "https://immigration.example";

async fn ask(visitor: &Visitor, method: &str, path: &str, headers: &[(&str, &str)]) -> Page {
    let request = visitor.client.request(method.parse::<Method>().unwrap(), format!("{}{path}", visitor.base));
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    Page::from_response(
        request.header("content-type", "application/x-www-form-urlencoded").body("x=y").send().await.unwrap(),
    )
    .await
}

#[actix_web::test]
async fn cross_site_writes_are_rejected_on_every_route() {
    let site = Site::start().await;
    let admin = site.staff(Role::Admin).await;
    let foreign: [&[(&str, &str)]; 4] = [
        &[("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "same-site"), ("origin", "http://other.immigration.example")],
        &[("origin", "https://evil.example")],
        &[("origin", "null")],
    ];
    let posts: Vec<String> = mounted().iter().filter(|route| route.post).map(|route| route.example()).collect();
    assert!(posts.len() > 50);
    for path in &posts {
        let page = ask(&admin, "POST", path, foreign[posts.len() % 4]).await;
        assert_eq!(page.status, 403, "{path}");
        assert!(page.text.contains("from another site"), "{path}: {}", page.text);
    }
    for headers in foreign {
        for path in ["/", "/contact", "/admin/sign-out", "/admin/posts/1/publication", "/static/x.css", "/nothing"] {
            for method in ["POST", "PUT", "PATCH", "DELETE", "TRACE", "PURGE", "BREW", "post", "M-SEARCH"] {
                let page = ask(&admin, method, path, headers).await;
                assert_eq!(page.status, 403, "{method} {path} {headers:?}");
            }
        }
    }
    let page = ask(&admin, "POST", "/contact", &[("x-http-method-override", "GET"), ("origin", "null")]).await;
    assert_eq!(page.status, 403, "no header overrides the method");
    let page = admin.get_with("/contact?_method=POST", &[("x-http-method-override", "POST")]).await;
    assert_eq!(page.status, 200);
    assert_eq!(admin.get("/admin").await.status, 200, "still signed in and unchanged");
    assert_eq!(site.count("SELECT count(*) FROM posts WHERE published_at IS NULL").await, 0);
}

#[actix_web::test]
async fn same_origin_forms_are_accepted() {
    let site = Site::start().await;
    let admin = site.staff(Role::Admin).await;
    let own = site.base.clone();
    for route in mounted().iter().filter(|route| route.post && !route.pattern.contains("sign-out")) {
        let headers: [&[(&str, &str)]; 2] = [&[("sec-fetch-site", "same-origin")], &[("origin", &own)]];
        for headers in headers {
            let page = admin.post_with(&route.example(), &[], headers).await;
            assert!(page.status != 403 || !page.text.contains("sent from another site"), "{}", route.pattern);
        }
    }
}

#[actix_web::test]
async fn configured_base_url_decides_the_allowed_origin() {
    let site = Site::start_with(&["--base-url", BASE_URL, "--trusted-proxies", "127.0.0.1"]).await;
    let visitor = site.visitor();
    for (origin, host, status) in [
        (BASE_URL, "immigration.example", 422),
        (BASE_URL, "127.0.0.1", 422),
        // A page injected into plain HTTP.
        ("http://immigration.example", "immigration.example", 403),
        // A foreign host name that resolves to this site.
        ("https://rebound.example", "rebound.example", 403),
        ("https://immigration.example:8443", "immigration.example:8443", 403),
        ("https://immigration.example.", "immigration.example.", 403),
        ("https://IMMIGRATION.example", "immigration.example", 403),
    ] {
        let headers = [("origin", origin), ("host", host), ("x-forwarded-host", host), ("x-forwarded-proto", "https")];
        assert_eq!(visitor.post_with("/contact", &[], &headers).await.status, status, "{origin} {host}");
    }
}
