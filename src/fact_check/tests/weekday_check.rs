//! Wrong days of the week and impossible dates.

use crate::fact_check::Rule;
use crate::fact_check::tests::{rules_found, with_fixes_applied};

#[test]
fn wrong_weekday_is_reported() {
    for (text, right) in [
        ("On Monday, June 28, 2023 it was held.", "On Wednesday, June 28, 2023 it was held."),
        ("Lundi 25 novembre 2025, tirage 380", "Mardi 25 novembre 2025, tirage 380"),
        ("Le tirage a eu lieu le lundi 25 novembre 2025.", "Le tirage a eu lieu le mardi 25 novembre 2025."),
        ("**Monday** 28 June 2023", "**Wednesday** 28 June 2023"),
        ("on Monday (July 5, 2023)", "on Wednesday (July 5, 2023)"),
        ("on July 5, 2023 (Monday)", "on July 5, 2023 (Wednesday)"),
        ("on Monday, July 5", "on Wednesday, July 5"),
        ("on Mon, July 5", "on Wednesday, July 5"),
    ] {
        assert_eq!(rules_found(text), [Rule::Weekday], "{text}");
        assert_eq!(with_fixes_applied(text), right);
    }
    // A draw was held on the Tuesday before: the day may be wrong instead.
    assert_eq!(rules_found("**Tuesday** 28 June 2023"), [Rule::Weekday]);
    assert_eq!(with_fixes_applied("**Tuesday** 28 June 2023"), "**Tuesday** 28 June 2023");
    for fine in [
        "On Wednesday, June 28, 2023 it was held.",
        "on Wednesday the 28th of June 2023",
        "on Wednesday, July 5",
        // The next January is nearer than the last one.
        "The office opens again on Monday, January 1.",
        "the Tuesday after June 28, 2023",
        "the sun June 28, 2023",
        // A Tuesday in 2022, a year the text names.
        "On Tuesday, July 5 it began; on July 6, 2022 it ended.",
    ] {
        assert!(rules_found(fine).is_empty(), "{fine}");
    }
}

#[test]
fn impossible_date_is_reported() {
    for text in
        ["on June 31, 2023", "on 30 February 2024", "until February 29, 2023", "since 2023-06-31", "by April 31"]
    {
        assert_eq!(rules_found(text), [Rule::DateImpossible], "{text}");
    }
    for fine in ["on June 30, 2023", "on February 29, 2024", "by February 29", "In June 31 people were asked"] {
        assert!(rules_found(fine).is_empty(), "{fine}");
    }
}
