//! The facts that a text refers to, gathered from the record when its page is made.

use std::collections::{BTreeSet, HashMap};

use askama::Template;
use jiff::civil::Date;
use sqlx::SqlitePool;

use crate::draws::store::Mention;
use crate::draws::tokens::token::{Part, Token};
use crate::draws::{Draw, Round, comparison, store};
use crate::occupations::{self, CategoryList, Occupation};
use crate::web::{
    Filling, Placeholder, fill_line, grouped, placeholders, placeholders_in_line, plural, render_markdown, render_note,
};

/// What the tokens of some texts stand for.
#[derive(Default)]
pub struct Facts {
    found: HashMap<String, Result<Filling, String>>,
    rounds: BTreeSet<Round>,
}

/// Why a text refers to nothing: the line, from 1, and a sentence.
pub struct Unknown {
    /// The line.
    pub line: usize,
    /// What is wrong with the token there.
    pub sentence: String,
}

#[derive(Template)]
#[template(path = "draws/token_figures.html")]
struct FiguresBlock<'a> {
    draw: &'a Draw,
}

#[derive(Template)]
#[template(path = "draws/token_occupations.html")]
struct OccupationsBlock<'a> {
    list: &'a CategoryList,
    occupations: &'a [Occupation],
}

impl Facts {
    /// Gathers what `texts` refer to. Texts without a token cost nothing.
    pub async fn of(db: &SqlitePool, texts: &[&str]) -> sqlx::Result<Self> {
        let tokens: HashMap<String, Token> = texts
            .iter()
            .filter(|text| text.contains("{{"))
            .flat_map(|text| places(text))
            .filter_map(|what| Some((key(&what), what.parse().ok()?)))
            .collect();
        let rounds: BTreeSet<String> = tokens.values().filter_map(Token::round).map(ToString::to_string).collect();
        if tokens.is_empty() {
            return Ok(Self::default());
        }
        let draws: HashMap<Round, Draw> =
            store::several(db, &rounds).await?.into_iter().map(|draw| (draw.round.clone(), draw)).collect();
        let mut facts = Self { found: HashMap::new(), rounds: draws.keys().cloned().collect() };
        let mut lists: HashMap<(String, Date), Option<ListOfDay>> = HashMap::new();
        for (key, token) in tokens {
            let filling = match token {
                Token::Draw(round, part) => match draws.get(&round) {
                    Some(draw) => facts.fact(db, draw, part).await?,
                    None => Err(format!("There is no round {round} in the record.")),
                },
                Token::Occupations { category, day, counted } => {
                    let place = (category, day);
                    if !lists.contains_key(&place) {
                        lists.insert(place.clone(), list_on(db, &place.0, day).await?);
                    }
                    match lists.get(&place) {
                        Some(Some((list, occupations))) => listed(list, occupations, counted),
                        _ => Err(format!("No list of “{}” was in force on {day}.", place.0)),
                    }
                }
            };
            facts.found.insert(key, filling);
        }
        Ok(facts)
    }

    /// The rounds whose figures stand in the texts, those they are compared with among them.
    pub fn rounds(&self) -> &BTreeSet<Round> {
        &self.rounds
    }

    async fn fact(&mut self, db: &SqlitePool, draw: &Draw, part: Part) -> sqlx::Result<Result<Filling, String>> {
        let unknown = |what: &str| Err(format!("The record of round {} has no {what}.", draw.round));
        let words = match part {
            Part::Crs => draw.crs.to_string(),
            Part::CutOff => draw.cut_off_in_words(),
            Part::Invitations => draw.invitations_text(),
            Part::Date => draw.day().text,
            Part::Name => draw.name.clone(),
            Part::TieBreak => match draw.tie_break_instant() {
                Some(instant) => instant.text,
                None => return Ok(unknown("tie-break")),
            },
            Part::Time => match draw.instant() {
                Some(instant) => instant.text,
                None => return Ok(unknown("instant")),
            },
            Part::Comparison => match store::previous_of_category(db, draw).await? {
                Some(before) => {
                    self.rounds.insert(before.round.clone());
                    comparison::in_words(draw, &before)
                }
                None => return Ok(unknown("earlier round of its category")),
            },
            Part::YearRounds => plural(store::year_so_far(db, draw).await?.0, "round", "rounds"),
            Part::YearInvitations => grouped(store::year_so_far(db, draw).await?.1),
            Part::Figures => return Ok(rendered(&FiguresBlock { draw })),
        };
        Ok(Ok(Filling::Words(words)))
    }

    /// A title or a summary with its figures in it.
    pub fn line(&self, text: &str) -> String {
        fill_line(text, &|what| self.filling(what))
    }

    /// A Markdown text as HTML, with its figures in it.
    pub fn markdown(&self, text: &str) -> String {
        render_markdown(text, &|what| self.filling(what))
    }

    /// A Markdown note as HTML, with its figures in it.
    pub fn note(&self, text: &str) -> String {
        render_note(text, &|what| self.filling(what))
    }

    /// A token that was good when it was saved may have lost its value since: readers are told so in words.
    fn filling(&self, what: &str) -> Option<Filling> {
        let found = self.found.get(&key(what))?;
        Some(found.clone().unwrap_or_else(|_| Filling::Words("(not in our record)".into())))
    }

    /// Places in a text of one line that refer to nothing. `is_known` says which places somebody else fills.
    pub fn unknown_in_line(&self, text: &str, is_known: &dyn Fn(&str) -> bool) -> Vec<Unknown> {
        self.unknown(placeholders_in_line(text), is_known)
    }

    /// Places in a Markdown text that refer to nothing. `is_known` says which places somebody else fills.
    pub fn unknown_in_markdown(&self, text: &str, is_known: &dyn Fn(&str) -> bool) -> Vec<Unknown> {
        self.unknown(placeholders(text), is_known)
    }

    fn unknown(&self, places: Vec<Placeholder>, is_known: &dyn Fn(&str) -> bool) -> Vec<Unknown> {
        let mut unknown = vec![];
        for place in places {
            let what = &place.what;
            let sentence = if !place.closed {
                format!("“{{{{{}” is not closed with }}}}.", what.chars().take(40).collect::<String>())
            } else if is_known(what) {
                continue;
            } else {
                match what.parse::<Token>() {
                    Err(error) => format!("“{{{{{what}}}}}” names nothing: {error}"),
                    Ok(token) if token.is_block() && !place.alone => {
                        format!("“{{{{{what}}}}}” needs a paragraph of its own, in the text.")
                    }
                    Ok(_) => match self.found.get(&key(what)) {
                        Some(Ok(_)) => continue,
                        Some(Err(sentence)) => format!("“{{{{{what}}}}}” names nothing: {sentence}"),
                        None => format!("“{{{{{what}}}}}” names nothing."),
                    },
                }
            };
            unknown.push(Unknown { line: place.line, sentence });
        }
        unknown
    }
}

/// What speaks of any of these rounds, newest first, with the figures in the titles.
pub async fn speaking_of(db: &SqlitePool, rounds: &[String]) -> sqlx::Result<Vec<Mention>> {
    let mut mentions = store::mentions(db, rounds).await?;
    let titles: Vec<&str> = mentions.iter().map(|mention| mention.title.as_str()).collect();
    let facts = Facts::of(db, &titles).await?;
    for mention in &mut mentions {
        mention.title = facts.line(&mention.title);
    }
    Ok(mentions)
}

/// What stands between double braces anywhere in a text, code and all: it costs little to know more than is needed.
fn places(text: &str) -> Vec<String> {
    placeholders_in_line(text).into_iter().filter(|place| place.closed).map(|place| place.what).collect()
}

/// The same for tokens that differ in case and spaces.
fn key(what: &str) -> String {
    what.split_whitespace().map(str::to_lowercase).collect::<Vec<_>>().join(" ")
}

/// A category's list as it stood on a day, with its occupations.
type ListOfDay = (CategoryList, Vec<Occupation>);

async fn list_on(db: &SqlitePool, category: &str, day: Date) -> sqlx::Result<Option<ListOfDay>> {
    let Some(list) = occupations::list_on(db, category, day).await? else { return Ok(None) };
    let occupations = occupations::occupations_of(db, list.id).await?;
    Ok(Some((list, occupations)))
}

fn listed(list: &CategoryList, occupations: &[Occupation], counted: bool) -> Result<Filling, String> {
    if occupations.is_empty() {
        return Err(format!("The list “{}” names no occupations.", list.name_en));
    }
    if counted {
        return Ok(Filling::Words(occupations.len().to_string()));
    }
    rendered(&OccupationsBlock { list, occupations })
}

fn rendered(block: &impl Template) -> Result<Filling, String> {
    block.render().map(Filling::Block).map_err(|_| "It cannot be shown.".into())
}
