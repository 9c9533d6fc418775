//! Imports of the record as feed files of every age: none gives a false warning.

use std::sync::LazyLock;

use jiff::civil::{Date, date};
use serde_json::{Value, json};

use crate::draws::import::feed_parser::{FeedRound, parse};
use crate::draws::import::plan::{CurrentRecord, Plan};
use crate::draws::validation::Rule;
use crate::draws::{Draw, bundled};
use crate::web::DisplayDate;

const TODAY: Date = date(2026, 11, 22);

/// Record, oldest first.
static RECORD: LazyLock<Vec<Draw>> = LazyLock::new(|| bundled().unwrap());
/// Record as the feed publishes it.
static FILE: LazyLock<Vec<FeedRound>> = LazyLock::new(|| {
    let rounds: Vec<Value> = RECORD.iter().map(as_published).collect();
    parse(json!({ "rounds": rounds }).to_string().as_bytes()).unwrap()
});

fn as_published(draw: &Draw) -> Value {
    let day = draw.date_published.unwrap_or(draw.date);
    let pool = draw.pool.as_ref();
    let mut round = json!({
        "drawNumber": draw.round.to_string(), "drawDate": day, "drawDateFull": DisplayDate::from(day).text,
        "drawName": draw.name, "drawSize": draw.invitations_published.to_string(), "drawCRS": draw.crs.to_string(),
        "drawText2": draw.programs, "drawDateTime": draw.held_at_published, "drawCutOff": draw.tie_break_published,
        "drawDistributionAsOn": pool.map(|pool| DisplayDate::from(pool.as_of).text).unwrap_or_default(),
    });
    for index in 0..18 {
        round[format!("dd{}", index + 1)] = json!(pool.map_or(0, |pool| pool.counts[index]).to_string());
    }
    round
}

/// Warnings of a plan, except those about known errors of the publisher.
fn false_warnings(plan: &Plan) -> Vec<String> {
    // Published errors: draw 208 repeats the 681 of draw 207, the pool of draw 247 does not add up, and the time of
    // draw 357 is ten days early. Draws 1 and 2 both invited 779.
    let errors =
        [("2", Rule::SameAsBefore), ("208", Rule::SameAsBefore), ("247", Rule::WrongSum), ("357", Rule::DaysApart)];
    plan.warnings()
        .filter(|(draw, warning)| !errors.contains(&(&*draw.round.to_string(), warning.rule)))
        .map(|(draw, warning)| format!("{}: {}", draw.round, warning.sentence))
        .collect()
}

fn plan(file: &[FeedRound], known: &CurrentRecord) -> Plan {
    Plan::new(file.to_vec(), known, "", TODAY)
}

fn record_of(draws: &[Draw]) -> CurrentRecord {
    CurrentRecord { draws: draws.to_vec(), corrections: vec![] }
}

#[test]
fn feeds_of_every_age_leave_the_record_unchanged() {
    let known = record_of(&RECORD);
    for last in (1..=FILE.len()).step_by(9).chain([FILE.len()]) {
        let plan = plan(&FILE[..last], &known);
        assert!(plan.is_empty() && plan.unchanged == last, "{last}: {:?}", plan.changed);
        assert_eq!(false_warnings(&plan), Vec::<String>::new(), "{last}");
        assert_eq!(plan.older.is_some(), last < FILE.len());
        assert_eq!(plan.count_reverted(), 0);
    }
}

#[test]
fn importing_draws_one_by_one_gives_no_false_warnings() {
    for index in 0..FILE.len() {
        // Oldest first, as they were published.
        let plan_up = plan(&FILE[index..=index], &record_of(&RECORD[..index]));
        assert_eq!(plan_up.new.len(), 1);
        assert_eq!(false_warnings(&plan_up), Vec::<String>::new());
        // Newest first, in the order of the file.
        let plan_down = plan(&FILE[index..=index], &record_of(&RECORD[index + 1..]));
        assert_eq!(plan_down.new.len(), 1);
        assert_eq!(false_warnings(&plan_down), Vec::<String>::new());
    }
}

#[test]
fn feeds_of_every_age_give_no_false_warnings_in_a_growing_record() {
    let mut newest = 0;
    for last in (1..=FILE.len()).step_by(13).chain([FILE.len()]) {
        let mut copy = FILE[..last].to_vec();
        copy.reverse();
        let plan = plan(&copy, &record_of(&RECORD[..newest]));
        assert_eq!((plan.new.len(), plan.unchanged), (last - newest, newest));
        assert_eq!(false_warnings(&plan), Vec::<String>::new(), "{last}");
        // The newest fifty alone.
        let part = &FILE[last.saturating_sub(50)..last];
        assert_eq!(
            false_warnings(&Plan::new(part.to_vec(), &record_of(&RECORD[..newest]), "", TODAY)),
            Vec::<String>::new()
        );
        newest = last;
    }
}
