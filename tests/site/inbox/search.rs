//! Search with typing errors and parts of phone numbers.

use immigration_experts::staff::Role;

use super::{insert_inquiry, listed_references, site_and_writer};

#[actix_web::test]
async fn misspelt_names_are_found() {
    let (site, writer) = site_and_writer().await;
    insert_inquiry(&site, "name = 'Fatima Zahra', message = 'About Toronto.'").await;
    insert_inquiry(&site, "name = 'Muhammad Ali', message = 'About Calgary.'").await;
    insert_inquiry(&site, "name = 'Zoë Núñez', message = 'About Fatigue.'").await;
    insert_inquiry(&site, "name = 'محمد علی'").await;
    for (typed, found) in [
        ("Fatema", &["01"][..]),
        ("fatema zahra", &["01"]),
        ("Faitma", &["01"]),
        ("Mohammed", &["02"]),
        ("Muhamad", &["02"]),
        ("Torontto", &["01"]),
        ("Nunes", &["03"]),
        ("Fatema Calgary", &[]),
        ("Fatxyz", &[]),
        ("ali", &["02"]),
    ] {
        let query = format!("?q={}", typed.replace(' ', "+"));
        assert_eq!(listed_references(&writer, &query).await, found, "{typed}");
    }
    let page = writer.get("/admin/inquiries?q=Fatema").await;
    assert!(
        page.first("main").contains("Nothing contains “Fatema”. These inquiries contain a similar spelling: fatima."),
        "{}",
        page.first("main")
    );
    assert_eq!(page.all(".tabs a")[0], "All (1)");
    assert!(!writer.get("/admin/inquiries?q=Fatima").await.first("main").contains("similar spelling"));
    // An exact match in another list does not hide a similar name in this one.
    insert_inquiry(&site, "name = 'Fatema Noor', state = 'closed'").await;
    assert_eq!(listed_references(&writer, "?q=Fatema").await, ["05"]);
    assert_eq!(listed_references(&writer, "?q=Fatema&state=new").await, ["01"]);
    let publisher = site.staff(Role::Publisher).await;
    let csv = publisher.get("/admin/inquiries.csv?q=Fatema&state=new").await.text;
    assert!(csv.contains("Fatima Zahra") && !csv.contains("Fatema Noor"), "the export has the same inquiries: {csv}");
}

#[actix_web::test]
async fn part_of_a_phone_number_finds_it_in_any_spelling() {
    let (site, writer) = site_and_writer().await;
    let fields = [("name", "Amina"), ("message", "Hello")];
    for phone in ["+92 321 7654321", "0321-7654321", "(0321) 765.4321", "00923217654321"] {
        let page = site.visitor().post("/contact", &[fields[0], fields[1], ("phone", phone)]).await;
        assert_eq!(page.status, 303, "{phone}");
    }
    insert_inquiry(&site, "phone = 'ask 0321 765'").await;
    insert_inquiry(&site, "whatsapp = '+44 20 7946 0000'").await;
    for part in ["0321-765", "0321 765", "0321765", "321765", "7654321", "4321", "%2B92321765", "0092-321-765"] {
        let found = listed_references(&writer, &format!("?q={part}")).await;
        for reference in ["01", "02", "03", "04"] {
            assert!(found.contains(&reference.to_owned()), "{part}: {found:?}");
        }
        assert!(!found.contains(&"06".to_owned()), "{part}: {found:?}");
    }
    assert_eq!(listed_references(&writer, "?q=7946").await, ["06"]);
    assert_eq!(listed_references(&writer, "?q=0321-766").await, Vec::<String>::new());
    assert_eq!(listed_references(&writer, "?q=6").await, ["06"], "a reference");
    let publisher = site.staff(Role::Publisher).await;
    let csv = publisher.get("/admin/inquiries.csv?q=7946").await.text;
    assert!(csv.lines().count() == 2 && csv.contains("IE-2026-000006"), "{csv}");
}

#[actix_web::test]
async fn number_index_follows_corrections_trash_and_erasure() {
    let (site, writer) = site_and_writer().await;
    insert_inquiry(&site, "phone = '0321 7654321', name = 'Fatima'").await;
    let finds = async |part: &str| listed_references(&writer, &format!("?q={part}")).await.len();
    assert_eq!(finds("0321-765").await, 1);
    site.execute("UPDATE inquiries SET phone = '0300 1112222', name = 'Amina' WHERE id = 1").await;
    assert_eq!((finds("0321-765").await, finds("0300-111").await, finds("Fatema").await), (0, 1, 0));
    site.execute("UPDATE inquiries SET trashed_at = '2026-11-22T08:30:00Z', trash_reason = 'staff'").await;
    assert_eq!(finds("0300-111").await, 0);
    site.execute("UPDATE inquiries SET trashed_at = NULL, trash_reason = NULL").await;
    assert_eq!(finds("0300-111").await, 1);
    site.execute("DELETE FROM inquiry_events; DELETE FROM inquiries").await;
    site.execute("CREATE VIRTUAL TABLE number_terms USING fts5vocab (inquiry_numbers_fts, row)").await;
    assert_eq!(site.count("SELECT count(*) FROM number_terms").await, 0, "no digit stays in the index");
    assert_eq!(site.count("SELECT count(*) FROM inquiries_terms").await, 0, "no word stays in the index");
}
