//! Admin pages of the reply templates. Templates are archived, never deleted.

use actix_web::http::StatusCode;
use actix_web::web::Path;
use askama::Template;
use serde::Deserialize;

use crate::draws::DrawField;
use crate::http::{PageError, PageResult, html, see_other};
use crate::inquiries::inbox::staff_action::StaffAction;
use crate::inquiries::inbox::store::{self, ReplyTemplate};
use crate::inquiries::inbox::template_variables::{self, VARIABLES};
use crate::staff::{self, AuditChanges, StaffContext};
use crate::web::{FieldErrors, Form, multi_line, one_line};

const LIST_PATH: &str = "/admin/inquiries/templates";

#[derive(Template)]
#[template(path = "inquiries/admin_templates.html")]
struct TemplatesPage {
    ctx: StaffContext,
    active: Vec<ReplyTemplate>,
    archived: Vec<ReplyTemplate>,
}

/// `GET /admin/inquiries/templates`
pub async fn list(action: StaffAction) -> PageResult {
    let all = store::templates(action.services.db.read()).await?;
    let (archived, active) = all.into_iter().partition(|template| template.archived);
    html(StatusCode::OK, &TemplatesPage { ctx: action.ctx, active, archived })
}

#[derive(Template)]
#[template(path = "inquiries/admin_template.html")]
struct TemplatePage {
    ctx: StaffContext,
    /// `None` for a new template.
    template: Option<ReplyTemplate>,
    form: TemplateForm,
    errors: FieldErrors,
    /// Text that someone else saved after the form was shown.
    conflict: Option<ReplyTemplate>,
    variables: [(&'static str, &'static str); 9],
    /// Draw fields with their meaning.
    draw_fields: Vec<(&'static str, &'static str)>,
}

#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct TemplateForm {
    #[serde(deserialize_with = "one_line")]
    title: String,
    #[serde(deserialize_with = "multi_line")]
    body: String,
    version: String,
}

impl TemplateForm {
    async fn errors(&self, action: &StaffAction) -> Result<FieldErrors, PageError> {
        let mut errors = FieldErrors::in_order(&["title", "body"]);
        match self.title.chars().count() {
            0 => errors.add("title", "Enter a title."),
            1..=100 => {}
            _ => errors.add("title", "The title must be 100 characters or fewer."),
        }
        match self.body.trim().chars().count() {
            0 => errors.add("body", "Enter the text."),
            1..=20_000 => {}
            _ => errors.add("body", "The text must be 20,000 characters or fewer."),
        }
        let unknown = template_variables::unknown_variables(action.services.db.read(), &self.body).await?;
        if !unknown.is_empty() {
            errors.add("body", unknown.join(" "));
        }
        Ok(errors)
    }
}

fn page(
    status: StatusCode,
    ctx: StaffContext,
    template: Option<ReplyTemplate>,
    form: TemplateForm,
    errors: FieldErrors,
    conflict: Option<ReplyTemplate>,
) -> PageResult {
    let fields = DrawField::ALL.into_iter().filter(|(field, ..)| !field.is_block());
    let draw_fields = fields.map(|(_, word, meaning)| (word, meaning)).collect();
    html(status, &TemplatePage { ctx, template, form, errors, conflict, variables: VARIABLES, draw_fields })
}

/// `GET /admin/inquiries/templates/new`
pub async fn new(action: StaffAction) -> PageResult {
    page(StatusCode::OK, action.ctx, None, TemplateForm::default(), FieldErrors::default(), None)
}

/// `POST /admin/inquiries/templates/new`
pub async fn create(action: StaffAction, form: Form<TemplateForm>) -> PageResult {
    let form = form.0;
    let errors = form.errors(&action).await?;
    if !errors.is_empty() {
        return page(StatusCode::UNPROCESSABLE_ENTITY, action.ctx, None, form, errors, None);
    }
    let mut tx = action.services.db.begin_write().await?;
    store::add_template(&mut tx, &form.title, form.body.trim(), action.actor(), action.now()).await?;
    let changes = AuditChanges::default().field("title", "", &form.title).field("text", "", form.body.trim());
    let audit_action = "created a reply template";
    staff::audit_change(&mut tx, action.now(), action.actor(), audit_action, &form.title, &changes).await?;
    action.ctx.set_flash(&mut tx, "Template saved. You can now use it in replies.").await?;
    tx.commit().await?;
    Ok(see_other(LIST_PATH))
}

async fn find(action: &StaffAction, id: i64) -> Result<ReplyTemplate, PageError> {
    store::template(action.services.db.read(), id).await?.ok_or(PageError::NotFound)
}

/// `GET /admin/inquiries/templates/{id}`
pub async fn edit(action: StaffAction, id: Path<i64>) -> PageResult {
    let template = find(&action, *id).await?;
    let form = TemplateForm {
        title: template.title.clone(),
        body: template.body.clone(),
        version: template.version.to_string(),
    };
    page(StatusCode::OK, action.ctx, Some(template), form, FieldErrors::default(), None)
}

/// `POST /admin/inquiries/templates/{id}`
pub async fn save(action: StaffAction, id: Path<i64>, form: Form<TemplateForm>) -> PageResult {
    let mut form = form.0;
    let template = find(&action, *id).await?;
    let errors = form.errors(&action).await?;
    if !errors.is_empty() {
        return page(StatusCode::UNPROCESSABLE_ENTITY, action.ctx, Some(template), form, errors, None);
    }
    let changes = AuditChanges::default().field("title", &template.title, &form.title).field(
        "text",
        &template.body,
        form.body.trim(),
    );
    let changed = ReplyTemplate {
        title: form.title.clone(),
        body: form.body.trim().to_owned(),
        version: form.version.parse().unwrap_or_default(),
        ..template
    };
    let mut tx = action.services.db.begin_write().await?;
    if !store::replace_template(&mut tx, &changed, action.actor(), action.now()).await? {
        drop(tx);
        let current = find(&action, *id).await?;
        form.version = current.version.to_string();
        let conflict = Some(current.clone());
        return page(StatusCode::CONFLICT, action.ctx, Some(current), form, FieldErrors::default(), conflict);
    }
    let audit_action = "updated a reply template";
    staff::audit_change(&mut tx, action.now(), action.actor(), audit_action, &changed.title, &changes).await?;
    action.ctx.set_flash(&mut tx, "Template saved.").await?;
    tx.commit().await?;
    Ok(see_other(LIST_PATH))
}

/// `POST /admin/inquiries/templates/{id}/archive`
pub async fn archive(action: StaffAction, id: Path<i64>) -> PageResult {
    set_archived(action, *id, true).await
}

/// `POST /admin/inquiries/templates/{id}/unarchive`
pub async fn unarchive(action: StaffAction, id: Path<i64>) -> PageResult {
    set_archived(action, *id, false).await
}

async fn set_archived(action: StaffAction, id: i64, archived: bool) -> PageResult {
    let template = find(&action, id).await?;
    let (audit_action, sentence) = match archived {
        true => ("archived a reply template", "Template archived. You can restore it below."),
        false => ("restored a reply template", "Template restored."),
    };
    let mut tx = action.services.db.begin_write().await?;
    if store::set_archived(&mut tx, id, archived, action.actor(), action.now()).await? {
        let status = |archived: bool| if archived { "archived" } else { "in use" };
        let changes = AuditChanges::default().field("status", status(!archived), status(archived));
        staff::audit_change(&mut tx, action.now(), action.actor(), audit_action, &template.title, &changes).await?;
    }
    action.ctx.set_flash(&mut tx, sentence).await?;
    tx.commit().await?;
    Ok(see_other(LIST_PATH))
}
