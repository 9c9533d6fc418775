//! Where to write on a chart, so that words cover neither each other nor the line, and stay inside.

/// What is to be written at a point.
#[derive(Clone, Debug)]
pub struct LabelRequest {
    /// Where the point is.
    pub point: (f64, f64),
    /// What to write.
    pub text: String,
    /// Which side is tried first.
    pub side: Side,
}

/// Where a text stands beside its point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Over it.
    Above,
    /// Under it.
    Below,
    /// On the line, where it ends.
    After,
}

/// A text in its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Label {
    /// Where it is anchored.
    pub x: f64,
    /// Its baseline.
    pub y: f64,
    /// `start`, `middle` or `end`.
    pub anchor: &'static str,
    /// What is written.
    pub text: String,
}

/// A part of the drawing.
#[derive(Clone, Copy, Debug)]
pub struct Area {
    /// Its left edge.
    pub left: f64,
    /// Its upper edge.
    pub top: f64,
    /// Its right edge.
    pub right: f64,
    /// Its lower edge.
    pub bottom: f64,
}

impl Area {
    fn expanded(&self, by: f64) -> Self {
        Self { left: self.left - by, top: self.top - by, right: self.right + by, bottom: self.bottom + by }
    }

    fn overlaps(&self, other: &Self) -> bool {
        self.left < other.right && other.left < self.right && self.top < other.bottom && other.top < self.bottom
    }

    fn contains(&self, (x, y): (f64, f64)) -> bool {
        (self.left..=self.right).contains(&x) && (self.top..=self.bottom).contains(&y)
    }

    fn is_within(&self, outer: &Self) -> bool {
        self.left >= outer.left && self.right <= outer.right && self.top >= outer.top && self.bottom <= outer.bottom
    }
}

/// The mean width of a character, and how far letters reach above and below their baseline, at 12 units a line.
const CHARACTER_WIDTH: f64 = 6.3;
const ASCENT: f64 = 10.0;
const DESCENT: f64 = 3.0;

impl Label {
    /// What the text covers, as far as that can be told without its font.
    pub fn area(&self) -> Area {
        let width = f64::from(u16::try_from(self.text.chars().count()).unwrap_or(u16::MAX)) * CHARACTER_WIDTH;
        let left = match self.anchor {
            "start" => self.x,
            "end" => self.x - width,
            _ => self.x - width / 2.0,
        };
        Area { left, top: self.y - ASCENT, right: left + width, bottom: self.y + DESCENT }
    }
}

/// What it costs to cover a point of a line, to write one line further away, and to stand so near to the point of
/// another label that it seems to belong there.
const COST_COVERED: usize = 1;
const COST_FURTHER: usize = 6;
const COST_MISLEADING: usize = 40;
/// What must not be while there is any other way.
const COST_OVERLAPPING: usize = 1000;
const COST_OUTSIDE: usize = 100_000;

/// Writes each wish where it costs least, the first wishes first. `drawn` are points along the lines.
pub fn place_labels(wishes: &[LabelRequest], drawn: &[(f64, f64)], inside: &Area) -> Vec<Label> {
    let mut placed: Vec<Label> = vec![];
    for wish in wishes {
        let cost = |(further, label): &(usize, Label)| {
            let area = label.area();
            let covered = drawn.iter().filter(|point| area.contains(**point)).count();
            let near = area.expanded(4.0);
            let misleading =
                wishes.iter().filter(|other| other.point != wish.point && near.contains(other.point)).count();
            let overlapping = placed.iter().filter(|other| other.area().overlaps(&area)).count();
            let outside = usize::from(!area.is_within(inside));
            COST_COVERED * covered
                + COST_FURTHER * further
                + COST_MISLEADING * misleading
                + COST_OVERLAPPING * overlapping
                + COST_OUTSIDE * outside
        };
        // Of equals the first is taken, which is the most usual.
        placed.extend(candidates(wish).into_iter().min_by_key(cost).map(|(_, label)| label));
    }
    placed
}

/// Every place for a text, with the number of lines that it is away from its point.
fn candidates(wish: &LabelRequest) -> Vec<(usize, Label)> {
    let (x, y) = wish.point;
    let label = |dx: f64, dy: f64, anchor| Label { x: x + dx, y: y + dy, anchor, text: wish.text.clone() };
    let mut all = vec![];
    if wish.side == Side::After {
        all.push((0, label(7.0, 4.0, "start")));
    }
    for (further, away) in [0.0, 13.0, 26.0, 39.0].into_iter().enumerate() {
        let (up, down) = (-7.0 - away, 16.0 + away);
        let (first, second) = if wish.side == Side::Below { (down, up) } else { (up, down) };
        for dy in [first, second] {
            all.extend(
                [label(0.0, dy, "middle"), label(0.0, dy, "start"), label(0.0, dy, "end")].map(|l| (further, l)),
            );
        }
        if further == 0 {
            all.extend([label(7.0, 4.0, "start"), label(-7.0, 4.0, "end")].map(|l| (further, l)));
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    const INSIDE: Area = Area { left: 0.0, top: 0.0, right: 300.0, bottom: 200.0 };

    fn request(x: f64, y: f64, text: &str, side: Side) -> LabelRequest {
        LabelRequest { point: (x, y), text: text.into(), side }
    }

    #[test]
    fn a_label_stands_above_or_below_its_point() {
        let placed = place_labels(
            &[request(150.0, 100.0, "high", Side::Above), request(150.0, 150.0, "low", Side::Below)],
            &[],
            &INSIDE,
        );
        assert_eq!((placed[0].x, placed[0].y, placed[0].anchor), (150.0, 93.0, "middle"));
        assert_eq!((placed[1].x, placed[1].y, placed[1].anchor), (150.0, 166.0, "middle"));
    }

    #[test]
    fn a_label_stays_inside_at_every_corner() {
        for (x, y) in [(0.0, 0.0), (300.0, 0.0), (0.0, 200.0), (300.0, 200.0), (150.0, 0.0), (300.0, 100.0)] {
            for side in [Side::Above, Side::Below, Side::After] {
                let placed = place_labels(&[request(x, y, "902 in round 91b", side)], &[], &INSIDE);
                assert!(placed[0].area().is_within(&INSIDE), "{x} {y}: {placed:?}");
            }
        }
    }

    #[test]
    fn labels_do_not_overlap_even_at_one_point() {
        let same: Vec<LabelRequest> =
            ["886 in round 1", "808 in round 3", "latest 529"].map(|t| request(10.0, 20.0, t, Side::Above)).into();
        let placed = place_labels(&same, &[], &INSIDE);
        for (index, one) in placed.iter().enumerate() {
            for other in &placed[index + 1..] {
                assert!(!one.area().overlaps(&other.area()), "{placed:?}");
            }
        }
    }

    #[test]
    fn a_label_leaves_the_line_free_where_it_can() {
        let line: Vec<(f64, f64)> = (0..60).map(|x| (f64::from(x) * 5.0, 90.0)).collect();
        let placed = place_labels(&[request(150.0, 100.0, "663 in round 234", Side::Above)], &line, &INSIDE);
        assert!(placed[0].y > 100.0, "{placed:?}");
    }

    #[test]
    fn the_latest_value_stands_after_the_end_of_its_line_unless_another_point_is_there() {
        let latest = request(250.0, 100.0, "725", Side::After);
        let placed = place_labels(std::slice::from_ref(&latest), &[(250.0, 100.0)], &INSIDE);
        assert_eq!((placed[0].x, placed[0].y, placed[0].anchor), (257.0, 104.0, "start"));
        let placed = place_labels(&[request(265.0, 100.0, "900", Side::Above), latest], &[], &INSIDE);
        assert!(placed[1].area().right < 261.0, "{placed:?}");
    }
}
