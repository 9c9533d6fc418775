//! What every deed on an inquiry begins and ends with: nobody overwrites what they have not seen, and nothing typed is lost.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest};
use jiff::Timestamp;
use serde::Deserialize;
use sqlx::SqliteConnection;

use crate::clock::Clock;
use crate::db::{Database, Write};
use crate::inquiries::inbox::show::{self, Typed};
use crate::inquiries::inbox::store;
use crate::inquiries::{Inquiry, State, gone, store as inquiries};
use crate::mail::Wake;
use crate::staff::{self, Desk};
use crate::web::{PageError, PageResult, SiteAddress, see_other};

/// What a deed needs: who does it, where, and when.
pub struct Work {
    /// Who is signed in.
    pub desk: Desk,
    /// The database.
    pub db: Data<Database>,
    /// The public address, for Message-IDs and links.
    pub site: Data<SiteAddress>,
    wake: Data<Wake>,
    now: Timestamp,
}

impl FromRequest for Work {
    type Error = PageError;
    type Future = Ready<Result<Self, PageError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let found = |desk| {
            Some(Self {
                desk,
                db: request.app_data::<Data<Database>>()?.clone(),
                site: request.app_data::<Data<SiteAddress>>()?.clone(),
                wake: request.app_data::<Data<Wake>>()?.clone(),
                now: request.app_data::<Data<Clock>>()?.now(),
            })
        };
        let missing = || PageError::Internal(anyhow::anyhow!("the inbox was not set up"));
        ready(Desk::from_request(request, payload).into_inner().and_then(|desk| found(desk).ok_or_else(missing)))
    }
}

/// What the page showed when a form on it was filled in. A form that says nothing is compared with nothing.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Seen {
    version: String,
    last_event: String,
    /// Which inquiry the form is about, beyond doubt.
    inquiry: String,
}

impl Seen {
    fn is_behind(&self, inquiry: &Inquiry) -> bool {
        self.version.parse::<i64>().is_ok_and(|seen| seen != inquiry.version)
    }

    /// The same for a form that stands in nobody's way, whatever was done meanwhile.
    pub fn inquiry_only(&self) -> Self {
        Self { inquiry: self.inquiry.clone(), ..Self::default() }
    }

    /// The last thing in the history that was shown.
    fn last_event(&self) -> i64 {
        self.last_event.parse().unwrap_or(0)
    }
}

/// An inquiry in a write that nobody else can get in between.
pub struct Open {
    /// As it is now.
    pub inquiry: Inquiry,
    /// What commits the deed.
    pub tx: Write,
}

/// Why nothing was done.
pub enum Refused {
    /// Somebody did something else since; the last thing in the history that was shown.
    Changed(i64),
    /// It is not to be worked on.
    Shut(&'static str),
    /// The inquiry that the form is about is not there; the one that stands at its address, where there is one.
    Gone(Option<Box<Inquiry>>),
}

/// Why an inquiry is not to be worked on, where it is so.
pub fn shut(inquiry: &Inquiry) -> Option<&'static str> {
    if inquiry.binned_at.is_some() {
        return Some("It is in the bin: take it out of there first.");
    }
    if inquiry.merged_into.is_some() {
        return Some("It is answered in another inquiry: open that one, or separate the two first.");
    }
    match inquiry.state {
        State::Quarantined => Some("It is set aside: release it first, so that its letters go out."),
        State::Withdrawn => Some("The visitor took it back: nothing more is done with it."),
        State::New | State::Reading | State::Answered | State::Closed => None,
    }
}

/// The inquiry at the address of a form, where it is the one that the form is about.
fn meant(found: Option<Inquiry>, seen: &Seen) -> Result<Inquiry, Refused> {
    match found {
        Some(inquiry) if inquiry.is_meant_by(&seen.inquiry) => Ok(inquiry),
        other => Err(Refused::Gone(other.map(Box::new))),
    }
}

impl Work {
    /// The present instant.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// The name of whoever does it.
    pub fn by(&self) -> &str {
        &self.desk.member.name
    }

    /// The inquiry that a form is about.
    pub async fn find(&self, id: i64, seen: &Seen) -> Result<Result<Inquiry, Refused>, PageError> {
        Ok(meant(inquiries::find(self.db.read(), id).await?, seen))
    }

    /// Opens an inquiry for a deed, whatever state it is in.
    pub async fn open(&self, id: i64, seen: &Seen) -> Result<Result<Open, Refused>, PageError> {
        let mut tx = self.db.begin_write().await?;
        let inquiry = match meant(inquiries::find(&mut *tx, id).await?, seen) {
            Ok(inquiry) => inquiry,
            Err(refused) => {
                tx.rollback().await?;
                return Ok(Err(refused));
            }
        };
        if seen.is_behind(&inquiry) {
            tx.rollback().await?;
            return Ok(Err(Refused::Changed(seen.last_event())));
        }
        Ok(Ok(Open { inquiry, tx }))
    }

    /// Opens an inquiry that staff work on.
    pub async fn open_for_work(&self, id: i64, seen: &Seen) -> Result<Result<Open, Refused>, PageError> {
        let open = self.open(id, seen).await?;
        let Ok(Open { inquiry, tx }) = open else { return Ok(open) };
        if let Some(why) = shut(&inquiry) {
            tx.rollback().await?;
            return Ok(Err(Refused::Shut(why)));
        }
        Ok(Ok(Open { inquiry, tx }))
    }

    /// The page as it is now, with what was typed still in its boxes, and why nothing was done.
    pub async fn refuse(self, id: i64, refused: Refused, typed: Typed) -> PageResult {
        let (status, typed) = match refused {
            Refused::Changed(since) => (StatusCode::CONFLICT, Typed { changed_since: Some(since), ..typed }),
            Refused::Shut(why) => (StatusCode::UNPROCESSABLE_ENTITY, Typed { problem: why.into(), ..typed }),
            Refused::Gone(other) => {
                let texts = [typed.subject.unwrap_or_default(), typed.text, typed.note];
                return gone::page(self.desk, other.as_deref(), texts.into());
            }
        };
        self.page(status, id, typed).await
    }

    /// The page of an inquiry.
    pub async fn page(self, status: StatusCode, id: i64, typed: Typed) -> PageResult {
        show::page(status, self.desk, id, typed, &self.db, self.now).await
    }

    /// Writes a deed into the audit log, leaves a sentence for the next page, and commits all of it.
    pub async fn done(&self, open: Open, deed: &str, sentence: &str, then: &str) -> PageResult {
        let Open { inquiry, mut tx } = open;
        staff::audit(&mut tx, self.now, self.by(), deed, &inquiry.reference).await?;
        self.desk.say(&mut tx, sentence).await?;
        tx.commit().await?;
        self.wake_sender();
        Ok(see_other(then))
    }

    /// Rouses the sender once letters were queued and committed.
    pub fn wake_sender(&self) {
        self.wake.sender();
    }

    /// Writes down what happened to an inquiry.
    pub async fn note(&self, tx: &mut SqliteConnection, id: i64, kind: &'static str, text: &str) -> sqlx::Result<()> {
        inquiries::note(tx, id, kind, self.by(), text, self.now).await
    }

    /// Moves an inquiry to another state, and with it those that are answered in it.
    pub async fn set_state(&self, tx: &mut SqliteConnection, inquiry: &Inquiry, state: State) -> sqlx::Result<bool> {
        let is_new = inquiries::set_state(&mut *tx, inquiry.id, state, self.now).await?;
        if is_new {
            self.note(&mut *tx, inquiry.id, "state", state.as_str()).await?;
            let below = inquiries::below(&mut *tx, inquiry.id).await?;
            for other in store::numbered(&mut *tx, &below).await? {
                // One that the visitor took back meanwhile stays so.
                let follows = State::BY_STAFF.contains(&other.state) && other.binned_at.is_none();
                if follows && inquiries::set_state(&mut *tx, other.id, state, self.now).await? {
                    self.note(&mut *tx, other.id, "state", state.as_str()).await?;
                }
            }
        }
        Ok(is_new)
    }

    /// Gives an inquiry to a member of staff, or to nobody; `owner` is their number and name.
    pub async fn set_owner(
        &self,
        tx: &mut SqliteConnection,
        inquiry: &Inquiry,
        owner: Option<(i64, &str)>,
    ) -> sqlx::Result<bool> {
        if inquiry.owner_id == owner.map(|(id, _)| id) {
            return Ok(false);
        }
        store::set_owner(&mut *tx, inquiry.id, owner.map(|(id, _)| id)).await?;
        self.note(&mut *tx, inquiry.id, "owner", owner.map_or("", |(_, name)| name)).await?;
        // Whoever takes an inquiry begins to read it; one that is given back waits again.
        match (inquiry.state, owner) {
            (State::New, Some(_)) => self.set_state(tx, inquiry, State::Reading).await?,
            (State::Reading, None) => self.set_state(tx, inquiry, State::New).await?,
            _ => false,
        };
        Ok(true)
    }

    /// Takes an inquiry that nobody looks after.
    pub async fn take(&self, tx: &mut SqliteConnection, inquiry: &Inquiry) -> sqlx::Result<()> {
        if inquiry.owner_id.is_none() {
            store::set_owner(&mut *tx, inquiry.id, Some(self.desk.member.id)).await?;
            self.note(tx, inquiry.id, "owner", self.by()).await?;
        }
        Ok(())
    }
}
