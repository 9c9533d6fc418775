//! Triage from the list: columns, order, date range, previous and next inquiry.

use super::{insert_inquiry, listed_references, references, site_and_writer, version_fields, with};

#[actix_web::test]
async fn row_shows_all_that_triage_needs() {
    let (site, writer) = site_and_writer().await;
    let long = format!("I am a nurse. {}", "My experience is long. ".repeat(20));
    insert_inquiry(
        &site,
        &format!(
            "kind = 'apply', name = 'Ayesha Khan', message = '{long}', occupation = 'nurse', noc = '31301', crs = 471,
             residence = 'Pakistan', program = 'express_entry', state = 'reading',
             owner_id = (SELECT id FROM staff WHERE email = 'writer@example.com')"
        ),
    )
    .await;
    let page = writer.get("/admin/inquiries?state=reading").await;
    let headings =
        ["Select", "Name", "Message", "Occupation", "CRS score", "Residence", "Age", "Status", "Assigned to"];
    assert_eq!(page.all(".inbox thead th"), headings);
    assert_eq!(page.all(".inbox tbody tr > :first-child input").len(), 1, "the checkbox is first");
    assert_eq!(page.first(".inbox tbody th a"), "Ayesha Khan");
    assert_eq!(page.attributes(".inbox tbody th a", "href"), ["/admin/inquiries/1?list=state%3Dreading"]);
    let cells = page.all(".inbox tbody td");
    assert!(cells[1].starts_with("Application: Express EntryI am a nurse. My experience"), "{}", cells[1]);
    assert!(cells[1].ends_with('…') && cells[1].chars().count() < 180, "{}", cells[1]);
    assert_eq!(cells[2..], ["nurse NOC 31301", "471", "Pakistan", "1 hour", "In progress", "Test writer"]);
}

#[actix_web::test]
async fn list_is_sorted_by_time_name_or_score() {
    let (site, writer) = site_and_writer().await;
    insert_inquiry(&site, "name = 'bilal', crs = 480, received_at = '2026-11-20T08:00:00Z'").await;
    insert_inquiry(&site, "name = 'Amina', received_at = '2026-11-21T10:00:00Z'").await;
    insert_inquiry(&site, "name = 'Chanda', crs = 510, received_at = '2026-11-19T08:00:00Z'").await;
    insert_inquiry(&site, "name = 'Amina', crs = 480, received_at = '2026-11-18T08:00:00Z', state = 'closed'").await;
    for (query, expected) in [
        ("", &["02", "01", "03", "04"][..]),
        ("?sort=oldest", &["04", "03", "01", "02"]),
        ("?sort=name", &["02", "04", "01", "03"]),
        ("?sort=score", &["03", "04", "01", "02"]),
        ("?sort=name&state=new", &["02", "01", "03"]),
        ("?sort=score&q=visitor&state=new", &[]),
        ("?sort=score&q=hello&state=new", &["03", "01", "02"]),
        ("?sort=name&q=hello", &["02", "04", "01", "03"]),
        ("?sort=oldest&q=hello&state=new", &["01", "02", "03"]),
        ("?age=24h", &["03", "01"]),
        ("?age=24h&sort=score", &["03", "01"]),
        ("?sort=nothing", &["02", "01", "03", "04"]),
    ] {
        assert_eq!(listed_references(&writer, query).await, expected, "{query}");
    }
    let page = writer.get("/admin/inquiries?sort=name&state=new").await;
    assert_eq!(page.field_value("sort"), "name");
    assert_eq!(page.attributes("th[aria-sort]", "aria-sort"), ["ascending", "none", "none"]);
    let links = page.attributes("th[aria-sort] a", "href");
    assert_eq!(links[1..], ["/admin/inquiries?state=new&sort=score", "/admin/inquiries?state=new"]);
}

#[actix_web::test]
async fn long_sorted_lists_have_no_gaps() {
    let (site, writer) = site_and_writer().await;
    insert_inquiry(&site, "id = id").await;
    site.execute(
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 119)
         INSERT INTO inquiries (reference, kind, received_at, state_changed_at, receipt_token, form_token, content_hash,
                                name, email, phone, message, crs)
         SELECT printf('IE-2026-%06d', i + 1), 'contact', '2026-11-22T08:00:00Z', '2026-11-22T08:00:00Z',
                lower(hex(randomblob(16))), '', hex(randomblob(16)), 'Name ' || (i % 7), '', '', 'Hello.',
                nullif(400 + i % 5, 400)
         FROM n",
    )
    .await;
    for query in ["?sort=name", "?sort=score", "?sort=oldest"] {
        let mut all = vec![];
        for page in 1..=3 {
            all.extend(listed_references(&writer, &format!("{query}&page={page}")).await);
        }
        let in_order = all.clone();
        all.sort();
        all.dedup();
        assert_eq!((all.len(), in_order.len()), (120, 120), "{query}");
    }
}

#[actix_web::test]
async fn list_is_limited_to_a_range_of_days() {
    let (site, writer) = site_and_writer().await;
    // The office is five hours ahead of UTC.
    insert_inquiry(&site, "received_at = '2026-11-19T18:59:59Z'").await;
    insert_inquiry(&site, "received_at = '2026-11-19T19:00:00Z'").await;
    insert_inquiry(&site, "received_at = '2026-11-21T18:59:59Z'").await;
    insert_inquiry(&site, "received_at = '2026-11-21T19:00:00Z'").await;
    for (query, expected) in [
        ("?from=2026-11-20&to=2026-11-21", &["03", "02"][..]),
        ("?from=2026-11-22", &["04"]),
        ("?to=2026-11-19", &["01"]),
        ("?from=2026-11-20&to=2026-11-20&q=hello", &["02"]),
        ("?age=24h&from=2026-11-20", &["02"]),
        ("?from=yesterday", &["04", "03", "02", "01"]),
    ] {
        assert_eq!(listed_references(&writer, query).await, expected, "{query}");
    }
    let page = writer.get("/admin/inquiries?from=2026-11-20&to=2026-11-21").await;
    assert_eq!((page.field_value("from"), page.field_value("to")), ("2026-11-20".into(), "2026-11-21".into()));
    assert_eq!(page.all(".tabs a")[0], "All (2)");
    for (query, field, message) in [
        ("from=yesterday", "from", "Enter a date, such as 2026-11-22."),
        ("to=2026-02-30", "to", "Enter a date, such as 2026-11-22."),
        ("from=2026-11-22&to=2026-11-21", "to", "The last day must not be before the first day."),
    ] {
        let page = writer.get(&format!("/admin/inquiries?{query}")).await;
        assert_eq!(page.first(&format!("#{field}-error")), format!("Error: {message}"));
        assert!(query.contains(&page.field_value(field)), "the entry is kept");
    }
}

#[actix_web::test]
async fn inquiry_leads_to_the_previous_and_next_of_its_list_also_after_a_reply() {
    let (site, writer) = site_and_writer().await;
    for (name, crs) in [("Amina", 400), ("Bilal", 500), ("Chanda", 450)] {
        insert_inquiry(&site, &format!("name = '{name}', crs = {crs}, email = 'a@example.com'")).await;
    }
    insert_inquiry(&site, "state = 'closed', name = 'Dua'").await;
    let around = async |path: &str| {
        let page = writer.get(path).await;
        let link = |rel: &str| page.attributes(&format!(".list-position a[rel={rel}]"), "href").join("");
        (link("prev"), link("next"))
    };
    let new = |id: i64| format!("/admin/inquiries/{id}?list=state%3Dnew");
    assert_eq!(around(&new(3)).await, (String::new(), new(2)));
    assert_eq!(around(&new(2)).await, (new(3), new(1)));
    assert_eq!(around(&new(1)).await, (new(2), String::new()));
    assert_eq!(around("/admin/inquiries/4").await, (String::new(), "/admin/inquiries/3".into()));
    let score = |id: i64| format!("/admin/inquiries/{id}?list=state%3Dnew%26sort%3Dscore");
    assert_eq!(around(&score(3)).await, (score(2), score(1)));
    let name = |id: i64| format!("/admin/inquiries/{id}?list=sort%3Dname");
    assert_eq!(around(&name(2)).await, (name(1), name(3)));
    let search = |id: i64| format!("/admin/inquiries/{id}?list=q%3Dhello");
    assert_eq!(around(&search(2)).await, (search(3), search(1)));
    // A reply keeps the list, and the place in it.
    let page = writer.get(&new(2)).await;
    assert_eq!(page.attributes(".list-position a:not([rel])", "href"), ["/admin/inquiries?state=new"]);
    let mut fields = version_fields(&page);
    fields.push(("list", page.field_value("list")));
    let page = writer
        .post_and_follow("/admin/inquiries/2/reply", &with(&fields, &[("subject", "S"), ("text", "Dear Bilal")]))
        .await;
    assert_eq!(page.first(".state"), "Answered");
    assert_eq!(page.attributes(".list-position a", "href"), [new(3), "/admin/inquiries?state=new".into(), new(1)]);
    assert_eq!(around("/admin/inquiries/2?list=%22%3E%3Cscript").await.1, "/admin/inquiries/1", "an invalid list");
}

#[actix_web::test]
async fn inquiry_is_claimed_answered_and_left_with_three_clicks() {
    let (site, writer) = site_and_writer().await;
    for name in ["Amina", "Bilal"] {
        insert_inquiry(&site, &format!("name = '{name}', email = 'a@example.com'")).await;
    }
    let list = writer.get("/admin/inquiries?state=new").await;
    assert_eq!(references(&list), ["02", "01"]);
    // 1: the inquiry. 2: a template. 3: send.
    let inquiry = writer.get(&list.attributes(".inbox tbody th a", "href")[0]).await;
    let template = inquiry.attributes("nav[aria-label=Templates] a", "href");
    let filled = writer.get(template.iter().find(|href| href.contains("template=2")).unwrap()).await;
    let text = filled.first("textarea[name=text]");
    assert!(text.starts_with("Dear Bilal,"), "{text}");
    let mut fields = version_fields(&filled);
    for name in ["subject", "list", "inquiry"] {
        fields.push((name, filled.field_value(name)));
    }
    let sent = writer.post_and_follow("/admin/inquiries/2/reply", &with(&fields, &[("text", &text)])).await;
    assert_eq!(sent.first(".flash"), "Reply to IE-2026-000002 is being sent.");
    assert!(sent.first("h1 + p").contains("Answered") && sent.first("h1 + p").contains("Assigned to Test writer"));
    // The next inquiry is one click away.
    let next = writer.get(&sent.attributes(".list-position a[rel=next]", "href")[0]).await;
    assert_eq!(next.first("h1"), "Amina");
    assert_eq!(site.count("SELECT count(*) FROM outbox WHERE purpose = 'answer'").await, 1);
}
