//! Groups of words from the files in `data/fact_check`.

use std::collections::HashMap;
use std::sync::LazyLock;

/// Word, and whether it may have any ending.
pub(super) type Word = (&'static str, bool);

/// Words around codes, titles and ranks.
pub(super) static WORDS: LazyLock<WordGroups> =
    LazyLock::new(|| WordGroups::read(include_str!("../../data/fact_check/codes.txt")));

/// Groups by name, from lines such as `fees = fee fees charge*`.
pub(super) struct WordGroups(HashMap<&'static str, Vec<Word>>);

impl WordGroups {
    pub fn read(file: &'static str) -> Self {
        let groups = lines(file).filter_map(|line| line.split_once(" = "));
        Self(groups.map(|(name, words)| (name.trim(), words.split_whitespace().map(word).collect())).collect())
    }

    pub fn group(&self, group: &str) -> &[Word] {
        self.0.get(group).map_or(&[], Vec::as_slice)
    }

    pub fn has(&self, group: &str, word: &str) -> bool {
        is_one_of(word, self.group(group))
    }
}

/// Lines with content; `#` begins a comment.
pub(super) fn lines(file: &'static str) -> impl Iterator<Item = &'static str> {
    file.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'))
}

/// Word of a file; `*` at its end stands for any ending.
pub(super) fn word(word: &'static str) -> Word {
    word.strip_suffix('*').map_or((word, false), |start| (start, true))
}

pub(super) fn is_one_of(typed: &str, words: &[Word]) -> bool {
    !typed.is_empty()
        && words.iter().any(|(word, is_open)| if *is_open { typed.starts_with(word) } else { typed == *word })
}
