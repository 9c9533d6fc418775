use immigration_experts::staff::Role;

use crate::support::Site;
use crate::support::feeds::{import_rounds, new_round};

const OLD_RECORD_NOTICE: &str =
    "The latest draw in our record was held on October 1, 2026, 52 days ago. Later draws may be missing.";

#[actix_web::test]
async fn pages_show_the_last_date_of_the_draw_record() {
    let site = Site::start().await;
    let visitor = site.visitor();
    let home = visitor.get("/").await;
    assert_eq!(home.first(".newest h2 .new"), "Latest draw, October 1, 2026");
    assert!(home.text.contains("All draws from 2015 to October 1, 2026"));
    assert!(!home.text.contains("We follow every") && !home.text.contains("Newest round"));
    let list = visitor.get("/draws").await;
    assert!(list.first(".lead").starts_with("448 draws from January 2015 to October 1, 2026."));
    assert!(list.attributes("meta[name=description]", "content")[0].contains("to October 1, 2026"));
    assert!(visitor.get("/draws?year=2026").await.first(".lead").contains(" draws in 2026, up to October 1, 2026: "));
    assert!(visitor.get("/draws?year=2025").await.first(".lead").contains(" draws in 2025: "));
    assert!(visitor.get("/draws?category=pnp").await.first(".lead").contains("to October 1, 2026"));
    let data = visitor.get("/draws/data").await;
    assert!(data.first(".lead").starts_with("448 draws up to October 1, 2026 "));
    assert!(data.attributes("meta[name=description]", "content")[0].contains("up to October 1, 2026"));
    let feed = visitor.get("/draws/feed.atom").await;
    assert!(feed.first("feed > subtitle").contains("up to October 1, 2026"), "{}", feed.first("feed > subtitle"));
    let json: serde_json::Value = serde_json::from_str(&visitor.get("/draws.json").await.text).unwrap();
    assert_eq!(json["up_to"], "2026-10-01");
    assert!(json["about"].as_str().unwrap().contains("up to October 1, 2026"));
    for path in ["/", "/draws", "/draws/data", "/draws/feed.atom", "/draws.json", "/about"] {
        let text = visitor.get(path).await.text;
        for claim in ["every round", "Every round", "All rounds", "every draw", "Every draw", "All 448"] {
            assert!(!text.contains(claim), "{path}: {claim}");
        }
    }
}

#[actix_web::test]
async fn old_record_notice_appears_and_a_new_draw_removes_it() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let visitor = site.visitor();
    for path in ["/", "/draws", "/draws?category=pnp", "/draws/data"] {
        assert!(visitor.get(path).await.all(".notice").contains(&OLD_RECORD_NOTICE.to_owned()), "{path}");
    }
    assert!(visitor.get("/draws/feed.atom").await.first("feed > subtitle").contains("later draws may be missing"));
    assert!(visitor.get("/draws.json").await.text.contains("Later draws may be missing."));
    for (path, place) in [("/admin", "#record + p"), ("/admin/draws", "main .notice")] {
        let warning = publisher.get(path).await.first(place);
        assert!(
            warning.starts_with("The latest draw in the record was held on October 1, 2026, 52 days ago."),
            "{path}: {warning}"
        );
    }
    let day = ("drawDate", "2026-11-20");
    let times = [("drawDateTime", "November 20, 2026 at 10:08:20 UTC"), ("drawDistributionAsOn", "November 18, 2026")];
    import_rounds(&publisher, &[new_round("448", &[&[day][..], &times].concat())]).await;
    for path in ["/", "/draws", "/draws/data"] {
        let page = visitor.get(path).await;
        assert_eq!(page.all("main .notice"), Vec::<String>::new(), "{path}");
        assert!(page.text.contains("November 20, 2026"), "{path}");
    }
    assert!(!visitor.get("/draws/feed.atom").await.first("feed > subtitle").contains("missing"));
    for path in ["/admin", "/admin/draws"] {
        assert!(!publisher.get(path).await.text.contains("The latest draw in the record"), "{path}");
    }
}

#[actix_web::test]
async fn cached_pages_change_on_the_day_the_record_becomes_old() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let day = ("drawDate", "2026-11-20");
    let times = [("drawDateTime", "November 20, 2026 at 10:08:20 UTC"), ("drawDistributionAsOn", "November 18, 2026")];
    import_rounds(&publisher, &[new_round("448", &[&[day][..], &times].concat())]).await;
    let visitor = site.visitor();
    let is_old = async |path: &str| visitor.get(path).await.text.contains("ater draws may be missing");
    let pages = ["/", "/draws", "/draws/data", "/draws/feed.atom", "/draws.json"];
    // The test clock starts on November 22, 2026 at 9:00 UTC (14:00 in the offices): November 30 ends 8 days and 10 hours later.
    site.advance_hours(8 * 24 + 9);
    for path in pages {
        assert!(!is_old(path).await, "{path}: ten days");
    }
    site.advance_hours(1);
    for path in pages {
        assert!(is_old(path).await, "{path}: eleven days");
    }
}
