//! Draws without an occupation list: general draws, program draws, and categories without a list.

use jiff::civil::Date;
use sqlx::SqlitePool;

use crate::categories::{NamedCategory, categories_without_list};
use crate::occupations::directory::store;
use crate::web::{DisplayDate, plural};

/// Section of the occupation page about draws without an occupation list.
pub struct OtherDraws {
    /// Last draw open to all programs.
    pub last_general: Option<GeneralDraw>,
    /// Program draws since then, such as `provincial nominees (57 draws)`.
    pub since: String,
    /// Later draws without an assigned type, such as `2 later draws`.
    pub unassigned: Option<String>,
    /// Whether there are draws after the last general draw.
    pub has_later_draws: bool,
    /// Date of the latest draw in the record.
    pub latest: Option<DisplayDate>,
    /// Categories in effect that do not require a listed occupation, by name.
    pub without_list: Vec<NamedCategory>,
}

/// Draw open to all programs.
pub struct GeneralDraw {
    pub number: String,
    pub day: DisplayDate,
}

impl OtherDraws {
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
            without_list: categories_without_list(db, today).await?,
        })
    }
}

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
