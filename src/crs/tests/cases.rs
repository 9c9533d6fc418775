//! Worked cases of `tests/data/crs_cases.json`, through the formula and through the answers of the calculator.

use std::collections::HashMap;

use serde_json::Value;

use super::TODAY;
use crate::crs::answers::Answers;
use crate::crs::score::Score;

/// The answers that describe a case.
fn answers(input: &Value) -> Answers {
    let mut answers: HashMap<String, String> = HashMap::new();
    let mut put = |name: &str, value: &Value| {
        let text = match value {
            Value::String(text) => text.clone(),
            Value::Bool(is_yes) => if *is_yes { "yes" } else { "" }.to_owned(),
            Value::Null => String::new(),
            number => number.to_string(),
        };
        answers.insert(name.to_owned(), text);
    };
    put("spouse", &Value::from(if input["with_spouse_column"] == true { "accompanying" } else { "none" }));
    put("nomination", &input["provincial_nomination"]);
    put("sibling", &input["sibling_in_canada"]);
    put("canadian_work", &input["canadian_work_years"]);
    put("foreign_work", &input["foreign_work_years"]);
    for name in ["age", "education", "trade_certificate", "canadian_credential"] {
        put(name, &input[name]);
    }
    let spouse = &input["spouse"];
    put("spouse_education", &spouse["education"]);
    put("spouse_canadian_work", &spouse["canadian_work_years"]);
    for (prefix, language) in [("l1", &input["first_language"]), ("l2", &input["second_language"]), ("spouse", spouse)]
    {
        let Some(levels) = language["clb"].as_object() else { continue };
        put(&format!("{prefix}_test"), &Value::from("clb"));
        put(&format!("{prefix}_language"), &language["language"]);
        for (ability, level) in levels {
            put(&format!("{prefix}_{ability}"), level);
        }
    }
    Answers::new(answers)
}

#[test]
fn every_part_of_the_worked_cases_agrees() {
    let cases: Vec<Value> = serde_json::from_str(include_str!("../../../tests/data/crs_cases.json")).unwrap();
    assert_eq!(cases.len(), 12);
    for case in cases {
        let interpretation = answers(&case["input"]).interpret(TODAY);
        let profile = interpretation.profile().unwrap_or_else(|| panic!("{}: {interpretation:?}", case["id"]));
        let score = Score::of(&profile);
        let (core, transfers) = (&score.core, &score.transferability);
        for (part, points) in [
            ("total", score.total()),
            ("core", core.points()),
            ("spouse", score.spouse.points()),
            ("transferability", transfers.sum().points()),
            ("additional", score.additional.sum().points()),
            ("age", core.age),
            ("education", core.education),
            ("first_language", core.first_language_sum()),
            ("second_language", core.second_language_sum.points()),
            ("canadian_work", core.canadian_work),
            ("transfer_education", transfers.education.sum().points()),
            ("transfer_foreign", transfers.foreign_work.sum().points()),
            ("transfer_trade", transfers.trade_certificate),
        ] {
            assert_eq!(case["expected"][part], points, "case {}: {part}", case["id"]);
        }
    }
}
