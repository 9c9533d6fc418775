//! The category lists on the desk: in force, to come and ended.

use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;
use jiff::civil::Date;

use crate::clock::Clock;
use crate::db::Database;
use crate::occupations::admin::store;
use crate::occupations::categories::{CountedList, every_list};
use crate::occupations::{CategoryList, Standing};
use crate::staff::Desk;
use crate::web::{PageResult, firm_zone, html, plural};

#[derive(Template)]
#[template(path = "occupations/admin_lists.html")]
struct ListsPage {
    desk: Desk,
    groups: Vec<Group>,
    words: String,
}

/// The lists that stand alike.
struct Group {
    id: &'static str,
    heading: &'static str,
    lines: Vec<Line>,
}

struct Line {
    list: CategoryList,
    occupations: i64,
    /// How long ago it was checked.
    age: String,
    /// Whether it is in force and wants a check.
    overdue: bool,
}

/// `GET /admin/occupations`
pub async fn list(desk: Desk, db: Data<Database>, clock: Data<Clock>) -> PageResult {
    let today = clock.now().to_zoned(firm_zone()).date();
    let overdue = store::lists_to_check(db.read(), today).await?;
    let mut lists = every_list(db.read()).await?;
    let mut groups = vec![];
    for (standing, id, heading) in [
        (Standing::InForce, "in-force", "In force"),
        (Standing::ToCome, "to-come", "To come"),
        (Standing::Ended, "ended", "Ended"),
    ] {
        let (mut alike, others): (Vec<_>, Vec<_>) =
            lists.into_iter().partition(|counted| counted.list.standing(today) == standing);
        if standing == Standing::InForce {
            alike.sort_by(|one, other| one.list.name_en.cmp(&other.list.name_en));
        }
        let line = |counted: CountedList| Line {
            age: age(&counted.list, today),
            overdue: overdue.iter().any(|list| list.id == counted.list.id),
            list: counted.list,
            occupations: counted.occupations,
        };
        groups.push(Group { id, heading, lines: alike.into_iter().map(line).collect() });
        lists = others;
    }
    let (words, of) = store::count_words(db.read()).await?;
    let words = format!("{} for {}", plural(words, "entry", "entries"), plural(of, "occupation", "occupations"));
    html(StatusCode::OK, &ListsPage { desk, groups, words })
}

/// How long ago a list was checked, in words.
pub fn age(list: &CategoryList, today: Date) -> String {
    match list.days_since_check(today) {
        None => "never".into(),
        Some(0) => "today".into(),
        Some(days) => format!("{} ago", plural(days, "day", "days")),
    }
}
