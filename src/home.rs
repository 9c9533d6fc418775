//! Front page: latest draw, check of an occupation or a score, latest cut-offs, news, the company and both forms.

mod cut_offs;

use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;
use serde::Deserialize;

use crate::draws::{self, Draw, RecordAge, draws_mentioned};
use crate::home::cut_offs::CutOffs;
use crate::http::{CacheRule, PageResult, html};
use crate::occupations;
use crate::posts::{self, PostSummary};
use crate::services::Services;
use crate::web::{FieldErrors, Layout, Query, ascii_digits, one_line, with_thousands};

#[derive(Template)]
#[template(path = "home/show.html")]
struct HomePage {
    layout: Layout,
    draw: Option<Draw>,
    /// `Oct 1`
    short_day: String,
    record_age: Option<RecordAge>,
    cut_offs: CutOffs,
    /// CRS score as entered.
    crs: String,
    /// The entered score, if it is one.
    score: Option<i64>,
    errors: FieldErrors,
    news: Vec<NewsItem>,
    occupations: String,
}

/// A post with the draw that its title names, whose figures stand in for a picture.
struct NewsItem {
    post: PostSummary,
    draw: Option<Draw>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct HomeQuery {
    /// CRS score to compare with the latest cut-offs.
    #[serde(deserialize_with = "one_line")]
    crs: String,
}

/// All but `crs` are parameters of posts and pages on a WordPress site, whose addresses redirect.
pub const CACHE_RULES: [CacheRule; 1] = [CacheRule::Cacheable(
    "/",
    &[
        "crs",
        "p",
        "page_id",
        "attachment_id",
        "cat",
        "category_name",
        "tag",
        "author",
        "author_name",
        "m",
        "paged",
        "feed",
        "s",
    ],
)];

/// `GET /?crs=`
pub async fn show(layout: Layout, query: Query<HomeQuery>, services: Data<Services>) -> PageResult {
    let db = services.db.read();
    let crs = query.0.crs;
    let score = ascii_digits(&crs).parse().ok().filter(|score| (1..=1200).contains(score));
    let mut errors = FieldErrors::in_order(&["crs"]);
    if score.is_none() && !crs.is_empty() {
        errors.add("crs", "Enter a whole number from 1 to 1200, such as 471.");
    }
    let draw = draws::latest(db).await?;
    let short_day = draw.as_ref().map_or_else(String::new, |draw| draw.date.strftime("%b %-d").to_string());
    let record_age = draws::record_age(db, services.clock.now()).await?;
    let cut_offs = CutOffs::new(&draws::summaries(db).await?, &draws::category_names(db).await?, score);
    let mut news = vec![];
    for post in posts::newest(db, "", 3, 0).await? {
        let draw = match draws_mentioned(&post.title).pop_last() {
            Some(number) => draws::find(db, &number).await?,
            None => None,
        };
        news.push(NewsItem { post, draw });
    }
    let occupations = with_thousands(occupations::count(db).await?);
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    html(status, &HomePage { layout, draw, short_day, record_age, cut_offs, crs, score, errors, news, occupations })
}
