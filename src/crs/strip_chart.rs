//! Strip chart: cut-offs of draws on one axis, a strip for each draw type, and a line at the visitor's score.

use crate::crs::store::DrawCutOff;

const WIDTH: i64 = 600;
const STRIP_HEIGHT: usize = 34;
/// Space above the first strip, for the label of the line.
const TOP: usize = 22;
const MARGIN: i64 = 14;

pub struct StripChart {
    pub width: i64,
    pub height: usize,
    pub strips: Vec<Strip>,
    /// Position and label of each value on the axis.
    pub ticks: Vec<(i64, i64)>,
    /// Position of the visitor's score.
    pub line: i64,
    pub score: i64,
    /// Whether the label of the line is left of it.
    pub label_is_left: bool,
    /// Baseline of the numbers on the axis.
    pub axis: usize,
}

pub struct Strip {
    pub label: String,
    pub label_at: usize,
    /// SVG path with a dot for each draw.
    pub dots: String,
}

impl StripChart {
    /// `name` gives the label of a draw type. `None` without draws.
    pub fn of(draws: &[&DrawCutOff], score: u16, name: impl Fn(Option<&str>) -> String) -> Option<Self> {
        let score = i64::from(score);
        let lowest = draws.iter().map(|draw| draw.crs).min()?.min(score);
        let highest = draws.iter().map(|draw| draw.crs).max()?.max(score);
        let span = (highest - lowest).max(20);
        let x = |crs: i64| MARGIN + (crs - lowest) * (WIDTH - 2 * MARGIN) / span;
        let mut types: Vec<Option<&str>> = vec![];
        for draw in draws {
            if !types.contains(&draw.category.as_deref()) {
                types.push(draw.category.as_deref());
            }
        }
        let strip = |(index, category): (usize, &Option<&str>)| {
            let label_at = TOP + index * STRIP_HEIGHT + 12;
            let at = label_at + 10;
            let mut positions: Vec<i64> =
                draws.iter().filter(|draw| draw.category.as_deref() == *category).map(|draw| x(draw.crs)).collect();
            positions.sort_unstable();
            positions.dedup();
            let dots = positions.into_iter().map(|x| format!("M{x} {at}h0")).collect();
            Strip { label: name(*category), label_at, dots }
        };
        let axis = TOP + types.len() * STRIP_HEIGHT + 16;
        let step = [10, 20, 50, 100, 200].into_iter().find(|step| span / step <= 6).unwrap_or(500);
        let first = lowest.div_euclid(step) * step + if lowest % step == 0 { 0 } else { step };
        let ticks = (0..=8).map(|index| first + index * step).take_while(|tick| *tick <= lowest + span);
        Some(Self {
            width: WIDTH,
            height: axis + 8,
            strips: types.iter().enumerate().map(strip).collect(),
            ticks: ticks.map(|tick| (x(tick), tick)).collect(),
            line: x(score),
            score,
            label_is_left: x(score) > WIDTH / 2,
            axis,
        })
    }
}
