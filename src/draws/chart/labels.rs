//! Where to write on a chart, so that words cover neither each other nor the line, and stay inside.

/// What is to be written at a point.
#[derive(Clone, Debug)]
pub struct Wish {
    /// Where the point is.
    pub at: (f64, f64),
    /// What to write.
    pub text: String,
    /// Which side is tried first.
    pub above: bool,
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
    fn overlaps(&self, other: &Self) -> bool {
        self.left < other.right && other.left < self.right && self.top < other.bottom && other.top < self.bottom
    }

    fn holds(&self, (x, y): (f64, f64)) -> bool {
        (self.left..=self.right).contains(&x) && (self.top..=self.bottom).contains(&y)
    }

    fn is_within(&self, outer: &Self) -> bool {
        self.left >= outer.left && self.right <= outer.right && self.top >= outer.top && self.bottom <= outer.bottom
    }
}

/// The mean width of a character, and how far letters reach above and below their baseline, at 12 units a line.
const CHARACTER: f64 = 6.3;
const ASCENT: f64 = 10.0;
const DESCENT: f64 = 3.0;

impl Label {
    /// What the text covers, as far as that can be told without its font.
    pub fn area(&self) -> Area {
        let width = f64::from(u16::try_from(self.text.chars().count()).unwrap_or(u16::MAX)) * CHARACTER;
        let left = match self.anchor {
            "start" => self.x,
            "end" => self.x - width,
            _ => self.x - width / 2.0,
        };
        Area { left, top: self.y - ASCENT, right: left + width, bottom: self.y + DESCENT }
    }
}

/// Writes each wish where it covers least, the first wishes first. `drawn` are points along the lines.
pub fn place(wishes: Vec<Wish>, drawn: &[(f64, f64)], inside: &Area) -> Vec<Label> {
    let mut placed: Vec<Label> = vec![];
    for wish in wishes {
        let cost = |label: &Label| {
            let area = label.area();
            let covered = drawn.iter().filter(|point| area.holds(**point)).count();
            let over = placed.iter().filter(|other| other.area().overlaps(&area)).count();
            covered + 1000 * over + if area.is_within(inside) { 0 } else { 100_000 }
        };
        // Of equals the first is taken, which is the nearest and the most usual.
        let best = tries(&wish).into_iter().min_by_key(cost);
        placed.extend(best);
    }
    placed
}

fn tries(wish: &Wish) -> Vec<Label> {
    let (x, y) = wish.at;
    let label = |dx: f64, dy: f64, anchor| Label { x: x + dx, y: y + dy, anchor, text: wish.text.clone() };
    let mut all = vec![];
    for further in [0.0, 13.0, 26.0, 39.0] {
        let (up, down) = (-7.0 - further, 16.0 + further);
        let (first, second) = if wish.above { (up, down) } else { (down, up) };
        for dy in [first, second] {
            all.extend([label(0.0, dy, "middle"), label(0.0, dy, "start"), label(0.0, dy, "end")]);
        }
        if further == 0.0 {
            all.extend([label(7.0, 4.0, "start"), label(-7.0, 4.0, "end")]);
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    const INSIDE: Area = Area { left: 0.0, top: 0.0, right: 300.0, bottom: 200.0 };

    fn wish(x: f64, y: f64, text: &str, above: bool) -> Wish {
        Wish { at: (x, y), text: text.into(), above }
    }

    #[test]
    fn a_label_stands_above_or_below_its_point() {
        let placed = place(vec![wish(150.0, 100.0, "high", true), wish(150.0, 150.0, "low", false)], &[], &INSIDE);
        assert_eq!((placed[0].x, placed[0].y, placed[0].anchor), (150.0, 93.0, "middle"));
        assert_eq!((placed[1].x, placed[1].y, placed[1].anchor), (150.0, 166.0, "middle"));
    }

    #[test]
    fn a_label_stays_inside_at_every_corner() {
        for (x, y) in [(0.0, 0.0), (300.0, 0.0), (0.0, 200.0), (300.0, 200.0), (150.0, 0.0), (300.0, 100.0)] {
            for above in [true, false] {
                let placed = place(vec![wish(x, y, "902 in round 91b", above)], &[], &INSIDE);
                assert!(placed[0].area().is_within(&INSIDE), "{x} {y}: {placed:?}");
            }
        }
    }

    #[test]
    fn labels_do_not_overlap_even_at_one_point() {
        let same: Vec<Wish> =
            ["886 in round 1", "808 in round 3", "latest 529"].map(|t| wish(10.0, 20.0, t, true)).into();
        let placed = place(same, &[], &INSIDE);
        for (index, one) in placed.iter().enumerate() {
            for other in &placed[index + 1..] {
                assert!(!one.area().overlaps(&other.area()), "{placed:?}");
            }
        }
    }

    #[test]
    fn a_label_leaves_the_line_free_where_it_can() {
        let line: Vec<(f64, f64)> = (0..60).map(|x| (f64::from(x) * 5.0, 90.0)).collect();
        let placed = place(vec![wish(150.0, 100.0, "663 in round 234", true)], &line, &INSIDE);
        assert!(placed[0].y > 100.0, "{placed:?}");
    }
}
