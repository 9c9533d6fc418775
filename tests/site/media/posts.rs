//! Pictures in posts and pages: markup, alternative text, cover pictures, uses.

use immigration_experts::staff::Role;

use crate::support::pictures::{add, fetch, jpeg};
use crate::support::{FIRST_POST, Page, Site, Visitor, assert_well_formed};

/// Creates a post with the given fields, beside the usual ones.
async fn create(member: &Visitor, action: &str, others: &[(&str, &str)]) -> Page {
    let usual = [("title", "Draws in pictures"), ("summary", "What changed."), ("author", "Ali"), ("action", action)];
    member.post("/admin/posts/new", &[&usual, others].concat()).await
}

fn address(markdown: &str) -> &str {
    markdown.split(['(', ')']).nth(1).unwrap()
}

#[actix_web::test]
async fn picture_in_a_post_is_responsive_and_lazy() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let (_, markdown) = add(&publisher, "a.jpg", &jpeg(1200, 800), "Invitations by month").await;
    let captioned = markdown.replace(".jpg)", ".jpg \"Source: our record\")");
    let body = format!("First some words.\n\n{captioned}\n\nInline {markdown} picture.");
    let page = create(&publisher, "publish", &[("body", &body)]).await;
    assert_eq!(page.status, 303, "{}", page.text);
    let page = site.visitor().get("/news/draws-in-pictures").await;
    page.assert_page_layout();
    assert_eq!(page.all("article figure figcaption"), ["Source: our record"]);
    for (name, value) in [
        ("alt", "Invitations by month"),
        ("width", "1200"),
        ("height", "800"),
        ("loading", "lazy"),
        ("src", address(&markdown)),
    ] {
        assert_eq!(page.attributes("article picture img", name), [value, value], "{name}");
    }
    assert_eq!(page.attributes("article picture source", "type"), ["image/webp", "image/webp"]);
    let sets = page.attributes("article figure [srcset]", "srcset");
    for (set, extension) in sets.iter().zip(["webp", "jpg"]) {
        let sizes: Vec<&str> = set.split(", ").collect();
        assert_eq!(sizes.len(), 3, "{set}");
        for (size, width) in sizes.iter().zip([480, 960, 1200]) {
            let (path, described) = size.split_once(' ').unwrap();
            assert_eq!(described, format!("{width}w"));
            assert!(path.ends_with(&format!("-{width}.{extension}")), "{path}");
            assert_eq!(fetch(&site.visitor(), path).await.0, 200, "{path}");
        }
    }
    assert!(page.attributes("article figure [sizes]", "sizes").iter().all(|sizes| sizes.contains("40rem")));
    let feed = site.visitor().get("/news/feed.atom").await.text;
    assert_well_formed(&feed);
    assert!(feed.contains("&lt;picture&gt;") || feed.contains("&#60;picture&#62;"), "{feed}");
}

#[actix_web::test]
async fn picture_at_the_start_of_a_post_loads_at_once() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let (_, markdown) = add(&publisher, "a.jpg", &jpeg(40, 20), "A chart").await;
    create(&publisher, "publish", &[("body", &format!("{markdown}\n\nWords.\n\n{markdown}"))]).await;
    let page = site.visitor().get("/news/draws-in-pictures").await;
    assert_eq!(page.all("article picture").len(), 2);
    assert_eq!(page.attributes("article picture img", "loading"), ["lazy"]);
}

#[actix_web::test]
async fn post_is_published_only_with_alternative_text_and_known_pictures() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let (_, markdown) = add(&publisher, "a.jpg", &jpeg(40, 20), "A chart").await;
    let undescribed = format!("Words.\n\n![]({})", address(&markdown));
    for (body, message) in [
        (undescribed.as_str(), "Line 3: Describe the picture between the square brackets"),
        ("![A chart](/media/0123456789abcdef-480.jpg)", "Line 1: This picture is not in Media"),
    ] {
        let page = create(&publisher, "publish", &[("body", body)]).await;
        assert_eq!(page.status, 422, "{body}");
        assert!(page.first("#body-error").contains(message), "{}", page.first("#body-error"));
        let page = create(&publisher, "save", &[("body", body)]).await;
        assert_eq!(page.status, 303, "a draft may be incomplete: {}", page.text);
        let page = publisher.post(&format!("{}/publication", page.location()), &[]).await;
        assert_eq!(page.status, 422, "nor can the draft be published");
    }
    // Other pictures are not shown, and the editor says so.
    let page = create(&publisher, "preview", &[("body", "![x](https://example.com/a.png)")]).await;
    assert!(page.first(".issues").contains("Only pictures from Media are shown"), "{}", page.text);
    assert_eq!(page.all(".preview img").len(), 0);
    let page = create(&publisher, "preview", &[("body", &markdown)]).await;
    assert_eq!(page.all(".issues").len(), 0);
    assert_eq!(page.attributes(".preview img", "alt"), ["A chart"]);
}

#[actix_web::test]
async fn cover_picture_is_shown_in_the_post_the_list_and_the_feed() {
    let site = Site::start_with(&["--base-url", "http://www.example.com"]).await;
    let publisher = site.staff(Role::Publisher).await;
    let (_, markdown) = add(&publisher, "a.jpg", &jpeg(1200, 630), "A full \"hall\"").await;
    let cover = address(&markdown);
    let page = create(&publisher, "publish", &[("body", "Words."), ("cover", &markdown)]).await;
    assert_eq!(page.status, 303, "{}", page.text);
    let editor = publisher.get(page.location()).await;
    assert_eq!(
        (editor.field_value("cover").as_str(), editor.field_value("cover_alt").as_str()),
        (cover, "A full “hall”")
    );
    assert_eq!(editor.attributes("datalist option", "value"), [cover]);

    let visitor = site.visitor();
    let post = visitor.get("/news/draws-in-pictures").await;
    post.assert_page_layout();
    assert_eq!(post.attributes("article .cover img", "alt"), ["A full “hall”"]);
    assert_eq!(post.attributes("article .cover img", "loading"), Vec::<String>::new());
    let meta = |name: &str| post.attributes(&format!("meta[property='og:image{name}']"), "content").join(" ");
    assert_eq!(meta(""), format!("http://www.example.com{cover}"));
    assert_eq!((meta(":width"), meta(":height"), meta(":alt")), ("1200".into(), "630".into(), "A full “hall”".into()));
    for path in ["/news", "/"] {
        let list = visitor.get(path).await;
        assert_eq!(list.attributes(".teaser img", "alt"), ["A full “hall”"], "{path}");
        assert_eq!(list.attributes(".teaser img", "loading"), ["lazy"], "{path}");
    }
    let feed = visitor.get("/news/feed.atom").await.text;
    assert_well_formed(&feed);
    assert!(feed.contains(&format!("href=\"http://www.example.com{cover}\"")) && feed.contains("rel=\"enclosure\""));
    let card = visitor.get(FIRST_POST).await.attributes("meta[property='og:image']", "content").concat();
    assert!(card.starts_with("http://www.example.com/cards/post-1-"), "{card}");
}

#[actix_web::test]
async fn cover_picture_needs_alternative_text_and_a_known_picture() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let (_, markdown) = add(&publisher, "a.jpg", &jpeg(40, 20), "A chart").await;
    let cover = address(&markdown);
    let url = format!("https://www.example.com{cover}");
    for (cover, alt, field) in [
        (cover, "", Some("cover_alt")),
        ("/media/0123456789abcdef-480.jpg", "x", Some("cover")),
        ("https://example.com/a.png", "x", Some("cover")),
        ("nonsense", "x", Some("cover")),
        (&url, "x", None),
    ] {
        let fields = [("body", "Words."), ("cover", cover), ("cover_alt", alt)];
        let page = create(&publisher, "publish", &fields).await;
        assert_eq!(page.status, if field.is_some() { 422 } else { 303 }, "{cover} {alt}: {}", page.text);
        if let Some(field) = field {
            assert!(!page.first(&format!("#{field}-error")).is_empty());
            assert_eq!((page.field_value("cover").as_str(), page.field_value("cover_alt").as_str()), (cover, alt));
        }
    }
}

/// Path of a draft whose first version has a cover picture and whose second has none, and the Markdown of the picture.
async fn post_that_had_a_cover(publisher: &Visitor) -> (String, String) {
    let (_, markdown) = add(publisher, "a.jpg", &jpeg(40, 20), "A chart").await;
    let page = create(publisher, "save", &[("body", "Words."), ("cover", &markdown)]).await;
    let path = page.location().to_owned();
    let fields = [("title", "Draws"), ("author", "Ali"), ("body", "Words."), ("version", "1"), ("action", "save")];
    assert_eq!(publisher.post(&path, &fields).await.status, 303);
    (path, markdown)
}

/// Restores the first version of a post that has two, and returns the editor.
async fn restore_first_version(publisher: &Visitor, path: &str) -> Page {
    let restoration = format!("{path}/revisions/1/restoration");
    assert_eq!(publisher.post(&restoration, &[("version", "2")]).await.status, 303);
    publisher.get(path).await
}

#[actix_web::test]
async fn earlier_version_keeps_its_cover_picture() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let (path, markdown) = post_that_had_a_cover(&publisher).await;
    assert_eq!(publisher.get(&path).await.field_value("cover"), "");
    let old = publisher.get(&format!("{path}/revisions/1")).await;
    assert!(old.text.contains(r#"alt="A chart""#), "{}", old.text);
    let restored = restore_first_version(&publisher, &path).await;
    assert_eq!(restored.field_value("cover"), address(&markdown));
    assert_eq!(restored.field_value("cover_alt"), "A chart");
}

#[actix_web::test]
async fn version_whose_cover_picture_was_deleted_can_be_restored() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let (path, _) = post_that_had_a_cover(&publisher).await;
    site.execute("DELETE FROM media").await;
    let restored = restore_first_version(&publisher, &path).await;
    assert!(restored.text.contains("without its cover picture, which was deleted"), "{}", restored.text);
    assert_eq!(restored.field_value("cover"), "");
}

#[actix_web::test]
async fn used_picture_shows_where_and_cannot_be_deleted() {
    let site = Site::start().await;
    let admin = site.staff(Role::Admin).await;
    let (path, markdown) = add(&admin, "a.jpg", &jpeg(40, 20), "A chart").await;
    let uses = async || admin.get(&path).await.all("section[aria-labelledby=uses] li");
    assert_eq!(uses().await, Vec::<String>::new());

    let post = create(&admin, "save", &[("body", &markdown)]).await.location().to_owned();
    assert_eq!(uses().await, ["Draws in pictures draft"]);
    let page = admin.get(&path).await;
    assert_eq!(page.attributes("section[aria-labelledby=uses] a", "href"), [post.as_str()]);
    assert_eq!(page.all(&format!("form[action='{path}/trash']")).len(), 0, "no button");
    let refused = admin.post(&format!("{path}/trash"), &[]).await;
    assert_eq!(refused.status, 409);
    assert!(refused.first(".summary").contains("This picture is in use"), "{}", refused.text);

    // Posts in the trash count, because they can be restored.
    admin.post_and_follow(&format!("{post}/trash"), &[]).await;
    assert_eq!(uses().await, ["Draws in pictures post in trash"]);
    admin.post_and_follow(&format!("{post}/restoration"), &[]).await;
    let fields = [("title", "Draws in pictures"), ("author", "Ali"), ("version", "1"), ("action", "save")];
    assert_eq!(admin.post(&post, &[fields.as_slice(), &[("cover", markdown.as_str())]].concat()).await.status, 303);
    assert_eq!(uses().await, ["Draws in pictures draft"], "as cover picture");
    let fields = [("title", "Draws in pictures"), ("author", "Ali"), ("version", "2"), ("action", "save")];
    assert_eq!(admin.post(&post, &fields).await.status, 303);
    assert_eq!(uses().await, Vec::<String>::new());
    assert_eq!(admin.post(&format!("{path}/trash"), &[]).await.status, 303);
}

#[actix_web::test]
async fn pages_show_pictures_with_alternative_text() {
    let site = Site::start().await;
    let admin = site.staff(Role::Admin).await;
    let (path, markdown) = add(&admin, "a.jpg", &jpeg(40, 20), "Our office").await;
    let version = admin.get("/admin/pages/1").await.field_value("version");
    let save = async |body: &str| {
        let fields = [("title", "About us"), ("summary", "Who we are"), ("body", body), ("version", version.as_str())];
        admin.post("/admin/pages/1", &fields).await
    };
    let page = save(&format!("![]({})", address(&markdown))).await;
    assert_eq!(page.status, 422);
    assert!(page.first("#body-error").contains("Describe the picture"), "{}", page.text);
    assert_eq!(save(&format!("Words.\n\n{markdown}")).await.status, 303);
    let page = site.visitor().get("/about").await;
    page.assert_page_layout();
    assert_eq!(page.attributes("main picture img", "alt"), ["Our office"]);
    let uses = admin.get(&path).await.all("section[aria-labelledby=uses] li");
    assert_eq!(uses, ["About us page"]);
}
