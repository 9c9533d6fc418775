//! Vocabulary: the project uses standard terms instead of words with a private meaning.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

use std::fs;
use std::path::{Path, PathBuf};

/// Words that are not used at all, in a text or as a part of a name, with or without a plural `s`.
const WORDS: &[(&str, &str)] = &[
    ("arrival", "submission"),
    ("belief", "ClockStatus"),
    ("bin", "trash"),
    ("binned", "trashed"),
    ("clerk", "BatchWriter"),
    ("deed", "action"),
    ("desk", "admin area, dashboard, StaffContext"),
    ("doubt", "spam score, spam reason, warning"),
    ("doubted", "warning"),
    ("doubtful", "uncertain"),
    ("edition", "generation, cached page"),
    ("facts", "metrics snapshot, token values"),
    ("hear", "subscribe"),
    ("house", "private network"),
    ("household", "client IP, /64 prefix"),
    ("housekeeping", "jobs"),
    ("keeping", "retention, trash, backup, maintenance"),
    ("noted", "recorded"),
    ("patience", "timeout, maximum age, SLA"),
    ("standing", "status"),
    ("telling", "notifying"),
    ("twin", "duplicate in the same batch"),
];

/// Phrases that are not used.
const PHRASES: &[(&str, &str)] = &[
    ("_letters", "emails"),
    ("_copies", "backups, cached pages"),
    ("copies of each night", "nightly backups"),
    ("copies of the night", "nightly backups"),
    ("figures page", "metrics"),
    ("give back", "restore"),
    ("given back", "restored"),
    ("hand in", "upload"),
    ("hand over", "send"),
    ("handed in", "uploaded"),
    ("handed over", "sent"),
    ("in the bin", "in the trash"),
    ("its letters", "its e-mails"),
    ("letter under way", "e-mail in progress"),
    ("letters to", "e-mails to"),
    ("look around", "check"),
    ("ready cop", "cached page"),
    ("set aside", "quarantined"),
    ("take away", "download"),
    ("the letter is", "the e-mail is"),
    ("under way", "in progress"),
];

/// Names that are not used for an item or a column, because they say nothing without their context. `fn` and `column`
/// restrict a name to functions or columns.
const NAMES: &[(&str, &str)] = &[
    ("AHEAD", "MAX_CLOCK_SKEW"),
    ("AT_ONCE", "BURST, CHUNK_SIZE"),
    ("Answer", "SearchResult"),
    ("Asked", "FilterParams, SearchQuery"),
    ("EVERY", "POLL_INTERVAL"),
    ("Entry", "TimelineEntry, BackupEntry"),
    ("Fact", "LabelledField"),
    ("Found", "SearchHit, OccupationMatch"),
    ("Kept", "BackupEntry, SaveResult"),
    ("Kind", "TokenKind, InquiryKind"),
    ("Known", "DedupLookup, PersonRecords"),
    ("LASTS", "INVITATION_TTL"),
    ("LONGEST", "MAX_AGE, MAX_TITLE_LEN"),
    ("Letter", "NewEmail, OutboxMessage"),
    ("Line", "SourceLine, WarningLine"),
    ("MANY", "MAX_TRACKED_KEYS"),
    ("MOST", "MAX_CONNECTIONS"),
    ("MARKS_OF_PROXIES", "PROXY_HEADERS"),
    ("Mark", "FormMeta"),
    ("Mention", "DrawMention"),
    ("Piece", "Token"),
    ("Place", "DataLayout, Placeholder"),
    ("Reading", "ClockSample, RenderedPost"),
    ("SHOWN", "PAGE_SIZE"),
    ("State", "InquiryState"),
    ("TOGETHER", "BATCH_SIZE"),
    ("Trust", "ClockGuard"),
    ("Typed", "FormInput, SearchQuery"),
    ("WAITING", "QUEUE_CAPACITY"),
    ("column held", "on_hold"),
    ("column network", "network_hash"),
    ("column score", "spam_score"),
    ("counter", "intake"),
    ("figures", "metrics"),
    ("fn keep", "submit, store"),
    ("fn note", "record_event, audit"),
    ("fn take", "acquire, observe"),
    ("letters", "emails"),
    ("mark", "form_token, highlight"),
    ("marked", "with_form_token, highlight"),
    ("words", "label, describe, tokenize, synonyms"),
];

/// Verbs that no function name begins with.
const VERBS: &[(&str, &str)] = &[
    ("give", "restore, assign"),
    ("hand", "send, upload"),
    ("hear", "subscribe"),
    ("look", "check, poll"),
    ("noting", "recording"),
    ("say", "print, flash"),
    ("tell", "notify"),
];

/// Texts in which a word has its ordinary meaning.
const ALLOWED: &[&str] = &["/bin/", "/bin:", "CARGO_BIN_EXE", "for keeping", "by hand in", "shared/facts"];

fn files_below(path: &Path, found: &mut Vec<PathBuf>) {
    if path.is_dir() {
        fs::read_dir(path).unwrap().for_each(|entry| files_below(&entry.unwrap().path(), found));
    } else {
        found.push(path.to_owned());
    }
}

/// Parts of the identifiers in a text, in lower case: `StaffContext` and `staff_context` have the same.
fn parts(text: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut was_lower = false;
    for c in text.chars() {
        if !c.is_alphanumeric() || (c.is_uppercase() && was_lower) {
            parts.push(String::new());
        }
        if c.is_alphanumeric() {
            parts.last_mut().unwrap().extend(c.to_lowercase());
        }
        was_lower = c.is_lowercase();
    }
    parts
}

/// Keyword and name of the Rust item or SQL column that a line defines.
fn definition(line: &str) -> Option<(&str, &str)> {
    const KEYWORDS: [&str; 8] = ["struct", "enum", "trait", "type", "const", "static", "mod", "fn"];
    let words: Vec<&str> = line.split_whitespace().take(5).collect();
    if line.starts_with("    ") && words.get(1).is_some_and(|kind| ["TEXT", "INTEGER"].contains(kind)) {
        return Some(("column", words[0]));
    }
    let keyword = words.iter().position(|word| KEYWORDS.contains(word))?;
    let name = words.get(keyword + 1)?.split(|c: char| !c.is_alphanumeric() && c != '_').next()?;
    Some((words[keyword], name))
}

/// Forbidden uses in a line, each with the standard term.
fn forbidden(line: &str) -> Vec<(&'static str, &'static str)> {
    let line = ALLOWED.iter().fold(line.to_owned(), |line, allowed| line.replace(allowed, " "));
    let (parts, lower) = (parts(&line), line.to_lowercase());
    let is_word = |word: &str| parts.iter().any(|part| part == word || part.strip_suffix('s') == Some(word));
    let mut found: Vec<_> = WORDS.iter().filter(|(word, _)| is_word(word)).collect();
    found.extend(PHRASES.iter().filter(|(phrase, _)| lower.contains(phrase)));
    if let Some((keyword, name)) = definition(&line) {
        let full = format!("{keyword} {name}");
        found.extend(NAMES.iter().filter(|(forbidden, _)| *forbidden == name || *forbidden == full));
        let verb = name.split('_').next().unwrap();
        found.extend(VERBS.iter().filter(|(forbidden, _)| keyword == "fn" && *forbidden == verb));
    }
    found.into_iter().copied().collect()
}

#[test]
fn private_words_are_not_used() {
    const SCANNED: [&str; 12] = [
        "src",
        "templates",
        "tests",
        "docs",
        "deploy",
        "migrations",
        "benches",
        "static",
        ".ci",
        "build.rs",
        "README.md",
        "CONTRIBUTING.md",
    ];
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = vec![];
    SCANNED.iter().for_each(|path| files_below(&root.join(path), &mut files));
    files.retain(|file| !file.ends_with(file!()));
    let mut wrong = vec![];
    for file in files {
        let name = file.strip_prefix(root).unwrap().to_str().unwrap();
        // Images have no lines.
        let text = fs::read_to_string(&file).unwrap_or_default();
        for (number, line) in [name].into_iter().chain(text.lines()).enumerate() {
            let uses = forbidden(line).into_iter();
            wrong.extend(uses.map(|(word, term)| format!("{name}:{number}: “{word}”, use {term}: {line}")));
            // At the HTTP level there are only clients.
            if name.starts_with("src/http/") && line.contains("visitor") {
                wrong.push(format!("{name}:{number}: “visitor”, use client: {line}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_listed_word_is_found() {
    for (word, _) in WORDS.iter().chain(PHRASES) {
        assert!(!forbidden(&format!("the {word}")).is_empty(), "{word}");
    }
    assert!(!forbidden("class=\"DeskPages\"").is_empty() && !forbidden("kept_in_bin()").is_empty());
    for (name, _) in NAMES {
        let line = match name.split_once(' ') {
            Some(("column", column)) => format!("    {column} TEXT NOT NULL,"),
            Some(_) => format!("pub async {name}(&self)"),
            None => format!("pub(super) struct {name}<'a> {{"),
        };
        assert_eq!(forbidden(&line).len(), 1, "{line}");
    }
    for (verb, _) in VERBS {
        assert!(!forbidden(&format!("    pub fn {verb}_it(&self)")).is_empty(), "{verb}");
    }
    assert!(forbidden("/// A place to note figures: 12 letters, held by hand in /usr/local/bin/program.").is_empty());
}
