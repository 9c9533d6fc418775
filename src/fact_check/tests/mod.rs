//! Whole posts against the whole record: the announcement as it was once printed, the post as it is now, every round.

mod codes;
mod figure_check;
mod frames;
mod posts;
mod promises;
mod proptests;
mod rank;
mod statements;
mod texts;
mod weekday_check;

use std::sync::LazyLock;

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};

use crate::categories::DatedList;
use crate::draws::{Draw, bundled};
use crate::fact_check::{DrawRecord, Finding, Rule, findings};
use crate::noc::Occupation;
use crate::web::{DisplayDate, DisplayTime, with_thousands};

static DRAWS: LazyLock<Vec<Draw>> = LazyLock::new(|| {
    let mut draws = bundled().unwrap();
    draws.reverse();
    draws
});

static OCCUPATIONS: LazyLock<Vec<Occupation>> = LazyLock::new(|| {
    let mut reader = csv::Reader::from_reader(include_str!("../../../data/noc2021.csv").as_bytes());
    let occupation = |row: csv::StringRecord| Occupation {
        noc: row[0].into(),
        title_en: row[1].into(),
        title_fr: row[2].into(),
        teer: row[3].parse().unwrap(),
        broad_category: row[4].parse().unwrap(),
        broad_category_en: row[5].into(),
    };
    reader.records().map(|row| occupation(row.unwrap())).collect()
});

static LISTS: LazyLock<Vec<DatedList>> = LazyLock::new(|| {
    let mut reader = csv::Reader::from_reader(include_str!("../../../data/categories.csv").as_bytes());
    let mut lists: Vec<DatedList> = vec![];
    for row in reader.records().map(Result::unwrap) {
        let (category_key, from): (String, Date) = (row[0].into(), row[5].parse().unwrap());
        if lists.last().is_none_or(|list| (&list.category_key, list.from) != (&category_key, from)) {
            lists.push(DatedList { category_key, from, to: row[6].parse().ok(), codes: vec![] });
        }
        let codes = &mut lists.last_mut().unwrap().codes;
        codes.extend(row.get(14).filter(|code| !code.is_empty()).map(str::to_owned));
    }
    lists.iter_mut().for_each(|list| list.codes.sort());
    lists
});

/// The day of the first post.
const DAY: Date = jiff::civil::date(2023, 7, 4);

pub(in crate::fact_check) fn findings_in(fields: &[(&'static str, &str)]) -> Vec<Finding> {
    findings(fields, &DrawRecord { draws: &DRAWS, occupations: &OCCUPATIONS, lists: &LISTS }, DAY)
}

/// The rules that a body breaks.
pub(in crate::fact_check) fn rules_found(body: &str) -> Vec<Rule> {
    findings_in(&[("body", body)]).into_iter().map(|finding| finding.rule).collect()
}

/// A body after everything in it that can be mended has been.
pub(in crate::fact_check) fn with_fixes_applied(body: &str) -> String {
    let found = findings_in(&[("body", body)]);
    super::with_fixes(body, found.iter().filter_map(|finding| finding.suggested_fix.as_ref()))
}

/// The reason of the only finding in a body.
pub(in crate::fact_check) fn reason(body: &str) -> String {
    let mut found = findings_in(&[("body", body)]);
    assert_eq!(found.len(), 1, "{found:#?}");
    found.remove(0).reason
}

const TITLE: &str = "Canada invites 500 healthcare workers in Express Entry draw";

const OCCUPATION_LISTS: [&str; 3] = [
    "1. Audiologists and speech-language pathologists – NOC 31112\n2. Chiropractors – NOC 31201\n3. Dentists – NOC 31110\n",
    "| Occupation | NOC code |\n|---|---|\n| Dietitians and nutritionists | 31121 |\n| Education counsellors | 41320 |\n| Optometrists | 31111 |\n",
    "- Nurse practitioners (31302)\n- Registered nurses and registered psychiatric nurses (31301)\n- Veterinarians (31103)\n",
];

const FIGURES: [&str; 4] = [
    "The round was held on June 28, 2023 at 14:04:34 UTC. A total of 500 invitations were issued, and the lowest-ranked \
     candidate invited had a CRS score of 476.\n\nTie-breaking rule: November 12, 2023 at 12:47:27 UTC.\n\n\
     To be invited, candidates needed a minimum rank of 500 or above.",
    "| Detail | Figure |\n|---|---|\n| Date and time of round | June 28, 2023 at 14:04:34 UTC |\n\
     | Number of invitations issued | 500 |\n| Rank required to be invited to apply | 500 or above |\n\
     | CRS score of lowest-ranked candidate invited | 476 |\n| Tie-breaking rule | November 12, 2023 at 12:47:27 UTC |",
    "- **Date and time of round:** June 28, 2023 at 14:04:34 UTC\n- **Number of invitations issued:** 500\n\
     - **Rank required to be invited to apply:** 500 or above\n\
     - **CRS score of lowest-ranked candidate invited:** 476\n\
     - **Tie-breaking rule:** November 12, 2023 at 12:47:27 UTC",
    "The CRS cut-off was 476.\n\nThe tie-breaking rule was applied: profiles submitted before **November 12, 2023** at \
     12:47:27 UTC were invited, with a minimum CRS rank of 500 points.",
];

const NEXT: [&str; 3] = [
    "A further draw will follow: another 1,500 healthcare invitations on July 5.",
    "Canada plans 500 invitations in this round and 1,500 on July 5.",
    "On July 5, 2023, IRCC will invite 1,500 more healthcare workers.",
];

const OPENINGS: [&str; 2] = [
    "On June 28, 2023 Canada held the first category-based draw of Express Entry and invited 500 healthcare workers.",
    "Round 252 of June 28, 2023 was the first category-based round. IRCC issued 500 ITAs to candidates with healthcare \
     experience and a CRS score of at least 476.",
];

#[test]
fn printed_announcement_has_three_findings() {
    for opening in OPENINGS {
        for figures in FIGURES {
            for next in NEXT {
                for list in OCCUPATION_LISTS {
                    let body = format!(
                        "{opening}\n\n## The figures\n\n{figures}\n\n## What comes next\n\n{next}\n\n## The 35 occupations\n\n{list}"
                    );
                    let found = findings_in(&[("title", TITLE), ("body", &body)]);
                    let mut reasons: Vec<&str> = found.iter().map(|finding| finding.reason.as_str()).collect();
                    assert_eq!(found.len(), 3, "{body}\n{found:#?}");
                    reasons.sort_unstable();
                    assert!(reasons[0].starts_with("A rank is not a score"), "{reasons:?}");
                    assert!(reasons[1].starts_with("A tie-break cannot be later than the draw"), "{reasons:?}");
                    assert!(
                        reasons[2].contains("Draw 254 of July 5, 2023 invited 500 people, not 1,500.")
                            && reasons[2].contains("1,500 people were invited on July 6, 2023 in draw 255."),
                        "{reasons:?}"
                    );
                    assert!(found.iter().all(|finding| finding.suggested_fix.is_some()), "{found:#?}");
                }
            }
        }
    }
}

#[test]
fn applying_all_fixes_leaves_no_finding() {
    for figures in FIGURES {
        for next in NEXT {
            let body = format!("{}\n\n{figures}\n\n{next}", OPENINGS[0]);
            let after = with_fixes_applied(&body);
            assert!(after.contains("{{draw 252 tie-break}}") && after.contains("{{draw 255 date}}"), "{after}");
            assert!(
                after.contains("{{draw 252 crs}} or above") || after.contains("{{draw 252 crs}} points"),
                "{after}"
            );
            assert_eq!(findings_in(&[("title", TITLE), ("body", &after)]), [], "{after}");
        }
    }
}

#[test]
fn first_post_has_no_findings() {
    let body = include_str!("../../../data/first-post.md");
    let correction = include_str!("../../../data/first-post-correction.md");
    assert_eq!(findings_in(&[("body", body)]), []);
    let fields = [
        ("title", "Canada invites 500 healthcare workers in Express Entry draw 252"),
        (
            "summary",
            "The first draw ever held for one group of occupations: 500 invitations, a CRS cut-off of 476, and 35 \
             eligible healthcare occupations.",
        ),
        ("body", body),
        ("correction", correction),
    ];
    assert_eq!(findings_in(&fields), []);
    let years_later = findings(
        &fields,
        &DrawRecord { draws: &DRAWS, occupations: &OCCUPATIONS, lists: &LISTS },
        jiff::civil::date(2026, 9, 1),
    );
    assert_eq!(years_later, []);
}

#[test]
fn site_pages_have_no_findings() {
    for page in [include_str!("../../../data/about.md"), include_str!("../../../data/privacy.md")] {
        assert_eq!(findings_in(&[("body", page)]), []);
    }
}

/// The figures of a round in words.
struct DrawText {
    date: Date,
    invitations: i64,
    crs: i64,
    tie_break: Option<Timestamp>,
}

impl DrawText {
    fn of(draw: &Draw) -> Self {
        Self { date: draw.date, invitations: draw.invitations(), crs: draw.crs, tie_break: draw.tie_break }
    }

    fn sentences(&self, draw: &Draw) -> String {
        let tie_break = self.tie_break.map(|at| format!(" The tie-break was {}.", DisplayTime::utc(at).text));
        format!(
            "Round {} was held on {}. It invited {} people. The CRS cut-off was {}.{}",
            draw.round,
            DisplayDate::from(self.date).text,
            with_thousands(self.invitations),
            self.crs,
            tie_break.unwrap_or_default()
        )
    }

    fn table(&self, draw: &Draw) -> String {
        let tie_break = self.tie_break.map(|at| DisplayTime::utc(at).text).unwrap_or_default();
        format!(
            "| Round | Date | Invitations | CRS | Tie-break |\n|---|---|--:|--:|---|\n| [{}](/draws/{}) | {} | {} | {} | {tie_break} |",
            draw.round,
            draw.round,
            DisplayDate::from(self.date).text,
            with_thousands(self.invitations),
            self.crs,
        )
    }
}

#[test]
fn correct_draw_has_no_finding_and_one_changed_figure_has_one() {
    assert_eq!(DRAWS.len(), 448);
    for draw in DRAWS.iter() {
        let true_words = [DrawText::of(draw).sentences(draw), DrawText::of(draw).table(draw)];
        for text in &true_words {
            assert_eq!(findings_in(&[("body", text)]), [], "{text}");
        }
        let mut changed = vec![
            ("date", DrawText { date: draw.date.checked_add(1.day()).unwrap(), ..DrawText::of(draw) }),
            ("date", DrawText { date: draw.date.checked_sub(7.days()).unwrap(), ..DrawText::of(draw) }),
            ("invitations", DrawText { invitations: draw.invitations() + 7, ..DrawText::of(draw) }),
            ("crs", DrawText { crs: draw.crs - 1, ..DrawText::of(draw) }),
        ];
        if let Some(tie_break) = draw.tie_break {
            for moved in [tie_break + 1.second(), tie_break - 24.hours(), tie_break + 8784.hours()] {
                changed.push(("tie-break", DrawText { tie_break: Some(moved), ..DrawText::of(draw) }));
            }
        }
        for (figure, words) in changed {
            for text in [words.sentences(draw), words.table(draw)] {
                let found = findings_in(&[("body", &text)]);
                // The instant of a few rounds fell on the next day in UTC, which is no error.
                let is_next_day = figure == "date"
                    && draw.held_at.is_some_and(|at| at.to_zoned(jiff::tz::TimeZone::UTC).date() == words.date);
                assert_eq!(found.len(), usize::from(!is_next_day), "{text}\n{found:#?}");
                for finding in found {
                    assert_eq!(finding.rule, Rule::Figure);
                    let suggested_fix =
                        finding.suggested_fix.unwrap_or_else(|| panic!("no fix: {text}\n{}", finding.reason));
                    assert_eq!(suggested_fix.replacement, format!("{{{{draw {} {figure}}}}}", draw.round), "{text}");
                }
            }
        }
    }
}

#[test]
fn finding_key_changes_only_with_sentence_or_record() {
    let key = |body: &str| findings_in(&[("body", body)])[0].key();
    let first = key("Round 252 invited 501 people.");
    assert_eq!(first.len(), 16);
    assert_eq!(first, key("# A heading\n\nIt rains. Round 252 invited **501** people."));
    assert_ne!(first, key("Round 252 invited 502 people."));
}

#[test]
fn findings_are_in_text_order_with_line_numbers() {
    let body = "On Monday, June 28, 2023 it rained.\n\nA line.\n\n- Round 252 invited 501 people.\n- NOC 99999\n";
    let found = findings_in(&[("body", body), ("title", "We guarantee it")]);
    let places: Vec<_> = found.iter().map(|finding| (finding.field, finding.line, finding.rule)).collect();
    assert_eq!(
        places,
        [
            ("body", 1, Rule::Weekday),
            ("body", 5, Rule::Figure),
            ("body", 6, Rule::NocUnknown),
            ("title", 1, Rule::ForbiddenWord)
        ]
    );
}

#[test]
fn malformed_text_does_not_break_the_check() {
    let nasty = "# Round 252 é–\u{202F}| NOC\n\n| a | 31110 |\n|---|\n| **Dentists (NOC 31101** | {{draw | 1,5 |\n\n\
                 - On Tuesday (July 5, 2023 at 12:4\u{A0}“rank” of 500 or\\\nabove &amp; tie-break: **Nov. 12**, 2023-06-31T…\n\
                 \n[x](/draws/252)[y](/occupations/99999) the 252nd round, 100 % ~~guaran~~teed by 🙂 draw # - to CRS";
    for (cut, _) in nasty.char_indices() {
        for text in [&nasty[..cut], &nasty[cut..]] {
            let fields = [("title", text), ("body", text), ("correction", text)];
            for finding in findings_in(&fields) {
                let range = finding.suggested_fix.map(|suggested_fix| suggested_fix.range).unwrap_or_default();
                assert!(text.get(range).is_some() && finding.line <= text.matches('\n').count() + 1, "{text}");
            }
        }
    }
}
