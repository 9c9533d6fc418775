//! The facts that a text refers to, gathered from the record when its page is made.

use std::collections::{BTreeSet, HashMap};

use askama::Template;
use jiff::civil::Date;
use sqlx::SqlitePool;

use crate::categories::{self, CategoryList};
use crate::draws::store::DrawMention;
use crate::draws::tokens::token::{DrawField, Token};
use crate::draws::{Draw, DrawNumber, comparison, store};
use crate::noc::Occupation;
use crate::web::{
    Placeholder, Replacement, expand_line, find_placeholders, find_placeholders_in_line, plural, render_markdown,
    render_note, with_thousands,
};

/// What the tokens of some texts stand for.
#[derive(Default)]
pub struct TokenValues {
    by_token: HashMap<String, Result<Replacement, String>>,
    rounds: BTreeSet<DrawNumber>,
}

/// Why a text refers to nothing: the line, from 1, and a sentence.
pub struct UnresolvedToken {
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

impl TokenValues {
    /// Gathers what `texts` refer to. Texts without a token cost nothing.
    pub async fn for_texts(db: &SqlitePool, texts: &[&str]) -> sqlx::Result<Self> {
        let tokens: HashMap<String, Token> = texts
            .iter()
            .filter(|text| text.contains("{{"))
            .flat_map(|text| token_texts(text))
            .filter_map(|what| Some((normalize(&what), what.parse().ok()?)))
            .collect();
        let rounds: BTreeSet<String> = tokens.values().filter_map(Token::round).map(ToString::to_string).collect();
        if tokens.is_empty() {
            return Ok(Self::default());
        }
        let draws: HashMap<DrawNumber, Draw> =
            store::find_many(db, &rounds).await?.into_iter().map(|draw| (draw.round.clone(), draw)).collect();
        let mut values = Self { by_token: HashMap::new(), rounds: draws.keys().cloned().collect() };
        let mut lists: HashMap<(String, Date), Option<ListOnDate>> = HashMap::new();
        for (key, token) in tokens {
            let filling = match token {
                Token::Draw(round, part) => match draws.get(&round) {
                    Some(draw) => values.value(db, draw, part).await?,
                    None => Err(format!("There is no round {round} in the record.")),
                },
                Token::Occupations { category, day, count_only: counted } => {
                    let place = (category, day);
                    if !lists.contains_key(&place) {
                        lists.insert(place.clone(), list_on(db, &place.0, day).await?);
                    }
                    match lists.get(&place) {
                        Some(Some((list, occupations))) => occupations_value(list, occupations, counted),
                        _ => Err(format!("No list of “{}” was in force on {day}.", place.0)),
                    }
                }
            };
            values.by_token.insert(key, filling);
        }
        Ok(values)
    }

    /// The rounds whose figures stand in the texts, those they are compared with among them.
    pub fn rounds(&self) -> &BTreeSet<DrawNumber> {
        &self.rounds
    }

    async fn value(
        &mut self,
        db: &SqlitePool,
        draw: &Draw,
        part: DrawField,
    ) -> sqlx::Result<Result<Replacement, String>> {
        let unknown = |what: &str| Err(format!("The record of round {} has no {what}.", draw.round));
        let words = match part {
            DrawField::Crs => draw.crs.to_string(),
            DrawField::CutOff => draw.cut_off_text(),
            DrawField::Invitations => draw.invitations_text(),
            DrawField::Date => draw.day().text,
            DrawField::Name => draw.name.clone(),
            DrawField::TieBreak => match draw.tie_break_instant() {
                Some(instant) => instant.text,
                None => return Ok(unknown("tie-break")),
            },
            DrawField::Time => match draw.instant() {
                Some(instant) => instant.text,
                None => return Ok(unknown("instant")),
            },
            DrawField::Comparison => match store::previous_of_category(db, draw).await? {
                Some(before) => {
                    self.rounds.insert(before.round.clone());
                    comparison::describe(draw, &before)
                }
                None => return Ok(unknown("earlier round of its category")),
            },
            DrawField::YearRounds => plural(store::year_to_date(db, draw).await?.0, "round", "rounds"),
            DrawField::YearInvitations => with_thousands(store::year_to_date(db, draw).await?.1),
            DrawField::Figures => return Ok(render_block(&FiguresBlock { draw })),
        };
        Ok(Ok(Replacement::Text(words)))
    }

    /// A title or a summary with its figures in it.
    pub fn expand_line(&self, text: &str) -> String {
        expand_line(text, &|what| self.replacement(what))
    }

    /// A Markdown text as HTML, with its figures in it.
    pub fn markdown_html(&self, text: &str) -> String {
        render_markdown(text, &|what| self.replacement(what))
    }

    /// A Markdown note as HTML, with its figures in it.
    pub fn note_html(&self, text: &str) -> String {
        render_note(text, &|what| self.replacement(what))
    }

    /// A token that was good when it was saved may have lost its value since: readers are told so in words.
    fn replacement(&self, what: &str) -> Option<Replacement> {
        let found = self.by_token.get(&normalize(what))?;
        Some(found.clone().unwrap_or_else(|_| Replacement::Text("(not in our record)".into())))
    }

    /// Places in a text of one line that refer to nothing. `is_known` says which places somebody else fills.
    pub fn unresolved_in_line(&self, text: &str, is_known: &dyn Fn(&str) -> bool) -> Vec<UnresolvedToken> {
        self.unresolved(find_placeholders_in_line(text), is_known)
    }

    /// Places in a Markdown text that refer to nothing. `is_known` says which places somebody else fills.
    pub fn unresolved_in_markdown(&self, text: &str, is_known: &dyn Fn(&str) -> bool) -> Vec<UnresolvedToken> {
        self.unresolved(find_placeholders(text), is_known)
    }

    fn unresolved(&self, places: Vec<Placeholder>, is_known: &dyn Fn(&str) -> bool) -> Vec<UnresolvedToken> {
        let mut unknown = vec![];
        for place in places {
            let what = &place.key;
            let sentence = if !place.is_closed {
                format!("“{{{{{}” is not closed with }}}}.", what.chars().take(40).collect::<String>())
            } else if is_known(what) {
                continue;
            } else {
                match what.parse::<Token>() {
                    Err(error) => format!("“{{{{{what}}}}}” names nothing: {error}"),
                    Ok(token) if token.is_block() && !place.is_paragraph => {
                        format!("“{{{{{what}}}}}” needs a paragraph of its own, in the text.")
                    }
                    Ok(_) => match self.by_token.get(&normalize(what)) {
                        Some(Ok(_)) => continue,
                        Some(Err(sentence)) => format!("“{{{{{what}}}}}” names nothing: {sentence}"),
                        None => format!("“{{{{{what}}}}}” names nothing."),
                    },
                }
            };
            unknown.push(UnresolvedToken { line: place.line, sentence });
        }
        unknown
    }
}

/// What speaks of any of these rounds, newest first, with the figures in the titles.
pub async fn mentions_of(db: &SqlitePool, rounds: &[String]) -> sqlx::Result<Vec<DrawMention>> {
    let mut mentions = store::mentions(db, rounds).await?;
    let titles: Vec<&str> = mentions.iter().map(|mention| mention.title.as_str()).collect();
    let values = TokenValues::for_texts(db, &titles).await?;
    for mention in &mut mentions {
        mention.title = values.expand_line(&mention.title);
    }
    Ok(mentions)
}

/// What stands between double braces anywhere in a text, code and all: it costs little to know more than is needed.
fn token_texts(text: &str) -> Vec<String> {
    find_placeholders_in_line(text).into_iter().filter(|place| place.is_closed).map(|place| place.key).collect()
}

/// The same for tokens that differ in case and spaces.
fn normalize(what: &str) -> String {
    what.split_whitespace().map(str::to_lowercase).collect::<Vec<_>>().join(" ")
}

/// A category's list as it stood on a day, with its occupations.
type ListOnDate = (CategoryList, Vec<Occupation>);

async fn list_on(db: &SqlitePool, category: &str, day: Date) -> sqlx::Result<Option<ListOnDate>> {
    let Some(list) = categories::list_on(db, category, day).await? else { return Ok(None) };
    let occupations = categories::occupations_of(db, list.id).await?;
    Ok(Some((list, occupations)))
}

fn occupations_value(list: &CategoryList, occupations: &[Occupation], counted: bool) -> Result<Replacement, String> {
    if occupations.is_empty() {
        return Err(format!("The list “{}” names no occupations.", list.name_en));
    }
    if counted {
        return Ok(Replacement::Text(occupations.len().to_string()));
    }
    render_block(&OccupationsBlock { list, occupations })
}

fn render_block(block: &impl Template) -> Result<Replacement, String> {
    block.render().map(Replacement::Html).map_err(|_| "It cannot be shown.".into())
}
