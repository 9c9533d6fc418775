//! Two people in the same editor: who else has it open, and merging what both saved.

use immigration_experts::staff::Role;

use crate::support::{Page, Site, Visitor};

const POST: [(&str, &str); 5] =
    [("title", "T"), ("author", "A"), ("summary", "S"), ("body", "One.\n\nTwo.\n\nThree."), ("action", "save")];
const PAGE: [(&str, &str); 4] =
    [("title", "T"), ("summary", "S"), ("body", "One.\n\nTwo.\n\nThree."), ("action", "save")];

fn with<'a>(fields: &[(&'a str, &'a str)], others: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let kept = fields.iter().filter(|(name, _)| !others.iter().any(|(other, _)| other == name));
    kept.chain(others).copied().collect()
}

/// Sends the form of the proposal, as the button does.
async fn use_merged_text(member: &Visitor, path: &str, page: &Page) -> Page {
    let (_, form) = page.text.split_once("<form id=\"merge\"").expect("a proposal");
    let fields = form.split("<textarea name=\"").skip(1).map(|rest| {
        let (name, rest) = rest.split_once('"').unwrap();
        let (_, value) = rest.split_once(">\n").unwrap();
        (name, value.split_once("</textarea>").unwrap().0)
    });
    let version = page.attributes("#merge input[name=version]", "value").remove(0);
    let fields = fields.chain([("version", version.as_str()), ("action", "preview")]);
    member.post(path, &fields.collect::<Vec<_>>()).await
}

#[actix_web::test]
async fn changes_in_different_places_are_merged() {
    let site = Site::start().await;
    let (one, two) = (site.staff(Role::Publisher).await, site.staff(Role::Writer).await);
    for (new, fields) in [("/admin/posts/new", &POST[..]), ("/admin/pages/new", &PAGE[..])] {
        let path = one.post(new, fields).await.location().to_owned();
        let theirs = [("version", "1"), ("title", "Their title"), ("body", "One, changed.\n\nTwo.\n\nThree.")];
        assert_eq!(one.post(&path, &with(fields, &theirs)).await.status, 303);
        let mine = [("version", "1"), ("summary", "My summary"), ("body", "One.\n\nTwo.\n\nThree.\n\nFour.")];
        let page = two.post(&path, &with(fields, &mine)).await;
        assert_eq!(
            (page.status, page.first("#conflict-title")),
            (409, format!("Test publisher changed this {} in the meantime", &new[7..11]))
        );
        assert_eq!(
            (page.field_value("title"), page.first("#editor textarea[name=body]")),
            ("T".into(), "One. Two. Three. Four.".into()),
            "the own text is kept"
        );
        // Both versions side by side.
        let cells = page.all(".summary table.diff td");
        assert!(cells.contains(&"One, changed.".to_owned()) && cells.contains(&"Four.".to_owned()), "{cells:?}");
        assert!(page.first(".summary").contains("The merged text contains both."), "{}", page.first(".summary"));
        let merged = use_merged_text(&two, &path, &page).await;
        assert_eq!(
            (merged.status, merged.field_value("title"), merged.field_value("summary")),
            (200, "Their title".into(), "My summary".into())
        );
        assert_eq!(merged.first("#editor textarea[name=body]"), "One, changed. Two. Three. Four.");
        assert_eq!(merged.field_value("version"), "2", "one click saves it");
        let saved =
            [("version", "2"), ("title", "Their title"), ("summary", "My summary"), ("body", "One, changed.\n\nTwo.")];
        assert_eq!(two.post(&path, &with(fields, &saved)).await.status, 303);
    }
}

#[actix_web::test]
async fn changes_of_the_same_place_are_both_offered_and_cannot_be_published_undecided() {
    let site = Site::start().await;
    let (one, two) = (site.staff(Role::Admin).await, site.staff(Role::Publisher).await);
    for (new, fields) in [("/admin/posts/new", &POST[..]), ("/admin/pages/new", &PAGE[..])] {
        let path = one.post(new, fields).await.location().to_owned();
        let theirs = [("version", "1"), ("title", "Their title"), ("body", "One.\n\nTheirs.\n\nThree.")];
        assert_eq!(one.post(&path, &with(fields, &theirs)).await.status, 303);
        let mine = [("version", "1"), ("title", "My title"), ("body", "One.\n\nMine.\n\nThree.")];
        let page = two.post(&path, &with(fields, &mine)).await;
        let notice = page.first(".summary");
        assert!(
            notice.contains("Both of you changed the same place:")
                && notice.contains("Title")
                && notice.contains("Text"),
            "{notice}"
        );
        let merged = use_merged_text(&two, &path, &page).await;
        let body = merged.first("#editor textarea[name=body]");
        assert!(
            body.contains("The first is yours}} Mine.") && body.contains("This is the other one}} Theirs."),
            "{body}"
        );
        assert_eq!(merged.field_value("title"), "My title");
        let publish = [("version", "2"), ("title", "My title"), ("body", &*body), ("action", "publish")];
        let refused = two.post(&path, &with(fields, &publish)).await;
        assert!(refused.first("#body-error").contains("{{write: keep one of two texts"), "{}", refused.text);
        // Saving again still replaces the other version, which stays in the history.
        assert_eq!(two.post(&path, &with(fields, &[("version", "2"), ("body", "Mine.")])).await.status, 303);
    }
}

#[actix_web::test]
async fn the_editor_names_others_who_have_it_open() {
    let site = Site::start().await;
    let (admin, writer) = (site.staff(Role::Admin).await, site.staff(Role::Writer).await);
    let others = |page: &Page| page.first("#open-editor");
    for (path, address) in [("/admin/posts/1", "/admin/editors/posts/1"), ("/admin/pages/1", "/admin/editors/pages/1")]
    {
        let page = admin.get(path).await;
        assert_eq!((others(&page), page.attributes("#open-editor", "hidden").len()), (String::new(), 1), "{path}");
        let page = writer.get(path).await;
        assert!(others(&page).starts_with("Test admin also has this editor open."), "{path}");
        assert_eq!(page.attributes("#open-editor", "data-address"), [address]);
        // The script of the open editor asks again.
        let report = admin.post(address, &[]).await;
        assert!(
            report.status == 200 && report.text.contains("Test writer also has this editor open."),
            "{}",
            report.text
        );
        // Leaving the page, or ten minutes without a report, ends it.
        assert_eq!(writer.post(&format!("{address}/closing"), &[]).await.status, 204);
        assert_eq!(admin.post(address, &[]).await.text, "{\"others\":\"\"}");
        writer.get(path).await;
        site.clock.advance(jiff::SignedDuration::from_mins(10));
        assert_eq!(others(&admin.get(path).await), "");
    }
    assert_eq!(admin.post("/admin/editors/letters/1", &[]).await.status, 404);
    assert_eq!(admin.get("/admin/posts/new").await.all("#open-editor").len(), 0);
    site.advance_hours(25);
    site.running.jobs.run("unsaved text").await.unwrap();
    assert_eq!(site.count("SELECT count(*) FROM open_editors").await, 0);
}
