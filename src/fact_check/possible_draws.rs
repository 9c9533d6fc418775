//! Draws that the claims of a group may be about, and words that leave it open.

use jiff::ToSpan;
use jiff::civil::Date;

use crate::draws::Draw;
use crate::fact_check::claim::{Claim, Quantity, Value};
use crate::fact_check::groups::Group;
use crate::fact_check::references::ReferenceKind;
use crate::fact_check::text_block::BlockKind;
use crate::fact_check::verdict::{Comparison, MAX_DAYS_OFF, is_day_of};
use crate::fact_check::word_classes::class;

/// Words that set a figure in relation to other draws or days.
const OPEN: [&str; 6] = ["compare", "othertime", "sum", "weekday", "yesterday", "today"];

impl<'r> Comparison<'_, '_, '_, 'r> {
    /// Draws held some weeks before or after these, as far as the text can know them.
    pub fn near(&self, draws: &[&'r Draw]) -> Vec<&'r Draw> {
        draws
            .iter()
            .flat_map(|draw| self.index.around(draw.date, MAX_DAYS_OFF))
            .filter(|draw| draw.date <= self.around.last_known)
            .copied()
            .collect()
    }

    pub fn names_previous(&self, claim: &Claim) -> bool {
        self.statements[claim.statement].names_previous(&claim.clause_tokens)
    }

    /// Draws that a group without a reference may be about.
    pub fn possible_draws(&self, group: &Group<'r>) -> Vec<&'r Draw> {
        let around = self.around;
        let statement = &self.statements[group.first];
        let mut found: Vec<&Draw> =
            [&around.current, &around.topic, &around.named].into_iter().flatten().copied().collect();
        // A subject that is named by its number leaves nothing open.
        let is_named = around.is_current_named || around.current.is_empty() && around.is_topic_named;
        if !is_named || group.figures.iter().any(|claim| OPEN.iter().any(|name| claim.clause.has(class(name)))) {
            found.extend(&around.nearby);
        }
        let is_open = |name: &str| group.figures.iter().any(|claim| claim.clause.has(class(name)));
        let subjects: Vec<&Draw> = around.current.iter().chain(&around.topic).copied().collect();
        for category in &statement.categories {
            let nearby = around.nearby.iter().copied().chain(self.near(&subjects));
            found.extend(nearby.filter(|draw| draw.category.as_deref() == Some(category)));
        }
        found.extend(self.of_months(group));
        if is_open("compare") || is_open("othertime") {
            found.extend(self.near(&subjects));
        }
        if is_open("compare") || group.figures.iter().any(|claim| self.names_previous(claim)) {
            found.extend(self.previous(group));
        }
        found
    }

    /// Draws of the months that a statement names without a day: in the years that it names, else in the year of the
    /// subject, or in the year before.
    pub fn of_months(&self, group: &Group) -> Vec<&'r Draw> {
        let first = group.first.saturating_sub(1);
        let months: Vec<i8> = self.statements[first..=group.first]
            .iter()
            .flat_map(|statement| statement.months.iter().copied())
            .collect();
        if months.is_empty() {
            return vec![];
        }
        let years = self.years(group);
        let is_in = |draw: &Draw| {
            let (month, year) = (draw.date.month(), draw.date.year());
            months.contains(&month) && (years.contains(&year) || years.contains(&(year + 1)))
        };
        self.index.all.iter().copied().filter(|draw| is_in(draw)).collect()
    }

    /// Years that a statement names, or else the year of the subject.
    pub fn years(&self, group: &Group) -> Vec<i16> {
        let tokens = |statement: usize| self.statements[statement].sentence.tokens.iter();
        let years =
            |statement: usize| -> Vec<i16> { tokens(statement).filter_map(|token| token.number()?.year()).collect() };
        let mut named = years(group.first);
        // "Compare it to February 2024! The cut-off was 422."
        if named.is_empty() && group.first > 0 && !self.statements[group.first - 1].months.is_empty() {
            named = years(group.first - 1);
        }
        let day = self.around.topic.first().map_or(self.calendar.reference_day, |draw| draw.date);
        if named.is_empty() { vec![day.year()] } else { named }
    }

    /// Whether a figure is the largest or the smallest of all times or of a year, of a category or of all.
    pub fn is_extreme(&self, claim: &Claim, group: &Group<'r>) -> bool {
        let Value::Number(number) = claim.value else { return false };
        if !claim.clause.has(class("record")) {
            return false;
        }
        let last = self.around.topic.first().map_or(self.calendar.reference_day, |draw| draw.date);
        let years = self.years(group).into_iter().filter_map(|year| Date::new(year, 1, 1).ok());
        let periods = years.map(|first| (first, last.min(first.saturating_add(365.days()))));
        let subjects = self.around.current.iter().chain(&self.around.topic);
        let mut categories: Vec<Option<&str>> = subjects.map(|draw| draw.category.as_deref()).collect();
        categories.extend(self.statements[group.first].categories.iter().map(|key| Some(*key)));
        categories.push(None);
        periods.chain([(Date::MIN, last)]).any(|(first, last)| {
            categories.iter().any(|category| {
                let draws = self.index.between(first, last.max(first)).iter();
                let figures = draws
                    .filter(|draw| category.is_none() || draw.category.as_deref() == *category)
                    .map(|draw| if claim.quantity == Quantity::CutOff { draw.crs } else { draw.invitations() });
                figures.clone().max() == Some(number) || figures.min() == Some(number)
            })
        })
    }

    /// Draws before the subjects: of any category, of their own, and of those that the statement names.
    pub fn previous(&self, group: &Group<'r>) -> Vec<&'r Draw> {
        let around = self.around;
        let mut categories: Vec<Option<&str>> = vec![None];
        categories.extend(self.statements[group.first].categories.iter().map(|key| Some(*key)));
        let subjects = around.current.iter().chain(&around.topic);
        let before = |draw: &&'r Draw| {
            let own = draw.category.as_deref();
            let mut keys = categories.clone();
            keys.push(own);
            keys.into_iter().filter_map(|key| self.index.before(draw, key)).collect::<Vec<_>>()
        };
        subjects.flat_map(before).collect()
    }

    /// Draw that a group without a reference is most likely about.
    pub fn subject(&self, group: &Group<'r>) -> Option<&'r Draw> {
        let around = self.around;
        let statement = &self.statements[group.first];
        if group.figures.iter().any(|claim| self.names_previous(claim)) {
            let previous = self.previous(group);
            return previous.iter().find(|draw| self.is_of_category(group, draw)).or(previous.first()).copied();
        }
        let candidates = around.current.iter().chain(&around.topic).copied();
        let same_day = around.current.iter().flat_map(|draw| self.index.between(draw.date, draw.date)).copied();
        let near = around.nearby.iter().copied().chain(same_day);
        if statement.categories.is_empty() {
            return candidates.chain(near.rev()).next();
        }
        candidates.chain(near.rev()).find(|draw| self.is_of_category(group, draw))
    }

    /// Whether the clause of a claim compares, or speaks of a period, so that its draw is open.
    pub fn is_loose(&self, claim: &Claim) -> bool {
        claim.clause.has(class("compare")) && !self.names_previous(claim) || !self.is_about_draw(claim)
    }

    /// Whether a figure can be one of a single draw, not of a person, of the pool, of a period or of the future.
    pub fn is_about_draw(&self, claim: &Claim) -> bool {
        let has = |name: &str| claim.clause.has(class(name));
        let is_invitations = claim.quantity == Quantity::Invitations;
        !claim.is_from_header
            && !self.is_personal(claim)
            && !self.is_of_pool(claim)
            && !claim.near.has(class("advice"))
            && !claim.near.has(class("future"))
            && !(is_invitations && (self.is_of_period(claim) || has("together") || has("draws")))
            && !(self.around.is_of_year && claim.is_labelled && is_invitations)
    }

    /// Whether a figure is one of the pool of candidates.
    pub fn is_of_pool(&self, claim: &Claim) -> bool {
        let about_draws = ["invite", "invitation", "cutoff", "draw", "tiebreak"];
        self.statements[claim.statement].has("pool") && !about_draws.iter().any(|name| claim.clause.has(class(name)))
    }

    /// Whether a number of invitations is that of a year or of another period.
    pub fn is_of_period(&self, claim: &Claim) -> bool {
        let names_year = || self.statements[claim.statement].names_year();
        let is_too_large =
            matches!(claim.value, Value::Number(number) if number > self.around.most_invitations * 3 / 2);
        let is_one_draw = claim.clause.has(class("onedraw"));
        let statement = &self.statements[claim.statement];
        // "April had only two rounds and 1,246 invitations"
        let is_of_month = statement.has("draws")
            && !statement.months.is_empty()
            && !statement.claims.iter().any(|claim| claim.quantity == Quantity::Date);
        is_too_large
            || is_of_month
            || !is_one_draw && (["period", "since"].iter().any(|name| claim.clause.has(class(name))) || names_year())
    }

    /// Whether a statement that names no draw says that a score is a cut-off, not that of a person.
    pub fn has_cue(&self, claim: &Claim, group: &Group) -> bool {
        let statement = &self.statements[claim.statement];
        let cues = ["cutoff", "minimum", "draw", "invite", "invitation", "change", "tiebreak"];
        claim.quantity != Quantity::CutOff
            || claim.is_labelled && group.figures.len() + group.dates.len() > 1
            || statement.sentence.block.field != "body"
            || statement.sentence.block.kind != BlockKind::Paragraph && claim.is_labelled
            || statement.sentence.block.kind == BlockKind::Heading
            || statement.is_row()
            || cues.iter().any(|name| statement.has(name))
    }

    /// Whether a number is the sum of several draws and the words say so.
    pub fn is_sum(&self, claim: &Claim, draws: &[&Draw]) -> bool {
        let (Quantity::Invitations, Value::Number(number)) = (claim.quantity, claim.value) else { return false };
        claim.clause.has(class("sum"))
            && draws.iter().chain(&self.around.topic).any(|draw| self.index.is_sum(number, draw.date))
    }

    /// Draws that the statement of a group names, for claims that are not about the nearest of them.
    pub fn statement_draws(&self, group: &Group<'r>) -> Vec<&'r Draw> {
        let statement = &self.statements[group.first];
        let mut found: Vec<&Draw> = vec![];
        for claim in statement.claims.iter().filter(|claim| matches!(claim.quantity, Quantity::Date | Quantity::Aside))
        {
            if !group.dates.iter().any(|date| date.tokens == claim.tokens) {
                found.extend(self.days(claim).iter().flat_map(|day| self.index.between(*day, *day)));
            }
        }
        for reference in &statement.references {
            if let ReferenceKind::Numbers(numbers) = &reference.kind {
                found.extend(numbers.iter().filter_map(|number| self.index.with_number(number)));
            }
        }
        found
    }

    /// The one draw of the same category within two weeks that has the figure.
    pub fn other_with_figure(&self, claim: &Claim, draw: &Draw) -> Option<&'r Draw> {
        let is_it = |other: &&&'r Draw| other.category == draw.category && self.fits(claim, other);
        let mut found =
            self.index.around(draw.date, 14).iter().filter(is_it).filter(|_| claim.quantity != Quantity::Date);
        found.next().filter(|_| found.next().is_none()).copied()
    }

    /// Days that a claimed date may mean: in the years that the text names, and near the publication.
    pub fn days(&self, claim: &Claim) -> Vec<Date> {
        let Some(date) = claim.date(self.statements[claim.statement].sentence) else { return vec![] };
        let mut years = self.calendar.years_for(date);
        years.extend(
            self.around
                .topic
                .iter()
                .chain(&self.around.current)
                .map(|draw| draw.date.year())
                .filter(|_| date.year.is_none()),
        );
        if self.statements[claim.statement].has("lastyear") && date.year.is_none() {
            years.insert(self.calendar.reference_day.year() - 1);
        }
        let mut days: Vec<Date> = years.iter().filter_map(|year| date.in_year(*year)).collect();
        // What has been held cannot be later than the text.
        let last = self.calendar.reference_day.saturating_add(7.days());
        if date.year.is_none() && days.iter().any(|day| *day > last) {
            days.extend(years.iter().filter_map(|year| date.in_year(year - 1)));
        }
        // The nearest first.
        let subject = self.around.topic.first().map_or(self.calendar.reference_day, |draw| draw.date);
        days.sort_by_key(|day| day.since(subject).map_or(i32::MAX, |span| span.get_days().abs()));
        days
    }

    /// Draws on the days that a group claims.
    pub fn draws_on(&self, group: &Group) -> Vec<&'r Draw> {
        let days: Vec<Date> = group.dates.iter().flat_map(|claim| self.days(claim)).collect();
        self.on_days(&days)
    }

    /// Draws of the days in one list with a day: "on May 2 and June 4".
    pub fn draws_of_list(&self, date: &Claim) -> Vec<&'r Draw> {
        let statement = &self.statements[date.statement];
        let is_joint = |at: usize| {
            matches!(statement.sentence.word(at), "and" | "et" | "on" | "le")
                || statement.sentence.is_punctuation(at, ',')
        };
        let is_beside = |other: &&Claim| {
            let between = other.tokens.end.min(date.tokens.end)..other.tokens.start.max(date.tokens.start);
            (1..=2).contains(&between.len()) && between.into_iter().all(is_joint)
        };
        let days = statement.claims.iter().filter(|claim| matches!(claim.value, Value::Date(_)));
        let days: Vec<Date> = days.filter(is_beside).flat_map(|other| self.days(other)).collect();
        self.on_days(&days)
    }

    /// Draws held on these days, in Canada or in UTC.
    pub fn on_days(&self, days: &[Date]) -> Vec<&'r Draw> {
        let near = days.iter().flat_map(|day| self.index.around(*day, 1).iter().filter(|draw| is_day_of(draw, *day)));
        let mut found: Vec<&Draw> = near.copied().collect();
        found.dedup_by_key(|draw| &draw.round);
        found
    }

    pub fn is_of_category(&self, group: &Group, draw: &Draw) -> bool {
        let categories = &self.statements[group.first].categories;
        draw.category.as_deref().is_some_and(|key| categories.contains(&key))
    }

    /// Whether all days that a date may mean are up to the newest draw of the record.
    pub fn is_in_record(&self, date: &Claim) -> bool {
        let days = self.days(date);
        !days.is_empty() && days.iter().all(|day| self.index.newest().is_some_and(|newest| *day <= newest.date))
    }

    /// Whether a date with a time is the tie-break of a draw held in the months after it.
    pub fn is_known_tie_break(&self, claim: &Claim) -> bool {
        const MAX_DAYS: i64 = 500;
        let Some(date) = claim.date(self.statements[claim.statement].sentence).filter(|date| date.time.is_some())
        else {
            return false;
        };
        let days = self.days(claim);
        let mut later = days.iter().flat_map(|day| self.index.between(*day, day.saturating_add(MAX_DAYS.days())));
        later.any(|draw| draw.tie_break.is_some_and(|at| date.matches(at)))
    }

    /// Draws that the figures of a group may be those of: around the days, months, years and categories that its
    /// statement names, else around any that the text names.
    pub fn known_draws(&self, group: &Group<'r>) -> Vec<&'r Draw> {
        let (around, statement) = (self.around, &self.statements[group.first]);
        let mut found = self.close_draws(group);
        if !statement.claims.iter().any(|claim| matches!(claim.value, Value::Date(_))) {
            found.extend(&around.months_around);
        }
        found
    }

    /// Draws that the text names, and those of the days, months, years and categories of the statement.
    pub fn close_draws(&self, group: &Group<'r>) -> Vec<&'r Draw> {
        let (around, statement) = (self.around, &self.statements[group.first]);
        let named = [&around.current, &around.topic, &around.named, &around.mentioned, &around.nearby];
        let mut found: Vec<&Draw> = named.into_iter().flatten().copied().collect();
        let days: Vec<Date> = statement.claims.iter().flat_map(|claim| self.days(claim)).collect();
        let last = around.last_known;
        found.extend(days.iter().flat_map(|day| self.index.around(*day, 14)).filter(|draw| draw.date <= last));
        for year in statement.years().chain(around.title_years.iter().copied()) {
            found.extend(self.index.of_year(year, last));
        }
        let of_months = self.of_months(group);
        // "More than the 400 of an earlier draw" may be any.
        let is_any = ["compare", "othertime"].iter().any(|name| statement.has(name))
            && !["previous", "weekday", "yesterday", "duration", "latest"].iter().any(|name| statement.has(name))
            && days.is_empty()
            && of_months.is_empty()
            && statement.categories.is_empty();
        if is_any {
            found.extend(self.index.between(Date::MIN, around.last_known));
        }
        found.extend(of_months);
        for category in &statement.categories {
            let recent = self.index.between(last.saturating_sub(200.days()), last).iter();
            found.extend(recent.filter(|draw| draw.category.as_deref() == Some(category)));
        }
        found.extend(self.previous(group));
        found
    }
}
