//! SVG charts of cut-offs over time: coordinates of lines, dots, ticks and labels.

mod labels;
pub mod path;
pub mod scale;

use jiff::civil::Date;

use crate::draws::DrawSummary;
use crate::web::{DisplayDate, plural_len};
use labels::{Area, Label, LabelRequest, Side};
use path::{DotPath, LinePath, round_to_tenth};
use scale::{Scale, days};

/// Width of the drawing in SVG units. It is that of a small phone, so that text keeps its size there.
const WIDTH: f64 = 360.0;
const HEIGHT: f64 = 224.0;
const LEFT: f64 = 31.0;
/// Leaves room for the latest cut-off after the end of its line.
const RIGHT: f64 = WIDTH - 28.0;
const BOTTOM: f64 = HEIGHT - 26.0;
/// With this many draws or more, dots would overlap.
const DOTS_LIMIT: usize = 60;
/// A line across a longer gap would suggest cut-offs that did not exist.
const MAX_GAP_DAYS: f64 = 183.0;

/// Chart in SVG units.
#[derive(Clone, Debug)]
pub struct Chart {
    pub id: String,
    pub title: String,
    /// Text alternative of the chart.
    pub sentences: String,
    pub href: String,
    pub draws: String,
    pub grid: String,
    pub scores: Vec<Tick>,
    pub axis: String,
    pub years: Vec<Tick>,
    pub series: Vec<SeriesPaths>,
    pub labels: Vec<Label>,
    pub labelled_dots: String,
}

/// Value on an axis with its position.
#[derive(Clone, Debug, PartialEq)]
pub struct Tick {
    pub at: f64,
    pub text: String,
}

#[derive(Clone, Debug)]
pub struct SeriesPaths {
    pub name: String,
    pub line: String,
    /// With many draws, only isolated ones have a dot.
    pub dots: String,
}

/// Draw type in a chart, with its draws oldest first.
pub struct Series<'a> {
    pub name: &'a str,
    pub draws: Vec<&'a DrawSummary>,
}

impl Chart {
    /// Draws one or two series on the same scale; `None` for fewer than two draws.
    pub fn new(id: &str, title: &str, href: &str, series: &[Series]) -> Option<Self> {
        let all = || series.iter().flat_map(|one| one.draws.iter());
        let (first, last) = (all().map(|draw| draw.date).min()?, all().map(|draw| draw.date).max()?);
        let (lowest, highest) = (all().map(|draw| draw.crs).min()?, all().map(|draw| draw.crs).max()?);
        if all().count() < 2 {
            return None;
        }
        let top = if series.len() > 1 { 30.0 } else { 6.0 };
        let (from, to) = scale::domain(lowest, highest);
        let up = Scale::new(from, to, BOTTOM, top);
        let start = Date::constant(first.year(), 1, 1);
        let end = Date::constant(last.year() + 1, 1, 1);
        let along = Scale::new(0.0, days(start, end), LEFT, RIGHT);
        let position = |draw: &DrawSummary| (along.at(days(start, draw.date)), up.at(scale::to_f64(draw.crs)));

        let levels: Vec<(i64, f64)> = scale::ticks(from, to)
            .into_iter()
            .map(|score| (score, round_to_tenth(up.at(scale::to_f64(score)))))
            .collect();
        let marks: Vec<f64> = (first.year()..=last.year() + 1)
            .map(|year| round_to_tenth(along.at(days(start, Date::constant(year, 1, 1)))))
            .collect();
        let requests = label_requests(series, position);
        let mut labelled_dots = DotPath::default();
        requests.iter().for_each(|request| labelled_dots.add(request.point));
        let labelled_dots = labelled_dots.into_path();
        let mut drawn: Vec<(f64, f64)> = vec![];
        for one in series {
            let points: Vec<(f64, f64)> = one.draws.iter().map(|draw| position(draw)).collect();
            drawn.extend(interpolate(&points));
        }
        let inside = Area { left: LEFT, top, right: WIDTH, bottom: BOTTOM - 1.0 };
        Some(Self {
            id: id.into(),
            title: title.into(),
            sentences: series.iter().map(|one| series_summary(one, series.len() > 1)).collect::<Vec<_>>().join(" "),
            href: href.into(),
            draws: plural_len(all().count(), "draw", "draws"),
            grid: levels.iter().map(|(_, y)| format!("M{LEFT} {y}H{RIGHT}")).collect(),
            scores: levels
                .iter()
                .map(|(score, y)| Tick { at: round_to_tenth(y + 4.0), text: score.to_string() })
                .collect(),
            axis: marks.iter().fold(format!("M{LEFT} {BOTTOM}H{RIGHT}"), |path, x| format!("{path}M{x} {BOTTOM}v5")),
            years: years(&marks, first.year()),
            series: series.iter().map(|one| draw_series(one, position, series.len() > 1)).collect(),
            labelled_dots,
            labels: labels::place_labels(&requests, &drawn, &inside).into_iter().map(Label::rounded).collect(),
        })
    }
}

impl Label {
    fn rounded(self) -> Self {
        Self { x: round_to_tenth(self.x), y: round_to_tenth(self.y), ..self }
    }
}

/// Year labels, centred; every second one if they would touch.
fn years(marks: &[f64], first: i16) -> Vec<Tick> {
    let width = marks.get(1).map_or(WIDTH, |second| second - LEFT);
    let every = if width < 32.0 { 2 } else { 1 };
    let each = marks.windows(2).zip(first..).step_by(every);
    each.map(|(edges, year)| Tick { at: round_to_tenth((edges[0] + edges[1]) / 2.0), text: year.to_string() }).collect()
}

fn draw_series(series: &Series, position: impl Fn(&DrawSummary) -> (f64, f64), is_one_of_two: bool) -> SeriesPaths {
    let has_dots = series.draws.len() < DOTS_LIMIT && !is_one_of_two;
    let is_near = |one: &DrawSummary, next: &DrawSummary| days(one.date, next.date) <= MAX_GAP_DAYS;
    let (mut line, mut dots) = (LinePath::default(), DotPath::default());
    for run in series.draws.chunk_by(|one, next| is_near(one, next)) {
        line.lift();
        run.iter().for_each(|draw| line.draw_to(position(draw)));
        // A draw without a line needs a dot to be visible.
        if has_dots || run.len() == 1 {
            run.iter().for_each(|draw| dots.add(position(draw)));
        }
    }
    SeriesPaths { name: series.name.into(), line: line.into_path(), dots: dots.into_path() }
}

/// Labels for the highest, lowest and latest draw of each series, without duplicates.
fn label_requests(series: &[Series], position: impl Fn(&DrawSummary) -> (f64, f64)) -> Vec<LabelRequest> {
    let mut requests = vec![];
    for one in series {
        let Some(extremes) = Extremes::of(&one.draws) else { continue };
        let Extremes { lowest, highest, latest } = extremes;
        let request = |draw: &DrawSummary, text: String, side| LabelRequest { point: position(draw), text, side };
        let is_latest = |draw: &DrawSummary| if draw.round == latest.round { ", latest" } else { "" };
        let text = |draw: &DrawSummary| format!("{} in draw {}{}", draw.crs, draw.round, is_latest(draw));
        requests.push(request(highest, text(highest), Side::Above));
        if lowest.crs < highest.crs {
            requests.push(request(lowest, text(lowest), Side::Below));
        }
        if latest.round != highest.round && (latest.round != lowest.round || lowest.crs == highest.crs) {
            requests.push(request(latest, latest.crs.to_string(), Side::After));
        }
    }
    requests
}

/// Draws that are labelled in a chart.
struct Extremes<'a> {
    lowest: &'a DrawSummary,
    highest: &'a DrawSummary,
    latest: &'a DrawSummary,
}

impl<'a> Extremes<'a> {
    /// Of equal cut-offs, the newest one is labelled.
    fn of(draws: &[&'a DrawSummary]) -> Option<Self> {
        let newest_first = || draws.iter().rev().copied();
        Some(Self {
            lowest: newest_first().min_by_key(|draw| draw.crs)?,
            highest: draws.iter().copied().max_by_key(|draw| draw.crs)?,
            latest: newest_first().next()?,
        })
    }
}

fn series_summary(series: &Series, is_one_of_two: bool) -> String {
    let Some(Extremes { lowest, highest, latest }) = Extremes::of(&series.draws) else { return String::new() };
    let named =
        |draw: &DrawSummary| format!("{} in draw {} ({})", draw.crs, draw.round, DisplayDate::from(draw.date).text);
    let name = if is_one_of_two { format!("{}: ", series.name) } else { String::new() };
    let count = plural_len(series.draws.len(), "draw", "draws");
    let since = series.draws.first().map(|draw| DisplayDate::from(draw.date).text).unwrap_or_default();
    format!(
        "{name}{count} since {since}. Highest cut-off {}, lowest {}, latest {}.",
        named(highest),
        named(lowest),
        named(latest)
    )
}

/// Points so close that no label fits between them.
fn interpolate(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let between = |pair: &[(f64, f64)]| {
        let ((x1, y1), (x2, y2)) = (pair[0], pair[1]);
        (0..8).map(f64::from).map(move |step| (x1 + (x2 - x1) * step / 8.0, y1 + (y2 - y1) * step / 8.0))
    };
    points.windows(2).flat_map(|pair| between(pair).collect::<Vec<_>>()).chain(points.last().copied()).collect()
}

#[cfg(test)]
mod tests;
