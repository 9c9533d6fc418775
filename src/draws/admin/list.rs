//! The rounds on the desk: the newest, what the checks doubt, names that nobody has filed yet.

use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;
use serde::Deserialize;

use crate::clock::Clock;
use crate::db::Database;
use crate::draws::category::{CategoryName, category_names, name_of};
use crate::draws::check::{Around, Doubt, doubts};
use crate::draws::{Correction, Draw, Origin, UpTo, store};
use crate::staff::{self, Desk};
use crate::web::{Form, PageError, PageResult, Paging, Query, firm_zone, html, one_line, plural, see_other};

#[derive(Template)]
#[template(path = "draws/admin_list.html")]
struct ListPage {
    desk: Desk,
    draws: Vec<Draw>,
    paging: Paging,
    doubted: Vec<Doubted>,
    unmapped: Vec<(String, String)>,
    up_to: Option<UpTo>,
    names: Vec<CategoryName>,
}

/// A round that the checks doubt.
struct Doubted {
    round: String,
    doubt: Doubt,
    /// Why it was let stand, where somebody did.
    confirmed: Option<String>,
}

impl ListPage {
    fn category_of(&self, draw: &Draw) -> &str {
        name_of(&self.names, draw.category.as_deref())
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct ListQuery {
    page: String,
}

/// `GET /admin/draws?page=`
pub async fn list(desk: Desk, query: Query<ListQuery>, db: Data<Database>, clock: Data<Clock>) -> PageResult {
    let all = store::all(db.read()).await?;
    let total = i64::try_from(all.len()).unwrap_or(i64::MAX);
    let paging = Paging::new(&query.0.page, total, 50, "/admin/draws".into())?;
    let today = clock.now().to_zoned(firm_zone()).date();
    let up_to = all.first().map(|latest| UpTo::new(latest.date, today));
    let confirmed = store::confirmations(db.read()).await?;
    let mut doubted = vec![];
    for (place, draw) in all.iter().enumerate() {
        let after = place.checked_sub(1).and_then(|after| all.get(after));
        for doubt in doubts(draw, Around { before: all.get(place + 1), after }, today) {
            let round = draw.round.to_string();
            let reason = confirmed.iter().find(|(of, key, _)| *of == round && *key == doubt.key());
            doubted.push(Doubted { confirmed: reason.map(|(.., reason)| reason.clone()), round, doubt });
        }
    }
    let unmapped = store::unmapped_names(db.read()).await?;
    let unmapped = unmapped.into_iter().map(|(name, count)| (name, plural(count, "round", "rounds"))).collect();
    let names = category_names(db.read()).await?;
    let skipped = usize::try_from(paging.offset()).unwrap_or(0);
    let draws = all.into_iter().skip(skipped).take(50).collect();
    html(StatusCode::OK, &ListPage { desk, draws, paging, doubted, unmapped, up_to, names })
}

/// A published name and the category it stands for.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct NameForm {
    #[serde(deserialize_with = "one_line")]
    name: String,
    category: String,
}

/// `POST /admin/draws/names`: from now on, and for the rounds that bear it already.
pub async fn map_name(desk: Desk, form: Form<NameForm>, db: Data<Database>, clock: Data<Clock>) -> PageResult {
    let NameForm { name, category } = form.0;
    let names = category_names(db.read()).await?;
    let (now, by) = (clock.now(), &desk.member.name);
    let mut tx = db.begin_write().await?;
    let Some(known) = names.iter().find(|known| known.key == category) else {
        desk.say(&mut tx, &format!("Choose the category that “{name}” stands for. Nothing was changed.")).await?;
        tx.commit().await?;
        return Ok(see_other("/admin/draws"));
    };
    let rounds = store::map_name(&mut tx, &name, &category).await?;
    if rounds.is_empty() {
        return Err(PageError::NotFound);
    }
    let kept: Vec<Correction> = rounds
        .iter()
        .map(|round| Correction {
            round: round.clone(),
            field: "category_key".into(),
            before: String::new(),
            after: category.clone(),
            corrected_at: now,
            corrected_by: by.clone(),
            origin: Origin::Hand,
            source: String::new(),
        })
        .collect();
    store::keep_corrections(&mut tx, &kept).await?;
    let rounds = plural(i64::try_from(rounds.len()).unwrap_or(i64::MAX), "round", "rounds");
    let subject = format!("“{name}” stands for {} ({rounds})", known.name);
    staff::audit(&mut tx, now, by, "filed a published name", &subject).await?;
    desk.say(&mut tx, &format!("{subject}. The next import knows it.")).await?;
    tx.commit().await?;
    Ok(see_other("/admin/draws"))
}
