//! The desk's front page: what needs attention now.

use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;

use crate::backups::Nightly;
use crate::clock::Clock;
use crate::db::Database;
use crate::draws::{self, UpTo};
use crate::inquiries::{self, Inquiry, State};
use crate::mail::Transport;
use crate::occupations::{self, CategoryList};
use crate::posts::{self, Headline};
use crate::site::{self, Offer};
use crate::staff::Desk;
use crate::web::{PageResult, firm_zone, html, plural};

#[derive(Template)]
#[template(path = "desk/show.html")]
struct DeskPage {
    desk: Desk,
    unanswered: String,
    waiting: Vec<(String, Inquiry)>,
    /// Where no inquiry has come for unusually long.
    silence: Option<String>,
    /// Where the newest safety copy is too old.
    copies: Option<String>,
    /// Inquiries that look like spam and wait for somebody to say so.
    set_aside: Option<String>,
    drafts: Vec<Headline>,
    /// Posts that readers see and the record contradicts.
    contradicted: Vec<Headline>,
    /// Published names of rounds that stand for no category yet.
    unmapped: i64,
    /// How far the record of draws goes.
    up_to: Option<UpTo>,
    /// Category lists in force that nobody held against their source for long.
    unchecked: Vec<CategoryList>,
    missing: Vec<&'static str>,
    is_licensed: bool,
    /// Public texts that offer advice or representation without a licence.
    offers: Vec<Offer>,
    writes_files: bool,
}

/// `GET /admin`
pub async fn show(
    desk: Desk,
    db: Data<Database>,
    clock: Data<Clock>,
    transport: Data<Transport>,
    nightly: Data<Nightly>,
) -> PageResult {
    let now = clock.now();
    let unanswered =
        plural(inquiries::count_in_state(db.read(), Some(State::New)).await?, "new inquiry", "new inquiries");
    let waiting = inquiries::longest_unanswered(db.read(), 5).await?;
    let waiting = waiting.into_iter().map(|inquiry| (inquiry.age(now), inquiry)).collect();
    let silence = inquiries::silence_warning(&db, now).await?;
    let copies = nightly.warning(now);
    let set_aside = inquiries::count_in_state(db.read(), Some(State::Quarantined)).await?;
    let set_aside = (set_aside > 0).then(|| plural(set_aside, "inquiry", "inquiries"));
    let drafts = posts::drafts(db.read()).await?;
    let contradicted = posts::contradicted(db.read(), now).await?;
    let unmapped = draws::count_unmapped(db.read()).await?;
    let up_to = draws::up_to(db.read(), now).await?;
    let unchecked = occupations::lists_to_check(db.read(), now.to_zoned(firm_zone()).date()).await?;
    let firm = desk.layout.firm.clone();
    let missing = [
        ("the licence holder’s name", firm.licence_name.is_none()),
        ("the licence number", firm.licence_number.is_none()),
        ("the e-mail address", firm.email.is_none()),
        ("the postal address", firm.address.is_none()),
        ("the staff inbox", firm.staff_inbox.is_empty()),
    ];
    let missing = missing.into_iter().filter(|(_, missing)| *missing).map(|(what, _)| what).collect();
    let is_licensed = firm.licence().is_some();
    let offers = site::offers(db.read(), &firm).await?;
    let writes_files = transport.writes_files();
    let page = DeskPage {
        desk,
        unanswered,
        waiting,
        silence,
        copies,
        set_aside,
        drafts,
        contradicted,
        unmapped,
        up_to,
        unchecked,
        missing,
        is_licensed,
        offers,
        writes_files,
    };
    html(StatusCode::OK, &page)
}
