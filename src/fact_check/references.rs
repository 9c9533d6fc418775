//! References: draws that a sentence names by number, by link, by token or by their order.

use std::ops::Range;

use jiff::civil::Date;

use crate::draws::DrawNumber;
use crate::fact_check::sentence::Sentence;
use crate::fact_check::tokens::TokenKind;
use crate::fact_check::word_classes::{Classes, Meanings, class};

/// Words that name one draw, or several as in "draws 387 and 388".
#[derive(Clone, Debug)]
pub(super) struct Reference {
    pub tokens: Range<usize>,
    pub kind: ReferenceKind,
    /// Column of the table, if its header names the draw.
    pub column: Option<usize>,
    /// Whether it only marks a time or a comparison: "after draw 252", "than in draw 252".
    pub is_aside: bool,
}

#[derive(Clone, Debug)]
pub(super) enum ReferenceKind {
    Numbers(Vec<DrawNumber>),
    /// The day in the header of a column.
    Day(Date),
    /// "The previous draw".
    Previous,
}

impl Reference {
    pub fn of_day(tokens: Range<usize>, day: Date) -> Self {
        Self { tokens, kind: ReferenceKind::Day(day), column: None, is_aside: false }
    }
}

/// References of a sentence in the order of the text. `number_columns` are the columns that hold draw numbers.
pub(super) fn references(sentence: &Sentence, meanings: &Meanings, number_columns: &[Range<usize>]) -> Vec<Reference> {
    let finder = Finder { sentence, meanings };
    let mut found: Vec<Reference> = number_columns.iter().filter_map(|cell| finder.in_cell(cell)).collect();
    let mut at = 0;
    while at < sentence.tokens.len() {
        match finder.at(at).filter(|found| !found.tokens.is_empty()) {
            Some(reference) => {
                at = reference.tokens.end.max(at + 1);
                found.push(reference);
            }
            None => at += 1,
        }
    }
    found.extend(finder.links());
    found.sort_by_key(|reference| reference.tokens.start);
    // "Between draw 252 and draw 255" names two.
    for at in 1..found.len() {
        let between = found[at - 1].tokens.end..found[at].tokens.start;
        let is_joined = between.len() == 1 && matches!(sentence.word(between.start), "and" | "to" | "et" | "à");
        found[at].is_aside |= found[at - 1].is_aside && is_joined;
    }
    found
}

/// Whether a label or a header cell names a column of draw numbers: "Draw", "Round no.".
pub(super) fn is_number_label(sentence: &Sentence, classes: &[Classes], tokens: Range<usize>) -> bool {
    let allowed = ["express", "entry", "of", "the", "de", "", "no"];
    let is_draw = |at: usize| classes[at].has(class("draw"));
    let is_number = |at: usize| sentence.tokens[at].number().is_some();
    let is_allowed = |at: usize| {
        !is_number(at) && is_draw(at)
            || classes[at].has(class("numbersign"))
            || !is_number(at) && allowed.contains(&sentence.word(at))
    };
    let is_sign = |at: usize| sentence.is_punctuation(at, '#') || sentence.is_punctuation(at, '№');
    // "#", "No."
    if tokens.len() <= 2 && tokens.clone().any(|at| is_sign(at) || classes[at].has(class("numbersign"))) {
        return tokens.clone().all(|at| is_sign(at) || is_allowed(at) || sentence.is_punctuation(at, '.'));
    }
    // "Draws" counts them.
    let is_plural = |at: usize| classes[at].has(class("draws"));
    tokens.clone().all(is_allowed) && tokens.clone().any(is_draw) && !tokens.clone().any(is_plural)
}

/// No year has more draws.
const MAX_DRAWS_OF_YEAR: i64 = 75;

struct Finder<'f, 'a> {
    sentence: &'f Sentence<'a>,
    meanings: &'f Meanings,
}

impl Finder<'_, '_> {
    fn has(&self, at: usize, name: &str) -> bool {
        self.meanings.classes.get(at).is_some_and(|classes| classes.has(class(name)))
    }

    fn at(&self, at: usize) -> Option<Reference> {
        let tokens = &self.sentence.tokens;
        match &tokens[at].kind {
            TokenKind::Placeholder(token) => {
                let mut words = token.split_whitespace();
                let number = (words.next()? == "draw").then(|| words.next())??.parse().ok()?;
                Some(self.reference(at..at + 1, vec![number]))
            }
            TokenKind::Word(_) if self.has(at, "draw") => self.after_noun(at).or_else(|| self.previous(at)),
            TokenKind::Punctuation('#') if self.meanings.classes.iter().any(|classes| classes.has(class("draw"))) => {
                Some(self.reference(at..at + 2, vec![self.number_at(at + 1)?]))
            }
            TokenKind::Number(number) if matches!(number.suffix.as_str(), "st" | "nd" | "rd" | "th" | "e" | "ème") => {
                // Smaller ordinals may count the draws of a year.
                let noun = (at + 1..at + 4).find(|noun| self.has(*noun, "draw"))?;
                let number =
                    number.value.filter(|value| *value > MAX_DRAWS_OF_YEAR).map(|_| number.digits.parse().ok())??;
                Some(self.reference(at..noun + 1, vec![number]))
            }
            _ => None,
        }
    }

    /// `draw 252`, `draws no. 252 and 255`, `tirage n° 380`
    fn after_noun(&self, noun: usize) -> Option<Reference> {
        let sentence = self.sentence;
        // In "the May 6 draw 799" the day is the name.
        if noun > 0 && sentence.is_in_date(noun - 1) {
            return None;
        }
        let mut place = noun + 1;
        let is_sign = |at: usize| {
            matches!(sentence.word(at), "express" | "entry" | "entrée")
                || self.has(at, "numbersign")
                || ['#', '.', '№', '-', '°'].iter().any(|mark| sentence.is_punctuation(at, *mark))
        };
        // "Draw: 252" names a draw only as a line of its own.
        let is_label = (0..noun).all(|at| sentence.word(at).is_empty())
            && place + 2 >= sentence.tokens.len()
            && !self.has(noun, "draws");
        while is_sign(place) || (is_label || place > noun + 1) && sentence.is_punctuation(place, ':') {
            place += 1;
        }
        let mut numbers = vec![self.number_at(place).filter(|_| !self.counts_people(noun, place))?];
        let mut end = place + 1;
        let is_joint = |at: usize| {
            [',', '&', '–', '-', '#'].iter().any(|mark| sentence.is_punctuation(at, *mark))
                || matches!(sentence.word(at), "and" | "or" | "to" | "et" | "ou" | "à")
        };
        let next_number = |end: usize| {
            let next = (end..).find(|at| !is_joint(*at)).filter(|next| *next > end)?;
            let number = self.number_at(next).filter(|_| !self.counts_people(noun, next))?;
            Some((next, number))
        };
        if sentence.word(noun).ends_with('s') {
            while let Some((next, number)) = next_number(end) {
                numbers.push(number);
                end = next + 1;
            }
        }
        Some(self.reference(noun..end, numbers))
    }

    /// `the previous draw`, `the last PNP round`, `le tirage précédent`
    fn previous(&self, noun: usize) -> Option<Reference> {
        let is_word = |at: usize| matches!(self.sentence.tokens[at].kind, TokenKind::Word(_));
        let before = (noun.saturating_sub(3)..noun).rev().take_while(|at| is_word(*at));
        let place = before.chain(noun + 1..noun + 2).find(|at| self.has(*at, "previous"))?;
        let tokens = place.min(noun)..place.max(noun) + 1;
        Some(Reference { kind: ReferenceKind::Previous, ..self.reference(tokens, vec![]) })
    }

    fn in_cell(&self, cell: &Range<usize>) -> Option<Reference> {
        let mut numbers = cell.clone().filter(|at| !self.sentence.is_punctuation(*at, '#'));
        let at = numbers.next().filter(|_| numbers.next().is_none())?;
        let number = self.number_at(at)?;
        Some(self.reference(at..at + 1, vec![number]))
    }

    /// Links to the page of a draw. Only the number is the name, since a link may be on a figure or on a whole sentence.
    fn links(&self) -> Vec<Reference> {
        let sentence = self.sentence;
        let named = sentence.block.spans_in(&sentence.range).iter().filter_map(|span| {
            let (_, rest) = span.destination.as_deref()?.split_once("/draws/")?;
            let number: DrawNumber = rest.split(['/', '?', '#']).next()?.parse().ok()?;
            let tokens = sentence.tokens_in(&span.text);
            let first = tokens.clone().next()?;
            let name = tokens.into_iter().find(|at| self.number_at(*at).as_ref() == Some(&number));
            Some(self.reference(name.map_or(first..first, |at| at..at + 1), vec![number]))
        });
        named.collect()
    }

    /// Number of a draw at a place: no year and no part of a date.
    fn number_at(&self, at: usize) -> Option<DrawNumber> {
        let number = self.sentence.tokens.get(at)?.number()?;
        let can_be =
            !number.is_grouped && number.value.is_some() && number.year().is_none() && !self.sentence.is_in_date(at);
        can_be.then(|| format!("{}{}", number.digits, number.suffix).parse().ok())?
    }

    /// Whether the number after the word "draw" counts people: "in this draw 400 people were invited".
    fn counts_people(&self, noun: usize, number: usize) -> bool {
        let counts = self.has(number + 1, "person") && !self.has(number + 1, "invite")
            || self.has(number + 1, "invitation") && self.has(number + 2, "were")
            || self.has(number + 1, "points")
            || self.has(number + 1, "percent");
        let before = noun.checked_sub(1).map_or("", |at| self.sentence.word(at));
        // Without an article it is the name of the draw: "in draw 252 candidates needed …".
        let is_bare = noun == 0
            || self.sentence.tokens[noun - 1].number().is_none()
                && matches!(
                    before,
                    "" | "in" | "of" | "for" | "at" | "after" | "before" | "since" | "and" | "with" | "by" | "than"
                );
        counts && !(is_bare && number == noun + 1)
    }

    fn reference(&self, tokens: Range<usize>, numbers: Vec<DrawNumber>) -> Reference {
        let start = tokens.start;
        let is_aside = self.is_aside(start);
        Reference { tokens, kind: ReferenceKind::Numbers(numbers), column: None, is_aside }
    }

    fn is_aside(&self, start: usize) -> bool {
        let before = (start.saturating_sub(4)..start).rev();
        let mut words = before.take_while(|at| matches!(self.sentence.tokens[*at].kind, TokenKind::Word(_)));
        // A draw "from June 28" is the draw of that day.
        words.any(|at| self.has(at, "aside"))
    }
}
