//! The page of a receipt.

use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderName, HeaderValue, REFERRER_POLICY};
use actix_web::web::Path;
use askama::Template;
use serde::Deserialize;

use crate::db::Database;
use crate::inquiries::hints::{Hints, NumberHint};
use crate::inquiries::inquiry::Fact;
use crate::inquiries::privacy::deleted_at;
use crate::inquiries::receipt::confirm::is_proven;
use crate::inquiries::receipt::correct::ContactDetails;
use crate::inquiries::receipt::store as receipts;
use crate::inquiries::receive::{Reception, Trouble, private};
use crate::inquiries::{Inquiry, Kind, State, slip, store};
use crate::mail;
use crate::occupations::{self, Occupation};
use crate::web::{Day, FieldErrors, Instant, Layout, PageError, PageResult, Query, html};

/// How many occupations are suggested.
const SUGGESTED: usize = 5;

#[derive(Template)]
#[template(path = "inquiries/receipt.html")]
struct ReceiptPage {
    layout: Layout,
    inquiry: Inquiry,
    state: State,
    /// All that was sent is shown, and not only a part of the addresses and numbers.
    is_shown_whole: bool,
    /// When it was sent again last.
    sent_again: Option<Instant>,
    facts: Vec<Fact>,
    /// Whether a confirmation is sent to the address; told where it was sent just now.
    confirmation: Option<bool>,
    /// The address that was probably meant.
    meant: Option<String>,
    hints: Hints,
    occupation: Option<Occupation>,
    suggested: Vec<Occupation>,
    opened: Opened,
}

/// What the visitor does on the page, as typed.
#[derive(Default)]
pub struct Opened {
    /// To confirm that it is theirs.
    pub address: String,
    /// Their contact details, once it is confirmed.
    pub contact: Option<ContactDetails>,
    /// What shows that it is.
    pub proof: String,
    /// Why what was typed could not be kept.
    pub trouble: Option<Trouble>,
    /// A deed that was just done.
    pub done: &'static str,
    /// What is wrong.
    pub errors: FieldErrors,
}

impl Opened {
    /// Confirmed, with nothing typed yet.
    pub fn proven(inquiry: &Inquiry, proof: String) -> Self {
        Self { contact: Some(ContactDetails::of(inquiry)), proof, ..Self::default() }
    }

    /// The confirmation has run out, or there was none.
    pub fn unproven() -> Self {
        let mut errors = FieldErrors::in_order(&["address"]);
        errors.add("address", "Please confirm once more that this is yours: a confirmation holds for one hour.");
        Self { errors, ..Self::default() }
    }
}

#[derive(Template)]
#[template(path = "inquiries/receipt_withdrawn.html")]
struct WithdrawnPage {
    layout: Layout,
    reference: String,
    deleted_on: Day,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct ReceiptQuery {
    pub proof: String,
    done: String,
}

/// `GET /receipts/{token}?proof=`
pub async fn show(token: Path<String>, query: Query<ReceiptQuery>, layout: Layout, reception: Reception) -> PageResult {
    let inquiry = store::find_by_receipt(reception.db.read(), &token).await?.ok_or(PageError::NotFound)?;
    let ReceiptQuery { proof, done } = query.0;
    let done = match done.as_str() {
        "corrected" => "Your contact details are corrected.",
        "address" if mail::has_auto_reply(reception.db.read(), inquiry.id, &inquiry.details.email).await? => {
            "Your e-mail address is corrected. We are writing to it."
        }
        "address" => "Your e-mail address is corrected.",
        "occupation" => "Your occupation is noted.",
        _ => "",
    };
    let opened = if is_proven(&reception.key, &inquiry, &proof, reception.clock.now()) {
        Opened { done, ..Opened::proven(&inquiry, proof) }
    } else {
        Opened { done, ..Opened::default() }
    };
    page(StatusCode::OK, layout, inquiry, opened, &reception).await
}

/// The receipt as it stands, with what the visitor does on it.
pub async fn page(
    status: StatusCode,
    layout: Layout,
    inquiry: Inquiry,
    opened: Opened,
    reception: &Reception,
) -> PageResult {
    let db = &reception.db;
    if let Some(binned_at) = inquiry.binned_at {
        // What is past its time is gone for the visitor; what they took back themselves says so until it is deleted.
        if inquiry.state != State::Withdrawn {
            return Err(PageError::NotFound);
        }
        let deleted_on = Day::in_office(deleted_at(binned_at.to_jiff()));
        return nowhere_else(html(status, &WithdrawnPage { layout, reference: inquiry.reference, deleted_on }));
    }
    let state = state(&inquiry, db).await?;
    let is_fresh = inquiry.is_fresh(reception.clock.now());
    // An hour later others may have the link: without a proof the page shows no name and nothing that was written.
    let is_shown_whole = is_fresh || opened.contact.is_some();
    let details = &inquiry.details;
    let facts = if is_shown_whole { details.facts() } else { details.masked().facts() };
    let may_correct = is_shown_whole && matches!(state, State::New | State::Quarantined | State::Reading);
    let hints = match &opened.contact {
        Some(typed) => Hints::of(&typed.email, &typed.phone, &typed.whatsapp, &details.residence),
        None if may_correct => Hints::of(&details.email, &details.phone, &details.whatsapp, &details.residence),
        None => Hints::default(),
    };
    // With the whole form open, it says so beside the field.
    let meant = if may_correct && opened.contact.is_none() { slip::probably_meant(&details.email) } else { None };
    let sent_again = receipts::last_sent_again(db.read(), inquiry.id).await?.map(Instant::in_office);
    let occupation = match inquiry.noc.as_str() {
        "" => None,
        _ if !is_shown_whole => None,
        noc => occupations::find(db.read(), noc).await?,
    };
    let asks = may_correct && inquiry.noc.is_empty() && details.kind == Kind::Apply && !details.occupation.is_empty();
    // A help, which is left out above the limit of searches.
    let suggested = if asks && reception.searcher.count().is_ok() {
        occupations::suggestions(db.read(), &details.occupation, SUGGESTED).await?
    } else {
        vec![]
    };
    let is_new = matches!(state, State::New | State::Quarantined);
    let confirmation = if is_fresh && is_new && !details.email.is_empty() {
        Some(mail::has_auto_reply(db.read(), inquiry.id, &details.email).await?)
    } else {
        None
    };
    let page = ReceiptPage {
        layout,
        state,
        is_shown_whole,
        sent_again,
        facts,
        confirmation,
        meant,
        hints,
        occupation,
        suggested,
        opened,
        inquiry,
    };
    nowhere_else(html(status, &page))
}

/// How far we are: with the inquiry in which it is answered, where that is another one.
pub async fn state(inquiry: &Inquiry, db: &Database) -> sqlx::Result<State> {
    Ok(match inquiry.merged_into {
        Some(answered_in) => store::find(db.read(), answered_in).await?.map_or(inquiry.state, |other| other.state),
        None => inquiry.state,
    })
}

/// Whoever has the address can read what was sent: it must not travel on, nor be found, nor be stored. (With
/// `no-referrer` browsers would not say where the page's own forms come from, and these would be refused.)
pub fn nowhere_else(page: PageResult) -> PageResult {
    let mut page = private(page)?;
    page.headers_mut().insert(REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    page.headers_mut().insert(HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex"));
    Ok(page)
}
