//! One inquiry: everything as sent, what our record says beside it, the person's other inquiries, and all that was done.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use askama::Template;
use jiff::Timestamp;
use serde::Deserialize;

use crate::db::Database;
use crate::http::{PageError, PageResult, html};
use crate::inquiries::forms::phone::ParsedPhoneNumber;
use crate::inquiries::inbox::eligibility_panel::EligibilityPanel;
use crate::inquiries::inbox::filter::REPLY_SLA;
use crate::inquiries::inbox::gone;
use crate::inquiries::inbox::reply::default_subject;
use crate::inquiries::inbox::staff_action::blocked_reason;
use crate::inquiries::inbox::store::{self, ReplyTemplate};
use crate::inquiries::inbox::template_variables::{self, ExpandedTemplate, Recipient};
use crate::inquiries::inquiry::LabelledField;
use crate::inquiries::privacy::RetentionPanel;
use crate::inquiries::store::{self as inquiries, Event};
use crate::inquiries::{Inquiry, InquiryState};
use crate::mail::{self, BouncedAddress, OutboxMessage};
use crate::services::Services;
use crate::staff::{self, StaffContext, StaffMember};
use crate::web::{DisplayTime, FieldErrors, Phone, Query, office_time_zone};

/// What somebody typed into the page's forms, which every answer to them gives back.
#[derive(Default)]
pub struct FormInput {
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
    ctx: StaffContext,
    inquiry: Inquiry,
    age: String,
    is_overdue: bool,
    fields: Vec<LabelledField>,
    phone_links: Vec<PhoneLink>,
    eligibility: EligibilityPanel,
    others: Vec<Inquiry>,
    /// The inquiry in which this one is answered.
    root: Option<Inquiry>,
    colleagues: Vec<StaffMember>,
    states: Vec<InquiryState>,
    blocked_reason: Option<&'static str>,
    retention: RetentionPanel,
    /// That their mail server refused a letter for good.
    bounced: Option<BouncedAddress>,
    events: Vec<TimelineEntry>,
    /// What others did since the form was shown.
    newer_events: Vec<TimelineEntry>,
    last_event: i64,
    emails: Vec<OutboxMessage>,
    templates: Vec<ReplyTemplate>,
    /// Templates that do not suit this person, each with the reason.
    unsuitable_templates: Vec<(String, String)>,
    subject: String,
    input: FormInput,
}

impl InquiryPage {
    fn state_label(&self, state: &InquiryState) -> &'static str {
        state_label(*state)
    }

    fn is_owned_by(&self, member: &StaffMember) -> bool {
        self.inquiry.owner_id == Some(member.id)
    }

    /// Whether another inquiry is the same person's beyond doubt, and not only if a number is read in one of several
    /// ways.
    fn is_certainly_same_person(&self, other: &Inquiry) -> bool {
        let email = &self.inquiry.details.email;
        let shares =
            || unambiguous_numbers(&self.inquiry).any(|number| unambiguous_numbers(other).any(|its| its == number));
        (!email.is_empty() && email.eq_ignore_ascii_case(&other.details.email))
            || self.is_merged_here(other)
            || self.inquiry.merged_into == Some(other.id)
            || shares()
    }

    /// Whether another inquiry is answered in this one.
    fn is_merged_here(&self, other: &Inquiry) -> bool {
        other.merged_into == Some(self.inquiry.id)
    }
}

/// The numbers of an inquiry that can be no other.
fn unambiguous_numbers(inquiry: &Inquiry) -> impl Iterator<Item = &str> {
    let details = &inquiry.details;
    [(&details.phone, &inquiry.phone_e164), (&details.whatsapp, &inquiry.whatsapp_e164)]
        .into_iter()
        .filter(|(typed, e164)| {
            !e164.is_empty()
                && !ParsedPhoneNumber::parse(typed, &details.residence).is_some_and(|number| number.is_ambiguous())
        })
        .map(|(_, e164)| e164.as_str())
}

/// A telephone number and the ways to reach it.
struct PhoneLink {
    label: &'static str,
    call: Phone,
    whatsapp: Option<String>,
    is_implausible: bool,
    /// Why it can be another number; empty where it cannot.
    ambiguity: String,
    /// What else the digits can mean, and further numbers in the same field.
    others: Vec<AlternativeNumber>,
}

/// A number beside the one that is called first.
struct AlternativeNumber {
    call: Phone,
    whatsapp: String,
}

impl AlternativeNumber {
    fn new(e164: &str) -> Self {
        Self {
            call: Phone { text: e164.to_owned(), href: format!("tel:{e164}") },
            whatsapp: ParsedPhoneNumber::whatsapp_url(e164),
        }
    }
}

impl PhoneLink {
    fn parse(label: &'static str, typed: &str, e164: &str, residence: &str) -> Option<Self> {
        let read = ParsedPhoneNumber::parse_all(typed, residence);
        let first = read.first();
        let is_plausible = first.is_some_and(|number| number.is_plausible);
        let others =
            first.iter().flat_map(|number| &number.alternatives).chain(read.iter().skip(1).map(|number| &number.e164));
        let call = if e164.is_empty() || !is_plausible {
            Phone::from_input(typed)?
        } else {
            Phone { text: e164.to_owned(), href: format!("tel:{e164}") }
        };
        let whatsapp = (is_plausible && !e164.is_empty()).then(|| ParsedPhoneNumber::whatsapp_url(e164));
        Some(Self {
            label,
            call,
            whatsapp,
            is_implausible: !is_plausible,
            ambiguity: first.map_or_else(String::new, ParsedPhoneNumber::ambiguity),
            others: others.map(|e164| AlternativeNumber::new(e164)).collect(),
        })
    }
}

/// Something in the history, ready to print.
#[derive(Clone)]
struct TimelineEntry {
    id: i64,
    when: DisplayTime,
    actor: String,
    description: String,
    /// What was written with it.
    text: String,
}

impl TimelineEntry {
    fn from_event(event: Event) -> Self {
        let note = &event.note;
        let (words, text) = match event.kind.as_str() {
            "received" => ("sent it".to_owned(), ""),
            "state" => (
                format!("marked it as {}", InquiryState::parse(note).map_or(note.as_str(), |state| state_label(state))),
                "",
            ),
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
            "hold" if note == "on" => ("put it on hold as a client’s".into(), ""),
            "hold" => ("lifted the hold".into(), ""),
            "trashed" if note == "retention" => ("put it into the bin, since its time was over".into(), ""),
            "trashed" => ("put it into the bin".into(), ""),
            "restored" => ("took it out of the bin".into(), ""),
            other => (other.to_owned(), note.as_str()),
        };
        let text = text.to_owned();
        Self { id: event.id, when: DisplayTime::in_office(event.at), actor: event.actor, description: words, text }
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
pub async fn show(ctx: StaffContext, id: Path<i64>, query: Query<ShowQuery>, services: Data<Services>) -> PageResult {
    let now = services.clock.now();
    let found = inquiries::find(services.db.read(), *id).await?;
    if found.is_none() && query.0.inquiry.is_empty() {
        return Err(PageError::NotFound);
    }
    let Some(inquiry) = found.as_ref().filter(|inquiry| inquiry.matches_identity(&query.0.inquiry)) else {
        return gone::page(ctx, found.as_ref(), vec![]);
    };
    let template = match query.0.template.parse() {
        Ok(template) => store::template(services.db.read(), template).await?,
        Err(_) => None,
    };
    let mut typed = FormInput::default();
    if let Some(template) = template {
        let ExpandedTemplate { text, unresolved, warnings } =
            expand_template(&services.db, &ctx, inquiry, &template.body, now).await?;
        typed.text = text;
        typed.problem = [unresolved, warnings].concat().join(" ");
    }
    page(StatusCode::OK, ctx, *id, typed, &services.db, now).await
}

/// A text with everything in it that we know of an inquiry.
pub async fn expand_template(
    db: &Database,
    ctx: &StaffContext,
    inquiry: &Inquiry,
    text: &str,
    now: Timestamp,
) -> sqlx::Result<ExpandedTemplate> {
    let eligibility =
        EligibilityPanel::load(db.read(), inquiry, now.to_zoned(office_time_zone()).date(), &ctx.searcher).await?;
    let recipient =
        Recipient { inquiry, eligibility: &eligibility, firm: &ctx.layout.firm, sender_name: &ctx.member.name };
    template_variables::expand(db.read(), text, &recipient).await
}

/// The page of an inquiry as it is now, with what was typed still in its boxes.
pub async fn page(
    status: StatusCode,
    ctx: StaffContext,
    id: i64,
    typed: FormInput,
    db: &Database,
    now: Timestamp,
) -> PageResult {
    let inquiry = inquiries::find(db.read(), id).await?.ok_or(PageError::NotFound)?;
    let eligibility =
        EligibilityPanel::load(db.read(), &inquiry, now.to_zoned(office_time_zone()).date(), &ctx.searcher).await?;
    let root = match inquiry.merged_into {
        Some(_) => match inquiries::merge_root(db.read(), id).await? {
            Some(root) => inquiries::find(db.read(), root).await?,
            None => None,
        },
        None => None,
    };
    let events: Vec<TimelineEntry> =
        inquiries::events(db.read(), id).await?.into_iter().map(TimelineEntry::from_event).collect();
    let newer_events = match typed.changed_since {
        // A form that does not say what it saw is shown the last thing that happened.
        Some(0) => events.last().cloned().into_iter().collect(),
        Some(since) => events.iter().filter(|event| event.id > since).cloned().collect(),
        None => vec![],
    };
    let details = &inquiry.details;
    let phone_links = [
        PhoneLink::parse("Telephone", &details.phone, &inquiry.phone_e164, &details.residence),
        PhoneLink::parse("WhatsApp", &details.whatsapp, &inquiry.whatsapp_e164, &details.residence),
    ];
    let offered = store::templates(db.read()).await?.into_iter().filter(|template| !template.archived);
    let (mut templates, mut unsuitable_templates) = (vec![], vec![]);
    for template in offered {
        match template_variables::unsuitable_reason(&template.body, &eligibility) {
            Some(why) => unsuitable_templates.push((template.title, why)),
            None => templates.push(template),
        }
    }
    let colleagues = staff::all(db.read()).await?.into_iter().filter(|member| member.active).collect();
    let bounced = mail::find_bounce(db.read(), &details.email).await?;
    let retention = RetentionPanel::load(&inquiry, &ctx.layout.firm.retention, db).await?;
    let page = InquiryPage {
        age: inquiry.age(now),
        is_overdue: is_overdue(&inquiry, now),
        fields: details.labelled_fields(),
        phone_links: phone_links.into_iter().flatten().collect(),
        others: store::by_same_person(db.read(), &inquiry).await?,
        states: InquiryState::SETTABLE_BY_STAFF.into_iter().filter(|state| *state != inquiry.state).collect(),
        blocked_reason: blocked_reason(&inquiry),
        last_event: events.last().map_or(0, |event| event.id),
        emails: mail::about_inquiry(db.read(), id).await?,
        subject: typed.subject.clone().unwrap_or_else(|| default_subject(&inquiry)),
        ctx,
        eligibility,
        root,
        retention,
        bounced,
        colleagues,
        events,
        newer_events,
        templates,
        unsuitable_templates,
        input: typed,
        inquiry,
    };
    html(status, &page)
}

/// Whether somebody has waited for an answer longer than they should.
pub fn is_overdue(inquiry: &Inquiry, now: Timestamp) -> bool {
    let is_open = matches!(inquiry.state, InquiryState::New | InquiryState::Reading) && inquiry.merged_into.is_none();
    is_open && now.duration_since(inquiry.received_at) >= REPLY_SLA
}

/// How staff call a state.
pub fn state_label(state: InquiryState) -> &'static str {
    match state {
        InquiryState::Reading => "being read",
        InquiryState::Quarantined => "set aside",
        other => other.as_str(),
    }
}
