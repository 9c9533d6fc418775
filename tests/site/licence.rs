//! Licence (IRPA s. 91): without it, no page offers advice or representation.

use std::collections::{BTreeSet, VecDeque};

use immigration_experts::staff::Role;

use crate::support::{Page, Site, Visitor};

/// Words of an offer of advice or representation. Independent of the program's own list.
const OFFERS: &[&str] = &[
    "advis",
    "advice",
    "consult",
    "represent",
    "on your behalf",
    "we help",
    "help you",
    "help people",
    "open to you",
    "your situation",
    "means for you",
    "assess",
    "prepare application",
    "our service",
    "legal",
];

/// Words that refer to the company and its readers. Occupation titles contain none of them.
const ADVICE_CONTEXT: &[&str] = &["we", "our", "us", "you", "your", "me", "my", "advice", "consultancy", "adviser"];

/// Fields of the settings form, with some changed.
async fn settings_form(admin: &Visitor, changed: &[(&str, &str)]) -> Vec<(String, String)> {
    let page = admin.get("/admin/site").await;
    let mut names = page.attributes("form[action='/admin/site'] input", "name");
    names.extend(page.attributes("form[action='/admin/site'] textarea", "name"));
    let mut fields: Vec<(String, String)> = names.iter().map(|name| (name.clone(), page.field_value(name))).collect();
    for (name, value) in &mut fields {
        // `Page` returns texts with single spaces instead of line breaks.
        if name == "expert_phones" || name == "business_phone" {
            *value = value.replace("5911332 0", "5911332\n0").replace("9995 0", "9995\n0");
        }
        if let Some((_, other)) = changed.iter().find(|(changed, _)| changed == name) {
            *value = (*other).to_owned();
        }
    }
    fields
}

async fn save(admin: &Visitor, changed: &[(&str, &str)]) {
    let fields = settings_form(admin, changed).await;
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (&**name, &**value)).collect();
    assert_eq!(admin.post("/admin/site", &fields).await.status, 303);
}

/// Sentences of a page, including its metadata, that offer advice or representation.
fn find_offers(page: &Page) -> Vec<String> {
    let mut texts = page.all("title, h1, h2, h3, p, li, summary, dt, dd, label, button, td, th, span, a");
    texts.extend(page.attributes("meta[content]", "content"));
    texts.extend(page.attributes("link[title]", "title"));
    texts.extend(page.all("subtitle, summary, content, feed > title"));
    texts.extend(page.all("script"));
    let is_offer = |text: &String| {
        let text = text.to_lowercase();
        let mut words = text.split(|c: char| !c.is_alphanumeric());
        OFFERS.iter().any(|word| text.contains(word)) && words.any(|word| ADVICE_CONTEXT.contains(&word))
    };
    // The rights of readers are no offer.
    texts.iter_mut().for_each(|text| *text = text.replace("You do not have to hire a representative.", ""));
    let sentences = texts.iter().flat_map(|text| text.split(['.', '!', '?', '>'])).map(str::to_owned);
    sentences.filter(is_offer).collect()
}

#[actix_web::test]
async fn public_pages_offer_no_advice_without_a_licence() {
    let site = Site::start().await;
    let visitor = site.visitor();
    let starts = [
        "/",
        "/news/feed.atom",
        "/draws/feed.atom",
        "/search?q=nurse",
        "/search?q=zzzz",
        "/nothing",
        "/occupations/75110",
        "/occupations/99998",
        "/occupations?q=zzzz",
        "/apply?occupation=zzzz",
    ];
    let mut waiting: VecDeque<String> = starts.map(String::from).into();
    let mut seen: BTreeSet<String> = waiting.iter().cloned().collect();
    let (mut pages, mut kinds) = (0, std::collections::BTreeMap::<String, usize>::new());
    while let Some(path) = waiting.pop_front() {
        let page = visitor.get(&path).await;
        pages += 1;
        assert_eq!(find_offers(&page), Vec::<String>::new(), "{path}");
        for href in page.attributes("a[href^='/'], link[rel=alternate][href^='/']", "href") {
            let href = href.split('#').next().unwrap_or_default().to_owned();
            // 40 pages of each kind are enough: occupations and draws differ only in their data.
            let kind = href.split(['?', '/']).take(2).collect::<Vec<_>>().join("/");
            let of_kind = kinds.entry(kind).or_default();
            if !seen.contains(&href) && *of_kind < 40 {
                *of_kind += 1;
                seen.insert(href.clone());
                waiting.push_back(href);
            }
        }
    }
    assert!(pages > 100, "{pages} pages: {seen:?}");

    let form = [
        ("name", "Amina"),
        ("email", "a@example.com"),
        ("phone", "0300 1234567"),
        ("residence", "Pakistan"),
        ("program", "Express Entry"),
        ("message", "Hello"),
        ("consent", "yes"),
    ];
    for path in ["/contact", "/apply"] {
        let refused = visitor.post(path, &[("name", "")]).await;
        assert_eq!((refused.status, find_offers(&refused)), (422, vec![]), "{path}");
        let receipt = visitor.post_and_follow(path, &form).await;
        assert_eq!(find_offers(&receipt), Vec::<String>::new(), "{path}");
    }
    for email in site.emails().await {
        let text = email.source.to_lowercase();
        assert!(!OFFERS.iter().any(|word| text.contains(word)), "{}", email.source);
    }
}

#[actix_web::test]
async fn dashboard_explains_missing_licence_and_lists_problem_texts() {
    let site = Site::start().await;
    let (admin, writer) = (site.staff(Role::Admin).await, site.staff(Role::Writer).await);
    for member in [&admin, &writer] {
        let notice = member.get("/admin").await.first("#licence");
        assert!(
            notice.contains("section 91") && notice.contains("must not offer immigration advice or representation")
        );
        assert!(!notice.contains("may still offer"), "{notice}");
    }
    let page = [
        ("title", "About us"),
        ("summary", "Who we are."),
        ("version", "1"),
        ("body", "Hello.\n\nWe **represent you** before the government. We offer no visas."),
    ];
    assert_eq!(admin.post("/admin/pages/1", &page).await.status, 303);
    save(&admin, &[("tagline", "Honest immigration advice")]).await;
    let notice = admin.get("/admin").await.first("#licence");
    assert!(notice.contains("About us: “We **represent you** before the government”"), "{notice}");
    assert!(notice.contains("Tagline: “Honest immigration advice”"), "{notice}");
    let editor = admin.get("/admin/pages/1").await.first("#offer");
    assert!(editor.contains("represent you"), "{editor}");
    // Text written by staff is not changed.
    assert!(site.visitor().get("/about").await.text.contains("represent you"));

    save(&admin, &[("licence_name", "Sheraz K."), ("licence_number", "R123456")]).await;
    assert_eq!(admin.get("/admin").await.all("#licence"), Vec::<String>::new());
    assert_eq!(admin.get("/admin/pages/1").await.all("#offer"), Vec::<String>::new());
}

#[actix_web::test]
async fn licence_is_shown_with_a_link_to_the_public_register() {
    let site = Site::start().await;
    let admin = site.staff(Role::Admin).await;
    save(&admin, &[("licence_name", "Sheraz K.")]).await;
    for path in ["/", "/about", "/apply", "/contact"] {
        let page = site.visitor().get(path).await;
        assert_eq!(page.all(".licence"), Vec::<String>::new(), "{path}: an incomplete licence is not shown");
        assert!(!page.text.contains("Sheraz K."), "{path}");
    }
    save(&admin, &[("licence_number", "R123456")]).await;
    for (path, places) in [("/", 2), ("/draws/252", 1), ("/about", 2), ("/apply", 2), ("/contact", 2)] {
        let page = site.visitor().get(path).await;
        let shown = page.all(".licence");
        assert_eq!(shown.len(), places, "{path}");
        assert!(shown.iter().all(|text| text.contains("Sheraz K.") && text.contains("R123456")), "{path}: {shown:?}");
        let register = "https://college-ic.ca/protecting-the-public/find-an-immigration-consultant";
        assert_eq!(page.attributes(".licence a", "href"), vec![register; places], "{path}");
    }
}

#[actix_web::test]
async fn home_page_shows_the_welcome_and_both_business_phones() {
    let site = Site::start().await;
    let page = site.visitor().get("/").await;
    assert_eq!(page.first("h1"), "Welcome to Immigration Experts");
    for (path, place) in [("/", "footer"), ("/contact", "aside"), ("/apply", "aside"), ("/about", "aside")] {
        let page = site.visitor().get(path).await;
        let text = page.first(place);
        assert!(text.contains("Business Phone: 051 8439995, 042 35911332"), "{path}: {text}");
        assert!(text.contains("Contact Time: Mon–Sat 10.00–18.00"), "{path}: {text}");
        let numbers = page.attributes(&format!("{place} p a[href^='tel:']"), "href");
        assert_eq!(numbers, ["tel:+92518439995", "tel:+924235911332"], "{path}");
    }
}

#[actix_web::test]
async fn application_ties_no_program_to_citizenship_residence_or_age() {
    let site = Site::start().await;
    let page = site.visitor().get("/apply").await;
    let why = page.first("main details");
    assert!(!why.contains("decide which programs are open"), "{why}");
    assert!(why.contains("No Express Entry program depends on your citizenship or the country you live in."), "{why}");
    assert!(why.contains("No Express Entry program has an age limit."), "{why}");
    assert!(why.contains("a test of English or French"), "{why}");
}
