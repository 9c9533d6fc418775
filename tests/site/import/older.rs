use immigration_experts::staff::Role;
use serde_json::{Value, json};

use crate::support::feeds::{apply, changes, file, preview};
use crate::support::{Page, Site, Visitor};

/// Feed with the draws from `first` to `last`, made from the record.
async fn feed_of_record(site: &Site, first: i64, last: i64) -> Vec<Value> {
    let rows: Vec<Value> = serde_json::from_str(&site.text(RECORD).await).unwrap();
    let is_in = |row: &&Value| (first * 10..=last * 10 + 9).contains(&row["sort_key"].as_i64().unwrap());
    rows.iter()
        .filter(is_in)
        .map(|row| {
            let mut round = row["round"].clone();
            let pool: Option<Value> = row["pool"].as_str().map(|pool| pool.parse().unwrap());
            // The record names the bands by their scores; the feed numbers them from the highest score down.
            for (place, band) in BANDS.iter().enumerate() {
                let count = pool.as_ref().map_or(json!("0"), |pool| pool[*band].to_string().into());
                round[format!("dd{}", place + 1)] = count;
            }
            round
        })
        .collect()
}

const RECORD: &str = "SELECT json_group_array(json_object('sort_key', sort_key, 'pool', pool, 'round', json_object(
        'drawNumber', round, 'drawDate', coalesce(date_published, date), 'drawName', name, 'drawSize', invitations,
        'drawCRS', crs, 'drawText2', programs, 'drawDateTime', held_at_published, 'drawCutOff', tie_break_published,
        'drawDistributionAsOn', coalesce(pool_as_of, ''))) ORDER BY sort_key DESC) FROM draws";

const BANDS: [&str; 18] = [
    "601_1200", "501_600", "451_500", "491_500", "481_490", "471_480", "461_470", "451_460", "401_450", "441_450",
    "431_440", "421_430", "411_420", "401_410", "351_400", "301_350", "0_300", "total",
];

const OLDER: &str = "This file ends with draw 291 of March 26, 2024; the record goes to draw 447.";

/// Feed of April 2024 with an older name and pool count.
async fn old_feed(site: &Site) -> Vec<Value> {
    let mut rounds = feed_of_record(site, 1, 291).await;
    let healthcare = rounds.iter_mut().find(|round| round["drawNumber"] == "252").unwrap();
    healthcare["drawName"] = json!("Healthcare occupations (2023-1)");
    for band in ["dd17", "dd18"] {
        let count: i64 = healthcare[band].as_str().unwrap().parse().unwrap();
        healthcare[band] = json!((count - 1).to_string());
    }
    rounds
}

fn first_line(page: &Page) -> String {
    page.all("h1 + p").remove(0)
}

async fn name(site: &Site) -> String {
    site.text("SELECT name FROM draws WHERE round = '252'").await
}

async fn apply_preview(member: &Visitor, page: &Page, reason: &str) -> Page {
    let fields = [("fingerprint", page.field_value("fingerprint")), ("reason-older", reason.to_owned())];
    member.post(&page.path, &fields.each_ref().map(|(name, value)| (*name, value.as_str()))).await
}

#[actix_web::test]
async fn old_feed_is_announced_and_reverts_nothing_without_a_reason() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let page = preview(&publisher, &file(&old_feed(&site).await)).await;
    assert_eq!(first_line(&page), OLDER);
    let rows = changes(&page);
    assert!(rows.len() == 3 && rows.iter().all(|row| row.ends_with("changes: back to an older value")), "{rows:?}");
    assert!(page.first("form#application").contains("It would change 3 fields back to older values."));
    for reason in ["", "  "] {
        let refused = apply_preview(&publisher, &page, reason).await;
        assert_eq!(refused.status, 422);
        assert!(refused.first("[role=alert]").starts_with(OLDER), "{}", refused.first("[role=alert]"));
        assert_eq!(name(&site).await, "Healthcare occupations (Version 1)");
    }
    assert_eq!(apply_preview(&publisher, &page, "The names of 2023 are wanted.").await.status, 303);
    assert_eq!(name(&site).await, "Healthcare occupations (2023-1)");
    let logged = site.text("SELECT subject FROM audit_log WHERE action = 'imported an older file'").await;
    assert_eq!(logged, format!("{OLDER} 3 fields changed back. Reason: The names of 2023 are wanted."));
}

#[actix_web::test]
async fn feeds_of_every_age_raise_no_false_warning() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    for last in [1, 2, 50, 91, 104, 150, 208, 247, 262, 291, 357, 446, 447] {
        let page = preview(&publisher, &file(&feed_of_record(&site, 1, last).await)).await;
        assert_eq!(first_line(&page).starts_with("This file ends with draw"), last < 447, "{last}");
        assert_eq!(page.all(".findings, #changed, #new, main form"), Vec::<String>::new(), "{last}");
    }
    let page = preview(&publisher, &file(&feed_of_record(&site, 440, 447).await)).await;
    assert!(first_line(&page).starts_with("0 new draws, 0 changed draws, 8 unchanged."));
}

#[actix_web::test]
async fn partial_old_feed_changes_are_marked_as_possibly_older() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let mut rounds = feed_of_record(&site, 252, 254).await;
    rounds[0]["drawCRS"] = json!("487");
    let page = preview(&publisher, &file(&rounds)).await;
    assert_eq!(first_line(&page), "This file ends with draw 254 of July 5, 2023; the record goes to draw 447.");
    assert_eq!(changes(&page), ["254CRS cut-off486487changes: possibly back to an older value"]);
    assert_eq!(apply(&publisher, &page, "").await.status, 303);
}

#[actix_web::test]
async fn removed_pool_counts_are_a_change() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    for empty in ["0", ""] {
        let mut rounds = feed_of_record(&site, 447, 447).await;
        for place in 1..=18 {
            rounds[0][format!("dd{place}")] = json!(empty);
        }
        let page = preview(&publisher, &file(&rounds)).await;
        let counted = site.text("SELECT pool_as_of FROM draws WHERE round = '447'").await;
        assert_eq!(counted, "2026-09-27");
        assert_eq!(changes(&page), ["447poolcounted on September 27, 2026nonechanges"]);
        assert_eq!(page.all("form#application button"), ["Import"]);
    }
    // A file without these fields leaves the values unchanged.
    let mut rounds = feed_of_record(&site, 447, 447).await;
    for place in 1..=18 {
        rounds[0].as_object_mut().unwrap().remove(&format!("dd{place}"));
    }
    let page = preview(&publisher, &file(&rounds)).await;
    assert_eq!(page.first(".lead"), "0 new draws, 0 changed draws, 1 unchanged.");
}
