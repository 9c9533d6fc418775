//! Occupation in words, and comparable draws beside the claimed score.

use super::{insert_inquiry, site_and_writer, version_fields, with};
use crate::support::Site;

/// Sends an application and returns what was stored about its occupation: code, whether it was matched, text.
async fn apply(site: &Site, occupation: &str) -> String {
    let fields = [
        ("name", occupation),
        ("email", "amina@example.com"),
        ("residence", "Pakistan"),
        ("program", "express_entry"),
        ("occupation", occupation),
        ("crs", "470"),
        ("consent", "yes"),
    ];
    assert_eq!(site.visitor().post("/apply", &fields).await.status, 303);
    site.text("SELECT noc || ' ' || noc_matched || ' ' || occupation FROM inquiries ORDER BY id DESC LIMIT 1").await
}

#[actix_web::test]
async fn words_are_matched_only_if_the_directory_is_certain() {
    let (site, _) = site_and_writer().await;
    for (occupation, stored) in [
        ("icu nurse", "31301 1 icu nurse"),
        ("ICU Nurses", "31301 1 ICU Nurses"),
        (
            "Registered nurses and registered psychiatric nurses",
            "31301 1 Registered nurses and registered psychiatric nurses",
        ),
        ("nurse", " 0 nurse"),
        ("icu nruse", " 0 icu nruse"),
        ("icu nurse and teacher", " 0 icu nurse and teacher"),
        ("31301", "31301 0 31301"),
        ("31301 nurse", " 0 31301 nurse"),
        ("the", " 0 the"),
        ("٭", " 0 ٭"),
    ] {
        assert_eq!(apply(&site, occupation).await, stored);
    }
}

#[actix_web::test]
async fn matched_occupation_is_marked_and_can_be_changed() {
    let (site, writer) = site_and_writer().await;
    apply(&site, "icu nurse").await;
    let page = writer.get("/admin/inquiries/1").await;
    let panel = page.first("section[aria-labelledby=eligibility]");
    assert!(panel.contains("TEER 1. matched from the words “icu nurse”"), "{panel}");
    assert!(writer.get("/admin/inquiries").await.first(".occupation").contains("icu nurse NOC 31301, matched"));
    let state = version_fields(&page);
    let page = writer.post_and_follow("/admin/inquiries/1/occupation", &with(&state, &[("noc", "32101")])).await;
    let panel = page.first("section[aria-labelledby=eligibility]");
    assert!(panel.contains("NOC 32101 is"), "{panel}");
    assert!(!panel.contains("matched"), "{panel}");
    assert_eq!(
        site.text("SELECT noc || ' ' || noc_matched || ' ' || occupation FROM inquiries").await,
        "32101 0 icu nurse"
    );
}

#[actix_web::test]
async fn visitor_can_change_a_matched_occupation_on_the_receipt() {
    let (site, _) = site_and_writer().await;
    apply(&site, "icu nurse").await;
    let token = site.text("SELECT receipt_token FROM inquiries").await;
    let receipt = site.visitor().get(&format!("/receipts/{token}")).await;
    assert!(
        receipt.first("main").contains("Is this your occupation? (optional) You entered “icu nurse”, which we matched")
    );
    let codes = receipt.attributes("button[name=noc]", "value");
    assert!(codes.contains(&"31301".to_owned()), "{codes:?}");
    site.visitor().post(&format!("/receipts/{token}/occupation"), &[("noc", "31301")]).await;
    assert_eq!(site.text("SELECT noc || ' ' || noc_matched FROM inquiries").await, "31301 0");
    assert!(!site.visitor().get(&format!("/receipts/{token}")).await.text.contains("Is this your occupation?"));
}

#[actix_web::test]
async fn only_comparable_draws_are_beside_the_score() {
    let (site, writer) = site_and_writer().await;
    let latest = async |category: &str| {
        let sql = format!("SELECT round FROM draws WHERE category_key = '{category}' ORDER BY sort_key DESC LIMIT 1");
        let sql = sqlx::AssertSqlSafe(sql);
        sqlx::query_scalar::<_, String>(sql).fetch_one(site.running.services.db.read()).await.unwrap()
    };
    let (healthcare, french) = (latest("healthcare").await, latest("french").await);
    let (cec, general, pnp) = (latest("cec").await, latest("general").await, latest("pnp").await);
    insert_inquiry(&site, "kind = 'apply', noc = '31301', crs = 470, residence = 'Pakistan'").await;
    insert_inquiry(&site, "kind = 'apply', noc = '31301', crs = 470, french_test = 'TEF B2', residence = 'Canada'")
        .await;
    insert_inquiry(&site, "kind = 'apply', crs = 470, residence = 'Pakistan'").await;
    insert_inquiry(&site, "kind = 'apply', noc = '31301', crs = 470, experience_years = 0").await;
    let shown = async |id: i64| {
        let page = writer.get(&format!("/admin/inquiries/{id}")).await;
        page.all(".cut-offs td:nth-child(2) a")
    };
    assert_eq!(shown(1).await, std::slice::from_ref(&healthcare));
    assert_eq!(shown(2).await, [healthcare.clone(), french, cec]);
    assert_eq!(shown(3).await, Vec::<String>::new(), "nothing is comparable");
    for id in 1..=3 {
        assert!(!shown(id).await.contains(&general) && !shown(id).await.contains(&pnp));
    }
    let page = writer.get("/admin/inquiries/1").await;
    assert!(page.first(".cut-offs td").contains(" ago"), "the age of the draw: {}", page.first(".cut-offs td"));
    let panel = page.first("section[aria-labelledby=eligibility]");
    assert!(panel.contains("The last draw open to all programs was held on April 23, 2024."), "{panel}");
    let row = writer.get("/admin/inquiries/4").await.first(".cut-offs tbody tr");
    assert!(row.contains("not comparable:") && row.contains("months of work experience required"), "{row}");
    // A recent general draw is comparable with everybody.
    site.execute(&format!("UPDATE draws SET date = '2026-11-10' WHERE round = '{general}'")).await;
    assert_eq!(shown(1).await, [healthcare, general.clone()]);
    assert_eq!(shown(3).await, [general]);
    assert_eq!(writer.get("/admin/inquiries/3").await.first(".cut-offs td .small"), "November 10, 2026, 12 days ago");
}

#[actix_web::test]
async fn draw_under_a_list_without_the_occupation_is_not_comparable() {
    let (site, writer) = site_and_writer().await;
    insert_inquiry(&site, "kind = 'apply', noc = '31301', crs = 470").await;
    let rounds = async || {
        let page = writer.get("/admin/inquiries/1").await;
        page.all(".cut-offs td:nth-child(2) a")
    };
    let before = rounds().await;
    assert_eq!(before.len(), 1);
    // The newest draw was held under a list that did not name the occupation.
    site.execute(
        "DELETE FROM category_occupations WHERE noc = '31301' AND list_id = (
             SELECT list_id FROM category_draws WHERE category_key = 'healthcare' ORDER BY sort_key DESC LIMIT 1);
         INSERT INTO category_lists (category_key, version, name_en, name_fr, effective_from, effective_to,
                                     min_experience_months, experience_where, must_be_continuous, source, notes, draw_names, confidence)
         SELECT category_key, 'Next', name_en, name_fr, '2026-11-01', NULL, min_experience_months, experience_where,
                must_be_continuous, source, notes, draw_names, confidence
         FROM category_lists WHERE category_key = 'healthcare' ORDER BY effective_from DESC LIMIT 1;
         INSERT INTO category_occupations (list_id, noc, position) SELECT max(id), '31301', 1 FROM category_lists",
    )
    .await;
    assert_ne!(rounds().await, before);
}
