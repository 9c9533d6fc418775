//! Erasing all that is known of a person, because they asked for it: first what would go, then that it goes.

use std::collections::HashMap;

use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;

use crate::http::{PageError, PageResult, html, see_other};
use crate::inquiries::privacy::retention_job::ErasureRequest;
use crate::inquiries::privacy::subject::Subject;
use crate::inquiries::privacy::subject_access::{PersonQuery, PersonRecords, Selection};
use crate::services::Services;
use crate::staff::{self, StaffContext};
use crate::web::{FieldErrors, Form, Query, single_line};

#[derive(Template)]
#[template(path = "inquiries/admin_subject_erasure.html")]
struct ErasurePage {
    ctx: StaffContext,
    form: ErasureForm,
    records: PersonRecords,
    errors: FieldErrors,
}

/// What was asked for. Its boxes are named after the inquiries, so it is read by hand.
struct ErasureForm {
    q: String,
    again: String,
    include_on_hold: bool,
    selection: Selection,
}

impl ErasureForm {
    fn parse(fields: &HashMap<String, String>) -> Self {
        let text = |name: &str| fields.get(name).map_or_else(String::new, |typed| single_line(typed));
        Self {
            q: text("q"),
            again: text("again"),
            include_on_hold: !text("on_hold").is_empty(),
            selection: Selection::parse(fields),
        }
    }

    fn errors(&self, subject: &Subject, records: &PersonRecords) -> FieldErrors {
        let mut errors = FieldErrors::in_order(&["inquiries", "on_hold", "again"]);
        if records.selects_nothing(&self.selection) {
            errors.add("inquiries", "Tick what is to be erased.");
        }
        let holds = records.inquiries.iter().any(|found| found.on_hold && self.selection.contains(found));
        if holds && !self.include_on_hold {
            errors.add("on_hold", "One of the ticked inquiries is on hold. Lift the hold, or tick this box.");
        }
        if !Subject::parse_person(&self.again).is_some_and(|again| again.is_same_as(subject)) {
            errors.add("again", "Type the address or number once more, as it stands above.");
        }
        errors
    }
}

/// `GET /admin/inquiries/people/erasure?q=`
pub async fn show(ctx: StaffContext, query: Query<PersonQuery>, services: Data<Services>) -> PageResult {
    let subject = Subject::parse_person(&query.0.q).ok_or(PageError::NotFound)?;
    let records = PersonRecords::load(&subject, &ctx.layout.firm, &services.db).await?;
    let form =
        ErasureForm { q: query.0.q, again: String::new(), include_on_hold: false, selection: Selection::initial() };
    html(StatusCode::OK, &ErasurePage { ctx, form, records, errors: FieldErrors::default() })
}

/// `POST /admin/inquiries/people/erasure`
pub async fn submit(ctx: StaffContext, form: Form<HashMap<String, String>>, services: Data<Services>) -> PageResult {
    let form = ErasureForm::parse(&form.0);
    let subject = Subject::parse_person(&form.q).ok_or(PageError::NotFound)?;
    let now = services.clock.now();
    let mut tx = services.db.begin_write().await?;
    // Looked up under the lock: what is put on hold meanwhile is seen, and so is what came in.
    let records = PersonRecords::load(&subject, &ctx.layout.firm, &services.db).await?;
    let errors = form.errors(&subject, &records);
    // What somebody else has erased meanwhile is not erased twice.
    if !errors.is_empty() || records.is_empty() {
        tx.rollback().await?;
        return html(StatusCode::UNPROCESSABLE_ENTITY, &ErasurePage { ctx, form, records, errors });
    }
    let (inquiries, excluded) = records.partition(&form.selection);
    let request = ErasureRequest {
        subject: &subject,
        inquiries: &inquiries,
        excluded: &excluded,
        emails_to_address: !records.is_own_address,
        actor: &ctx.member.name,
    };
    let hash = services.eraser.hash(&subject);
    staff::audit(&mut tx, now, &ctx.member.name, "erased all that is known of a person", &hash).await?;
    ctx.set_flash(
        &mut tx,
        "It is erased. The log below keeps a fingerprint of the address or number, and nothing else.",
    )
    .await?;
    services.eraser.erase(tx, &request, now).await?;
    Ok(see_other("/admin/inquiries/erasures"))
}
