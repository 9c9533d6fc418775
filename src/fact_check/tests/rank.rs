//! Ranks given as scores.

use crate::fact_check::tests::{findings_in, reason, rules_found, with_fixes_applied};
use crate::fact_check::{Rule, Severity};

#[test]
fn rank_used_as_score_is_reported() {
    for (text, right) in [
        (
            "In round 252 candidates needed a minimum rank of 500 or above.",
            "In round 252 candidates needed a minimum CRS score of {{draw 252 crs}} or above.",
        ),
        ("Round 252 had a CRS rank of 500.", "Round 252 had a CRS score of {{draw 252 crs}}."),
        (
            "# Round 252\n\n- **Rank required to be invited to apply:** 500 or above",
            "# Round 252\n\n- **CRS score required to be invited to apply:** {{draw 252 crs}} or above",
        ),
        ("# Round 252\n\nRank required: 500 or above", "# Round 252\n\nCRS score required: {{draw 252 crs}} or above"),
        ("Round 252: a rank of *500* points", "Round 252: a CRS score of *{{draw 252 crs}}* points"),
        (
            "# Round 252\n\nIt took a score of rank 500.",
            "# Round 252\n\nIt took a score of CRS score {{draw 252 crs}}.",
        ),
    ] {
        assert_eq!(rules_found(text), [Rule::RankAsScore], "{text}");
        assert_eq!(with_fixes_applied(text), right);
    }
    assert_eq!(with_fixes_applied("A rank of 500 or more was needed."), "A rank of 500 or more was needed.");
    let reason = reason("In round 252 candidates needed a rank of 500 or higher.");
    assert!(
        reason.contains("the 500 people with the highest scores") && reason.ends_with("The lowest score was 476."),
        "{reason}"
    );
}

#[test]
fn label_of_the_government_is_only_a_hint() {
    for (text, severity) in [
        ("Rank required to be invited to apply: 500 or above", Severity::Hint),
        ("Candidates needed a rank of 500 or higher.", Severity::Hint),
        ("A CRS rank of 500 or above was needed.", Severity::Error),
        ("The score was a rank of 500 or above.", Severity::Error),
        ("They needed a minimum rank of 500 points.", Severity::Error),
        ("The minimum rank was 500 points or above.", Severity::Error),
    ] {
        let found = findings_in(&[("body", text)]);
        assert_eq!(found.iter().map(|finding| finding.severity).collect::<Vec<_>>(), [severity], "{text}");
    }
}

#[test]
fn correct_use_of_rank_is_not_reported() {
    for fine in [
        "# Round 252\n\nRank required to be invited to apply: 500",
        "# Round 252\n\nThe rank needed was the 500th place or better.",
        "“Rank required: 500 or above” means a place in line, not a score.",
        "Candidates ranked 500 or above were invited in round 252.",
        "Canada does not rank 500 or more universities.",
    ] {
        let rules = rules_found(fine);
        assert!(rules.is_empty(), "{fine}: {rules:?}");
    }
}
