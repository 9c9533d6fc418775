//! Values of tokens, loaded from the record when a page is rendered.

use std::collections::{BTreeSet, HashMap};

use askama::Template;
use jiff::civil::Date;
use sqlx::SqlitePool;

use crate::categories::{self, CategoryList};
use crate::draws::store::DrawMention;
use crate::draws::tokens::token::{DrawField, Token};
use crate::draws::{Draw, DrawNumber, comparison, store};
use crate::media;
use crate::noc::Occupation;
use crate::web::{
    DisplayTime, Pictures, Placeholder, Replacement, expand_line, find_placeholders, find_placeholders_in_line, plural,
    render_markdown, render_note, with_thousands,
};

/// Values of all tokens in a set of texts, and the pictures in them.
#[derive(Default)]
pub struct TokenValues {
    by_token: HashMap<String, Result<Replacement, String>>,
    draw_numbers: BTreeSet<DrawNumber>,
    pictures: Pictures,
}

/// Token without a value: its line, from 1, and the reason.
pub struct UnresolvedToken {
    pub line: usize,
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
    /// Loads the values of all tokens and the pictures in `texts`. Texts without them need no query.
    pub async fn for_texts(db: &SqlitePool, texts: &[&str]) -> sqlx::Result<Self> {
        let tokens: HashMap<String, Token> = texts
            .iter()
            .filter(|text| text.contains("{{"))
            .flat_map(|text| token_texts(text))
            .filter_map(|what| Some((normalize(&what), what.parse().ok()?)))
            .collect();
        let numbers: BTreeSet<String> =
            tokens.values().filter_map(Token::draw_number).map(ToString::to_string).collect();
        let pictures = media::pictures_in(db, texts).await?;
        if tokens.is_empty() {
            return Ok(Self { pictures, ..Self::default() });
        }
        let draws: HashMap<DrawNumber, Draw> =
            store::find_many(db, &numbers).await?.into_iter().map(|draw| (draw.round.clone(), draw)).collect();
        let mut values = Self { by_token: HashMap::new(), draw_numbers: draws.keys().cloned().collect(), pictures };
        let mut lists: HashMap<(String, Date), Option<ListOnDate>> = HashMap::new();
        for (key, token) in tokens {
            let value = match token {
                Token::Draw(round, field) => match draws.get(&round) {
                    Some(draw) => values.value(db, draw, field).await?,
                    None => Err(format!("There is no draw {round} in the record.")),
                },
                Token::Occupations { category, day, count_only } => {
                    let list_key = (category, day);
                    if !lists.contains_key(&list_key) {
                        lists.insert(list_key.clone(), list_on(db, &list_key.0, day).await?);
                    }
                    match lists.get(&list_key) {
                        Some(Some((list, occupations))) => occupations_value(list, occupations, count_only),
                        _ => Err(format!("No list of “{}” was in effect on {day}.", list_key.0)),
                    }
                }
            };
            values.by_token.insert(key, value);
        }
        Ok(values)
    }

    /// The pictures in the texts.
    pub fn pictures(&self) -> &Pictures {
        &self.pictures
    }

    /// Draws whose figures appear in the texts, including those used in comparisons.
    pub fn draw_numbers(&self) -> &BTreeSet<DrawNumber> {
        &self.draw_numbers
    }

    async fn value(
        &mut self,
        db: &SqlitePool,
        draw: &Draw,
        field: DrawField,
    ) -> sqlx::Result<Result<Replacement, String>> {
        let unknown = |what: &str| Err(format!("The record of draw {} has no {what}.", draw.round));
        let text = match field {
            DrawField::Crs => draw.crs.to_string(),
            DrawField::CutOff => draw.cut_off_text(),
            DrawField::Invitations => draw.invitations_text(),
            DrawField::Date => draw.day().text,
            DrawField::Name => draw.name.clone(),
            DrawField::TieBreak => match draw.tie_break {
                Some(tie_break) => DisplayTime::utc_minute(tie_break).text,
                None => return Ok(unknown("tie-break")),
            },
            DrawField::Time => match draw.held_at {
                Some(held_at) => DisplayTime::utc_minute(held_at).text,
                None => return Ok(unknown("time")),
            },
            DrawField::Comparison => match store::previous_of_category(db, draw).await? {
                Some(before) => {
                    self.draw_numbers.insert(before.round.clone());
                    comparison::describe(draw, &before)
                }
                None => return Ok(unknown("earlier draw in its category")),
            },
            DrawField::YearDraws => plural(store::year_to_date(db, draw).await?.0, "draw", "draws"),
            DrawField::YearInvitations => with_thousands(store::year_to_date(db, draw).await?.1),
            DrawField::Figures => return Ok(render_block(&FiguresBlock { draw })),
        };
        Ok(Ok(Replacement::Text(text)))
    }

    /// Expands the tokens in a title or summary.
    pub fn expand_line(&self, text: &str) -> String {
        expand_line(text, &|what| self.replacement(what))
    }

    /// Renders Markdown with expanded tokens.
    pub fn markdown_html(&self, text: &str) -> String {
        render_markdown(text, &|what| self.replacement(what))
    }

    /// Renders a Markdown note with expanded tokens.
    pub fn note_html(&self, text: &str) -> String {
        render_note(text, &|what| self.replacement(what))
    }

    /// A token that was valid when the text was saved may have lost its value since.
    fn replacement(&self, what: &str) -> Option<Replacement> {
        if let Some(picture) = Replacement::picture(&self.pictures, what) {
            return Some(picture);
        }
        let found = self.by_token.get(&normalize(what))?;
        Some(found.clone().unwrap_or_else(|_| Replacement::Text("(not available)".into())))
    }

    /// Invalid tokens in a one-line text. `is_known` accepts placeholders of other features.
    pub fn unresolved_in_line(&self, text: &str, is_known: &dyn Fn(&str) -> bool) -> Vec<UnresolvedToken> {
        self.unresolved(find_placeholders_in_line(text), is_known)
    }

    /// Invalid tokens in a Markdown text. `is_known` accepts placeholders of other features.
    pub fn unresolved_in_markdown(&self, text: &str, is_known: &dyn Fn(&str) -> bool) -> Vec<UnresolvedToken> {
        self.unresolved(find_placeholders(text), is_known)
    }

    fn unresolved(&self, placeholders: Vec<Placeholder>, is_known: &dyn Fn(&str) -> bool) -> Vec<UnresolvedToken> {
        let mut unknown = vec![];
        for placeholder in placeholders {
            let what = &placeholder.key;
            let sentence = if !placeholder.is_closed {
                format!("“{{{{{}” is not closed with }}}}.", what.chars().take(40).collect::<String>())
            } else if is_known(what) {
                continue;
            } else {
                match what.parse::<Token>() {
                    Err(error) => format!("“{{{{{what}}}}}” is not valid: {error}"),
                    Ok(token) if token.is_block() && !placeholder.is_paragraph => {
                        format!("“{{{{{what}}}}}” must be in a paragraph of its own in the text.")
                    }
                    Ok(_) => match self.by_token.get(&normalize(what)) {
                        Some(Ok(_)) => continue,
                        Some(Err(sentence)) => format!("“{{{{{what}}}}}” is not valid. {sentence}"),
                        None => format!("“{{{{{what}}}}}” is not valid."),
                    },
                }
            };
            unknown.push(UnresolvedToken { line: placeholder.line, sentence });
        }
        unknown
    }
}

/// Posts that mention any of these draws, newest first, with expanded titles.
pub async fn mentions_of(db: &SqlitePool, numbers: &[String]) -> sqlx::Result<Vec<DrawMention>> {
    let mut mentions = store::mentions(db, numbers).await?;
    let titles: Vec<&str> = mentions.iter().map(|mention| mention.title.as_str()).collect();
    let values = TokenValues::for_texts(db, &titles).await?;
    for mention in &mut mentions {
        mention.title = values.expand_line(&mention.title);
    }
    Ok(mentions)
}

/// All closed tokens in a text, including those in code.
fn token_texts(text: &str) -> Vec<String> {
    find_placeholders_in_line(text)
        .into_iter()
        .filter(|placeholder| placeholder.is_closed)
        .map(|placeholder| placeholder.key)
        .collect()
}

/// Lower-cases a token and collapses its spaces.
fn normalize(what: &str) -> String {
    what.split_whitespace().map(str::to_lowercase).collect::<Vec<_>>().join(" ")
}

/// Category list in effect on a day, with its occupations.
type ListOnDate = (CategoryList, Vec<Occupation>);

async fn list_on(db: &SqlitePool, category: &str, day: Date) -> sqlx::Result<Option<ListOnDate>> {
    let Some(list) = categories::list_on(db, category, day).await? else { return Ok(None) };
    let occupations = categories::occupations_of(db, list.id).await?;
    Ok(Some((list, occupations)))
}

fn occupations_value(list: &CategoryList, occupations: &[Occupation], count_only: bool) -> Result<Replacement, String> {
    if occupations.is_empty() {
        return Err(format!("The list “{}” names no occupations.", list.name_en));
    }
    if count_only {
        return Ok(Replacement::Text(occupations.len().to_string()));
    }
    render_block(&OccupationsBlock { list, occupations })
}

fn render_block(block: &impl Template) -> Result<Replacement, String> {
    block.render().map(Replacement::Html).map_err(|_| "It cannot be shown.".into())
}
