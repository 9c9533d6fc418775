//! Spam verdicts of staff: "This is spam" and "Not spam". No filter learns from them.

use actix_web::web::Path;
use serde::Deserialize;
use sqlx::SqliteConnection;

use crate::http::{PageError, PageResult};
use crate::inquiries::inbox::show;
use crate::inquiries::inbox::staff_action::{
    ActionError, ExpectedVersion, LockedInquiry, StaffAction, safe_return_path,
};
use crate::inquiries::inbox::view_model::FormInput;
use crate::inquiries::notifications::queue_notifications;
use crate::inquiries::{Inquiry, InquiryState, store as inquiries};
use crate::web::Form;

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct SpamForm {
    #[serde(flatten)]
    expected: ExpectedVersion,
}

/// `POST /admin/inquiries/{id}/spam`: quarantines an inquiry.
pub async fn report(action: StaffAction, id: Path<i64>, form: Form<SpamForm>) -> PageResult {
    let expected = &form.0.expected;
    let result = async {
        let mut open = action.lock_editable(*id, expected).await?;
        let LockedInquiry { inquiry, tx } = &mut open;
        mark_as_spam(&action, tx, inquiry).await?;
        let flash = format!("{} marked as spam. It is in quarantine.", inquiry.reference);
        action.finish(open, "marked an inquiry as spam", &flash, &expected.inquiry_path(*id)).await
    };
    let result = result.await;
    show::respond(action, *id, FormInput::of_list(expected), result).await
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct ReleaseForm {
    /// List to return to; empty for the inquiry page.
    back: String,
    #[serde(flatten)]
    expected: ExpectedVersion,
}

/// `POST /admin/inquiries/{id}/release`: ends the quarantine, and queues the e-mails that were held back.
pub async fn release(action: StaffAction, id: Path<i64>, form: Form<ReleaseForm>) -> PageResult {
    let ReleaseForm { back, expected } = form.0;
    let result = async {
        let mut open = action.lock(*id, &expected).await?;
        if !can_release(&open.inquiry) {
            return Err(ActionError::Blocked("This inquiry is not quarantined."));
        }
        release_inquiry(&action, &mut open).await?;
        let reference = &open.inquiry.reference;
        let flash = match open.inquiry.state_before_spam {
            Some(state) => format!("{reference} is not spam. Its status is {} again.", state.label().to_lowercase()),
            None if action.services.transport.writes_files() => {
                format!(
                    "{reference} is not spam. No mail server is set, so its e-mails are saved as files and not sent."
                )
            }
            None => format!("{reference} is not spam. Its e-mails are being sent."),
        };
        let location = if back.is_empty() { expected.inquiry_path(*id) } else { safe_return_path(&back) };
        action.finish(open, "marked an inquiry as not spam", &flash, &location).await
    };
    let result = result.await;
    show::respond(action, *id, FormInput::of_list(&expected), result).await
}

pub fn can_release(inquiry: &Inquiry) -> bool {
    inquiry.state == InquiryState::Quarantined && inquiry.trashed_at.is_none()
}

pub async fn mark_as_spam(action: &StaffAction, tx: &mut SqliteConnection, inquiry: &Inquiry) -> sqlx::Result<()> {
    inquiries::quarantine(&mut *tx, inquiry.id, action.now()).await?;
    inquiries::insert_spam_verdict(&mut *tx, inquiry.id, "spam", action.actor(), action.now()).await?;
    action.record_event(tx, inquiry.id, "state", InquiryState::Quarantined.as_str()).await
}

/// Ends the quarantine of an inquiry.
///
/// One that staff marked as spam gets its previous state. One that the form quarantined becomes new, and the e-mails that
/// were held back are queued.
pub async fn release_inquiry(action: &StaffAction, open: &mut LockedInquiry) -> Result<(), PageError> {
    let LockedInquiry { inquiry, tx } = open;
    inquiries::insert_spam_verdict(&mut *tx, inquiry.id, "not_spam", action.actor(), action.now()).await?;
    inquiries::set_state(tx, inquiry.id, inquiry.state_before_spam.unwrap_or(InquiryState::New), action.now()).await?;
    if let Some(state) = inquiry.state_before_spam {
        action.record_event(tx, inquiry.id, "state", state.as_str()).await?;
        return Ok(());
    }
    action.record_event(tx, inquiry.id, "released", "").await?;
    queue_notifications(tx, inquiry, &action.ctx.layout.firm, &action.services.http.base_url, action.now()).await?;
    Ok(())
}
