//! Pages that staff add, order and delete; their addresses, the menu and the footer.

use immigration_experts::app;
use immigration_experts::staff::Role;

use crate::support::{Page, Site, Visitor};

const SERVICES: [(&str, &str); 8] = [
    ("title", "Services"),
    ("slug", ""),
    ("summary", "What our company does."),
    ("body", "## Reading\n\nWe read every message."),
    ("menu_label", ""),
    ("placement", "menu"),
    ("version", ""),
    ("action", "publish"),
];

fn with<'a>(others: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let kept = SERVICES.iter().filter(|(name, _)| !others.iter().any(|(other, _)| other == name));
    kept.chain(others).copied().collect()
}

/// Creates a page and returns the path of its editor.
async fn create(member: &Visitor, others: &[(&str, &str)]) -> String {
    let page = member.post("/admin/pages/new", &with(others)).await;
    assert_eq!(page.status, 303, "{}", page.text);
    page.location().to_owned()
}

async fn menu(site: &Site) -> Vec<String> {
    site.visitor().get("/").await.attributes("header nav a", "href")
}

async fn footer(site: &Site) -> Vec<String> {
    site.visitor().get("/").await.all("footer nav a")
}

fn states(page: &Page) -> Vec<String> {
    page.all(".page-list li > div > a:first-child")
}

#[actix_web::test]
async fn a_new_page_is_on_the_site_in_the_menu_in_the_search_and_in_the_sitemap() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let visitor = site.visitor();
    assert_eq!(visitor.get("/services").await.status, 404);
    let path = create(&publisher, &[]).await;
    assert_eq!(path, "/admin/pages/3");
    let page = visitor.get("/services").await;
    assert_eq!((page.status, page.first("h1"), page.first(".lead")), (200, "Services".into(), SERVICES[2].1.into()));
    assert_eq!(page.first("article h2"), "Reading #");
    assert_eq!(page.first("header nav a[aria-current=page]"), "Services");
    assert_eq!(page.attributes("meta[name=description]", "content"), ["What our company does."]);
    let expected = ["/news", "/draws", "/occupations", "/about", "/services", "/contact"];
    assert_eq!(menu(&site).await, expected);
    assert!(visitor.get("/search?q=services").await.text.contains("href=\"/services\""));
    assert!(visitor.get("/sitemap.xml").await.text.contains("/services</loc>"));
    let list = publisher.get("/admin/pages").await;
    assert_eq!(states(&list), ["About us", "Privacy", "Services"]);
    assert!(list.first(".page-list li:last-child div").starts_with("Services published Menu /services · edited"));
}

#[actix_web::test]
async fn a_draft_is_visible_to_staff_only() {
    let site = Site::start().await;
    let (writer, visitor) = (site.staff(Role::Writer).await, site.visitor());
    let path = create(&writer, &[("action", "save")]).await;
    let page = writer.get(&path).await;
    assert!(page.first(".flash").contains("Only staff can see it"));
    assert_eq!((page.first("h1"), page.field_value("slug")), ("Edit page".into(), "services".into()));
    assert_eq!(visitor.get("/services").await.status, 404);
    assert!(!menu(&site).await.contains(&"/services".to_owned()));
    assert!(!visitor.get("/search?q=services").await.text.contains("\"/services\""));
    assert!(!visitor.get("/sitemap.xml").await.text.contains("/services<"));
    assert!(writer.get("/admin/pages").await.first(".page-list li:last-child").contains("draft"));
}

#[actix_web::test]
async fn writers_cannot_publish_or_change_public_pages() {
    let site = Site::start().await;
    let (writer, publisher) = (site.staff(Role::Writer).await, site.staff(Role::Publisher).await);
    let refused = writer.post("/admin/pages/new", &with(&[("title", "Mine")])).await;
    assert_eq!((refused.status, refused.field_value("title")), (403, "Mine".into()), "the text is kept");
    let path = create(&writer, &[("action", "save")]).await;
    assert_eq!(publisher.post(&path, &with(&[("version", "1")])).await.status, 303);
    let editor = writer.get(&path).await;
    assert!(editor.text.contains("Writers cannot change published pages."));
    assert_eq!(editor.all("#editor button[value=save], #editor button[value=publish]"), Vec::<String>::new());
    assert_eq!(writer.post(&path, &with(&[("version", "2"), ("action", "save")])).await.status, 403);
    assert_eq!(writer.post(&format!("{path}/trash"), &[]).await.status, 403);
    assert_eq!(writer.get("/admin/pages").await.all("form[action$='/order']").len(), 0);
}

#[actix_web::test]
async fn publishing_needs_a_summary_a_text_and_no_open_places() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let page = publisher.post("/admin/pages/new", &with(&[("title", ""), ("summary", ""), ("body", "")])).await;
    assert_eq!(page.status, 422);
    assert_eq!(page.attributes("[role=alert] a", "href"), ["#title", "#summary", "#body"]);
    let open = [("body", "{{write: what we do}}")];
    let page = publisher.post("/admin/pages/new", &with(&open)).await;
    assert!(page.first("#body-error").contains("replace {{write: what we do}}"), "{}", page.text);
    assert_eq!(page.field_value("body"), "{{write: what we do}}");
    let token = publisher.post("/admin/pages/new", &with(&[("title", "Draw {{draw 252 crs}}")])).await;
    assert!(token.first("#title-error").contains("Type the title in words"));
    let unknown = publisher.post("/admin/pages/new", &with(&[("body", "{{draw 9999 crs}}")])).await;
    assert!(unknown.first("#body-error").contains("There is no draw 9999"));
    assert_eq!(site.count("SELECT count(*) FROM pages").await, 2);
}

#[actix_web::test]
async fn outlines_fill_in_a_new_page() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let list = publisher.get("/admin/pages").await;
    let outlines = list.attributes("a[href*='outline=']", "href");
    assert_eq!(outlines, ["services", "fees", "faq", "team"].map(|slug| format!("/admin/pages/new?outline={slug}")));
    for outline in outlines {
        let page = publisher.get(&outline).await;
        let names = ["title", "slug", "summary", "body", "placement"];
        let fields = names.map(|name| (name, page.field_value(name)));
        let mut fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        fields.push(("action", "publish"));
        let answer = publisher.post("/admin/pages/new", &fields).await;
        assert!(answer.first("#body-error").contains("{{write:"), "{outline}: {}", answer.text);
        fields.pop();
        assert_eq!(publisher.post("/admin/pages/new", &fields).await.status, 303, "{outline} can be saved");
    }
    assert_eq!(publisher.get("/admin/pages").await.all("a[href*='outline=']").len(), 0);
}

#[actix_web::test]
async fn pages_use_figures_of_the_record_and_are_checked_against_it() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let figures =
        [("summary", "Cut-off {{draw 252 crs}}."), ("body", "Draw 252 had {{draw 252 invitations}} invitations.")];
    create(&publisher, &figures).await;
    let page = site.visitor().get("/services").await;
    assert_eq!(
        (page.first(".lead"), page.first("article > p:nth-of-type(2)")),
        ("Cut-off 476.".into(), "Draw 252 had 500 invitations.".into())
    );
    let wrong = [("title", "Fees"), ("body", "In draw 252, the cut-off was 480 points.")];
    let refused = publisher.post("/admin/pages/new", &with(&wrong)).await;
    assert_eq!((refused.status, refused.first("#findings")), (422, "1 possible error".into()));
    assert!(refused.first("#reason-error").contains("enter a reason"));
    let key = refused.attributes("button[name=apply_fix]", "value").remove(0);
    let fixed = publisher.post("/admin/pages/new", &[&with(&wrong)[..], &[("apply_fix", key.as_str())]].concat()).await;
    assert!(fixed.field_value("body").contains("{{draw 252 crs}}"), "{}", fixed.field_value("body"));
    let reason = [wrong.as_slice(), &[("reason", "Quoted from a letter")]].concat();
    let path = create(&publisher, &reason).await;
    let editor = publisher.get(&path).await;
    assert!(editor.text.contains("1 finding was accepted earlier"), "{}", editor.text);
    let audit = "SELECT subject FROM audit_log WHERE action = 'published with possible errors'";
    assert!(site.text(audit).await.starts_with("Fees | Reason: Quoted from a letter"));
}

#[actix_web::test]
async fn preview_shows_the_page_without_saving() {
    let site = Site::start().await;
    let writer = site.staff(Role::Writer).await;
    let page =
        writer.post("/admin/pages/new", &with(&[("action", "preview"), ("body", "Cut-off {{draw 252 crs}}")])).await;
    assert_eq!((page.status, page.first(".preview h2")), (200, "Services".into()));
    assert!(page.first(".preview").contains("Cut-off 476"));
    assert_eq!(site.count("SELECT count(*) FROM pages").await, 2);
}

#[actix_web::test]
async fn the_slug_comes_from_the_title_and_conflicts_are_named() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    create(&publisher, &[]).await;
    create(&publisher, &[("placement", "none")]).await;
    assert_eq!(site.text("SELECT slug FROM pages WHERE id = 4").await, "services-2");
    create(&publisher, &[("title", "Contact"), ("placement", "none")]).await;
    assert_eq!(site.text("SELECT slug FROM pages WHERE id = 5").await, "contact-2");
    create(&publisher, &[("title", "2027"), ("placement", "none")]).await;
    assert_eq!(site.text("SELECT slug FROM pages WHERE id = 6").await, "page-2027-2");
    let page = publisher.post("/admin/pages/new", &with(&[("slug", "services")])).await;
    assert_eq!(page.status, 422);
    assert!(page.first("#slug-error").contains("The page “Services” already uses this URL slug."));
    for invalid in ["A", "a/b", "-a", "é", "2027", "sitemap.xml"] {
        assert_eq!(publisher.post("/admin/pages/new", &with(&[("slug", invalid)])).await.status, 422, "{invalid}");
    }
}

#[actix_web::test]
async fn no_page_can_take_the_address_of_another_part_of_the_site() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let routes = app::all_routes();
    let first = routes.iter().filter_map(|route| route.pattern.split('/').nth(1));
    let mut taken: Vec<&str> = first.filter(|segment| !segment.is_empty() && !segment.contains(['{', '.'])).collect();
    // Also parts of the public interface that are planned.
    taken.extend(["tools", "alerts", "corrections"]);
    taken.sort_unstable();
    taken.dedup();
    assert!(taken.len() > 12, "{taken:?}");
    for slug in taken {
        let page = publisher.post("/admin/pages/new", &with(&[("slug", slug)])).await;
        assert_eq!(page.status, 422, "{slug}");
        assert!(page.first("#slug-error").contains("another part of the site"), "{slug}");
    }
}

#[actix_web::test]
async fn the_old_address_of_a_renamed_page_redirects() {
    let site = Site::start().await;
    let (publisher, visitor) = (site.staff(Role::Publisher).await, site.visitor());
    let path = create(&publisher, &[]).await;
    for (version, slug) in [("1", "what-we-do"), ("2", "our-services")] {
        assert_eq!(publisher.post(&path, &with(&[("version", version), ("slug", slug)])).await.status, 303);
    }
    for old in ["/services", "/what-we-do"] {
        let page = visitor.get(old).await;
        assert_eq!((page.status, page.location()), (301, "/our-services"), "{old}");
    }
    // A page with the old address takes it over.
    create(&publisher, &[("title", "Others"), ("slug", "services"), ("placement", "none")]).await;
    assert_eq!(visitor.get("/services").await.first("h1"), "Others");
    // The slug of a draft that was never public needs no redirect.
    let draft = create(&publisher, &[("title", "Fees"), ("action", "save")]).await;
    publisher.post_and_follow(&draft, &with(&[("version", "1"), ("slug", "costs"), ("action", "save")])).await;
    assert_eq!(site.count("SELECT count(*) FROM redirects WHERE from_path = '/fees'").await, 0);
    // An old address does not lead to a page that is gone.
    publisher.post_and_follow(&format!("{path}/withdrawal"), &[]).await;
    assert_eq!(visitor.get("/what-we-do").await.status, 404);
}

#[actix_web::test]
async fn about_and_privacy_keep_their_address_and_stay_public() {
    let site = Site::start().await;
    let admin = site.staff(Role::Admin).await;
    for (path, slug) in [("/admin/pages/1", "/about"), ("/admin/pages/2", "/privacy")] {
        assert_eq!(admin.get(path).await.all("input[name=slug]").len(), 0);
        let saved = admin.post(path, &with(&[("version", "1"), ("slug", "moved"), ("placement", "footer")])).await;
        assert_eq!(saved.status, 303, "{}", saved.text);
        for action in ["trash", "withdrawal"] {
            assert_eq!(admin.post(&format!("{path}/{action}"), &[]).await.status, 400, "{path}/{action}");
        }
        assert_eq!(admin.get(&format!("{path}/trash")).await.status, 400);
        assert_eq!(site.visitor().get(slug).await.status, 200);
    }
}

#[actix_web::test]
async fn pages_are_placed_in_the_menu_or_the_footer_under_their_label() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let path =
        create(&publisher, &[("title", "Frequently asked questions"), ("slug", "faq"), ("menu_label", "FAQ")]).await;
    let labels = site.visitor().get("/").await.all("header nav a");
    assert_eq!(labels, ["News", "Draws", "Occupations", "About", "FAQ", "Contact"]);
    let fixed = ["Apply Now", "Categories", "Contact", "About us", "Privacy"].map(str::to_owned);
    assert_eq!(footer(&site).await[..5], fixed);
    let title = "Frequently asked questions";
    for (version, placement, in_menu, in_footer) in
        [("1", "footer", false, true), ("2", "menu_and_footer", true, true), ("3", "none", false, false)]
    {
        let fields =
            [("version", version), ("title", title), ("menu_label", "FAQ"), ("slug", "faq"), ("placement", placement)];
        assert_eq!(publisher.post(&path, &with(&fields)).await.status, 303);
        assert_eq!(menu(&site).await.contains(&"/faq".to_owned()), in_menu, "{placement}");
        assert_eq!(footer(&site).await.contains(&title.to_owned()), in_footer, "{placement}");
        assert_eq!(site.visitor().get("/faq").await.status, 200);
        assert_eq!(publisher.get(&path).await.field_value("placement"), placement);
    }
    let long = publisher.post("/admin/pages/new", &with(&[("title", title)])).await;
    assert!(long.first("#menu_label-error").contains("24 characters or fewer"), "the title does not fit");
}

#[actix_web::test]
async fn the_menu_stays_short_and_every_page_within_its_weight() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    for number in 1..=5 {
        let title = format!("A page with the name {number}");
        create(&publisher, &[("title", title.as_str()), ("placement", "menu_and_footer")]).await;
    }
    let refused = publisher.post("/admin/pages/new", &with(&[])).await;
    assert_eq!(refused.status, 422);
    assert!(refused.first("#placement-error").contains("The menu already has 6 pages."), "{}", refused.text);
    // Drafts are not counted and not refused.
    create(&publisher, &[("action", "save")]).await;
    for path in ["/", "/about", "/news"] {
        let page = site.visitor().get(path).await;
        assert_eq!(page.all("script:not([type='application/ld+json'])").len(), 0);
        let style = page.attributes("link[rel=stylesheet]", "href").remove(0);
        let head = site.visitor().head(&style).await;
        let weight = async |path: &str| {
            let response = reqwest::Client::new().get(format!("{}{path}", site.base)).header("accept-encoding", "br");
            response.send().await.unwrap().bytes().await.unwrap().len()
        };
        assert!(head.status == 200 && weight(path).await + weight(&style).await <= 14 * 1024, "{path}");
    }
}

#[actix_web::test]
async fn staff_order_the_pages() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let path = create(&publisher, &[]).await;
    let order =
        async |path: &str, direction: &str| publisher.post(&format!("{path}/order"), &[("direction", direction)]).await;
    let list = publisher.get("/admin/pages").await;
    assert_eq!(list.all(".page-list li:last-child button"), ["Move up: Services"]);
    for _ in 0..2 {
        assert_eq!(order(&path, "up").await.status, 303);
    }
    assert_eq!(menu(&site).await[3..], ["/services", "/about", "/contact"]);
    assert_eq!(states(&publisher.get("/admin/pages").await), ["Services", "About us", "Privacy"]);
    assert_eq!(order(&path, "up").await.status, 303, "the first page stays first");
    assert_eq!(order(&path, "down").await.status, 303);
    assert_eq!(states(&publisher.get("/admin/pages").await), ["About us", "Services", "Privacy"]);
    assert_eq!(order(&path, "sideways").await.status, 400);
    assert_eq!(order("/admin/pages/99", "up").await.status, 404);
    let audit = "SELECT group_concat(action || ': ' || subject, '; ') FROM audit_log WHERE action LIKE 'moved%'";
    assert_eq!(
        site.text(audit).await,
        "moved a page up: Services; moved a page up: Services; moved a page down: Services"
    );
}

#[actix_web::test]
async fn deleting_asks_first_and_can_be_undone_for_30_days() {
    let site = Site::start().await;
    let (publisher, visitor) = (site.staff(Role::Publisher).await, site.visitor());
    let path = create(&publisher, &[]).await;
    let trash = publisher.get(&path).await.attributes("a[href$='/trash']", "href").remove(0);
    let question = publisher.get(&trash).await;
    assert_eq!(question.first("h1"), "Move “Services” to the trash?");
    assert!(question.first("h1 + p").contains("You can restore it from the trash for 30 days."));
    assert_eq!(visitor.get("/services").await.status, 200, "the question changes nothing");
    let list = publisher.post_and_follow(&trash, &[]).await;
    assert!(list.first("section[aria-labelledby=trashed] li").contains("will be deleted on December 22, 2026"));
    assert_eq!(visitor.get("/services").await.status, 404);
    assert!(!menu(&site).await.contains(&"/services".to_owned()));
    assert!(!visitor.get("/search?q=services").await.text.contains("\"/services\""));
    let taken = publisher.post("/admin/pages/new", &with(&[("slug", "services")])).await;
    assert!(taken.first("#slug-error").contains("in the trash"));
    let refused = publisher.post(&path, &with(&[("version", "1"), ("title", "Changed")])).await;
    assert_eq!((refused.status, refused.field_value("title")), (409, "Changed".into()));
    site.advance_hours(29 * 24);
    site.running.jobs.run("pages").await.unwrap();
    publisher_again(&site).await.post_and_follow(&format!("{path}/restoration"), &[]).await;
    let publisher = publisher_again(&site).await;
    assert_eq!(visitor.get("/services").await.status, 404, "restored as a draft");
    assert_eq!(publisher.post(&path, &with(&[("version", "1")])).await.status, 303);
    assert_eq!(visitor.get("/services").await.first("h1"), "Services");
    site.execute("INSERT INTO redirects (from_path, to_path) VALUES ('/our-services', '/services')").await;
    publisher.post_and_follow(&trash, &[]).await;
    site.advance_hours(30 * 24);
    site.running.jobs.run("pages").await.unwrap();
    assert_eq!(site.count("SELECT count(*) FROM pages").await, 2);
    assert_eq!(site.count("SELECT count(*) FROM page_revisions WHERE page_id = 3").await, 0);
    assert_eq!(site.count("SELECT count(*) FROM redirects").await, 0);
    let deletion = "SELECT count(*) FROM audit_log WHERE action = 'deleted a page after 30 days in the trash'";
    assert_eq!(site.count(deletion).await, 1);
}

/// The session of the publisher ends after some days without use.
async fn publisher_again(site: &Site) -> Visitor {
    site.sign_in("publisher@example.com").await
}

#[actix_web::test]
async fn unsaved_text_is_stored_and_offered_again() {
    let site = Site::start().await;
    let writer = site.staff(Role::Writer).await;
    let stored = writer.post("/admin/pages/new/autosave", &with(&[("title", "Half a page")])).await;
    assert_eq!((stored.status, stored.text.as_str()), (200, "{\"id\":1}"));
    let page = writer.get("/admin/pages/new").await;
    assert!(page.first("section[aria-labelledby=unsaved-title]").contains("“Half a page”"));
    let chosen = writer.get(&page.attributes("section[aria-labelledby=unsaved-title] a", "href")[0]).await;
    assert_eq!((chosen.field_value("title"), chosen.field_value("autosave")), ("Half a page".into(), "1".into()));
    let path = create(&writer, &[("title", "Half a page"), ("autosave", "1"), ("action", "save")]).await;
    assert_eq!(site.count("SELECT count(*) FROM page_autosaves").await, 0, "saving deletes it");
    // A preview stores the text as well, without scripts. Text equal to the page is not offered.
    for (body, offered) in [("Changed", 1), (SERVICES[3].1, 0)] {
        let fields = [
            ("version", "1"),
            ("title", "Half a page"),
            ("slug", "half-a-page"),
            ("body", body),
            ("action", "preview"),
        ];
        writer.post(&path, &with(&fields)).await;
        let editor = writer.get(&path).await;
        assert_eq!(editor.all("section[aria-labelledby=unsaved-title]").len(), offered, "{body}");
        let discard = editor.attributes("form[action$='/removal']", "action");
        for action in discard {
            assert_eq!(writer.post(&action, &[]).await.location(), path);
        }
    }
    // Nobody else sees it, and it is deleted after 30 days.
    writer.post("/admin/pages/new/autosave", &with(&[("title", "Mine")])).await;
    let other = site.staff(Role::Publisher).await;
    assert!(!other.get("/admin/pages/new").await.text.contains("Mine"));
    site.advance_hours(30 * 24);
    site.running.jobs.run("unsaved text").await.unwrap();
    assert_eq!(site.count("SELECT count(*) FROM page_autosaves").await, 0);
}

#[actix_web::test]
async fn a_concurrent_change_is_shown_beside_the_own_text() {
    let site = Site::start().await;
    let (admin, publisher) = (site.staff(Role::Admin).await, site.staff(Role::Publisher).await);
    let path = create(&publisher, &[]).await;
    assert_eq!(publisher.post(&path, &with(&[("version", "1"), ("body", "Theirs.")])).await.status, 303);
    let page = admin.post(&path, &with(&[("version", "1"), ("body", "Mine.")])).await;
    assert_eq!(
        (page.status, page.first("#conflict-title")),
        (409, "Test publisher changed this page in the meantime".into())
    );
    assert!(page.text.contains("Theirs.") && page.field_value("body") == "Mine.");
    assert_eq!(admin.post(&path, &with(&[("version", "2"), ("body", "Mine.")])).await.status, 303);
    assert_eq!(site.text("SELECT body FROM pages WHERE id = 3").await, "Mine.");
}

#[actix_web::test]
async fn every_save_is_listed_with_who_when_and_what_changed() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let path = create(&publisher, &[]).await;
    site.advance_hours(1);
    let changed = [("version", "1"), ("title", "What we do"), ("menu_label", "Services"), ("body", "Reading.")];
    assert_eq!(publisher.post(&path, &with(&changed)).await.status, 303);
    let entries = publisher.get(&path).await.all("section[aria-labelledby=page-actions] .rows li");
    let [second, first] = &entries[..] else { panic!("{entries:?}") };
    assert!(
        second.starts_with("Version 2: What we do current Title, Text (−26 characters), Menu label, URL slug"),
        "{second}"
    );
    assert!(second.ends_with("· Test publisher · November 22, 2026, 3:00 p.m."), "{second}");
    assert!(first.starts_with("Version 1: Services First version · Test publisher"), "{first}");
}

#[actix_web::test]
async fn an_old_version_shows_its_differences_and_never_looks_like_the_editor() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let path = create(&publisher, &[]).await;
    let changed =
        [("version", "1"), ("title", "What we do"), ("menu_label", "Services"), ("body", "## Reading\n\nWe read it.")];
    assert_eq!(publisher.post(&path, &with(&changed)).await.status, 303);
    let old = publisher.get(&format!("{path}/revisions/1")).await;
    assert_eq!(old.first("h1"), "Version 1 of “Services”");
    assert!(old.first("h1 + p").starts_with("This is an earlier version. You cannot edit it."));
    assert!(old.all("#editor, textarea, input:not([type=hidden])").is_empty());
    assert_eq!(old.all("#differences ~ h3"), ["Title", "Text", "URL slug", "Menu label"]);
    assert!(old.all(".diff .added").contains(&"Added: We read it.".to_owned()));
    let side = publisher.get(&format!("{path}/revisions/1?with=current&view=side-by-side")).await;
    assert_eq!(side.all("table.diff thead tr").len(), 4);
    let current = publisher.get(&format!("{path}/revisions/2")).await;
    assert!(current.first("h1 + p").starts_with("This is the current version."));
    assert_eq!(current.all("main form").len(), 0);
    assert_eq!(publisher.get(&format!("{path}/revisions/9")).await.status, 404);
}

#[actix_web::test]
async fn restoring_creates_a_new_version_and_keeps_the_address_and_the_place() {
    let site = Site::start().await;
    let (publisher, writer) = (site.staff(Role::Publisher).await, site.staff(Role::Writer).await);
    let path = create(&publisher, &[]).await;
    let changed =
        [("version", "1"), ("title", "What we do"), ("slug", "what-we-do"), ("placement", "footer"), ("body", "Else.")];
    assert_eq!(publisher.post(&path, &with(&changed)).await.status, 303);
    let restore = format!("{path}/revisions/1/restoration");
    assert_eq!(writer.post(&restore, &[("version", "2")]).await.status, 403);
    let stale = publisher.post(&restore, &[("version", "1")]).await;
    assert_eq!((stale.status, stale.first("#summary-title")), (409, "Not restored".into()));
    let editor = publisher.post_and_follow(&restore, &[("version", "2")]).await;
    assert!(editor.first(".flash").starts_with("Version 1 restored."));
    assert_eq!((editor.field_value("title"), editor.field_value("version")), ("Services".into(), "3".into()));
    assert_eq!((editor.field_value("slug"), editor.field_value("placement")), ("what-we-do".into(), "footer".into()));
    let entry = editor.first("section[aria-labelledby=page-actions] .rows li");
    assert!(entry.contains("Version 1 restored: Title, Text"), "{entry}");
    assert_eq!(site.visitor().get("/what-we-do").await.first("article h2"), "Reading #");
    let audit = "SELECT subject FROM audit_log WHERE action = 'restored a version of a page'";
    assert_eq!(site.text(audit).await, "Services | Version 1");
}
