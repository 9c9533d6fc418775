//! Erasure of all data of a person on request, with preview and confirmation.

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

/// Parsed by hand, because the names of the checkboxes contain inquiry IDs.
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
            errors.add("inquiries", "Select what to erase.");
        }
        let includes_held = records.inquiries.iter().any(|found| found.on_hold && self.selection.contains(found));
        if includes_held && !self.include_on_hold {
            errors.add("on_hold", "A selected inquiry is on hold. Remove the hold, or select this box.");
        }
        if !Subject::parse_person(&self.again).is_some_and(|again| again.is_same_as(subject)) {
            errors.add("again", "Enter the same e-mail address or phone number as above.");
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
    // Loaded under the write lock, to include new inquiries and holds.
    let records = PersonRecords::load(&subject, &ctx.layout.firm, &services.db).await?;
    let errors = form.errors(&subject, &records);
    // Records are empty if someone else has erased them in the meantime.
    if !errors.is_empty() || records.is_empty() {
        drop(tx);
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
    staff::audit(&mut tx, now, &ctx.member.name, "erased all data of a person", &hash).await?;
    ctx.set_flash(&mut tx, "Data erased. The log below keeps only a fingerprint of the address or number.").await?;
    services.eraser.erase(tx, &request, now).await?;
    Ok(see_other("/admin/inquiries/erasures"))
}
