//! Admin list of draws, with warnings and with published names that have no category yet.

use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;
use serde::Deserialize;

use crate::draws::admin::warnings::WarningLine;
use crate::draws::category::{CategoryName, category_name, category_names};
use crate::draws::import::field_change::FieldChange;
use crate::draws::validation::{Neighbours, validate};
use crate::draws::{Correction, CorrectionOrigin, Draw, RecordAge, store};
use crate::http::{PageError, PageResult, html, see_other};
use crate::services::Services;
use crate::staff::{self, AuditChanges, StaffContext};
use crate::web::{Form, Pagination, Query, office_date, one_line, plural, plural_len};

#[derive(Template)]
#[template(path = "draws/admin_list.html")]
struct ListPage {
    ctx: StaffContext,
    draws: Vec<Draw>,
    paging: Pagination,
    warnings: Vec<WarningLine>,
    unmapped: Vec<(String, String)>,
    record_age: Option<RecordAge>,
    names: Vec<CategoryName>,
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
    let today = office_date(services.clock.now());
    let record_age = all.first().map(|latest| RecordAge::new(latest.date, today));
    let acknowledged = store::acknowledged_warnings(services.db.read()).await?;
    let mut warnings = vec![];
    for (index, draw) in all.iter().enumerate() {
        let after = index.checked_sub(1).and_then(|after| all.get(after));
        let found = validate(draw, Neighbours { previous: all.get(index + 1), next: after }, today);
        warnings.extend(found.into_iter().map(|warning| WarningLine::new(draw, warning, &acknowledged)));
    }
    let unmapped = store::unmapped_names(services.db.read()).await?;
    let unmapped = unmapped.into_iter().map(|(name, count)| (name, plural(count, "draw", "draws"))).collect();
    let names = category_names(services.db.read()).await?;
    let skipped = usize::try_from(paging.offset()).unwrap_or(0);
    let draws = all.into_iter().skip(skipped).take(50).collect();
    html(StatusCode::OK, &ListPage { ctx, draws, paging, warnings, unmapped, record_age, names })
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct NameForm {
    #[serde(deserialize_with = "one_line")]
    name: String,
    category: String,
}

/// `POST /admin/draws/names`: assigns a category to a published name, for existing draws and future imports.
pub async fn map_name(ctx: StaffContext, form: Form<NameForm>, services: Data<Services>) -> PageResult {
    let NameForm { name, category } = form.0;
    let names = category_names(services.db.read()).await?;
    let (now, by) = (services.clock.now(), &ctx.member.name);
    let mut tx = services.db.begin_write().await?;
    let Some(known) = names.iter().find(|known| known.key == category) else {
        ctx.set_flash(&mut tx, &format!("Choose a category for “{name}”. Nothing was changed.")).await?;
        tx.commit().await?;
        return Ok(see_other("/admin/draws"));
    };
    let rounds = store::map_name(&mut tx, &name, &category).await?;
    if rounds.is_empty() {
        return Err(PageError::NotFound);
    }
    let change = FieldChange { field: "category_key", before: String::new(), after: category };
    let corrections: Vec<Correction> =
        rounds.iter().map(|round| change.to_correction(round, now, by, CorrectionOrigin::Hand, "")).collect();
    store::insert_corrections(&mut tx, &corrections).await?;
    let draws = plural_len(rounds.len(), "draw", "draws");
    let subject = format!("“{name}” assigned to {} ({draws})", known.name);
    let changes = AuditChanges::default().field("category", "", &known.name);
    staff::audit_change(&mut tx, now, by, "assigned a category", &subject, &changes).await?;
    ctx.set_flash(&mut tx, &format!("{subject}. Future imports will use this category.")).await?;
    tx.commit().await?;
    Ok(see_other("/admin/draws"))
}
