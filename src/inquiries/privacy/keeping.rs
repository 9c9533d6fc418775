//! The desk's say in what is kept: the bin, the way out of it, and the hold on what belongs to a client.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use askama::Template;
use serde::Deserialize;

use crate::clock::Clock;
use crate::db::Database;
use crate::inquiries::inquiry::identity;
use crate::inquiries::privacy::retention::deleted_at;
use crate::inquiries::privacy::store::{self, Why};
use crate::inquiries::store::{consent_text, find, note};
use crate::inquiries::{Inquiry, State, gone};
use crate::staff::{self, Desk};
use crate::web::{self, Day, Form, Instant, PageError, PageResult, Paging, Query, html, see_other};

/// What the page of an inquiry says about how long it is kept, and what was agreed to.
pub struct Keeping {
    /// Number of the inquiry.
    pub id: i64,
    /// What names the inquiry beyond doubt.
    pub identity: String,
    /// Whether it is a client's, which the clock leaves alone.
    pub held: bool,
    /// The last day on which it is kept, if nobody deals with it before.
    pub kept_until: Day,
    /// How it stands in the bin.
    pub in_bin: Option<InBin>,
    /// When they agreed, and to what where that is known.
    pub consent: Option<(Instant, Option<String>)>,
}

/// How an inquiry stands in the bin.
pub struct InBin {
    /// Since when.
    pub since: Instant,
    /// Why.
    pub why: &'static str,
    /// When it is deleted.
    pub deleted: Instant,
    /// Whether the visitor took it back.
    pub taken_back: bool,
}

impl Keeping {
    /// What there is to say about `inquiry`.
    pub async fn of(inquiry: &Inquiry, keeps: &web::Keeping, db: &Database) -> sqlx::Result<Self> {
        let standing = store::standing(db.read(), inquiry.id).await?.ok_or(sqlx::Error::RowNotFound)?;
        let in_bin = inquiry.binned_at.zip(standing.binned_for).map(|(at, why)| InBin {
            since: Instant::in_office(at.to_jiff()),
            why: why.words(),
            deleted: Instant::in_office(deleted_at(at.to_jiff())),
            taken_back: why == Why::Withdrawn,
        });
        let consent = match (inquiry.consented(), &inquiry.consent_version) {
            (Some(when), Some(version)) => Some((when, consent_text(db.read(), version).await?)),
            (when, _) => when.map(|when| (when, None)),
        };
        Ok(Self {
            id: inquiry.id,
            identity: inquiry.identity(),
            held: inquiry.held,
            kept_until: standing.term(keeps).last_day(standing.since).into(),
            in_bin,
            consent,
        })
    }
}

#[derive(Template)]
#[template(path = "inquiries/admin_bin.html")]
struct BinPage {
    desk: Desk,
    binned: Vec<Line>,
    paging: Paging,
}

struct Line {
    id: i64,
    identity: String,
    reference: String,
    name: String,
    since: Instant,
    why: &'static str,
    deleted: Instant,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct BinQuery {
    page: String,
}

/// `GET /admin/inquiries/bin?page=`
pub async fn bin(desk: Desk, query: Query<BinQuery>, db: Data<Database>) -> PageResult {
    let total = store::count_binned(db.read()).await?;
    let paging = Paging::new(&query.0.page, total, 50, "/admin/inquiries/bin".into())?;
    let binned = store::binned(db.read(), paging.per_page, paging.offset()).await?;
    let binned = binned.into_iter().map(|one| Line {
        identity: identity(&one.reference, &one.receipt_token),
        since: Instant::in_office(one.binned_at),
        deleted: Instant::in_office(deleted_at(one.binned_at)),
        why: one.why.words(),
        id: one.id,
        reference: one.reference,
        name: one.name,
    });
    let binned = binned.collect();
    html(StatusCode::OK, &BinPage { desk, binned, paging })
}

/// What a form says about the inquiry that it is about.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct IdentityForm {
    inquiry: String,
}

/// `POST /admin/inquiries/{id}/bin`
pub async fn put_in_bin(
    desk: Desk,
    id: Path<i64>,
    form: Form<IdentityForm>,
    db: Data<Database>,
    clock: Data<Clock>,
) -> PageResult {
    let now = clock.now();
    let mut tx = db.begin_write().await?;
    let found = find(&mut *tx, *id).await?;
    let Some(inquiry) = found.as_ref().filter(|inquiry| inquiry.is_meant_by(&form.0.inquiry)) else {
        tx.rollback().await?;
        return gone::page(desk, found.as_ref(), vec![]);
    };
    let reference = &inquiry.reference;
    let sentence = if store::bin(&mut tx, inquiry.id, Why::Staff, now).await? {
        note(&mut tx, inquiry.id, "binned", &desk.member.name, Why::Staff.as_str(), now).await?;
        staff::audit(&mut tx, now, &desk.member.name, "put an inquiry in the bin", reference).await?;
        format!(
            "{reference} is in the bin. In seven days it is deleted with its letters; until then it can be restored."
        )
    } else if inquiry.held {
        format!("{reference} is on hold as a client’s. Lift the hold first.")
    } else {
        format!("{reference} is in the bin already.")
    };
    desk.say(&mut tx, &sentence).await?;
    tx.commit().await?;
    Ok(see_other(&format!("/admin/inquiries/{}", inquiry.id)))
}

/// `POST /admin/inquiries/{id}/restoration`
pub async fn restore(
    desk: Desk,
    id: Path<i64>,
    form: Form<IdentityForm>,
    db: Data<Database>,
    clock: Data<Clock>,
) -> PageResult {
    let now = clock.now();
    let mut tx = db.begin_write().await?;
    let found = find(&mut *tx, *id).await?;
    let Some(inquiry) = found.as_ref().filter(|inquiry| inquiry.is_meant_by(&form.0.inquiry)) else {
        tx.rollback().await?;
        return gone::page(desk, found.as_ref(), vec![]);
    };
    let sentence = if store::restore(&mut tx, inquiry.id, now).await? {
        note(&mut tx, inquiry.id, "restored", &desk.member.name, "", now).await?;
        staff::audit(&mut tx, now, &desk.member.name, "took an inquiry out of the bin", &inquiry.reference).await?;
        format!("{} is out of the bin. Its time begins anew today.", inquiry.reference)
    } else {
        format!("{} is not in the bin.", inquiry.reference)
    };
    desk.say(&mut tx, &sentence).await?;
    tx.commit().await?;
    Ok(see_other(&format!("/admin/inquiries/{}", inquiry.id)))
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct HoldForm {
    hold: String,
    #[serde(flatten)]
    identity: IdentityForm,
}

/// `POST /admin/inquiries/{id}/hold`: `hold` is `on` or `off`.
pub async fn hold(
    desk: Desk,
    id: Path<i64>,
    form: Form<HoldForm>,
    db: Data<Database>,
    clock: Data<Clock>,
) -> PageResult {
    let held = match form.0.hold.as_str() {
        "on" => true,
        "off" => false,
        _ => return Err(PageError::BadRequest("Choose whether the inquiry is a client’s.")),
    };
    let now = clock.now();
    let mut tx = db.begin_write().await?;
    let found = find(&mut *tx, *id).await?;
    let Some(inquiry) = found.as_ref().filter(|inquiry| inquiry.is_meant_by(&form.0.identity.inquiry)) else {
        tx.rollback().await?;
        return gone::page(desk, found.as_ref(), vec![]);
    };
    let reference = &inquiry.reference;
    let changed = store::hold(&mut tx, inquiry.id, held).await?;
    if changed {
        note(&mut tx, inquiry.id, "held", &desk.member.name, if held { "on" } else { "off" }, now).await?;
        let deed = if held { "put an inquiry on hold" } else { "lifted the hold on an inquiry" };
        staff::audit(&mut tx, now, &desk.member.name, deed, reference).await?;
    }
    // What must be kept cannot lie where it is deleted. That the visitor took it back stays so.
    let was_binned = held && store::take_out(&mut tx, inquiry.id).await?;
    if was_binned {
        note(&mut tx, inquiry.id, "restored", &desk.member.name, "", now).await?;
    }
    // What was taken back while it was held goes where it would have gone then.
    let goes_to_bin = changed
        && !held
        && inquiry.state == State::Withdrawn
        && store::bin(&mut tx, inquiry.id, Why::Withdrawn, now).await?;
    if goes_to_bin {
        note(&mut tx, inquiry.id, "binned", &desk.member.name, Why::Withdrawn.as_str(), now).await?;
    }
    let sentence = match (held, was_binned) {
        (true, false) => format!("{reference} is on hold: it is kept until the hold is lifted."),
        (true, true) => format!("{reference} is on hold and out of the bin: it is kept until the hold is lifted."),
        (false, _) if goes_to_bin => format!(
            "The hold on {reference} is lifted. The visitor took it back, so it is in the bin and deleted in seven days."
        ),
        (false, _) if changed => format!("The hold on {reference} is lifted. Its time begins anew today."),
        (false, _) => format!("{reference} is not on hold."),
    };
    desk.say(&mut tx, &sentence).await?;
    tx.commit().await?;
    Ok(see_other(&format!("/admin/inquiries/{}", inquiry.id)))
}
