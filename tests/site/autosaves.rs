//! Autosaves: text of an open post editor that was not saved.

use immigration_experts::staff::Role;

use crate::support::{Page, Site, Visitor};

const TEXT: [(&str, &str); 4] =
    [("title", "Half a post"), ("author", "Test writer"), ("body", "First words"), ("autosave", "")];

/// Sends the text of an editor like the script does, and returns the ID of the autosave.
async fn autosave(member: &Visitor, editor: &str, fields: &[(&str, &str)]) -> String {
    let page = member.post(&format!("{editor}/autosave"), fields).await;
    assert_eq!((page.status, page.header("content-type")), (200, "application/json"), "{}", page.text);
    let answer: serde_json::Value = serde_json::from_str(&page.text).unwrap();
    answer["id"].to_string()
}

fn with<'a>(fields: &[(&'a str, &'a str)], others: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let kept = fields.iter().filter(|(name, _)| !others.iter().any(|(other, _)| other == name));
    kept.chain(others).copied().collect()
}

/// Fields of the editor of the first post.
async fn first_post(member: &Visitor) -> Vec<(&'static str, String)> {
    let page = member.get("/admin/posts/1").await;
    let area = |name: &str| {
        let (_, rest) = page.text.split_once(&format!("<textarea id=\"{name}\"")).unwrap();
        let text = rest.split_once(">\n").unwrap().1.split_once("</textarea>").unwrap().0;
        text.replace("&#38;", "&").replace("&#34;", "\"").replace("&#60;", "<").replace("&#62;", ">")
    };
    let names = ["title", "slug", "summary", "author", "topics", "version"];
    let lines = names.map(|name| (name, page.field_value(name)));
    lines.into_iter().chain(["body", "correction"].map(|name| (name, area(name)))).collect()
}

async fn count(site: &Site) -> i64 {
    site.count("SELECT count(*) FROM post_autosaves").await
}

fn offers(page: &Page) -> Vec<String> {
    page.attributes(".notice a.button", "href")
}

#[actix_web::test]
async fn unsaved_text_is_offered_on_another_device_and_after_sign_out() {
    let site = Site::start().await;
    let writer = site.staff(Role::Writer).await;
    let id = autosave(&writer, "/admin/posts/new", &TEXT).await;
    let fields = with(&TEXT, &[("autosave", &id), ("body", "First words, and more")]);
    assert_eq!(autosave(&writer, "/admin/posts/new", &fields).await, id, "the same text is updated");
    assert_eq!(site.count("SELECT count(*) FROM posts").await, 1);
    assert_eq!(site.count("SELECT count(*) FROM post_revisions").await, 1, "no revision");
    writer.post("/admin/sign-out", &[]).await;
    let phone = site.sign_in("writer@example.com").await;
    let page = phone.get("/admin/posts/new").await;
    assert_eq!((page.field_value("title"), page.field_value("autosave")), (String::new(), String::new()));
    let notice = page.first(".notice");
    assert!(notice.contains("You did not save your text “Half a post” of November 22, 2026"), "{notice}");
    assert_eq!(offers(&page), [format!("/admin/posts/new?autosave={id}")]);
    let page = phone.get(&offers(&page)[0]).await;
    assert_eq!(page.first("textarea[name=body]"), "First words, and more");
    assert_eq!(page.first("#text-length"), "4 words · 1 min read");
    assert_eq!((page.field_value("title"), page.field_value("autosave")), ("Half a post".into(), id.clone()));
    assert_eq!(page.all("#editor[data-unsaved]").len(), 1);
    assert!(page.first(".flash").contains("not saved yet") && offers(&page).is_empty(), "{}", page.first(".flash"));
    let saved = phone.post("/admin/posts/new", &with(&fields, &[("action", "save")])).await;
    assert_eq!((saved.status, count(&site).await), (303, 0), "deleted after a deliberate save");
}

#[actix_web::test]
async fn unsaved_text_belongs_to_one_person_and_one_post() {
    let site = Site::start().await;
    let writer = site.staff(Role::Writer).await;
    let publisher = site.staff(Role::Publisher).await;
    let of_new = autosave(&writer, "/admin/posts/new", &TEXT).await;
    let of_post = autosave(&writer, "/admin/posts/1", &with(&TEXT, &[("version", "1")])).await;
    assert_ne!(of_new, of_post);
    assert_eq!(offers(&writer.get("/admin/posts/1").await), [format!("/admin/posts/1?autosave={of_post}")]);
    assert_eq!(writer.get(&format!("/admin/posts/1?autosave={of_new}")).await.field_value("autosave"), "");
    for path in ["/admin/posts/new", "/admin/posts/1"] {
        assert!(offers(&publisher.get(path).await).is_empty(), "{path}");
    }
    let page = publisher.get(&format!("/admin/posts/new?autosave={of_new}")).await;
    assert!(!page.text.contains("First words"));
    assert_eq!(publisher.post(&format!("/admin/posts/autosaves/{of_new}/removal"), &[]).await.status, 404);
    let others = autosave(&publisher, "/admin/posts/new", &with(&TEXT, &[("autosave", &of_new)])).await;
    assert_ne!(others, of_new, "nobody overwrites the text of others");
    assert_eq!(writer.post("/admin/posts/9/autosave", &TEXT).await.status, 404);
    let page = writer.post_and_follow(&format!("/admin/posts/autosaves/{of_post}/removal"), &[]).await;
    assert_eq!((page.path.as_str(), page.first(".flash").as_str()), ("/admin/posts/1", "Unsaved text discarded."));
    assert!(offers(&page).is_empty());
}

#[actix_web::test]
async fn two_tabs_do_not_overwrite_each_other() {
    let site = Site::start().await;
    let writer = site.staff(Role::Writer).await;
    let first = autosave(&writer, "/admin/posts/new", &TEXT).await;
    let second = autosave(&writer, "/admin/posts/new", &with(&TEXT, &[("body", "Other words")])).await;
    assert_eq!(offers(&writer.get("/admin/posts/new").await).len(), 2);
    let fields = with(&TEXT, &[("autosave", &second), ("action", "save")]);
    assert_eq!(writer.post("/admin/posts/new", &fields).await.status, 303);
    assert_eq!(offers(&writer.get("/admin/posts/new").await), [format!("/admin/posts/new?autosave={first}")]);
    for _ in 0..15 {
        autosave(&writer, "/admin/posts/new", &TEXT).await;
    }
    assert_eq!(count(&site).await, 10, "the number is limited");
    assert_eq!(offers(&writer.get("/admin/posts/new").await).len(), 10);
}

#[actix_web::test]
async fn text_that_equals_the_saved_post_and_empty_text_are_not_offered() {
    let site = Site::start().await;
    let writer = site.staff(Role::Writer).await;
    let fields = first_post(&writer).await;
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    autosave(&writer, "/admin/posts/1", &fields).await;
    assert!(offers(&writer.get("/admin/posts/1").await).is_empty());
    let changed = with(&fields, &[("summary", "Something else.")]);
    autosave(&writer, "/admin/posts/1", &changed).await;
    let page = writer.get("/admin/posts/1").await;
    assert_eq!(page.all(".notice h3"), ["Summary"]);
    assert_eq!(page.all(".notice .added"), ["Added: Something else."]);
    autosave(&writer, "/admin/posts/new", &[("author", "Test writer")]).await;
    assert!(offers(&writer.get("/admin/posts/new").await).is_empty());
}

#[actix_web::test]
async fn changes_by_someone_else_in_the_meantime_are_shown() {
    let site = Site::start().await;
    let writer = site.staff(Role::Writer).await;
    let publisher = site.staff(Role::Publisher).await;
    let draft = [
        ("title", "Title"),
        ("author", "A"),
        ("body", "The first sentence.\n\nThe second sentence."),
        ("action", "save"),
    ];
    let editor = writer.post("/admin/posts/new", &draft).await.location().to_owned();
    let id = autosave(
        &writer,
        &editor,
        &with(&draft, &[("version", "1"), ("body", "The first sentence.\n\nThe second sentence by the writer.")]),
    )
    .await;
    assert!(!writer.get(&editor).await.first(".notice").contains("After you opened"));
    let theirs =
        with(&draft, &[("version", "1"), ("body", "The first sentence by the publisher.\n\nThe second sentence.")]);
    assert_eq!(publisher.post(&editor, &theirs).await.status, 303);
    let page = writer.get(&editor).await;
    let notice = page.first(".notice");
    assert!(notice.contains("After you opened the post, Test publisher saved it on November 22, 2026"), "{notice}");
    assert_eq!(
        page.all(".notice .removed"),
        ["Removed: The first sentence by the publisher.", "Removed: The second sentence."]
    );
    assert_eq!(
        (page.first(".notice del"), page.first(".notice ins")),
        ("by the publisher".into(), "by the writer".into())
    );
    let page = writer.get(&offers(&page)[0]).await;
    assert_eq!(page.field_value("version"), "1");
    let fields = with(
        &draft,
        &[("version", "1"), ("autosave", &id), ("body", "The first sentence.\n\nThe second sentence by the writer.")],
    );
    let conflict = writer.post(&editor, &fields).await;
    assert_eq!(conflict.status, 409, "continuing does not overwrite the other version");
    assert_eq!((conflict.field_value("autosave"), count(&site).await), (id, 1));
    // The copy still says which version it is based on.
    let base =
        "SELECT count(*) FROM post_autosaves a JOIN posts p ON p.id = a.post_id WHERE a.base_version = p.version";
    assert_eq!(site.count(base).await, 0);
}

#[actix_web::test]
async fn without_scripts_every_text_that_is_not_saved_is_stored() {
    let site = Site::start().await;
    let writer = site.staff(Role::Writer).await;
    for (action, changed, status) in [
        ("preview", ("body", "Previewed"), 200),
        ("save", ("title", ""), 422),
        ("publish", ("body", "Not allowed"), 403),
    ] {
        let page = writer.post("/admin/posts/new", &with(&TEXT, &[("action", action), changed])).await;
        assert_eq!(page.status, status, "{action}");
        let id = page.field_value("autosave");
        assert!(!id.is_empty() && page.all("#editor[data-unsaved]").len() == 1, "{action}");
        let offered = offers(&writer.get("/admin/posts/new").await);
        assert_eq!(offered, [format!("/admin/posts/new?autosave={id}")], "{action}");
        let again = writer.post("/admin/posts/new", &with(&TEXT, &[("action", "preview"), ("autosave", &id)])).await;
        assert_eq!(again.field_value("autosave"), id);
        writer.post(&format!("/admin/posts/autosaves/{id}/removal"), &[]).await;
    }
    assert_eq!(writer.post("/admin/posts/new", &with(&TEXT, &[("action", "save")])).await.status, 303);
    assert_eq!(count(&site).await, 0);
}

#[actix_web::test]
async fn unsaved_text_is_deleted_after_30_days() {
    let site = Site::start().await;
    let writer = site.staff(Role::Writer).await;
    autosave(&writer, "/admin/posts/new", &TEXT).await;
    for (hours, left) in [(29 * 24, 1), (24, 0)] {
        // The clock guard trusts a clock that has run steadily.
        for _ in 0..hours / 12 {
            site.advance_hours(12);
            site.running.jobs.run("unsaved text").await.unwrap();
        }
        assert_eq!(count(&site).await, left, "{hours}");
        let member = site.sign_in("writer@example.com").await;
        assert_eq!(offers(&member.get("/admin/posts/new").await).len() as i64, left);
    }
}

#[actix_web::test]
async fn signed_out_scripts_get_no_page_and_store_nothing() {
    let site = Site::start().await;
    let writer = site.staff(Role::Writer).await;
    site.advance_hours(9);
    let script = [("sec-fetch-site", "same-origin"), ("sec-fetch-mode", "cors")];
    let page = writer.post_with("/admin/posts/new/autosave", &TEXT, &script).await;
    assert_eq!((page.status, page.text.as_str()), (401, "You are signed out."));
    assert_eq!(count(&site).await + site.count("SELECT count(*) FROM unsaved_forms").await, 0);
}
