//! Wide chart of the draw types held within a year, scaled to the range that most of them share.
//!
//! The drawing consists of three parts with their own size, so that text is not stretched with the lines: scores, lines,
//! and names at the end of the lines. Vertical positions of texts are in `em`, so that they grow with the text size.

use std::collections::BTreeSet;

use jiff::ToSpan;
use jiff::civil::Date;

use crate::draws::DrawSummary;
use crate::draws::pages::chart::path::{DotPath, LinePath, round_to_tenth};
use crate::draws::pages::chart::scale::{Scale, days, domain, ticks, to_f64};
use crate::draws::pages::filter::category_key;
use crate::draws::pages::recent_types::{RecentType, RecentTypes};

/// Size of the lines in SVG units. The height is 13.5 em.
const WIDTH: f64 = 1000.0;
const HEIGHT: f64 = 216.0;
const UNITS_PER_EM: f64 = 16.0;
/// Distance between the lines of text, in SVG units.
const LINE_HEIGHT: f64 = 19.0;
/// Distance from the middle of a line of text to its baseline, in em.
const TO_BASELINE: f64 = 0.35;
/// Cut-offs further apart belong to separate groups.
const MAX_GAP: i64 = 50;
/// Maximum length of a name in the chart, in characters.
const MAX_NAME_LEN: usize = 16;

#[derive(Clone, Debug)]
pub struct YearChart {
    /// Text alternative.
    pub description: String,
    /// Draw types above and below the scale, such as `Provincial nominees 697 to 805`.
    pub above: Vec<String>,
    pub below: Vec<String>,
    pub grid: String,
    pub scores: Vec<Text>,
    pub months: Vec<Month>,
    pub lines: Vec<TypeLine>,
}

/// Text at a height in em.
#[derive(Clone, Debug, PartialEq)]
pub struct Text {
    pub at: f64,
    pub text: String,
}

#[derive(Clone, Debug)]
pub struct Month {
    /// Percentage of the width.
    pub at: f64,
    pub text: String,
}

/// Draws of one type, and its name with the latest cut-off.
#[derive(Clone, Debug)]
pub struct TypeLine {
    pub line: String,
    pub dots: String,
    /// Connects the latest draw with the name.
    pub leader: String,
    pub name: Text,
}

impl YearChart {
    /// `all` are the draws of the record, newest first. `None` if fewer than two draws share a range.
    pub fn of(recent: &RecentTypes, all: &[DrawSummary]) -> Option<Self> {
        let draws: Vec<&DrawSummary> = all.iter().filter(|draw| draw.date >= recent.first_day).collect();
        let (lowest, highest) = shared_range(&draws)?;
        let is_inside = |draw: &&&DrawSummary| (lowest..=highest).contains(&draw.crs);
        if draws.iter().filter(is_inside).count() < 2 {
            return None;
        }
        let (from, to) = domain(lowest, highest);
        let up = Scale::new(from, to, HEIGHT, 0.0);
        let along = Scale::new(0.0, days(recent.first_day, recent.last_day), 0.0, WIDTH);
        let position = |draw: &DrawSummary| (along.at(days(recent.first_day, draw.date)), up.at(to_f64(draw.crs)));

        let mut lines = vec![];
        for row in &recent.rows {
            let of_type = || draws.iter().filter(|draw| category_key(draw) == row.key).filter(is_inside);
            let Some(latest) = of_type().next() else { continue };
            let (mut line, mut dots) = (LinePath::default(), DotPath::default());
            of_type().rev().for_each(|draw| {
                line.draw_to(position(draw));
                dots.add(position(draw));
            });
            let name = format!("{} {}", short_name(&row.name), latest.crs);
            lines.push((
                position(latest),
                TypeLine {
                    line: line.into_path(),
                    dots: dots.into_path(),
                    leader: String::new(),
                    name: Text { at: 0.0, text: name },
                },
            ));
        }
        let heights = spread(&lines.iter().map(|((_, y), _)| *y).collect::<Vec<_>>());
        for (((x, y), line), height) in lines.iter_mut().zip(heights) {
            line.name.at = text_height(height);
            let mut leader = LinePath::default();
            leader.draw_to((*x, *y));
            leader.draw_to((WIDTH, height));
            line.leader = leader.into_path();
        }
        let outside = |is_outside: &dyn Fn(i64) -> bool| {
            let crs = |row: &RecentType| {
                let of_type = draws.iter().filter(|draw| category_key(draw) == row.key);
                of_type.map(|draw| draw.crs).filter(|crs| is_outside(*crs)).collect::<Vec<i64>>()
            };
            recent.rows.iter().filter_map(|row| outlier(without_condition(&row.name), &crs(row))).collect::<Vec<_>>()
        };
        let scores = ticks(from, to);
        Some(Self {
            description: description(recent),
            above: outside(&|crs| crs > highest),
            below: outside(&|crs| crs < lowest),
            grid: scores.iter().map(|score| format!("M0 {}h{WIDTH}", round_to_tenth(up.at(to_f64(*score))))).collect(),
            scores: scores
                .iter()
                .map(|score| Text { at: text_height(up.at(to_f64(*score))), text: score.to_string() })
                .collect(),
            months: months(recent.first_day, recent.last_day, &along),
            lines: lines.into_iter().map(|(_, line)| line).collect(),
        })
    }
}

/// Range of the group of cut-offs with the most draw types. Groups are separated by gaps.
fn shared_range(draws: &[&DrawSummary]) -> Option<(i64, i64)> {
    let mut sorted = draws.to_vec();
    sorted.sort_by_key(|draw| draw.crs);
    let groups = sorted.chunk_by(|one, next| next.crs - one.crs <= MAX_GAP);
    let largest = groups.max_by_key(|group| {
        let types: BTreeSet<&str> = group.iter().map(|draw| category_key(draw)).collect();
        (types.len(), group.len())
    })?;
    Some((largest.first()?.crs, largest.last()?.crs))
}

/// `Provincial nominees 697 to 805`; `None` without draws.
fn outlier(name: &str, crs: &[i64]) -> Option<String> {
    let (lowest, highest) = (crs.iter().min()?, crs.iter().max()?);
    Some(if lowest == highest { format!("{name} {lowest}") } else { format!("{name} {lowest} to {highest}") })
}

/// `Physicians` for `Physicians with Canadian work experience`.
fn without_condition(name: &str) -> &str {
    name.split_once(" with ").map_or(name, |(topic, _)| topic)
}

fn description(recent: &RecentTypes) -> String {
    let one = |row: &RecentType| format!("{}: {}, latest {} on {}.", row.name, row.summary(), row.crs, row.day.text);
    recent.rows.iter().map(one).collect::<Vec<_>>().join(" ")
}

/// Height of a line of text in em.
fn text_height(y: f64) -> f64 {
    round_to_tenth(y / UNITS_PER_EM + TO_BASELINE)
}

/// Heights close to the given ones, so far apart that texts do not overlap.
fn spread(wanted: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..wanted.len()).collect();
    order.sort_by(|one, other| wanted[*one].total_cmp(&wanted[*other]));
    let mut heights = wanted.to_vec();
    let mut lowest_free = LINE_HEIGHT / 2.0;
    for index in &order {
        heights[*index] = heights[*index].max(lowest_free);
        lowest_free = heights[*index] + LINE_HEIGHT;
    }
    let mut highest_free = HEIGHT - LINE_HEIGHT / 2.0;
    for index in order.iter().rev() {
        heights[*index] = heights[*index].min(highest_free);
        highest_free = heights[*index] - LINE_HEIGHT;
    }
    heights
}

/// First days of quarters, with the year in January. Those close to the edges are left out.
fn months(first_day: Date, last_day: Date, along: &Scale) -> Vec<Month> {
    let starts = (0..13).filter_map(|month| first_day.checked_add(month.months()).ok()?.with().day(1).build().ok());
    let starts = starts.filter(|day| day.month() % 3 == 1 && first_day <= *day && *day <= last_day);
    let month = |day: Date| Month {
        at: round_to_tenth(along.at(days(first_day, day)) / WIDTH * 100.0),
        text: day.strftime(if day.month() == 1 { "%b %Y" } else { "%b" }).to_string(),
    };
    starts.map(month).filter(|month| (8.0..=92.0).contains(&month.at)).collect()
}

/// Name that fits beside the chart: `STEM`, `Healthcare`, `French`, `Senior managers`.
fn short_name(name: &str) -> String {
    if name == "Canadian Experience Class" {
        return "CEC".into();
    }
    let in_brackets = name.split_once('(').and_then(|(_, rest)| rest.split_once(')')).map(|(word, _)| word);
    if let Some(acronym) = in_brackets.filter(|word| word.chars().all(|c| c.is_ascii_uppercase())) {
        return acronym.into();
    }
    let end =
        [" and ", " with ", " occupations", "-language", " (", ","].iter().filter_map(|mark| name.find(mark)).min();
    let name = end.map_or(name, |end| &name[..end]);
    if name.chars().count() <= MAX_NAME_LEN {
        return name.into();
    }
    let cut: String = name.chars().take(MAX_NAME_LEN).collect();
    let is_between_words = name.chars().nth(MAX_NAME_LEN) == Some(' ');
    let words = cut.rsplit_once(' ').map(|(words, _)| words).filter(|_| !is_between_words);
    format!("{}…", words.unwrap_or(&cut))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draws::category::CategoryName;

    fn draw(round: u32, date: &str, category: &str, crs: i64) -> DrawSummary {
        DrawSummary {
            round: round.to_string(),
            date: date.parse().unwrap(),
            name: String::new(),
            category: Some(category.into()),
            crs,
            invitations: 500,
            has_wrong_invitations: false,
            has_wrong_date: false,
            checked_on: None,
        }
    }

    fn chart(draws: &[DrawSummary]) -> Option<YearChart> {
        let name = |key: &str, name: &str| CategoryName { key: key.into(), name: name.into() };
        let names = [
            name("cec", "Canadian Experience Class"),
            name("pnp", "Provincial nominees"),
            name("trades", "Trade occupations"),
            name("physicians", "Physicians with Canadian work experience"),
        ];
        YearChart::of(&RecentTypes::of(draws, &names)?, draws)
    }

    #[test]
    fn draw_types_far_from_the_others_are_named_instead_of_drawn() {
        let chart = chart(&[
            draw(7, "2026-10-01", "trades", 476),
            draw(6, "2026-09-29", "cec", 518),
            draw(5, "2026-09-28", "pnp", 725),
            draw(4, "2026-09-03", "physicians", 198),
            draw(3, "2026-08-31", "pnp", 697),
            draw(2, "2026-08-18", "cec", 523),
            draw(1, "2025-10-01", "cec", 480),
        ])
        .unwrap();
        assert_eq!(chart.above, ["Provincial nominees 697 to 725"]);
        assert_eq!(chart.below, ["Physicians 198"]);
        let names: Vec<&str> = chart.lines.iter().map(|line| &*line.name.text).collect();
        assert_eq!(names, ["Trade 476", "CEC 518"]);
        assert_eq!(chart.lines[1].dots.matches('M').count(), 2, "the draw of October 1, 2025 is more than a year old");
        assert!(
            chart.scores.iter().all(|score| (470..=530).contains(&score.text.parse().unwrap())),
            "{:?}",
            chart.scores
        );
        assert!(
            chart.description.contains("Provincial nominees: 2 draws, 697 to 725, latest 725 on September 28, 2026.")
        );
    }

    #[test]
    fn draw_type_with_some_distant_cut_offs_is_drawn_and_named() {
        let chart = chart(&[
            draw(3, "2026-10-01", "cec", 520),
            draw(2, "2026-09-01", "cec", 650),
            draw(1, "2026-08-01", "trades", 500),
        ])
        .unwrap();
        assert_eq!(chart.above, ["Canadian Experience Class 650"]);
        assert_eq!(chart.lines.len(), 2);
    }

    #[test]
    fn one_draw_gives_no_chart() {
        assert!(chart(&[]).is_none());
        assert!(chart(&[draw(1, "2026-10-01", "cec", 520)]).is_none());
        assert!(chart(&[draw(2, "2026-10-01", "cec", 520), draw(1, "2024-10-01", "cec", 500)]).is_none());
    }

    #[test]
    fn names_at_the_end_of_lines_do_not_overlap() {
        for wanted in [vec![100.0; 8], vec![0.0, 1.0, 2.0], vec![216.0, 215.0, 100.0, 101.0, 214.0], vec![]] {
            let mut heights = spread(&wanted);
            heights.sort_by(f64::total_cmp);
            assert!(heights.windows(2).all(|pair| pair[1] - pair[0] >= LINE_HEIGHT - 0.01), "{heights:?}");
            assert!(heights.iter().all(|height| (0.0..=HEIGHT).contains(height)), "{heights:?}");
        }
        assert_eq!(spread(&[50.0, 100.0]), [50.0, 100.0], "texts that fit stay where they are");
    }

    #[test]
    fn names_are_short() {
        for (name, short) in [
            ("Canadian Experience Class", "CEC"),
            ("Healthcare and social services occupations", "Healthcare"),
            ("Science, Technology, Engineering and Math (STEM) occupations", "STEM"),
            ("French-language proficiency", "French"),
            ("Senior managers with Canadian work experience", "Senior managers"),
            ("Skilled military recruits", "Skilled military…"),
            ("Provincial nominees", "Provincial…"),
            ("Sehrlangeswortohnezwischenraum", "Sehrlangeswortoh…"),
        ] {
            assert_eq!(short_name(name), short);
        }
    }

    #[test]
    fn months_are_quarters_within_the_year() {
        let along = Scale::new(0.0, 364.0, 0.0, WIDTH);
        let all = months("2025-10-02".parse().unwrap(), "2026-10-01".parse().unwrap(), &along);
        let texts: Vec<&str> = all.iter().map(|month| &*month.text).collect();
        assert_eq!(texts, ["Jan 2026", "Apr", "Jul"]);
    }
}
