//! Sentence frames in English and French, filled with the figures of draws: true ones, and with one changed.

use jiff::ToSpan;
use jiff::civil::{Date, date};
use jiff::tz::TimeZone;

use super::{DRAWS, findings_in};
use crate::draws::Draw;
use crate::fact_check::date_parser::french_weekday_name;
use crate::fact_check::{Finding, Rule};
use crate::web::{french_month_name, with_thousands};

const FRAMES: &str = include_str!("frames.txt");

/// Days with two draws, and a draw that is also known by another day: the day alone does not name a draw.
const AMBIGUOUS_DAYS: [Date; 4] = [date(2017, 5, 26), date(2017, 11, 1), date(2018, 5, 30), date(2020, 4, 9)];

fn day_text(day: Date, is_french: bool) -> String {
    if !is_french {
        return day.strftime("%B %-d, %Y").to_string();
    }
    let number = if day.day() == 1 { "1er".to_owned() } else { day.day().to_string() };
    format!("{number} {} {}", french_month_name(day.month()), day.year())
}

/// Figures that a frame states, by the name of their placeholder. `None` if the record lacks one.
fn fill(frame: &str, draw: &Draw, is_french: bool) -> Option<String> {
    let space = |text: String| if is_french { text.replace(',', "\u{A0}") } else { text };
    let day = draw.date;
    let mut text = frame.replace("\\n", "\n");
    let values = [
        ("{number}", draw.round.to_string()),
        ("{date}", day_text(day, is_french)),
        ("{day_first}", day.strftime("%-d %B %Y").to_string()),
        ("{short_date}", day.strftime("%b. %-d, %Y").to_string()),
        ("{iso}", day.to_string()),
        (
            "{weekday}",
            if is_french { french_weekday_name(day.weekday()).to_owned() } else { day.strftime("%A").to_string() },
        ),
        ("{invitations}", space(with_thousands(draw.invitations()))),
        ("{plain_invitations}", draw.invitations().to_string()),
        ("{crs}", draw.crs.to_string()),
    ];
    for (name, value) in values {
        text = text.replace(name, &value);
    }
    if text.contains("{tie_break}") {
        let at = draw.tie_break?.to_zoned(TimeZone::UTC).datetime();
        let joint = if is_french { "à" } else { "at" };
        let value = format!("{} {joint} {} UTC", day_text(at.date(), is_french), at.strftime("%H:%M:%S"));
        text = text.replace("{tie_break}", &value);
    }
    if text.contains("{time}") {
        let at = draw.held_at?.to_zoned(TimeZone::UTC);
        if at.date() != day {
            return None;
        }
        text = text.replace("{time}", &at.strftime("%H:%M:%S UTC").to_string());
    }
    Some(text)
}

/// Draws and frames that are combined: each draw with several frames, and each frame with several draws.
fn cases() -> impl Iterator<Item = (&'static str, bool, &'static Draw)> {
    const STEP: usize = 37;
    let frames: Vec<&str> = FRAMES.lines().filter(|line| line.starts_with("en ") || line.starts_with("fr ")).collect();
    assert_eq!(frames.len(), 200);
    let combined = (0..DRAWS.len()).flat_map(move |draw| {
        let frames = frames.clone();
        (0..frames.len()).filter(move |frame| (frame + draw * 7) % STEP == 0).map(move |frame| (frames[frame], draw))
    });
    combined
        .map(|(frame, draw)| (&frame[3..], frame.starts_with("fr"), &DRAWS[draw]))
        .filter(|(frame, _, draw)| frame.contains("{number}") || !AMBIGUOUS_DAYS.contains(&draw.date))
}

/// Findings, except that a rank is no score: some frames state the government's label.
fn check(text: &str) -> Vec<Finding> {
    let found = findings_in(&[("body", text)]);
    found.into_iter().filter(|finding| finding.rule != Rule::RankAsScore).collect()
}

#[test]
fn true_figures_in_any_frame_have_no_finding() {
    let mut wrong = vec![];
    for (frame, is_french, draw) in cases() {
        let Some(text) = fill(frame, draw, is_french) else { continue };
        wrong.extend(check(&text).into_iter().map(|finding| (text.clone(), finding.reason)));
    }
    // Two of the frames speak of other numbers of occupations than those of the draw's list.
    assert!(wrong.len() <= 2, "{} {:#?}", wrong.len(), &wrong[..wrong.len().min(30)]);
}

#[test]
fn changed_figure_in_any_frame_is_reported_and_its_fix_is_true() {
    let (mut missed, mut wrong_fixes, mut count) = (vec![], vec![], 0);
    for (frame, is_french, draw) in cases() {
        let invitations = draw.invitations() + draw.invitations() / 8 + 3;
        let changes = [
            ("invitations}", Draw { invitations_corrected: Some(invitations), ..draw.clone() }),
            ("{crs}", Draw { crs: draw.crs - 9, ..draw.clone() }),
            ("{tie_break}", Draw { tie_break: draw.tie_break.map(|at| at - 72.hours()), ..draw.clone() }),
        ];
        for (placeholder, changed) in changes {
            let Some(text) = fill(frame, &changed, is_french).filter(|_| frame.contains(placeholder)) else { continue };
            // A figure that stands twice is wrong twice.
            if frame.matches(placeholder).count() > 1 {
                continue;
            }
            count += 1;
            let found = check(&text);
            let is_reported = found.len() == 1 && found[0].reason.contains(&draw.round.to_string());
            let reasons: Vec<_> = found.iter().map(|finding| finding.reason.clone()).collect();
            if let Some(fix) = found.first().and_then(|finding| finding.suggested_fix.clone()) {
                let mut fixed = text.clone();
                fixed.replace_range(fix.range, &fix.replacement);
                if found.len() == 1 && !check(&fixed).is_empty() {
                    wrong_fixes.push((fixed, reasons.clone()));
                }
            }
            if !is_reported {
                missed.push((text, reasons));
            }
        }
    }
    assert!(wrong_fixes.is_empty(), "{wrong_fixes:#?}");
    // Colloquial frames such as "it went down to 383" leave open what the number is.
    assert!(missed.len() * 25 <= count, "{} of {count} {:#?}", missed.len(), &missed[..missed.len().min(60)]);
}
