//! Several inquiries at once: given to somebody, closed, or released. Those that somebody changed meanwhile are left alone.

use std::collections::BTreeMap;

use sqlx::SqliteConnection;

use crate::inquiries::inbox::change::{list_or_inbox, may_be_released, owner_named, release_one};
use crate::inquiries::inbox::work::{Open, Work, shut};
use crate::inquiries::{Inquiry, State, store as inquiries};
use crate::staff;
use crate::web::{Form, PageError, PageResult, plural, see_other};

/// No list shows more at once.
const MOST: usize = 200;

enum Deed {
    Assign(Option<(i64, String)>),
    Close,
    Release,
}

impl Deed {
    fn words(&self) -> String {
        match self {
            Self::Assign(None) => "given back".into(),
            Self::Assign(Some((_, name))) => format!("given to {name}"),
            Self::Close => "closed".into(),
            Self::Release => "released".into(),
        }
    }

    fn may(&self, inquiry: &Inquiry) -> bool {
        match self {
            Self::Assign(_) | Self::Close => shut(inquiry).is_none(),
            Self::Release => may_be_released(inquiry),
        }
    }
}

/// An inquiry that was picked in the list.
struct Picked<'a> {
    id: i64,
    /// The version that was seen; `None` is compared with nothing.
    version: Option<i64>,
    /// Which inquiry it is, beyond doubt; may be empty.
    identity: &'a str,
}

impl<'a> Picked<'a> {
    /// Reads a field such as `inquiry-12`, which holds the version and the identity.
    fn read((name, seen): (&String, &'a String)) -> Option<Self> {
        let id = name.strip_prefix("inquiry-")?.parse().ok()?;
        let (version, identity) = seen.split_once(' ').unwrap_or((seen, ""));
        Some(Self { id, version: version.parse().ok(), identity })
    }
}

/// `POST /admin/inquiries/batch`: a field `inquiry-12` for each that is meant, holding the version that was seen and the
/// identity of the inquiry; `deed` is `assign` (to `owner`), `close` or `release`.
pub async fn change(work: Work, form: Form<BTreeMap<String, String>>) -> PageResult {
    let field = |name: &str| form.0.get(name).map_or("", String::as_str);
    let back = list_or_inbox(field("back"));
    let deed = match field("deed") {
        "assign" => Deed::Assign(owner_named(&work, field("owner")).await?),
        "close" => Deed::Close,
        "release" => Deed::Release,
        _ => return Err(PageError::BadRequest("Choose what is to be done: assign, close or release.")),
    };
    let picked: Vec<Picked> = form.0.iter().filter_map(Picked::read).take(MOST).collect();
    let mut tx = work.db.begin_write().await?;
    let (mut done, mut left, mut gone) = (vec![], vec![], 0);
    for picked in &picked {
        let found = inquiries::find(&mut *tx, picked.id).await?;
        let Some(inquiry) = found.filter(|inquiry| inquiry.is_meant_by(picked.identity)) else {
            gone += i64::from(!picked.identity.is_empty());
            continue;
        };
        let reference = inquiry.reference.clone();
        if picked.version.is_some_and(|seen| seen != inquiry.version) || !deed.may(&inquiry) {
            left.push(reference);
            continue;
        }
        let mut open = Open { inquiry, tx };
        do_one(&work, &deed, &mut open).await?;
        tx = open.tx;
        done.push(reference);
    }
    let counted = |all: &[String]| plural(i64::try_from(all.len()).unwrap_or(0), "inquiry", "inquiries");
    let mut sentence = match (picked.is_empty(), done.is_empty()) {
        (true, _) => "Pick some inquiries first. Nothing was changed.".to_owned(),
        (_, true) => "Nothing was changed.".to_owned(),
        _ => format!("{} {}.", counted(&done), deed.words()),
    };
    if !left.is_empty() {
        let were = if left.len() == 1 { "was" } else { "were" };
        sentence += &format!(
            " {} {were} changed meanwhile, or cannot be, and left alone: {}.",
            counted(&left),
            left.join(", ")
        );
    }
    if gone > 0 {
        let are = if gone == 1 { "is" } else { "are" };
        sentence += &format!(" {} {are} no longer there.", plural(gone, "inquiry", "inquiries"));
    }
    if !done.is_empty() {
        note(&work, &mut tx, &deed, &done).await?;
    }
    work.desk.say(&mut tx, &sentence).await?;
    tx.commit().await?;
    work.wake_sender();
    Ok(see_other(&back))
}

async fn note(work: &Work, tx: &mut SqliteConnection, deed: &Deed, done: &[String]) -> sqlx::Result<()> {
    let action = format!("several inquiries {}", deed.words());
    staff::audit(tx, work.now(), work.by(), &action, &done.join(", ")).await
}

async fn do_one(work: &Work, deed: &Deed, open: &mut Open) -> Result<(), PageError> {
    match deed {
        Deed::Assign(owner) => {
            let owner = owner.as_ref().map(|(id, name)| (*id, name.as_str()));
            work.set_owner(&mut open.tx, &open.inquiry, owner).await?;
        }
        Deed::Close => {
            work.set_state(&mut open.tx, &open.inquiry, State::Closed).await?;
        }
        Deed::Release => release_one(work, open).await?,
    }
    Ok(())
}
