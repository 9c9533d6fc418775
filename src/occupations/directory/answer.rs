//! Answer to the question whether an occupation is on a category list.

use jiff::ToSpan;
use jiff::civil::Date;

use crate::categories::CategoryList;
use crate::occupations::directory::store::OccupationDraw;
use crate::web::DisplayDate;

/// Lists that name an occupation, by their status today.
#[derive(Clone, Debug, PartialEq)]
pub struct ListingAnswer {
    pub current: Vec<ListPeriod>,
    pub upcoming: Vec<ListPeriod>,
    pub past: Vec<ListPeriod>,
}

/// Time on the list of one category, with the last cut-off of a draw for it.
#[derive(Clone, Debug, PartialEq)]
pub struct ListPeriod {
    pub topic: String,
    pub href: String,
    pub from: DisplayDate,
    pub to: Option<DisplayDate>,
    pub last_draw: Option<LastDraw>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct LastDraw {
    pub round: String,
    pub crs: i64,
    pub day: DisplayDate,
}

/// First and last day on the list of a category, over successive versions.
struct Span<'a> {
    newest: &'a CategoryList,
    from: Date,
}

impl ListingAnswer {
    /// `lists` are all lists that name the occupation, newest first. `draws` are the draws held under them, newest first.
    pub fn of(lists: &[CategoryList], draws: &[OccupationDraw], today: Date) -> Self {
        let current = lists.iter().filter(|list| list.is_active_on(today));
        let upcoming = lists.iter().filter(|list| list.effective_from > today);
        let past = past_spans(lists, today);
        let is_within = |draw: &&OccupationDraw, span: &Span| {
            draw.date >= span.from && span.newest.last_day().is_none_or(|last| draw.date <= last)
        };
        Self {
            current: current
                .map(|list| ListPeriod::of(list, list.effective_from, &list.category_key, draws.iter()))
                .collect(),
            upcoming: upcoming
                .map(|list| ListPeriod::of(list, list.effective_from, &list.category_key, [].iter()))
                .collect(),
            past: past
                .iter()
                .map(|span| {
                    let within = draws.iter().filter(|draw| is_within(draw, span));
                    ListPeriod::of(span.newest, span.from, &span.newest.category_key, within)
                })
                .collect(),
        }
    }

    pub fn is_listed(&self) -> bool {
        !self.current.is_empty()
    }

    /// The answer without links, for the description of the page.
    pub fn text(&self) -> String {
        let last = |list: &ListPeriod| {
            let draw = list.last_draw.as_ref();
            draw.map(|draw| format!(" Last cut-off {} ({}).", draw.crs, draw.day.text)).unwrap_or_default()
        };
        match (self.current.as_slice(), self.past.first()) {
            ([], Some(past)) => {
                let to = past.to.as_ref().map(|to| format!(" to {}", to.text)).unwrap_or_default();
                format!("Not on any list now. It was on the {} list from {}{to}.", past.topic, past.from.text)
            }
            ([], None) => "Not on any list now.".into(),
            ([one], _) => format!("Yes: on the {} list since {}.{}", one.topic, one.from.text, last(one)),
            (several, _) => format!("Yes: on {} lists now.", several.len()),
        }
    }
}

impl ListPeriod {
    fn of<'a>(
        list: &CategoryList,
        from: Date,
        category_key: &str,
        mut draws: impl Iterator<Item = &'a OccupationDraw>,
    ) -> Self {
        let last_draw = draws.find(|draw| draw.category_key == category_key);
        Self {
            topic: list.topic().to_owned(),
            href: list.href(),
            from: from.into(),
            to: list.to(),
            last_draw: last_draw.map(|draw| LastDraw {
                round: draw.round.clone(),
                crs: draw.crs,
                day: draw.date.into(),
            }),
        }
    }
}

/// Ended lists, newest first. Versions of a category that followed each other without a gap are one span. Versions that
/// led to a current list are left out.
fn past_spans(lists: &[CategoryList], today: Date) -> Vec<Span<'_>> {
    let mut spans: Vec<Span> = vec![];
    for list in lists.iter().filter(|list| list.effective_from <= today) {
        let next_day = list.last_day().map(|last| last.saturating_add(1.day()));
        let same = spans.iter_mut().rfind(|span| span.newest.category_key == list.category_key);
        match same.filter(|span| next_day == Some(span.from)) {
            Some(span) => span.from = list.effective_from,
            None => spans.push(Span { newest: list, from: list.effective_from }),
        }
    }
    spans.retain(|span| !span.newest.is_active_on(today));
    spans
}
