//! Set-up of a new site by an admin: the checklist, its order, and the settings that it asks for.

use immigration_experts::staff::Role;

use crate::support::{Page, Site, Visitor, pictures};

/// Labels and states of the steps on the dashboard.
async fn steps(admin: &Visitor) -> Vec<String> {
    let page = admin.get("/admin").await;
    let labels = page.all(".setup li > :first-child");
    labels.into_iter().zip(page.all(".setup li .state")).map(|(label, state)| format!("{label}: {state}")).collect()
}

async fn is_done(admin: &Visitor, label: &str) -> bool {
    let steps = steps(admin).await;
    let step = steps.iter().find(|step| step.starts_with(label));
    step.unwrap_or_else(|| panic!("{label} is not in {steps:?}")).ends_with(": done")
}

/// All fields of the settings with some of them changed.
fn settings<'a>(page: &'a [(&'static str, String)], changed: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let kept = page.iter().map(|(name, value)| (*name, value.as_str()));
    kept.filter(|(name, _)| !changed.iter().any(|(other, _)| other == name)).chain(changed.iter().copied()).collect()
}

const NAMES: [&str; 20] = [
    "version",
    "name",
    "tagline",
    "expert_phones",
    "business_phone",
    "contact_time",
    "email",
    "address",
    "licence_name",
    "licence_number",
    "staff_inbox",
    "mail_from",
    "keep_contact_months",
    "keep_apply_months",
    "keep_quarantined_days",
    "whatsapp",
    "social_links",
    "logo",
    "front_heading",
    "front_text",
];

async fn save(admin: &Visitor, changed: &[(&str, &str)]) -> Page {
    let page = admin.get("/admin/site").await;
    // One number is enough: the helper joins lines with spaces.
    let fields: Vec<(&str, String)> = NAMES.iter().map(|name| (*name, page.field_value(name))).collect();
    admin.post("/admin/site", &settings(&fields, changed)).await
}

#[actix_web::test]
async fn the_dashboard_lists_what_is_a_sample_or_missing_in_a_guided_order() {
    let site = Site::start().await;
    let admin = site.staff(Role::Admin).await;
    assert_eq!(
        steps(&admin).await,
        [
            "Company name: sample",
            "Phone numbers and opening hours: sample",
            "E-mail addresses: missing",
            "Text of the front page: sample",
            "Licence: missing",
            "Logo: missing",
            "About page: sample",
            "Privacy page: sample",
            "Your own pages: missing",
            "First post: sample",
            "Team: missing",
            "Sending e-mails: done",
            "Test message: missing",
        ]
    );
    let page = admin.get("/admin").await;
    assert_eq!(page.first(".setup .button"), "Continue: Company name");
    assert!(page.first(".setup p").starts_with("1 of 13 steps done."));
    for role in [Role::Writer, Role::Publisher] {
        let member = site.staff(role).await;
        assert_eq!(member.get("/admin").await.all(".setup").len(), 0, "{role}");
        assert_eq!(member.get("/admin/pages").await.all(".next-setup-step").len(), 0, "{role}");
    }
}

#[actix_web::test]
async fn a_new_firm_completes_the_set_up_by_following_the_next_step() {
    let site = Site::start().await;
    let admin = site.staff(Role::Admin).await;
    let mut requests = 0;
    let mut next = admin.get("/admin").await.attributes(".setup .button", "href").remove(0);
    let own = [("summary", "Ours."), ("body", "Our own words."), ("action", "publish")];
    loop {
        requests += 1;
        let (path, _) = next.split_once('#').unwrap_or((next.as_str(), ""));
        assert!([200, 303].contains(&admin.get(path).await.status), "{path}");
        let done = match path {
            "/admin/site" => {
                let texts = [
                    ("name", "Maple Advisory"),
                    ("tagline", "News for newcomers"),
                    ("expert_phones", "+92 21 1234567"),
                    ("business_phone", "+92 21 1234567"),
                    ("email", "info@example.com"),
                    ("licence_name", "A. Khan"),
                    ("licence_number", "R123456"),
                    ("front_heading", "Welcome"),
                    ("front_text", "We report on Express Entry draws."),
                ];
                save(&admin, &texts).await
            }
            "/admin/media" => {
                let (picture, _) = pictures::add(&admin, "logo.jpg", &pictures::jpeg(200, 80), "").await;
                let use_as_logo =
                    admin.get(&picture).await.attributes("a[href^='/admin/site?logo=']", "href").remove(0);
                let address = admin.get(use_as_logo.split('#').next().unwrap()).await.field_value("logo");
                save(&admin, &[("logo", address.as_str())]).await
            }
            "/admin/pages" => {
                let fields = [&own[..], &[("title", "Services"), ("placement", "menu")]].concat();
                admin.post("/admin/pages/new", &fields).await
            }
            "/admin/staff" => {
                let new = [("name", "Hina"), ("email", "hina@example.com"), ("role", "writer")];
                admin.post("/admin/staff", &new).await
            }
            "/contact" => {
                let message = [("name", "Me"), ("email", "me@example.com"), ("message", "Does it arrive?")];
                site.visitor().post("/contact", &message).await
            }
            editor => {
                let title = [("title", "Changed"), ("author", "Hina"), ("version", "1")];
                admin.post(editor, &[&own[..], &title[..]].concat()).await
            }
        };
        assert_eq!(done.status, 303, "{path}: {}", done.text);
        // The page after a step names the next one.
        let hint = admin.get("/admin/pages").await.attributes(".next-setup-step a:last-child", "href");
        let Some(following) = hint.into_iter().next() else { break };
        assert_ne!(following, next, "the step is done");
        next = following;
    }
    assert!(requests <= 8, "{requests} visits; the settings complete several steps at once");
    assert_eq!(admin.get("/admin").await.all(".setup").len(), 0);
    let page = site.visitor().get("/").await;
    assert_eq!((page.first("h1"), page.first("footer .foot-name")), ("Welcome".into(), "Maple Advisory".into()));
}

#[actix_web::test]
async fn samples_can_be_kept_and_the_checklist_hidden() {
    let site = Site::start().await;
    let admin = site.staff(Role::Admin).await;
    assert!(!is_done(&admin, "Company name").await);
    let page = admin.post_and_follow("/admin/onboarding/name/confirmation", &[]).await;
    assert_eq!(page.first(".flash"), "Marked as done: Company name.");
    assert!(is_done(&admin, "Company name").await);
    assert_eq!(page.first(".setup .button"), "Continue: Phone numbers and opening hours");
    assert_eq!(admin.post("/admin/onboarding/nothing/confirmation", &[]).await.status, 404);
    let page = admin.post_and_follow("/admin/onboarding/confirmation", &[]).await;
    assert_eq!(page.all(".setup").len(), 0);
    assert_eq!(admin.get("/admin/site").await.all(".next-setup-step").len(), 0);
    let audit = "SELECT count(*) FROM audit_log WHERE action = 'confirmed steps of the set-up'";
    assert_eq!(site.count(audit).await, 2);
}

#[actix_web::test]
async fn the_front_page_shows_the_sentences_of_the_settings() {
    let site = Site::start().await;
    let admin = site.staff(Role::Admin).await;
    let page = site.visitor().get("/").await;
    assert_eq!(page.first(".hero h1"), "Welcome to Immigration Experts");
    assert_eq!(page.first(".hero .tagline"), "Canadian immigration news, backed by data");
    assert!(page.first(".hero .lead").starts_with("Express Entry is"));
    let texts = [("tagline", "News!"), ("front_heading", "Canada & you"), ("front_text", "First <b>.\n\nSecond.")];
    assert_eq!(
        save(&admin, &[&texts[..], &[("expert_phones", "1"), ("business_phone", "1")]].concat()).await.status,
        303
    );
    let page = site.visitor().get("/").await;
    assert_eq!(page.first(".hero h1"), "Canada & you");
    assert_eq!(page.first(".hero .tagline"), "News!");
    assert_eq!(page.all(".hero .lead"), ["First <b>.", "Second."]);
}

#[actix_web::test]
async fn whatsapp_and_social_media_are_links_on_every_page() {
    let site = Site::start().await;
    let admin = site.staff(Role::Admin).await;
    let phones = [("expert_phones", "1"), ("business_phone", "1")];
    let links = [
        ("whatsapp", "0300 1234567\n+44 7911 123456"),
        ("social_links", "https://www.facebook.com/firm\nhttps://www.linkedin.com/company/firm"),
    ];
    assert_eq!(save(&admin, &[&phones[..], &links[..]].concat()).await.status, 303);
    for path in ["/", "/about", "/contact"] {
        let page = site.visitor().get(path).await;
        let whatsapp = page.attributes("footer a[href^='https://wa.me/']", "href");
        assert_eq!(whatsapp, ["https://wa.me/923001234567", "https://wa.me/447911123456"], "{path}");
        assert_eq!(page.all("footer a[rel=noreferrer]")[2..], ["Facebook", "LinkedIn"], "{path}");
        page.assert_no_active_content();
    }
    assert_eq!(site.visitor().get("/").await.all("main a[href^='https://wa.me/']").len(), 2);
    for (field, wrong) in [
        ("whatsapp", "111 222 333"),
        ("whatsapp", "call us"),
        ("social_links", "facebook.com/firm"),
        ("social_links", "javascript:alert(1)"),
        ("social_links", &"https://a.example/\n".repeat(9)),
    ] {
        let page = save(&admin, &[&phones[..], &[(field, wrong)]].concat()).await;
        assert_eq!((page.status, page.all(&format!("#{field}-error")).len()), (422, 1), "{wrong}");
        assert_eq!(
            page.field_value(field),
            wrong.split_whitespace().collect::<Vec<_>>().join(" "),
            "the input is kept"
        );
    }
}

#[actix_web::test]
async fn the_logo_is_a_picture_of_the_library() {
    let site = Site::start().await;
    let admin = site.staff(Role::Admin).await;
    let phones = [("expert_phones", "1"), ("business_phone", "1")];
    let (picture, markdown) = pictures::add(&admin, "logo.jpg", &pictures::jpeg(400, 100), "").await;
    assert_eq!(save(&admin, &[&phones[..], &[("logo", markdown.as_str())]].concat()).await.status, 303);
    let page = site.visitor().get("/").await;
    assert_eq!(page.attributes("header .brand img", "alt"), [""], "decoration beside the name");
    assert_eq!(page.attributes("header .brand img", "loading"), Vec::<String>::new());
    assert_eq!(page.first("header .brand"), "Immigration Experts");
    assert_eq!(page.all("header .brand svg").len(), 0);
    let source = page.attributes("header .brand img", "src").remove(0);
    assert_eq!(site.visitor().get(&source).await.status, 200);
    assert_eq!(save(&admin, &[&phones[..], &[("logo_has_name", "yes")]].concat()).await.status, 303);
    let page = site.visitor().get("/").await;
    assert_eq!(page.attributes("header .brand img", "alt"), ["Immigration Experts"]);
    assert_eq!(page.all("header .brand span").len(), 0);
    // Media names the use, and keeps the picture.
    assert_eq!(admin.get(&picture).await.all("section[aria-labelledby=uses] li"), ["Immigration Experts logo"]);
    assert_eq!(admin.post(&format!("{picture}/trash"), &[]).await.status, 409);
    for unknown in ["/media/0000000000000000-480.jpg", "https://example.com/logo.png"] {
        let page = save(&admin, &[&phones[..], &[("logo", unknown)]].concat()).await;
        assert!(page.status == 422 && page.first("#logo-error").contains("not in Media"), "{unknown}");
    }
    assert_eq!(save(&admin, &[&phones[..], &[("logo", "")]].concat()).await.status, 303);
    assert_eq!(site.visitor().get("/").await.all("header .brand svg").len(), 1);
}
