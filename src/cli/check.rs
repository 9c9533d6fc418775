//! The command `check`: the fact check of files.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, ensure};
use jiff::civil::Date;
use serde::Serialize;

use crate::app;
use crate::categories;
use crate::cli::input::read_file;
use crate::cli::output::print_line;
use crate::clock::Clock;
use crate::config::Config;
use crate::draws::{self, TokenValues};
use crate::fact_check::{self, DrawRecord, Severity};
use crate::occupations;
use crate::web::{DisplayDate, decode_text, first_heading, html_title, html_to_markdown, office_date, plural_len};

#[derive(clap::Args)]
pub struct CheckArguments {
    /// Markdown or HTML files, or - to read standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Day on which the texts were published, such as 2023-06-28 [default: `date` in the front matter, or today]
    #[arg(long, value_name = "YYYY-MM-DD")]
    published: Option<Date>,
    /// Print the findings as a JSON array
    #[arg(long)]
    json: bool,
}

/// A text to check.
#[derive(Debug, Default, PartialEq, Eq)]
struct Article {
    title: String,
    /// Markdown.
    body: String,
    published: Option<Date>,
    /// Lines of the title and of the start of the body in the file. `None` for HTML, whose lines differ from those of
    /// the body.
    lines: Option<(usize, usize)>,
}

/// A finding as it is printed.
#[derive(Serialize)]
struct PrintedFinding {
    file: String,
    field: &'static str,
    line: Option<usize>,
    rule: &'static str,
    #[serde(skip)]
    label: &'static str,
    /// `error` or `hint`.
    severity: &'static str,
    sentence: String,
    reason: String,
    /// What the post editor inserts, such as `{{draw 252 crs}}`.
    replacement: Option<String>,
    /// The sentence with the figures of the record.
    corrected_sentence: Option<String>,
}

/// Checks all files. Exit code 1 if there are errors, and 2 if a file cannot be read.
pub async fn run(arguments: &CheckArguments, config: &Config) -> Result<ExitCode> {
    let db = app::open_record(config).await?;
    let (draws, occupations) = (draws::all(&db).await?, occupations::all(&db).await?);
    let newest = draws.first().context("the record has no draws")?;
    let lists = categories::dated_lists(&db).await?;
    let record = DrawRecord { draws: &draws, occupations: &occupations, lists: &lists };
    let today = office_date(Clock::system().now());
    let (mut printed, mut unreadable) = (vec![], 0);
    for file in &arguments.files {
        let article = match Article::read(file) {
            Ok(article) => article,
            Err(error) => {
                eprintln!("error: {error:#}");
                unreadable += 1;
                continue;
            }
        };
        let day = arguments.published.or(article.published).unwrap_or(today);
        let found = fact_check::findings(&[("title", &article.title), ("body", &article.body)], &record, day);
        let fixes = found.iter().filter_map(|finding| finding.suggested_fix.as_ref());
        let texts: Vec<&str> =
            fixes.flat_map(|fix| [Some(&*fix.replacement), fix.corrected_sentence.as_deref()]).flatten().collect();
        let token_values = TokenValues::for_texts(&db, &texts).await?;
        for finding in found {
            let fix = finding.suggested_fix;
            let corrected = fix.as_ref().and_then(|fix| fix.corrected_sentence.as_deref());
            let finding = PrintedFinding {
                file: file.display().to_string(),
                field: finding.field,
                line: article.line(finding.field, finding.line),
                rule: finding.rule.key(),
                label: finding.rule.label(),
                severity: match finding.severity {
                    Severity::Error => "error",
                    Severity::Hint => "hint",
                },
                sentence: finding.sentence,
                reason: finding.reason,
                corrected_sentence: corrected.map(|sentence| token_values.expand_line(sentence)),
                replacement: fix.map(|fix| fix.replacement),
            };
            if !arguments.json {
                let replacement = finding.replacement.as_ref().map(|text| token_values.expand_line(text));
                print_line(&finding.text(replacement));
            }
            printed.push(finding);
        }
    }
    let count = |severity| printed.iter().filter(|finding| finding.severity == severity).count();
    let (errors, hints) = (count("error"), count("hint"));
    if arguments.json {
        print_line(&serde_json::to_string_pretty(&printed)?);
    } else {
        print_line(&format!(
            "{} checked with the draws up to {} ({}): {}, {}",
            plural_len(arguments.files.len() - unreadable, "file", "files"),
            newest.round,
            DisplayDate::from(newest.date).text,
            plural_len(errors, "error", "errors"),
            plural_len(hints, "hint", "hints")
        ));
    }
    Ok(match (unreadable, errors) {
        (0, 0) => ExitCode::SUCCESS,
        (0, _) => ExitCode::from(1),
        _ => ExitCode::from(2),
    })
}

impl PrintedFinding {
    fn text(&self, replacement: Option<String>) -> String {
        let Self { file, severity, label, reason, sentence, corrected_sentence, .. } = self;
        let line = self.line.map(|line| format!(":{line}")).unwrap_or_default();
        let fix = corrected_sentence.clone().or(replacement).map(|fix| format!("\n  fix: {fix}")).unwrap_or_default();
        format!("{file}{line}: [{severity}] {label}: {reason}\n  {sentence}{fix}")
    }
}

impl Article {
    fn read(file: &Path) -> Result<Self> {
        let text = decode_text(&read_file(file)?).replace("\r\n", "\n");
        ensure!(!text.contains('\0'), "cannot read {}: it is not a text file", file.display());
        let extension = file.extension().unwrap_or_default().to_ascii_lowercase();
        let start: String = text.trim_start().chars().take(9).collect::<String>().to_ascii_lowercase();
        let is_html = extension == "html" || extension == "htm" || start == "<!doctype" || start.starts_with("<html");
        Ok(if is_html { Self::from_html(&text) } else { Self::from_markdown(&text) })
    }

    /// The title is the first heading of level 1, or else the title of the document.
    fn from_html(html: &str) -> Self {
        let markdown = html_to_markdown(html);
        match split_heading(&markdown, 1) {
            Some((title, _, body)) => Self { title, body, ..Self::default() },
            None => Self { title: html_title(html), body: markdown, ..Self::default() },
        }
    }

    /// The title is that of the front matter, or else the first heading.
    fn from_markdown(text: &str) -> Self {
        let (front_matter, body) = split_front_matter(text);
        let first_line = 1 + text[..text.len() - body.len()].matches('\n').count();
        let field = |name: &str| {
            let (index, line) = front_matter.lines().enumerate().find(|(_, line)| line.starts_with(name))?;
            Some((index + 2, line[name.len()..].trim().trim_matches(['"', '\''])))
        };
        let published = field("date:").and_then(|(_, date)| date.get(..10)?.parse().ok());
        let (title, title_line, body) = match (field("title:"), split_heading(body, 6)) {
            (Some((line, title)), _) => (title.to_owned(), line, body.to_owned()),
            (None, Some((title, lines_before, body))) => (title, first_line + lines_before, body),
            (None, None) => (String::new(), 1, body.to_owned()),
        };
        Self { title, body, published, lines: Some((title_line, first_line)) }
    }

    /// Line in the file of a line in a field.
    fn line(&self, field: &str, line: usize) -> Option<usize> {
        let (title, body) = self.lines?;
        Some(if field == "title" { title } else { body + line - 1 })
    }
}

/// Lines between `---` at the start of a file, such as `title: "A title"`, and the text after them.
fn split_front_matter(text: &str) -> (&str, &str) {
    text.strip_prefix("---\n").and_then(|text| text.split_once("\n---\n")).unwrap_or(("", text))
}

/// The first heading of up to this level, the number of lines before it, and the text with empty lines in its place.
fn split_heading(markdown: &str, max_level: usize) -> Option<(String, usize, String)> {
    let (title, range) = first_heading(markdown, max_level)?;
    let (before, heading, after) = (&markdown[..range.start], &markdown[range.clone()], &markdown[range.end..]);
    let lines = |text: &str| text.matches('\n').count();
    Some((title, lines(before), format!("{before}{}{after}", "\n".repeat(lines(heading)))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn markdown(title: &str, body: &str, published: Option<Date>, lines: (usize, usize)) -> Article {
        Article { title: title.into(), body: body.into(), published, lines: Some(lines) }
    }

    #[test]
    fn title_date_and_lines_are_read_from_markdown() {
        let text = "---\nlayout: post\ntitle: \"A: b\"\ndate: 2023-07-04T09:00:00Z\n---\n\n# Heading\nText\n";
        let article = Article::from_markdown(text);
        assert_eq!(article, markdown("A: b", "\n# Heading\nText\n", Some(jiff::civil::date(2023, 7, 4)), (3, 6)));
        assert_eq!((article.line("title", 1), article.line("body", 3)), (Some(3), Some(8)));
        for (text, expected) in [
            ("Intro\n\n## The *heading*\n\nText", markdown("The heading", "Intro\n\n\n\nText", None, (3, 1))),
            ("---\ndate: soon\n---\nHeading\n===\nText", markdown("Heading", "\n\nText", None, (4, 4))),
            ("```\n# comment\n```", markdown("", "```\n# comment\n```", None, (1, 1))),
            ("---\ntitle: x", markdown("", "---\ntitle: x", None, (1, 1))),
            ("", markdown("", "", None, (1, 1))),
        ] {
            assert_eq!(Article::from_markdown(text), expected, "{text}");
        }
    }

    #[test]
    fn title_is_read_from_html() {
        let title_and_body = |html: &str| {
            let Article { title, body, .. } = Article::from_html(html);
            (title, body.trim().to_owned())
        };
        let page = "<title>Firm</title><h2>Site</h2><h1>Draw <b>252</b></h1><p>Text</p>";
        assert_eq!(title_and_body(page), ("Draw 252".into(), "## Site\n\n\n\nText".into()));
        assert_eq!(title_and_body("<title>Firm &amp; Co</title>Text"), ("Firm & Co".into(), "Text".into()));
    }
}
