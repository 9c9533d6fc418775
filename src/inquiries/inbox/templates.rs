//! The desk's templates for answers: written once, offered beside every inquiry, retired rather than deleted.

use actix_web::http::StatusCode;
use actix_web::web::Path;
use askama::Template;
use serde::Deserialize;

use crate::draws::Part;
use crate::inquiries::inbox::fill::{self, TOKENS};
use crate::inquiries::inbox::store::{self, AnswerTemplate};
use crate::inquiries::inbox::work::Work;
use crate::staff::{self, Desk};
use crate::web::{FieldErrors, Form, PageError, PageResult, html, one_line, paragraphs, see_other};

/// Where the templates are.
const ADDRESS: &str = "/admin/inquiries/templates";

#[derive(Template)]
#[template(path = "inquiries/admin_templates.html")]
struct TemplatesPage {
    desk: Desk,
    offered: Vec<AnswerTemplate>,
    retired: Vec<AnswerTemplate>,
}

/// `GET /admin/inquiries/templates`
pub async fn list(work: Work) -> PageResult {
    let all = store::templates(work.db.read()).await?;
    let (retired, offered) = all.into_iter().partition(|template| template.retired);
    html(StatusCode::OK, &TemplatesPage { desk: work.desk, offered, retired })
}

#[derive(Template)]
#[template(path = "inquiries/admin_template.html")]
struct TemplatePage {
    desk: Desk,
    /// `None` while the template is new.
    template: Option<AnswerTemplate>,
    form: TemplateForm,
    errors: FieldErrors,
    /// The text that somebody else saved meanwhile.
    conflict: Option<AnswerTemplate>,
    tokens: [(&'static str, &'static str); 9],
    parts: Vec<(&'static str, &'static str)>,
}

/// A template as typed.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct TemplateForm {
    #[serde(deserialize_with = "one_line")]
    title: String,
    #[serde(deserialize_with = "paragraphs")]
    body: String,
    version: String,
}

impl TemplateForm {
    async fn errors(&self, work: &Work) -> Result<FieldErrors, PageError> {
        let mut errors = FieldErrors::in_order(&["title", "body"]);
        match self.title.chars().count() {
            0 => errors.add("title", "Give the template a title, by which you find it."),
            1..=100 => {}
            _ => errors.add("title", "Keep the title under 100 letters."),
        }
        match self.body.trim().chars().count() {
            0 => errors.add("body", "Write the text."),
            1..=20_000 => {}
            _ => errors.add("body", "Keep the text under 20,000 letters."),
        }
        let unknown = fill::unknown(work.db.read(), &self.body).await?;
        if !unknown.is_empty() {
            errors.add("body", unknown.join(" "));
        }
        Ok(errors)
    }
}

fn page(
    status: StatusCode,
    desk: Desk,
    template: Option<AnswerTemplate>,
    form: TemplateForm,
    errors: FieldErrors,
    conflict: Option<AnswerTemplate>,
) -> PageResult {
    let parts = Part::ALL.into_iter().filter(|(part, ..)| !part.is_block()).map(|(_, word, what)| (word, what));
    let parts = parts.collect();
    html(status, &TemplatePage { desk, template, form, errors, conflict, tokens: TOKENS, parts })
}

/// `GET /admin/inquiries/templates/new`
pub async fn new(work: Work) -> PageResult {
    page(StatusCode::OK, work.desk, None, TemplateForm::default(), FieldErrors::default(), None)
}

/// `POST /admin/inquiries/templates/new`
pub async fn create(work: Work, form: Form<TemplateForm>) -> PageResult {
    let form = form.0;
    let errors = form.errors(&work).await?;
    if !errors.is_empty() {
        return page(StatusCode::UNPROCESSABLE_ENTITY, work.desk, None, form, errors, None);
    }
    let mut tx = work.db.begin_write().await?;
    store::add_template(&mut tx, &form.title, form.body.trim(), work.by(), work.now()).await?;
    staff::audit(&mut tx, work.now(), work.by(), "wrote a template for answers", &form.title).await?;
    work.desk.say(&mut tx, "Saved. It is offered beside every inquiry now.").await?;
    tx.commit().await?;
    Ok(see_other(ADDRESS))
}

async fn find(work: &Work, id: i64) -> Result<AnswerTemplate, PageError> {
    store::template(work.db.read(), id).await?.ok_or(PageError::NotFound)
}

/// `GET /admin/inquiries/templates/{id}`
pub async fn edit(work: Work, id: Path<i64>) -> PageResult {
    let template = find(&work, *id).await?;
    let form = TemplateForm {
        title: template.title.clone(),
        body: template.body.clone(),
        version: template.version.to_string(),
    };
    page(StatusCode::OK, work.desk, Some(template), form, FieldErrors::default(), None)
}

/// `POST /admin/inquiries/templates/{id}`
pub async fn save(work: Work, id: Path<i64>, form: Form<TemplateForm>) -> PageResult {
    let mut form = form.0;
    let template = find(&work, *id).await?;
    let errors = form.errors(&work).await?;
    if !errors.is_empty() {
        return page(StatusCode::UNPROCESSABLE_ENTITY, work.desk, Some(template), form, errors, None);
    }
    let changed = AnswerTemplate {
        title: form.title.clone(),
        body: form.body.trim().to_owned(),
        version: form.version.parse().unwrap_or_default(),
        ..template
    };
    let mut tx = work.db.begin_write().await?;
    if !store::replace_template(&mut tx, &changed, work.by(), work.now()).await? {
        tx.rollback().await?;
        let present = find(&work, *id).await?;
        form.version = present.version.to_string();
        let theirs = Some(present.clone());
        return page(StatusCode::CONFLICT, work.desk, Some(present), form, FieldErrors::default(), theirs);
    }
    staff::audit(&mut tx, work.now(), work.by(), "changed a template for answers", &changed.title).await?;
    work.desk.say(&mut tx, "Saved.").await?;
    tx.commit().await?;
    Ok(see_other(ADDRESS))
}

/// `POST /admin/inquiries/templates/{id}/retirement`: no longer offered, and kept.
pub async fn retire(work: Work, id: Path<i64>) -> PageResult {
    set_retired(work, *id, true).await
}

/// `POST /admin/inquiries/templates/{id}/return`
pub async fn bring_back(work: Work, id: Path<i64>) -> PageResult {
    set_retired(work, *id, false).await
}

async fn set_retired(work: Work, id: i64, retired: bool) -> PageResult {
    let template = find(&work, id).await?;
    let (deed, sentence) = match retired {
        true => ("retired a template for answers", "It is no longer offered. Bring it back below whenever you like."),
        false => ("brought back a template for answers", "It is offered again."),
    };
    let mut tx = work.db.begin_write().await?;
    // Pressed twice, or by two people: it is so all the same.
    if store::set_retired(&mut tx, id, retired, work.by(), work.now()).await? {
        staff::audit(&mut tx, work.now(), work.by(), deed, &template.title).await?;
    }
    work.desk.say(&mut tx, sentence).await?;
    tx.commit().await?;
    Ok(see_other(ADDRESS))
}
