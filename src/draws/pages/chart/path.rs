//! SVG paths of charts: lines and dots, in as few characters as possible.

/// Line with relative steps in half units. The difference is invisible, and the path is short.
#[derive(Default)]
pub struct LinePath {
    path: String,
    at: Option<(f64, f64)>,
}

impl LinePath {
    /// Ends the line, so that the next point starts another one.
    pub fn lift(&mut self) {
        self.at = None;
    }

    pub fn draw_to(&mut self, (x, y): (f64, f64)) {
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

    pub fn into_path(self) -> String {
        self.path
    }
}

/// Zero-length lines, which round line caps turn into dots.
#[derive(Default)]
pub struct DotPath(String);

impl DotPath {
    pub fn add(&mut self, (x, y): (f64, f64)) {
        self.0.push_str(&format!("M{} {}h0", round_to_tenth(x), round_to_tenth(y)));
    }

    pub fn into_path(self) -> String {
        self.0
    }
}

/// Omits the zero before a decimal point, which SVG paths do not need.
fn path_number(value: f64) -> String {
    let text = value.to_string();
    if value.abs() < 1.0 { text.replacen("0.", ".", 1) } else { text }
}

fn round_to_half(value: f64) -> f64 {
    (value * 2.0).round() / 2.0
}

pub fn round_to_tenth(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn path_passes_through_its_points() {
        let mut line = LinePath::default();
        for point in [(31.0, 100.0), (31.5, 99.75), (31.5, 100.2), (41.0, 90.0)] {
            line.draw_to(point);
        }
        assert_eq!(line.into_path(), "M31 100l.5 0l0 0l9.5-10");
    }

    #[test]
    fn lifted_line_starts_again() {
        let mut line = LinePath::default();
        line.draw_to((1.0, 2.0));
        line.lift();
        line.draw_to((3.0, 4.0));
        assert_eq!(line.into_path(), "M1 2M3 4");
    }
}
