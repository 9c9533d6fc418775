//! The inbox: every inquiry, narrowed as staff like, with how many there are of each and what has waited too long.

use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;
use jiff::Timestamp;

use crate::clock::Clock;
use crate::db::Database;
use crate::inquiries::choices::{Choices, PROGRAMS};
use crate::inquiries::inbox::filter::{Age, Asked, Filter, Narrow, PATIENCE};
use crate::inquiries::inbox::show::{is_late, state_words};
use crate::inquiries::inbox::store::{self, Hits, Order};
use crate::inquiries::{Inquiry, State};
use crate::occupations::{self, Covered};
use crate::staff::{self, Desk, Member};
use crate::web::{PageError, PageResult, Paging, Query, firm_zone, grouped, html, plural};

/// Inquiries on a page.
const PER_PAGE: i64 = 50;

/// A search looks through no more than so many of the newest that hold its words.
const MOST_FOUND: i64 = 5_000;

#[derive(Template)]
#[template(path = "inquiries/admin_list.html")]
struct ListPage {
    desk: Desk,
    filter: Filter,
    tabs: Vec<Tab>,
    rows: Vec<Row>,
    total: String,
    /// A search found more than it looks through.
    is_cut: bool,
    most: String,
    paging: Paging,
    colleagues: Vec<Member>,
    categories: Vec<Covered>,
    programs: Choices,
    /// The program that is asked for, where it is none of the options.
    other_program: Option<String>,
    csv: String,
    csv_for_spreadsheets: String,
    address: String,
}

struct Tab {
    label: String,
    href: String,
    chosen: bool,
}

/// An inquiry in the list.
struct Row {
    inquiry: Inquiry,
    age: String,
    is_late: bool,
    state: &'static str,
}

impl ListPage {
    fn ages(&self) -> [(Age, &'static str, &'static str); 5] {
        Age::ALL
    }

    fn is_set_aside(&self) -> bool {
        self.filter.state == Some(State::Quarantined)
    }
}

/// What a list shows, and what it counts.
struct Listed {
    ids: Vec<i64>,
    paging: Paging,
    counts: Vec<(State, i64)>,
    late: i64,
    is_cut: bool,
}

/// The codes that the chosen category covers; nothing where none is chosen.
pub fn codes_of(filter: &Filter, categories: &[Covered]) -> Option<Vec<String>> {
    let chosen = categories.iter().find(|category| category.key == filter.category);
    (!filter.category.is_empty()).then(|| chosen.map(|category| category.codes.clone()).unwrap_or_default())
}

/// The categories whose lists name occupations today.
pub async fn categories(db: &Database, now: Timestamp) -> sqlx::Result<Vec<Covered>> {
    let all = occupations::covered(db.read(), now.to_zoned(firm_zone()).date()).await?;
    Ok(all.into_iter().filter(|category| !category.codes.is_empty()).collect())
}

/// `GET /admin/inquiries?state=&kind=&owner=&age=&program=&category=&q=&page=`
pub async fn list(desk: Desk, asked: Query<Asked>, db: Data<Database>, clock: Data<Clock>) -> PageResult {
    let (now, asked) = (clock.now(), asked.0);
    let categories = categories(&db, now).await?;
    let mut filter = Filter::read(&asked, desk.member.id);
    if !categories.iter().any(|category| category.key == filter.category) {
        filter.category.clear();
    }
    let narrow = filter.narrow(codes_of(&filter, &categories).as_deref(), now);
    let listed = match filter.words() {
        Some(words) => {
            desk.searcher.count().map_err(PageError::TooMany)?;
            search(&db, &filter, &narrow, &words, &asked.page, now).await?
        }
        None => browse(&db, &filter, &narrow, &asked.page, now).await?,
    };
    let found = store::numbered(db.read(), &listed.ids).await?;
    let row = |inquiry: Inquiry| Row {
        age: inquiry.age(now),
        is_late: is_late(&inquiry, now),
        state: state_words(inquiry.state),
        inquiry,
    };
    let is_other = !filter.program.is_empty() && PROGRAMS.meant(&filter.program).is_none();
    let query = filter.query();
    let page = ListPage {
        tabs: tabs(&filter, &listed),
        rows: found.into_iter().map(row).collect(),
        total: plural(listed.paging.total, "inquiry", "inquiries"),
        is_cut: listed.is_cut,
        most: grouped(MOST_FOUND),
        colleagues: staff::all(db.read()).await?,
        programs: PROGRAMS,
        other_program: is_other.then(|| filter.program.clone()),
        csv: format!("/admin/inquiries.csv?{query}"),
        csv_for_spreadsheets: format!("/admin/inquiries.csv?{query}&for=spreadsheet").replace("?&", "?"),
        address: filter.address(),
        paging: listed.paging,
        desk,
        filter,
        categories,
    };
    html(StatusCode::OK, &page)
}

fn total(counts: &[(State, i64)], filter: &Filter) -> i64 {
    let states = filter.states();
    counts.iter().filter(|(state, _)| states.contains(state)).map(|(_, count)| count).sum()
}

/// The list without words: counted and paged by the index.
async fn browse(
    db: &Database,
    filter: &Filter,
    narrow: &Narrow,
    page: &str,
    now: Timestamp,
) -> Result<Listed, PageError> {
    let is_late = filter.age == Some(Age::Late);
    let order = if is_late { Order::LongestWaiting } else { Order::Newest };
    // Beside what waits too long, the states are counted as if that were not asked for.
    let counts = async {
        match filter.in_state(None).is_plain() {
            true => store::counts_of_all(db.read()).await,
            false => store::counts(db.read(), &if is_late { not_late(narrow) } else { narrow.clone() }).await,
        }
    };
    let all_late = Narrow { codes: narrow.codes.clone(), ..filter.late().narrow(None, now) };
    // Where it begins is known before it is counted.
    let beginning = async {
        match page {
            "" | "1" => store::page(db.read(), narrow, filter.state, order, PER_PAGE, 0, i64::MAX).await.map(Some),
            _ => Ok(None),
        }
    };
    let (counts, late, beginning) = tokio::try_join!(counts, store::count(db.read(), &all_late), beginning)?;
    let total = match (is_late, filter.state) {
        (false, _) => total(&counts, filter),
        (true, None) => late,
        (true, Some(_)) => store::count(db.read(), narrow).await?,
    };
    let paging = Paging::new(page, total, PER_PAGE, filter.address())?;
    let ids = match beginning {
        Some(ids) => ids,
        None => store::page(db.read(), narrow, filter.state, order, PER_PAGE, paging.offset(), total).await?,
    };
    Ok(Listed { ids, paging, counts, late, is_cut: false })
}

fn not_late(narrow: &Narrow) -> Narrow {
    Narrow { to: Timestamp::MAX, ..narrow.clone() }
}

/// The list of what holds the words: newest first, looked through up to a limit.
async fn search(
    db: &Database,
    filter: &Filter,
    narrow: &Narrow,
    words: &str,
    page: &str,
    now: Timestamp,
) -> Result<Listed, PageError> {
    let late_only = filter.age == Some(Age::Late);
    let wide = if late_only { not_late(narrow) } else { narrow.clone() };
    let mut found = store::hits(db.read(), words, &wide, MOST_FOUND, now - PATIENCE).await?;
    let is_cut = found.iter().map(|hits| hits.count).sum::<i64>() == MOST_FOUND;
    found.retain(|hits| hits.fits);
    let counted = |is_meant: &dyn Fn(&Hits) -> bool| {
        found.iter().filter(|hits| is_meant(hits)).map(|hits| hits.count).sum::<i64>()
    };
    let counts = State::ALL.map(|state| (state, counted(&|hits| hits.state == state))).to_vec();
    let late = counted(&|hits| hits.waits);
    let states = filter.states();
    found.retain(|hits| states.contains(&hits.state) && (!late_only || hits.waits));
    let numbers = found.iter().flat_map(|hits| hits.ids.split(' ')).filter_map(|id| id.parse().ok());
    let mut ids: Vec<i64> = numbers.collect();
    // Numbers rise as inquiries come.
    ids.sort_unstable();
    if !late_only {
        ids.reverse();
    }
    let paging = Paging::new(page, i64::try_from(ids.len()).unwrap_or(0), PER_PAGE, filter.address())?;
    let (from, size) = (usize::try_from(paging.offset()).unwrap_or(0), usize::try_from(PER_PAGE).unwrap_or(0));
    let ids = ids.into_iter().skip(from).take(size).collect();
    Ok(Listed { ids, paging, counts, late, is_cut })
}

fn tabs(filter: &Filter, listed: &Listed) -> Vec<Tab> {
    let is_late = filter.age == Some(Age::Late);
    let all = filter.in_state(None);
    let count = |state: State| listed.counts.iter().find(|(of, _)| *of == state).map_or(0, |(_, count)| *count);
    let tab = |label: &str, count: i64, to: &Filter, chosen: bool| Tab {
        label: format!("{label} ({})", grouped(count)),
        href: to.address(),
        chosen,
    };
    let mut tabs = vec![tab("all", total(&listed.counts, &all), &all, filter.state.is_none() && !is_late)];
    tabs.push(tab("unanswered over 24 h", listed.late, &filter.late(), is_late));
    for state in State::ALL {
        let to = filter.in_state(Some(state));
        tabs.push(tab(state_words(state), count(state), &to, filter.state == Some(state) && !is_late));
    }
    tabs
}
