//! Public draw pages: list with filters and charts, single draws, downloads and feed.

use std::collections::BTreeMap;

use immigration_experts::staff::Role;
use jiff::civil::Date;
use sqlx::Row;

use crate::support::feeds::{file, import_rounds, new_round, paste, published};
use crate::support::{Page, Site, Visitor, assert_well_formed};

/// Compressed size of a page and its style sheet, in bytes.
async fn transfer_size(visitor: &Visitor, path: &str) -> usize {
    let sheet = visitor.get(path).await.attributes("link[rel=stylesheet]", "href").remove(0);
    let mut bytes = 0;
    for path in [path, &sheet] {
        let request = visitor.client.get(format!("{}{path}", visitor.base)).header("accept-encoding", "br");
        let answer = request.send().await.unwrap();
        assert_eq!(answer.headers()["content-encoding"], "br", "{path}");
        bytes += answer.bytes().await.unwrap().len();
    }
    bytes
}

/// Number of draws, invitations, lowest and highest cut-off in the database.
async fn sums(site: &Site, condition: &str) -> [i64; 4] {
    let sql = format!(
        "SELECT count(*), coalesce(sum(coalesce(invitations_corrected, invitations)), 0), coalesce(min(crs), 0),
                coalesce(max(crs), 0) FROM draws WHERE {condition}"
    );
    let row = sqlx::query(sqlx::AssertSqlSafe(sql)).fetch_one(site.running.services.db.read()).await.unwrap();
    [0, 1, 2, 3].map(|column| row.get(column))
}

fn number(text: &str) -> i64 {
    text.replace(',', "").parse().unwrap_or_else(|_| panic!("{text}"))
}

/// Figures in a row of a totals table.
fn line_of(page: &Page, table: &str, label: &str) -> [i64; 4] {
    let labels = page.all(&format!("#{table} tbody th"));
    let at = labels.iter().position(|found| found == label).unwrap_or_else(|| panic!("no {label} in {labels:?}"));
    let cells = page.all(&format!("#{table} tbody tr:nth-child({}) td", at + 1));
    let (lowest, highest) = cells[2].split_once('–').unwrap_or((&cells[2], &cells[2]));
    [number(&cells[0]), number(&cells[1]), number(lowest), number(highest)]
}

#[actix_web::test]
async fn full_table_lists_all_448_draws_newest_first() {
    let site = Site::start().await;
    let page = site.visitor().get("/draws?year=all").await;
    let rounds = page.all(".draws tbody th a");
    assert_eq!(rounds.len(), 448);
    assert_eq!((&*rounds[0], &*rounds[447]), ("447", "1"));
    let at = rounds.iter().position(|round| round == "91b").unwrap();
    assert_eq!(rounds[at - 1..at + 3], ["92", "91b", "91a", "90"]);
    let dates: Vec<Date> = page
        .all(".draws tbody td:nth-child(2)")
        .iter()
        .map(|date| Date::strptime("%B %d, %Y", date.trim_end_matches('*')).unwrap())
        .collect();
    assert!(dates.is_sorted_by(|earlier, later| earlier >= later) && dates[447].to_string() == "2015-01-31");
    let at = rounds.iter().position(|round| round == "252").unwrap();
    let words = |at: usize| {
        let cells = page.all(&format!(".draws tbody tr:nth-child({}) > *", at + 1));
        cells.iter().map(|cell| cell.trim_end_matches(" invited").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(words(at), ["252", "June 28, 2023", "476", "500", "Healthcare"]);
    let at = rounds.iter().position(|round| round == "208").unwrap();
    assert_eq!(words(at)[2..4], ["744", "888*"]);
    let at = rounds.iter().position(|round| round == "104").unwrap();
    assert_eq!(words(at)[1], "November 15, 2018*");
    assert_eq!(page.attributes(".draws tbody th a", "href")[0], "/draws/447");
    assert!(page.first(".lead").starts_with("448 draws from January 2015 to October 1, 2026:"));
}

#[actix_web::test]
async fn totals_match_the_draw_record() {
    let site = Site::start().await;
    let page = site.visitor().get("/draws").await;
    let years = page.all("#by-year tbody th");
    assert_eq!((years.len(), &*years[0], &*years[11]), (12, "2026", "2015"));
    for year in &years {
        let of_year = sums(&site, &format!("date LIKE '{year}-%'")).await;
        assert_eq!(line_of(&page, "by-year", year), of_year, "{year}");
    }
    assert_eq!(line_of(&page, "by-year", "2021")[1], 114_431);
    assert_eq!(line_of(&page, "by-year", "2015")[1], 31_063);
    let kinds = page.all("#by-type tbody th");
    let hrefs = page.attributes("#by-type tbody a", "href");
    assert_eq!((kinds.len(), &*kinds[0]), (15, "All programs"));
    let mut rounds = 0;
    for (kind, href) in kinds.iter().zip(hrefs) {
        let key = href.strip_prefix("/draws?category=").unwrap();
        let of_kind = sums(&site, &format!("category_key = '{key}'")).await;
        assert_eq!(line_of(&page, "by-type", kind), of_kind, "{kind}");
        rounds += of_kind[0];
    }
    assert_eq!(rounds, 448);
}

#[actix_web::test]
async fn draws_can_be_filtered_by_year_and_category() {
    let site = Site::start().await;
    let visitor = site.visitor();
    let all = visitor.get("/draws").await;
    let years = all.attributes("#year option", "value");
    assert_eq!((years.len(), &*years[0], &*years[1], &*years[13]), (14, "", "2026", "all"), "all years in the filter");
    let kinds: Vec<String> = all.attributes("#category option", "value");
    assert_eq!((kinds.len(), &*kinds[0], &*kinds[1]), (16, "", "general"));
    for year in &years[1..13] {
        let page = visitor.get(&format!("/draws?year={year}&category=")).await;
        let expected = sums(&site, &format!("date LIKE '{year}-%'")).await;
        assert_eq!(page.all(".draws tbody tr").len().to_string(), expected[0].to_string(), "{year}");
        assert!(
            page.all(".draws tbody td:nth-child(2)").iter().all(|date| date.trim_end_matches('*').ends_with(&**year)),
            "{year}"
        );
        assert_eq!(page.first("h1"), format!("Express Entry draws in {year}"));
        assert_eq!(page.all("#year option[selected]"), [year.as_str()]);
        assert_eq!(page.all("#by-year, figure"), Vec::<String>::new());
        assert_eq!(page.attributes("nav.choices [aria-current]", "href"), [format!("/draws?year={year}")]);
    }
    for key in &kinds[1..] {
        let page = visitor.get(&format!("/draws?year=all&category={key}")).await;
        let expected = sums(&site, &format!("category_key = '{key}'")).await;
        assert_eq!(page.all(".draws tbody tr").len().to_string(), expected[0].to_string(), "{key}");
        assert_eq!(page.attributes("#category option[selected]", "value"), [key.as_str()]);
        assert_eq!(page.all("#by-type"), Vec::<String>::new());
        for href in page.attributes("#by-year a", "href") {
            let both = visitor.get(&href).await;
            let year = href.split_once("year=").unwrap().1[..4].to_owned();
            let expected = sums(&site, &format!("category_key = '{key}' AND date LIKE '{year}-%'")).await;
            let shown = both.all(".draws tbody tr").len();
            assert_eq!(shown.to_string(), expected[0].to_string(), "{href}");
            assert!(expected[0] > 0 && both.first("h1").starts_with(&format!("Express Entry draws in {year}: ")));
        }
    }
    let page = visitor.get("/draws?year=2025&category=healthcare").await;
    assert_eq!(page.first(".lead"), "7 draws in 2025: 14,500 invitations, CRS cut-offs from 462 to 510.");
    assert_eq!(
        page.attributes("link[rel=canonical]", "href"),
        [format!("{}/draws?year=2025&category=healthcare", site.base)]
    );
    assert!(page.attributes("main a", "href").contains(&"/categories/healthcare".to_owned()));
    assert!(page.attributes("nav.choices a", "href").contains(&"/draws?year=2025&category=french".to_owned()));
}

#[actix_web::test]
async fn empty_filter_says_so_and_an_invalid_filter_is_404() {
    let site = Site::start().await;
    let visitor = site.visitor();
    for query in ["year=2016&category=healthcare", "category=researchers", "category=unassigned"] {
        let page = visitor.get(&format!("/draws?{query}")).await;
        assert_eq!((page.status, page.first(".lead")), (200, "No draws found.".into()), "{query}");
        assert_eq!(page.all("table"), Vec::<String>::new(), "{query}");
        assert!(page.attributes("main a", "href").contains(&"/draws".to_owned()), "{query}");
    }
    for query in ["year=2014", "year=abc", "year=2025x", "year=02025", "category=nothing", "category=%27", "year=-1"] {
        assert_eq!(visitor.get(&format!("/draws?{query}")).await.status, 404, "{query}");
    }
}

#[actix_web::test]
async fn draw_without_a_category_shows_its_published_name() {
    let site = Site::start().await;
    site.execute("UPDATE draws SET category_key = NULL, name = 'Dog handlers' WHERE round = '447'").await;
    let page = site.visitor().get("/draws").await;
    assert_eq!(page.all(".draws tbody tr:first-child td:last-child"), ["Dog handlers (not yet assigned)"]);
    assert_eq!(line_of(&page, "by-type", "Not yet assigned")[0], 1);
    let only = site.visitor().get("/draws?category=unassigned").await;
    assert_eq!(only.all(".draws tbody th"), ["447"]);
    let round = site.visitor().get("/draws/447").await;
    assert!(round.first("main").contains("Draw type: not yet assigned"));
    assert_eq!(round.all("#before, #eligible"), Vec::<String>::new());
}

#[actix_web::test]
async fn each_category_chart_shows_the_extremes_of_the_record() {
    let site = Site::start().await;
    let visitor = site.visitor();
    let mut charts = 0;
    for key in visitor.get("/draws").await.attributes("#category option", "value").into_iter().skip(1) {
        let page = visitor.get(&format!("/draws?category={key}")).await;
        let expected = sums(&site, &format!("category_key = '{key}'")).await;
        if expected[0] < 2 {
            assert_eq!(page.all("figure.chart"), Vec::<String>::new(), "{key}");
            continue;
        }
        charts += 1;
        assert_eq!(page.all("figure.chart svg[role=img]").len(), 1, "{key}");
        let description = page.first("figure.chart desc");
        for text in [format!("Highest cut-off {} in draw", expected[3]), format!("lowest {} in draw", expected[2])] {
            assert!(description.contains(&text), "{key}: {description}");
        }
        let ids = page.attributes("figure.chart svg", "aria-labelledby").remove(0);
        for id in ids.split(' ') {
            assert_eq!(page.all(&format!("figure.chart #{id}")).len(), 1, "{key}: {id}");
        }
        let labels = page.all("figure.chart .labels text");
        assert!(labels.iter().any(|label| label.starts_with(&format!("{} in draw", expected[3]))), "{labels:?}");
        assert!(labels.iter().any(|label| label.starts_with(&format!("{} in draw", expected[2]))), "{labels:?}");
        let latest = page.all(".draws tbody td:nth-child(3)").remove(0);
        assert!(labels.iter().any(|label| *label == latest || label.ends_with(", latest")), "{labels:?}");
        let text_alternative = page.attributes("figure.chart figcaption a", "href").remove(0);
        assert!(text_alternative.ends_with("#draws"), "{text_alternative}");
        assert_eq!(page.all("h2#draws").len(), 1);
    }
    assert_eq!(charts, 13);
}

#[actix_web::test]
async fn general_and_canadian_experience_draws_share_a_chart() {
    let site = Site::start().await;
    let page = site.visitor().get("/draws?category=cec").await;
    assert_eq!(page.all("figure.chart strong"), ["All programs and Canadian Experience Class"]);
    let description = page.first("figure.chart desc");
    assert!(description.contains("178 draws") && description.contains("70 draws"), "{description}");
    assert_eq!(page.all("figure.chart path[class^=line]").len(), 4, "two lines, also in the legend");
    let page = site.visitor().get("/draws?category=pnp").await;
    let description = page.first("figure.chart desc");
    assert!(
        description.starts_with("114 draws since November 30, 2016. Highest cut-off 902 in draw 91b (May 30, 2018)")
    );
}

#[actix_web::test]
async fn draw_252_shows_the_correct_figures() {
    let site = Site::start().await;
    let page = site.visitor().get("/draws/252").await;
    assert_eq!(page.first("h1"), "Express Entry draw 252");
    assert_eq!(page.all("dl.score dt"), ["Invitations", "CRS cut-off", "Held", "Tie-break"]);
    assert_eq!(
        page.all("dl.score dd"),
        ["500", "476", "June 28, 2023, 2:04:34 p.m. UTC", "November 12, 2022, 12:47:27 p.m. UTC"]
    );
    assert_eq!(page.attributes("dl.score time", "datetime"), ["2023-06-28T14:04:34Z", "2022-11-12T12:47:27Z"]);
    assert_eq!(page.all("#when + dl dt"), ["UTC", "Ottawa", "Pakistan"]);
    assert_eq!(page.all("#when + dl time"), ["2:04:34 p.m.", "10:04:34 a.m.", "7:04:34 p.m."]);
    assert!(page.attributes("main a", "href").contains(&"/draws?category=healthcare".to_owned()));
    assert_eq!(page.attributes("nav.neighbours a[rel=prev]", "href"), ["/draws/251"]);
    assert_eq!(page.attributes("nav.neighbours a[rel=next]", "href"), ["/draws/253"]);
    assert_eq!(page.all("aside.correction, #before"), Vec::<String>::new(), "the first draw of its type");
    assert!(page.attributes("meta[name=description]", "content")[0].contains("500 invitations, CRS cut-off 476"));
}

#[actix_web::test]
async fn eligible_occupations_come_from_the_list_in_force_that_day() {
    let site = Site::start().await;
    let visitor = site.visitor();
    for (round, version, occupations) in
        [("252", "Version 1", 35), ("345", "Version 2", 37), ("434", "2026-Version 2", 4)]
    {
        let page = visitor.get(&format!("/draws/{round}")).await;
        assert!(page.first("#eligible + p a").ends_with(version), "{}", page.first("#eligible + p a"));
        assert_eq!(page.all("ol.occupations li").len(), occupations, "{round}");
        let folded = page.all("article details").len();
        assert_eq!(folded, usize::from(occupations > 10), "{round}");
        let list = visitor.get(&page.attributes("#eligible + p a", "href")[0]).await;
        assert_eq!(list.all("ol.occupations li a"), page.all("ol.occupations li a"), "{round}");
    }
    // The feed used the name of the newer list twelve days before the list took effect.
    let french = visitor.get("/draws/394").await;
    assert_eq!(french.first("#eligible + p a"), "French-language proficiency, 2026-Version 2");
    assert!(french.first("article").contains("level 7 or higher"), "{}", french.first("article"));
    assert_eq!(french.all("ol.occupations"), Vec::<String>::new());
    assert_eq!(visitor.get("/draws/447").await.all("#eligible").len(), 1);
    assert_eq!(visitor.get("/draws/445").await.all("#eligible"), Vec::<String>::new());
}

#[actix_web::test]
async fn draw_is_compared_with_the_previous_one_of_its_category() {
    let site = Site::start().await;
    let visitor = site.visitor();
    let page = visitor.get("/draws/255").await;
    assert!(page.first("#before + p").starts_with("Previous draw: 252 (June 28, 2023), 8 days earlier."));
    assert_eq!(page.all("#before ~ dl.pairs dd"), ["463, down 13 from 476", "1,500, up 1,000 from 500"]);
    let page = visitor.get("/draws/208").await;
    assert_eq!(page.all("#before ~ dl.pairs dd"), ["744, up 24 from 720", "888, up 207 from 681"]);
    let page = visitor.get("/draws/209").await;
    assert!(
        page.all("#before ~ dl.pairs dd")[1].ends_with("from 888"),
        "the true figure: {:?}",
        page.all("#before ~ dl.pairs dd")
    );
    assert_eq!(visitor.get("/draws/2").await.all("#before ~ dl.pairs dd")[1], "779, unchanged");
    assert_eq!(visitor.get("/draws/1").await.all("#before"), Vec::<String>::new());
}

#[actix_web::test]
async fn times_on_another_local_date_are_marked() {
    let site = Site::start().await;
    let visitor = site.visitor();
    for round in ["7", "8", "9", "11", "13", "139"] {
        let page = visitor.get(&format!("/draws/{round}")).await;
        let rows = page.all("#when + dl > div");
        assert!(rows[0].ends_with("after the published date"), "{round}: {rows:?}");
        let date = page.attributes(".lead time", "datetime").remove(0);
        let utc = page.attributes("#when + dl time", "datetime").remove(0);
        assert!(utc[..10] > *date, "{round}: {utc} and {date}");
    }
    let page = visitor.get("/draws/139").await;
    assert_eq!(
        page.all("#when + dl > div"),
        [
            "UTC2:04:06 a.m. March 19, 2020, after the published date",
            "Ottawa10:04:06 p.m. March 18, 2020",
            "Pakistan7:04:06 a.m. March 19, 2020, after the published date",
        ]
    );
    assert!(!visitor.get("/draws/252").await.first("#when + dl").contains("published date"));
}

#[actix_web::test]
async fn impossible_published_time_is_shown_but_not_used() {
    let site = Site::start().await;
    let page = site.visitor().get("/draws/357").await;
    let when = page.first("#when + p");
    assert!(when.contains("July 22, 2025") && when.contains("July 12, 2025") && when.contains("cannot be"), "{when}");
    assert_eq!(page.all("dl.score dd")[2], "July 22, 2025");
}

#[actix_web::test]
async fn missing_tie_break_differs_from_one_never_published() {
    let site = Site::start().await;
    for (round, words) in [
        ("1", "Not published"),
        ("76", "Not published"),
        ("77", "October 23, 2017, 3:58:27 p.m. UTC"),
        ("445", "Not yet available"),
        ("447", "Not yet available"),
    ] {
        assert_eq!(site.visitor().get(&format!("/draws/{round}")).await.all("dl.score dd")[3], words, "{round}");
    }
}

#[actix_web::test]
async fn pool_shows_comparable_bands_with_bars_and_sums_apart() {
    let site = Site::start().await;
    let page = site.visitor().get("/draws/247").await;
    let bands = page.all(".pool tbody th");
    assert_eq!((bands.len(), &*bands[1], &*bands[2], &*bands[14]), (15, "501–600", "491–500", "0–300"));
    assert!(!bands.contains(&"451–500".to_owned()) && !bands.contains(&"Total".to_owned()), "{bands:?}");
    let widths = page.attributes(".pool svg rect", "width");
    assert_eq!((widths.len(), widths.iter().filter(|width| *width == "100").count()), (10, 1));
    assert_eq!(page.all(".sums dt"), ["451–500", "401–450", "Total"]);
    assert_eq!(page.all(".sums dd"), ["55,867", "61,108", "230,189"]);
    assert_eq!(page.all(".pool .cut-off"), ["Cut-off: 483"]);
    assert_eq!(page.all(".pool .at-cut-off th"), ["481–490"]);
    let position = page.first("#pool + p");
    assert!(
        position.starts_with(
            "The cut-off of 483 falls in the band 481–490, which had 3,001 profiles. Higher bands had 2,168 profiles."
        ),
        "{position}"
    );
    assert!(position.contains("counted on April 26, 2023, on the day of the draw"), "{position}");
    assert!(page.first("article").contains("451–500 was published as 55,867, but its bands add up to 55,687"));
    for none in ["226", "1", "445"] {
        assert_eq!(site.visitor().get(&format!("/draws/{none}")).await.all("#pool"), Vec::<String>::new(), "{none}");
    }
    let nominees = site.visitor().get("/draws/442").await;
    assert_eq!(nominees.all(".pool .at-cut-off th"), ["601–1200"]);
    assert!(nominees.first("#pool + p").contains("This is the highest band."));
}

#[actix_web::test]
async fn draw_208_shows_published_and_corrected_figures() {
    let site = Site::start().await;
    let page = site.visitor().get("/draws/208").await;
    assert_eq!(page.all("dl.score dd")[..2], ["888", "744"]);
    let note = page.first("aside.correction");
    assert!(note.contains("published number of invitations is 681. The correct number is 888."), "{note}");
    assert!(note.contains("Corrected on November 22, 2026: number of invitations changed from 681 to 888."), "{note}");
    assert_eq!(
        page.first("main").matches("News reports of that day say 888").count(),
        1,
        "the correction is shown once"
    );
}

#[actix_web::test]
async fn draws_published_a_day_early_show_both_dates() {
    let site = Site::start().await;
    let visitor = site.visitor();
    let file = visitor.get("/draws.csv").await.text;
    for (round, published, held, iso) in [
        ("104", "November 14, 2018", "November 15, 2018", ("2018-11-14", "2018-11-15")),
        ("108", "January 9, 2019", "January 10, 2019", ("2019-01-09", "2019-01-10")),
        ("146", "April 30, 2020", "May 1, 2020", ("2020-04-30", "2020-05-01")),
        ("148", "May 14, 2020", "May 15, 2020", ("2020-05-14", "2020-05-15")),
    ] {
        let page = visitor.get(&format!("/draws/{round}")).await;
        assert!(page.first(".lead").ends_with(held), "{round}: {}", page.first(".lead"));
        let shown = page.all("aside.correction p");
        assert_eq!(shown[0], format!("The published date is {published}. The draw was held on {held}."));
        assert!(
            shown[1].starts_with(&format!(
                "Corrected on November 22, 2026: date changed from {published} to {held}. The government’s file"
            )),
            "{shown:?}"
        );
        let rows = page.all("#when + dl > div");
        assert!(rows[..2].iter().all(|row| row.ends_with(held)), "in UTC and in Ottawa: {rows:?}");
        let line = file.lines().find(|line| line.starts_with(&format!("{round},"))).unwrap();
        assert!(line.starts_with(&format!("{round},{},", iso.1)) && line.ends_with(&format!(",{}", iso.0)), "{line}");
    }
    assert!(file.lines().find(|line| line.starts_with("252,")).unwrap().ends_with(",2023-06-28"));
}

#[actix_web::test]
async fn figures_that_were_once_different_have_a_note() {
    let site = Site::start().await;
    let visitor = site.visitor();
    let page = visitor.get("/draws/274").await;
    assert!(
        page.first("aside.correction").contains(
            "tie-break changed from November 25, 2023, 9:48:36 a.m. UTC to September 7, 2023, 9:24:49 a.m. UTC. In December 2023"
        ),
        "{}",
        page.first("aside.correction")
    );
    for (round, words) in [
        ("335", "For some days in February 2025, the tie-break was published with the year 2025"),
        ("223", "All news reports of that day said 589."),
    ] {
        let page = visitor.get(&format!("/draws/{round}")).await;
        assert!(page.all("#record ~ p").iter().any(|note| note.contains(words)), "{round}");
    }
    assert_eq!(visitor.get("/draws/223").await.all("dl.score dd")[0], "590");
}

#[actix_web::test]
async fn correction_shows_its_figures_and_source() {
    let site = Site::start().await;
    site.execute(
        "INSERT INTO draw_corrections (round, field, before, after, corrected_at, corrected_by, origin, source) VALUES
         ('447', 'tie_break', '', '2026-09-10T10:11:12Z', '2026-11-21T20:00:00Z', 'x', 'import', 'The newest feed & its copy.'),
         ('447', 'crs', '477', '476', '2026-11-22T08:00:00Z', 'x', 'hand', 'the newest feed & its copy')",
    )
    .await;
    let page = site.visitor().get("/draws/447").await;
    assert_eq!(
        page.all("aside.correction p"),
        ["Corrected on November 22, 2026: CRS cut-off changed from 477 to 476. The newest feed & its copy."]
    );
    assert!(page.all("#record ~ p").contains(&"Added on November 22, 2026: tie-break.".to_owned()));
    let feed = site.visitor().get("/draws/feed.atom").await;
    assert_eq!(feed.all("entry > updated")[0], "2026-11-22T08:00:00Z", "the newest correction");
    assert_eq!(feed.all("feed > updated"), ["2026-11-22T08:00:00Z"]);
}

#[actix_web::test]
async fn draw_page_links_only_public_posts() {
    let site = Site::start().await;
    site.execute(
        "INSERT INTO posts (id, slug, title, summary, author, state, trashed_at, published_at, created_at, updated_at, body)
         VALUES (11, 'seen', 'Seen & read', '', '', 'published', NULL, '2026-11-01T00:00:00Z', '', '', ''),
                (12, 'draft', 'Draft', '', '', 'draft', NULL, NULL, '', '', ''),
                (13, 'trashed', 'Trashed', '', '', 'published', '2026-11-02T00:00:00Z', '2026-11-01T00:00:00Z', '', '', '');
         INSERT INTO post_draws (post_id, round) VALUES (11, '300'), (12, '300'), (13, '300')",
    )
    .await;
    let page = site.visitor().get("/draws/300").await;
    assert_eq!(page.all("#posts + ul a"), ["Seen & read"]);
    assert_eq!(page.attributes("#posts + ul a", "href"), ["/news/seen"]);
    assert_eq!(site.visitor().get("/draws/301").await.all("#posts"), Vec::<String>::new());
}

#[actix_web::test]
async fn draw_number_91_is_split_into_91a_and_91b() {
    let site = Site::start().await;
    let (a, b) = (site.visitor().get("/draws/91a").await, site.visitor().get("/draws/91b").await);
    assert_eq!((a.status, b.status), (200, 200));
    assert_eq!(a.all("dl.score dd")[..2], ["500", "288"]);
    assert_eq!(b.all("dl.score dd")[..2], ["200", "902"]);
    assert_eq!(a.attributes("nav.neighbours a", "href"), ["/draws/90", "/draws/91b"]);
    assert_eq!(b.attributes("nav.neighbours a", "href"), ["/draws/91a", "/draws/92"]);
    for none in ["91", "91c", "91C", "0", "448", "-1"] {
        assert_eq!(site.visitor().get(&format!("/draws/{none}")).await.status, 404, "{none}");
    }
    assert_eq!(site.visitor().get("/draws/91A").await.location(), "/draws/91a");
    let first = site.visitor().get("/draws/1").await;
    assert_eq!(first.attributes("nav.neighbours a", "href"), ["/draws/2"]);
}

/// Values of a column for all draws; empty for NULL.
async fn column(site: &Site, expression: &str) -> Vec<String> {
    let sql = format!("SELECT coalesce(CAST({expression} AS TEXT), '') FROM draws ORDER BY sort_key");
    sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_all(site.running.services.db.read()).await.unwrap()
}

/// Columns of the files and their SQL expressions.
const STORED: [(&str, &str); 12] = [
    ("round", "round"),
    ("date", "date"),
    ("held_at", "held_at"),
    ("name", "name"),
    ("category", "category_key"),
    ("invitations", "coalesce(invitations_corrected, invitations)"),
    ("invitations_published", "invitations"),
    ("crs", "crs"),
    ("tie_break", "tie_break"),
    ("tie_break_published", "tie_break_published"),
    ("pool_as_of", "pool_as_of"),
    ("pool_451_500", "pool ->> '451_500'"),
];

#[actix_web::test]
async fn csv_contains_the_whole_draw_record() {
    let site = Site::start().await;
    let file = site.visitor().get("/draws.csv").await;
    assert_eq!((file.status, file.header("content-type")), (200, "text/csv; charset=utf-8"));
    assert_eq!(file.header("content-disposition"), "attachment; filename=\"express-entry-draws.csv\"");
    let mut reader = csv::Reader::from_reader(file.text.as_bytes());
    let heads: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    assert_eq!((heads.len(), &*heads[0], &*heads[14], &*heads[15]), (36, "round", "pool_as_of", "pool_601_1200"));
    assert_eq!((&*heads[32], &*heads[33], &*heads[34]), ("pool_total", "source", "notes"));
    assert_eq!(&*heads[35], "date_published");
    let rows: Vec<BTreeMap<String, String>> = reader.deserialize().collect::<Result<_, _>>().unwrap();
    assert_eq!(rows.len(), 448);
    for (name, expression) in STORED {
        let shown: Vec<String> = rows.iter().map(|row| row[name].clone()).collect();
        assert_eq!(shown, column(&site, expression).await, "{name}");
    }
    assert_eq!(rows[0]["kind"], "general");
    assert_eq!(rows[447]["kind"], "category");
}

#[actix_web::test]
async fn csv_escapes_formulas() {
    let site = Site::start().await;
    site.execute("UPDATE draws SET name = '=1+1', notes = 'a \"b\", c' || char(10) || 'd' WHERE round = '447'").await;
    let file = site.visitor().get("/draws.csv").await;
    let mut reader = csv::Reader::from_reader(file.text.as_bytes());
    let last = reader.records().last().unwrap().unwrap();
    assert_eq!((&last[3], &last[34]), ("'=1+1", "a \"b\", c\nd"));
}

#[actix_web::test]
async fn json_contains_the_whole_draw_record_with_descriptions() {
    let site = Site::start().await;
    let file = site.visitor().get("/draws.json").await;
    assert_eq!((file.status, file.header("content-type")), (200, "application/json"));
    let record: serde_json::Value = serde_json::from_str(&file.text).unwrap();
    assert!(record["about"].as_str().unwrap().ends_with(&format!("{}/draws/data", site.base)));
    assert!(record["columns"]["pool.451_500"].as_str().unwrap().contains("Don’t add it to the total"));
    let rounds = record["rounds"].as_array().unwrap();
    assert_eq!(rounds.len(), 448);
    for (name, expression) in STORED {
        let shown = |round: &serde_json::Value| {
            let value = name.strip_prefix("pool_").map_or(&round[name], |band| &round["pool"][band]);
            match value {
                serde_json::Value::Null => String::new(),
                serde_json::Value::String(text) => text.clone(),
                other => other.to_string(),
            }
        };
        assert_eq!(rounds.iter().map(shown).collect::<Vec<_>>(), column(&site, expression).await, "{name}");
    }
    assert!(rounds[0]["crs"].is_i64() && rounds[0]["tie_break"].is_null() && rounds[0]["pool"].is_null());
    assert_eq!(rounds[447]["pool"].as_object().unwrap().len(), 19);
    assert!(
        file.text.contains("\"rounds\":[{\"round\":\"1\",\"date\":\"2015-01-31\",\"held_at\":"),
        "columns in order"
    );
}

#[actix_web::test]
async fn data_page_explains_every_column_and_links_the_files() {
    let site = Site::start().await;
    let visitor = site.visitor();
    let page = visitor.get("/draws/data").await;
    let file = visitor.get("/draws.csv").await;
    let heads: Vec<&str> = file.text.lines().next().unwrap().split(',').collect();
    assert_eq!(page.all("tbody th"), heads);
    assert!(page.all("tbody td").iter().all(|meaning| meaning.len() > 15), "{:?}", page.all("tbody td"));
    for path in ["/draws.csv", "/draws.json", "/draws/feed.atom"] {
        assert!(page.attributes("main a", "href").contains(&path.to_owned()), "{path}");
        let table = visitor.get("/draws").await;
        assert!(table.attributes("main a", "href").contains(&path.to_owned()), "{path}");
        assert!(table.attributes("link[rel=alternate]", "href").contains(&path.to_owned()), "{path}");
    }
}

#[actix_web::test]
async fn feed_contains_the_newest_50_draws() {
    let site = Site::start().await;
    let feed = site.visitor().get("/draws/feed.atom").await;
    assert_eq!((feed.status, feed.header("content-type")), (200, "application/atom+xml; charset=utf-8"));
    assert_well_formed(&feed.text);
    let titles = feed.all("entry > title");
    assert_eq!(titles.len(), 50);
    assert_eq!(titles[0], "Draw 447: Trades Occupations, 2026-Version 3: 3,500 invitations, CRS 476");
    assert_eq!(feed.attributes("entry > link", "href")[0], format!("{}/draws/447", site.base));
    assert_eq!(feed.all("entry > updated")[0], "2026-10-01T12:47:55Z");
    assert!(feed.all("entry > content")[0].contains("<dt>CRS cut-off</dt><dd>476</dd>"));
    assert!(feed.all("entry > summary")[0].starts_with("October 1, 2026: 3,500 invitations, CRS cut-off 476."));
    site.execute("UPDATE draws SET held_at = NULL WHERE round = '447'").await;
    let feed = site.visitor().get("/draws/feed.atom").await;
    assert_eq!(feed.all("entry > updated")[0], "2026-10-01T00:00:00Z");
}

#[actix_web::test]
async fn every_draw_page_shows_the_recorded_figures() {
    let site = Site::start().await;
    let visitor = site.visitor();
    let (dates, crs) = (column(&site, "date").await, column(&site, "crs").await);
    for ((round, date), crs) in column(&site, "round").await.iter().zip(dates).zip(crs) {
        let page = visitor.get(&format!("/draws/{round}")).await;
        assert_eq!(page.status, 200, "{round}");
        let day: Date = page.attributes(".lead time", "datetime")[0].parse().unwrap();
        assert_eq!((day.to_string(), &page.all("dl.score dd")[1]), (date, &crs), "{round}");
    }
}

#[actix_web::test]
async fn draw_pages_are_small() {
    let site = Site::start().await;
    let visitor = site.visitor();
    let mut paths = ["/draws", "/draws/data", "/draws?year=2025", "/draws?year=2026"].map(str::to_owned).to_vec();
    paths.extend(["1", "247", "252", "345", "208", "357", "447"].map(|round| format!("/draws/{round}")));
    paths.extend(visitor.get("/draws").await.attributes("#by-type a", "href"));
    let mut sizes = vec![];
    for path in paths {
        sizes.push((transfer_size(&visitor, &path).await, path));
    }
    let (size, heaviest) = sizes.into_iter().max().unwrap();
    assert!(size <= 14 * 1024, "the heaviest page, {heaviest}, has {size} bytes");
    // The table of all draws is the longest page.
    let size = transfer_size(&visitor, "/draws?year=all").await;
    assert!(size <= 20 * 1024, "/draws?year=all has {size} bytes");
}

#[actix_web::test]
async fn draws_page_shows_the_newest_20_and_links_all() {
    let site = Site::start().await;
    let visitor = site.visitor();
    let page = visitor.get("/draws").await;
    let rounds = page.all(".draws tbody th");
    assert_eq!((rounds.len(), &*rounds[0], &*rounds[19]), (20, "447", "428"));
    assert_eq!(page.first("h2#draws"), "Newest 20 draws");
    assert_eq!(page.all(".more-draws a"), ["Draws of 2026", "All years"]);
    assert_eq!(page.attributes(".more-draws a", "href"), ["/draws?year=2026", "/draws?year=all"]);
    let order = page.attributes("main form, main h2", "id");
    assert_eq!(order, ["draws", "recent", "year-chart", "totals", "about"], "totals come after the charts");
    assert!(page.text.find("<form class=\"draw-filter\"").unwrap() < page.text.find("id=\"draws\"").unwrap());
    let healthcare = visitor.get("/draws?category=healthcare").await;
    assert_eq!((healthcare.all(".draws tbody tr").len(), healthcare.all(".more-draws a").len()), (16, 0));
    let nominees = visitor.get("/draws?category=pnp").await;
    assert_eq!(
        nominees.attributes(".more-draws a", "href"),
        ["/draws?year=2026&category=pnp", "/draws?year=all&category=pnp"]
    );
    assert_eq!(visitor.get("/draws?year=all&category=pnp").await.all(".draws tbody tr").len(), 114);
}

#[actix_web::test]
async fn recent_draw_types_show_their_latest_cut_off_and_its_change() {
    let site = Site::start().await;
    let page = site.visitor().get("/draws").await;
    assert_eq!(page.all(".types caption time"), ["October 2, 2025", "October 1, 2026"]);
    let rows = page.all(".types tbody tr");
    assert_eq!(rows.len(), 9);
    assert_eq!(rows[0], "Trade2 draws, 476 to 477476down 1");
    assert_eq!(rows[1], "Canadian Experience Class22 draws, 507 to 533518down 1");
    assert!(rows.contains(&"Skilled military recruits1 draw368first draw".to_owned()), "{rows:?}");
    // The previous draw of this type was held in 2024.
    assert!(rows.contains(&"Transport1 draw470up 40".to_owned()), "{rows:?}");
    assert_eq!(page.all(".types svg.spark").len(), 9);
    assert_eq!(page.attributes(".types tbody tr:first-child a", "href"), ["/draws?category=trades", "/draws/447"]);
    for (key, crs) in [("cec", 518), ("pnp", 725), ("french", 382)] {
        let latest = site.visitor().get(&format!("/draws?category={key}")).await;
        assert_eq!(latest.first(".draws tbody td:nth-child(3)"), crs.to_string(), "{key}");
    }
}

#[actix_web::test]
async fn year_chart_names_draw_types_outside_of_its_scale() {
    let site = Site::start().await;
    let page = site.visitor().get("/draws").await;
    let note = page.first(".year-chart > .small");
    assert!(
        note.starts_with(
            "Above this scale: Provincial nominees 697 to 805. \
             Below it: Physicians 169 to 223."
        ),
        "{note}"
    );
    let scores: Vec<i64> = page.all(".year-chart .scores text").iter().map(|score| score.parse().unwrap()).collect();
    assert!(scores.len() >= 3 && scores.iter().all(|score| (340..=560).contains(score)), "{scores:?}");
    let names = page.all(".year-chart .names text");
    assert_eq!(names.len(), 7);
    for name in ["CEC 518", "French 382", "Trade 476", "Healthcare 475", "Transport 470", "Senior managers 389"] {
        assert!(names.contains(&name.to_owned()), "{name}: {names:?}");
    }
    let alternative = page.attributes(".year-chart [role=img]", "aria-label").remove(0);
    assert!(alternative.contains("Provincial nominees: 25 draws, 697 to 805, latest 725 on September 28, 2026."));
}

#[actix_web::test]
async fn draw_links_the_previous_and_next_draw_of_its_type() {
    let site = Site::start().await;
    let visitor = site.visitor();
    for (round, links) in [
        ("252", vec!["/draws/255"]),
        ("255", vec!["/draws/252", "/draws/271"]),
        ("447", vec!["/draws/408"]),
        // Two draws on one day, and a number in two parts.
        ("141", vec!["/draws/139", "/draws/143"]),
        ("142", vec!["/draws/140", "/draws/144"]),
        ("91a", vec!["/draws/76", "/draws/100"]),
        ("91b", vec!["/draws/75", "/draws/139"]),
    ] {
        let page = visitor.get(&format!("/draws/{round}")).await;
        assert_eq!(page.attributes("nav.same-type a", "href"), links, "{round}");
    }
    site.execute("UPDATE draws SET category_key = NULL WHERE round = '447'").await;
    assert_eq!(visitor.get("/draws/447").await.all("nav.same-type"), Vec::<String>::new());
}

#[actix_web::test]
async fn share_text_has_the_true_figures_and_the_link() {
    let site = Site::start().await;
    let visitor = site.visitor();
    let text = |page: &Page| page.first("#share-text");
    let page = visitor.get("/draws/255").await;
    let expected = format!(
        "Express Entry draw 255 of July 6, 2023\nHealthcare occupations (Version 1)\nCRS cut-off: 463, down 13 from 476\n\
         Invitations: 1,500, up 1,000 from 500\nTie-break: June 19, 2023, 6:41:05 a.m. UTC\n{}/draws/255",
        site.base
    );
    assert_eq!(text(&page).trim(), expected.replace('\n', " ").trim(), "as one line");
    let href = page.attributes("a[href^='https://wa.me/']", "href").remove(0);
    let query = href.strip_prefix("https://wa.me/?text=").unwrap();
    assert!(query.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"%-_.~/".contains(&byte)), "{query}");
    let decoded = form_urlencoded::parse(format!("text={query}").as_bytes()).next().unwrap().1.into_owned();
    assert_eq!(decoded, expected);
    assert_eq!(page.attributes("#share-text", "rows"), ["6"]);
    assert_eq!(page.all("textarea[readonly]").len(), 1);
    // The corrected figure, a missing tie-break, and the points of a nomination.
    assert!(text(&visitor.get("/draws/208").await).contains("Invitations: 888, up 207 from 681"));
    let without = text(&visitor.get("/draws/445").await);
    assert!(!without.contains("Tie-break") && without.contains("includes 600 points for the nomination"), "{without}");
    assert!(
        text(&visitor.get("/draws/252").await).contains("CRS cut-off: 476 Invitations: 500"),
        "the first of its type"
    );
}

#[actix_web::test]
async fn draws_show_when_their_figures_were_last_checked() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let visitor = site.visitor();
    let checked = async |path: &str| {
        let page = visitor.get(path).await;
        page.all("main .small").into_iter().find(|text| text.starts_with("Figures last checked")).unwrap_or_default()
    };
    let source = "Source: the government’s feed, as saved on August 20, 2026. Download the data.";
    assert_eq!(checked("/draws/252").await, format!("Figures last checked on August 20, 2026. {source}"));
    assert!(checked("/draws/447").await.starts_with("Figures last checked on October 1, 2026. "));
    let list = checked("/draws").await;
    assert!(list.starts_with("Figures last checked between August 20, 2026 and October 1, 2026. Source: "), "{list}");
    // An import also confirms the figures of unchanged draws, and so does a file without changes.
    let rounds = [published("252"), new_round("448", &[])];
    import_rounds(&publisher, &rounds).await;
    assert!(checked("/draws/252").await.starts_with("Figures last checked on November 22, 2026. "));
    site.advance_hours(24);
    let publisher = site.sign_in("publisher@example.com").await;
    assert_eq!(paste(&publisher, &file(&rounds)).await.location().rsplit('/').next(), Some("2"));
    assert!(checked("/draws/252").await.starts_with("Figures last checked on November 23, 2026. "));
    // An older file says nothing about later corrections of the feed.
    site.advance_hours(24);
    let publisher = site.sign_in("publisher@example.com").await;
    assert_eq!(paste(&publisher, &file(&rounds[..1])).await.status, 303);
    assert!(checked("/draws/252").await.starts_with("Figures last checked on November 23, 2026. "));
    assert!(checked("/draws/251").await.starts_with("Figures last checked on August 20, 2026. "), "not in the file");
    site.execute("UPDATE draws SET checked_on = NULL WHERE round = '251'").await;
    let page = visitor.get("/draws/251").await;
    assert!(page.first("#record ~ .small").starts_with("The day of the last check is not known. Source: "));
}
