//! Axes of a chart: positions of values, and tick values.

use jiff::civil::Date;

/// Linear scale from values to positions. Positions may decrease, as on a vertical axis.
#[derive(Clone, Copy, Debug)]
pub struct Scale {
    from: f64,
    to: f64,
    start: f64,
    end: f64,
}

impl Scale {
    /// Maps `from` to `start` and `to` to `end`.
    pub fn new(from: f64, to: f64, start: f64, end: f64) -> Self {
        Self { from, to, start, end }
    }

    /// Position of a value; the middle if all values are equal.
    pub fn at(&self, value: f64) -> f64 {
        let share = if self.to > self.from { (value - self.from) / (self.to - self.from) } else { 0.5 };
        self.start + share * (self.end - self.start)
    }
}

/// Margin above and below the values for labels, as a share of their range.
const HEADROOM: f64 = 0.12;

/// Range of the vertical axis for scores from `lowest` to `highest`.
pub fn domain(lowest: i64, highest: i64) -> (f64, f64) {
    let (lowest, highest) = (to_f64(lowest), to_f64(highest));
    let room = ((highest - lowest) * HEADROOM).max(4.0);
    ((lowest - room).max(0.0), highest + room)
}

/// At most six evenly spaced, round values between `from` and `to`.
pub fn ticks(from: f64, to: f64) -> Vec<i64> {
    for step in [1, 2, 5, 10, 20, 25, 50, 100, 200, 250, 500] {
        let at: Vec<i64> = (0..=1200 / step).map(|n| n * step).filter(|v| (from..=to).contains(&to_f64(*v))).collect();
        if at.len() <= 6 {
            return at;
        }
    }
    vec![]
}

/// Exact, because scores and days are small.
pub fn to_f64(value: i64) -> f64 {
    i32::try_from(value).map_or(f64::MAX, f64::from)
}

/// Days from one date to another.
pub fn days(from: Date, to: Date) -> f64 {
    to_f64(to.duration_since(from).as_hours() / 24)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scale_runs_both_ways_and_survives_equal_values() {
        let up = Scale::new(400.0, 500.0, 190.0, 10.0);
        assert_eq!((up.at(400.0), up.at(450.0), up.at(500.0)), (190.0, 100.0, 10.0));
        assert_eq!(Scale::new(5.0, 5.0, 0.0, 10.0).at(5.0), 5.0);
    }

    #[test]
    fn ticks_are_few_round_and_inside() {
        for (lowest, highest, expected) in [
            (75, 886, vec![0, 200, 400, 600, 800]),
            (663, 902, vec![650, 700, 750, 800, 850, 900]),
            (422, 510, vec![420, 440, 460, 480, 500, 520]),
            (476, 476, vec![472, 474, 476, 478, 480]),
        ] {
            let (from, to) = domain(lowest, highest);
            assert_eq!(ticks(from, to), expected, "{lowest} to {highest}");
            assert!(from < to_f64(lowest) && to_f64(highest) < to);
        }
        assert_eq!(domain(1, 900).0, 0.0);
    }
}
