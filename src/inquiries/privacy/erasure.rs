//! Erasing all that is known of a person, because they asked for it: first what would go, then that it goes.

use std::collections::HashMap;

use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;

use crate::clock::Clock;
use crate::db::Database;
use crate::inquiries::Shredder;
use crate::inquiries::privacy::person::{Known, PersonQuery, Ticks};
use crate::inquiries::privacy::shredder::Request;
use crate::inquiries::privacy::subject::Subject;
use crate::staff::{self, Desk};
use crate::web::{FieldErrors, Form, PageError, PageResult, Query, html, see_other, single_line};

#[derive(Template)]
#[template(path = "inquiries/admin_person_erasure.html")]
struct ErasurePage {
    desk: Desk,
    form: ErasureForm,
    known: Known,
    errors: FieldErrors,
}

/// What was asked for. Its boxes are named after the inquiries, so it is read by hand.
struct ErasureForm {
    q: String,
    again: String,
    held_too: bool,
    ticks: Ticks,
}

impl ErasureForm {
    fn read(fields: &HashMap<String, String>) -> Self {
        let text = |name: &str| fields.get(name).map_or_else(String::new, |typed| single_line(typed));
        Self { q: text("q"), again: text("again"), held_too: !text("held").is_empty(), ticks: Ticks::read(fields) }
    }

    fn errors(&self, subject: &Subject, known: &Known) -> FieldErrors {
        let mut errors = FieldErrors::in_order(&["inquiries", "held", "again"]);
        if known.leaves_nothing(&self.ticks) {
            errors.add("inquiries", "Tick what is to be erased.");
        }
        let holds = known.inquiries.iter().any(|found| found.held && self.ticks.has(found));
        if holds && !self.held_too {
            errors.add("held", "One of the ticked inquiries is on hold. Lift the hold, or tick this box.");
        }
        if !Subject::person(&self.again).is_some_and(|again| again.is_same_as(subject)) {
            errors.add("again", "Type the address or number once more, as it stands above.");
        }
        errors
    }
}

/// `GET /admin/inquiries/people/erasure?q=`
pub async fn show(desk: Desk, query: Query<PersonQuery>, db: Data<Database>) -> PageResult {
    let subject = Subject::person(&query.0.q).ok_or(PageError::NotFound)?;
    let known = Known::of(&subject, &desk.layout.firm, &db).await?;
    let form = ErasureForm { q: query.0.q, again: String::new(), held_too: false, ticks: Ticks::all() };
    html(StatusCode::OK, &ErasurePage { desk, form, known, errors: FieldErrors::default() })
}

/// `POST /admin/inquiries/people/erasure`
pub async fn submit(
    desk: Desk,
    form: Form<HashMap<String, String>>,
    db: Data<Database>,
    clock: Data<Clock>,
    shredder: Data<Shredder>,
) -> PageResult {
    let form = ErasureForm::read(&form.0);
    let subject = Subject::person(&form.q).ok_or(PageError::NotFound)?;
    let now = clock.now();
    let mut tx = db.begin_write().await?;
    // Looked up under the lock: what is put on hold meanwhile is seen, and so is what came in.
    let known = Known::of(&subject, &desk.layout.firm, &db).await?;
    let errors = form.errors(&subject, &known);
    // What somebody else has erased meanwhile is not erased twice.
    if !errors.is_empty() || known.is_empty() {
        tx.rollback().await?;
        return html(StatusCode::UNPROCESSABLE_ENTITY, &ErasurePage { desk, form, known, errors });
    }
    let (inquiries, spared) = known.parted(&form.ticks);
    let request = Request {
        subject: &subject,
        inquiries: &inquiries,
        spared: &spared,
        letters_to_it: !known.is_ours,
        actor: &desk.member.name,
    };
    let hash = shredder.hash(&subject);
    staff::audit(&mut tx, now, &desk.member.name, "erased all that is known of a person", &hash).await?;
    desk.say(&mut tx, "It is erased. The log below keeps a fingerprint of the address or number, and nothing else.")
        .await?;
    shredder.erase(tx, &request, now).await?;
    Ok(see_other("/admin/inquiries/erasures"))
}
