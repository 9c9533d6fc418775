//! Forms sent after the session had ended: kept for an hour and filled in again after sign-in.

use immigration_experts::staff::Role;
use scraper::{ElementRef, Html, Selector};

use crate::support::{PASSWORD, Page, STAFF_PAGES, Site, Visitor};

const POST: [(&str, &str); 5] = [
    ("title", "A title"),
    ("summary", ""),
    ("author", "Test writer"),
    ("body", "First line\r\n\r\n<b>\"quoted\" & more</b>"),
    ("action", "save"),
];

/// Form on a page: where it is sent to, and its fields with what was typed.
struct TypedForm {
    action: String,
    is_upload: bool,
    fields: Vec<(String, String)>,
}

/// All forms of a page that change something.
fn forms(page: &Page) -> Vec<TypedForm> {
    let document = Html::parse_document(&page.text);
    let selector = Selector::parse("main form[method=post]").unwrap();
    let form = |form: ElementRef| TypedForm {
        action: form.attr("action").unwrap().to_owned(),
        is_upload: form.attr("enctype").is_some(),
        fields: fields(&document, form),
    };
    document.select(&selector).map(form).collect()
}

/// Fields that a browser would send, without passwords, files and buttons.
fn fields(document: &Html, form: ElementRef) -> Vec<(String, String)> {
    let mut fields = vec![];
    let selector = Selector::parse("input[name], select[name], textarea[name]").unwrap();
    for control in document.select(&selector) {
        let is_inside = control.ancestors().any(|node| node.id() == form.id());
        let is_of_form = match control.attr("form") {
            Some(id) => form.attr("id") == Some(id),
            None => is_inside,
        };
        let kind = control.attr("type").unwrap_or(control.value().name());
        if !is_of_form || matches!(kind, "password" | "file") {
            continue;
        }
        let value = match kind {
            "checkbox" | "radio" if control.attr("checked").is_none() => continue,
            "checkbox" | "radio" => control.attr("value").unwrap_or("on").to_owned(),
            "select" => {
                let options = Selector::parse("option").unwrap();
                let options: Vec<_> = control.select(&options).collect();
                let chosen = options.iter().find(|option| option.attr("selected").is_some()).or(options.first());
                let text = |option: &ElementRef| option.text().collect::<String>().trim().to_owned();
                chosen.map_or(String::new(), |option| option.attr("value").map_or(text(option), str::to_owned))
            }
            "textarea" => control.text().collect(),
            _ => control.attr("value").unwrap_or_default().to_owned(),
        };
        fields.push((control.attr("name").unwrap().to_owned(), value));
    }
    fields
}

/// Changes every text of a form.
fn type_into(form: &mut TypedForm, page: &Page) {
    for (name, value) in &mut form.fields {
        let is_hidden = !page.attributes(&format!("input[type=hidden][name={name}]"), "name").is_empty();
        let is_choice = !page.attributes(&format!("select[name={name}], input[type][name={name}]"), "name").is_empty();
        let is_text =
            !page.attributes(&format!("textarea[name={name}], input[type=text][name={name}]"), "name").is_empty();
        if !is_hidden && (is_text || !is_choice) {
            *value = format!("{value} “typed” <{name}> & more");
        }
    }
}

async fn send(visitor: &Visitor, form: &TypedForm, page: &str) -> Page {
    let request = visitor.client.post(format!("{}{}", visitor.base, form.action));
    let request = request.header("referer", format!("{}{page}", visitor.base));
    let request = if form.is_upload {
        let part = |(name, value): &(String, String)| {
            format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
        };
        let file =
            "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"figures.csv\"\r\n\r\na,b\r\n--x--\r\n";
        let body: String = form.fields.iter().map(part).chain([file.to_owned()]).collect();
        request.header("content-type", "multipart/form-data; boundary=x").body(body)
    } else {
        request.form(&form.fields)
    };
    Page::from_response(request.send().await.unwrap()).await
}

/// The page that sign-in leads to.
fn next_of(page: &Page) -> String {
    assert_eq!(page.status, 303, "{}", page.text);
    let query = page.location().strip_prefix("/admin/sign-in?").unwrap_or_else(|| panic!("{}", page.location()));
    form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "next").unwrap().1.into_owned()
}

async fn sign_in(visitor: &Visitor, email: &str, next: &str) -> Page {
    visitor.post_and_follow("/admin/sign-in", &[("email", email), ("password", PASSWORD), ("next", next)]).await
}

/// Sends a new post as a member whose session has ended, and returns the page after the sign-in.
async fn send_post(visitor: &Visitor) -> String {
    next_of(&visitor.post("/admin/posts/new", &POST).await)
}

async fn count(site: &Site) -> i64 {
    site.count("SELECT count(*) FROM unsaved_forms").await
}

#[actix_web::test]
async fn every_form_is_filled_in_again_after_the_session_has_ended() {
    let site = Site::start().await;
    let contact = [("name", "Omar"), ("email", "visitor@example.com"), ("message", "m")];
    assert_eq!(site.visitor().post("/contact", &contact).await.status, 303);
    let admin = site.staff(Role::Admin).await;
    let (mut filled, mut uploads) = (0, 0);
    for path in STAFF_PAGES {
        let number = forms(&admin.get(path).await).len();
        for index in 0..number {
            let page = admin.get(path).await;
            let mut form = forms(&page).swap_remove(index);
            type_into(&mut form, &page);
            site.advance_hours(9);
            let next = next_of(&send(&admin, &form, path).await);
            let is_empty = !form.is_upload && form.fields.iter().all(|(_, value)| value.trim().is_empty());
            if is_empty {
                assert_eq!(next, path, "{}", form.action);
                sign_in(&admin, "admin@example.com", &next).await;
                continue;
            }
            assert!(next.starts_with(path) && next.contains("unsaved-form="), "{next}");
            let page = sign_in(&admin, "admin@example.com", &next).await;
            assert_eq!(page.status, 200, "{next}");
            let again = forms(&page).into_iter().find(|again| again.action.contains("unsaved-form="));
            let again = again.unwrap_or_else(|| panic!("{} is not filled: {}", form.action, page.text));
            assert!(again.action.starts_with(&form.action), "{} {}", again.action, form.action);
            let comparable = |fields: &[(String, String)]| -> Vec<(String, String)> {
                fields.iter().map(|(name, value)| (name.clone(), value.replace("\r\n", "\n"))).collect()
            };
            assert_eq!(comparable(&again.fields), comparable(&form.fields), "{path} {}", form.action);
            assert!(page.first(".restored").contains("not saved yet"), "{path}");
            assert_eq!(page.first(".restored").contains("figures.csv was not kept"), form.is_upload, "{path}");
            uploads += i32::from(form.is_upload);
            filled += 1;
        }
    }
    assert!(filled > 25 && uploads >= 3, "{filled} {uploads}");
}

#[actix_web::test]
async fn one_click_after_sign_in_saves_the_post() {
    let site = Site::start().await;
    let writer = site.staff(Role::Writer).await;
    site.advance_hours(9);
    let sent = writer.post("/admin/posts/new", &POST).await;
    let cookie = sent.header("set-cookie");
    assert!(
        cookie.contains("HttpOnly") && cookie.contains("Max-Age=3600") && cookie.contains("SameSite=Lax"),
        "{cookie}"
    );
    let next = next_of(&sent);
    assert_eq!(next, "/admin/posts/new?unsaved-form=1");
    let sign_in_page = writer.get(sent.location()).await;
    assert!(sign_in_page.first(".flash").contains("kept for one hour"), "{}", sign_in_page.text);
    let page = sign_in(&writer, "writer@example.com", &next).await;
    assert_eq!(page.first("h1"), "New post");
    assert_eq!(page.first("textarea[name=body]"), "First line <b>\"quoted\" & more</b>");
    let action = page.attributes("#editor[data-unsaved]", "action").remove(0);
    assert_eq!(action, "/admin/posts/new?unsaved-form=1");
    assert_eq!(writer.get(&next).await.first("textarea[name=body]"), "First line <b>\"quoted\" & more</b>", "reloaded");
    assert_eq!(writer.post(&action, &POST).await.status, 303);
    assert_eq!(site.text("SELECT body FROM posts WHERE id = 2").await, "First line\n\n<b>\"quoted\" & more</b>");
    assert_eq!(count(&site).await, 0, "deleted when used");
    assert!(writer.get(&next).await.all(".restored").is_empty());
}

#[actix_web::test]
async fn a_form_that_is_returned_with_errors_is_deleted_and_a_refused_one_is_not() {
    let site = Site::start().await;
    let writer = site.staff(Role::Writer).await;
    site.advance_hours(9);
    let next = send_post(&writer).await;
    sign_in(&writer, "writer@example.com", &next).await;
    assert_eq!(writer.post("/admin/staff?unsaved-form=1", &POST).await.status, 403);
    assert_eq!(count(&site).await, 1);
    let page = writer.post("/admin/posts/new?unsaved-form=1", &[("title", ""), ("body", "Text")]).await;
    assert_eq!((page.status, page.first("textarea[name=body]")), (422, "Text".into()));
    assert_eq!(count(&site).await, 0);
}

#[actix_web::test]
async fn the_form_of_an_ended_session_is_shown_to_its_account_only() {
    let site = Site::start().await;
    let writer = site.staff(Role::Writer).await;
    site.account("other@example.com", Role::Admin).await;
    site.advance_hours(9);
    let next = send_post(&writer).await;
    let page = sign_in(&writer, "other@example.com", &next).await;
    assert_eq!((page.status, page.field_value("title")), (200, String::new()));
    assert!(!page.text.contains("First line"));
    for (method, path) in [("GET", "/admin/unsaved-forms/1"), ("POST", "/admin/unsaved-forms/1/removal")] {
        let page = if method == "GET" { writer.get(path).await } else { writer.post(path, &[]).await };
        assert_eq!(page.status, 404, "{path}");
    }
    writer.post("/admin/posts/new?unsaved-form=1", &POST).await;
    assert_eq!(count(&site).await, 1, "another account cannot delete it");
    let page = sign_in(&writer, "writer@example.com", &next).await;
    assert_eq!(page.field_value("title"), "A title");
    let elsewhere = site.sign_in("writer@example.com").await;
    assert_eq!(elsewhere.get(&next).await.field_value("title"), "", "another browser has no cookie");
}

#[actix_web::test]
async fn a_form_without_a_known_session_belongs_to_the_first_account_that_signs_in() {
    let site = Site::start().await;
    site.account("first@example.com", Role::Writer).await;
    site.account("second@example.com", Role::Writer).await;
    let visitor = site.visitor();
    let next = send_post(&visitor).await;
    assert_eq!(sign_in(&visitor, "first@example.com", &next).await.field_value("title"), "A title");
    assert_eq!(sign_in(&visitor, "second@example.com", &next).await.field_value("title"), "");
    assert_eq!(sign_in(&visitor, "first@example.com", &next).await.field_value("title"), "A title");
}

#[actix_web::test]
async fn forms_of_two_tabs_are_both_kept() {
    let site = Site::start().await;
    let writer = site.staff(Role::Writer).await;
    site.advance_hours(9);
    let first = send_post(&writer).await;
    let second = next_of(&writer.post("/admin/posts/new", &[("title", "Another title")]).await);
    assert_eq!(send_post(&writer).await, first, "sent twice, stored once");
    assert_eq!(sign_in(&writer, "writer@example.com", &second).await.field_value("title"), "Another title");
    assert_eq!(sign_in(&writer, "writer@example.com", &first).await.field_value("title"), "A title");
    assert_eq!(count(&site).await, 2);
}

#[actix_web::test]
async fn a_form_is_deleted_after_an_hour_and_when_it_is_discarded() {
    let site = Site::start().await;
    let writer = site.staff(Role::Writer).await;
    site.advance_hours(9);
    let next = send_post(&writer).await;
    site.clock.advance(jiff::SignedDuration::from_mins(59));
    let page = sign_in(&writer, "writer@example.com", &next).await;
    assert_eq!(page.field_value("title"), "A title");
    site.running.jobs.run("unsaved text").await.unwrap();
    assert_eq!(count(&site).await, 1);
    site.clock.advance(jiff::SignedDuration::from_mins(1));
    assert_eq!(writer.get(&next).await.field_value("title"), "");
    site.running.jobs.run("unsaved text").await.unwrap();
    assert_eq!(count(&site).await, 0);
    site.advance_hours(9);
    let next = send_post(&writer).await;
    let page = sign_in(&writer, "writer@example.com", &next).await;
    let discard = page.attributes(".restored form", "action").remove(0);
    let page = writer.post_and_follow(&discard, &[]).await;
    assert_eq!(
        (page.path.as_str(), page.first(".flash").as_str()),
        ("/admin/posts/new", "Discarded what was entered before you signed in.")
    );
    assert_eq!(count(&site).await, 0);
}

#[actix_web::test]
async fn passwords_are_never_kept() {
    let site = Site::start().await;
    let writer = site.staff(Role::Writer).await;
    site.advance_hours(9);
    let fields = [("current", PASSWORD), ("password", "another long sentence"), ("email", "writer@example.com")];
    let next = next_of(&writer.post("/admin/account", &fields).await);
    assert_eq!(site.text("SELECT fields FROM unsaved_forms").await, r#"[["email","writer@example.com"]]"#);
    let page = sign_in(&writer, "writer@example.com", &next).await;
    assert!(!page.text.contains("sentence"), "{}", page.text);
    let secrets =
        [("password", "x"), ("totp", "123456"), ("code", "123456"), ("recovery_code", "x"), ("reset_token", "x")];
    let visitor = site.visitor();
    assert_eq!(next_of(&visitor.post("/admin/account", &secrets).await), "/admin");
    assert_eq!(count(&site).await, 1);
}

#[actix_web::test]
async fn a_form_whose_page_has_changed_is_shown_with_all_fields() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let fields = [("version", "1"), ("note", "a\r\nb")];
    site.advance_hours(9);
    let next = next_of(&publisher.post("/admin/posts/1/publication", &fields).await);
    let redirect = publisher
        .post("/admin/sign-in", &[("email", "publisher@example.com"), ("password", PASSWORD), ("next", &next)])
        .await;
    let moved = publisher.get(redirect.location()).await;
    assert_eq!((moved.status, moved.location()), (303, "/admin/unsaved-forms/1"));
    let page = publisher.get(moved.location()).await;
    assert_eq!(page.first("h1"), "Form not saved");
    assert_eq!((page.field_value("version"), page.first("textarea[name=note]")), ("1".into(), "a b".into()));
    let action = page.attributes("form[data-unsaved]", "action").remove(0);
    assert_eq!(action, "/admin/posts/1/publication?unsaved-form=1");
    assert_eq!(publisher.post(&action, &fields).await.status, 303);
    assert_eq!(count(&site).await, 0);
}

#[actix_web::test]
async fn forms_without_a_session_cannot_fill_the_database() {
    let site = Site::start_with(&["--trusted-proxies", "127.0.0.1"]).await;
    let send_from = async |address: &str, title: &str| {
        let fields = [("title", title), ("body", "Typed")];
        site.visitor().post_with("/admin/posts/new", &fields, &[("x-forwarded-for", address)]).await
    };
    for number in 0..5 {
        assert_eq!(send_from(&format!("203.0.113.{number}"), &number.to_string()).await.status, 303);
    }
    let refused = send_from("203.0.113.200", "A “sixth” <title>").await;
    assert_eq!((refused.status, refused.first("h1")), (403, "You are signed out".into()));
    assert_eq!(refused.field_value("title"), "A “sixth” <title>");
    assert_eq!(refused.attributes("main form", "action"), ["/admin/posts/new"]);
    refused.assert_page_layout();
    let large = "x".repeat(900_000);
    let mut stored = 5;
    for number in 0..20 {
        stored += i64::from(send_from(&format!("198.51.{number}.1"), &large).await.status == 303);
    }
    assert_eq!(count(&site).await, stored);
    assert!(stored < 16, "{stored}");
    site.account("owner@example.com", Role::Writer).await;
    let owner = site.sign_in("owner@example.com").await;
    site.clock.advance(jiff::SignedDuration::from_hours(8));
    assert!(send_post(&owner).await.contains("unsaved-form="), "a known session has its own limit");
    for number in 0..30 {
        owner.post("/admin/posts/new", &[("title", &*number.to_string())]).await;
    }
    assert_eq!(site.count("SELECT count(*) FROM unsaved_forms WHERE staff_id IS NOT NULL").await, 20);
}

#[actix_web::test]
async fn forms_of_other_sites_and_of_scripts_are_not_kept() {
    let site = Site::start().await;
    let visitor = site.visitor();
    let foreign = visitor.post_with("/admin/posts/new", &POST, &[("sec-fetch-site", "cross-site")]).await;
    assert_eq!(foreign.status, 403);
    let script = [("sec-fetch-site", "same-origin"), ("sec-fetch-mode", "cors")];
    assert_eq!(visitor.post_with("/admin/posts/new", &POST, &script).await.status, 401);
    assert_eq!(next_of(&visitor.post("/admin/nothing", &POST).await), "/admin");
    let too_large = visitor.post("/admin/posts/new", &[("body", &*"x".repeat(1_100_000))]).await;
    assert_eq!(too_large.status, 413);
    for referer in ["https://evil.example/admin/sign-in", "https://evil.example/news", "x", "/admin"] {
        let sent = visitor.post_with("/admin/posts/new", &POST, &[("referer", referer)]).await;
        assert!(next_of(&sent).starts_with("/admin/posts/new?unsaved-form="), "{referer}");
    }
    assert_eq!(count(&site).await, 1);
}

#[actix_web::test]
async fn a_cookie_that_the_site_did_not_set_is_replaced() {
    for (flags, name) in [(vec![], "unsaved-form"), (vec!["--base-url", "https://site.example"], "__Host-unsaved-form")]
    {
        let site = Site::start_with(&flags).await;
        let planted = format!("{name}=0123456789abcdef0123456789abcdef");
        let sent = site.visitor().post_with("/admin/posts/new", &POST, &[("cookie", &planted)]).await;
        let cookie = sent.header("set-cookie");
        assert!(cookie.starts_with(&format!("{name}=")) && !cookie.starts_with(&planted), "{cookie}");
        assert_eq!(cookie.contains("Secure"), name.starts_with("__Host"), "{cookie}");
        let stored = site.text("SELECT token_hash FROM unsaved_forms").await;
        let value = cookie.split(['=', ';']).nth(1).unwrap();
        assert!(stored.len() == 64 && stored != value, "only a hash of the secret is stored");
    }
}

#[actix_web::test]
async fn a_form_that_cannot_be_stored_is_returned_with_its_text() {
    let site = Site::start().await;
    let writer = site.staff(Role::Writer).await;
    site.execute("CREATE TRIGGER full BEFORE INSERT ON unsaved_forms BEGIN SELECT RAISE (ABORT, 'full'); END").await;
    site.advance_hours(9);
    let page = writer.post("/admin/posts/new", &POST).await;
    assert_eq!((page.status, page.first("h1")), (403, "You are signed out".into()));
    assert_eq!(page.first("textarea[name=body]"), "First line <b>\"quoted\" & more</b>");
    let again = site.sign_in("writer@example.com").await;
    let action = page.attributes("main form", "action").remove(0);
    assert_eq!(again.post(&action, &POST).await.status, 303);
    assert_eq!(site.count("SELECT count(*) FROM posts").await, 2);
}

#[actix_web::test]
async fn upload_that_is_too_large_after_the_session_ended_gets_a_page_with_the_way_back() {
    let site = Site::start().await;
    let admin = site.staff(Role::Admin).await;
    site.advance_hours(9);
    let file = "x".repeat(9_000_000);
    let part = "Content-Disposition: form-data; name=\"file\"; filename=\"a.json\"\r\n\r\n";
    let body = format!("--b\r\n{part}{file}\r\n--b--\r\n");
    for browser in [admin, site.visitor()] {
        let sent = browser
            .client
            .post(format!("{}/admin/draws/import", site.base))
            .header("content-type", "multipart/form-data; boundary=b")
            .header("referer", format!("{}/admin/draws/import", site.base))
            .body(body.clone())
            .send();
        let page = Page::from_response(sent.await.unwrap()).await;
        assert_eq!((page.status, page.first("h1")), (413, "You are signed out".into()), "{}", page.text);
        assert!(page.first("[role=alert]").contains("Nothing was saved: your session has ended"), "{}", page.text);
        let sign_in = page.attributes("main a.button", "href");
        assert_eq!(sign_in, ["/admin/sign-in?next=%2Fadmin%2Fdraws%2Fimport"]);
        page.assert_page_layout();
    }
}
