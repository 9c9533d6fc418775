//! Inquiry page: eligibility panel, phone links, other inquiries of the person.

use super::{insert_inquiry, site_and_writer, version_fields, with};

#[actix_web::test]
async fn eligibility_panel_shows_lists_and_latest_cut_offs() {
    let (site, writer) = site_and_writer().await;
    let newest =
        site.text("SELECT round FROM draws WHERE category_key = 'healthcare' ORDER BY sort_key DESC LIMIT 1").await;
    let crs =
        site.count("SELECT crs FROM draws WHERE category_key = 'healthcare' ORDER BY sort_key DESC LIMIT 1").await;
    insert_inquiry(&site, &format!("kind = 'apply', occupation = '31301', crs = {}", crs + 12)).await;
    insert_inquiry(&site, &format!("kind = 'apply', occupation = 'nurse', noc = '31301', crs = {}", crs - 1)).await;
    insert_inquiry(&site, &format!("kind = 'apply', occupation = '31301', crs = {crs}")).await;
    insert_inquiry(&site, "kind = 'apply', occupation = '31301'").await;
    insert_inquiry(&site, "kind = 'apply', occupation = '10010', crs = 500").await;
    for (id, words) in [
        (1, format!("12 above the cut-off of draw {newest}")),
        (2, format!("1 below the cut-off of draw {newest}")),
        (3, format!("equal to the cut-off of draw {newest}, so the tie-break decides")),
        (4, String::new()),
    ] {
        let page = writer.get(&format!("/admin/inquiries/{id}")).await;
        let beside = page.first("section[aria-labelledby=eligibility]");
        assert!(
            beside.contains("NOC 31301 is Registered nurses and registered psychiatric nurses, TEER 1."),
            "{beside}"
        );
        assert_eq!(page.all(".figures tbody td:last-child")[0], words, "{id}");
        assert_eq!(page.all(".figures tbody td.number")[0], crs.to_string());
        assert_eq!(page.attributes(".figures tbody th a", "href"), ["/categories/healthcare"]);
        assert!(page.attributes(".figures td a", "href").contains(&format!("/draws/{newest}")));
    }
    let page = writer.get("/admin/inquiries/5").await;
    assert!(page.first("section[aria-labelledby=eligibility]").contains("It is not in any current category."));
    assert_eq!(page.all(".figures"), Vec::<String>::new(), "no draw is comparable");
}

#[actix_web::test]
async fn ambiguous_occupation_text_shows_suggestions() {
    let (site, writer) = site_and_writer().await;
    insert_inquiry(&site, "kind = 'apply', occupation = 'software enginer'").await;
    let page = writer.get("/admin/inquiries/1").await;
    let codes = page.attributes(".suggestions input[name=noc]", "value");
    assert!(codes.contains(&"21231".to_owned()) && codes.len() <= 5, "{codes:?}");
    let state = version_fields(&page);
    let path = "/admin/inquiries/1/occupation";
    let page = writer.post_and_follow(path, &with(&state, &[("noc", "21231")])).await;
    assert!(
        page.first("section[aria-labelledby=eligibility]").contains("NOC 21231 is Software engineers and designers")
    );
    assert!(page.all("dl.submitted dd").contains(&"software enginer".to_owned()), "the submitted text is kept");
    assert!(page.all("ol.rows .note")[0].starts_with("Occupation set to NOC 21231"));
    assert_eq!(page.all(".suggestions"), Vec::<String>::new());
    assert_eq!(writer.post(path, &with(&state, &[("noc", "21231")])).await.status, 409);
    for noc in ["", "99999", "x"] {
        let page = writer.post(path, &[("noc", noc)]).await;
        assert_eq!((page.status, page.field_value("noc")), (422, noc.to_string()));
        assert_eq!(page.first("#noc-error"), "Error: Enter a NOC 2021 code, such as 31301.");
    }
}

#[actix_web::test]
async fn phone_links_to_call_and_whatsapp_and_marks_uncertain_numbers() {
    let (site, writer) = site_and_writer().await;
    insert_inquiry(&site, "phone = '0300 1234567', phone_e164 = '+923001234567'").await;
    insert_inquiry(&site, "phone = '0300 12345', phone_e164 = '+9230012345'").await;
    insert_inquiry(&site, "phone = 'ask my uncle'").await;
    let links = async |id: i64| {
        let page = writer.get(&format!("/admin/inquiries/{id}")).await;
        let mut links = page.attributes(".toolbar a", "href");
        links.retain(|href| !href.starts_with('/'));
        (links, page.text.contains("a digit may be missing or wrong"))
    };
    let (found, uncertain) = links(1).await;
    assert_eq!(
        (found.as_slice(), uncertain),
        (&["tel:+923001234567".to_owned(), "https://wa.me/923001234567".into()][..], false)
    );
    assert_eq!(links(2).await, (vec!["tel:030012345".to_owned()], true));
    assert_eq!(links(3).await, (vec![], false));
}

#[actix_web::test]
async fn other_inquiries_with_the_same_email_or_phone_are_shown() {
    let (site, writer) = site_and_writer().await;
    insert_inquiry(&site, "email = 'amina@example.com', phone_e164 = '+923001234567', message = 'First.'").await;
    insert_inquiry(&site, "email = 'AMINA@example.com', message = 'Second.', state = 'closed'").await;
    insert_inquiry(&site, "whatsapp_e164 = '+923001234567', message = 'Third.'").await;
    insert_inquiry(&site, "email = 'other@example.com', phone_e164 = '+923009999999'").await;
    insert_inquiry(&site, "phone_e164 = '+923001234567', trashed_at = '2026-11-22T08:00:00Z', trash_reason = 'staff'")
        .await;
    let others = async |id: i64| {
        let page = writer.get(&format!("/admin/inquiries/{id}")).await;
        page.all("section[aria-labelledby=others] .rows > li > a").join(" ")
    };
    assert_eq!(others(1).await, "IE-2026-000003 IE-2026-000002");
    assert_eq!(others(2).await, "IE-2026-000001");
    assert_eq!(others(3).await, "IE-2026-000001");
    assert_eq!(others(4).await, "");
    let page = writer.get("/admin/inquiries/1").await;
    assert_eq!(page.all("section[aria-labelledby=others] .state"), ["New", "Closed"]);
    assert_eq!(page.all("section[aria-labelledby=others] .excerpt"), ["Third.", "Second."]);
}

#[actix_web::test]
async fn inquiry_without_contact_details_shows_no_related_inquiries() {
    let (site, writer) = site_and_writer().await;
    insert_inquiry(&site, "phone = 'x'").await;
    insert_inquiry(&site, "phone = 'x'").await;
    assert_eq!(writer.get("/admin/inquiries/1").await.all("#others"), Vec::<String>::new());
}
