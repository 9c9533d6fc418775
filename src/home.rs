//! The front page: the latest draw, the newest posts, and the way to everything else.

use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;

use crate::clock::Clock;
use crate::db::Database;
use crate::draws::{self, Draw, UpTo};
use crate::occupations;
use crate::posts::{self, Headline};
use crate::web::{Address, Layout, PageResult, grouped, html};

#[derive(Template)]
#[template(path = "home/show.html")]
struct HomePage {
    layout: Layout,
    draw: Option<Draw>,
    up_to: Option<UpTo>,
    posts: Vec<Headline>,
    occupations: String,
}

/// The front page is the same for everybody.
pub const ADDRESSES: [Address; 1] = [Address::Public("/", &[])];

/// `GET /`
pub async fn show(layout: Layout, db: Data<Database>, clock: Data<Clock>) -> PageResult {
    let draw = draws::latest(db.read()).await?;
    let up_to = draws::up_to(db.read(), clock.now()).await?;
    let posts = posts::newest(db.read(), "", 3, 0).await?;
    let occupations = grouped(occupations::count(db.read()).await?);
    html(StatusCode::OK, &HomePage { layout, draw, up_to, posts, occupations })
}
