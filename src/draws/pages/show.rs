//! Public page of a draw.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use askama::Template;

use crate::categories::{self, CategoryList};
use crate::db::Database;
use crate::draws::category::{category_name, category_names};
use crate::draws::comparison::Comparison;
use crate::draws::correction_text::{CorrectionText, additions};
use crate::draws::pages::local_times::{LocalTime, local_times};
use crate::draws::pages::pool_table::PoolTable;
use crate::draws::pages::share::{count_lines, share_text};
use crate::draws::store::DrawMention;
use crate::draws::tokens::mentions_of;
use crate::draws::{Correction, Draw, DrawNumber, store};
use crate::http::{PageError, PageResult, html};
use crate::noc::Occupation;
use crate::services::Services;
use crate::web::{CheckDates, DisplayDate, Layout};

#[derive(Template)]
#[template(path = "draws/show.html")]
struct DrawPage {
    layout: Layout,
    draw: Draw,
    kind: String,
    local_times: Vec<LocalTime>,
    has_other_days: bool,
    before: Option<Comparison>,
    /// Next draw of the same type.
    after: Option<Draw>,
    checked: Option<CheckDates>,
    /// Text for messages, and the number of its lines.
    share_text: String,
    share_lines: usize,
    pool: Option<PoolTable>,
    eligible: Option<Eligible>,
    mentions: Vec<DrawMention>,
    changes: Vec<CorrectionText>,
    /// Figures that were added later, by day.
    additions: Vec<(DisplayDate, String)>,
    notes: String,
    earlier: Option<DrawNumber>,
    later: Option<DrawNumber>,
}

/// List and occupations of the category for which the draw was held.
struct Eligible {
    list: CategoryList,
    occupations: Vec<Occupation>,
}

impl Eligible {
    /// Whether the list is collapsed, so that the rest of the page stays in view.
    fn is_long(&self) -> bool {
        self.occupations.len() > 10
    }
}

/// `GET /draws/{number}`
pub async fn show(round: Path<String>, layout: Layout, services: Data<Services>) -> PageResult {
    let round = round.parse::<DrawNumber>().map_err(|_| PageError::NotFound)?;
    let draw = store::find(services.db.read(), &round).await?.ok_or(PageError::NotFound)?;
    let names = category_names(services.db.read()).await?;
    let before = store::previous_of_category(services.db.read(), &draw).await?;
    let before = before.map(|before| Comparison::of(&draw, &before));
    let share_text = share_text(&draw, before.as_ref(), &layout.canonical);
    let earlier = store::previous(services.db.read(), &round).await?.map(|draw| draw.round);
    let later = store::next(services.db.read(), &round).await?.map(|draw| draw.round);
    let corrections = store::corrections(services.db.read(), &round).await?;
    let mentions = mentions_of(services.db.read(), &[round.to_string()]).await?;
    // Notes that repeat the source of a correction are not shown.
    let is_repeated = corrections.iter().any(|correction| correction.source == draw.notes);
    let local_times = draw.held_at.map(|held_at| local_times(held_at, draw.date)).unwrap_or_default();
    let page = DrawPage {
        layout,
        kind: category_name(&names, draw.category.as_deref()).to_owned(),
        has_other_days: local_times.iter().any(|time| !time.differs.is_empty()),
        local_times,
        before,
        after: store::next_of_category(services.db.read(), &draw).await?,
        checked: CheckDates::of([store::checked_on(services.db.read(), &round).await?]),
        share_lines: count_lines(&share_text),
        share_text,
        pool: draw.pool.as_ref().map(|pool| PoolTable::of(pool, draw.crs, draw.date)),
        eligible: eligible(&services.db, &draw).await?,
        mentions: mentions.into_iter().filter(|mention| mention.is_public).collect(),
        additions: additions(&corrections),
        changes: CorrectionText::all(&corrections.into_iter().filter(Correction::is_for_readers).collect::<Vec<_>>()),
        notes: if is_repeated { String::new() } else { draw.notes.clone() },
        earlier,
        later,
        draw,
    };
    html(StatusCode::OK, &page)
}

async fn eligible(db: &Database, draw: &Draw) -> sqlx::Result<Option<Eligible>> {
    let Some(key) = draw.category_page() else { return Ok(None) };
    let Some(list) = categories::list_on(db.read(), key, draw.date).await? else { return Ok(None) };
    let occupations = categories::occupations_of(db.read(), list.id).await?;
    Ok(Some(Eligible { list, occupations }))
}
