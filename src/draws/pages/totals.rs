//! Totals over several draws: count, invitations and range of cut-offs.

use crate::draws::DrawSummary;
use crate::web::{plural, plural_len, with_thousands};

/// Totals of at least one draw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Totals {
    pub draws: usize,
    pub invitations: i64,
    pub lowest: i64,
    pub highest: i64,
}

impl Totals {
    /// Returns `None` if there are no draws.
    pub fn of<'a>(draws: impl IntoIterator<Item = &'a DrawSummary>) -> Option<Self> {
        Self::sum(draws.into_iter().map(Self::of_one))
    }

    /// Totals over several totals; `None` if there are none.
    pub fn sum(totals: impl IntoIterator<Item = Self>) -> Option<Self> {
        totals.into_iter().reduce(|sum, one| Self {
            draws: sum.draws + one.draws,
            invitations: sum.invitations + one.invitations,
            lowest: sum.lowest.min(one.lowest),
            highest: sum.highest.max(one.highest),
        })
    }

    fn of_one(draw: &DrawSummary) -> Self {
        Self { draws: 1, invitations: draw.invitations, lowest: draw.crs, highest: draw.crs }
    }

    pub fn invitations_text(&self) -> String {
        with_thousands(self.invitations)
    }

    /// `36 draws`
    pub fn draws_text(&self) -> String {
        plural_len(self.draws, "draw", "draws")
    }

    /// `422–510`, or a single score
    pub fn cut_offs(&self) -> String {
        if self.lowest == self.highest {
            self.lowest.to_string()
        } else {
            format!("{}–{}", self.lowest, self.highest)
        }
    }

    /// `5,000 invitations`
    pub fn invitations_label(&self) -> String {
        plural(self.invitations, "invitation", "invitations")
    }

    /// `5,000 invitations, CRS cut-offs from 422 to 510`
    pub fn describe(&self) -> String {
        let invitations = self.invitations_label();
        if self.lowest == self.highest {
            return format!("{invitations}, CRS cut-off {}", self.lowest);
        }
        format!("{invitations}, CRS cut-offs from {} to {}", self.lowest, self.highest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draw(crs: i64, invitations: i64) -> DrawSummary {
        DrawSummary {
            round: "1".into(),
            date: "2015-01-31".parse().unwrap(),
            name: String::new(),
            category: None,
            crs,
            invitations,
            has_wrong_invitations: false,
            has_wrong_date: false,
            checked_on: None,
        }
    }

    #[test]
    fn draws_add_up() {
        assert_eq!(Totals::of(&[]), None);
        let one = Totals::of(&[draw(476, 1)]).unwrap();
        assert_eq!((one.draws_text(), one.describe()), ("1 draw".into(), "1 invitation, CRS cut-off 476".into()));
        let two = Totals::of(&[draw(476, 500), draw(463, 1500)]).unwrap();
        assert_eq!(two.describe(), "2,000 invitations, CRS cut-offs from 463 to 476");
        assert_eq!((one.cut_offs(), two.cut_offs()), ("476".into(), "463–476".into()));
    }
}
