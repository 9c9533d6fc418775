//! One inquiry: everything as sent, what our record says beside it, the person's other inquiries, and all that was done.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use askama::Template;
use jiff::Timestamp;
use serde::Deserialize;

use crate::clock::Clock;
use crate::db::Database;
use crate::inquiries::inbox::answer::default_subject;
use crate::inquiries::inbox::beside::Beside;
use crate::inquiries::inbox::fill::{self, Filled, Person};
use crate::inquiries::inbox::filter::PATIENCE;
use crate::inquiries::inbox::store::{self, AnswerTemplate};
use crate::inquiries::inbox::work::shut;
use crate::inquiries::inquiry::Fact;
use crate::inquiries::phone::Number;
use crate::inquiries::privacy::Keeping;
use crate::inquiries::store::{self as inquiries, Event};
use crate::inquiries::{Inquiry, State, gone};
use crate::mail::{self, Outgoing, RefusedAddress};
use crate::staff::{self, Desk, Member};
use crate::web::{FieldErrors, Instant, PageError, PageResult, Phone, Query, firm_zone, html};

/// What somebody typed into the page's forms, which every answer to them gives back.
#[derive(Default)]
pub struct Typed {
    /// The note.
    pub note: String,
    /// What is wrong with it.
    pub note_error: &'static str,
    /// Subject of the answer; nothing for the usual one.
    pub subject: Option<String>,
    /// The answer.
    pub text: String,
    /// What is wrong with subject or text.
    pub errors: FieldErrors,
    /// Why nothing was done.
    pub problem: String,
    /// Somebody did something else since this thing in the history was shown.
    pub changed_since: Option<i64>,
}

#[derive(Template)]
#[template(path = "inquiries/admin_show.html")]
struct InquiryPage {
    desk: Desk,
    inquiry: Inquiry,
    age: String,
    is_late: bool,
    facts: Vec<Fact>,
    numbers: Vec<Dialled>,
    beside: Beside,
    others: Vec<Inquiry>,
    /// The inquiry in which this one is answered.
    root: Option<Inquiry>,
    colleagues: Vec<Member>,
    states: Vec<State>,
    shut: Option<&'static str>,
    keeping: Keeping,
    /// That their mail server refused a letter for good.
    refused: Option<RefusedAddress>,
    events: Vec<Done>,
    /// What others did since the form was shown.
    news: Vec<Done>,
    last_event: i64,
    letters: Vec<Outgoing>,
    templates: Vec<AnswerTemplate>,
    /// Templates that do not suit this person, each with the reason.
    unsuitable: Vec<(String, String)>,
    subject: String,
    typed: Typed,
}

impl InquiryPage {
    fn words(&self, state: &State) -> &'static str {
        state_words(*state)
    }

    fn is_owned_by(&self, member: &Member) -> bool {
        self.inquiry.owner_id == Some(member.id)
    }

    /// Whether another inquiry is the same person's beyond doubt, and not only if a number is read in one of several
    /// ways.
    fn is_surely_same_person(&self, other: &Inquiry) -> bool {
        let email = &self.inquiry.details.email;
        let shares = || certain_numbers(&self.inquiry).any(|number| certain_numbers(other).any(|its| its == number));
        (!email.is_empty() && email.eq_ignore_ascii_case(&other.details.email))
            || self.answers(other)
            || self.inquiry.merged_into == Some(other.id)
            || shares()
    }

    /// Whether another inquiry is answered in this one.
    fn answers(&self, other: &Inquiry) -> bool {
        other.merged_into == Some(self.inquiry.id)
    }
}

/// The numbers of an inquiry that can be no other.
fn certain_numbers(inquiry: &Inquiry) -> impl Iterator<Item = &str> {
    let details = &inquiry.details;
    [(&details.phone, &inquiry.phone_e164), (&details.whatsapp, &inquiry.whatsapp_e164)]
        .into_iter()
        .filter(|(typed, e164)| {
            !e164.is_empty() && !Number::read(typed, &details.residence).is_some_and(|number| number.is_uncertain())
        })
        .map(|(_, e164)| e164.as_str())
}

/// A telephone number and the ways to reach it.
struct Dialled {
    label: &'static str,
    call: Phone,
    whatsapp: Option<String>,
    is_doubtful: bool,
    /// Why it can be another number; empty where it cannot.
    uncertain: String,
    /// What else the digits can mean, and further numbers in the same field.
    others: Vec<Other>,
}

/// A number beside the one that is called first.
struct Other {
    call: Phone,
    whatsapp: String,
}

impl Other {
    fn new(e164: &str) -> Self {
        Self { call: Phone { text: e164.to_owned(), href: format!("tel:{e164}") }, whatsapp: Number::whatsapp(e164) }
    }
}

impl Dialled {
    fn read(label: &'static str, typed: &str, e164: &str, residence: &str) -> Option<Self> {
        let read = Number::all(typed, residence);
        let first = read.first();
        let is_plausible = first.is_some_and(|number| number.is_plausible);
        let others =
            first.iter().flat_map(|number| &number.others).chain(read.iter().skip(1).map(|number| &number.e164));
        let call = if e164.is_empty() || !is_plausible {
            Phone::as_typed(typed)?
        } else {
            Phone { text: e164.to_owned(), href: format!("tel:{e164}") }
        };
        let whatsapp = (is_plausible && !e164.is_empty()).then(|| Number::whatsapp(e164));
        Some(Self {
            label,
            call,
            whatsapp,
            is_doubtful: !is_plausible,
            uncertain: first.map_or_else(String::new, Number::doubt),
            others: others.map(|e164| Other::new(e164)).collect(),
        })
    }
}

/// Something in the history, ready to print.
#[derive(Clone)]
struct Done {
    id: i64,
    when: Instant,
    actor: String,
    words: String,
    /// What was written with it.
    text: String,
}

impl Done {
    fn of(event: Event) -> Self {
        let note = &event.note;
        let (words, text) = match event.kind.as_str() {
            "received" => ("sent it".to_owned(), ""),
            "state" => {
                (format!("marked it as {}", State::named(note).map_or(note.as_str(), |state| state_words(state))), "")
            }
            "note" => ("noted".into(), note.as_str()),
            "owner" if note.is_empty() => ("gave it back".into(), ""),
            "owner" if *note == event.actor => ("took it".into(), ""),
            "owner" => (format!("gave it to {note}"), ""),
            "answer" => ("answered by e-mail".into(), note.as_str()),
            "released" => ("released it, and its letters were queued".into(), ""),
            "merged" => (format!("merged {note}"), ""),
            "unmerged" => (format!("separated {note}"), ""),
            "sent_again" if note.is_empty() => ("sent again".into(), ""),
            "sent_again" => (format!("sent again: {note}, which is answered here"), ""),
            "corrected" => ("corrected what was sent".into(), note.as_str()),
            "withdrawn" => ("took it back".into(), note.as_str()),
            "held" if note == "on" => ("put it on hold as a client’s".into(), ""),
            "held" => ("lifted the hold".into(), ""),
            "binned" if note == "retention" => ("put it into the bin, since its time was over".into(), ""),
            "binned" => ("put it into the bin".into(), ""),
            "restored" => ("took it out of the bin".into(), ""),
            other => (other.to_owned(), note.as_str()),
        };
        let text = text.to_owned();
        Self { id: event.id, when: Instant::in_office(event.at), actor: event.actor, words, text }
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct ShowQuery {
    /// Which template the answer begins with.
    template: String,
    /// Which inquiry the link means, beyond doubt.
    inquiry: String,
}

/// `GET /admin/inquiries/{id}?template=&inquiry=`
pub async fn show(
    desk: Desk,
    id: Path<i64>,
    query: Query<ShowQuery>,
    db: Data<Database>,
    clock: Data<Clock>,
) -> PageResult {
    let now = clock.now();
    let found = inquiries::find(db.read(), *id).await?;
    if found.is_none() && query.0.inquiry.is_empty() {
        return Err(PageError::NotFound);
    }
    let Some(inquiry) = found.as_ref().filter(|inquiry| inquiry.is_meant_by(&query.0.inquiry)) else {
        return gone::page(desk, found.as_ref(), vec![]);
    };
    let template = match query.0.template.parse() {
        Ok(template) => store::template(db.read(), template).await?,
        Err(_) => None,
    };
    let mut typed = Typed::default();
    if let Some(template) = template {
        let Filled { text, left, warnings } = filled(&db, &desk, inquiry, &template.body, now).await?;
        typed.text = text;
        typed.problem = [left, warnings].concat().join(" ");
    }
    page(StatusCode::OK, desk, *id, typed, &db, now).await
}

/// A text with everything in it that we know of an inquiry.
pub async fn filled(db: &Database, desk: &Desk, inquiry: &Inquiry, text: &str, now: Timestamp) -> sqlx::Result<Filled> {
    let beside = Beside::of(db.read(), inquiry, now.to_zoned(firm_zone()).date(), &desk.searcher).await?;
    let person = Person { inquiry, beside: &beside, firm: &desk.layout.firm, me: &desk.member.name };
    fill::fill(db.read(), text, &person).await
}

/// The page of an inquiry as it is now, with what was typed still in its boxes.
pub async fn page(status: StatusCode, desk: Desk, id: i64, typed: Typed, db: &Database, now: Timestamp) -> PageResult {
    let inquiry = inquiries::find(db.read(), id).await?.ok_or(PageError::NotFound)?;
    let beside = Beside::of(db.read(), &inquiry, now.to_zoned(firm_zone()).date(), &desk.searcher).await?;
    let root = match inquiry.merged_into {
        Some(_) => match inquiries::root(db.read(), id).await? {
            Some(root) => inquiries::find(db.read(), root).await?,
            None => None,
        },
        None => None,
    };
    let events: Vec<Done> = inquiries::events(db.read(), id).await?.into_iter().map(Done::of).collect();
    let news = match typed.changed_since {
        // A form that does not say what it saw is shown the last thing that happened.
        Some(0) => events.last().cloned().into_iter().collect(),
        Some(since) => events.iter().filter(|event| event.id > since).cloned().collect(),
        None => vec![],
    };
    let details = &inquiry.details;
    let numbers = [
        Dialled::read("Telephone", &details.phone, &inquiry.phone_e164, &details.residence),
        Dialled::read("WhatsApp", &details.whatsapp, &inquiry.whatsapp_e164, &details.residence),
    ];
    let offered = store::templates(db.read()).await?.into_iter().filter(|template| !template.retired);
    let (mut templates, mut unsuitable) = (vec![], vec![]);
    for template in offered {
        match fill::unsuitable(&template.body, &beside) {
            Some(why) => unsuitable.push((template.title, why)),
            None => templates.push(template),
        }
    }
    let colleagues = staff::all(db.read()).await?.into_iter().filter(|member| member.active).collect();
    let refused = mail::refused(db.read(), &details.email).await?;
    let keeping = Keeping::of(&inquiry, &desk.layout.firm.keeps, db).await?;
    let page = InquiryPage {
        age: inquiry.age(now),
        is_late: is_late(&inquiry, now),
        facts: details.facts(),
        numbers: numbers.into_iter().flatten().collect(),
        others: store::of_the_same_person(db.read(), &inquiry).await?,
        states: State::BY_STAFF.into_iter().filter(|state| *state != inquiry.state).collect(),
        shut: shut(&inquiry),
        last_event: events.last().map_or(0, |event| event.id),
        letters: mail::about_inquiry(db.read(), id).await?,
        subject: typed.subject.clone().unwrap_or_else(|| default_subject(&inquiry)),
        desk,
        beside,
        root,
        keeping,
        refused,
        colleagues,
        events,
        news,
        templates,
        unsuitable,
        typed,
        inquiry,
    };
    html(status, &page)
}

/// Whether somebody has waited for an answer longer than they should.
pub fn is_late(inquiry: &Inquiry, now: Timestamp) -> bool {
    let is_open = matches!(inquiry.state, State::New | State::Reading) && inquiry.merged_into.is_none();
    is_open && now.duration_since(inquiry.received_at) >= PATIENCE
}

/// How staff call a state.
pub fn state_words(state: State) -> &'static str {
    match state {
        State::Reading => "being read",
        State::Quarantined => "set aside",
        other => other.as_str(),
    }
}
