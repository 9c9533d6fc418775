//! Choices of the dialogs in the editor: draws and their figures, category lists, and pictures.

use actix_web::HttpResponse;
use actix_web::web::Data;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::categories;
use crate::draws::{self, DrawField};
use crate::http::PageResult;
use crate::media;
use crate::services::Services;
use crate::staff::StaffContext;
use crate::web::{DisplayDate, Query, single_line, with_thousands};

/// Pictures in the dialog. A search finds the others.
const MAX_PICTURES: i64 = 60;

#[derive(Serialize)]
struct Choice {
    value: String,
    label: String,
}

/// Choices of a token: the draws and figures, and the category lists with their first days.
#[derive(Serialize)]
struct TokenChoices {
    draws: Vec<Choice>,
    figures: Vec<Choice>,
    /// Values such as `healthcare on 2023-06-28`.
    lists: Vec<Choice>,
}

/// `GET /admin/posts/tokens`
pub async fn tokens(_: StaffContext, services: Data<Services>) -> PageResult {
    let db = services.db.read();
    let draws = draws::summaries(db).await?;
    let draws = draws.into_iter().map(|draw| Choice {
        label: format!("{}: {}, {}, CRS {}", draw.round, draw.day().text, draw.name, with_thousands(draw.crs)),
        value: draw.round,
    });
    let figures =
        DrawField::ALL.into_iter().map(|(_, word, meaning)| Choice { value: word.into(), label: meaning.into() });
    let mut lists = categories::all_lists(db).await?;
    lists.retain(|counted| counted.occupations > 0);
    lists.sort_by(|one, other| one.list.name_en.cmp(&other.list.name_en));
    let lists = lists.into_iter().map(|counted| {
        let (list, count) = (counted.list, with_thousands(counted.occupations));
        let start = DisplayDate::from(list.effective_from).text;
        Choice {
            value: format!("{} on {}", list.category_key, list.effective_from),
            label: format!("{}, in effect from {start} ({count})", list.name_en),
        }
    });
    respond(&TokenChoices { draws: draws.collect(), figures: figures.collect(), lists: lists.collect() })
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct PictureQuery {
    q: String,
}

#[derive(Serialize)]
struct PictureChoice {
    address: String,
    thumbnail: String,
    alt: String,
    name: String,
}

/// `GET /admin/posts/pictures?q=`: pictures in Media, newest first.
pub async fn pictures(_: StaffContext, query: Query<PictureQuery>, services: Data<Services>) -> PageResult {
    let items = media::find_pictures(services.db.read(), &single_line(&query.0.q), MAX_PICTURES).await?;
    let choice = |item: media::MediaItem| PictureChoice {
        address: item.picture.address(),
        thumbnail: item.picture.smallest_address(),
        alt: item.alt,
        name: item.file_name,
    };
    respond(&json!({ "pictures": items.into_iter().map(choice).collect::<Vec<_>>() }))
}

fn respond(choices: &impl Serialize) -> PageResult {
    let body = serde_json::to_string(choices).map_err(anyhow::Error::from)?;
    Ok(HttpResponse::Ok().content_type("application/json").body(body))
}
