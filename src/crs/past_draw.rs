//! Whether a profile would have been invited in a past draw: yes, no or depends, with the reason.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::categories::DatedList;
use crate::crs::store::DrawCutOff;
use crate::web::{DisplayDate, DisplayTime};

/// Programs of Express Entry: key in addresses, which is also the category of their draws, and name.
pub const PROGRAMS: [(&str, &str); 4] = [
    ("cec", "Canadian Experience Class"),
    ("fsw", "Federal Skilled Worker Program"),
    ("fst", "Federal Skilled Trades Program"),
    ("pnp", "Provincial nominee"),
];

/// Category of draws for French speakers.
const FRENCH: &str = "french";

/// When the profile was submitted, in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SubmittedAt {
    Day(Date),
    Moment(Timestamp),
}

/// Answers of the visitor that are compared with draws.
#[derive(Clone, Debug, Default)]
pub struct Candidate {
    pub crs: u16,
    pub nocs: Vec<String>,
    pub has_french: bool,
    /// Keys of [`PROGRAMS`].
    pub programs: Vec<&'static str>,
    pub submitted_at: Option<SubmittedAt>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    Yes,
    No,
    Depends,
}

impl Decision {
    /// Word in addresses and in the style sheet.
    pub fn key(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::Depends => "depends",
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::Yes => "Yes",
            Self::No => "No",
            Self::Depends => "Depends",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    pub answer: Decision,
    pub reason: String,
}

fn verdict(answer: Decision, reason: impl Into<String>) -> Verdict {
    Verdict { answer, reason: reason.into() }
}

impl Candidate {
    /// Compares the candidate with a draw. `lists` are all category lists.
    pub fn verdict(&self, draw: &DrawCutOff, lists: &[DatedList]) -> Verdict {
        match self.exclusion(draw, lists) {
            Some(Verdict { answer: Decision::No, reason }) => verdict(Decision::No, reason),
            // Below the cut-off, what the record does not say makes no difference.
            Some(unknown) if i64::from(self.crs) >= draw.crs => unknown,
            _ => self.compare_score(draw),
        }
    }

    /// Why the draw was not for the candidate, or why this is unknown. `None` if it was.
    fn exclusion(&self, draw: &DrawCutOff, lists: &[DatedList]) -> Option<Verdict> {
        let Some(category) = draw.category.as_deref() else {
            return Some(verdict(Decision::Depends, "The type of this draw is not in our record yet."));
        };
        if category == "general" {
            return None;
        }
        if let Some((key, name)) = PROGRAMS.iter().find(|(key, _)| *key == category) {
            let is_selected = self.programs.contains(key);
            let reason = match *key {
                "pnp" => "Only for provincial nominees. You did not select a nomination.".to_owned(),
                _ => format!("Only for the {name}, which you did not select."),
            };
            return (!is_selected).then(|| verdict(Decision::No, reason));
        }
        if category == FRENCH {
            let reason = "Only for French speakers with NCLC 7 in all four abilities, which you did not select.";
            return (!self.has_french).then(|| verdict(Decision::No, reason));
        }
        let on_that_day = lists.iter().find(|list| list.category_key == category && list.is_active_on(draw.date));
        match on_that_day {
            None => Some(verdict(Decision::Depends, "Our record has no list of this category for that day.")),
            Some(list) if self.nocs.iter().any(|noc| list.codes.contains(noc)) => None,
            Some(_) if self.nocs.is_empty() => {
                Some(verdict(Decision::No, "Only for listed occupations. You entered no NOC code."))
            }
            Some(_) => {
                let codes = self.nocs.join(", ");
                let verb = if self.nocs.len() == 1 { "was" } else { "were" };
                Some(verdict(Decision::No, format!("NOC {codes} {verb} not on the list of that day.")))
            }
        }
    }

    fn compare_score(&self, draw: &DrawCutOff) -> Verdict {
        let difference = i64::from(self.crs) - draw.crs;
        match difference {
            1.. => verdict(Decision::Yes, format!("{difference} above the cut-off.")),
            0 => self.break_tie(draw),
            _ => verdict(Decision::No, format!("{} below the cut-off.", -difference)),
        }
    }

    /// At the cut-off, only profiles submitted before the tie-break were invited.
    fn break_tie(&self, draw: &DrawCutOff) -> Verdict {
        let Some(tie_break) = draw.tie_break else {
            return verdict(Decision::Depends, "Equal to the cut-off. No tie-break was published for this draw.");
        };
        let limit = DisplayTime::utc(tie_break).text;
        let day = tie_break.to_zoned(TimeZone::UTC).date();
        let (is_before, is_certain) = match self.submitted_at {
            None => {
                let reason = format!("Equal to the cut-off. Only profiles submitted before {limit} were invited.");
                return verdict(Decision::Depends, reason);
            }
            Some(SubmittedAt::Moment(moment)) => (moment < tie_break, true),
            Some(SubmittedAt::Day(submitted)) => (submitted < day, submitted != day),
        };
        match (is_certain, is_before) {
            (false, _) => {
                let day = DisplayDate::from(day).text;
                let reason =
                    format!("Equal to the cut-off, and your profile was submitted on {day}. The tie-break is {limit}.");
                verdict(Decision::Depends, reason)
            }
            (true, true) => {
                verdict(Decision::Yes, format!("Equal to the cut-off, and submitted before the tie-break, {limit}."))
            }
            (true, false) => {
                verdict(Decision::No, format!("Equal to the cut-off, but not submitted before the tie-break, {limit}."))
            }
        }
    }
}
