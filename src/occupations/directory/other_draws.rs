//! Draws that need no occupation list: the last general draw, the program draws after it, and categories without a list.

use jiff::civil::Date;
use sqlx::SqlitePool;

use crate::occupations::directory::store;
use crate::web::{DisplayDate, plural};

/// What an occupation page says about draws that do not depend on an occupation list.
pub struct OtherDraws {
    /// The last draw that was open to every program; `None` where the record holds none.
    pub last_general: Option<GeneralDraw>,
    /// The program draws after it, such as `provincial nominees (57 draws)`.
    pub since: String,
    /// Later draws whose type nobody has assigned yet, such as `2 later draws`.
    pub unassigned: Option<String>,
    /// Whether the record goes on after the last general draw.
    pub has_later_draws: bool,
    /// The day of the latest draw in the record.
    pub latest: Option<DisplayDate>,
    /// Categories in force that ask for no listed occupation, by name.
    pub without_list: Vec<store::NamedCategory>,
}

/// A draw that was open to every program.
pub struct GeneralDraw {
    /// Its number.
    pub number: String,
    /// The day it was held on.
    pub day: DisplayDate,
}

impl OtherDraws {
    /// Reads the record as it stands on `today`.
    pub async fn load(db: &SqlitePool, today: Date) -> sqlx::Result<Self> {
        let last_general = store::last_general_draw(db).await?;
        let after = last_general.as_ref().map_or(0, |draw| draw.sort_key);
        let (unassigned, since): (Vec<_>, Vec<_>) =
            store::program_draws_since(db, after).await?.into_iter().partition(|(program, _)| program == "unassigned");
        let unassigned = unassigned.first().map(|(_, count)| plural(*count, "later draw", "later draws"));
        let since: Vec<String> = since
            .into_iter()
            .map(|(program, count)| format!("{} ({})", program_label(&program), plural(count, "draw", "draws")))
            .collect();
        let latest = store::latest_draw_day(db).await?;
        Ok(Self {
            has_later_draws: last_general.as_ref().is_none_or(|draw| latest.is_some_and(|day| day > draw.date)),
            unassigned,
            last_general: last_general.map(|draw| GeneralDraw { number: draw.round, day: draw.date.into() }),
            since: join_list(&since),
            latest: latest.map(DisplayDate::from),
            without_list: store::categories_without_list(db, today).await?,
        })
    }
}

/// The people that a program draw was held for.
fn program_label(program: &str) -> &str {
    match program {
        "general" => "all programs",
        "cec" => "the Canadian Experience Class",
        "pnp" => "provincial nominees",
        "fst" => "the Federal Skilled Trades Program",
        "fsw" => "the Federal Skilled Worker Program",
        other => other,
    }
}

/// `a`, `a and b`, `a, b and c`
fn join_list(parts: &[String]) -> String {
    match parts {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}
