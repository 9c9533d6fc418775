//! Admin list of pages: order, menu and footer, trash.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use askama::Template;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use crate::http::{PageError, PageResult, html, see_other};
use crate::pages::jobs::TRASH_DAYS;
use crate::pages::outlines::outlines;
use crate::pages::page::{Page, Placement};
use crate::pages::store;
use crate::services::Services;
use crate::staff::{self, StaffContext};
use crate::web::{DisplayDate, Form};

#[derive(Template)]
#[template(path = "pages/admin_list.html")]
struct ListPage {
    ctx: StaffContext,
    pages: Vec<Page>,
    trashed: Vec<TrashedPage>,
    /// Slugs and titles of the outlines whose slug no page has.
    outlines: Vec<(&'static str, &'static str)>,
}

impl ListPage {
    fn place(&self, page: &Page) -> &'static str {
        let place = |(known, _, label)| (known == page.placement).then_some(label);
        Placement::ALL.into_iter().find_map(place).filter(|_| page.placement != Placement::None).unwrap_or_default()
    }
}

struct TrashedPage {
    id: i64,
    title: String,
    /// Day of deletion.
    deletes_on: String,
}

/// `GET /admin/pages`
pub async fn list(ctx: StaffContext, services: Data<Services>) -> PageResult {
    let db = services.db.read();
    let pages = store::all(db).await?;
    let trashed = store::trashed(db).await?.into_iter().map(|(id, title, trashed_at)| {
        let day = |at: Timestamp| DisplayDate::in_office(at + SignedDuration::from_hours(24 * TRASH_DAYS)).text;
        TrashedPage { id, title, deletes_on: trashed_at.parse().map(day).unwrap_or_default() }
    });
    let trashed = trashed.collect();
    let outlines = outlines().filter(|(slug, _)| pages.iter().all(|page| page.slug != *slug)).collect();
    html(StatusCode::OK, &ListPage { ctx, pages, trashed, outlines })
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct OrderForm {
    /// `up` or `down`.
    direction: String,
}

/// `POST /admin/pages/{id}/order`: moves a page up or down in the list.
pub async fn change_order(
    ctx: StaffContext,
    id: Path<i64>,
    form: Form<OrderForm>,
    services: Data<Services>,
) -> PageResult {
    let mut tx = services.db.begin_write().await?;
    let mut pages = store::all(&mut *tx).await?;
    let place = pages.iter().position(|page| page.id == *id).ok_or(PageError::NotFound)?;
    let other = match form.0.direction.as_str() {
        "up" => place.checked_sub(1),
        "down" => Some(place + 1).filter(|next| *next < pages.len()),
        _ => return Err(PageError::BadRequest("Choose Move up or Move down.")),
    };
    if let Some(other) = other {
        pages.swap(place, other);
        let ids: Vec<i64> = pages.iter().map(|page| page.id).collect();
        store::set_order(&mut tx, &ids).await?;
        let title = &pages[other].title;
        let action = format!("moved a page {}", form.0.direction);
        staff::audit(&mut tx, services.clock.now(), &ctx.member.name, &action, title).await?;
        ctx.set_flash(&mut tx, &format!("Moved “{title}” {}.", form.0.direction)).await?;
    }
    tx.commit().await?;
    Ok(see_other("/admin/pages"))
}
