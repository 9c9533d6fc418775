//! Staff page of one inquiry.

use std::collections::HashMap;

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use askama::Template;
use jiff::Timestamp;
use serde::Deserialize;

use crate::crs::{Given, StaffSummary};
use crate::db::Database;
use crate::http::{PageError, PageResult, html};
use crate::inquiries::choices::EDUCATION;
use crate::inquiries::gone;
use crate::inquiries::inbox::eligibility_panel::EligibilityPanel;
use crate::inquiries::inbox::filter::Filter;
use crate::inquiries::inbox::list::{active_categories, category_codes};
use crate::inquiries::inbox::results;
use crate::inquiries::inbox::staff_action::{ActionError, ActionResult, StaffAction, blocked_reason};
use crate::inquiries::inbox::store::{self, ReplyTemplate};
use crate::inquiries::inbox::template_variables::{self, ExpandedTemplate, Recipient};
use crate::inquiries::inbox::view_model::{
    FormInput, PhoneLink, TimelineEntry, default_subject, is_overdue, unambiguous_numbers, waiting_since,
};
use crate::inquiries::inquiry::{LabelledField, page_path};
use crate::inquiries::privacy::RetentionPanel;
use crate::inquiries::replies::{self, Reply};
use crate::inquiries::reply_address::reply_to;
use crate::inquiries::store as inquiries;
use crate::inquiries::{Inquiry, InquiryState};
use crate::mail::{self, BouncedAddress, OutboxMessage};
use crate::services::Services;
use crate::staff::{self, StaffContext, StaffMember};
use crate::web::{DisplayTime, Query, office_time_zone, one_line, relative_age};

#[derive(Template)]
#[template(path = "inquiries/admin_show.html")]
struct InquiryPage {
    ctx: StaffContext,
    inquiry: Inquiry,
    age: String,
    is_overdue: bool,
    /// Time that the visitor has waited for an answer.
    waiting: String,
    /// Time of the visitor's first reply that staff have not answered.
    replied: Option<DisplayTime>,
    fields: Vec<LabelledField>,
    phone_links: Vec<PhoneLink>,
    eligibility: EligibilityPanel,
    crs: StaffSummary,
    others: Vec<Inquiry>,
    /// Inquiry that this one is merged into.
    root: Option<Inquiry>,
    colleagues: Vec<StaffMember>,
    states: Vec<InquiryState>,
    blocked_reason: Option<&'static str>,
    retention: RetentionPanel,
    bounced: Option<BouncedAddress>,
    events: Vec<TimelineEntry>,
    /// Events since the submitted form was shown.
    newer_events: Vec<TimelineEntry>,
    last_event: i64,
    emails: Vec<OutboxMessage>,
    templates: Vec<ReplyTemplate>,
    /// Title and reason of each template that does not fit this inquiry.
    unsuitable_templates: Vec<(String, String)>,
    subject: String,
    input: FormInput,
    /// Path of the list that the inquiry was opened from.
    list_path: String,
    previous: Option<String>,
    next: Option<String>,
    /// Who marked the inquiry as spam, and when.
    marked_by: Option<(String, DisplayTime)>,
}

impl InquiryPage {
    fn is_owned_by(&self, member: &StaffMember) -> bool {
        self.inquiry.owner_id == Some(member.id)
    }

    /// False if the phone numbers match only under one of several readings.
    fn is_certainly_same_person(&self, other: &Inquiry) -> bool {
        let email = &self.inquiry.details.email;
        let shares_number =
            || unambiguous_numbers(&self.inquiry).any(|number| unambiguous_numbers(other).any(|its| its == number));
        (!email.is_empty() && email.eq_ignore_ascii_case(&other.details.email))
            || self.is_merged_here(other)
            || self.inquiry.merged_into == Some(other.id)
            || shares_number()
    }

    /// Says where the visitor's answer to a reply goes, like the `Reply-To` of the e-mail.
    fn reply_hint(&self) -> String {
        let firm = &self.ctx.layout.firm;
        let route = if firm.reply_address.is_some() {
            "is added to this page".to_owned()
        } else {
            let address = reply_to(firm, &self.inquiry);
            format!("goes to {} and is not shown here", address.as_deref().unwrap_or("an admin"))
        };
        format!("Plain text. A line below it says where answers go. If the visitor answers it, the e-mail {route}.")
    }

    /// Path of this page with a template in the reply field.
    fn template_path(&self, template: &ReplyTemplate) -> String {
        let path = page_path(self.inquiry.id, &self.input.list);
        let joint = if path.contains('?') { '&' } else { '?' };
        format!("{path}{joint}template={}#text", template.id)
    }

    fn is_merged_here(&self, other: &Inquiry) -> bool {
        other.merged_into == Some(self.inquiry.id)
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct ShowQuery {
    /// ID of the template to start the reply with.
    template: String,
    /// See [`Inquiry::identity`].
    inquiry: String,
    /// Query string of the list that the inquiry was opened from.
    #[serde(deserialize_with = "one_line")]
    list: String,
}

/// `GET /admin/inquiries/{id}?template=&inquiry=&list=`
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
    let mut input = FormInput { list: query.0.list.clone(), ..FormInput::default() };
    if let Some(template) = template {
        let ExpandedTemplate { text, unresolved, warnings } =
            expand_template(&services.db, &ctx, inquiry, &template.body, now).await?;
        input.text = text;
        input.problem = [unresolved, warnings].concat().join(" ");
    }
    page(StatusCode::OK, ctx, *id, input, &services.db, now).await
}

/// Response to a staff action. An error shows the current inquiry with the entered values.
pub async fn respond(action: StaffAction, id: i64, input: FormInput, result: ActionResult) -> PageResult {
    const INVALID: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;
    let (status, input) = match result {
        Ok(response) => return Ok(response),
        Err(ActionError::Page(error)) => return Err(error),
        Err(ActionError::NotFound(other)) => {
            let texts = [input.subject.unwrap_or_default(), input.text, input.note];
            return gone::page(action.ctx, other.as_deref(), texts.into());
        }
        Err(ActionError::Conflict(since)) => (StatusCode::CONFLICT, FormInput { changed_since: Some(since), ..input }),
        Err(ActionError::Blocked(reason)) => (INVALID, FormInput { problem: reason.into(), ..input }),
        Err(ActionError::Invalid(errors)) => (INVALID, FormInput { errors, ..input }),
    };
    let now = action.now();
    page(status, action.ctx, id, input, &action.services.db, now).await
}

/// Replaces the variables in a template with the data of an inquiry and the draw record.
pub async fn expand_template(
    db: &Database,
    ctx: &StaffContext,
    inquiry: &Inquiry,
    text: &str,
    now: Timestamp,
) -> sqlx::Result<ExpandedTemplate> {
    let eligibility = load_eligibility(db, ctx, inquiry, now).await?;
    let recipient =
        Recipient { inquiry, eligibility: &eligibility, firm: &ctx.layout.firm, sender_name: &ctx.member.name };
    template_variables::expand(db.read(), text, &recipient).await
}

async fn load_eligibility(
    db: &Database,
    ctx: &StaffContext,
    inquiry: &Inquiry,
    now: Timestamp,
) -> sqlx::Result<EligibilityPanel> {
    let today = now.to_zoned(office_time_zone()).date();
    EligibilityPanel::load(db.read(), inquiry, today, &ctx.searcher).await
}

async fn page(
    status: StatusCode,
    ctx: StaffContext,
    id: i64,
    input: FormInput,
    db: &Database,
    now: Timestamp,
) -> PageResult {
    let inquiry = inquiries::find(db.read(), id).await?.ok_or(PageError::NotFound)?;
    let eligibility = load_eligibility(db, &ctx, &inquiry, now).await?;
    let crs = crs_results(db, &inquiry, now).await?;
    let root = match inquiry.merged_into {
        Some(_) => match inquiries::merge_root(db.read(), id).await? {
            Some(root) => inquiries::find(db.read(), root).await?,
            None => None,
        },
        None => None,
    };
    let replies = replies::replies_to(db.read(), id).await?;
    let reply_subject = replies.last().map(|reply| reply.subject.clone());
    let mut replies: HashMap<i64, Reply> = replies.into_iter().map(|reply| (reply.event_id, reply)).collect();
    let events: Vec<TimelineEntry> = inquiries::events(db.read(), id)
        .await?
        .into_iter()
        .map(|event| TimelineEntry { reply: replies.remove(&event.id), ..TimelineEntry::from(event) })
        .collect();
    let newer_events = match input.changed_since {
        // The form did not send the last event it had seen: show the newest one.
        Some(0) => events.last().cloned().into_iter().collect(),
        Some(since) => events.iter().filter(|event| event.id > since).cloned().collect(),
        None => vec![],
    };
    let active = store::templates(db.read()).await?.into_iter().filter(|template| !template.archived);
    let (mut templates, mut unsuitable_templates) = (vec![], vec![]);
    for template in active {
        match template_variables::unsuitable_reason(&template.body, &eligibility) {
            Some(reason) => unsuitable_templates.push((template.title, reason)),
            None => templates.push(template),
        }
    }
    let colleagues = staff::all(db.read()).await?.into_iter().filter(|member| member.active).collect();
    let filter = Filter::from_query(&input.list, ctx.member.id);
    let codes = category_codes(&filter, &active_categories(db, now).await?);
    let around = results::neighbours(db, &filter, &filter.to_sql(codes.as_deref(), now), &inquiry, now).await?;
    let list = filter.query_string();
    let markers = inquiries::spam_markers(db.read(), &[id]).await?;
    let marker = inquiry.state_before_spam.and_then(|_| markers.get(&id));
    let bounced = mail::find_bounce(db.read(), &inquiry.details.email).await?;
    let retention = RetentionPanel::load(&inquiry, &list, &ctx.layout.firm.retention, db).await?;
    let page = InquiryPage {
        age: inquiry.age(now),
        is_overdue: is_overdue(&inquiry, now),
        waiting: relative_age(waiting_since(&inquiry), now),
        replied: inquiry.visitor_replied_at.map(|at| DisplayTime::in_office(at.to_jiff())),
        fields: inquiry.details.labelled_fields(),
        phone_links: PhoneLink::all(&inquiry),
        others: store::by_same_person(db.read(), &inquiry).await?,
        states: InquiryState::SETTABLE_BY_STAFF.into_iter().filter(|state| *state != inquiry.state).collect(),
        blocked_reason: blocked_reason(&inquiry),
        last_event: events.last().map_or(0, |event| event.id),
        emails: mail::about_inquiry(db.read(), id).await?,
        subject: input.subject.clone().unwrap_or_else(|| default_subject(&inquiry, reply_subject.as_deref())),
        list_path: filter.list_path(),
        previous: around.previous.map(|id| page_path(id, &list)),
        next: around.next.map(|id| page_path(id, &list)),
        marked_by: marker.map(|(actor, at)| (actor.clone(), DisplayTime::in_office(*at))),
        input: FormInput { list, ..input },
        ctx,
        eligibility,
        crs,
        root,
        retention,
        bounced,
        colleagues,
        events,
        newer_events,
        templates,
        unsuitable_templates,
        inquiry,
    };
    html(status, &page)
}

/// Results of the score calculator and the past-draw checker, from what the visitor gave.
async fn crs_results(db: &Database, inquiry: &Inquiry, now: Timestamp) -> sqlx::Result<StaffSummary> {
    let details = &inquiry.details;
    let given = Given {
        message: &details.message,
        age: details.age,
        education: EDUCATION.meant(&details.education).map_or("", |choice| choice.value),
        crs: details.crs,
        noc: &inquiry.noc,
    };
    StaffSummary::load(db.read(), &given, now.to_zoned(office_time_zone()).date()).await
}
