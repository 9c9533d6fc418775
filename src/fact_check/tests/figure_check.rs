//! Sentences about rounds: which of them contradict the record, and which only seem to.

use crate::fact_check::Rule;
use crate::fact_check::tests::{findings_in, reason, rules_found, with_fixes_applied};

/// Bodies with exactly one wrong figure, and what they become.
const WRONG: [(&str, &str); 47] = [
    ("Round 252 invited 501 people.", "Round 252 invited {{draw 252 invitations}} people."),
    ("Round #252 issued 1,501 ITAs.", "Round #252 issued {{draw 252 invitations}} ITAs."),
    ("Draw no. 252 had 600 invitations.", "Draw no. 252 had {{draw 252 invitations}} invitations."),
    (
        "In the 252nd round 600 candidates were invited.",
        "In the 252nd round {{draw 252 invitations}} candidates were invited.",
    ),
    (
        "In [this round](/draws/252), **600** nurses received invitations.",
        "In [this round](/draws/252), **{{draw 252 invitations}}** nurses received invitations.",
    ),
    (
        "Round {{draw 252 date}} had a CRS cut-off of 486.",
        "Round {{draw 252 date}} had a CRS cut-off of {{draw 252 crs}}.",
    ),
    (
        "On June 28, 2023 Canada invited another 600 people.",
        "On June 28, 2023 Canada invited another {{draw 252 invitations}} people.",
    ),
    (
        "The draw of 28 June 2023 had a CRS score of 470.",
        "The draw of 28 June 2023 had a CRS score of {{draw 252 crs}}.",
    ),
    (
        "On June 28 Canada invited a total of 600 candidates.",
        "On June 28 Canada invited a total of {{draw 252 invitations}} candidates.",
    ),
    (
        "Number of invitations issued in round 252: 600",
        "Number of invitations issued in round 252: {{draw 252 invitations}}",
    ),
    (
        "The number of invitations in round 252 was 600.",
        "The number of invitations in round 252 was {{draw 252 invitations}}.",
    ),
    ("Round 252 (CRS 470) was the first.", "Round 252 (CRS {{draw 252 crs}}) was the first."),
    ("The cut-off of round 252 was 470.", "The cut-off of round 252 was {{draw 252 crs}}."),
    ("In round 252 the minimum score needed was 470.", "In round 252 the minimum score needed was {{draw 252 crs}}."),
    ("In round 252 the lowest score was 470 points.", "In round 252 the lowest score was {{draw 252 crs}} points."),
    ("Round 252 stopped at 470.", "Round 252 stopped at {{draw 252 crs}}."),
    ("The cutoff for round 252 dropped to 470.", "The cutoff for round 252 dropped to {{draw 252 crs}}."),
    (
        "In round 252 the last person invited had exactly 470 points.",
        "In round 252 the last person invited had exactly {{draw 252 crs}} points.",
    ),
    (
        "# Round 252\n\nPeople with exactly 470 points were invited by the tie-break.",
        "# Round 252\n\nPeople with exactly {{draw 252 crs}} points were invited by the tie-break.",
    ),
    ("The tie-break of round 252 was November 13, 2022.", "The tie-break of round 252 was {{draw 252 tie-break}}."),
    (
        "In round 252 November 12, 2022 at 12:47:28 UTC was the tie-break.",
        "In round 252 {{draw 252 tie-break}} was the tie-break.",
    ),
    (
        "Round 252 had its tie breaking date on 12 November 2021.",
        "Round 252 had its tie breaking date on {{draw 252 tie-break}}.",
    ),
    ("Round 252’s tiebreaker: **November 12, 2022** at 12:48 UTC", "Round 252’s tiebreaker: {{draw 252 tie-break}}"),
    ("Round 252 was held on June 29, 2023.", "Round 252 was held on {{draw 252 date}}."),
    ("Round 252 took place on Thursday, June 29, 2023.", "Round 252 took place on {{draw 252 date}}."),
    ("Round 252 was held on July 5.", "Round 252 was held on {{draw 252 date}}."),
    ("Round 252 was held on June 28, 2023 at 14:05:34 UTC.", "Round 252 was held on {{draw 252 time}}."),
    // The subject carries on.
    (
        "Round 252 was the first. It invited 501 people.",
        "Round 252 was the first. It invited {{draw 252 invitations}} people.",
    ),
    ("## Round 255\n\nThe CRS cut-off was 476.", "## Round 255\n\nThe CRS cut-off was {{draw 255 crs}}."),
    (
        "Round 252 was first.\n\n## More\n\nThe cut-off was 470.",
        "Round 252 was first.\n\n## More\n\nThe cut-off was {{draw 252 crs}}.",
    ),
    // The nearest of several rounds.
    (
        "Round 252 invited 500 people, round 255 invited 1,400 people.",
        "Round 252 invited 500 people, round 255 invited {{draw 255 invitations}} people.",
    ),
    (
        "Round 252 had 501 invitations; round 255 had 1,500.",
        "Round 252 had {{draw 252 invitations}} invitations; round 255 had 1,500.",
    ),
    (
        "On July 5, 2023 IRCC issued 700 STEM invitations.",
        "On July 5, 2023 IRCC issued {{draw 254 invitations}} STEM invitations.",
    ),
    // Tables.
    (
        "| Figure | Round 252 | Round 255 |\n|---|---|---|\n| Invitations | 500 | 1,400 |",
        "| Figure | Round 252 | Round 255 |\n|---|---|---|\n| Invitations | 500 | {{draw 255 invitations}} |",
    ),
    ("| Draw | Cut-off |\n|---|---|\n| 252 | 470 |", "| Draw | Cut-off |\n|---|---|\n| 252 | {{draw 252 crs}} |"),
    (
        "| Date | ITAs |\n|---|---|\n| July 6, 2023 | 1,400 |",
        "| Date | ITAs |\n|---|---|\n| July 6, 2023 | {{draw 255 invitations}} |",
    ),
    (
        "Round 252:\n\n| Invitations | 600 |\n|---|---|\n| CRS | 476 |",
        "Round 252:\n\n| Invitations | {{draw 252 invitations}} |\n|---|---|\n| CRS | 476 |",
    ),
    (
        "# Round 252\n\n- CRS score: 470 points\n- Invitations: 500",
        "# Round 252\n\n- CRS score: {{draw 252 crs}} points\n- Invitations: 500",
    ),
    ("# Round 252\n\n- Date: June 29, 2023", "# Round 252\n\n- Date: {{draw 252 date}}"),
    ("# Round 252\n\n- Date: July 5, 2023", "# Round 252\n\n- Date: {{draw 252 date}}"),
    ("**Date:** June 28, 2023\n**CRS**: 470", "**Date:** June 28, 2023\n**CRS**: {{draw 252 crs}}"),
    ("Round 252 (June 29, 2023) was first.", "Round 252 ({{draw 252 date}}) was first."),
    // A published error is not the truth.
    ("Round 208 invited 681 people.", "Round 208 invited {{draw 208 invitations}} people."),
    (
        "Rounds 252 and 255 were for healthcare; 1,400 people were invited.",
        "Rounds 252 and 255 were for healthcare; {{draw 255 invitations}} people were invited.",
    ),
    ("Round 91a invited 501 people.", "Round 91a invited {{draw 91a invitations}} people."),
    ("The healthcare draw of June 28, 2023, CRS 470.", "The healthcare draw of June 28, 2023, CRS {{draw 252 crs}}."),
    ("Round 252 invited 600&nbsp;people.", "Round 252 invited {{draw 252 invitations}}&nbsp;people."),
];

#[test]
fn wrong_figure_is_reported_with_a_fix() {
    let is_otherwise =
        |(text, right): &&(&str, &str)| rules_found(text) != [Rule::Figure] || with_fixes_applied(text) != *right;
    let otherwise: Vec<_> =
        WRONG.iter().filter(is_otherwise).map(|(text, _)| (text, with_fixes_applied(text))).collect();
    assert!(otherwise.is_empty(), "{otherwise:#?}");
}

#[test]
fn correct_and_unrelated_figures_are_not_reported() {
    let fine = [
        "Round 252 invited 500 people with a CRS of 476 and the tie-break of November 12, 2022.",
        "Round 252: 500 invitations, cut-off 476, tie-break 12:47:27 UTC on November 12, 2022.",
        "Round 208 invited 888 people; 681 were published: 681 invitations.",
        "Round 999 will invite 3,000 people. The cut-off will be 450.",
        "Round 252 was 13 points lower. Its cut-off fell by 10 points, ten points less, 10 points below round 251.",
        "In round 252 more than 400 invitations, about 600 invitations, over 300 people were invited.",
        "Round 252 invited 500 people; the next one invited 700 people.",
        "Round 252 invited 500 people, more than the 400 people invited earlier.",
        "After round 252 Canada invited 700 people.",
        "Since June 28, 2023 Canada has invited 12,000 people.",
        "Between round 252 and round 255 there were 1,200 invitations.",
        "On June 28, 2023 Ontario invited 1,500 candidates. Its lowest score was 460.",
        "Round 252 was first. In 2023 Canada invited 110,266 people. Every year 100,000 people are invited.",
        "Round 252 was first.\n\nWith a CRS score of 450 you should improve your French. Aim for a CRS score of 480+.",
        "Round 252 was first.\n\nThe grid of the Federal Skilled Worker program asks for 67 points. A nomination adds 600 points.",
        "Round 252 was first.\n\nThe maximum CRS score is 1200. You need 60 days, an IELTS score of 7 and 500 dollars.",
        "Round 252 was first. The cut-off moved between 476 and 486; scores of 450–500 are common.",
        "Round 252 was first. Anyone invited has 60 days. Six of 35 occupations left the list.",
        "The 3rd round of 2023 invited 5,500 people.",
        "On June 29, 2023 the minister said that 4,500 invitations were planned.",
        "The Express Entry draw 2023 invited 3,000 people.",
        "Round 252 invited {{draw 252 invitations}} people with {{draw 252 crs}} points.",
        "In this draw 400 people were thanked.",
        "| Province | Invitations |\n|---|---|\n| Ontario | 900 |",
        "Round 252.\n\n| Month | Invitations |\n|---|---|\n| June | 9,600 |\n| July | 9,600 |",
        "Round 252.\n\n| Round | Invitations |\n|---|---|\n| 255 | 1,500 |\n| Total | 2,000 |",
        "Round 139 was held on March 18, 2020. Round 139 was held on March 19, 2020 at 02:04:06 UTC.",
        "Round 148 was held on May 15, 2020. Round 148 was published with the date May 14, 2020.",
        "The tie-breaking rule was introduced on June 26, 2017.",
        "Round 252 was announced on May 31, 2023 and answered by August 27, 2023.",
        "# Round 344\n\nThe tie-break put them before 10:35:55 a.m. UTC on August 10, 2024.",
        "Round 252 invited ~~600~~ 500 people and `600 people`.",
        "Canada invites 3,000 people.",
        "Applicants of round 252 pay 1,365 dollars, wait 6 months and send 12 documents.",
    ];
    let alarms: Vec<_> = fine.into_iter().flat_map(|text| findings_in(&[("body", text)])).collect();
    assert!(alarms.is_empty(), "{alarms:#?}");
}

#[test]
fn title_and_summary_are_checked_against_the_topic_of_the_post() {
    let fields = [
        ("title", "Canada invites 600 healthcare workers"),
        ("summary", "A CRS cut-off of 475."),
        ("body", "On June 28, 2023 Canada held a round.\n\nIt invited 500 people."),
    ];
    let found = findings_in(&fields);
    let places: Vec<_> =
        found.iter().map(|finding| (finding.field, finding.suggested_fix.clone().unwrap().range)).collect();
    assert_eq!(places, [("title", 15..18), ("summary", 17..20)]);
}

#[test]
fn tie_break_after_its_draw_is_reported() {
    let text = reason("The tie-break of round 252 was November 12, 2023 at 12:47:27 UTC.");
    assert_eq!(
        text,
        "A tie-break cannot be later than the draw: November 12, 2023 at 12:47:27 UTC is later than June 28, 2023, the date of \
         draw 252. The record says November 12, 2022, 12:47:27 p.m. UTC."
    );
    // Even where the record knows none.
    assert_eq!(rules_found("Round 447’s tie-break was October 7, 2026."), [Rule::Figure]);
    assert!(rules_found("Round 447’s tie-break was August 7, 2026.").is_empty());
}

#[test]
fn finding_names_a_nearby_draw_with_that_figure() {
    let text = reason("On July 5, 2023 another 1,500 healthcare invitations were issued.");
    assert_eq!(
        text,
        "Draw 254 of July 5, 2023 invited 500 people, not 1,500. 1,500 people were invited on July 6, 2023 in draw 255."
    );
    let text = reason("Round 255 had a CRS cut-off of 476.");
    assert!(text.ends_with("The cut-off of draw 252 of June 28, 2023 was 476."), "{text}");
}

#[test]
fn overlong_sentence_is_not_cut_between_a_draw_and_its_number() {
    let body = "round 252 invited 500 people with 476 points, ".repeat(1_000);
    assert_eq!(findings_in(&[("body", &body)]), []);
}
