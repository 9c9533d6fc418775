//! Public category pages: status, versions of the lists, changes and draws.

use std::collections::BTreeMap;

use crate::support::{Page, Site, Visitor};

/// Codes of the list version on the page, in order.
fn codes(page: &Page) -> Vec<String> {
    assert_eq!(page.status, 200, "{}: {}", page.path, page.text);
    page.all("ol.occupations .code").iter().map(|code| code.trim_start_matches("NOC ").to_owned()).collect()
}

/// Codes that were added or removed.
fn changed_codes(page: &Page, id: &str) -> Vec<String> {
    let selector = format!("#{id} + ul .code");
    let mut codes: Vec<String> =
        page.all(&selector).iter().map(|code| code.trim_start_matches("NOC ").to_owned()).collect();
    codes.sort();
    codes
}

fn version(key: &str, version: &str) -> String {
    let version: String = form_urlencoded::byte_serialize(version.as_bytes()).collect();
    format!("/categories/{key}?version={version}")
}

async fn compressed_len(visitor: &Visitor, path: &str) -> usize {
    let request = visitor.client.get(format!("{}{path}", visitor.base)).header("accept-encoding", "br");
    let answer = request.send().await.unwrap();
    assert_eq!((answer.status().as_u16(), &answer.headers()["content-encoding"]), (200, &"br".parse().unwrap()));
    answer.bytes().await.unwrap().len()
}

#[actix_web::test]
async fn each_category_shows_status_occupations_and_draws() {
    let site = Site::start().await;
    let page = site.visitor().get("/categories").await;
    page.assert_page_layout();
    assert_eq!(page.all("main h2"), ["In effect", "Ended"]);
    let all = page.all(".category-rows li");
    let entry = |start: &str| all.iter().find(|entry| entry.starts_with(start)).unwrap().clone();
    let held = |key: &'static str| {
        let site = &site;
        async move {
            let all: (i64, String, i64) = sqlx::query_as(
                "SELECT count(*), (SELECT round FROM draws WHERE category_key = ?1 ORDER BY sort_key DESC LIMIT 1),
                        (SELECT crs FROM draws WHERE category_key = ?1 ORDER BY sort_key DESC LIMIT 1)
                 FROM draws WHERE category_key = ?1",
            )
            .bind(key)
            .fetch_one(site.running.services.db.read())
            .await
            .unwrap();
            all
        }
    };
    let healthcare = entry("Healthcare and social services occupations");
    let (rounds, round, crs) = held("healthcare").await;
    assert!(healthcare.contains("In effect since February 18, 2026"), "{healthcare}");
    assert!(healthcare.contains(&format!("37 occupations · {rounds} draws")), "{healthcare}");
    assert!(healthcare.ends_with(&format!("Latest cut-off {crs} September 4, 2026")), "{healthcare}");
    assert!(page.attributes(".category-rows a", "href").contains(&format!("/draws/{round}")), "{round}");
    let physicians = entry("Physicians");
    assert!(
        physicians.contains("In effect since December 8, 2025") && physicians.contains("3 occupations"),
        "{physicians}"
    );
    assert!(entry("Researchers").ends_with("2 occupations · no draws yet"), "{}", entry("Researchers"));
    assert!(entry("French").contains("No occupation list · "), "{}", entry("French"));
    let agriculture = entry("Agriculture");
    assert!(agriculture.contains("Ended on February 17, 2026"), "{agriculture}");
    assert!(agriculture.contains("1 occupation ·"), "{agriculture}");
    for href in page.attributes(".category-rows a", "href") {
        assert_eq!(site.visitor().get(&href).await.status, 200, "{href}");
    }
}

#[actix_web::test]
async fn category_status_changes_with_the_date() {
    let site = Site::start().await;
    let visitor = site.visitor();
    site.execute("UPDATE category_lists SET effective_from = '2027-03-01' WHERE category_key = 'researchers'").await;
    let page = visitor.get("/categories").await;
    assert_eq!(page.all("main h2"), ["In effect", "Upcoming", "Ended"]);
    assert!(page.first("main h2:nth-of-type(2) + ul").contains("Takes effect on March 1, 2027"));
    let page = visitor.get("/categories/researchers").await;
    assert!(page.first(".answer").contains("2026 list takes effect on March 1, 2027."), "{}", page.first(".answer"));
    // In the time zone of the offices, the day begins at 19:00 UTC on the day before.
    let hours = (99 - 1) * 24 + 10;
    site.advance_hours(hours);
    assert_eq!(visitor.get("/categories").await.all("main h2"), ["In effect", "Ended"]);
    assert_eq!(visitor.get("/categories/researchers").await.first(".answer strong"), "in effect");
}

#[actix_web::test]
async fn list_version_applies_from_its_first_to_its_last_day() {
    let site = Site::start().await;
    let visitor = site.visitor();
    for (key, name, from, to, count) in [
        ("french", "Version 1", "2023-05-31", Some("2026-02-05"), 0),
        ("french", "2026-Version 2", "2026-02-06", None, 0),
        ("healthcare", "Version 1", "2023-05-31", Some("2025-02-26"), 35),
        ("healthcare", "Version 2", "2025-02-27", Some("2026-02-17"), 37),
        ("healthcare", "2026-Version 3", "2026-02-18", None, 37),
        ("stem", "Version 1", "2023-05-31", Some("2025-02-26"), 24),
        ("stem", "2025 list (no round held)", "2025-02-27", Some("2026-02-17"), 11),
        ("stem", "2026 list", "2026-02-18", None, 11),
        ("trades", "Version 1", "2023-05-31", Some("2025-02-26"), 10),
        ("trades", "Version 2", "2025-02-27", Some("2026-02-17"), 25),
        ("trades", "2026-Version 3", "2026-02-18", None, 25),
        ("transport", "Version 1", "2023-05-31", Some("2025-02-26"), 10),
        ("transport", "2026-Version 2", "2026-02-18", None, 4),
        ("agriculture", "Version 1", "2023-05-31", Some("2025-02-26"), 3),
        ("agriculture", "2025 list (no round held)", "2025-02-27", Some("2026-02-17"), 1),
        ("education", "Version 1", "2025-02-27", Some("2026-02-17"), 5),
        ("education", "2026 list", "2026-02-18", None, 5),
        ("physicians", "2026-Version 1", "2025-12-08", None, 3),
        ("senior_managers", "2026-Version 1", "2026-02-18", None, 4),
        ("researchers", "2026 list", "2026-02-18", None, 2),
        ("military", "2026-Version 1", "2026-02-18", None, 3),
    ] {
        let path = version(key, name);
        let page = visitor.get(&path).await;
        assert_eq!(codes(&page).len(), count, "{path}");
        let dates: Vec<String> = [Some(from), to].into_iter().flatten().map(str::to_owned).collect();
        let shown = page.attributes(".answer time", "datetime");
        assert_eq!(shown[..dates.len()], dates, "{path}");
        assert_eq!(page.all(".answer strong") == ["in effect"], to.is_none(), "{path}");
        assert!(page.all("#versions + ul strong").iter().all(|shown| name.starts_with(shown)), "{path}");
        page.assert_page_layout();
        let newest = page.all(".notice").is_empty();
        let expected = if newest { format!("/categories/{key}") } else { path.clone() };
        assert_eq!(page.attributes("link[rel=canonical]", "href"), [format!("{}{expected}", site.base)]);
    }
    for (key, name) in
        [("healthcare", "Version 9"), ("healthcare", "version 1"), ("stem", "Version 2"), ("nothing", "")]
    {
        assert_eq!(visitor.get(&version(key, name)).await.status, 404, "{key} {name}");
    }
    assert_eq!(visitor.get("/categories/healthcare?version=").await.first("h2#occupations"), "37 occupations");
}

#[actix_web::test]
async fn list_version_shows_rule_source_and_verification_date() {
    let site = Site::start().await;
    let visitor = site.visitor();
    let old = visitor.get("/categories/healthcare?version=Version+1").await;
    assert_eq!(
        old.first("#rule + p"),
        "At least 6 months of continuous full-time work, or an equal amount of part-time work, in one listed \
         occupation within the last three years, in Canada or abroad. Months in different occupations are not added \
         together."
    );
    assert!(
        old.first("article").contains("Not checked since it was published. Source: the announcement of May 31, 2023,")
    );
    assert_eq!(old.first(".notice"), "The current list is 2026-Version 3.");
    assert_eq!(old.attributes(".notice a", "href"), ["/categories/healthcare"]);
    let now = visitor.get("/categories/healthcare").await;
    assert!(now.first("#rule + p").starts_with("At least 12 months"), "{}", now.first("#rule + p"));
    assert!(!now.first("#rule + p").contains("continuous"));
    assert!(now.first("article").contains("Figures last checked on August 26, 2026. Source: the government’s page"));
    assert_eq!(now.all(".notice"), Vec::<String>::new());
    for (key, words) in [
        (
            "physicians",
            "At least 12 months of full-time work, or an equal amount of part-time work, in one listed occupation within the last three years, in Canada.",
        ),
        ("military", "at least ten years of continuous service in a recognized foreign military"),
        ("military", "for at least three years of continuous full-time work in NOC 40042, 42102 or 43204"),
        ("military", "a completed post-secondary program of at least two years"),
        ("french", "NCLC 7 or higher in all four abilities"),
        ("researchers", "in Canada."),
    ] {
        let page = visitor.get(&format!("/categories/{key}")).await;
        assert!(page.first("article").contains(words), "{key}: {}", page.first("article"));
    }
}

#[actix_web::test]
async fn list_version_shows_added_and_removed_occupations() {
    let site = Site::start().await;
    let visitor = site.visitor();
    let page = visitor.get(&version("healthcare", "Version 2")).await;
    assert_eq!((page.first("#added"), page.first("#removed")), ("8 added".into(), "6 removed".into()));
    assert_eq!(changed_codes(&page, "removed"), ["31204", "32200", "32209", "33109", "41320", "42203"]);
    assert_eq!(changed_codes(&page, "added").len(), 8);
    assert_eq!(page.attributes("#removed + ul a", "href").len(), 6);
    for href in page.attributes("#removed + ul a, #added + ul a, #changes + p a", "href") {
        assert_eq!(visitor.get(&href).await.status, 200, "{href}");
    }
    let before = codes(&visitor.get(&version("healthcare", "Version 1")).await);
    let after = codes(&page);
    assert!(changed_codes(&page, "added").iter().all(|code| after.contains(code) && !before.contains(code)));
    assert!(changed_codes(&page, "removed").iter().all(|code| !after.contains(code) && before.contains(code)));
    assert!(!page.first("article").contains("Previous rule"), "the rule did not change");

    for (key, name, added, removed) in [
        ("stem", "2025 list (no round held)", 6, 19),
        ("stem", "2026 list", 0, 0),
        ("trades", "Version 2", 19, 4),
        ("trades", "2026-Version 3", 1, 1),
        ("healthcare", "2026-Version 3", 0, 0),
        ("education", "2026 list", 0, 0),
        ("agriculture", "2025 list (no round held)", 0, 2),
    ] {
        let page = visitor.get(&version(key, name)).await;
        assert_eq!(
            (changed_codes(&page, "added").len(), changed_codes(&page, "removed").len()),
            (added, removed),
            "{key} {name}"
        );
        let same = page.first("article").contains("The occupations are the same.");
        assert_eq!(same, added + removed == 0, "{key} {name}");
    }
    let trades = visitor.get("/categories/trades").await;
    assert_eq!(
        (changed_codes(&trades, "added"), changed_codes(&trades, "removed")),
        (vec!["63201".into()], vec!["63200".into()])
    );
    assert!(trades.first("article").contains("Previous rule: At least 6 months"), "{}", trades.first("article"));
    let transport = visitor.get("/categories/transport").await;
    assert!(
        transport.first("#changes + p").ends_with("From February 27, 2025 to February 17, 2026 neither was in effect."),
        "{}",
        transport.first("#changes + p")
    );
    assert_eq!(visitor.get("/categories/french").await.first("#changes + p + p"), "Neither version lists occupations.");
    assert_eq!(
        visitor.get("/categories/physicians").await.first("#changes + p"),
        "This is the first list of this category."
    );
}

#[actix_web::test]
async fn draws_are_shown_under_the_list_in_force_on_their_date() {
    let site = Site::start().await;
    let visitor = site.visitor();
    let mut shown = 0;
    let lists: Vec<(String, String, String, Option<String>)> =
        sqlx::query_as("SELECT category_key, version, effective_from, effective_to FROM category_lists ORDER BY id")
            .fetch_all(site.running.services.db.read())
            .await
            .unwrap();
    assert_eq!(lists.len(), 21);
    for (key, name, from, to) in lists {
        let page = visitor.get(&version(&key, &name)).await;
        let dates = page.attributes("#draws + table td:nth-child(2) time", "datetime");
        assert!(dates.iter().all(|date| *date >= from && to.as_ref().is_none_or(|to| date <= to)), "{key} {name}");
        assert!(dates.is_sorted_by(|one, other| one >= other), "newest first");
        shown += dates.len();
        let rounds = page.all("#draws + table tbody th");
        assert_eq!(
            rounds.is_empty(),
            page.all("#draws + p") == ["No draws"] || page.all("#draws + p") == ["No draws yet"]
        );
        assert!(page.attributes("main a", "href").contains(&format!("/draws?category={key}")));
    }
    let held = "SELECT count(*) FROM draws WHERE category_key IN (SELECT key FROM categories)";
    assert_eq!(i64::try_from(shown).unwrap(), site.count(held).await, "each draw is shown under one list");
    let first = visitor.get(&version("healthcare", "Version 1")).await;
    let row = first.all("#draws + table tbody tr:last-child > *");
    assert_eq!(row, ["252", "June 28, 2023", "500", "476"]);
}

#[actix_web::test]
async fn category_lists_can_be_downloaded() {
    let site = Site::start().await;
    let visitor = site.visitor();
    let answer = visitor.get("/categories/healthcare.csv").await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "text/csv; charset=utf-8"));
    assert_eq!(answer.header("content-disposition"), "attachment; filename=\"express-entry-healthcare.csv\"");
    let rows = |text: &str| -> Vec<BTreeMap<String, String>> {
        csv::Reader::from_reader(text.as_bytes()).deserialize().map(Result::unwrap).collect()
    };
    assert!(answer.text.starts_with("category,version,effective_from,effective_to,noc,title_en,title_fr\n"));
    let all = rows(&answer.text);
    assert_eq!(all.len(), 35 + 37 + 37);
    let of = |version: &str| -> Vec<String> {
        all.iter().filter(|row| row["version"] == version).map(|row| row["noc"].clone()).collect()
    };
    for name in ["Version 1", "Version 2", "2026-Version 3"] {
        let page = visitor.get(&version("healthcare", name)).await;
        assert_eq!(of(name), codes(&page), "{name}");
        let file = page.attributes("main a[href*='.csv?']", "href").remove(0);
        let one = rows(&visitor.get(&file).await.text);
        assert_eq!(one.len(), codes(&page).len(), "{file}");
        assert!(one.iter().all(|row| row["version"] == name), "{file}");
    }
    let first = &all[0];
    assert_eq!(
        ["category", "version", "effective_from", "effective_to", "noc"].map(|name| &*first[name]),
        ["healthcare", "Version 1", "2023-05-31", "2025-02-26", "31112"]
    );
    assert!(first["title_fr"].contains("Audiologistes"), "{first:?}");
    assert_eq!(all[35 + 37]["effective_to"], "");
    let french = rows(&visitor.get("/categories/french.csv").await.text);
    assert_eq!(french.iter().map(|row| &*row["noc"]).collect::<Vec<_>>(), ["", ""], "one line for each version");
    for path in ["/categories/nothing.csv", "/categories/healthcare.csv?version=Version+9", "/categories/.csv"] {
        assert_eq!(visitor.get(path).await.status, 404, "{path}");
    }
    site.execute("UPDATE category_lists SET version = '=1+1' WHERE category_key = 'researchers'").await;
    assert!(visitor.get("/categories/researchers.csv").await.text.contains("researchers,'=1+1,"));
}

#[actix_web::test]
async fn category_pages_are_small() {
    let site = Site::start().await;
    let visitor = site.visitor();
    let css = visitor.get("/categories").await.attributes("link[rel=stylesheet]", "href").remove(0);
    let style = compressed_len(&visitor, &css).await;
    for path in [
        "/categories",
        "/categories/healthcare",
        "/categories/healthcare?version=Version+2",
        "/categories/stem?version=2025+list+%28no+round+held%29",
        "/categories/trades?version=Version+2",
        "/categories/french?version=Version+1",
    ] {
        let weight = style + compressed_len(&visitor, path).await;
        assert!(weight <= 14 * 1024, "{path} weighs {weight}");
    }
}

#[actix_web::test]
async fn spreadsheet_export_keeps_leading_zeros_of_codes() {
    let site = Site::start().await;
    let visitor = site.visitor();
    let page = visitor.get("/categories/senior_managers").await;
    let file = page.attributes("main a[href*='for=spreadsheet']", "href").remove(0);
    let file = visitor.get(&file).await;
    assert_eq!((file.status, file.header("content-type")), (200, "text/csv; charset=utf-8"));
    assert!(file.text.starts_with('\u{feff}') && file.text.contains(",\t00012,"), "{}", file.text);
    let plain = visitor.get("/categories/senior_managers.csv").await.text;
    assert!(plain.contains(",00012,") && !plain.contains('\t'), "programs read the code unchanged: {plain}");
}
