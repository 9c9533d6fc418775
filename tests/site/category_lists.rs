//! Admin pages for category lists and synonyms.

use immigration_experts::staff::Role;

use crate::support::{Page, Site, Visitor};

type Fields<'a> = Vec<(&'a str, &'a str)>;

/// Form of a trades list from March 1, 2027, with some fields changed.
fn list_form<'a>(others: &[(&'a str, &'a str)]) -> Fields<'a> {
    let usual = [
        ("category", "trades"),
        ("version", "2027-Version 4"),
        ("name_en", "Trade occupations"),
        ("name_fr", "Métiers spécialisés"),
        ("effective_from", "2027-03-01"),
        ("months", "12"),
        ("experience_where", "canada_or_abroad"),
        ("continuous", "no"),
        ("notes", ""),
        ("source", "the page of categories of February 20, 2027"),
        ("text", "72200 Electricians\n72300 Plumbers\n73100 Concrete finishers\n22301"),
    ];
    let kept = usual.into_iter().filter(|(name, _)| !others.iter().any(|(other, _)| other == name));
    kept.chain(others.iter().copied()).collect()
}

const NEW_LIST: &str = "/admin/occupations/lists/new";

async fn preview(member: &Visitor, path: &str, fields: &[(&str, &str)]) -> Page {
    let page = member.post(path, fields).await;
    assert_eq!(page.status, 200, "{}", page.all(".summary li").join("; "));
    assert!(page.first("h1").starts_with("Preview "), "{}", page.first("h1"));
    page
}

/// Submits the preview with a button, like a browser.
async fn press_button(member: &Visitor, page: &Page, button: &str) -> Page {
    let names = page.attributes("main form input[type=hidden]", "name");
    let values = page.attributes("main form input[type=hidden]", "value");
    let mut fields: Vec<(&str, &str)> =
        names.iter().map(String::as_str).zip(values.iter().map(String::as_str)).collect();
    fields.push(("action", button));
    let action = page.attributes("main form", "action").remove(0);
    member.post(&action, &fields).await
}

async fn add(member: &Visitor, fields: &[(&str, &str)]) -> Page {
    let shown = preview(member, NEW_LIST, fields).await;
    let done = press_button(member, &shown, "apply").await;
    assert_eq!(done.status, 303, "{}", done.text);
    member.get(done.location()).await
}

/// Newest entry of the audit log.
async fn last_audit_entry(site: &Site) -> String {
    site.text("SELECT actor || ': ' || action || ': ' || subject FROM audit_log ORDER BY id DESC LIMIT 1").await
}

async fn list_id(site: &Site, key: &str, version: &str) -> i64 {
    sqlx::query_scalar("SELECT id FROM category_lists WHERE category_key = ? AND version = ?")
        .bind(key)
        .bind(version)
        .fetch_one(site.running.services.db.read())
        .await
        .unwrap()
}

async fn dates_of(site: &Site, id: i64) -> (String, Option<String>) {
    sqlx::query_as("SELECT effective_from, effective_to FROM category_lists WHERE id = ?")
        .bind(id)
        .fetch_one(site.running.services.db.read())
        .await
        .unwrap()
}

#[actix_web::test]
async fn admin_page_shows_lists_with_dates_and_verification() {
    let site = Site::start().await;
    let writer = site.staff(Role::Writer).await;
    let page = writer.get("/admin/occupations").await;
    assert_eq!(page.all("main h2"), ["In force", "Upcoming", "Ended"]);
    let lines = page.all("section[aria-labelledby=in-force] tbody tr");
    assert_eq!((lines.len(), page.all("section[aria-labelledby=ended] tbody tr").len()), (10, 11));
    assert!(
        lines.contains(&"Trade occupations2026-Version 3from February 18, 202625August 26, 202688 days ago".to_owned()),
        "{lines:?}"
    );
    assert_eq!(page.first("section[aria-labelledby=upcoming] p"), "No lists");
    assert!(page.all("section[aria-labelledby=ended] tbody tr").iter().all(|line| line.ends_with("never")));
    assert_eq!(page.all("main form, main .button:not(.plain)"), Vec::<String>::new(), "writers can only view lists");
    let publisher = site.staff(Role::Publisher).await;
    let page = publisher.get("/admin/occupations").await;
    assert_eq!(page.all("section[aria-labelledby=in-force] button").len(), 10);
    for href in page.attributes("main a", "href") {
        assert_eq!(publisher.get(&href).await.status, 200, "{href}");
    }
    assert_eq!(publisher.get("/admin/occupations/lists/999").await.status, 404);
    assert_eq!(publisher.get("/admin/occupations/lists/999/correction").await.status, 404);
    let form = publisher.get("/admin/occupations/lists/new?category=trades").await;
    let kept = ["category", "name_en", "name_fr", "months", "experience_where", "continuous", "version", "text"];
    assert_eq!(
        kept.map(|name| form.field_value(name)),
        ["trades", "Trade occupations", "Métiers spécialisés", "12", "canada_or_abroad", "no", "", ""],
    );
}

#[actix_web::test]
async fn new_list_is_previewed_and_closes_the_previous_one() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let visitor = site.visitor();
    let before = list_id(&site, "trades", "2026-Version 3").await;
    let text = "NOC 2021 code, title\n1. Electricians – NOC 72200\n72300; 73100\n\n22301 (TEER 2)";
    let page = preview(&publisher, NEW_LIST, &list_form(&[("text", text)])).await;
    assert_eq!(page.first(".lead"), "Trade occupations, 2027-Version 4, from March 1, 2027: 4 occupations.");
    assert_eq!(page.all("#sentences li"), ["2026-Version 3 will end on February 28, 2027, the day before."]);
    assert_eq!(page.all("section[aria-labelledby=ignored-lines] li"), ["Line 1: NOC 2021 code, title"]);
    let added = page.all("section[aria-labelledby=added] li");
    let left = page.all("section[aria-labelledby=removed] li");
    assert_eq!(page.all("details ol .code"), ["72200", "72300", "73100", "22301"]);
    let stayed = 4 - added.len();
    assert_eq!(left.len(), 25 - stayed);
    assert_eq!(page.first("#removed"), format!("{} removed", left.len()));
    assert_eq!(site.count("SELECT count(*) FROM category_lists").await, 21, "a preview changes nothing");
    assert_eq!(dates_of(&site, before).await, ("2026-02-18".into(), None));

    // The form keeps all entered values.
    let form = press_button(&publisher, &page, "change").await;
    assert_eq!(form.status, 200);
    assert_eq!(
        (form.field_value("version"), form.field_value("effective_from")),
        ("2027-Version 4".into(), "2027-03-01".into())
    );
    assert!(form.field_value("text").starts_with("72200 Electricians"), "{}", form.field_value("text"));

    let done = press_button(&publisher, &page, "apply").await;
    assert_eq!(done.status, 303, "{}", done.text);
    let shown = publisher.get(done.location()).await;
    assert_eq!(
        shown.first(".flash"),
        "Added. 2027-Version 4 takes effect on March 1, 2027. Draws and posts use it from that date."
    );
    assert_eq!(dates_of(&site, before).await, ("2026-02-18".into(), Some("2027-02-28".into())));
    let written = last_audit_entry(&site).await;
    assert!(written.starts_with("Test publisher: added a category list: Trade occupations, 2027-Version 4 from March 1, 2027; last day of 2026-Version 3: February 28, 2027; "), "{written}");
    assert!(written.contains(&format!("{} removed (", left.len())), "{written}");
    assert_eq!(publisher.get("/admin/occupations").await.all("section[aria-labelledby=upcoming] tbody tr").len(), 1);

    // The public page shows the current list and announces the next.
    let page = visitor.get("/categories/trades").await;
    assert_eq!(
        (page.first(".answer strong"), page.first("h2#occupations")),
        ("in effect".into(), "25 occupations".into())
    );
    assert_eq!(page.first(".notice"), "2027-Version 4 takes effect on March 1, 2027.");
    let next = visitor.get(&page.attributes(".notice a", "href")[0]).await;
    assert!(next.first(".answer").contains("takes effect on March 1, 2027"), "{}", next.first(".answer"));
    assert_eq!(next.first("#removed"), format!("{} removed", left.len()));
    // On its first day, the new list is in force.
    site.advance_hours((9 + 31 + 31 + 28) * 24);
    let page = visitor.get("/categories/trades").await;
    assert_eq!(page.first("h2#occupations"), "4 occupations");
    assert!(page.first(".answer").contains("in effect since March 1, 2027"), "{}", page.first(".answer"));
    assert!(visitor.get("/categories/trades.csv").await.text.contains("trades,2027-Version 4,2027-03-01,,72200,"));
}

#[actix_web::test]
async fn double_submit_adds_a_list_once() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let page = preview(&publisher, NEW_LIST, &list_form(&[])).await;
    let (first, second) =
        tokio::join!(press_button(&publisher, &page, "apply"), press_button(&publisher, &page, "apply"));
    assert_eq!((first.status, second.status), (303, 303), "{}", second.text);
    assert_eq!(first.location(), second.location());
    assert_eq!(site.count("SELECT count(*) FROM category_lists WHERE category_key = 'trades'").await, 4);
    assert_eq!(site.count("SELECT count(*) FROM audit_log WHERE action = 'added a category list'").await, 1);
}

#[actix_web::test]
async fn stale_list_preview_is_shown_again_before_applying() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let mine = preview(&publisher, NEW_LIST, &list_form(&[])).await;
    add(&publisher, &list_form(&[("version", "2027-Version 3a"), ("effective_from", "2027-01-15"), ("text", "72200")]))
        .await;
    let stale = press_button(&publisher, &mine, "apply").await;
    assert_eq!(stale.status, 409);
    assert!(stale.first("[role=alert]").contains("Someone else changed the lists"), "{}", stale.first("[role=alert]"));
    assert_eq!(stale.all("#sentences li")[0], "2027-Version 3a will end on February 28, 2027, the day before.");
    assert_eq!(stale.all("section[aria-labelledby=added] li").len(), 3);
    assert_eq!(site.count("SELECT count(*) FROM category_lists WHERE version = '2027-Version 4'").await, 0);
    assert_eq!(press_button(&publisher, &stale, "apply").await.status, 303, "the second preview is current");

    // If the list is no longer valid, the form shows the entered values again.
    let mine =
        preview(&publisher, NEW_LIST, &list_form(&[("version", "2027-Version 5"), ("effective_from", "2027-06-01")]))
            .await;
    add(&publisher, &list_form(&[("version", "2027-Version 6"), ("effective_from", "2027-07-01")])).await;
    let stale = press_button(&publisher, &mine, "apply").await;
    assert_eq!((stale.status, stale.field_value("version")), (409, "2027-Version 5".into()));
    assert_eq!(
        stale.first("#effective_from-error"),
        "Error: 2027-Version 6 started on July 1, 2027. The new list must start later."
    );
    assert!(stale.field_value("text").contains("22301"));
}

#[actix_web::test]
async fn invalid_codes_are_reported_with_line_numbers() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let text = "72200 Electricians\n99999 Nobody\n7241 Electricians\n72300, 72200\n313011\n9999";
    let page = publisher.post(NEW_LIST, &list_form(&[("text", text)])).await;
    assert_eq!(page.status, 422);
    let lines = page.all("#text-lines li");
    assert_eq!(lines.len(), 5, "{lines:?}");
    assert_eq!(lines[0], "Line 2: 99999 is not a NOC 2021 code.");
    assert!(lines[1].starts_with("Line 3: 7241 has four digits, so it is a NOC 2016 code. Enter 72200"), "{lines:?}");
    assert_eq!(lines[2], "Line 4: 72200 is already on line 1.");
    assert_eq!(lines[3], "Line 5: 313011 is not a code. NOC 2021 codes have five digits.");
    assert_eq!(lines[4], "Line 6: 9999 has four digits, so it is a NOC 2016 code. Enter the NOC 2021 code.");
    assert_eq!(page.first("#text-error"), "Error: Fix the codes on the lines listed below.");
    assert!(page.text.contains("99999 Nobody\n7241 Electricians\n72300, 72200"), "entered values are kept");
    assert_eq!(page.field_value("source"), "the page of categories of February 20, 2027");
    assert_eq!(site.count("SELECT count(*) FROM category_lists").await, 21);
}

#[actix_web::test]
async fn invalid_list_fields_show_errors() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    site.execute(
        "UPDATE category_lists SET effective_to = '2027-06-30' WHERE category_key = 'stem' AND effective_to IS NULL",
    )
    .await;
    for (field, others, sentence) in [
        ("category", &[("category", "")][..], "Choose a category. For a new one, enter its key below."),
        ("category", &[("category", "plumbing")], "Choose a category from the list, or add a new one."),
        ("key", &[("category", ""), ("key", "Day Care")], "Use only lower-case letters a to z, digits and _"),
        ("key", &[("category", ""), ("key", "trades")], "The category trades already exists. Choose it above."),
        ("key", &[("category", ""), ("key", "pnp")], "pnp is reserved. Choose another key."),
        ("version", &[("version", " ")], "Enter the version"),
        ("version", &[("version", "2026-Version 3")], "This category already has a list called 2026-Version 3."),
        ("name_en", &[("name_en", "")], "Enter the published English name"),
        ("effective_from", &[("effective_from", "")], "Enter the first day of the list"),
        ("effective_from", &[("effective_from", "2027-02-30")], "Enter the first day of the list"),
        ("effective_from", &[("effective_from", "2062-03-01")], "The first day is more than two years away."),
        ("effective_from", &[("effective_from", "2026-02-18")], "2026-Version 3 started on February 18, 2026."),
        ("effective_from", &[("effective_from", "2025-12-31")], "The new list must start later."),
        (
            "effective_from",
            &[("category", "stem")],
            "2026 list is in force until June 30, 2027. Two lists of a category cannot",
        ),
        ("months", &[("months", "twelve")], "Enter a number of months from 1 to 120"),
        ("months", &[("months", "0")], "Enter a number of months from 1 to 120"),
        ("experience_where", &[("experience_where", "")], "Choose where the experience counts."),
        ("experience_where", &[("experience_where", "mars")], "Choose where the experience counts."),
        ("continuous", &[("continuous", "")], "Choose whether the months must be continuous."),
        ("notes", &[("months", "")], "If no months are required, describe the rule here."),
        ("source", &[("source", "")], "Enter the source of the list."),
        ("text", &[("text", "electricians and plumbers")], "Paste the codes or choose a file."),
        ("text", &[("no_codes", "yes")], "There are codes here, but the box below says that there are none."),
    ] {
        let fields = list_form(others);
        let page = publisher.post(NEW_LIST, &fields).await;
        assert_eq!(page.status, 422, "{field} {others:?}");
        let error = page.first(&format!("#{field}-error"));
        assert!(error.contains(sentence), "{others:?}: {error}");
        assert_eq!(page.all(".summary li").len(), 1, "{others:?}: {:?}", page.all(".summary li"));
        assert_eq!(page.attributes(".summary a", "href"), [format!("#{field}")]);
        let source = fields.iter().find(|(name, _)| *name == "source").unwrap().1;
        assert_eq!(page.field_value("source"), source, "entered values are kept");
        page.assert_no_active_content();
        // The same without a preview.
        assert!([409, 422].contains(&publisher.post("/admin/occupations/lists", &fields).await.status), "{others:?}");
    }
    assert_eq!(site.count("SELECT count(*) FROM category_lists").await, 21);
    // A list may begin on the day after the end of the previous one.
    let page =
        preview(&publisher, NEW_LIST, &list_form(&[("category", "stem"), ("effective_from", "2027-07-01")])).await;
    assert_eq!(page.all("#sentences li")[0], "2026 list already ended on June 30, 2027.");
}

#[actix_web::test]
async fn uploaded_codes_are_read_like_pasted_codes() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let upload_with_text = |text: &'static str, content: &'static [u8]| {
        let mut body = vec![];
        for (name, value) in list_form(&[("text", text)]) {
            let part = format!("--frontier\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
            body.extend(part.as_bytes());
        }
        body.extend(b"--frontier\r\nContent-Disposition: form-data; name=\"file\"; filename=\"list.csv\"\r\n");
        body.extend(b"Content-Type: text/csv\r\n\r\n");
        body.extend(content);
        body.extend(b"\r\n--frontier--\r\n");
        body
    };
    let upload = |content: &'static [u8]| upload_with_text("", content);
    const MULTIPART: &str = "multipart/form-data; boundary=frontier";
    let csv = b"\xef\xbb\xbfnoc,title\r\n72200,\"Electricians, except some\"\r\n73100,Concrete\r\n";
    let page = publisher.post_body(NEW_LIST, MULTIPART, upload(csv)).await;
    assert_eq!(
        (page.status, page.all("details ol .code")),
        (200, vec!["72200".into(), "73100".into()]),
        "{}",
        page.text
    );
    assert_eq!(press_button(&publisher, &page, "apply").await.status, 303);
    let page = publisher.post_body(NEW_LIST, MULTIPART, upload(b"noc\n72200\n72200\n")).await;
    assert_eq!((page.status, page.all("#text-lines li")), (422, vec!["Line 3: 72200 is already on line 2.".into()]));
    assert!(page.field_value("text").contains("72200 72200"), "the codes can be fixed in the form");
    let page = publisher.post_body(NEW_LIST, MULTIPART, upload(b"PK\x03\x04\0\0\0")).await;
    assert_eq!(page.status, 422);
    assert!(page.first("#file-error").contains("This is a ZIP archive or an Office document."), "{}", page.text);
    for (content, words) in [
        (&b"<!doctype html><title>Categories</title>"[..], "This is a web page (HTML)"),
        (b"%PDF-1.4\n", "This is a PDF document."),
        (b"\x1F\x8B\x08\0\0", "This is a gzip file."),
        (b"", "The file is empty."),
        ("noc,title\n72200,MÃ©tiers\n".as_bytes(), "it contains “Ã©” instead of “é”"),
    ] {
        let page = publisher.post_body(NEW_LIST, MULTIPART, upload(content)).await;
        assert_eq!(page.status, 422, "{words}");
        assert!(page.first("#file-error").contains(words), "{}", page.first("#file-error"));
        assert_eq!(page.field_value("version"), "2027-Version 4", "entered values are kept");
    }
    let in_utf_16: Vec<u8> = "\u{feff}noc\r\n72300\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let page = publisher.post_body(NEW_LIST, MULTIPART, upload(in_utf_16.leak())).await;
    assert!(page.field_value("text").contains("72300"), "{}", page.text);
    let page = publisher.post_body(NEW_LIST, MULTIPART, upload_with_text("72200", b"72300")).await;
    assert_eq!((page.status, page.field_value("text")), (422, "72200".into()));
    assert!(
        page.first("#file-error").contains("You chose a file and also pasted codes."),
        "{}",
        page.first("#file-error")
    );
    // The CSV file of a category can be uploaded again.
    let own = site.visitor().get("/categories/healthcare.csv?version=Version+1").await.text;
    let fields = list_form(&[("category", "healthcare"), ("version", "Again"), ("text", &own)]);
    let page = preview(&publisher, NEW_LIST, &fields).await;
    assert_eq!(page.all("details ol .code").len(), 35);
    assert_eq!((page.first("#added"), page.first("#removed")), ("6 added".into(), "8 removed".into()));
}

#[actix_web::test]
async fn a_new_category_and_one_without_occupations_can_be_added() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let rule = "Language rule only: IELTS & \"NCLC\" 9.\nIn both languages.";
    let fields = list_form(&[
        ("category", ""),
        ("key", "bilingual"),
        ("name_en", "Two languages"),
        ("months", ""),
        ("experience_where", ""),
        ("continuous", ""),
        ("notes", rule),
        ("text", ""),
        ("no_codes", "yes"),
        ("effective_from", "2026-11-01"),
    ]);
    let page = preview(&publisher, NEW_LIST, &fields).await;
    assert_eq!(page.first(".lead"), "Two languages, 2027-Version 4, from November 1, 2026: no occupation list.");
    assert_eq!(page.all("#sentences li, section li"), Vec::<String>::new(), "there is no previous list");
    let page = press_button(&publisher, &page, "apply").await;
    assert_eq!(page.status, 303, "{}", page.text);
    let shown = site.visitor().get("/categories/bilingual").await;
    shown.assert_page_layout();
    assert!(shown.first("#rule + p").starts_with("Language rule only"), "{}", shown.first("#rule + p"));
    assert!(site.visitor().get("/categories").await.text.contains("/categories/bilingual"));
    assert_eq!(site.visitor().get("/draws?category=bilingual").await.status, 200, "draws can use the category");
}

#[actix_web::test]
async fn draws_and_posts_use_the_list_in_force_on_their_date() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    // Draw 447 of October 1, 2026 was for trades.
    let page = preview(&publisher, NEW_LIST, &list_form(&[("effective_from", "2026-10-01")])).await;
    let moved = page.all("#sentences li").pop().unwrap();
    assert_eq!(moved, "1 draw held since that day (447) will count under this list.");
    assert_eq!(press_button(&publisher, &page, "apply").await.status, 303);
    let rounds = site.visitor().get("/categories/trades").await.all("#draws + table tbody th");
    assert_eq!(rounds, ["447"]);
    let days = "On 2023-05-31: {{occupations trades on 2023-05-31 count}}; {{occupations trades on 2025-02-26 count}}; \
                {{occupations trades on 2025-02-27 count}}; {{occupations trades on 2026-02-17 count}}; \
                {{occupations trades on 2026-02-18 count}}; {{occupations trades on 2026-09-30 count}}; \
                {{occupations trades on 2026-10-01 count}}.";
    let fields = [("title", "Trades"), ("summary", "S"), ("author", "A"), ("body", days), ("action", "save")];
    let draft = publisher.post_and_follow("/admin/posts/new", &fields).await;
    let preview = [&fields[..4], &[("action", "preview")]].concat();
    let shown = publisher.post(&draft.path, &preview).await;
    assert!(shown.text.contains("10; 10; 25; 25; 25; 25; 4."), "{}", shown.first("main"));
}

#[actix_web::test]
async fn corrected_list_is_public_at_once() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let id = list_id(&site, "trades", "2026-Version 3").await;
    let path = format!("/admin/occupations/lists/{id}/correction");
    let form = publisher.get(&path).await;
    assert_eq!(form.first("h1"), "Correct Trade occupations, 2026-Version 3");
    let kept: Vec<(&str, String)> =
        ["version", "name_en", "name_fr", "months", "experience_where", "continuous", "source"]
            .map(|name| (name, form.field_value(name)))
            .to_vec();
    let text = "72200 Electricians\n72300\n63202 Bakers";
    let mut fields: Vec<(&str, &str)> = kept.iter().map(|(name, value)| (*name, value.as_str())).collect();
    fields.extend([("notes", "Fixed."), ("text", text)]);
    let page = preview(&publisher, &path, &fields).await;
    assert!(
        page.all("#sentences li")[0]
            .starts_with("The notes change from “Compared with the 2025 list, butchers (63201) were added"),
        "{:?}",
        page.all("#sentences li")
    );
    let done = press_button(&publisher, &page, "apply").await;
    assert_eq!(done.location(), format!("/admin/occupations/lists/{id}"), "{}", done.text);
    let codes = site.visitor().get("/categories/trades").await.all("ol.occupations .code");
    assert_eq!(codes, ["NOC 72200", "NOC 72300", "NOC 63202"]);
    assert_eq!(dates_of(&site, id).await, ("2026-02-18".into(), None), "the dates are unchanged");
    let written = last_audit_entry(&site).await;
    assert!(
        written.starts_with("Test publisher: corrected a category list: Trade occupations, 2026-Version 3: "),
        "{written}"
    );
    assert!(written.contains("The notes change"), "{written}");
    assert_eq!(press_button(&publisher, &page, "apply").await.status, 303, "a double submission");
    assert_eq!(site.count("SELECT count(*) FROM audit_log WHERE action = 'corrected a category list'").await, 1);
    // A preview made before another change is stale.
    fields.retain(|(name, _)| *name != "text");
    fields.push(("text", "72200"));
    let theirs = preview(&publisher, &path, &fields).await;
    fields.retain(|(name, _)| *name != "text");
    fields.push(("text", "72300"));
    let mine = preview(&publisher, &path, &fields).await;
    assert_eq!(press_button(&publisher, &mine, "apply").await.status, 303);
    assert_eq!(press_button(&publisher, &theirs, "apply").await.status, 409);
    let page = publisher.post(&path, &[("text", "1"), ("version", "x")]).await;
    assert_eq!(page.status, 422);
}

#[actix_web::test]
async fn list_can_be_closed_and_reopened() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let id = list_id(&site, "researchers", "2026 list").await;
    let path = format!("/admin/occupations/lists/{id}");
    for (typed, sentence) in [
        ("", "Enter the last day of the list"),
        ("soon", "Enter the last day of the list"),
        ("2026-02-17", "The last day cannot be before February 18, 2026, the first day of the list."),
    ] {
        let page = publisher.post(&format!("{path}/closing"), &[("effective_to", typed)]).await;
        assert_eq!((page.status, page.field_value("effective_to")), (422, typed.to_owned()));
        assert!(page.first("#effective_to-error").contains(sentence), "{}", page.first("#effective_to-error"));
    }
    let page = publisher.post_and_follow(&format!("{path}/closing"), &[("effective_to", "2026-10-31")]).await;
    assert_eq!(page.first(".flash"), "Closed. The last day of the list is October 31, 2026.");
    assert_eq!(page.first(".state"), "ended");
    assert_eq!(
        last_audit_entry(&site).await,
        "Test publisher: closed a category list: Researchers with Canadian work experience, 2026 list, last day October 31, 2026"
    );
    assert!(
        site.visitor()
            .get("/categories")
            .await
            .all(".category-rows li")
            .iter()
            .any(|entry| entry.contains("Ended on October 31, 2026"))
    );
    let twice = publisher.post(&format!("{path}/closing"), &[("effective_to", "2026-10-31")]).await;
    assert_eq!(twice.status, 303);
    let other = publisher.post(&format!("{path}/closing"), &[("effective_to", "2026-10-30")]).await;
    assert_eq!(other.status, 422);
    let page = publisher.post_and_follow(&format!("{path}/reopening"), &[]).await;
    assert_eq!(page.first(".flash"), "Reopened. The list stays in force; its last day was October 31, 2026.");
    assert_eq!((page.first(".state"), dates_of(&site, id).await.1), ("in force".into(), None));
    assert!(
        last_audit_entry(&site).await.contains("reopened a category list: Researchers"),
        "{}",
        last_audit_entry(&site).await
    );
    assert_eq!(
        publisher.post(&format!("{path}/reopening"), &[]).await.status,
        303,
        "reopening an open list changes nothing"
    );

    let first = list_id(&site, "healthcare", "Version 1").await;
    let page = publisher.post(&format!("/admin/occupations/lists/{first}/reopening"), &[]).await;
    assert_eq!(page.status, 422);
    assert!(
        page.first(".summary li").starts_with("Version 2 takes effect on February 27, 2025."),
        "{}",
        page.first(".summary li")
    );
    assert_eq!(page.attributes("main form[action$=reopening]", "action"), Vec::<String>::new());
    // A list cannot end before a draw that used it.
    let trades = list_id(&site, "trades", "2026-Version 3").await;
    let end = format!("/admin/occupations/lists/{trades}/closing");
    let page = publisher.post(&end, &[("effective_to", "2026-09-30")]).await;
    assert_eq!(page.status, 422);
    let sentence = "Error: The last day cannot be before October 1, 2026, when draw 447 was held under this list.";
    assert_eq!(page.first("#effective_to-error"), sentence);
    assert_eq!(publisher.post(&end, &[("effective_to", "2026-10-01")]).await.status, 303);
}

#[actix_web::test]
async fn list_added_by_mistake_can_be_deleted() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let before = list_id(&site, "trades", "2026-Version 3").await;
    let page = add(&publisher, &list_form(&[("name_en", "Trades of another kind")])).await;
    let withdrawal = page.attributes("main form[action$=deletion]", "action").remove(0);
    let page = publisher.post_and_follow(&withdrawal, &[]).await;
    assert_eq!(
        page.first(".flash"),
        "Deleted: Trades of another kind, 2027-Version 4. Its codes are in the audit log."
    );
    assert_eq!(dates_of(&site, before).await, ("2026-02-18".into(), None), "the previous list has no end date again");
    assert_eq!(site.text("SELECT name_en FROM categories WHERE key = 'trades'").await, "Trade occupations");
    assert_eq!(
        last_audit_entry(&site).await,
        "Test publisher: deleted a category list: Trades of another kind, 2027-Version 4, from March 1, 2027: 72200, \
         72300, 73100, 22301; 2026-Version 3 reopened"
    );
    assert_eq!(publisher.post(&withdrawal, &[]).await.status, 404, "the list is deleted");
    add(&publisher, &list_form(&[])).await;

    // Deleting the only list of a category deletes the category.
    let page = add(&publisher, &list_form(&[("category", ""), ("key", "carers"), ("name_en", "Carers")])).await;
    let withdrawal = page.attributes("main form[action$=deletion]", "action").remove(0);
    assert_eq!(publisher.post(&withdrawal, &[]).await.status, 303);
    assert_eq!(site.visitor().get("/categories/carers").await.status, 404);
    assert_eq!(site.count("SELECT count(*) FROM categories WHERE key = 'carers'").await, 0);

    for (key, version, sentence) in [
        ("trades", "2026-Version 3", "There is a newer list. Delete that one first."),
        (
            "physicians",
            "2026-Version 1",
            "Draw 397 was held under this list, so it cannot be deleted. Correct it instead.",
        ),
    ] {
        let path = format!("/admin/occupations/lists/{}", list_id(&site, key, version).await);
        assert_eq!(publisher.get(&path).await.all("#deletion"), Vec::<String>::new());
        let page = publisher.post(&format!("{path}/deletion"), &[]).await;
        assert_eq!((page.status, page.first(".summary li")), (422, sentence.to_owned()));
    }
    assert_eq!(site.count("SELECT count(*) FROM category_lists").await, 22);
}

#[actix_web::test]
async fn dashboard_shows_lists_not_verified_for_90_days() {
    let site = Site::start().await;
    let waiting = |page: &Page| page.all("section[aria-labelledby=lists-due] li");
    let publisher = site.staff(Role::Publisher).await;
    assert_eq!(waiting(&publisher.get("/admin").await), Vec::<String>::new(), "88 days ago");
    site.advance_hours(2 * 24);
    let publisher = site.sign_in("publisher@example.com").await;
    assert_eq!(waiting(&publisher.get("/admin").await), Vec::<String>::new(), "90 days ago");
    site.advance_hours(24);
    let publisher = site.sign_in("publisher@example.com").await;
    let page = publisher.get("/admin").await;
    let all = waiting(&page);
    assert_eq!(all.len(), 10, "all lists in force, no ended ones: {all:?}");
    assert!(all.contains(&"Trade occupations, 2026-Version 3 last reviewed on August 26, 2026".to_owned()), "{all:?}");
    for href in page.attributes("section[aria-labelledby=lists-due] a", "href") {
        assert!(publisher.get(&href).await.first(".state.new").contains("91 days ago"), "{href}");
    }
    let overview = publisher.get("/admin/occupations").await;
    assert_eq!(overview.all("section[aria-labelledby=in-force] .state.new").len(), 10);

    let id = list_id(&site, "trades", "2026-Version 3").await;
    let path = format!("/admin/occupations/lists/{id}/verifications");
    let page = publisher.post_and_follow(&path, &[("note", "Same 25 codes.")]).await;
    assert_eq!(
        page.first(".flash"),
        "Marked as reviewed on November 25, 2026: Trade occupations, 2026-Version 3. Previous review: August 26, 2026."
    );
    assert_eq!(
        last_audit_entry(&site).await,
        "Test publisher: changed the review date of a category list: Trade occupations, 2026-Version 3: August 26, 2026 → November 25, 2026. Note: Same 25 codes."
    );
    assert_eq!(waiting(&publisher.get("/admin").await).len(), 9);
    assert!(
        site.visitor()
            .get("/categories/trades")
            .await
            .text
            .contains("Figures last checked on <time datetime=\"2026-11-25\">")
    );
    for wrong in ["2026-11-26", "yesterday", "2026-13-01"] {
        let page = publisher.post(&path, &[("verified_on", wrong), ("note", "kept")]).await;
        assert_eq!(
            (page.status, page.field_value("verified_on"), page.field_value("note")),
            (422, wrong.into(), "kept".into())
        );
        assert!(page.first("#verified_on-error").contains("today or earlier"));
    }
    // A review can be undone: back to the previous date, or to none.
    publisher.post_and_follow(&path, &[("verified_on", "2026-08-26")]).await;
    assert_eq!(waiting(&publisher.get("/admin").await).len(), 10);
    publisher.post_and_follow(&path, &[("action", "clear")]).await;
    let all = waiting(&publisher.get("/admin").await);
    assert_eq!(all[0], "Trade occupations, 2026-Version 3 never reviewed", "lists never reviewed come first");
    site.execute("UPDATE category_lists SET effective_from = '2027-01-01' WHERE version = '2026-Version 3' AND category_key = 'trades'").await;
    assert_eq!(waiting(&publisher.get("/admin").await).len(), 9, "upcoming lists are not due for review");
}

#[actix_web::test]
async fn synonym_changes_affect_search_at_once() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let finds = |q: &'static str| {
        let visitor = site.visitor();
        async move {
            visitor
                .get(&format!("/occupations?q={q}"))
                .await
                .attributes("main a", "href")
                .contains(&"/occupations/72200".to_owned())
        }
    };
    const SYNONYMS: &str = "/admin/occupations/synonyms";
    assert!(!finds("sparkyman").await);
    let page = publisher
        .post_and_follow(SYNONYMS, &[("noc", "72200"), ("synonyms", "Sparkyman,  Cable  Wizard\nélectromane")])
        .await;
    assert_eq!(page.first(".flash"), "Added. The search now finds the occupation by these names.");
    let known = page.all("ul.rows li span");
    for words in ["sparkyman", "cable wizard", "électromane"] {
        assert!(known.contains(&words.to_owned()), "{known:?}");
    }
    assert!(
        finds("sparkyman").await && finds("SPARKY").await && finds("cable+wiz").await && finds("electromane").await
    );
    assert_eq!(
        last_audit_entry(&site).await,
        "Test publisher: added synonyms: 72200: sparkyman, cable wizard, électromane"
    );

    for (noc, words, field, sentence) in [
        ("72200", "wireman of old, SPARKYMAN", "synonyms", "72200 already has the synonym “sparkyman”."),
        ("72200", "zapper, zapper", "synonyms", "“zapper” is entered twice."),
        ("72200", " , \n", "synonyms", "Enter at least one synonym"),
        ("72200", "12345", "synonyms", "contains no letter"),
        ("72200", &"long ".repeat(20), "synonyms", "60 characters or fewer"),
        ("99999", "nobody", "noc", "99999 is not a NOC 2021 code. Search for the occupation first."),
        ("", "nobody", "noc", "This is not a NOC 2021 code."),
    ] {
        let page = publisher.post(SYNONYMS, &[("noc", noc), ("synonyms", words)]).await;
        assert_eq!(page.status, 422, "{noc} {words}");
        assert!(page.first(".summary li").contains(sentence), "{words}: {}", page.first(".summary li"));
        assert_eq!(page.attributes(".summary a", "href"), [format!("#{field}")]);
        page.assert_no_active_content();
    }
    assert_eq!(
        site.count("SELECT count(*) FROM occupation_synonyms WHERE noc = '72200' AND synonym = 'wireman of old'").await,
        0,
        "all synonyms or none are saved"
    );

    for (asked, code) in
        [("sparky", "72200"), ("Electricians", "72200"), ("7220", "72200"), ("infirmières auxiliaires", "32101")]
    {
        let asked: String = form_urlencoded::byte_serialize(asked.as_bytes()).collect();
        let page = publisher.get(&format!("{SYNONYMS}?noc={asked}")).await;
        assert!(page.all("tbody th").contains(&code.to_owned()), "{asked}: {:?}", page.all("tbody th"));
    }
    assert_eq!(publisher.get(&format!("{SYNONYMS}?noc=NOC+72200")).await.first("h1"), "Synonyms of 72200");
    assert!(
        publisher
            .get(&format!("{SYNONYMS}?noc=xylophonist"))
            .await
            .first("[role=status]")
            .starts_with("No occupations found")
    );
    assert!(
        publisher
            .get(&format!("{SYNONYMS}?noc=WIZARD"))
            .await
            .all("tbody td")
            .iter()
            .any(|cell| cell.contains("cable wizard"))
    );

    let kept = publisher.get(SYNONYMS).await.first("[role=status]");
    assert!(
        kept.contains(" for ") && kept.ends_with("Search for an occupation to see and edit its synonyms."),
        "{kept}"
    );

    let gone = [("noc", "72200"), ("synonyms", "sparkyman")];
    let page = publisher.post_and_follow(&format!("{SYNONYMS}/removal"), &gone).await;
    assert_eq!(page.first(".flash"), "Removed “sparkyman”. To undo this, add it again.");
    assert!(!finds("sparkyman").await && finds("cable+wiz").await);
    assert_eq!(last_audit_entry(&site).await, "Test publisher: removed a synonym: 72200: sparkyman");
    let notes = site.count("SELECT count(*) FROM audit_log").await;
    assert_eq!(publisher.post(&format!("{SYNONYMS}/removal"), &gone).await.status, 303, "already deleted");
    assert_eq!(site.count("SELECT count(*) FROM audit_log").await, notes);
}

#[actix_web::test]
async fn writers_can_view_lists_but_not_change_them() {
    let site = Site::start().await;
    let writer = site.staff(Role::Writer).await;
    let lists = site.text("SELECT group_concat(id || version || coalesce(effective_to, '') || coalesce(verified_on, '')) FROM category_lists").await;
    let words = site.count("SELECT count(*) FROM occupation_synonyms").await;
    for path in [
        "/admin/occupations",
        "/admin/occupations/lists/3",
        "/admin/occupations/synonyms",
        "/admin/occupations/synonyms?noc=31301",
    ] {
        let page = writer.get(path).await;
        assert_eq!((page.status, page.all("main form[method=post]").len()), (200, 0), "{path}");
    }
    for path in [NEW_LIST, "/admin/occupations/lists/3/correction"] {
        assert_eq!(writer.get(path).await.status, 403, "{path}");
    }
    let fields = list_form(&[("noc", "31301"), ("synonyms", "carer"), ("effective_to", "2026-12-01")]);
    for path in [
        NEW_LIST,
        "/admin/occupations/lists",
        "/admin/occupations/lists/14",
        "/admin/occupations/lists/14/correction",
        "/admin/occupations/lists/14/verifications",
        "/admin/occupations/lists/14/closing",
        "/admin/occupations/lists/14/reopening",
        "/admin/occupations/lists/14/deletion",
        "/admin/occupations/synonyms",
        "/admin/occupations/synonyms/removal",
    ] {
        assert_eq!(writer.post(path, &fields).await.status, 403, "{path}");
        let stranger = site.visitor().post(path, &fields).await;
        assert_eq!(stranger.status, 303, "{path}");
        assert!(stranger.location().starts_with("/admin/sign-in"), "{path}");
    }
    assert_eq!(lists, site.text("SELECT group_concat(id || version || coalesce(effective_to, '') || coalesce(verified_on, '')) FROM category_lists").await);
    assert_eq!(site.count("SELECT count(*) FROM occupation_synonyms").await, words);
    let admin = site.staff(Role::Admin).await;
    assert_eq!(add(&admin, &list_form(&[])).await.status, 200, "admins have the rights of publishers");
}
