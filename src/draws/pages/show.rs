//! One round as readers see it: its figures, when it was held, what they mean, and who was eligible.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use askama::Template;

use crate::db::Database;
use crate::draws::category::{category_names, name_of};
use crate::draws::change::{Change, additions};
use crate::draws::comparison::Comparison;
use crate::draws::pages::moment::{Moment, moments};
use crate::draws::pages::pool_table::PoolTable;
use crate::draws::store::Mention;
use crate::draws::tokens::speaking_of;
use crate::draws::{Correction, Draw, Round, store};
use crate::occupations::{self, CategoryList, Occupation};
use crate::web::{Day, Layout, PageError, PageResult, html};

#[derive(Template)]
#[template(path = "draws/show.html")]
struct DrawPage {
    layout: Layout,
    draw: Draw,
    kind: String,
    moments: Vec<Moment>,
    has_other_days: bool,
    before: Option<Comparison>,
    pool: Option<PoolTable>,
    eligible: Option<Eligible>,
    mentions: Vec<Mention>,
    /// Figures that stood here otherwise.
    changes: Vec<Change>,
    /// Figures that came later: the day, and which.
    additions: Vec<(Day, String)>,
    notes: String,
    earlier: Option<String>,
    later: Option<String>,
}

/// Whom a round for a category was held for.
struct Eligible {
    list: CategoryList,
    occupations: Vec<Occupation>,
}

impl Eligible {
    /// A long list would push everything after it out of sight.
    fn is_long(&self) -> bool {
        self.occupations.len() > 10
    }
}

/// `GET /draws/{round}`
pub async fn show(round: Path<String>, layout: Layout, db: Data<Database>) -> PageResult {
    let round = round.parse::<Round>().map_err(|_| PageError::NotFound)?;
    let draw = store::find(db.read(), &round).await?.ok_or(PageError::NotFound)?;
    let names = category_names(db.read()).await?;
    let before = store::previous_of_category(db.read(), &draw).await?;
    let (earlier, later) = store::neighbours(db.read(), &round).await?;
    let corrections = store::corrections(db.read(), &round).await?;
    let mentions = speaking_of(db.read(), &[round.to_string()]).await?;
    // What a correction says already is not said twice.
    let is_told = corrections.iter().any(|correction| correction.source == draw.notes);
    let moments = draw.held_at.map(|held_at| moments(held_at, draw.date)).unwrap_or_default();
    let page = DrawPage {
        layout,
        kind: name_of(&names, draw.category.as_deref()).to_owned(),
        has_other_days: moments.iter().any(|moment| !moment.differs.is_empty()),
        moments,
        before: before.map(|before| Comparison::of(&draw, &before)),
        pool: draw.pool.as_ref().map(|pool| PoolTable::of(pool, draw.crs)),
        eligible: eligible(&db, &draw).await?,
        mentions: mentions.into_iter().filter(|mention| mention.is_public).collect(),
        additions: additions(&corrections),
        changes: Change::all(&corrections.into_iter().filter(is_for_readers).collect::<Vec<_>>()),
        notes: if is_told { String::new() } else { draw.notes.clone() },
        earlier,
        later,
        draw,
    };
    html(StatusCode::OK, &page)
}

/// A correction that readers should know of: something stood there, and it was no note of ours.
fn is_for_readers(correction: &Correction) -> bool {
    !correction.before.is_empty() && correction.field != "notes"
}

async fn eligible(db: &Database, draw: &Draw) -> sqlx::Result<Option<Eligible>> {
    let Some(key) = draw.category_page() else { return Ok(None) };
    let Some(list) = occupations::list_on(db.read(), key, draw.date).await? else { return Ok(None) };
    let occupations = occupations::occupations_of(db.read(), list.id).await?;
    Ok(Some(Eligible { list, occupations }))
}
