//! Inbox list: search, filters, counts, overdue inquiries.

use super::{insert_inquiry, listed_references, references, site_and_writer};
use crate::support::Site;

#[actix_web::test]
async fn inquiry_is_found_by_every_field() {
    let (site, writer) = site_and_writer().await;
    insert_inquiry(
        &site,
        "name = 'Zaynab Núñez', email = 'zaynab@example.com', phone = '0300 1234567', phone_e164 = '+923001234567',
         whatsapp = '+44 20 7946 0000', occupation = 'dental hygienist', program = 'Work permit',
         message = 'My brother lives in Saskatoon.'",
    )
    .await;
    insert_inquiry(&site, "name = 'محمد علی', noc = '31301'").await;
    writer.post("/admin/inquiries/1/notes", &[("note", "Asked about Quebec.")]).await;
    for found in [
        "zaynab",
        "NUNEZ",
        "zay+nun",
        "zaynab%40example.com",
        "0300+1234567",
        "03001234567",
        "%2B92+300+1234567",
        "923001234567",
        "0300-1234567",
        "442079460000",
        "hygien",
        "work+permit",
        "saskatoon",
        "quebec",
        "IE-2026-000001",
        "000001",
        "1",
    ] {
        assert_eq!(listed_references(&writer, &format!("?q={found}")).await, ["01"], "{found}");
    }
    assert_eq!(listed_references(&writer, "?q=%D9%85%D8%AD%D9%85%D8%AF").await, ["02"]);
    assert_eq!(listed_references(&writer, "?q=31301").await, ["02"]);
    for nothing in ["zaynab+quito", "%22*(", "0300+7654321", "NEAR(", "zaynab:x"] {
        let found = listed_references(&writer, &format!("?q={nothing}")).await;
        assert!(found.is_empty() || nothing == "%22*(", "{nothing}: {found:?}");
    }
}

#[actix_web::test]
async fn inquiry_search_follows_corrections_trash_and_erasure() {
    let (site, writer) = site_and_writer().await;
    insert_inquiry(&site, "name = 'Amina', message = 'About Regina.'").await;
    writer.post("/admin/inquiries/1/notes", &[("note", "Calls from Multan.")]).await;
    site.execute("UPDATE inquiries SET name = 'Amina Bibi', message = 'About Calgary.' WHERE id = 1").await;
    assert_eq!(listed_references(&writer, "?q=calgary+bibi+multan").await, ["01"]);
    assert_eq!(listed_references(&writer, "?q=regina").await, Vec::<String>::new());
    site.execute("UPDATE inquiries SET trashed_at = '2026-11-22T08:30:00Z', trash_reason = 'staff' WHERE id = 1").await;
    for query in ["?q=calgary", "?q=multan", "", "?state=new", "?age=week", "?owner=none"] {
        assert_eq!(listed_references(&writer, query).await, Vec::<String>::new(), "{query}");
    }
    assert_eq!(writer.get("/admin/inquiries").await.all(".tabs a")[0], "All (0)");
    site.execute("UPDATE inquiries SET trashed_at = NULL, trash_reason = NULL WHERE id = 1").await;
    assert_eq!(listed_references(&writer, "?q=calgary+multan").await, ["01"]);
    site.execute("UPDATE inquiry_events SET note = 'Calls from Lahore.' WHERE kind = 'note'").await;
    assert_eq!(listed_references(&writer, "?q=multan").await, Vec::<String>::new());
    assert_eq!(listed_references(&writer, "?q=lahore").await, ["01"]);
    site.execute("DELETE FROM inquiry_events WHERE kind = 'note'").await;
    assert_eq!(listed_references(&writer, "?q=lahore").await, Vec::<String>::new());
    site.execute("DELETE FROM inquiry_events; DELETE FROM inquiries").await;
    assert_eq!(listed_references(&writer, "?q=calgary").await, Vec::<String>::new());
    assert_eq!(site.count("SELECT count(*) FROM inquiries_fts").await, 0);
}

/// Differences between the search index and a rebuilt one; empty if there are none.
async fn index_difference(site: &Site) -> String {
    let columns = "reference, name, email, phone, occupation, program, message, notes";
    site.execute(&format!(
        "INSERT INTO inquiries_fts (inquiries_fts) VALUES ('integrity-check');
         DROP TABLE IF EXISTS fresh; DROP TABLE IF EXISTS fresh_words; DROP TABLE IF EXISTS kept_words;
         CREATE VIRTUAL TABLE fresh USING fts5 ({columns}, content = '', prefix = '2 3',
                                                tokenize = 'unicode61 remove_diacritics 2');
         INSERT INTO fresh (rowid, {columns}) SELECT id, {columns} FROM inquiries_search_source;
         CREATE VIRTUAL TABLE fresh_words USING fts5vocab (fresh, instance);
         CREATE VIRTUAL TABLE kept_words USING fts5vocab (inquiries_fts, instance)"
    ))
    .await;
    site.text(
        "SELECT coalesce(group_concat(term || ' ' || doc || ' ' || col, ', '), '') FROM (
             SELECT * FROM (SELECT doc, col, term FROM kept_words EXCEPT SELECT doc, col, term FROM fresh_words)
             UNION ALL
             SELECT * FROM (SELECT doc, col, term FROM fresh_words EXCEPT SELECT doc, col, term FROM kept_words))",
    )
    .await
}

#[actix_web::test]
async fn search_index_equals_a_rebuilt_one_after_any_change() {
    let (site, writer) = site_and_writer().await;
    for name in ["Amina", "Bilal", "Chanda", "Amina"] {
        insert_inquiry(&site, &format!("name = '{name}', message = '{name} asks about Regina and about Amina.'")).await;
    }
    writer.post("/admin/inquiries/1/notes", &[("note", "Amina calls from Multan.")]).await;
    writer.post("/admin/inquiries/1/notes", &[("note", "Calls again.")]).await;
    let event = "INSERT INTO inquiry_events (inquiry_id, at, actor, kind, note) SELECT id, received_at, 'W',";
    let trash = "UPDATE inquiries SET trashed_at = received_at, trash_reason = 'staff' WHERE id";
    let restore = "UPDATE inquiries SET trashed_at = NULL, trash_reason = NULL WHERE id";
    for changes in [
        format!("{event} 'answer', 'Dear ' || name FROM inquiries; {event} 'state', 'Amina' FROM inquiries"),
        format!("{trash} = 1; {restore} = 1; UPDATE inquiries SET name = 'Dua', version = 2; {trash} IN (1, 2)"),
        format!(
            "{event} 'note', 'Written in the trash.' FROM inquiries; UPDATE inquiry_events SET note = note || ' Twice.'"
        ),
        format!(
            "SAVEPOINT s; {restore} = 1; UPDATE inquiries SET message = 'Calgary.' WHERE id < 3; {restore} = 2; ROLLBACK TO s"
        ),
        format!("{restore} = 1; UPDATE inquiries SET whatsapp = '0300 1', phone = '+92 300-1' WHERE id < 3"),
        "DELETE FROM inquiry_events WHERE inquiry_id < 4; DELETE FROM inquiries WHERE id < 4".into(),
    ] {
        site.execute(&changes).await;
        assert_eq!(index_difference(&site).await, "", "{changes}");
    }
    assert_eq!(site.text("SELECT group_concat(rowid || '') FROM inquiries_fts").await, "4");
    assert_eq!(site.text("SELECT coalesce(group_concat(DISTINCT doc), '') FROM kept_words").await, "4");
    assert_eq!(site.count("SELECT count(*) FROM kept_words WHERE term = 'multan'").await, 0);
}

#[actix_web::test]
async fn list_filters_by_state_type_owner_age_program_and_category() {
    let (site, writer) = site_and_writer().await;
    let me = "owner_id = (SELECT id FROM staff WHERE email = 'writer@example.com')";
    site.account("other@example.com", immigration_experts::staff::Role::Admin).await;
    let other = site.count("SELECT id FROM staff WHERE email = 'other@example.com'").await;
    insert_inquiry(
        &site,
        &format!("kind = 'apply', state = 'reading', program = 'Express Entry', noc = '31301', {me}"),
    )
    .await;
    insert_inquiry(
        &site,
        &format!("kind = 'apply', program = 'Study permit', occupation = '31301', owner_id = {other}"),
    )
    .await;
    insert_inquiry(&site, "state = 'answered', received_at = '2026-11-18T08:00:00Z', occupation = 'nurse'").await;
    insert_inquiry(&site, "kind = 'apply', state = 'closed', received_at = '2026-09-18T08:00:00Z', noc = '10010'")
        .await;
    for (query, expected) in [
        ("", &["02", "01", "03", "04"][..]),
        ("?state=reading", &["01"]),
        ("?kind=apply", &["02", "01", "04"]),
        ("?kind=contact", &["03"]),
        ("?owner=me", &["01"]),
        ("?owner=none", &["03", "04"]),
        (&*format!("?owner={other}"), &["02"]),
        ("?age=day", &["02", "01"]),
        ("?age=week", &["02", "01", "03"]),
        ("?age=month", &["02", "01", "03"]),
        ("?age=older", &["04"]),
        ("?program=Study+permit", &["02"]),
        ("?category=healthcare", &["02", "01"]),
        ("?category=healthcare&owner=me&kind=apply&state=reading&age=day&program=Express+Entry", &["01"]),
        ("?category=healthcare&owner=me&kind=contact", &[]),
        ("?q=visitor&kind=apply&age=week", &["02", "01"]),
        ("?q=visitor&category=healthcare&owner=me", &["01"]),
        ("?state=gone&kind=x&owner=-1&age=25h&category=nothing&program=", &["02", "01", "03", "04"]),
    ] {
        // Received in the same second: the higher ID comes first.
        assert_eq!(listed_references(&writer, query).await, expected, "{query}");
    }
    let page =
        writer.get("/admin/inquiries?kind=apply&owner=me&age=day&program=Odd&category=healthcare&q=visitor").await;
    for (name, value) in [
        ("kind", "apply"),
        ("owner", "me"),
        ("age", "day"),
        ("program", "Odd"),
        ("category", "healthcare"),
        ("q", "visitor"),
    ] {
        assert_eq!(page.field_value(name), value, "{name}");
    }
}

#[actix_web::test]
async fn filters_are_kept_across_pages_and_tabs() {
    let (site, writer) = site_and_writer().await;
    for _ in 0..51 {
        insert_inquiry(&site, "kind = 'apply', program = 'Work & study'").await;
    }
    insert_inquiry(&site, "state = 'closed'").await;
    for query in ["kind=apply&program=Work+%26+study", "kind=apply&program=Work+%26+study&q=visitor"] {
        let page = writer.get(&format!("/admin/inquiries?{query}")).await;
        assert_eq!(references(&page).len(), 50);
        assert_eq!(page.first(".pager span"), "Page 1 of 2");
        assert_eq!(page.attributes(".pager a", "href"), [format!("/admin/inquiries?{query}&page=2")]);
        assert_eq!(page.all(".tabs a")[..3], ["All (51)", "Unanswered over 24 hours (0)", "New (51)"]);
        assert_eq!(page.attributes(".tabs a", "href")[2], format!("/admin/inquiries?state=new&{query}"));
        assert_eq!(listed_references(&writer, &format!("?{query}&page=2")).await, ["01"]);
        assert_eq!(writer.get(&format!("/admin/inquiries?{query}&page=3")).await.status, 404);
    }
    assert_eq!(
        writer.get("/admin/inquiries").await.all(".tabs a")[..3],
        ["All (52)", "Unanswered over 24 hours (0)", "New (51)"]
    );
}

#[actix_web::test]
async fn overdue_inquiries_are_marked_and_have_their_own_tab() {
    let (site, writer) = site_and_writer().await;
    insert_inquiry(&site, "received_at = '2026-11-21T09:00:00Z'").await;
    insert_inquiry(&site, "received_at = '2026-11-21T09:00:01Z'").await;
    insert_inquiry(&site, "state = 'reading', received_at = '2026-11-19T09:00:00Z'").await;
    insert_inquiry(&site, "state = 'answered', received_at = '2026-11-01T09:00:00Z'").await;
    insert_inquiry(&site, "kind = 'apply', received_at = '2026-11-01T09:00:00Z', merged_into = 1").await;
    let page = writer.get("/admin/inquiries").await;
    assert_eq!(page.all("tr.late .reference"), ["IE-2026-000001", "IE-2026-000003"]);
    assert_eq!(page.all("tr.late .overdue"), ["overdue", "overdue"]);
    assert_eq!(page.all(".tabs a")[1], "Unanswered over 24 hours (2)");
    assert_eq!(page.attributes(".tabs a", "href")[1], "/admin/inquiries?age=24h");
    let page = writer.get("/admin/inquiries?age=24h").await;
    assert_eq!(references(&page), ["03", "01"], "longest waiting first");
    assert_eq!(page.all(".tabs a")[..4], ["All (4)", "Unanswered over 24 hours (2)", "New (2)", "In progress (1)"]);
    assert_eq!(page.all(".tabs a[aria-current]"), ["Unanswered over 24 hours (2)"]);
    assert_eq!(
        listed_references(&writer, "?age=24h&q=visitor").await,
        ["01", "03"],
        "merged inquiries are not overdue"
    );
    assert_eq!(listed_references(&writer, "?age=24h&kind=apply").await, Vec::<String>::new());
    assert!(writer.get("/admin/inquiries/3").await.first("h1 + p").contains("unanswered for 3 days"));
    assert!(!writer.get("/admin/inquiries/2").await.first("h1 + p").contains("unanswered"));
}

#[actix_web::test]
async fn merged_inquiry_is_found_only_by_search() {
    let (site, writer) = site_and_writer().await;
    insert_inquiry(&site, "name = 'Amina'").await;
    insert_inquiry(&site, "name = 'Amina', merged_into = 1").await;
    assert_eq!(listed_references(&writer, "").await, ["01"]);
    assert_eq!(listed_references(&writer, "?state=new").await, ["01"]);
    let page = writer.get("/admin/inquiries?q=amina").await;
    assert_eq!(references(&page), ["02", "01"]);
    assert!(page.first("tbody tr").contains("merged"));
    assert_eq!(writer.get("/admin").await.first("#inquiries"), "1 new inquiry");
}

#[actix_web::test]
async fn quarantined_inquiry_shows_its_score_and_can_be_released() {
    let (site, writer) = site_and_writer().await;
    insert_inquiry(&site, "state = 'quarantined', spam_score = 7, spam_reasons = 'five links' || char(10) || 'sent in a second', email = 'a@example.com'").await;
    insert_inquiry(&site, "state = 'quarantined', spam_score = 9, email = 'b@example.com'").await;
    assert_eq!(listed_references(&writer, "").await, Vec::<String>::new());
    assert_eq!(listed_references(&writer, "?q=visitor").await, ["02", "01"], "a search includes them");
    let page = writer.get("/admin/inquiries?state=quarantined").await;
    assert_eq!(page.all(".tabs a[aria-current]"), ["Quarantined (2)"]);
    assert_eq!(page.all("tbody .why")[1], "Spam score 7five linkssent in a secondNot spam");
    let to = page.attributes("tbody button", "formaction");
    assert_eq!(to, ["/admin/inquiries/2/release", "/admin/inquiries/1/release"]);
    let back = page.field_value("back");
    let page = writer.post_and_follow(&to[1], &[("back", &back)]).await;
    assert_eq!(page.path, "/admin/inquiries");
    assert_eq!(page.first(".flash"), "IE-2026-000001 is not spam. Its e-mails are being sent.");
    assert_eq!(references(&page), ["02"]);
    let emails = site.emails().await;
    let to: Vec<&str> = emails.iter().flat_map(|email| &email.recipients).map(String::as_str).collect();
    assert_eq!(to, ["inbox@example.com", "a@example.com"]);
    assert_eq!(listed_references(&writer, "?state=new").await, ["01"]);
    let elsewhere = [("back", "https://example.com/")];
    assert_eq!(writer.post("/admin/inquiries/2/release", &elsewhere).await.location(), "/admin/inquiries");
}

#[actix_web::test]
async fn pagination_covers_a_long_list_without_gaps() {
    let (site, writer) = site_and_writer().await;
    insert_inquiry(&site, "state = 'closed'").await;
    // Every third has the same time as the one before, so that only the ID decides the order.
    site.execute(
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 219)
         INSERT INTO inquiries (reference, kind, received_at, state_changed_at, receipt_token, form_token, content_hash,
                                name, email, phone, message)
         SELECT printf('IE-2026-%06d', i + 1), 'contact',
                strftime('%Y-%m-%dT%H:%M:%SZ', '2026-11-20T08:00:00Z', printf('+%d minutes', i - (i % 3 = 0))),
                '2026-11-22T08:00:00Z', lower(hex(randomblob(16))), '', hex(randomblob(16)), 'Visitor', '', '', 'Hello.'
         FROM n",
    )
    .await;
    let newest_first = |from: i64| -> Vec<i64> { (from..=220).rev().collect() };
    for (query, expected) in [
        ("?state=new", newest_first(2)),
        ("?kind=contact", newest_first(1)),
        ("?age=24h", (2..=220).collect()),
        ("?owner=none&state=new", newest_first(2)),
    ] {
        let mut all: Vec<i64> = vec![];
        for number in 1..=5 {
            let page = listed_references(&writer, &format!("{query}&page={number}")).await;
            assert_eq!(page.len(), if number < 5 { 50 } else { expected.len() - 200 }, "{query}, page {number}");
            all.extend(page.iter().map(|one| one.rsplit('-').next().unwrap().parse::<i64>().unwrap()));
        }
        let mut expected = expected;
        // The closed one was received last.
        if query == "?kind=contact" {
            expected.retain(|number| *number != 1);
            expected.insert(0, 1);
        }
        assert_eq!(all, expected, "{query}");
    }
}
