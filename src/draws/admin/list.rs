//! The rounds in the admin area: the newest, what the checks doubt, names that nobody has filed yet.

use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;
use serde::Deserialize;

use crate::draws::category::{CategoryName, category_name, category_names};
use crate::draws::validation::{Neighbours, Warning, validate};
use crate::draws::{Correction, CorrectionOrigin, Draw, RecordAge, store};
use crate::http::{PageError, PageResult, html, see_other};
use crate::services::Services;
use crate::staff::{self, StaffContext};
use crate::web::{Form, Pagination, Query, office_time_zone, one_line, plural};

#[derive(Template)]
#[template(path = "draws/admin_list.html")]
struct ListPage {
    ctx: StaffContext,
    draws: Vec<Draw>,
    paging: Pagination,
    warnings: Vec<DrawWarning>,
    unmapped: Vec<(String, String)>,
    record_age: Option<RecordAge>,
    names: Vec<CategoryName>,
}

/// A round that the checks doubt.
struct DrawWarning {
    round: String,
    warning: Warning,
    /// Why it was let stand, where somebody did.
    acknowledged_reason: Option<String>,
}

impl ListPage {
    fn category_of(&self, draw: &Draw) -> &str {
        category_name(&self.names, draw.category.as_deref())
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct ListQuery {
    page: String,
}

/// `GET /admin/draws?page=`
pub async fn list(ctx: StaffContext, query: Query<ListQuery>, services: Data<Services>) -> PageResult {
    let all = store::all(services.db.read()).await?;
    let total = i64::try_from(all.len()).unwrap_or(i64::MAX);
    let paging = Pagination::new(&query.0.page, total, 50, "/admin/draws".into())?;
    let today = services.clock.now().to_zoned(office_time_zone()).date();
    let record_age = all.first().map(|latest| RecordAge::new(latest.date, today));
    let acknowledged = store::acknowledged_warnings(services.db.read()).await?;
    let mut warnings = vec![];
    for (place, draw) in all.iter().enumerate() {
        let after = place.checked_sub(1).and_then(|after| all.get(after));
        for warning in validate(draw, Neighbours { previous: all.get(place + 1), next: after }, today) {
            let round = draw.round.to_string();
            let reason = acknowledged.iter().find(|(of, key, _)| *of == round && *key == warning.key());
            warnings.push(DrawWarning {
                acknowledged_reason: reason.map(|(.., reason)| reason.clone()),
                round,
                warning,
            });
        }
    }
    let unmapped = store::unmapped_names(services.db.read()).await?;
    let unmapped = unmapped.into_iter().map(|(name, count)| (name, plural(count, "round", "rounds"))).collect();
    let names = category_names(services.db.read()).await?;
    let skipped = usize::try_from(paging.offset()).unwrap_or(0);
    let draws = all.into_iter().skip(skipped).take(50).collect();
    html(StatusCode::OK, &ListPage { ctx, draws, paging, warnings, unmapped, record_age, names })
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
pub async fn map_name(ctx: StaffContext, form: Form<NameForm>, services: Data<Services>) -> PageResult {
    let NameForm { name, category } = form.0;
    let names = category_names(services.db.read()).await?;
    let (now, by) = (services.clock.now(), &ctx.member.name);
    let mut tx = services.db.begin_write().await?;
    let Some(known) = names.iter().find(|known| known.key == category) else {
        ctx.set_flash(&mut tx, &format!("Choose the category that “{name}” stands for. Nothing was changed.")).await?;
        tx.commit().await?;
        return Ok(see_other("/admin/draws"));
    };
    let rounds = store::map_name(&mut tx, &name, &category).await?;
    if rounds.is_empty() {
        return Err(PageError::NotFound);
    }
    let corrections: Vec<Correction> = rounds
        .iter()
        .map(|round| Correction {
            round: round.clone(),
            field: "category_key".into(),
            before: String::new(),
            after: category.clone(),
            corrected_at: now,
            corrected_by: by.clone(),
            origin: CorrectionOrigin::Hand,
            source: String::new(),
        })
        .collect();
    store::insert_corrections(&mut tx, &corrections).await?;
    let rounds = plural(i64::try_from(rounds.len()).unwrap_or(i64::MAX), "round", "rounds");
    let subject = format!("“{name}” stands for {} ({rounds})", known.name);
    staff::audit(&mut tx, now, by, "filed a published name", &subject).await?;
    ctx.set_flash(&mut tx, &format!("{subject}. The next import knows it.")).await?;
    tx.commit().await?;
    Ok(see_other("/admin/draws"))
}
