//! The rounds as readers see them: the table of all, and one.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use askama::Template;

use crate::db::Database;
use crate::draws::{Correction, Draw, Round, store};
use crate::web::{Layout, PageError, PageResult, html};

#[derive(Template)]
#[template(path = "draws/list.html")]
struct ListPage {
    layout: Layout,
    draws: Vec<Draw>,
}

/// `GET /draws`
pub async fn list(layout: Layout, db: Data<Database>) -> PageResult {
    let draws = store::all(db.read()).await?;
    html(StatusCode::OK, &ListPage { layout, draws })
}

#[derive(Template)]
#[template(path = "draws/show.html")]
struct DrawPage {
    layout: Layout,
    draw: Draw,
    earlier: Option<String>,
    later: Option<String>,
    corrections: Vec<Correction>,
}

/// `GET /draws/{round}`
pub async fn show(round: Path<String>, layout: Layout, db: Data<Database>) -> PageResult {
    let round = round.parse::<Round>().map_err(|_| PageError::NotFound)?;
    let draw = store::find(db.read(), &round).await?.ok_or(PageError::NotFound)?;
    let (earlier, later) = store::neighbours(db.read(), &round).await?;
    let corrections = store::corrections(db.read(), &round).await?;
    html(StatusCode::OK, &DrawPage { layout, draw, earlier, later, corrections })
}
