//! Changes to a published post: saved without publishing, compared, and published with or without a correction line.

use immigration_experts::staff::Role;

use crate::reviews::{create, with};
use crate::support::pictures::{add, jpeg};
use crate::support::{Page, Site, Visitor};

const PUBLIC: &str = "/news/spring-plans";

/// Publishes a post and returns the path of its editor.
async fn published(member: &Visitor) -> String {
    create(member, &[("action", "publish")]).await
}

/// Saves changes in the editor as it is open now.
async fn stage(member: &Visitor, path: &str, others: &[(&str, &str)]) -> Page {
    let editor = member.get(path).await;
    let (version, staged) = (editor.field_value("version"), editor.field_value("staged"));
    let open = [("action", "stage"), ("slug", "spring-plans"), ("version", &*version), ("staged", &*staged)];
    let kept: Vec<_> = open.into_iter().filter(|(name, _)| !others.iter().any(|(other, _)| other == name)).collect();
    member.post(path, &with(&[&kept[..], others].concat())).await
}

#[actix_web::test]
async fn changes_stay_hidden_until_they_are_published_after_a_comparison() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let path = published(&publisher).await;
    assert_eq!(publisher.get(&path).await.all(".actions button"), ["Save changes", "Preview"]);
    let before = site.visitor().get(PUBLIC).await.text;
    let saved = stage(&publisher, &path, &[("body", "The sky is grey.")]).await;
    assert_eq!((saved.status, saved.location()), (303, &*format!("{path}/changes")));
    assert_eq!(site.visitor().get(PUBLIC).await.text, before);
    let page = publisher.get(&format!("{path}/changes")).await;
    assert_eq!(page.first(".flash"), "Changes saved. Readers do not see them until you publish them.");
    assert_eq!((page.all(".diff del"), page.all(".diff ins")), (vec!["blue".into()], vec!["grey".into()]));
    assert_eq!(publisher.get(&format!("{path}/changes?view=side-by-side")).await.all("table.diff").len(), 1);
    let editor = publisher.get(&path).await;
    assert_eq!(editor.field_value("body"), "The sky is grey.", "the editor continues with the changes");
    assert!(editor.first(".notice").starts_with("This post has changes that readers do not see yet"));
    let again = stage(&publisher, &path, &[("title", "Winter plans"), ("body", "The sky is dark.")]).await;
    assert_eq!(again.status, 303, "{}", again.text);
    let number = publisher.get(&format!("{path}/changes")).await.field_value("staged");
    let page = publisher.post_and_follow(&format!("{path}/changes/publication"), &[("staged", &number)]).await;
    assert_eq!(page.first(".flash"), "Published. The changes are now on the site.");
    let shown = site.visitor().get(PUBLIC).await;
    assert_eq!((shown.first("h1"), shown.text.contains("The sky is dark.")), ("Winter plans".into(), true));
    assert!(shown.all(".correction").is_empty());
    assert_eq!(site.count("SELECT count(*) FROM post_revisions WHERE post_id = 2").await, 2);
    assert_eq!(publisher.get(&format!("{path}/changes")).await.location(), path, "nothing is left to publish");
}

#[actix_web::test]
async fn correction_line_is_shown_on_the_post_and_in_the_feed() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let path = published(&publisher).await;
    site.advance_hours(5);
    assert_eq!(stage(&publisher, &path, &[("body", "The sky is grey.")]).await.status, 303);
    let publication = format!("{path}/changes/publication");
    let refused = publisher.post(&publication, &[("staged", "1"), ("action", "correct")]).await;
    assert_eq!(refused.status, 422);
    assert_eq!(refused.first("#correction_line-error"), "Error: Enter a line that says what was corrected.");
    let long = "x".repeat(301);
    let fields = [("staged", "1"), ("action", "correct"), ("correction_line", &*long)];
    let refused = publisher.post(&publication, &fields).await;
    assert_eq!((refused.status, refused.field_value("correction_line")), (422, long.clone()));
    let line = "An earlier version said that the sky is <blue>.";
    let fields = [("staged", "1"), ("action", "correct"), ("correction_line", line)];
    assert_eq!(publisher.post(&publication, &fields).await.location(), path);
    let page = site.visitor().get(PUBLIC).await;
    page.assert_page_layout();
    assert_eq!(page.first(".correction h2"), "Correction");
    assert_eq!(page.first(".correction p"), format!("November 22, 2026: {line}"));
    assert_eq!(page.attributes(".correction time", "datetime"), ["2026-11-22"]);
    let feed = site.visitor().get("/news/feed.atom").await;
    let entry = feed.all("entry > content").into_iter().find(|content| content.contains("grey")).unwrap();
    assert!(entry.starts_with("<h2>Correction</h2>") && entry.contains("An earlier version said"), "{entry}");
    assert_eq!(
        site.text("SELECT action || ': ' || subject FROM audit_log ORDER BY id DESC LIMIT 1").await,
        "published a correction: Spring plans"
    );
    let changes = site.text("SELECT changes FROM audit_log ORDER BY id DESC LIMIT 1").await;
    assert!(changes.contains(&format!("[\"correction\",\"\",\"{line}\"]")), "{changes}");
}

#[actix_web::test]
async fn changes_follow_the_rules_of_publication_when_they_are_published() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let path = published(&publisher).await;
    let wrong = [("body", "In draw 252, the cut-off was 480 points."), ("summary", "")];
    assert_eq!(stage(&publisher, &path, &wrong).await.status, 303, "half-finished changes can be saved");
    let publication = format!("{path}/changes/publication");
    let refused = publisher.post(&publication, &[("staged", "1")]).await;
    assert_eq!(refused.status, 422);
    assert!(refused.first(".summary").contains("Enter a summary"), "{}", refused.first(".summary"));
    assert_eq!(stage(&publisher, &path, &wrong[..1]).await.status, 303);
    let refused = publisher.post(&publication, &[("staged", "2")]).await;
    assert!(refused.first(".summary").contains("1 possible error"), "{}", refused.first(".summary"));
    assert!(site.visitor().get(PUBLIC).await.text.contains("The sky is blue."));
    let fields = [("staged", "2"), ("reason", "A quotation.")];
    assert_eq!(publisher.post(&publication, &fields).await.status, 303);
    assert_eq!(site.text("SELECT reason FROM accepted_findings").await, "A quotation.");
    let untitled = stage(&publisher, &path, &[("title", "")]).await;
    assert_eq!((untitled.status, untitled.attributes("[role=alert] a", "href")), (422, vec!["#title".into()]));
}

#[actix_web::test]
async fn other_changes_are_not_overwritten_or_published_unseen() {
    let site = Site::start().await;
    let (one, two) = (site.staff(Role::Publisher).await, site.staff(Role::Admin).await);
    let path = published(&one).await;
    assert_eq!(stage(&one, &path, &[("body", "From one.")]).await.status, 303);
    let late = stage(&two, &path, &[("body", "From two."), ("staged", "")]).await;
    assert_eq!((late.status, late.field_value("body")), (409, "From two.".into()));
    assert!(late.first("#body-error").contains("Test publisher saved other changes"), "{}", late.first("#body-error"));
    assert_eq!(late.field_value("staged"), "1");
    assert_eq!(stage(&two, &path, &[("body", "From two.")]).await.status, 303);
    let unseen = one.post(&format!("{path}/changes/publication"), &[("staged", "1")]).await;
    assert_eq!(unseen.status, 409);
    assert!(unseen.first(".diff").contains("From two."), "the new differences are shown");
    let direct = with(&[("version", "1"), ("slug", "spring-plans"), ("body", "Published meanwhile.")]);
    assert_eq!(one.post(&path, &direct).await.status, 303);
    assert_eq!(two.post(&format!("{path}/changes/publication"), &[("staged", "2")]).await.status, 409);
    assert!(site.visitor().get(PUBLIC).await.text.contains("Published meanwhile."));
    let outdated = stage(&two, &path, &[("body", "From two.")]).await;
    assert_eq!((outdated.status, outdated.first(".summary pre")), (409, "Published meanwhile.".into()));
    let version = outdated.field_value("version");
    assert_eq!(stage(&two, &path, &[("body", "From two."), ("version", &version)]).await.status, 303);
    assert_eq!(two.post(&format!("{path}/changes/publication"), &[("staged", "3")]).await.status, 303);
    assert!(site.visitor().get(PUBLIC).await.text.contains("From two."));
}

#[actix_web::test]
async fn changes_can_be_discarded_and_writers_cannot_make_them() {
    let site = Site::start().await;
    let (publisher, writer) = (site.staff(Role::Publisher).await, site.staff(Role::Writer).await);
    let path = published(&publisher).await;
    assert_eq!(stage(&publisher, &path, &[("body", "From one.")]).await.status, 303);
    assert_eq!(stage(&writer, &path, &[("body", "From a writer.")]).await.status, 403);
    let page = publisher.post_and_follow(&format!("{path}/changes/removal"), &[("staged", "1")]).await;
    assert!(page.first(".flash").starts_with("Changes discarded. The post itself is unchanged."));
    assert_eq!(page.field_value("body"), "The sky is blue.");
    let same = stage(&publisher, &path, &[]).await;
    assert_eq!((same.location(), site.count("SELECT count(*) FROM post_staged_changes").await), (&*path, 0));
}

#[actix_web::test]
async fn line_that_was_entered_is_published_whichever_button_is_pressed() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let path = published(&publisher).await;
    assert_eq!(stage(&publisher, &path, &[("body", "The sky is grey.")]).await.status, 303);
    let fields = [("staged", "1"), ("action", "publish"), ("correction_line", "It is grey.")];
    assert_eq!(publisher.post(&format!("{path}/changes/publication"), &fields).await.status, 303);
    assert_eq!(site.visitor().get(PUBLIC).await.first(".correction p"), "November 22, 2026: It is grey.");
}

#[actix_web::test]
async fn changes_of_a_post_that_is_not_public_are_kept_but_not_shown_as_its_text() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let path = published(&publisher).await;
    assert_eq!(stage(&publisher, &path, &[("body", "The sky is grey.")]).await.status, 303);
    for action in ["withdrawal", "trash"] {
        assert_eq!(publisher.post(&format!("{path}/{action}"), &[]).await.status, 303);
        let editor = publisher.get(&path).await;
        let shown = (editor.field_value("body"), editor.field_value("staged"));
        assert_eq!(shown, ("The sky is blue.".into(), String::new()), "{action}");
        let notice = editor.first(".notice");
        assert!(
            notice.starts_with("The text below does not contain the changes that Test publisher saved"),
            "{notice}"
        );
        let refused = publisher.post(&format!("{path}/changes/publication"), &[("staged", "1")]).await;
        assert_eq!(refused.status, 409, "{action}");
        assert!(refused.first(".summary").contains("This post is not published any more"), "{action}");
        assert_eq!(refused.attributes("main form", "action"), [format!("{path}/changes/removal")], "{action}");
        assert_eq!(publisher.post(&format!("{path}/publication"), &[]).await.status, 303);
        assert_eq!(publisher.get(&path).await.field_value("body"), "The sky is grey.", "{action}");
    }
    assert_eq!(publisher.post(&format!("{path}/withdrawal"), &[]).await.status, 303);
    let page = publisher.post_and_follow(&format!("{path}/changes/removal"), &[("staged", "1")]).await;
    let kept = publisher.get(&page.attributes(".notice a.button", "href").remove(0)).await;
    assert_eq!(kept.field_value("body"), "The sky is grey.");
}

#[actix_web::test]
async fn saved_text_replaces_the_changes_that_it_is_based_on() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let path = published(&publisher).await;
    assert_eq!(stage(&publisher, &path, &[("body", "The sky is grey.")]).await.status, 303);
    assert_eq!(publisher.post(&format!("{path}/withdrawal"), &[]).await.status, 303);
    let save = async |version: &str, staged: &str, body: &str| {
        let fields = [("slug", "spring-plans"), ("version", version), ("staged", staged), ("body", body)];
        let page = publisher.post(&path, &with(&[&fields[..], &[("action", "stage")]].concat())).await;
        assert_eq!(page.status, 303, "{}", page.text);
        site.count("SELECT count(*) FROM post_staged_changes").await
    };
    assert_eq!(save("1", "", "Not based on them.").await, 1);
    assert_eq!(save("2", "1", "The sky is grey, and was blue.").await, 0);
    assert_eq!(publisher.post(&format!("{path}/publication"), &[]).await.status, 303);
    let editor = publisher.get(&path).await;
    let shown = (editor.field_value("body"), editor.field_value("staged"));
    assert_eq!(shown, ("The sky is grey, and was blue.".into(), String::new()));
}

#[actix_web::test]
async fn only_the_changes_that_were_shown_are_discarded_and_their_text_is_offered_again() {
    let site = Site::start().await;
    let (one, two) = (site.staff(Role::Publisher).await, site.staff(Role::Admin).await);
    let path = published(&one).await;
    assert_eq!(stage(&one, &path, &[("body", "From one.")]).await.status, 303);
    let shown = one.get(&format!("{path}/changes")).await.attributes("form[action$=removal] input", "value");
    assert_eq!(shown, ["1"]);
    assert_eq!(stage(&two, &path, &[("body", "From two.")]).await.status, 303);
    let removal = format!("{path}/changes/removal");
    for outdated in ["1", ""] {
        let page = one.post(&removal, &[("staged", outdated)]).await;
        assert_eq!((page.status, page.first("#summary-title")), (409, "Not discarded".into()), "{outdated}");
        assert!(page.first(".diff").contains("From two."), "the new differences are shown");
    }
    let page = one.post_and_follow(&removal, &[("staged", "2")]).await;
    assert!(page.first(".flash").contains("this page offers the discarded text to you as unsaved text"));
    assert_eq!(page.field_value("body"), "The sky is blue.");
    let offered = page.attributes(".notice a.button", "href");
    assert_eq!(offered.len(), 1);
    let kept = one.get(&offered[0]).await;
    assert_eq!((kept.field_value("body"), kept.field_value("staged")), ("From two.".into(), String::new()));
    assert!(two.get(&path).await.all(".notice a.button").is_empty(), "only to the member who discarded it");
    let again = stage(&one, &path, &[("body", "From two."), ("autosave", &kept.field_value("autosave"))]).await;
    assert_eq!(again.location(), format!("{path}/changes"));
    assert_eq!(site.count("SELECT count(*) FROM post_autosaves").await, 0);
}

#[actix_web::test]
async fn pictures_of_changes_are_in_use_until_they_are_discarded() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let path = published(&publisher).await;
    let (_, markdown) = add(&publisher, "a.jpg", &jpeg(40, 20), "A chart").await;
    let unused = async || publisher.get("/admin/media?show=unused").await.all(".pictures a").len();
    assert_eq!(unused().await, 1);
    assert_eq!(stage(&publisher, &path, &[("body", &markdown)]).await.status, 303);
    assert_eq!(unused().await, 0);
    let direct = with(&[("version", "1"), ("slug", "spring-plans"), ("body", "Saved meanwhile.")]);
    assert_eq!(publisher.post(&path, &direct).await.status, 303);
    assert_eq!(unused().await, 0, "the changes are still there");
    assert_eq!(publisher.post(&format!("{path}/changes/removal"), &[("staged", "1")]).await.status, 303);
    assert_eq!(unused().await, 1);
    for (body, left) in [(&*markdown, 0), ("No picture.", 1)] {
        assert_eq!(stage(&publisher, &path, &[("body", body)]).await.status, 303);
        assert_eq!(unused().await, 0, "on the site or in the changes");
        assert_eq!(publisher.post(&format!("{path}/changes/publication"), &[("staged", "1")]).await.status, 303);
        assert_eq!(unused().await, left, "{body}");
    }
}

#[actix_web::test]
async fn unsaved_text_knows_the_changes_that_it_is_based_on() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let path = published(&publisher).await;
    assert_eq!(stage(&publisher, &path, &[("body", "The sky is grey.")]).await.status, 303);
    let text = [("slug", "spring-plans"), ("version", "1"), ("staged", "1"), ("body", "The sky is dark.")];
    assert_eq!(publisher.post(&format!("{path}/autosave"), &with(&text)).await.status, 200);
    let offered = publisher.get(&path).await.attributes(".notice a.button", "href").remove(0);
    let editor = publisher.get(&offered).await;
    let (staged, autosave) = (editor.field_value("staged"), editor.field_value("autosave"));
    assert_eq!((editor.field_value("body"), &*staged), ("The sky is dark.".into(), "1"));
    let fields =
        [&text[..2], &[("staged", &*staged), ("autosave", &*autosave), ("body", "The sky is black.")]].concat();
    let saved = publisher.post(&path, &with(&[&fields[..], &[("action", "stage")]].concat())).await;
    assert_eq!(saved.location(), format!("{path}/changes"), "{}", saved.text);
    // The merged text replaces the changes, too.
    let direct = with(&[("version", "1"), ("slug", "spring-plans"), ("title", "Winter plans")]);
    assert_eq!(publisher.post(&path, &direct).await.status, 303);
    let conflict = stage(&publisher, &path, &[("body", "The sky is red.")]).await;
    assert_eq!((conflict.status, conflict.all("#merge textarea[name=staged]")), (409, vec!["2".into()]));
}
