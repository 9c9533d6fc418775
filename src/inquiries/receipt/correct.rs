//! Correcting what stands on a receipt: the contact details, an address with a slip in it, the occupation.

use actix_web::http::StatusCode;
use actix_web::web::Path;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use sqlx::{SqliteConnection, SqliteExecutor};
use validator::Validate;

use crate::inquiries::phone::{self, Number};
use crate::inquiries::receipt::confirm::is_proven;
use crate::inquiries::receipt::show::{self, Opened};
use crate::inquiries::receipt::store::{self, Contact};
use crate::inquiries::receive::{self, Reception, Trouble, staff_inbox};
use crate::inquiries::{Inquiry, Kind, State, mail as letters, slip, store as inquiries};
use crate::mail;
use crate::occupations;
use crate::web::{
    EmailAddress, FieldErrors, Firm, Form, FromElsewhere, Layout, PageError, PageResult, SENT_FROM_ELSEWHERE,
    address_line, filled, one_line, see_other,
};

/// Who somebody is and how to reach them, as typed.
#[derive(Clone, Default, Deserialize, Validate)]
#[serde(default)]
pub struct ContactDetails {
    #[serde(deserialize_with = "one_line")]
    #[validate(
        custom(function = "filled", message = "Enter your name."),
        length(max = 200, message = "Keep your name under 200 letters.")
    )]
    pub name: String,
    #[serde(deserialize_with = "address_line")]
    #[validate(
        custom(function = "EmailAddress::check_optional"),
        length(max = 254, message = "This e-mail address is too long.")
    )]
    pub email: String,
    #[serde(deserialize_with = "one_line")]
    #[validate(length(max = 100, message = "Keep the telephone number under 100 letters."))]
    pub phone: String,
    #[serde(deserialize_with = "one_line")]
    #[validate(length(max = 100, message = "Keep the WhatsApp number under 100 letters."))]
    pub whatsapp: String,
    proof: String,
}

impl ContactDetails {
    /// As they were given.
    pub fn of(inquiry: &Inquiry) -> Self {
        let details = inquiry.details.clone();
        Self {
            name: details.name,
            email: details.email,
            phone: details.phone,
            whatsapp: details.whatsapp,
            proof: String::new(),
        }
    }

    /// What is otherwise than before, one line each, for the history.
    fn changes_from(&self, before: &Inquiry) -> Vec<String> {
        let old = Self::of(before);
        [
            ("name", &old.name, &self.name),
            ("e-mail", &old.email, &self.email),
            ("telephone", &old.phone, &self.phone),
            ("WhatsApp", &old.whatsapp, &self.whatsapp),
        ]
        .into_iter()
        .filter(|(_, old, new)| old != new)
        .map(|(what, old, new)| format!("{what}: {} → {}", or_none(old), or_none(new)))
        .collect()
    }

    fn errors(&self) -> FieldErrors {
        let mut errors = FieldErrors::of(self, &["name", "email", "phone", "whatsapp"]);
        if self.email.is_empty() && self.phone.is_empty() {
            errors.add("email", "Give us an e-mail address or a telephone number, so that we can answer.");
        }
        errors
    }
}

fn or_none(text: &str) -> &str {
    if text.is_empty() { "none" } else { text }
}

/// `POST /receipts/{token}/contact`
pub async fn correct(
    layout: Layout,
    token: Path<String>,
    form: Form<ContactDetails>,
    reception: Reception,
    elsewhere: FromElsewhere,
) -> PageResult {
    let form = form.0;
    if elsewhere.0 {
        return shown_again(layout, &token, form, &reception).await;
    }
    let inquiry = find(&reception, &token).await?;
    if !is_proven(&reception.key, &inquiry, &form.proof, reception.clock.now()) {
        let opened = Opened::unproven();
        return show::page(StatusCode::UNPROCESSABLE_ENTITY, layout, inquiry, opened, &reception).await;
    }
    let mut errors = form.errors();
    if form.email != inquiry.details.email {
        reception.check_deliverable(&mut errors, &form.email);
    }
    let proof = form.proof.clone();
    if !errors.is_empty() {
        let opened = Opened { contact: Some(form), proof, errors, ..Opened::default() };
        return show::page(StatusCode::UNPROCESSABLE_ENTITY, layout, inquiry, opened, &reception).await;
    }
    let address = format!("/receipts/{}?proof={proof}&done=corrected", inquiry.receipt_token);
    let trouble = match keep(&reception, inquiry.id, &form, Told::EveryOne, &layout.firm).await {
        Ok(Kept::Done) => return Ok(see_other(&address)),
        Ok(Kept::TooOften) => Trouble::TooOften,
        Err(error) => {
            tracing::error!(cause = format!("{error:#}"), "a correction could not be kept");
            Trouble::NotKept
        }
    };
    trouble
        .answer(async |status| {
            let opened = Opened { contact: Some(form), proof, trouble: Some(trouble), ..Opened::default() };
            show::page(status, layout, inquiry, opened, &reception).await
        })
        .await
}

/// The correction as another site sent it, to be sent from here. Who has not proven that the receipt is theirs sees
/// nothing of it.
async fn shown_again(layout: Layout, token: &str, form: ContactDetails, reception: &Reception) -> PageResult {
    let found = inquiries::find_by_receipt(reception.db.read(), token).await?;
    let inquiry = found
        .filter(|inquiry| is_proven(&reception.key, inquiry, &form.proof, reception.clock.now()))
        .ok_or(PageError::Forbidden(SENT_FROM_ELSEWHERE))?;
    let trouble = Some(Trouble::FromElsewhere);
    let opened = Opened { proof: form.proof.clone(), contact: Some(form), trouble, ..Opened::default() };
    show::page(StatusCode::FORBIDDEN, layout, inquiry, opened, reception).await
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct MeantForm {
    #[serde(deserialize_with = "one_line")]
    email: String,
}

/// `POST /receipts/{token}/address`: takes the address that was probably meant, and no other, so that this needs no
/// confirmation: whoever mistyped an address cannot be asked for it.
pub async fn use_meant_address(
    layout: Layout,
    token: Path<String>,
    form: Form<MeantForm>,
    reception: Reception,
) -> PageResult {
    let inquiry = find(&reception, &token).await?;
    let meant = slip::probably_meant(&inquiry.details.email).filter(|meant| *meant == form.0.email);
    if let Some(email) = meant
        && inquiry.is_fresh(reception.clock.now())
    {
        let mended = ContactDetails { email, ..ContactDetails::of(&inquiry) };
        return match keep(&reception, inquiry.id, &mended, Told::NewAddress, &layout.firm).await? {
            Kept::Done => Ok(see_other(&format!("/receipts/{}?done=address", inquiry.receipt_token))),
            Kept::TooOften => too_often(layout, inquiry, &reception).await,
        };
    }
    Ok(see_other(&format!("/receipts/{}", inquiry.receipt_token)))
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct OccupationForm {
    #[serde(deserialize_with = "one_line")]
    noc: String,
    #[serde(default)]
    proof: String,
}

/// `POST /receipts/{token}/occupation`: says which of the directory's occupations the words meant.
pub async fn choose_occupation(
    layout: Layout,
    token: Path<String>,
    form: Form<OccupationForm>,
    reception: Reception,
) -> PageResult {
    let inquiry = find(&reception, &token).await?;
    let now = reception.clock.now();
    let OccupationForm { noc, proof } = form.0;
    let occupation = occupations::find(reception.db.read(), &noc).await?;
    let is_proven = is_proven(&reception.key, &inquiry, &proof, now);
    let mut address = format!("/receipts/{}", inquiry.receipt_token);
    if is_proven {
        address.push_str(&format!("?proof={proof}"));
    }
    if let Some(occupation) = occupation
        && inquiry.details.kind == Kind::Apply
        && inquiry.noc != occupation.noc
        && (is_proven || inquiry.is_fresh(now))
    {
        let note = format!("occupation: NOC {}", occupation.noc);
        let mut tx = reception.db.begin_write().await?;
        if is_changed_too_often(&mut *tx, inquiry.id, now).await? {
            tx.rollback().await?;
            return too_often(layout, inquiry, &reception).await;
        }
        inquiries::set_noc(&mut tx, inquiry.id, &occupation.noc).await?;
        inquiries::note(&mut tx, inquiry.id, "corrected", "visitor", &note, now).await?;
        tx.commit().await?;
        address.push_str(if is_proven { "&done=occupation" } else { "?done=occupation" });
    }
    Ok(see_other(&address))
}

/// The receipt, which says that no more changes are taken today.
async fn too_often(layout: Layout, inquiry: Inquiry, reception: &Reception) -> PageResult {
    let trouble = Trouble::TooOften;
    let opened = Opened { trouble: Some(trouble), ..Opened::default() };
    trouble.answer(async |status| show::page(status, layout, inquiry, opened, reception).await).await
}

/// The inquiry of a receipt on which something may still be done.
async fn find(reception: &Reception, token: &str) -> Result<Inquiry, PageError> {
    let found = inquiries::find_by_receipt(reception.db.read(), token).await?;
    found.filter(|inquiry| inquiry.binned_at.is_none()).ok_or(PageError::NotFound)
}

/// Who is written to at the addresses a visitor gave.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Told {
    /// The old address too: should it not have been its owner who put another in its place, they learn of it.
    EveryOne,
    /// Only the new one: the old one was a slip, and is nobody's or a stranger's.
    NewAddress,
}

/// What became of a correction.
enum Kept {
    Done,
    /// So many were made that this serves no honest purpose: each writes letters.
    TooOften,
}

/// How many changes of one inquiry are taken within a day, whatever they change.
const A_DAY: i64 = 10;

/// Whether the visitor has changed an inquiry as often as is taken within a day.
async fn is_changed_too_often(db: impl SqliteExecutor<'_>, id: i64, now: Timestamp) -> sqlx::Result<bool> {
    let a_day = SignedDuration::from_hours(24);
    Ok(store::changes_between(db, id, now - a_day, now + a_day).await? >= A_DAY)
}

/// Keeps the corrected details, notes what changed, and tells those whom it concerns.
async fn keep(
    reception: &Reception,
    id: i64,
    contact: &ContactDetails,
    told: Told,
    firm: &Firm,
) -> anyhow::Result<Kept> {
    let now = reception.clock.now();
    let mut tx = reception.db.begin_write().await?;
    // Read under the lock: what was shown may have been corrected, or taken back, since.
    let before = inquiries::find(&mut *tx, id).await?.filter(|inquiry| inquiry.binned_at.is_none());
    let Some(before) = before else { return Ok(Kept::Done) };
    let changes = contact.changes_from(&before);
    if changes.is_empty() {
        return Ok(Kept::Done);
    }
    if is_changed_too_often(&mut *tx, id, now).await? {
        return Ok(Kept::TooOften);
    }
    let residence = &before.details.residence;
    let corrected = Contact {
        name: &contact.name,
        email: &contact.email,
        phone: &contact.phone,
        phone_e164: Number::e164(&contact.phone, residence),
        whatsapp: &contact.whatsapp,
        whatsapp_e164: Number::e164(&contact.whatsapp, residence),
        numbers: phone::keys(&contact.phone, &contact.whatsapp, residence),
    };
    store::correct(&mut tx, id, &corrected).await?;
    inquiries::note(&mut tx, id, "corrected", "visitor", &changes.join("\n"), now).await?;
    // What was set aside writes to nobody before staff release it.
    if before.state != State::Quarantined
        && let Some(after) = inquiries::find(&mut *tx, id).await?
    {
        letters_about(&mut tx, reception, &after, "The visitor corrected their contact details.", firm).await?;
        if !after.details.email.eq_ignore_ascii_case(&before.details.email) {
            let old = if told == Told::EveryOne { letters::moved(&before, firm, &reception.network)? } else { None };
            for letter in [letters::acknowledgement(&after, firm, &reception.network)?, old].into_iter().flatten() {
                mail::queue(&mut tx, &letter, &receive::message_id(&reception.site), now).await?;
            }
        }
    }
    tx.commit().await?;
    reception.wake.sender();
    Ok(Kept::Done)
}

/// Tells staff what a visitor did with their inquiry.
pub async fn letters_about(
    tx: &mut SqliteConnection,
    reception: &Reception,
    inquiry: &Inquiry,
    sentence: &str,
    firm: &Firm,
) -> anyhow::Result<()> {
    let inbox = staff_inbox(&mut *tx, firm).await?;
    for letter in letters::notices(inquiry, sentence, &inbox, &reception.site)? {
        mail::queue(tx, &letter, &receive::message_id(&reception.site), reception.clock.now()).await?;
    }
    Ok(())
}
