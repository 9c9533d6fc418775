//! The record published again as the government's file, in copies of every age: none of its draws raises a false alarm.

use std::sync::LazyLock;

use jiff::civil::{Date, date};
use serde_json::{Value, json};

use crate::draws::check::Rule;
use crate::draws::import::plan::{Known, Plan};
use crate::draws::import::published::{Published, read};
use crate::draws::{Draw, carried};
use crate::web::Day;

const TODAY: Date = date(2026, 11, 22);

/// The record, oldest first, with the published dates where they are known to be wrong.
static RECORD: LazyLock<Vec<Draw>> = LazyLock::new(|| carried().unwrap());
/// The same as the file has it.
static FILE: LazyLock<Vec<Published>> = LazyLock::new(|| {
    let rounds: Vec<Value> = RECORD.iter().map(as_published).collect();
    read(json!({ "rounds": rounds }).to_string().as_bytes()).unwrap()
});

fn as_published(draw: &Draw) -> Value {
    let day = draw.date_published.unwrap_or(draw.date);
    let pool = draw.pool.as_ref();
    let mut round = json!({
        "drawNumber": draw.round.to_string(), "drawDate": day, "drawDateFull": Day::from(day).text,
        "drawName": draw.name, "drawSize": draw.invitations_published.to_string(), "drawCRS": draw.crs.to_string(),
        "drawText2": draw.programs, "drawDateTime": draw.held_at_published, "drawCutOff": draw.tie_break_published,
        "drawDistributionAsOn": pool.map(|pool| Day::from(pool.as_of).text).unwrap_or_default(),
    });
    for place in 0..18 {
        round[format!("dd{}", place + 1)] = json!(pool.map_or(0, |pool| pool.counts[place]).to_string());
    }
    round
}

/// The doubts about a plan that are not about a published error of a true draw.
fn false_alarms(plan: &Plan) -> Vec<String> {
    // Errors that the government published: draw 208 repeats the 681 of draw 207, the pool of draw 247 does not add up, and
    // draw 357 is timed ten days early. Draws 1 and 2 both invited 779.
    let errors =
        [("2", Rule::SameAsBefore), ("208", Rule::SameAsBefore), ("247", Rule::WrongSum), ("357", Rule::DaysApart)];
    plan.doubted()
        .filter(|(draw, doubt)| !errors.contains(&(&*draw.round.to_string(), doubt.rule)))
        .map(|(draw, doubt)| format!("{}: {}", draw.round, doubt.sentence))
        .collect()
}

fn plan(file: &[Published], known: &Known) -> Plan {
    Plan::new(file.to_vec(), known, "", TODAY)
}

fn known(draws: &[Draw]) -> Known {
    Known { draws: draws.to_vec(), corrections: vec![] }
}

#[test]
fn a_copy_of_every_age_finds_the_whole_record_unchanged() {
    let known = known(&RECORD);
    for last in (1..=FILE.len()).step_by(9).chain([FILE.len()]) {
        let plan = plan(&FILE[..last], &known);
        assert!(plan.is_empty() && plan.unchanged == last, "{last}: {:?}", plan.changed);
        assert_eq!(false_alarms(&plan), Vec::<String>::new(), "{last}");
        assert_eq!(plan.older.is_some(), last < FILE.len());
        assert_eq!(plan.set_back(), 0);
    }
}

#[test]
fn draws_that_are_imported_one_by_one_raise_no_false_alarm() {
    for place in 0..FILE.len() {
        // Oldest first, as they were published.
        let plan_up = plan(&FILE[place..=place], &known(&RECORD[..place]));
        assert_eq!(plan_up.new.len(), 1);
        assert_eq!(false_alarms(&plan_up), Vec::<String>::new());
        // Newest first, in the order of the file.
        let plan_down = plan(&FILE[place..=place], &known(&RECORD[place + 1..]));
        assert_eq!(plan_down.new.len(), 1);
        assert_eq!(false_alarms(&plan_down), Vec::<String>::new());
    }
}

#[test]
fn copies_of_every_age_raise_no_false_alarm_in_a_record_that_grows() {
    let mut newest = 0;
    for last in (1..=FILE.len()).step_by(13).chain([FILE.len()]) {
        let mut copy = FILE[..last].to_vec();
        copy.reverse();
        let plan = plan(&copy, &known(&RECORD[..newest]));
        assert_eq!((plan.new.len(), plan.unchanged), (last - newest, newest));
        assert_eq!(false_alarms(&plan), Vec::<String>::new(), "{last}");
        // The newest fifty alone.
        let part = &FILE[last.saturating_sub(50)..last];
        assert_eq!(false_alarms(&Plan::new(part.to_vec(), &known(&RECORD[..newest]), "", TODAY)), Vec::<String>::new());
        newest = last;
    }
}
