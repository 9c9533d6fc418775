//! Importing at the desk: hand a file in, see what it would do, apply it.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use askama::Template;
use serde::Deserialize;

use crate::clock::Clock;
use crate::db::Database;
use crate::draws::Draw;
use crate::draws::category::{CategoryName, category_names, name_of};
use crate::draws::import::plan::Plan;
use crate::draws::import::{self, ImportError, published};
use crate::draws::store::{self, Mention};
use crate::draws::tokens::speaking_of;
use crate::staff::{Desk, Role};
use crate::web::{Day, Form, PageError, PageResult, Upload, firm_zone, html, one_line, see_other};

#[derive(Template)]
#[template(path = "draws/admin_import.html")]
struct ImportPage {
    desk: Desk,
    /// What is wrong with what was handed in.
    fault: String,
    text: String,
}

/// `GET /admin/draws/import`
pub async fn show(desk: Desk) -> PageResult {
    desk.member.must_be(Role::Publisher)?;
    html(StatusCode::OK, &ImportPage { desk, fault: String::new(), text: String::new() })
}

/// `POST /admin/draws/import`: keeps the file, and leads to what it would do.
pub async fn hand_in(desk: Desk, upload: Upload, db: Data<Database>, clock: Data<Clock>) -> PageResult {
    desk.member.must_be(Role::Publisher)?;
    let Upload { file_name, file, text, .. } = upload;
    let today = Day::in_office(clock.now()).text;
    let (content, source) = if file.is_empty() {
        (text.trim().as_bytes().to_vec(), format!("the government’s feed, pasted on {today}"))
    } else {
        (file, format!("the government’s feed, from {file_name} on {today}"))
    };
    let fault = if content.is_empty() {
        Some("Choose the file, or paste what is in it.".to_owned())
    } else {
        published::read(&content).err().map(|error| error.to_string())
    };
    if let Some(fault) = fault {
        return html(StatusCode::UNPROCESSABLE_ENTITY, &ImportPage { desk, fault, text });
    }
    let mut tx = db.begin_write().await?;
    let id = store::hand_in(&mut tx, &source, &content, &desk.member.name, clock.now()).await?;
    tx.commit().await?;
    Ok(see_other(&format!("/admin/draws/import/{id}")))
}

#[derive(Template)]
#[template(path = "draws/admin_preview.html")]
struct PreviewPage {
    desk: Desk,
    id: i64,
    source: String,
    plan: Plan,
    fingerprint: String,
    summary: String,
    mentions: Vec<Mention>,
    names: Vec<CategoryName>,
    reason: String,
    /// Why it was not applied.
    fault: String,
    impossible: bool,
    doubted: bool,
}

impl PreviewPage {
    fn category_of(&self, draw: &Draw) -> &str {
        name_of(&self.names, draw.category.as_deref())
    }
}

/// `GET /admin/draws/import/{id}`: what the file would do to the record as it stands now.
pub async fn preview(desk: Desk, id: Path<i64>, db: Data<Database>, clock: Data<Clock>) -> PageResult {
    desk.member.must_be(Role::Publisher)?;
    let (source, plan) = plan_of(&db, *id, &clock).await?;
    preview_page(StatusCode::OK, desk, *id, source, plan, String::new(), String::new(), &db).await
}

async fn plan_of(db: &Database, id: i64, clock: &Clock) -> Result<(String, Plan), PageError> {
    let handed = store::handed_in(db.read(), id).await?.ok_or(PageError::NotFound)?;
    let content = handed
        .content
        .ok_or(PageError::BadRequest("This file was taken in already. Its changes are listed on each round’s page."))?;
    let mut connection = db.read().acquire().await?;
    let today = clock.now().to_zoned(firm_zone()).date();
    let plan = import::plan(&mut connection, &content, &handed.source, today).await.map_err(not_planned)?;
    Ok((handed.source, plan))
}

fn not_planned(error: ImportError) -> PageError {
    match error {
        ImportError::Database(error) => error.into(),
        // It was read when it was handed in.
        ImportError::NotTheFeed(error) => PageError::Internal(error.into()),
    }
}

#[expect(clippy::too_many_arguments, reason = "a page is built from all it shows")]
async fn preview_page(
    status: StatusCode,
    desk: Desk,
    id: i64,
    source: String,
    plan: Plan,
    reason: String,
    fault: String,
    db: &Database,
) -> PageResult {
    let mentions = speaking_of(db.read(), &plan.rounds()).await?;
    let names = category_names(db.read()).await?;
    let impossible = plan.doubted().any(|(_, doubt)| doubt.rule.is_impossible());
    let doubted = plan.doubted().next().is_some();
    let (fingerprint, summary) = (plan.fingerprint(), import::summary(&plan));
    let page = PreviewPage {
        desk,
        id,
        source,
        plan,
        fingerprint,
        summary,
        mentions,
        names,
        reason,
        fault,
        impossible,
        doubted,
    };
    html(status, &page)
}

/// Which preview was looked at, and why what it doubts is right.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct ApplyForm {
    fingerprint: String,
    #[serde(deserialize_with = "one_line")]
    reason: String,
}

/// `POST /admin/draws/import/{id}`: all of it, or nothing.
pub async fn apply(
    desk: Desk,
    id: Path<i64>,
    form: Form<ApplyForm>,
    db: Data<Database>,
    clock: Data<Clock>,
) -> PageResult {
    desk.member.must_be(Role::Publisher)?;
    let ApplyForm { fingerprint, reason } = form.0;
    let now = clock.now();
    let today = now.to_zoned(firm_zone()).date();
    let mut tx = db.begin_write().await?;
    let handed = store::handed_in(&mut *tx, *id).await?.ok_or(PageError::NotFound)?;
    let Some(content) = handed.content else {
        // Pressed twice: the first press did it.
        return Ok(see_other("/admin/draws"));
    };
    let plan = import::plan(&mut tx, &content, &handed.source, today).await.map_err(not_planned)?;
    let fault = if fingerprint != plan.fingerprint() {
        Some((
            StatusCode::CONFLICT,
            "The record changed in the meantime. This is what the file would do now; look at it, and apply it again."
                .to_owned(),
        ))
    } else {
        import::refusal(&plan, &reason).map(|fault| (StatusCode::UNPROCESSABLE_ENTITY, fault))
    };
    if let Some((status, fault)) = fault {
        tx.rollback().await?;
        return preview_page(status, desk, *id, handed.source, plan, reason, fault, &db).await;
    }
    import::apply(&mut tx, &plan, &desk.member.name, &handed.source, &reason, now).await?;
    store::taken_in(&mut tx, *id, now).await?;
    desk.say(&mut tx, &format!("Taken in: {}.", import::summary(&plan))).await?;
    tx.commit().await?;
    Ok(see_other("/admin/draws"))
}
