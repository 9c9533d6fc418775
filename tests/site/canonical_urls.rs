//! Canonical URLs: other spellings redirect to the page in one step.

use immigration_experts::staff::Role;

use crate::support::{FIRST_POST, Site};

#[actix_web::test]
async fn misspelled_urls_redirect_to_the_page_in_one_step() {
    let site = Site::start().await;
    let visitor = site.visitor();
    let slug = FIRST_POST.trim_start_matches("/news/");
    for (path, leads_to) in [
        ("/news/", "/news"),
        ("/News", "/news"),
        ("//news", "/news"),
        ("/news//", "/news"),
        ("/%6Eews", "/news"),
        ("/news%2F", "/news"),
        ("//", "/"),
        ("/About/", "/about"),
        ("/CONTACT", "/contact"),
        ("/draws/91A", "/draws/91a"),
        ("/Draws/252/", "/draws/252"),
        ("/draws.CSV", "/draws.csv"),
        ("/occupations//31301/", "/occupations/31301"),
        ("/categories/Healthcare", "/categories/healthcare"),
        ("/draws/?year=2023&category=healthcare", "/draws?year=2023&category=healthcare"),
        ("/Search?q=Nurse%20A", "/search?q=Nurse%20A"),
        (&format!("/news/{}/", slug.to_uppercase()), FIRST_POST),
        (&format!("/news/{slug}//?utm=x"), &format!("{FIRST_POST}?utm=x")),
    ] {
        for page in [visitor.get(path).await, visitor.head(path).await] {
            assert_eq!((page.status, page.location()), (301, leads_to), "{path}");
            assert_eq!(page.text, "", "{path}");
        }
        assert_eq!(visitor.get(leads_to).await.status, 200, "{leads_to}");
    }
    let page = visitor.get("/News").await;
    assert_eq!((page.header("cache-control"), page.header("surrogate-key")), ("max-age=0, s-maxage=60", "pages"));
    assert_eq!(visitor.get("/Contact").await.header("cache-control"), "no-store");
}

#[actix_web::test]
async fn unknown_urls_are_404_without_a_redirect() {
    let site = Site::start().await;
    let visitor = site.visitor();
    for path in [
        "/nothing/",
        "/news/nothing/",
        "/News/Nothing",
        "/draws/999/",
        "/nothing/at/all/",
        "/wp-content//uploads/",
        "//evil.example",
        "//evil.example/",
        "///evil.example/%2e%2e",
        "/%2F/evil.example",
        "/%5Cevil.example/",
        "/%5C%5Cevil.example",
        "/news/%0d%0aset-cookie:x/",
        "/%C3%A9/",
        "/news/%2e%2e/",
        "/News/..%2Fadmin",
    ] {
        let answer = site.raw(format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").as_bytes()).await;
        assert!(
            answer.starts_with("HTTP/1.1 404 ") && !answer.to_lowercase().contains("location:"),
            "{path}: {answer}"
        );
    }
    let other_host = "GET http://evil.example/news/ HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n";
    let answer = site.raw(other_host.as_bytes()).await;
    assert!(answer.contains("location: /news\r\n"), "{answer}");
    assert_eq!(visitor.get("/news").await.status, 200);
}

#[actix_web::test]
async fn receipt_tokens_in_urls_stay_case_sensitive() {
    let site = Site::start().await;
    let visitor = site.visitor();
    let fields = [("name", "Amina"), ("email", "amina@example.com"), ("message", "m")];
    let receipt = visitor.post("/contact", &fields).await.location().to_owned();
    let token = receipt.trim_start_matches("/receipts/");
    let page = visitor.get(&format!("/Receipts/{token}/")).await;
    assert_eq!((page.status, page.location(), page.header("cache-control")), (301, &*receipt, "no-store"));
    assert_eq!(visitor.get(&format!("/receipts/{}", token.to_uppercase())).await.status, 404);
}

#[actix_web::test]
async fn only_get_requests_are_redirected_and_admin_needs_sign_in() {
    let site = Site::start().await;
    let visitor = site.visitor();
    let fields = [("name", "Amina"), ("email", "amina@example.com"), ("message", "m")];
    for path in ["/contact/", "/Contact", "//contact", "/admin/sign-in/"] {
        // Admin URLs redirect to sign-in.
        assert!([303, 404, 405].contains(&visitor.post(path, &fields).await.status), "{path}");
    }
    let sign_in = visitor.get("/Admin/Posts/").await;
    assert_eq!((sign_in.status, sign_in.location()), (303, "/admin/sign-in?next=%2Fadmin%2Fposts"));
    let admin = site.staff(Role::Admin).await;
    let page = admin.get("/admin/posts/").await;
    assert_eq!((page.status, page.location(), page.header("cache-control")), (301, "/admin/posts", "no-store"));
    assert_eq!(admin.post("/admin/posts/new/", &[("title", "T")]).await.status, 404);
    let kept = site.count("SELECT (SELECT count(*) FROM posts) + (SELECT count(*) FROM inquiries)").await;
    assert_eq!(kept, 1, "only the first post");
}

#[actix_web::test]
async fn moved_post_redirects_without_loops() {
    let site = Site::start().await;
    let visitor = site.visitor();
    site.execute(&format!("INSERT INTO redirects VALUES ('/news/old', '{FIRST_POST}')")).await;
    for path in ["/news/old", "/News/Old/", "//news//old"] {
        let moved = visitor.get(path).await;
        assert_eq!((moved.status, moved.location()), (301, FIRST_POST), "{path}: redirects directly");
        let headers = (moved.header("cache-control"), moved.header("surrogate-key"));
        assert_eq!(headers, ("max-age=0, s-maxage=60", "pages"), "{path}");
    }
}
