use immigration_experts::staff::Role;

use crate::support::Site;
use crate::support::feeds::{FEED, apply, file, new_round, paste, preview, published, upload};

#[actix_web::test]
async fn invalid_feed_error_names_the_expected_format_and_position() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let truncated = &FEED[..FEED.len() / 2];
    let line = truncated.lines().count();
    let broken = format!("line {line} column");
    for (text, words) in [
        ("<!doctype html>\n<title>Not found</title>", "This is a web page (HTML), not the data file."),
        ("{\"version\": 1, \"items\": []}", "This is JSON, but has no list named “rounds”."),
        ("{\"rounds\": \"none\"}", "“rounds” is not a list."),
        ("{\"rounds\": []}", "The list “rounds” is empty."),
        ("[1, 2]", "Item 1 of the list is not a draw."),
        ("\"rounds\"", "has no list named “rounds”"),
        ("null", "has no list named “rounds”"),
        ("round,date,crs\n252,2023-06-28,476", "line 1 column"),
        (truncated, broken.as_str()),
    ] {
        let page = paste(&publisher, text).await;
        assert_eq!(page.status, 422, "{words}");
        let fault = page.first("[role=alert] p");
        assert!(fault.contains(words), "{words}: {fault}");
        assert!(fault.contains("The government’s file is JSON: an object with a list named “rounds”"), "{fault}");
        assert_eq!(page.first("h1"), "Import draws");
        assert_eq!(
            page.field_value("text"),
            text.split_whitespace().collect::<Vec<_>>().join(" "),
            "the pasted text is kept"
        );
        page.assert_no_active_content();
    }
    let pixel = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89";
    for (name, content, what) in [
        ("a.png", pixel.as_slice(), "This is a PNG image"),
        ("a.html", b"<html>", "This is a web page"),
        ("a.zip", b"PK\x03\x04\0\0", "This is a ZIP archive"),
    ] {
        let page = upload(&publisher, name, content).await;
        assert_eq!(page.status, 422, "{name}");
        assert!(page.first("[role=alert] p").starts_with(what), "{name}");
    }
    for page in [paste(&publisher, "").await, paste(&publisher, " \r\n").await, upload(&publisher, "", b"").await] {
        assert_eq!(page.status, 422);
        assert_eq!(page.first("[role=alert] p"), "Choose a file or paste its contents.");
    }
    assert_eq!(site.count("SELECT count(*) FROM draw_imports").await, 0, "nothing is stored");
}

#[actix_web::test]
async fn unreadable_draw_error_names_the_draw_and_field() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    for (others, words) in [
        (("drawNumber", "91c"), "Item 2 of the list has the drawNumber “91c”"),
        (("drawNumber", "0448"), "the drawNumber “0448”, which is not a draw number"),
        (("drawSize", "many"), "Draw 448: drawSize is “many”, which is not a whole number"),
        (("drawSize", "-5"), "Draw 448: drawSize is “-5”"),
        (("drawCRS", "515.5"), "Draw 448: drawCRS is “515.5”"),
        (("drawCRS", ""), "Draw 448: drawCRS is “”"),
        (("drawName", " "), "Draw 448: drawName is “”, but every draw has a name"),
    ] {
        let page = paste(&publisher, &file(&[published("252"), new_round("448", &[others])])).await;
        assert_eq!(page.status, 422, "{words}");
        assert!(page.first("[role=alert] p").contains(words), "{words}: {}", page.first("[role=alert] p"));
    }
    let undated = new_round("448", &[("drawDate", "soon"), ("drawDateFull", "later")]);
    let page = paste(&publisher, &file(&[undated])).await;
    assert!(page.first("[role=alert] p").contains("Draw 448: drawDate is “soon”, which is not a date"));
    let twice = [new_round("448", &[]), new_round("448", &[("drawCRS", "514")])];
    let page = paste(&publisher, &file(&twice)).await;
    assert!(page.first("[role=alert] p").contains("Draw 448 appears twice with different figures."));
}

#[actix_web::test]
async fn file_over_8_mb_gets_an_error_page() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let large = " ".repeat(8 * 1024 * 1024 + 1);
    for page in [upload(&publisher, "large.json", large.as_bytes()).await, paste(&publisher, &large).await] {
        assert_eq!(page.status, 413);
        page.assert_page_layout();
    }
    assert_eq!(publisher.get("/admin/draws/import").await.status, 200);
}

#[actix_web::test]
async fn malformed_upload_form_gets_an_error_page() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    for (kind, body, status) in [
        ("application/json", FEED.as_bytes(), 415),
        ("multipart/form-data", b"x".as_slice(), 415),
        ("multipart/form-data; boundary=x", b"--y\r\nhello", 415),
        ("text/plain", b"text=1", 415),
    ] {
        let page = publisher.post_body("/admin/draws/import", kind, body.to_vec()).await;
        assert_eq!(page.status, status, "{kind}");
        page.assert_page_layout();
    }
    let unfinished =
        b"--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.json\"\r\n\r\n{\"rounds\"".to_vec();
    let page = publisher.post_body("/admin/draws/import", "multipart/form-data; boundary=x", unfinished).await;
    assert!((400..500).contains(&page.status), "{}", page.status);
}

#[actix_web::test]
async fn writers_can_view_draws_but_not_change_them() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let writer = site.staff(Role::Writer).await;
    let waiting = preview(&publisher, &file(&[new_round("448", &[])])).await;
    let fields = [
        ("text", FEED),
        ("fingerprint", &*waiting.field_value("fingerprint")),
        ("reason", "R"),
        ("name", "General"),
        ("category", "pnp"),
        ("rule", "wrong_sum"),
    ];
    let mut refusals = vec![];
    for path in ["/admin/draws/new", "/admin/draws/import", &waiting.path] {
        refusals.push(writer.get(path).await);
    }
    for path in [
        "/admin/draws/new",
        "/admin/draws/import",
        &waiting.path,
        "/admin/draws/252",
        "/admin/draws/names",
        "/admin/draws/247/acknowledgements",
    ] {
        refusals.push(writer.post(path, &fields).await);
    }
    for page in refusals {
        assert_eq!(page.status, 403, "{}", page.path);
        page.assert_page_layout();
    }
    assert_eq!(upload(&writer, "feed.json", FEED.as_bytes()).await.status, 403);
    let list = writer.get("/admin/draws").await;
    assert_eq!((list.status, list.all("main form, .toolbar a")), (200, vec![]));
    let round = writer.get("/admin/draws/252").await;
    assert_eq!(round.attributes("main form", "action"), ["/admin/draws/252/posts"], "writers can write drafts");
    assert_eq!(writer.get("/admin/draws/247").await.all("details"), Vec::<String>::new());
    for path in ["/admin/draws", "/admin/draws/252", "/admin/draws/import", &waiting.path] {
        let page = site.visitor().get(path).await;
        assert_eq!(page.status, 303, "{path}");
        assert!(page.location().starts_with("/admin/sign-in"), "{path}");
    }
    assert_eq!(site.count("SELECT count(*) FROM draws").await, 448);
}

#[actix_web::test]
async fn unapplied_upload_is_deleted_after_a_week() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let first = preview(&publisher, &file(&[new_round("448", &[])])).await;
    site.advance_hours(7 * 24 + 1);
    let publisher = site.sign_in("publisher@example.com").await;
    let second = preview(&publisher, &file(&[new_round("449", &[])])).await;
    assert_eq!(site.count("SELECT count(*) FROM draw_imports").await, 1);
    // IDs are never reused, so that no other upload is applied instead.
    assert_eq!(apply(&publisher, &first, "").await.status, 404);
    assert_eq!(apply(&publisher, &second, "Draw 448 is not published yet.").await.status, 303);
    assert_eq!(site.visitor().get("/draws/448").await.status, 404);
}
