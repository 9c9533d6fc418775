//! Score calculator and past-draw checker: pages, JSON, messages, privacy and weight.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::support::{Page, Site, Visitor};

/// Nurse in Lahore: single, 29, bachelor's degree, IELTS 7.5, 7, 7, 7, three years of work.
const NURSE: &str = "age=29&spouse=none&education=bachelors_or_three_year&l1_test=ielts&l1_listening=7.5&l1_reading=7\
     &l1_writing=7&l1_speaking=7&canadian_work=0&foreign_work=3";
/// Couple in Dubai, with a spouse who comes along.
const COUPLE: &str = "age=33&spouse=accompanying&education=masters_or_professional&l1_test=ielts&l1_listening=8.5\
     &l1_reading=8&l1_writing=7.5&l1_speaking=7.5&canadian_work=0&foreign_work=6&spouse_education=bachelors_or_three_year\
     &spouse_test=pte&spouse_listening=60&spouse_reading=60&spouse_writing=69&spouse_speaking=68&spouse_canadian_work=0";
/// French teacher in Casablanca.
const TEACHER: &str = "age=35&spouse=not-accompanying&education=masters_or_professional&l1_test=tef&l1_listening=546\
     &l1_reading=546&l1_writing=558&l1_speaking=556&l2_test=clb&l2_listening=5&l2_reading=5&l2_writing=5&l2_speaking=5\
     &canadian_work=0&foreign_work=8";
/// Cook in Toronto.
const COOK: &str = "age=31&spouse=none&education=two_year&l1_test=celpip&l1_listening=7&l1_reading=6&l1_writing=6\
     &l1_speaking=7&canadian_work=2&foreign_work=1&trade_certificate=yes&canadian_credential=one_or_two_years";

fn json(page: &Page) -> Value {
    serde_json::from_str(&page.text).unwrap()
}

async fn calculate(visitor: &Visitor, query: &str) -> Value {
    json(&visitor.get(&format!("/tools/crs.json?{query}")).await)
}

#[actix_web::test]
async fn page_and_json_give_the_same_sum() {
    let site = Site::start().await;
    let visitor = site.visitor();
    for (query, total, parts) in [
        (NURSE, 384, [("age", 110), ("education", 120), ("first_language", 116), ("transfer_foreign", 25)]),
        (COUPLE, 454, [("age", 80), ("education", 126), ("first_language", 128), ("spouse_language", 12)]),
        (TEACHER, 502, [("first_language", 136), ("second_language", 4), ("french", 50), ("transfer_foreign", 50)]),
        (COOK, 392, [("canadian_work", 53), ("transfer_trade", 25), ("canadian_credential", 15), ("french", 0)]),
    ] {
        let answer = calculate(&visitor, query).await;
        assert_eq!((&answer["total"], &answer["version"]), (&Value::from(total), &Value::from(1)), "{answer}");
        for (part, points) in parts {
            assert_eq!(answer["parts"][part], points, "{part} in {answer}");
        }
        let sections = ["core", "spouse", "transferability", "additional"];
        assert_eq!(sections.iter().map(|name| answer[name].as_i64().unwrap()).sum::<i64>(), total);
        let page = visitor.get(&format!("/tools/crs?{query}")).await;
        page.assert_page_layout();
        assert_eq!((page.status, &page.all("dl.score dd")[0]), (200, &total.to_string()));
        assert_eq!(page.first(".sum tfoot td"), total.to_string());
        assert_eq!(page.field_value("age"), answers_of(query, "age"), "the form keeps the answers");
    }
}

fn answers_of(query: &str, field: &str) -> String {
    let found = query.split('&').find_map(|pair| pair.trim().strip_prefix(&format!("{field}=")));
    found.unwrap_or_default().to_owned()
}

#[actix_web::test]
async fn a_score_that_does_not_exist_is_refused_beside_its_field() {
    let site = Site::start().await;
    let query = NURSE.replace("l1_reading=7", "l1_reading=6.25");
    let page = site.visitor().get(&format!("/tools/crs?{query}")).await;
    assert_eq!((page.status, page.all("dl.score").len()), (422, 0));
    assert!(page.first("#l1_reading-error").contains("6.25 is not a score of IELTS General Training."));
    assert_eq!((page.field_value("l1_reading"), page.field_value("age")), ("6.25".into(), "29".into()));
    let answer = calculate(&site.visitor(), &query).await;
    assert_eq!(answer["total"], Value::Null);
    assert!(answer["errors"]["l1_reading"].as_str().unwrap().contains("such as 6.5"), "{answer}");
    assert!(answer.get("range").is_none(), "{answer}");
}

#[actix_web::test]
async fn missing_answers_are_named_and_give_no_total() {
    let site = Site::start().await;
    let visitor = site.visitor();
    for (left_out, field) in [
        ("age=29&", "age"),
        ("spouse=none&", "spouse"),
        ("education=bachelors_or_three_year&", "education"),
        ("l1_test=ielts&", "l1_test"),
        ("l1_listening=7.5&", "l1_listening"),
        ("canadian_work=0&", "canadian_work"),
        ("&foreign_work=3", "foreign_work"),
    ] {
        let query = NURSE.replace(left_out, "");
        let page = visitor.get(&format!("/tools/crs?{query}")).await;
        assert_eq!(page.status, 422, "{field}");
        assert!(!page.first(&format!("#{field}-error")).is_empty(), "{field}");
        assert_eq!(page.all("dl.score").len(), 0, "{field}");
        let answer = visitor.get(&format!("/tools/crs.json?{query}")).await;
        assert_eq!(answer.status, 422);
        let answer = json(&answer);
        let errors: Vec<&str> = answer["errors"].as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!((errors, &answer["total"]), (vec![field], &Value::Null));
        assert!(answer["range"]["lowest"].as_i64() <= answer["range"]["highest"].as_i64(), "{answer}");
    }
    let spouse = COUPLE.replace("&spouse_education=bachelors_or_three_year", "").replace("&spouse_canadian_work=0", "");
    let answer = calculate(&visitor, &spouse).await;
    let errors: BTreeSet<&str> = answer["errors"].as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(errors, BTreeSet::from(["spouse_canadian_work", "spouse_education"]));
}

#[actix_web::test]
async fn contradictions_are_refused() {
    let site = Site::start().await;
    let visitor = site.visitor();
    for (query, field) in [
        (format!("{NURSE}&l1_language=fr"), "l1_test"),
        (format!("{NURSE}&l2_test=celpip&l2_listening=7&l2_reading=7&l2_writing=7&l2_speaking=7"), "l2_test"),
        (
            format!("{NURSE}&l2_language=en&l2_test=clb&l2_listening=7&l2_reading=7&l2_writing=7&l2_speaking=7"),
            "l2_language",
        ),
        (format!("{NURSE}&on=2014-12-31"), "on"),
        (format!("{NURSE}&on=2099-01-01"), "on"),
        (format!("{NURSE}&on=soon"), "on"),
        (NURSE.replace("age=29", "age=29.5"), "age"),
        (NURSE.replace("foreign_work=3", "foreign_work=-3"), "foreign_work"),
        (NURSE.replace("spouse=none", "spouse=maybe"), "spouse"),
        (NURSE.replace("=bachelors_or_three_year", "=bachelor"), "education"),
        (format!("{NURSE}&canadian_credential=phd"), "canadian_credential"),
        (format!("{NURSE}&nomination=perhaps"), "nomination"),
        (format!("{}&on=2024-01-29", COUPLE), "spouse_test"),
    ] {
        let answer = calculate(&visitor, &query).await;
        assert!(answer["errors"][field].is_string(), "{field}: {answer}");
    }
}

#[actix_web::test]
async fn a_spouse_counts_only_if_coming_and_not_canadian() {
    let site = Site::start().await;
    let visitor = site.visitor();
    let single = calculate(&visitor, &COUPLE.replace("spouse=accompanying", "spouse=none")).await;
    for spouse in ["not-accompanying", "canadian"] {
        let answer = calculate(&visitor, &COUPLE.replace("spouse=accompanying", &format!("spouse={spouse}"))).await;
        assert_eq!((&answer["total"], &answer["spouse"]), (&single["total"], &Value::from(0)), "{spouse}");
    }
    assert_eq!(calculate(&visitor, COUPLE).await["spouse"], 20);
}

#[actix_web::test]
async fn earlier_days_have_their_own_rules() {
    let site = Site::start().await;
    let visitor = site.visitor();
    let nurse = format!("{NURSE}&sibling=yes");
    let total = calculate(&visitor, &nurse).await["total"].as_u64().unwrap();
    let on = async |day: &str| calculate(&visitor, &format!("{nurse}&on={day}")).await;
    assert_eq!(on("2025-03-25").await["total"], total);
    assert!(on("2025-03-25").await.get("total_with_job_offer").is_none());
    let before = on("2025-03-24").await;
    assert_eq!(before["total"], total);
    assert_eq!(before["total_with_job_offer"]["other"], total + 50);
    assert_eq!(before["total_with_job_offer"]["senior_manager"], total + 200);
    assert_eq!(on("2017-06-05").await["total"], total - 15, "no points for siblings yet");
    let page = visitor.get(&format!("/tools/crs?{nurse}&on=2025-03-24")).await;
    assert!(page.first(".notice").contains("A job offer brought points until March 24, 2025"), "{}", page.text);
}

#[actix_web::test]
async fn steps_keep_the_answers_and_show_progress() {
    let site = Site::start().await;
    let visitor = site.visitor();
    let page = visitor.get("/tools/crs?age=29&education=secondary&spouse=none&step=2").await;
    assert_eq!((page.status, page.all(".error").len(), page.field_value("age")), (200, 0, "29".into()));
    let progress = page.all(".progress li");
    assert!(progress[0].ends_with("done") && progress[1].ends_with("to go"), "{progress:?}");
    assert!(progress[2].ends_with("optional") && progress[4].ends_with("only if they are coming with you"));
    let page = visitor.get("/tools/crs?age=29&step=2").await;
    assert_eq!(page.status, 422, "the first step has missing answers");
    assert_eq!(page.all(".error").len(), 2);
    assert_eq!(visitor.get("/tools/crs").await.status, 200);
}

#[actix_web::test]
async fn steps_and_programs_are_shown_with_the_result() {
    let site = Site::start().await;
    let page = site.visitor().get(&format!("/tools/crs?{NURSE}")).await;
    let text = page.first("main");
    for part in [
        "English CLB, listening (8)",
        "What one more step would bring",
        "A nomination by a province or territory+600",
        "English listening: CLB 9",
        "Federal Skilled Worker Program",
        "Canadian Experience Class",
        "Selection grid",
        "Not met",
        "Not asked",
    ] {
        assert!(text.contains(part), "{part} is missing in {text}");
    }
    let points: Vec<i64> = page
        .all(".sum tbody tr td.number:nth-child(2)")
        .iter()
        .filter_map(|points| points.strip_prefix('+')?.parse().ok())
        .collect();
    assert!(points.len() > 5 && points.is_sorted_by(|a, b| a >= b), "{points:?}");
}

#[actix_web::test]
async fn answers_lead_through_the_checker_to_a_filled_application_form() {
    let site = Site::start().await;
    let visitor = site.visitor();
    let result = visitor.get(&format!("/tools/crs?{TEACHER}")).await;
    let actions = result.attributes("section .actions a", "href");
    assert!(actions[0].starts_with("/tools/past-draws?crs=502&french=yes"), "{actions:?}");
    let checker = visitor.get(&actions[0]).await;
    assert_eq!((checker.status, checker.field_value("crs")), (200, "502".into()));
    let form = visitor.get(&actions[1]).await;
    assert_eq!((form.status, form.field_value("crs"), form.field_value("age")), (200, "502".into(), "35".into()));
    assert!(form.field_value("french_test").starts_with("NCLC 10"), "{}", form.field_value("french_test"));
    assert!(form.first("textarea#message").contains("/tools/crs?age=35"), "{}", form.text);
    let from_checker = checker.attributes("section .actions a", "href");
    let form = visitor.get(&from_checker[0]).await;
    assert_eq!(form.field_value("crs"), "502");
    assert!(form.first("textarea#message").contains("/tools/past-draws?crs=502"), "{}", form.text);
}

#[actix_web::test]
async fn addresses_with_answers_are_neither_cached_nor_indexed() {
    let site = Site::start().await;
    let visitor = site.visitor();
    for path in ["/tools/crs", "/tools/past-draws"] {
        let blank = visitor.get(path).await;
        assert_eq!(blank.attributes("meta[name=robots]", "content"), Vec::<String>::new());
        assert_eq!(blank.header("set-cookie"), "");
        let query = if path == "/tools/crs" { NURSE } else { "crs=480&noc=31301" };
        let page = visitor.get(&format!("{path}?{query}")).await;
        assert_eq!((page.status, page.header("cache-control")), (200, "no-store"), "{path}");
        assert_eq!(page.attributes("meta[name=robots]", "content"), ["noindex"]);
        assert!(page.attributes("link[rel=canonical]", "href")[0].ends_with(path), "without the answers");
        assert_eq!((page.header("set-cookie"), page.header("surrogate-key")), ("", ""));
        let json = visitor.get(&format!("{path}.json?{query}")).await;
        let headers = ["cache-control", "access-control-allow-origin", "cross-origin-resource-policy", "x-robots-tag"];
        assert_eq!(headers.map(|name| json.header(name)), ["no-store", "*", "cross-origin", "noindex"]);
    }
}

#[actix_web::test]
async fn json_has_a_rate_limit() {
    let site = Site::start_with(&["--trusted-proxies", "127.0.0.1"]).await;
    let visitor = site.visitor();
    let here = [("x-forwarded-for", "203.0.113.9")];
    for _ in 0..30 {
        assert_eq!(visitor.get_with(&format!("/tools/crs.json?{NURSE}"), &here).await.status, 200);
    }
    for path in ["/tools/crs.json", "/tools/past-draws.json"] {
        let page = visitor.get_with(&format!("{path}?{NURSE}"), &here).await;
        assert_eq!((page.status, page.header("retry-after")), (429, "1"));
        assert!(json(&page)["error"].is_string());
    }
    assert_eq!(visitor.get_with(&format!("/tools/crs?{NURSE}"), &here).await.status, 200, "the page has no limit");
}

/// Draw of `data/draws.csv`.
struct CsvDraw {
    number: String,
    date: String,
    category: String,
    crs: i64,
    tie_break: String,
}

fn csv_draws() -> Vec<CsvDraw> {
    let mut reader = csv::Reader::from_reader(include_str!("../../data/draws.csv").as_bytes());
    let rows = reader.deserialize().map(|row: Result<std::collections::HashMap<String, String>, _>| {
        let row = row.unwrap();
        CsvDraw {
            number: row["round"].clone(),
            date: row["date"].clone(),
            category: row["category_key"].clone(),
            crs: row["crs_cutoff"].parse().unwrap(),
            tie_break: row["tie_break_utc"].clone(),
        }
    });
    rows.collect()
}

/// Category, first and last day, and code of each row of `data/categories.csv`.
fn csv_lists() -> Vec<[String; 4]> {
    let mut reader = csv::Reader::from_reader(include_str!("../../data/categories.csv").as_bytes());
    let rows = reader.deserialize().map(|row: Result<std::collections::HashMap<String, String>, _>| {
        let row = row.unwrap();
        ["category_key", "effective_from", "effective_to", "noc"].map(|column| row[column].clone())
    });
    rows.collect()
}

/// The answer as computed from the files, without the code of the checker. Texts in ISO 8601 sort by time.
fn expected(
    draw: &CsvDraw,
    lists: &[[String; 4]],
    crs: i64,
    noc: &str,
    french: bool,
    programs: &[&str],
    at: &str,
) -> &'static str {
    let is_for_candidate = match draw.category.as_str() {
        "general" => true,
        "french" => french,
        program @ ("cec" | "fsw" | "fst" | "pnp") => programs.contains(&program),
        category => lists.iter().any(|[key, from, to, code]| {
            key == category && *from <= draw.date && (to.is_empty() || draw.date <= *to) && code == noc
        }),
    };
    if !is_for_candidate || crs < draw.crs {
        return "no";
    }
    if crs > draw.crs {
        return "yes";
    }
    match (draw.tie_break.as_str(), at) {
        ("", _) | (_, "") => "depends",
        (tie_break, day) if day.len() == 10 => match day.cmp(&tie_break[..10]) {
            std::cmp::Ordering::Less => "yes",
            std::cmp::Ordering::Equal => "depends",
            std::cmp::Ordering::Greater => "no",
        },
        (tie_break, moment) if moment < tie_break => "yes",
        _ => "no",
    }
}

#[actix_web::test]
async fn all_draws_agree_with_a_plain_computation_over_the_files() {
    let site = Site::start().await;
    let visitor = site.visitor();
    let (draws, lists) = (csv_draws(), csv_lists());
    assert_eq!(draws.len(), 448);
    let mut checked = 0;
    for crs in [0, 169, 199, 430, 463, 475, 476, 477, 491, 514, 520, 534, 780, 1200] {
        for (noc, french, programs, at) in [
            ("31301", false, &["fsw"][..], ""),
            ("", true, &["cec", "fsw"], "2023-06-19"),
            ("21231", false, &["pnp"], "2022-11-12T12:47:26Z"),
            ("63200", false, &["cec", "fst"], "2019-01-01"),
            ("", false, &[], ""),
        ] {
            let mut path = format!("/tools/past-draws.json?all=yes&crs={crs}&noc={noc}&profile_date={at}");
            path.push_str(if french { "&french=yes" } else { "" });
            path.extend(programs.iter().map(|program| format!("&program={program}")));
            let answer = json(&visitor.get(&path).await);
            let found = answer["draws"].as_array().unwrap();
            assert_eq!(found.len(), 448, "{path}");
            for (draw, found) in draws.iter().rev().zip(found) {
                assert_eq!(found["number"], draw.number, "{path}");
                let wanted = expected(draw, &lists, crs, noc, french, programs, at);
                assert_eq!(found["answer"], wanted, "draw {} for {path}: {}", draw.number, found["reason"]);
                assert!(found["reason"].as_str().unwrap().ends_with(['.']), "{found}");
                checked += 1;
            }
        }
    }
    assert_eq!(checked, 448 * 14 * 5);
}

#[actix_web::test]
async fn a_tie_is_broken_to_the_second() {
    let site = Site::start().await;
    let visitor = site.visitor();
    // Draw 252: cut-off 476, tie-break November 12, 2022 at 12:47:27 UTC.
    for (at, wanted) in [
        ("2022-11-12T12:47:26Z", "yes"),
        ("2022-11-12T12:47:27Z", "no"),
        ("2022-11-12T12:47:28Z", "no"),
        ("2022-11-12+12:47:26", "yes"),
        ("2022-11-11", "yes"),
        ("2022-11-12", "depends"),
        ("2022-11-13", "no"),
        ("", "depends"),
    ] {
        let path = format!("/tools/past-draws.json?all=yes&crs=476&noc=31301&profile_date={at}");
        let answer = json(&visitor.get(&path).await);
        let draw = answer["draws"].as_array().unwrap().iter().find(|draw| draw["number"] == "252").unwrap();
        assert_eq!(draw["answer"], wanted, "{at}");
    }
}

#[actix_web::test]
async fn the_last_12_months_are_checked_unless_all_draws_are_asked_for() {
    let site = Site::start().await;
    let page = site.visitor().get("/tools/past-draws?crs=515&noc=31301&program=cec").await;
    page.assert_page_layout();
    assert_eq!(page.status, 200);
    let today = site.clock.now().to_string();
    let year_ago = format!("{}{}", today[..4].parse::<i32>().unwrap() - 1, &today[4..10]);
    let recent = csv_draws().iter().filter(|draw| draw.date >= year_ago).count();
    assert!(recent > 0);
    assert_eq!(page.all(".verdicts tbody tr").len(), recent);
    assert!(page.first(".lead").contains(&format!("of {recent} draws")), "{}", page.first(".lead"));
    assert_eq!(page.all(".strips svg .you").len(), 1);
    let text = page.first("main");
    assert!(text.contains("What is not checked") && text.contains("It is not a forecast"), "{text}");
    let all = site.visitor().get("/tools/past-draws?crs=515&all=yes").await;
    assert_eq!(all.all(".verdicts tbody tr").len(), 448);
}

#[actix_web::test]
async fn unreadable_answers_of_the_checker_have_a_message() {
    let site = Site::start().await;
    let visitor = site.visitor();
    for (query, field) in [
        ("noc=31301", "crs"),
        ("crs=many", "crs"),
        ("crs=1201", "crs"),
        ("crs=470&noc=99999", "noc"),
        ("crs=470&noc=nurse", "noc"),
        ("crs=470&program=abc", "program"),
        ("crs=470&profile_date=yesterday", "profile_date"),
    ] {
        let page = visitor.get(&format!("/tools/past-draws?{query}")).await;
        assert_eq!(page.status, 422, "{query}");
        assert!(!page.first(&format!("#{field}-error")).is_empty(), "{query}: {}", page.text);
        let answer = visitor.get(&format!("/tools/past-draws.json?{query}")).await;
        assert_eq!(answer.status, 422);
        assert!(json(&answer)["errors"][field].is_string(), "{query}");
    }
}

#[actix_web::test]
async fn staff_see_both_results_of_an_application() {
    let site = Site::start().await;
    let visitor = site.visitor();
    let message = format!("My score\n/tools/crs?{NURSE}");
    let fields = [
        ("name", "Amina"),
        ("email", "amina@example.org"),
        ("residence", "Pakistan"),
        ("program", "express_entry"),
        ("occupation", "31301"),
        ("crs", "384"),
        ("message", message.as_str()),
        ("consent", "yes"),
    ];
    assert_eq!(visitor.post("/apply", &fields).await.status, 303);
    let brief = [("age", "29"), ("education", "secondary"), ("message", "No score yet")];
    let fields = [&fields[..4], &brief, &fields[7..]].concat();
    let other: Vec<_> = fields
        .into_iter()
        .map(|(name, value)| match name {
            "name" => (name, "Bilal"),
            "email" => (name, "bilal@example.org"),
            _ => (name, value),
        })
        .collect();
    assert_eq!(visitor.post("/apply", &other).await.status, 303);
    let staff = site.staff(immigration_experts::staff::Role::Writer).await;
    let panel = staff.get("/admin/inquiries/1").await.first("section[aria-labelledby=crs-results]");
    assert!(panel.contains("Score calculated from their answers: 384."), "{panel}");
    assert!(panel.contains("With 384 points, their answers would have been enough in"), "{panel}");
    let panel = staff.get("/admin/inquiries/2").await.first("section[aria-labelledby=crs-results]");
    assert!(panel.contains("Their answers are not enough for a score. It can be from"), "{panel}");
    assert!(!panel.contains("draws of the last 12 months"), "{panel}");
}

/// Size of a response or asset compressed with Brotli.
async fn compressed(visitor: &Visitor, path: &str) -> usize {
    let page = visitor.get(path).await;
    let mut compressed = vec![];
    brotli::BrotliCompress(&mut page.text.as_bytes(), &mut compressed, &brotli::enc::BrotliEncoderParams::default())
        .unwrap();
    compressed.len()
}

#[actix_web::test]
async fn the_heaviest_page_of_the_tools_is_small() {
    let site = Site::start().await;
    let visitor = site.visitor();
    let mut style = 0;
    for sheet in visitor.get("/tools/crs").await.attributes("link[rel=stylesheet]", "href") {
        style += compressed(&visitor, &sheet).await;
    }
    let couple = format!("/tools/crs?{COUPLE}&sibling=yes&on=2025-03-24");
    let wrong = format!("/tools/crs?{}", COUPLE.replace("=60", "=6000").replace("=7.5", "=7.6"));
    let mut heaviest = (0, String::new());
    for path in [
        "/tools/crs",
        &couple,
        &wrong,
        "/tools/past-draws",
        "/tools/past-draws?crs=515&noc=31301&program=cec",
        "/tools/embed",
    ] {
        let weight = compressed(&visitor, path).await + style;
        heaviest = heaviest.max((weight, path.to_owned()));
    }
    assert!(heaviest.0 <= 14 * 1024, "{} weighs {} bytes, the style sheet {style}", heaviest.1, heaviest.0);
    let all = compressed(&visitor, "/tools/past-draws?crs=515&noc=31301&all=yes").await + style;
    assert!(all <= 20 * 1024, "the table of all draws weighs {all}");
}
