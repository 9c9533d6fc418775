//! Small texts with figures that are right, and others with one that is wrong.

use jiff::civil::{Date, date};

use super::{DRAWS, LISTS, OCCUPATIONS};
use crate::fact_check::{DrawRecord, Finding, findings};

/// Findings in a text with a title, published on a day.
fn check(title: &str, body: &str, day: Date) -> Vec<Finding> {
    let record = DrawRecord { draws: &DRAWS, occupations: &OCCUPATIONS, lists: &LISTS };
    findings(&[("title", title), ("body", body)], &record, day)
}

/// Titles and texts in which all is right.
const RIGHT: [(&str, &str); 35] = [
    (
        "Round 226",
        "Since September 2021 only provincial nominees had been invited, most recently on June 22, 2022 (636, 752).",
    ),
    ("Round 257", "One of them, a 38-year-old accountant with 381 points, had given up."),
    ("Round 299", "On July 2, 2024, 739 was asked for."),
    (
        "Round 355",
        "They were small: 500 invitations each, on May 2, 2025 and June 4, 2025, with cut-offs of 510 and 504.",
    ),
    ("Round 390", "Draw 390 brought 8,000 invitations; only that of February 13, 2021, with its 27,332, was larger."),
    ("Round 417", "The minimum CRS was 518, four above the April 28, 2026 round (514)."),
    ("Round 274", "It was the second draw for STEM; the first was in July with 500 invitations and CRS 486."),
    ("Round 397", "For a score below 169 one must go back to February 13, 2021, with its 75 points."),
    ("Round 350", "In the pool there were 256,653 profiles. 102 of them at 601 or higher."),
    ("Round 5", "Three weeks earlier the cut-off was 735, so 254 points have vanished."),
    ("Round 128", "- 30/05/2018: 500 invited, 288 points"),
    ("Round 321", "The CEC draw invited 400 people."),
    ("Round 321", "On Tuesday 400 people were invited."),
    ("The year", "It was its biggest draw of 2018 on September 5, with 3,900 invitations."),
    ("Round 402", "A draw for physicians had 391 invitations at CRS 169 on February 19."),
    ("STEM round 274", "The cut-off was 481, a fall of 5 points compared to that of July 5, 2023."),
    ("Round 178", "Without the nomination that candidate had a score of 82."),
    ("Round 321", "In three days Canada issued 2,848 invitations."),
    ("Round 252", "Total ITAs: 59,548"),
    ("Round 344", "Profiles must have been submitted before 10:35:55 a.m. UTC on August 10, 2024."),
    ("Round 107", "A tie-break was used in the draw that took place on the 19th of December."),
    ("May 2017", "On May 26, 2017 Canada invited 400 tradespeople with a cut-off of 199, and 143 nominees with 775."),
    ("2016 Express Entry Draw #27", "On December 22, 2016 Canada invited 2,878 people."),
    ("News", "In 2022 Canada resumed its draws. On September 28 it invited 3,750 people with a cut-off of 504."),
    ("News", "Round 127 invited 300 more people than round 126."),
    ("News", "Rounds 387 and 388 together invited 11,000 people."),
    ("News", "100 % of nominees with 725 points were invited."),
    ("Draw 252", "It brings the total of 2023 to 59,548 after 16 draws."),
    ("Draw 252", "These draws together brought 31,000 invitations."),
    ("Draw 225 of June 22, 2022", "The draw had 636 invitations and a minimum of 752."),
    ("Draw 255", "A client of ours with 487 points missed it."),
    ("Draw 252", "The pool held 226,793 candidates on September 13."),
    ("Draw 345", "In all, 42 draws had been held up to now in 2023."),
    ("Draw 252", "Year to date: 59,548 invitations (2022 as a whole: 46,539)."),
    ("Record", "Vendredi 6 février 2026, IRCC a envoyé 8 500 invitations."),
];

#[test]
fn right_figures_are_not_reported() {
    let found: Vec<_> = RIGHT.iter().flat_map(|(title, body)| check(title, body, date(2026, 10, 5))).collect();
    assert!(found.is_empty(), "{found:#?}");
    let label = check("News", "Rank required to be invited to apply: 500 or above", date(2026, 10, 5));
    assert!(label.iter().all(|finding| finding.severity == crate::fact_check::Severity::Hint), "{label:#?}");
}

/// Titles and texts with one wrong value, and what the finding says of it.
const WRONG: [(&str, &str, &str); 45] = [
    ("Round 287", "It is the first draw for French since February 2, 2024.", "no draw on February 2, 2024"),
    ("Round 252", "It is the first draw after the June 26, 2023 draw.", "no draw on June 26, 2023"),
    ("Round 252", "The profile had to be created before November 12, 2022 at 12:48:27 UTC.", "12:47:27"),
    ("News", "1,550 candidates were invited with a minimum of 557 points on July 6, 2022.", "1,500"),
    ("Trades in brief", "- 30/05/2018: 510 invited, 288 points", "500"),
    ("News", "On November 15, 2025 Canada invited 1,150 nominees.", "no draw on November 15, 2025"),
    ("News", "Latest draw 448: CRS 500", "no draw 448"),
    ("Round 357", "They must have created their profile before 13:08 UTC on March 20, 2025.", "March 13, 2025"),
    ("Round 252", "The new draw had a CRS cut-off of 480.", "476"),
    ("Round 252", "IRCC issued invitations to 610 candidates.", "500"),
    ("Round 252", "IRCC awarded ITAs to 610 candidates.", "500"),
    ("Round 252", "Canada welcomed 610 healthcare workers.", "500"),
    ("Round 252", "610 candidates were selected.", "500"),
    ("Round 252", "Canada issues 610 PR invitations.", "500"),
    ("Round 252", "An additional 610 ITAs went out.", "500"),
    ("Round 252", "The CRS threshold was 480.", "476"),
    ("Round 252", "CRS drops to 480.", "476"),
    ("Round 252", "Their CRS met or exceeded 480.", "476"),
    ("Round 252", "They had at least a 480 score.", "476"),
    ("Round 252", "Candidates with scores as low as 480 were invited.", "476"),
    ("Round 252", "The draw closed on 480 points.", "476"),
    ("Round 252", "The minimum CRS for this very small draw was 480.", "476"),
    ("Round 252", "Those with 480 who had come before the tie-break were invited.", "476"),
    ("Round 252: 610 candidates invited", "It was held for the first time.", "500"),
    ("Round 224", "In the previous draw 489 nominees were invited.", "590"),
    ("Tirage 380 du 25 novembre 2025", "Le Canada a invité 900 candidats.", "777"),
    ("Tirage 380 du 25 novembre 2025", "Le seuil était de 710 points.", "699"),
    ("Tirage 380 du 25 novembre 2025", "Le lundi 25 novembre 2025, le tirage a eu lieu.", "Tuesday"),
    ("Tirage 380 du 25 novembre 2025", "Les infirmiers auxiliaires (CNP 31301) sont invités.", "32101"),
    ("Round 344", "NOC 41200, 41201 and 41210 were eligible.", "41210"),
    ("Round 252", "The list has 37 occupations.", "35"),
    ("News", "NOC 31301 – Dieticians", "31121"),
    ("Round 345", "It was the 16th draw of 2025.", "15th"),
    ("Round 345", "99,429 were invited so far this year.", "33,429"),
    ("Round 345", "In 2024 Canada held 42 draws.", "52"),
    ("News", "We assure you a visa.", "promise"),
    ("News", "You will definitely be invited.", "promise"),
    ("News", "You get your money back if refused.", "promise"),
    ("Round 252", "The record cut-off was 480.", "476"),
    ("Round 252", "As expected, the cut-off was 480.", "476"),
    ("Round 252", "In the second quarter of the year, the draw had a cut-off of 480.", "476"),
    ("Round 252", "The cut-off was 480, compared with 486 before.", "476"),
    ("Round 252", "The cut-off of this draw was 480, the lowest since May.", "476"),
    ("Round 252", "The cut-off was 480; the previous draw had 486.", "476"),
    ("Round 252", "The round of the year: 610 invitations.", "500"),
];

#[test]
fn wrong_value_is_reported() {
    let mut missed = vec![];
    for (title, body, truth) in WRONG {
        let found = check(title, body, date(2026, 10, 5));
        let count = if body.contains("41200") { 3 } else { 1 };
        if !(found.len() == count && found.iter().any(|finding| finding.reason.contains(truth))) {
            missed.push((title, body, found.into_iter().map(|finding| finding.reason).collect::<Vec<_>>()));
        }
    }
    assert!(missed.is_empty(), "{missed:#?}");
}

#[test]
fn today_and_latest_are_the_draws_before_the_publication() {
    for word in ["today", "in the latest draw"] {
        let body = format!("IRCC has issued 3,310 invitations {word}.");
        let found = check("IRCC invites 3,310 French speakers", &body, date(2024, 7, 8));
        assert_eq!(found.len(), 2, "{found:#?}");
        assert!(found.iter().all(|finding| finding.reason.contains("3,200")), "{found:#?}");
    }
}
