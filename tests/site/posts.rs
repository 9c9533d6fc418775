//! Posts: draft, preview, publish, update, unpublish, trash and restore.

use immigration_experts::staff::Role;

use crate::support::{FIRST_POST, Page, Site, Visitor};

const FIRST_TITLE: &str = "Canada invites 500 healthcare workers in Express Entry draw 252";

const DRAFT: [(&str, &str); 8] = [
    ("title", "Secret plans for the spring"),
    ("slug", ""),
    ("summary", "A summary that nobody knows."),
    ("author", "Test writer"),
    ("topics", "Plans, Express Entry"),
    ("body", "## The plan\n\nWords *nobody* knows.\n\n| Score | People |\n|---|--:|\n| 470 | 3 |"),
    ("correction", ""),
    ("version", ""),
];

/// `fields` with some replaced or added.
fn with<'a>(fields: &[(&'a str, &'a str)], others: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let kept = fields.iter().filter(|(name, _)| !others.iter().any(|(other, _)| other == name));
    kept.chain(others).copied().collect()
}

/// Creates a post with the given button and returns the path of its editor.
async fn create_post(member: &Visitor, fields: &[(&str, &str)], action: &str) -> String {
    let page = member.post("/admin/posts/new", &with(fields, &[("action", action)])).await;
    assert_eq!(page.status, 303, "{}", page.text);
    page.location().to_owned()
}

/// Field values in the editor of a post.
async fn editor_fields(member: &Visitor, path: &str) -> Vec<(&'static str, String)> {
    let page = member.get(path).await;
    let names = ["title", "slug", "summary", "author", "topics", "body", "correction", "version"];
    names.map(|name| (name, text_of(&page, name))).into()
}

/// Field value, with the line breaks of a text area.
fn text_of(page: &Page, name: &str) -> String {
    let Some((_, rest)) = page.text.split_once(&format!("<textarea id=\"{name}\"")) else {
        return page.field_value(name);
    };
    rest.split_once(">\n").unwrap().1.split_once("</textarea>").unwrap().0.to_owned()
}

/// Saves a post with some fields changed.
async fn edit_post(member: &Visitor, path: &str, others: &[(&str, &str)]) -> Page {
    let held = editor_fields(member, path).await;
    let held: Vec<(&str, &str)> = held.iter().map(|(name, value)| (*name, value.as_str())).collect();
    member.post(path, &with(&with(&held, &[("action", "save")]), others)).await
}

/// Public pages that could show a post.
async fn public_listings(site: &Site, slug: &str) -> Vec<(String, Page)> {
    let mut pages = vec![];
    for path in
        [&format!("/news/{slug}"), "/news", "/news?topic=plans", "/", "/news/feed.atom", "/sitemap.xml", FIRST_POST]
    {
        pages.push((path.to_owned(), site.visitor().get(path).await));
    }
    pages
}

async fn assert_hidden(site: &Site, slug: &str) {
    for (path, page) in public_listings(site, slug).await {
        let expected = if path.contains(slug) || path.contains("topic") { 404 } else { 200 };
        assert_eq!(page.status, expected, "{path}");
        for word in ["Secret plans", "nobody", slug] {
            // The page must not even repeat the requested URL.
            assert!(!page.text.contains(word), "{path} contains {word}");
        }
    }
}

async fn assert_shown(site: &Site, slug: &str) {
    for (path, page) in public_listings(site, slug).await {
        assert_eq!(page.status, 200, "{path}");
        assert!(page.text.contains(slug), "{path}");
    }
}

#[actix_web::test]
async fn draft_is_hidden_until_published_then_shown_everywhere() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let path = create_post(&publisher, &DRAFT, "save").await;
    let page = publisher.get(&path).await;
    assert_eq!(page.first(".flash"), "Draft saved. Only staff can see it.");
    assert_eq!(page.field_value("slug"), "secret-plans-for-the-spring");
    assert_eq!(publisher.get(&path).await.all(".flash"), Vec::<String>::new(), "shown once");
    assert_hidden(&site, "secret-plans-for-the-spring").await;
    let page = publisher.post_and_follow(&format!("{path}/publication"), &[]).await;
    assert_eq!(page.first(".flash"), "Published. The post is now on the site.");
    assert_shown(&site, "secret-plans-for-the-spring").await;
    let post = site.visitor().get("/news/secret-plans-for-the-spring").await;
    post.assert_page_layout();
    assert_eq!(post.first("h1"), "Secret plans for the spring");
    assert_eq!(post.first(".byline"), "By Test writer · November 22, 2026 · 1 min read · express entry, plans");
    assert_eq!(post.attributes(".prose h2[id]", "id"), ["the-plan"]);
    assert_eq!(post.first("article em"), "nobody");
    assert_eq!(post.all("article td"), ["470", "3"]);
    assert_eq!(post.attributes(".neighbours a[rel=prev]", "href"), [FIRST_POST]);
    let first = site.visitor().get(FIRST_POST).await;
    assert_eq!(first.attributes(".neighbours a[rel=next]", "href"), ["/news/secret-plans-for-the-spring"]);
    let news = site.visitor().get("/news").await;
    assert_eq!(news.all(".teaser h2"), ["Secret plans for the spring", FIRST_TITLE]);
}

#[actix_web::test]
async fn saving_and_publishing_works_in_one_step() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    create_post(&publisher, &DRAFT, "publish").await;
    assert_shown(&site, "secret-plans-for-the-spring").await;
    assert_eq!(site.text("SELECT published_at FROM posts WHERE id = 2").await, "2026-11-22T09:00:00Z");
}

#[actix_web::test]
async fn preview_saves_nothing_and_keeps_entered_values() {
    let site = Site::start().await;
    let writer = site.staff(Role::Writer).await;
    for path in ["/admin/posts/new", "/admin/posts/1"] {
        let before = site.text("SELECT group_concat(title || version || body) FROM posts").await;
        let fields = with(&DRAFT, &[("action", "preview"), ("correction", "It was **otherwise**."), ("version", "7")]);
        let page = writer.post(path, &fields).await;
        assert_eq!(page.status, 200);
        assert_eq!(page.first(".preview-title"), "Preview (not saved)");
        assert_eq!(page.first(".preview .post-title"), "Secret plans for the spring");
        assert_eq!(
            (page.first(".preview em"), page.first(".preview aside strong")),
            ("nobody".into(), "otherwise".into())
        );
        for (name, value) in fields.iter().filter(|(name, _)| *name != "action") {
            assert_eq!(text_of(&page, name).replace("&#42;", "*"), *value, "{name}");
        }
        assert_eq!(site.text("SELECT group_concat(title || version || body) FROM posts").await, before);
    }
    assert_eq!(site.count("SELECT count(*) FROM posts").await, 1);
    assert_eq!(site.count("SELECT count(*) FROM post_revisions").await, 1);
    assert_hidden(&site, "secret-plans-for-the-spring").await;
    let empty = writer.post("/admin/posts/new", &[("action", "preview")]).await;
    assert_eq!(empty.status, 200);
}

#[actix_web::test]
async fn update_to_a_published_post_shows_at_once_with_a_date() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    site.advance_hours(1);
    let changed =
        [("title", "Canada invites 500 nurses"), ("body", "Entirely new."), ("correction", "It said 600 before.")];
    let answer = edit_post(&publisher, "/admin/posts/1", &changed).await;
    assert_eq!((answer.status, answer.location()), (303, "/admin/posts/1"));
    let page = site.visitor().get(FIRST_POST).await;
    assert_eq!(page.first("h1"), "Canada invites 500 nurses");
    assert_eq!(
        page.first("aside.correction"),
        "Correction Added on November 22, 2026 It said 600 before. All corrections"
    );
    assert!(page.text.contains("<p>Entirely new.</p>"));
    assert!(page.first(".byline").contains("July 4, 2023 · updated November 22, 2026"), "{}", page.first(".byline"));
    assert_eq!(site.visitor().get("/news").await.all(".teaser h2"), ["Canada invites 500 nurses"]);
    let feed = site.visitor().get("/news/feed.atom").await;
    assert_eq!(feed.all("entry > title"), ["Canada invites 500 nurses"]);
    assert_eq!(feed.all("entry > updated"), ["2026-11-22T10:00:00Z"]);
    let refused = edit_post(&publisher, "/admin/posts/1", &[("summary", ""), ("body", " ")]).await;
    assert_eq!(refused.status, 422);
    assert_eq!(refused.attributes("[role=alert] a", "href"), ["#summary", "#body"]);
    assert_eq!(site.visitor().get(FIRST_POST).await.text, page.text, "unchanged");
}

#[actix_web::test]
async fn links_without_an_address_are_reported_before_publication() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let refused = edit_post(&publisher, "/admin/posts/1", &[("body", "Words.\n\n[here](https://)")]).await;
    assert_eq!(refused.status, 422);
    assert!(refused.first("#body-error").contains("Line 3: enter the address of the link"), "{}", refused.text);
}

#[actix_web::test]
async fn feed_has_no_anchor_links_of_headings() {
    let site = Site::start().await;
    let page = site.visitor().get(FIRST_POST).await;
    assert!(!page.all("h2 a.anchor").is_empty());
    let feed = site.visitor().get("/news/feed.atom").await;
    let content = feed.first("entry > content");
    assert!(content.contains("<h2 id=\"") && !content.contains("anchor"), "{content}");
}

#[actix_web::test]
async fn unpublished_post_is_hidden_and_keeps_its_first_date() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let page = publisher.post_and_follow("/admin/posts/1/withdrawal", &[]).await;
    assert_eq!(page.first(".flash"), "Unpublished. Only staff can see the post.");
    assert_eq!(site.visitor().get(FIRST_POST).await.status, 404);
    for path in ["/", "/news", "/news/feed.atom", "/sitemap.xml"] {
        let page = site.visitor().get(path).await;
        assert_eq!(page.status, 200, "{path}");
        assert!(!page.text.contains("healthcare-workers"), "{path}");
    }
    assert_eq!(publisher.get("/admin/posts").await.all("section[aria-labelledby=unpublished] li a"), [FIRST_TITLE]);
    site.advance_hours(1);
    assert_eq!(publisher.post("/admin/posts/1/publication", &[]).await.status, 303);
    let page = site.visitor().get(FIRST_POST).await;
    assert!(page.first(".byline").contains("July 4, 2023"), "{}", page.first(".byline"));
}

#[actix_web::test]
async fn trashed_post_is_hidden_and_restored_as_a_draft() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let list = publisher.post_and_follow("/admin/posts/1/trash", &[]).await;
    assert_eq!(list.first("#trashed"), "Trash (1)");
    assert_eq!(list.all("section[aria-labelledby=trashed] li a"), [FIRST_TITLE]);
    assert!(list.first(".flash").contains("to the trash"), "{}", list.first(".flash"));
    assert_eq!(site.visitor().get(FIRST_POST).await.status, 404);
    assert_eq!(site.visitor().get("/news").await.all(".teaser"), Vec::<String>::new());
    assert_eq!(publisher.get("/admin/posts/1").await.first(".state"), "in trash");
    let page = publisher.post_and_follow("/admin/posts/1/restoration", &[]).await;
    assert_eq!((page.first(".flash"), page.first(".state")), ("Restored as a draft.".into(), "draft".into()));
    assert_eq!(site.visitor().get(FIRST_POST).await.status, 404);
    assert_eq!(publisher.post("/admin/posts/1/publication", &[]).await.status, 303);
    assert_eq!(site.visitor().get(FIRST_POST).await.status, 200);
}

#[actix_web::test]
async fn slug_is_made_from_the_title_and_unique() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    for (title, slug) in [
        ("Santé & “Health”: 500 invited!", "sante-health-500-invited"),
        ("Santé & Health: 500 invited", "sante-health-500-invited-2"),
        ("SANTÉ HEALTH 500 INVITED?", "sante-health-500-invited-3"),
        ("!!!", "post"),
    ] {
        let path = create_post(&publisher, &with(&DRAFT, &[("title", title)]), "publish").await;
        assert_eq!(publisher.get(&path).await.field_value("slug"), slug);
        assert_eq!(site.visitor().get(&format!("/news/{slug}")).await.first("h1"), title);
    }
    let taken = with(&DRAFT, &[("slug", "post"), ("action", "save")]);
    let page = publisher.post("/admin/posts/new", &taken).await;
    assert_eq!(page.status, 422);
    assert!(page.first("#slug-error").contains("Another post already uses this URL slug"));
    assert_eq!(page.field_value("slug"), "post");
    for bad in ["Capitals", "a/b", "../x", "-a", "é", "a b", &"a".repeat(101)] {
        let page = publisher.post("/admin/posts/new", &with(&DRAFT, &[("slug", bad), ("action", "save")])).await;
        assert_eq!(page.attributes("[role=alert] a", "href"), ["#slug"], "{bad}");
    }
    let own = create_post(&publisher, &with(&DRAFT, &[("slug", "feed-2")]), "publish").await;
    assert_eq!(publisher.get(&own).await.field_value("slug"), "feed-2");
}

#[actix_web::test]
async fn old_post_url_redirects_to_the_new_one() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let path = create_post(&publisher, &with(&DRAFT, &[("slug", "first")]), "publish").await;
    let visitor = site.visitor();
    for (slug, old) in
        [("second", vec!["first"]), ("third", vec!["first", "second"]), ("first", vec!["second", "third"])]
    {
        assert_eq!(edit_post(&publisher, &path, &[("slug", slug)]).await.status, 303);
        for old in old {
            let moved = visitor.get(&format!("/news/{old}")).await;
            assert_eq!((moved.status, moved.location()), (301, &*format!("/news/{slug}")), "{old}");
        }
        assert_eq!(visitor.get(&format!("/news/{slug}")).await.status, 200, "{slug}");
    }
    assert_eq!(publisher.post(&format!("{path}/withdrawal"), &[]).await.status, 303);
    assert_eq!(visitor.get("/news/second").await.status, 404, "an old URL does not reveal a draft");
    let draft = create_post(&publisher, &with(&DRAFT, &[("slug", "unseen")]), "save").await;
    assert_eq!(edit_post(&publisher, &draft, &[("slug", "still-unseen")]).await.status, 303);
    assert_eq!(visitor.get("/news/unseen").await.status, 404, "the URL was never public");
}

#[actix_web::test]
async fn concurrent_post_edits_show_a_conflict() {
    let site = Site::start().await;
    let (one, two) = (site.staff(Role::Publisher).await, site.staff(Role::Admin).await);
    let path = create_post(&one, &DRAFT, "save").await;
    let held = editor_fields(&two, &path).await;
    let held: Vec<(&str, &str)> = held.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(edit_post(&one, &path, &[("body", "The first editor's words.")]).await.status, 303);
    for action in ["save", "publish"] {
        let page = two.post(&path, &with(&held, &[("body", "The second editor's words."), ("action", action)])).await;
        assert_eq!(page.status, 409, "{action}");
        assert_eq!(page.first("#conflict-title"), "Test publisher changed this post in the meantime");
        assert_eq!(page.first(".summary pre"), "The first editor's words.");
        assert_eq!(page.field_value("body"), "The second editor's words.");
        assert_eq!(page.field_value("version"), "2");
        assert_eq!(site.text("SELECT body || state FROM posts WHERE id = 2").await, "The first editor's words.draft");
    }
    let again = with(&held, &[("body", "The second editor's words."), ("version", "2"), ("action", "save")]);
    assert_eq!(two.post(&path, &again).await.status, 303);
    assert_eq!(site.text("SELECT body FROM posts WHERE id = 2").await, "The second editor's words.");
    assert_eq!(
        site.text("SELECT body FROM post_revisions WHERE post_id = 2 AND version = 2").await,
        "The first editor's words."
    );
    for version in ["", "abc", "0", "99"] {
        let page = two.post(&path, &with(&held, &[("version", version), ("action", "save")])).await;
        assert_eq!(page.status, 409, "{version}");
    }
}

#[actix_web::test]
async fn earlier_version_of_a_post_can_be_restored() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let path = create_post(&publisher, &with(&DRAFT, &[("body", "First words.")]), "publish").await;
    assert_eq!(edit_post(&publisher, &path, &[("title", "Other"), ("body", "Second words.")]).await.status, 303);
    let page = publisher.get(&path).await;
    let versions = page.attributes("section[aria-labelledby=post-actions] li a", "href");
    assert_eq!(versions, [format!("{path}/revisions/2"), format!("{path}/revisions/1")]);
    let old = publisher.get(&versions[1]).await;
    assert_eq!((old.status, old.first("h1")), (200, format!("Version 1 of “{}”", DRAFT[0].1)));
    assert_eq!(old.first(".preview article p:last-child"), "First words.");
    assert_eq!(site.visitor().get("/news/secret-plans-for-the-spring").await.first("h1"), "Other", "nothing saved yet");
    let restore = old.attributes("main form", "action");
    assert_eq!(restore, [format!("{path}/revisions/1/restoration")]);
    let page = publisher.post_and_follow(&restore[0], &[("version", &old.field_value("version"))]).await;
    assert!(page.first(".flash").starts_with("Version 1 restored."), "{}", page.first(".flash"));
    let shown = site.visitor().get("/news/secret-plans-for-the-spring").await;
    assert!(shown.text.contains("<p>First words.</p>"));
    assert_eq!(site.count("SELECT count(*) FROM post_revisions WHERE post_id = 2").await, 3);
    for none in [format!("{path}/revisions/99"), "/admin/posts/99/revisions/1".into(), format!("{path}/revisions/x")] {
        assert_eq!(publisher.get(&none).await.status, 404, "{none}");
    }
}

#[actix_web::test]
async fn post_content_cannot_run_scripts() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let body = "<script>alert(1)</script>\n\n<img src=x onerror=alert(1)>\n\n[x](javascript:alert(1))\n\n\
                <a href=\"data:text/html,x\" onclick=\"x()\">y</a>\n\n<p style=\"position:fixed\">z</p>\n\n\
                <iframe src=\"https://evil.example\"></iframe>\n\n<form action=\"https://evil.example\"><input name=a></form>\n\n\
                ![picture](https://evil.example/p.png)\n\n<svg onload=alert(1)></svg>\n\n</article></main><style>*{}</style>\n\nThe end.";
    let title = "<script>alert(1)</script> \"><img src=x>";
    let fields = [
        ("title", title),
        ("slug", "bad"),
        ("summary", title),
        ("author", title),
        ("topics", "<b>x</b>"),
        ("body", body),
        ("correction", body),
        ("action", "preview"),
    ];
    let preview = publisher.post("/admin/posts/new", &fields).await;
    preview.assert_no_active_content();
    assert_eq!(preview.first(".preview .post-title"), title);
    create_post(&publisher, &fields, "publish").await;
    for path in ["/news/bad", "/news", "/", FIRST_POST] {
        let page = site.visitor().get(path).await;
        page.assert_page_layout();
        assert_eq!(page.all("img"), Vec::<String>::new(), "{path}");
        assert!(!page.text.contains("javascript:") && !page.text.contains("data:text"), "{path}");
    }
    let page = site.visitor().get("/news/bad").await;
    assert_eq!((page.first("h1"), page.all("article form").len()), (title.into(), 0));
    assert_eq!(
        page.all("main article .prose > p").last().map(String::as_str),
        Some("The end."),
        "the article is not closed early"
    );
    let topic = page.attributes(".byline a", "href");
    assert_eq!(site.visitor().get(&topic[0]).await.first("h1"), "News about <b>x</b>");
}

#[actix_web::test]
async fn draft_needs_a_title_and_publishing_needs_more() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let page = publisher.post("/admin/posts/new", &[("body", "Words."), ("action", "save")]).await;
    assert_eq!(page.status, 422);
    assert_eq!(page.attributes("[role=alert] a", "href"), ["#title", "#author"]);
    assert_eq!(page.field_value("body"), "Words.");
    let page = publisher.post("/admin/posts/new", &[("title", "T"), ("author", "A"), ("action", "publish")]).await;
    assert_eq!(
        (page.status, page.attributes("[role=alert] a", "href")),
        (422, vec!["#summary".into(), "#body".into()])
    );
    let path = create_post(&publisher, &[("title", "T"), ("author", "A")], "save").await;
    let page = publisher.post(&format!("{path}/publication"), &[]).await;
    assert_eq!(
        (page.status, page.attributes("[role=alert] a", "href")),
        (422, vec!["#summary".into(), "#body".into()])
    );
    assert_eq!(site.visitor().get("/news/t").await.status, 404);
    for (name, most) in [("title", 200), ("summary", 400), ("author", 100), ("topics", 200), ("body", 150_000)] {
        let fields = with(&DRAFT, &[("action", "save")]);
        let long = "ک".repeat(most + 1);
        let page = publisher.post("/admin/posts/new", &with(&fields, &[(name, &long)])).await;
        assert_eq!(page.attributes("[role=alert] a", "href"), [format!("#{name}")], "{name}");
    }
    // A percent-encoded Urdu character takes six bytes. The longest post must still fit.
    let (body, correction) = ("ک".repeat(150_000), "ک".repeat(20_000));
    create_post(&publisher, &with(&DRAFT, &[("body", &body), ("correction", &correction)]), "save").await;
}

#[actix_web::test]
async fn writers_can_edit_drafts_but_not_publish() {
    let site = Site::start().await;
    let writer = site.staff(Role::Writer).await;
    let path = create_post(&writer, &DRAFT, "save").await;
    assert_eq!(edit_post(&writer, &path, &[("body", "Better words.")]).await.status, 303);
    let page = writer.get(&path).await;
    assert_eq!(page.all("button[value=publish]"), Vec::<String>::new());
    assert_eq!(page.attributes(".toolbar form", "action"), [format!("{path}/trash")]);
    let published = writer.get("/admin/posts/1").await;
    assert!(published.first(".notice").contains("Writers cannot change published posts"));
    assert_eq!(published.all(".actions button"), ["Preview"]);
    assert_eq!(published.attributes(".toolbar form", "action"), Vec::<String>::new());
    let before =
        site.text("SELECT group_concat(title || state || version || coalesce(trashed_at, '')) FROM posts").await;
    let held = with(&DRAFT, &[("action", "publish"), ("version", "1")]);
    for page in [
        writer.post("/admin/posts/new", &held).await,
        writer.post(&path, &held).await,
        edit_post(&writer, "/admin/posts/1", &[("title", DRAFT[0].1)]).await,
    ] {
        assert_eq!(page.status, 403, "{}", page.path);
        assert!(page.first(".summary").starts_with("Writers cannot publish"), "{}", page.first(".summary"));
        assert_eq!(page.attributes("#title", "value"), [DRAFT[0].1], "the input is kept");
    }
    let mut refusals = vec![];
    for path in [
        &format!("{path}/publication"),
        "/admin/posts/1/withdrawal",
        "/admin/posts/1/trash",
        "/admin/posts/1/publication",
    ] {
        refusals.push(writer.post(path, &[]).await);
    }
    for page in refusals {
        assert_eq!(page.status, 403, "{}", page.path);
        page.assert_page_layout();
        assert!(page.first(".lead").starts_with("Writers cannot publish"), "{}", page.first(".lead"));
    }
    let after =
        site.text("SELECT group_concat(title || state || version || coalesce(trashed_at, '')) FROM posts").await;
    assert_eq!(after, before);
    assert_eq!(writer.post(&format!("{path}/trash"), &[]).await.status, 303, "writers can trash drafts");
    assert_eq!(writer.post(&format!("{path}/restoration"), &[]).await.status, 303);
}

#[actix_web::test]
async fn news_page_shows_ten_posts_newest_first() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    for n in 1..=10 {
        site.clock.advance(jiff::SignedDuration::from_mins(1));
        create_post(&publisher, &with(&DRAFT, &[("title", &format!("Post {n}"))]), "publish").await;
    }
    let page = site.visitor().get("/news").await;
    let titles = page.all(".teaser h2");
    assert_eq!((titles.len(), &*titles[0], &*titles[9]), (10, "Post 10", "Post 1"));
    assert_eq!(page.attributes(".pager a[rel=next]", "href"), ["/news?page=2"]);
    let second = site.visitor().get("/news?page=2").await;
    assert_eq!(second.all(".teaser h2"), [FIRST_TITLE]);
    assert_eq!(second.attributes(".pager a[rel=prev]", "href"), ["/news"]);
    assert_ne!(second.first("title"), page.first("title"));
    assert_eq!(site.visitor().get("/news?page=3").await.status, 404);
    assert_eq!(site.visitor().get("/news?topic=plans&page=2").await.status, 404, "all ten are on the first page");
    assert_eq!(site.visitor().get("/").await.all(".teaser h3").len(), 3);
    assert_eq!(site.visitor().get("/news/feed.atom").await.all("entry").len(), 11);
}

#[actix_web::test]
async fn text_changed_meanwhile_is_not_published_without_review() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let path = create_post(&publisher, &DRAFT, "save").await;
    assert_eq!(edit_post(&publisher, &path, &[("body", "Words nobody has read.")]).await.status, 303);
    let page = publisher.post(&format!("{path}/publication"), &[("version", "1")]).await;
    assert_eq!(page.status, 409);
    assert!(page.first(".summary").contains("changed this post in the meantime"), "{}", page.first(".summary"));
    assert_eq!(site.count("SELECT count(*) FROM posts WHERE state = 'published'").await, 1);
    let shown = publisher.get(&path).await.attributes("form[action$=publication] input[name=version]", "value");
    assert_eq!(publisher.post(&format!("{path}/publication"), &[("version", &shown[0])]).await.status, 303);
}
