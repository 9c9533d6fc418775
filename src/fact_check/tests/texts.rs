//! Articles, posts and French texts by several writers: what is true has no finding, and most changed figures have one.

use super::*;

/// Ordinary news of draws.
const NEWS: &str = include_str!("texts/draws.txt");
/// Posts of firms, newsletters, guides and round-ups, as they are published.
const POSTS: &str = include_str!("texts/news.txt");
/// News, round-ups and guides by many authors. Only figures of one draw are marked.
const FIGURES: &str = include_str!("texts/figures.txt");
/// Texts that make it as hard as possible: stories of clients, figures of provinces, sums, differences, the pool.
const HARD: [&str; 4] = [
    include_str!("texts/articles.txt"),
    include_str!("texts/posts.txt"),
    include_str!("texts/french.txt"),
    include_str!("texts/summaries.txt"),
];

/// Day of publication, title and body.
struct Text {
    day: Date,
    marked: &'static str,
}

/// A figure, a wrong one for its place, and where both stand in the marked text.
struct MarkedFigure {
    range: std::ops::Range<usize>,
    right: &'static str,
    wrong: &'static str,
}

fn texts(file: &'static str) -> impl Iterator<Item = Text> {
    file.split("\n=== ").skip(1).map(|entry| {
        let (day, marked) = entry.split_once('\n').unwrap();
        Text { day: day.parse().unwrap(), marked: marked.trim() }
    })
}

impl Text {
    fn marks(&self) -> Vec<MarkedFigure> {
        let starts = self.marked.match_indices("{{").map(|(start, _)| start);
        let mark = |start: usize| {
            let end = start + self.marked[start..].find("}}").unwrap();
            let (right, wrong) = self.marked[start + 2..end].split_once("=>")?;
            Some(MarkedFigure { range: start..end + 2, right, wrong })
        };
        starts.filter_map(mark).collect()
    }

    /// Findings of the text with one mark wrong, or with none.
    fn findings(&self, marks: &[MarkedFigure], wrong: Option<usize>) -> Vec<Finding> {
        let (mut text, mut at) = (String::new(), 0);
        for (place, mark) in marks.iter().enumerate() {
            text += &self.marked[at..mark.range.start];
            text += if wrong == Some(place) { mark.wrong } else { mark.right };
            at = mark.range.end;
        }
        text += &self.marked[at..];
        let (title, body) = text.split_once('\n').unwrap_or((&text, ""));
        let record = DrawRecord { draws: &DRAWS, occupations: &OCCUPATIONS, lists: &LISTS };
        findings(&[("title", title.trim_start_matches("# ")), ("body", body)], &record, self.day)
    }
}

fn is_error(finding: &Finding) -> bool {
    finding.severity == crate::fact_check::Severity::Error
}

#[test]
fn true_texts_have_almost_no_finding() {
    /// Texts with a false finding. It may only become smaller.
    const MAX_TEXTS: usize = 2;
    let texts: Vec<Text> = [NEWS, POSTS, FIGURES].into_iter().chain(HARD).flat_map(texts).collect();
    assert!(texts.len() > 400);
    let mut false_findings = vec![];
    for text in &texts {
        let found = text.findings(&text.marks(), None);
        let of_text: Vec<_> = found.into_iter().filter(is_error).map(|found| (found.sentence, found.reason)).collect();
        false_findings.extend(Some(of_text).filter(|found| !found.is_empty()));
    }
    assert!(false_findings.len() <= MAX_TEXTS, "{} {false_findings:#?}", false_findings.len());
}

/// Percentage of marked figures that are found when they are wrong, of every `step`th mark; all fixes must be right.
fn found(texts: impl Iterator<Item = Text>, step: usize) -> usize {
    let (mut total, mut found, mut wrong_fixes) = (0, 0, vec![]);
    for text in texts {
        let marks = text.marks();
        let known: Vec<_> = text.findings(&marks, None).into_iter().map(|found| (found.rule, found.reason)).collect();
        for (place, mark) in marks.iter().enumerate().skip(text.marked.len() % step).step_by(step) {
            let is_new = |finding: &Finding| !known.contains(&(finding.rule, finding.reason.clone()));
            let new: Vec<Finding> = text.findings(&marks, Some(place)).into_iter().filter(is_new).collect();
            (total, found) = (total + 1, found + usize::from(!new.is_empty()));
            let fixes = new.iter().filter(|finding| finding.suggested_fix.is_some());
            let is_elsewhere = |finding: &&Finding| {
                let words = &finding.sentence[finding.words.clone()];
                !words.contains(mark.wrong) && !mark.wrong.contains(words)
            };
            wrong_fixes.extend(fixes.filter(is_elsewhere).map(|finding| (finding.sentence.clone(), mark.wrong)));
        }
    }
    assert!(wrong_fixes.len() * 100 <= total, "{wrong_fixes:#?}");
    found * 100 / total
}

#[test]
fn changed_figures_in_news_are_found() {
    // These percentages may only become larger.
    let percent = found(texts(NEWS), 1);
    assert!(percent >= 89, "{percent}");
}

#[test]
fn changed_figures_in_posts_are_found() {
    let percent = found(texts(POSTS), 3);
    assert!(percent >= 88, "{percent}");
}

#[test]
fn changed_figures_of_single_draws_are_found() {
    let percent = found(texts(FIGURES), 2);
    assert!(percent >= 73, "{percent}");
}

#[test]
fn changed_figures_in_hard_texts_are_found() {
    let percent = found(HARD.into_iter().flat_map(texts), 5);
    assert!(percent >= 50, "{percent}");
}
