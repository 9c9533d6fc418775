//! Formatting problems in the editors, and the button that fixes them without saving.

use immigration_experts::staff::Role;

use crate::support::{Page, Site};

const PASTED: &str = "##\u{a0}The draw\n\n• one\n• two\n\n![A chart](https://example.com/a.png)\n\nDraw\tCRS\n252\t476";

/// Value of a text area.
fn field_text(page: &Page, name: &str) -> String {
    let (_, rest) = page.text.split_once(&format!("<textarea id=\"{name}\"")).unwrap();
    rest.split_once(">\n").unwrap().1.split_once("</textarea>").unwrap().0.to_owned()
}

#[actix_web::test]
async fn post_editor_shows_and_fixes_formatting_issues() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let post = [
        ("title", "A **bold** title"),
        ("author", "A"),
        ("summary", "S"),
        ("slug", "pasted"),
        ("body", PASTED),
        ("correction", "·\tIt said 475."),
    ];
    let with = |more: &[(&'static str, &'static str)]| [&post[..], more].concat();
    let page = publisher.post("/admin/posts/new", &with(&[("action", "preview")])).await;
    let issues = page.all("#issues li");
    assert_eq!(issues.len(), 7, "{issues:?}");
    for part in ["Text, line 1", "Text, line 3", "Text, line 6", "Text, line 8", "Correction note, line 1", "Title"] {
        assert!(issues.iter().any(|issue| issue.contains(part)), "{part}: {issues:?}");
    }
    assert!(issues.iter().any(|issue| issue.contains("Only pictures from Media are shown")), "{issues:?}");
    assert_eq!(page.attributes("#issues button", "name"), ["fix"]);

    let before = site.count("SELECT count(*) FROM posts").await;
    let fixed = publisher.post("/admin/posts/new", &with(&[("fix", "all")])).await;
    assert_eq!(fixed.status, 200);
    assert_eq!(site.count("SELECT count(*) FROM posts").await, before, "nothing is saved");
    assert!(fixed.first(".flash").contains("Not saved yet."));
    assert_eq!(fixed.all("#issues"), Vec::<String>::new());
    let body = field_text(&fixed, "body");
    assert_eq!(
        body,
        "## The draw\n\n- one\n- two\n\n[A chart](https://example.com/a.png)\n\n| Draw | CRS |\n|---|---|\n| 252 | 476 |"
    );
    assert_eq!(
        (fixed.field_value("title"), field_text(&fixed, "correction")),
        ("A bold title".into(), "- It said 475.".into())
    );
    assert_eq!(fixed.all(".preview article > ul li"), ["one", "two"]);

    let saved = [("title", "T"), ("author", "A"), ("summary", "S"), ("slug", "pasted"), ("body", &*body)];
    let reason = [("action", "publish"), ("reason", "It is correct.")];
    let saved = publisher.post("/admin/posts/new", &[&saved[..], &reason].concat()).await;
    assert_eq!(saved.status, 303, "{}", saved.text);
    let public = site.visitor().get("/news/pasted").await;
    assert_eq!(public.all(".prose ul li"), ["one", "two"]);
    assert!(!public.text.contains('•') && !public.text.contains("##"));
}

#[actix_web::test]
async fn formatting_issue_of_a_saved_post_is_shown_on_opening() {
    let site = Site::start().await;
    let writer = site.staff(Role::Writer).await;
    assert_eq!(writer.get("/admin/posts/1").await.all("#issues"), Vec::<String>::new());
    let fields =
        [("title", "T"), ("author", "A"), ("body", "See **this.\n\n[x](file:///C:/a.doc)"), ("action", "save")];
    let page = writer.post_and_follow("/admin/posts/new", &fields).await;
    let issues = page.all("#issues li");
    assert_eq!(issues.len(), 2, "{issues:?}");
    assert!(issues[1].contains("must be fixed by hand"), "{issues:?}");
}

#[actix_web::test]
async fn page_editor_shows_and_fixes_formatting_issues() {
    let site = Site::start().await;
    let admin = site.staff(Role::Admin).await;
    assert_eq!(admin.get("/admin/pages/2").await.all("#issues"), Vec::<String>::new());
    let fields = [("title", "About us"), ("summary", "Who we are."), ("body", "• one\n• two"), ("version", "1")];
    let fixed = admin.post("/admin/pages/1", &[&fields[..], &[("fix", "all")]].concat()).await;
    assert_eq!((fixed.status, field_text(&fixed, "body")), (200, "- one\n- two".into()));
    assert!(fixed.first(".flash").contains("Not saved yet."));
    assert!(!site.visitor().get("/about").await.text.contains("<li>one</li>"));
    assert_eq!(admin.post("/admin/pages/1", &fields).await.status, 303);
    assert_eq!(admin.get("/admin/pages/1").await.all("#issues li").len(), 2);
}

#[actix_web::test]
async fn post_editor_warns_about_offering_advice_without_a_licence() {
    let site = Site::start().await;
    let writer = site.staff(Role::Writer).await;
    let fields = [("title", "T"), ("author", "A"), ("body", "Our advisers help you apply."), ("action", "preview")];
    let page = writer.post("/admin/posts/new", &fields).await;
    assert!(page.first("#offer").contains("Our advisers help you apply"));
    site.execute("UPDATE site SET licence_name = 'Sheraz K.', licence_number = 'R1', version = version + 1").await;
    assert_eq!(writer.post("/admin/posts/new", &fields).await.all("#offer"), Vec::<String>::new());
}
