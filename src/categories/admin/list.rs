//! Admin page with all category lists, grouped by status.

use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;
use jiff::civil::Date;

use crate::categories::admin::store;
use crate::categories::category_list::{CategoryList, ListStatus};
use crate::categories::store::{CountedList, all_lists};
use crate::http::{PageResult, html};
use crate::services::Services;
use crate::staff::StaffContext;
use crate::web::{office_time_zone, plural};

#[derive(Template)]
#[template(path = "categories/admin_list.html")]
struct ListsPage {
    ctx: StaffContext,
    groups: Vec<StatusGroup>,
}

/// Lists with the same status.
struct StatusGroup {
    id: &'static str,
    heading: &'static str,
    rows: Vec<ListRow>,
}

struct ListRow {
    list: CategoryList,
    occupations: i64,
    /// Time since the last check.
    age: String,
    /// Whether it is in force and due for review.
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
        (ListStatus::Upcoming, "upcoming", "Upcoming"),
        (ListStatus::Expired, "ended", "Ended"),
    ] {
        let (mut alike, others): (Vec<_>, Vec<_>) =
            lists.into_iter().partition(|counted| counted.list.status(today) == status);
        if status == ListStatus::Active {
            alike.sort_by(|one, other| one.list.name_en.cmp(&other.list.name_en));
        }
        let row = |counted: CountedList| ListRow {
            age: verification_age(&counted.list, today),
            overdue: overdue.iter().any(|list| list.id == counted.list.id),
            list: counted.list,
            occupations: counted.occupations,
        };
        groups.push(StatusGroup { id, heading, rows: alike.into_iter().map(row).collect() });
        lists = others;
    }
    html(StatusCode::OK, &ListsPage { ctx, groups })
}

/// Time since the last check, such as `3 days ago`.
pub fn verification_age(list: &CategoryList, today: Date) -> String {
    match list.days_since_verification(today) {
        None => "never".into(),
        Some(0) => "today".into(),
        Some(days) => format!("{} ago", plural(days, "day", "days")),
    }
}
