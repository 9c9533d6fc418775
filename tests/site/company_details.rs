//! Company details for readers: trust block, opening hours, contact details, and the style page.

use immigration_experts::staff::Role;
use jiff::SignedDuration;

use crate::support::{PUBLIC_PAGES, Page, Site, Visitor};

/// Saves the settings with some fields changed.
async fn save(admin: &Visitor, changed: &[(&str, &str)]) -> Page {
    let page = admin.get("/admin/site").await;
    let numbers = "042 35911332\n051 8439995";
    let mut fields = vec![("expert_phones".to_owned(), numbers.to_owned())];
    fields.push(("business_phone".into(), numbers.into()));
    let names = page.attributes("form[action='/admin/site'] input", "name").into_iter();
    for name in names.filter(|name| name != "logo_has_name") {
        let value = page.field_value(&name);
        fields.push((name, value));
    }
    for (name, value) in changed {
        fields.retain(|(field, _)| field != name);
        fields.push(((*name).to_owned(), (*value).to_owned()));
    }
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (&**name, &**value)).collect();
    admin.post("/admin/site", &fields).await
}

/// Whether a text contains another one. Texts of neighbouring elements have no space between them.
fn contains(text: &str, part: &str) -> bool {
    text.replace(' ', "").contains(&part.replace(' ', ""))
}

#[actix_web::test]
async fn office_status_on_cached_pages_follows_the_clock() {
    let site = Site::start().await;
    let visitor = site.visitor();
    let status = async || visitor.get("/about").await.first("aside .office");
    // Sunday, November 22, 2026, 2 p.m. in Pakistan.
    let closed = "Closed now, opens tomorrow at 10.00 (Pakistan time)";
    assert_eq!((status().await, status().await), (closed.into(), closed.into()));
    for (hours, seconds, expected) in [
        (19, 3599, "Closed now, opens today at 10.00 (Pakistan time)"),
        (0, 1, "Open now, until 18.00 (Pakistan time)"),
        (7, 3599, "Open now, until 18.00 (Pakistan time)"),
        (0, 1, "Closed now, opens tomorrow at 10.00 (Pakistan time)"),
    ] {
        site.clock.advance(SignedDuration::from_secs(hours * 3600 + seconds));
        assert_eq!(status().await, expected);
        let page = visitor.get("/").await;
        assert!(expected.starts_with(&page.first("main .office").replace(" (Pakistan time)", "")));
        assert!(page.first("footer").contains(expected.trim_end_matches(" (Pakistan time)")), "{expected}");
        assert_ne!(page.header("etag"), "", "{expected}: the page is cached");
    }
    // New hours apply to the next request.
    let admin = site.staff(Role::Admin).await;
    assert_eq!(save(&admin, &[("hours_monday", "10-19")]).await.status, 303);
    assert_eq!(status().await, "Open now, until 19.00 (Pakistan time)");
    assert_eq!(save(&admin, &[("closed_dates", "2026-11-23\nNovember 24, 2026")]).await.status, 303);
    assert_eq!(status().await, "Closed now, opens Wednesday at 10.00 (Pakistan time)");
    let none = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday"].map(|day| format!("hours_{day}"));
    assert_eq!(save(&admin, &none.each_ref().map(|name| (name.as_str(), ""))).await.status, 303);
    assert_eq!(visitor.get("/about").await.all(".office, aside .properties"), Vec::<String>::new());
}

#[actix_web::test]
async fn company_details_are_shown_and_empty_ones_are_hidden() {
    let site = Site::start().await;
    let (admin, visitor) = (site.staff(Role::Admin).await, site.visitor());
    let labels = ["Read by", "We usually answer", "Visit us", "Show on a map", "E-mail:"];
    for path in ["/contact", "/apply", "/about"] {
        let page = visitor.get(path).await;
        assert!(labels.iter().all(|label| !page.text.contains(label)), "{path}");
        let trust = page.first(".trust");
        for part in [
            "Company Immigration Experts",
            "051 8439995, 042 35911332",
            "Our only website 127.0.0.1",
            "You do not have to hire a representative.",
            "Nobody can guarantee a visa.",
        ] {
            assert!(contains(&trust, part), "{path}: {part}: {trust}");
        }
    }
    let details = [
        ("registered_name", "Immigration Experts (Private) Limited"),
        ("message_reader", "Amina Raza"),
        ("response_time", "within two working days"),
        ("map_link", "https://maps.app.goo.gl/abc"),
        ("email", "office@example.com"),
        ("address", "1 Mall Road\nLahore"),
    ];
    assert_eq!(save(&admin, &details).await.status, 303);
    for path in ["/contact", "/apply", "/about"] {
        let page = visitor.get(path).await;
        assert!(contains(&page.first(".trust"), "Company Immigration Experts (Private) Limited"), "{path}");
        let aside = page.first("aside");
        for part in
            ["Read by Amina Raza", "We usually answer within two working days", "1 Mall Road", "office@example.com"]
        {
            assert!(contains(&aside, part), "{path}: {part}: {aside}");
        }
        assert_eq!(page.attributes("aside a[href*=maps]", "href"), ["https://maps.app.goo.gl/abc"], "{path}");
        assert!(contains(&aside, "Monday to Saturday 10.00–18.00 Sunday Closed"), "{path}: {aside}");
    }
    assert!(visitor.get("/").await.first(".steps").contains("Read by Amina Raza."));
}

#[actix_web::test]
async fn wrong_company_details_are_explained_beside_the_field() {
    let site = Site::start().await;
    let admin = site.staff(Role::Admin).await;
    for (field, wrong, message) in [
        ("hours_friday", "9 till late", "Enter the hours of Friday as 24-hour times"),
        ("hours_monday", "18.00–10.00", "Enter the hours of Monday as 24-hour times"),
        ("closed_dates", "2026-12-25\nsoon", "Enter each closed date on its own line"),
        ("map_link", "maps.example.com", "Enter the full URL of the map"),
        ("map_link", "javascript:alert(1)", "Enter the full URL of the map"),
    ] {
        let page = save(&admin, &[(field, wrong)]).await;
        assert_eq!(page.status, 422, "{field}: {wrong}");
        assert!(page.first(&format!("#{field}-error")).contains(message), "{field}: {}", page.text);
        assert_eq!(page.field_value(field), wrong.replace('\n', " "), "{field}");
    }
}

#[actix_web::test]
async fn score_is_compared_with_the_latest_cut_off_of_each_draw_type() {
    let site = Site::start().await;
    let visitor = site.visitor();
    let page = visitor.get("/").await;
    let rows = page.all(".cut-offs tbody tr");
    assert!(rows.len() > 8, "{rows:?}");
    assert!(rows[0].starts_with("Trade") && rows[0].contains("476") && rows[0].contains("3,500"), "{}", rows[0]);
    assert_eq!(page.all(".margin, .check-now .error, main .flash"), Vec::<String>::new());

    let page = visitor.get("/?crs=476").await;
    assert_eq!((page.status, page.field_value("crs").as_str()), (200, "476"));
    assert_eq!(page.all(".margin")[0], "equal: the tie-break decides");
    let below = page.all("table.cut-offs")[0].matches("above").count();
    let shown = page.first("main .flash");
    assert!(shown.starts_with(&format!("A score of 476 is above the latest cut-off of {below} of ")), "{shown}");
    assert_eq!(visitor.get("/?crs=۴۷۶").await.all(".margin")[0], "equal: the tie-break decides");
    for wrong in ["0", "1201", "high", "-5", "47.5"] {
        let page = visitor.get(&format!("/?crs={wrong}")).await;
        assert_eq!((page.status, page.field_value("crs").as_str()), (422, wrong));
        assert_eq!(page.first("#crs-error"), "Error: Enter a whole number from 1 to 1200, such as 471.");
        assert_eq!(page.all(".margin"), Vec::<String>::new());
    }
    assert_eq!(visitor.get("/?crs=").await.status, 200);
}

#[actix_web::test]
async fn forms_begun_on_the_front_page_continue_with_what_was_typed() {
    let site = Site::start().await;
    let visitor = site.visitor();
    let message = "How do I begin?\n\nIn two lines.";
    let page = visitor.post("/contact", &[("step", "begin"), ("name", "آیشہ"), ("message", message)]).await;
    assert_eq!((page.status, page.first("h1").as_str()), (200, "Contact"));
    assert_eq!(page.all(".error, .summary"), Vec::<String>::new());
    assert_eq!(
        (page.field_value("name").as_str(), page.field_value("message").as_str()),
        ("آیشہ", "How do I begin? In two lines.")
    );
    assert_eq!(page.field_value("form_token").len(), visitor.get("/contact").await.field_value("form_token").len());

    let begun = [("step", "begin"), ("residence", "Pakistan"), ("occupation", "31301")];
    let page = visitor.post("/apply", &begun).await;
    assert_eq!((page.status, page.first("h1").as_str()), (200, "Apply now"));
    assert_eq!(page.all(".error, .summary"), Vec::<String>::new());
    assert_eq!((page.field_value("residence"), page.field_value("occupation")), ("Pakistan".into(), "31301".into()));
    assert_eq!(page.all(".progress a"), ["About you", "Your goals", "Your profile", "Send"]);
    let targets = page.attributes(".progress a", "href");
    assert!(targets.iter().all(|target| page.all(&format!("fieldset{target}")).len() == 1), "{targets:?}");
    assert_eq!(site.count("SELECT count(*) FROM inquiries").await, 0);
}

#[actix_web::test]
async fn receipt_shows_the_status_as_steps() {
    let site = Site::start().await;
    let (visitor, admin) = (site.visitor(), site.staff(Role::Admin).await);
    let sent = [("name", "Amina"), ("email", "amina@example.org"), ("message", "Hello")];
    let receipt = visitor.post("/contact", &sent).await.location().to_owned();
    let steps = async || {
        let page = visitor.get(&receipt).await;
        (page.first(".status [aria-current=step]"), page.all(".status li").len())
    };
    assert_eq!(steps().await, ("Received".into(), 3));
    for (state, step) in [("reading", "In progress"), ("answered", "Answered"), ("closed", "Closed")] {
        assert_eq!(admin.post("/admin/inquiries/1/state", &[("state", state)]).await.status, 303);
        assert_eq!(steps().await, (step.into(), 3), "{state}");
    }
}

#[actix_web::test]
async fn services_on_the_front_page_are_the_pages_of_staff() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    assert_eq!(site.visitor().get("/").await.all("#services"), Vec::<String>::new());
    let page = [
        ("title", "Document checklist"),
        ("summary", "Which documents a profile needs."),
        ("body", "A list."),
        ("placement", "footer"),
        ("action", "publish"),
    ];
    assert_eq!(publisher.post("/admin/pages/new", &page).await.status, 303);
    let front = site.visitor().get("/").await;
    let card = front.all("main .card").into_iter().find(|card| card.starts_with("Document checklist")).unwrap();
    assert!(contains(&card, "Which documents a profile needs."), "{card}");
}

#[actix_web::test]
async fn style_page_shows_the_components_to_staff_only() {
    let site = Site::start().await;
    assert_eq!(site.visitor().get("/admin/style").await.status, 303);
    let page = site.staff(Role::Writer).await.get("/admin/style").await;
    for component in [
        ".button.apply",
        ".invalid",
        ".summary",
        ".notice",
        ".flash",
        ".office.open",
        ".score",
        ".cut-offs",
        ".steps",
        ".progress",
        ".trust",
        ".correction",
        ".pager",
        ".card",
        ".panel",
        ".teaser",
        "[dir=rtl]",
    ] {
        assert!(!page.all(component).is_empty(), "{component}");
    }
    assert!(page.attributes("meta[name=robots]", "content").contains(&"noindex".to_owned()));
}

/// HTML and CSS, compressed with Brotli, in bytes. Long tables have tests and limits of their own.
#[actix_web::test]
async fn public_pages_are_light() {
    let site = Site::start().await;
    let client = reqwest::Client::new();
    let weight = async |path: &str| {
        let response = client.get(format!("{}{path}", site.base)).header("accept-encoding", "br").send().await.unwrap();
        assert_eq!(
            response.headers().get("content-encoding").map(|value| value.as_bytes()),
            Some(&b"br"[..]),
            "{path}"
        );
        response.bytes().await.unwrap().len()
    };
    let style = site.visitor().get("/").await.attributes("link[rel=stylesheet]", "href").remove(0);
    let css = weight(&style).await;
    let mut weights = vec![];
    for path in PUBLIC_PAGES.into_iter().filter(|path| !["/draws", "/draws/data"].contains(path)) {
        // Forms are not cached and not compressed by the site itself.
        if !["/contact", "/apply"].contains(&path) && !path.starts_with("/tools/") {
            weights.push((weight(path).await + css, path));
        }
    }
    weights.push((weight("/?crs=471").await + css, "/?crs=471"));
    let (heaviest, path) = weights.into_iter().max().unwrap();
    assert!(heaviest <= 14 * 1024, "{path} is the heaviest page with {heaviest} bytes");
}
