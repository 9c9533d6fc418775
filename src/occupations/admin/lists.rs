//! The category lists in the admin area: in force, to come and ended.

use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;
use jiff::civil::Date;

use crate::http::{PageResult, html};
use crate::occupations::admin::store;
use crate::occupations::admin::synonyms::synonym_counts;
use crate::occupations::categories::{CountedList, all_lists};
use crate::occupations::{CategoryList, ListStatus};
use crate::services::Services;
use crate::staff::StaffContext;
use crate::web::{office_time_zone, plural};

#[derive(Template)]
#[template(path = "occupations/admin_lists.html")]
struct ListsPage {
    ctx: StaffContext,
    groups: Vec<StatusGroup>,
    synonym_count: String,
}

/// The lists that stand alike.
struct StatusGroup {
    id: &'static str,
    heading: &'static str,
    lines: Vec<ListRow>,
}

struct ListRow {
    list: CategoryList,
    occupations: i64,
    /// How long ago it was checked.
    age: String,
    /// Whether it is in force and wants a check.
    overdue: bool,
}

/// `GET /admin/occupations`
pub async fn list(ctx: StaffContext, services: Data<Services>) -> PageResult {
    let today = services.clock.now().to_zoned(office_time_zone()).date();
    let overdue = store::lists_due_for_review(services.db.read(), today).await?;
    let mut lists = all_lists(services.db.read()).await?;
    let mut groups = vec![];
    for (status, id, heading) in [
        (ListStatus::Active, "in-force", "In force"),
        (ListStatus::Upcoming, "to-come", "To come"),
        (ListStatus::Expired, "ended", "Ended"),
    ] {
        let (mut alike, others): (Vec<_>, Vec<_>) =
            lists.into_iter().partition(|counted| counted.list.status(today) == status);
        if status == ListStatus::Active {
            alike.sort_by(|one, other| one.list.name_en.cmp(&other.list.name_en));
        }
        let line = |counted: CountedList| ListRow {
            age: verification_age(&counted.list, today),
            overdue: overdue.iter().any(|list| list.id == counted.list.id),
            list: counted.list,
            occupations: counted.occupations,
        };
        groups.push(StatusGroup { id, heading, lines: alike.into_iter().map(line).collect() });
        lists = others;
    }
    let synonym_count = synonym_counts(&services.db).await?;
    html(StatusCode::OK, &ListsPage { ctx, groups, synonym_count })
}

/// How long ago a list was checked, in words.
pub fn verification_age(list: &CategoryList, today: Date) -> String {
    match list.days_since_verification(today) {
        None => "never".into(),
        Some(0) => "today".into(),
        Some(days) => format!("{} ago", plural(days, "day", "days")),
    }
}
