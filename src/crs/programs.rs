//! Minimums of the Express Entry programs, compared with the answers.
//!
//! Source: the program pages of Immigration, Refugees and Citizenship Canada, read on 2026-08-15. `Not asked` stands
//! for everything that the calculator does not know.

use crate::crs::fsw_grid::{FswGrid, PASS_MARK};
use crate::crs::profile::{Education, Profile};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    Met,
    NotMet,
    NotAsked,
}

impl Status {
    pub fn label(self) -> &'static str {
        match self {
            Self::Met => "Met",
            Self::NotMet => "Not met",
            Self::NotAsked => "Not asked",
        }
    }

    /// Class in the style sheet.
    pub fn class(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::NotMet => "not-met",
            Self::NotAsked => "not-asked",
        }
    }

    fn of(is_met: bool) -> Self {
        if is_met { Self::Met } else { Self::NotMet }
    }

    /// Met only together with something that is not asked.
    fn possible(is_possible: bool) -> Self {
        if is_possible { Self::NotAsked } else { Self::NotMet }
    }
}

/// One minimum of a program.
#[derive(Clone, Debug)]
pub struct Minimum {
    pub requirement: &'static str,
    pub status: Status,
    pub detail: String,
}

#[derive(Clone, Debug)]
pub struct Program {
    pub name: &'static str,
    pub minimums: Vec<Minimum>,
}

fn minimum(requirement: &'static str, status: Status, detail: impl Into<String>) -> Minimum {
    Minimum { requirement, status, detail: detail.into() }
}

/// The three programs and the nomination, with their minimums.
pub fn programs(profile: &Profile) -> [Program; 4] {
    [skilled_worker(profile), experience_class(profile), skilled_trades(profile), nominee(profile)]
}

fn years(years: u8) -> String {
    match years {
        1 => "1 year entered".into(),
        _ => format!("{years} years entered"),
    }
}

fn lowest_level(profile: &Profile) -> String {
    let scale = profile.first_language.language.scale();
    match profile.first_language.levels.lowest() {
        0 => format!("lowest ability: below {scale} 4"),
        lowest => format!("lowest ability: {scale} {lowest}"),
    }
}

fn skilled_worker(profile: &Profile) -> Program {
    let work = profile.canadian_work.saturating_add(profile.foreign_work);
    let grid = FswGrid::of(profile);
    let grid_status = match grid.points() {
        _ if grid.first_language.is_none() => Status::NotMet,
        PASS_MARK.. => Status::Met,
        _ => Status::possible(grid.most_points() >= PASS_MARK),
    };
    let grid_detail = format!("{} points from your answers", grid.points());
    Program {
        name: "Federal Skilled Worker Program",
        minimums: vec![
            minimum("One year of skilled work (TEER 0 to 3) in the last ten years", Status::of(work >= 1), years(work)),
            minimum("That year was continuous and in one occupation", Status::possible(work >= 1), ""),
            minimum(
                "CLB or NCLC 7 in all four abilities",
                Status::of(profile.first_language.levels.lowest() >= 7),
                lowest_level(profile),
            ),
            minimum("Secondary education or more", Status::of(profile.education >= Education::Secondary), ""),
            minimum("67 of 100 points on the selection grid", grid_status, grid_detail),
            minimum("Settlement funds, unless you work in Canada with a valid offer", Status::NotAsked, ""),
        ],
    }
}

fn experience_class(profile: &Profile) -> Program {
    let language = match profile.first_language.levels.lowest() {
        7.. => Status::Met,
        lowest => Status::possible(lowest >= 5),
    };
    Program {
        name: "Canadian Experience Class",
        minimums: vec![
            minimum(
                "One year of skilled work in Canada (TEER 0 to 3)",
                Status::of(profile.canadian_work >= 1),
                years(profile.canadian_work),
            ),
            minimum(
                "In the last three years, not self-employed, and not as a full-time student",
                Status::possible(profile.canadian_work >= 1),
                "",
            ),
            minimum("CLB or NCLC 7 for TEER 0 and 1, or 5 for TEER 2 and 3", language, lowest_level(profile)),
        ],
    }
}

fn skilled_trades(profile: &Profile) -> Program {
    let work = profile.canadian_work.saturating_add(profile.foreign_work);
    let [listening, reading, writing, speaking] = profile.first_language.levels.each();
    let language = listening >= 5 && speaking >= 5 && reading >= 4 && writing >= 4;
    let certificate = if profile.trade_certificate { Status::Met } else { Status::NotAsked };
    Program {
        name: "Federal Skilled Trades Program",
        minimums: vec![
            minimum(
                "Two years of work in a listed trade in the last five years",
                Status::possible(work >= 2),
                years(work),
            ),
            minimum(
                "CLB or NCLC 5 in listening and speaking, 4 in reading and writing",
                Status::of(language),
                lowest_level(profile),
            ),
            minimum("A certificate of qualification, or a job offer of at least a year", certificate, ""),
        ],
    }
}

fn nominee(profile: &Profile) -> Program {
    Program {
        name: "Provincial Nominee Program (Express Entry stream)",
        minimums: vec![
            minimum("A nomination by a province or territory", Status::of(profile.nomination), ""),
            minimum("The minimums of one of the three programs above", Status::NotAsked, ""),
        ],
    }
}
