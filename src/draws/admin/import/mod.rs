//! Importing at the desk: hand a file in, see what it would do, apply it.

mod store;

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use askama::Template;
use serde::Deserialize;

use crate::clock::Clock;
use crate::db::Database;
use crate::draws::Draw;
use crate::draws::category::{CategoryName, category_names, name_of};
use crate::draws::check::Doubt;
use crate::draws::import::plan::Plan;
use crate::draws::import::published::{self, Published};
use crate::draws::import::{self, Reasons};
use crate::draws::store::Mention;
use crate::draws::tokens::speaking_of;
use crate::staff::Desk;
use crate::web::{Form, PageError, PageResult, Upload, firm_zone, html, plural, see_other};
use store::Handed;

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
    html(StatusCode::OK, &ImportPage { desk, fault: String::new(), text: String::new() })
}

/// `POST /admin/draws/import`: keeps the file, and leads to what it would do.
pub async fn hand_in(desk: Desk, upload: Upload, db: Data<Database>, clock: Data<Clock>) -> PageResult {
    let Upload { file_name, file, text, .. } = upload;
    let pasted = text.trim();
    let has_file = !file_name.is_empty() || !file.is_empty();
    let content = if has_file { &file } else { pasted.as_bytes() };
    let fault = if !has_file && pasted.is_empty() {
        Some("Choose the file, or paste what is in it.".to_owned())
    } else if has_file && !pasted.is_empty() {
        Some(
            "You chose a file and pasted something too. Empty one of them, so that it is clear which is meant."
                .to_owned(),
        )
    } else {
        published::read(content).err().map(|error| error.to_string())
    };
    if let Some(fault) = fault {
        return html(StatusCode::UNPROCESSABLE_ENTITY, &ImportPage { desk, fault, text });
    }
    let mut tx = db.begin_write().await?;
    let id = store::hand_in(&mut tx, &file_name, content, &desk.member.name, clock.now()).await?;
    tx.commit().await?;
    Ok(see_other(&format!("/admin/draws/import/{id}")))
}

#[derive(Template)]
#[template(path = "draws/admin_preview.html")]
struct PreviewPage {
    desk: Desk,
    id: i64,
    /// Empty where it was pasted.
    file_name: String,
    plan: Plan,
    fingerprint: String,
    summary: String,
    /// How many fields an older copy would set back.
    set_back: String,
    mentions: Vec<Mention>,
    names: Vec<CategoryName>,
    reasons: Reasons,
    /// Why it was not applied.
    fault: String,
    impossible: bool,
    doubted: bool,
}

impl PreviewPage {
    fn category_of(&self, draw: &Draw) -> &str {
        name_of(&self.names, draw.category.as_deref())
    }

    fn field(&self, draw: &Draw, doubt: &Doubt) -> String {
        Reasons::field(draw, doubt)
    }
}

/// `GET /admin/draws/import/{id}`: what the file would do to the record as it stands now.
pub async fn preview(desk: Desk, id: Path<i64>, db: Data<Database>, clock: Data<Clock>) -> PageResult {
    let handed = store::handed_in(db.read(), *id).await?.ok_or(PageError::NotFound)?;
    let Some(published) = published_in(&handed)? else { return taken_in_already(&desk, &db).await };
    let mut connection = db.read().acquire().await?;
    let today = clock.now().to_zoned(firm_zone()).date();
    let plan = import::plan(&mut connection, published, &import::source(handed.received_at), today).await?;
    drop(connection);
    PreviewPage::new(desk, *id, handed, plan, &db).await?.answer(StatusCode::OK)
}

/// What a file says; `None` where it was taken in already. It was read when it was handed in, so that it can be again.
fn published_in(handed: &Handed) -> Result<Option<Vec<Published>>, PageError> {
    let Some(content) = &handed.content else { return Ok(None) };
    published::read(content).map(Some).map_err(|error| PageError::Internal(error.into()))
}

async fn taken_in_already(desk: &Desk, db: &Database) -> PageResult {
    let mut tx = db.begin_write().await?;
    desk.say(&mut tx, "That file was taken in already. What it changed stands on each round’s page.").await?;
    tx.commit().await?;
    Ok(see_other("/admin/draws"))
}

impl PreviewPage {
    async fn new(desk: Desk, id: i64, handed: Handed, plan: Plan, db: &Database) -> Result<Self, PageError> {
        let impossible = plan.doubted().any(|(_, doubt)| doubt.rule.is_impossible());
        let doubted = plan.doubted().next().is_some();
        Ok(Self {
            desk,
            id,
            file_name: handed.file_name,
            mentions: speaking_of(db.read(), &plan.rounds()).await?,
            names: category_names(db.read()).await?,
            impossible,
            doubted,
            fingerprint: plan.fingerprint(),
            summary: import::summary(&plan),
            set_back: plural(i64::try_from(plan.set_back()).unwrap_or(i64::MAX), "field", "fields"),
            plan,
            reasons: Reasons::default(),
            fault: String::new(),
        })
    }

    fn answer(self, status: StatusCode) -> PageResult {
        html(status, &self)
    }
}

/// Which preview was looked at, and why what it doubts is right.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct ApplyForm {
    fingerprint: String,
    #[serde(flatten)]
    reasons: Reasons,
}

/// `POST /admin/draws/import/{id}`: all of it, or nothing.
pub async fn apply(
    desk: Desk,
    id: Path<i64>,
    form: Form<ApplyForm>,
    db: Data<Database>,
    clock: Data<Clock>,
) -> PageResult {
    let ApplyForm { fingerprint, reasons } = form.0;
    let now = clock.now();
    let today = now.to_zoned(firm_zone()).date();
    let handed = store::handed_in(db.read(), *id).await?.ok_or(PageError::NotFound)?;
    let Some(published) = published_in(&handed)? else { return taken_in_already(&desk, &db).await };
    let source = import::source(handed.received_at);
    let mut tx = db.begin_write().await?;
    if store::handed_in(&mut *tx, *id).await?.is_none_or(|handed| handed.content.is_none()) {
        // Pressed twice: the first press did it.
        tx.rollback().await?;
        return taken_in_already(&desk, &db).await;
    }
    let plan = import::plan(&mut tx, published, &source, today).await?;
    let fault = if fingerprint != plan.fingerprint() {
        let sentence =
            "The record changed in the meantime. This is what the file would do now; look at it, and apply it again.";
        Some((StatusCode::CONFLICT, sentence.to_owned()))
    } else {
        import::refusal(&plan, &reasons).map(|fault| (StatusCode::UNPROCESSABLE_ENTITY, fault))
    };
    if let Some((status, fault)) = fault {
        tx.rollback().await?;
        let page = PreviewPage::new(desk, *id, handed, plan, &db).await?;
        return PreviewPage { reasons, fault, ..page }.answer(status);
    }
    import::apply(&mut tx, &plan, &desk.member.name, &source, &reasons, now).await?;
    store::taken_in(&mut tx, *id, now).await?;
    desk.say(&mut tx, &format!("Taken in: {}.", import::summary(&plan))).await?;
    tx.commit().await?;
    Ok(see_other("/admin/draws"))
}
