//! Placement of chart labels, so that they cover neither each other nor the line.

/// Text to place at a point, and the side to try first.
#[derive(Clone, Debug)]
pub struct LabelRequest {
    pub point: (f64, f64),
    pub text: String,
    pub side: Side,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    Above,
    Below,
    After,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Label {
    pub x: f64,
    pub y: f64,
    pub anchor: &'static str,
    pub text: String,
}

#[derive(Clone, Copy, Debug)]
pub struct Area {
    pub left: f64,
    pub top: f64,
    pub right: f64,
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

/// Average character width, ascent and descent at a font size of 12 units.
const CHARACTER_WIDTH: f64 = 6.3;
const ASCENT: f64 = 10.0;
const DESCENT: f64 = 3.0;

impl Label {
    /// Area that the text covers, estimated without font metrics.
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

/// Costs of a label position: each covered point of a line, each line of distance, and being so close to another
/// labelled point that it seems to belong to it.
const COST_COVERED: usize = 1;
const COST_FURTHER: usize = 6;
const COST_MISLEADING: usize = 40;
/// Costs that exceed all others.
const COST_OVERLAPPING: usize = 1000;
const COST_OUTSIDE: usize = 100_000;

/// Places each label where its cost is lowest, in order. `drawn` are points along the lines.
pub fn place_labels(requests: &[LabelRequest], drawn: &[(f64, f64)], inside: &Area) -> Vec<Label> {
    let mut placed: Vec<Label> = vec![];
    for request in requests {
        let cost = |(further, label): &(usize, Label)| {
            let area = label.area();
            let covered = drawn.iter().filter(|point| area.contains(**point)).count();
            let near = area.expanded(4.0);
            let misleading =
                requests.iter().filter(|other| other.point != request.point && near.contains(other.point)).count();
            let overlapping = placed.iter().filter(|other| other.area().overlaps(&area)).count();
            let outside = usize::from(!area.is_within(inside));
            COST_COVERED * covered
                + COST_FURTHER * further
                + COST_MISLEADING * misleading
                + COST_OVERLAPPING * overlapping
                + COST_OUTSIDE * outside
        };
        // Of equal costs, the first candidate is the most usual position.
        placed.extend(candidates(request).into_iter().min_by_key(cost).map(|(_, label)| label));
    }
    placed
}

/// Possible positions of a label, each with its distance in lines.
fn candidates(request: &LabelRequest) -> Vec<(usize, Label)> {
    let (x, y) = request.point;
    let label = |dx: f64, dy: f64, anchor| Label { x: x + dx, y: y + dy, anchor, text: request.text.clone() };
    let mut all = vec![];
    if request.side == Side::After {
        all.push((0, label(7.0, 4.0, "start")));
    }
    for (further, away) in [0.0, 13.0, 26.0, 39.0].into_iter().enumerate() {
        let (up, down) = (-7.0 - away, 16.0 + away);
        let (first, second) = if request.side == Side::Below { (down, up) } else { (up, down) };
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
                let placed = place_labels(&[request(x, y, "902 in draw 91b", side)], &[], &INSIDE);
                assert!(placed[0].area().is_within(&INSIDE), "{x} {y}: {placed:?}");
            }
        }
    }

    #[test]
    fn labels_do_not_overlap_even_at_one_point() {
        let same: Vec<LabelRequest> =
            ["886 in draw 1", "808 in draw 3", "latest 529"].map(|t| request(10.0, 20.0, t, Side::Above)).into();
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
        let placed = place_labels(&[request(150.0, 100.0, "663 in draw 234", Side::Above)], &line, &INSIDE);
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
