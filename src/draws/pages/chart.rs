//! The charts of cut-offs over the years: where each line, dot, tick and label stands, ready for the template.

mod labels;
mod scale;

use jiff::civil::Date;

use crate::draws::DrawSummary;
use crate::web::{DisplayDate, plural};
use labels::{Area, Label, LabelRequest, Side};
use scale::Scale;

/// The drawing is as wide as a cheap phone, so that its letters keep their size there.
const WIDTH: f64 = 360.0;
const HEIGHT: f64 = 224.0;
const LEFT: f64 = 31.0;
/// The latest cut-off is written after the end of its line.
const RIGHT: f64 = WIDTH - 28.0;
const BOTTOM: f64 = HEIGHT - 26.0;
/// From this many rounds on dots would run into each other.
const DOTS_LIMIT: usize = 60;
/// After more than half a year without a round a line would claim what nobody decided.
const MAX_GAP_DAYS: f64 = 183.0;

/// A chart, in the units of its drawing.
#[derive(Clone, Debug)]
pub struct Chart {
    /// Unique on its page.
    pub id: String,
    /// What is drawn.
    pub title: String,
    /// The facts of the drawing in sentences, for those who do not see it.
    pub sentences: String,
    /// Where its figures stand as a table.
    pub href: String,
    /// What that table is: `114 rounds`.
    pub rounds: String,
    /// The lines of the scale, as one path.
    pub grid: String,
    /// The scores beside them, at their baselines.
    pub scores: Vec<Tick>,
    /// The line of time with a mark for each new year, as one path.
    pub axis: String,
    /// The years under it.
    pub years: Vec<Tick>,
    /// What is drawn: one kind of round each.
    pub series: Vec<SeriesPaths>,
    /// Extremes and the latest values.
    pub labels: Vec<Label>,
    /// The points that the labels speak of, as one path of dots.
    pub labelled_dots: String,
}

/// A value of a scale and its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Tick {
    /// Along its axis.
    pub at: f64,
    /// What is written there.
    pub text: String,
}

/// One kind of round in a chart.
#[derive(Clone, Debug)]
pub struct SeriesPaths {
    /// Its name in the legend.
    pub name: String,
    /// Its lines, as one path.
    pub line: String,
    /// Its dots, as one path; where there would be too many, only those that stand alone.
    pub dots: String,
}

/// One kind of round to be drawn: its name and its rounds, oldest first.
pub struct Series<'a> {
    /// `Provincial nominees`
    pub name: &'a str,
    /// Oldest first.
    pub draws: Vec<&'a DrawSummary>,
}

impl Chart {
    /// Draws one or two kinds of round on the same scale; `None` where there is no trend to be seen.
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
        let place = |draw: &DrawSummary| (along.at(days(start, draw.date)), up.at(scale::to_f64(draw.crs)));

        let levels: Vec<(i64, f64)> = scale::ticks(from, to)
            .into_iter()
            .map(|score| (score, round_to_tenth(up.at(scale::to_f64(score)))))
            .collect();
        let marks: Vec<f64> = (first.year()..=last.year() + 1)
            .map(|year| round_to_tenth(along.at(days(start, Date::constant(year, 1, 1)))))
            .collect();
        let wishes = label_requests(series, place);
        let mut drawn: Vec<(f64, f64)> = vec![];
        for one in series {
            let points: Vec<(f64, f64)> = one.draws.iter().map(|draw| place(draw)).collect();
            drawn.extend(interpolate(&points));
        }
        let inside = Area { left: LEFT, top, right: WIDTH, bottom: BOTTOM - 1.0 };
        let count = i64::try_from(all().count()).unwrap_or(i64::MAX);
        Some(Self {
            id: id.into(),
            title: title.into(),
            sentences: series.iter().map(|one| series_summary(one, series.len() > 1)).collect::<Vec<_>>().join(" "),
            href: href.into(),
            rounds: plural(count, "round", "rounds"),
            grid: levels.iter().map(|(_, y)| format!("M{LEFT} {y}H{RIGHT}")).collect(),
            scores: levels
                .iter()
                .map(|(score, y)| Tick { at: round_to_tenth(y + 4.0), text: score.to_string() })
                .collect(),
            axis: marks.iter().fold(format!("M{LEFT} {BOTTOM}H{RIGHT}"), |path, x| format!("{path}M{x} {BOTTOM}v5")),
            years: years(&marks, first.year()),
            series: series.iter().map(|one| draw_series(one, place, series.len() > 1)).collect(),
            labelled_dots: wishes.iter().map(|wish| dot(wish.point)).collect(),
            labels: labels::place_labels(&wishes, &drawn, &inside).into_iter().map(Label::rounded).collect(),
        })
    }
}

impl Label {
    fn rounded(self) -> Self {
        Self { x: round_to_tenth(self.x), y: round_to_tenth(self.y), ..self }
    }
}

/// The years, each in the middle of its own; where they would touch, every second.
fn years(marks: &[f64], first: i16) -> Vec<Tick> {
    let width = marks.get(1).map_or(WIDTH, |second| second - LEFT);
    let every = if width < 32.0 { 2 } else { 1 };
    let each = marks.windows(2).zip(first..).step_by(every);
    each.map(|(edges, year)| Tick { at: round_to_tenth((edges[0] + edges[1]) / 2.0), text: year.to_string() }).collect()
}

fn draw_series(series: &Series, place: impl Fn(&DrawSummary) -> (f64, f64), is_one_of_two: bool) -> SeriesPaths {
    let has_dots = series.draws.len() < DOTS_LIMIT && !is_one_of_two;
    let is_near = |one: &DrawSummary, next: &DrawSummary| days(one.date, next.date) <= MAX_GAP_DAYS;
    let (mut line, mut dots) = (Pen::default(), String::new());
    for run in series.draws.chunk_by(|one, next| is_near(one, next)) {
        line.lift();
        run.iter().for_each(|draw| line.draw_to(place(draw)));
        // A round that no line reaches would not be seen at all.
        if has_dots || run.len() == 1 {
            dots.extend(run.iter().map(|draw| dot(place(draw))));
        }
    }
    SeriesPaths { name: series.name.into(), line: line.path, dots }
}

/// Writes a line as steps from point to point in halves of a unit: nobody sees less, and each byte of the longest
/// page of the site counts.
#[derive(Default)]
struct Pen {
    path: String,
    at: Option<(f64, f64)>,
}

impl Pen {
    fn lift(&mut self) {
        self.at = None;
    }

    fn draw_to(&mut self, (x, y): (f64, f64)) {
        let to = (round_to_half(x), round_to_half(y));
        match self.at.replace(to) {
            None => self.path.push_str(&format!("M{} {}", to.0, to.1)),
            Some(from) => {
                let (x, y) = (to.0 - from.0, to.1 - from.1);
                let joint = if y < 0.0 { "" } else { " " };
                self.path.push_str(&format!("l{}{joint}{}", path_number(x), path_number(y)));
            }
        }
    }
}

/// Without the nought before a point, which paths can do without.
fn path_number(value: f64) -> String {
    let text = value.to_string();
    if value.abs() < 1.0 { text.replacen("0.", ".", 1) } else { text }
}

/// A line of no length, which round ends make a dot.
fn dot((x, y): (f64, f64)) -> String {
    format!("M{} {}h0", round_to_tenth(x), round_to_tenth(y))
}

/// Highest, lowest and latest of each kind of round; a round that is two of these is written once.
fn label_requests(series: &[Series], place: impl Fn(&DrawSummary) -> (f64, f64)) -> Vec<LabelRequest> {
    let mut wishes = vec![];
    for one in series {
        let Some(extremes) = Extremes::of(&one.draws) else { continue };
        let Extremes { lowest, highest, latest } = extremes;
        let wish = |draw: &DrawSummary, text: String, side| LabelRequest { point: place(draw), text, side };
        let is_latest = |draw: &DrawSummary| if draw.round == latest.round { ", latest" } else { "" };
        let words = |draw: &DrawSummary| format!("{} in round {}{}", draw.crs, draw.round, is_latest(draw));
        wishes.push(wish(highest, words(highest), Side::Above));
        if lowest.crs < highest.crs {
            wishes.push(wish(lowest, words(lowest), Side::Below));
        }
        if latest.round != highest.round && (latest.round != lowest.round || lowest.crs == highest.crs) {
            wishes.push(wish(latest, latest.crs.to_string(), Side::After));
        }
    }
    wishes
}

/// The rounds that a chart must name.
struct Extremes<'a> {
    lowest: &'a DrawSummary,
    highest: &'a DrawSummary,
    latest: &'a DrawSummary,
}

impl<'a> Extremes<'a> {
    /// Of equal cut-offs the newest counts, which readers care for most.
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
        |draw: &DrawSummary| format!("{} in round {} ({})", draw.crs, draw.round, DisplayDate::from(draw.date).text);
    let name = if is_one_of_two { format!("{}: ", series.name) } else { String::new() };
    let count = plural(i64::try_from(series.draws.len()).unwrap_or(i64::MAX), "round", "rounds");
    let since = series.draws.first().map(|draw| DisplayDate::from(draw.date).text).unwrap_or_default();
    format!(
        "{name}{count} since {since}. Highest cut-off {}, lowest {}, latest {}.",
        named(highest),
        named(lowest),
        named(latest)
    )
}

/// Points close enough to each other that no label slips between them.
fn interpolate(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let between = |pair: &[(f64, f64)]| {
        let ((x1, y1), (x2, y2)) = (pair[0], pair[1]);
        (0..8).map(f64::from).map(move |step| (x1 + (x2 - x1) * step / 8.0, y1 + (y2 - y1) * step / 8.0))
    };
    points.windows(2).flat_map(|pair| between(pair).collect::<Vec<_>>()).chain(points.last().copied()).collect()
}

fn days(from: Date, to: Date) -> f64 {
    scale::to_f64(to.duration_since(from).as_hours() / 24)
}

fn round_to_half(value: f64) -> f64 {
    (value * 2.0).round() / 2.0
}

fn round_to_tenth(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

#[cfg(test)]
mod tests;
