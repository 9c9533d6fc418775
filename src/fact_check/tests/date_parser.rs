//! Dates, times and weekdays as they are written.

use super::*;
use crate::fact_check::markdown_reader::blocks;
use crate::fact_check::sentence::Sentence;

fn read(text: &str) -> Vec<String> {
    let blocks = blocks("title", text);
    let sentence = Sentence::all_of(&blocks[0]).remove(0);
    let show = |date: &ParsedDate| {
        let text = &blocks[0].text[sentence.span(date.tokens.start, date.tokens.end - 1)];
        format!("{text} = {:?}-{}-{}", date.year.unwrap_or_default(), date.month, date.day)
    };
    sentence.dates.iter().map(show).collect()
}

#[test]
fn dates_are_found_in_running_text() {
    for (text, date) in [
        ("It was June 28, 2023 at 14:04:34 UTC then", "June 28, 2023 at 14:04:34 UTC = 2023-6-28"),
        ("On 28 June 2023, Canada", "28 June 2023 = 2023-6-28"),
        ("by the 5th of July it", "5th of July = 0-7-5"),
        ("on Nov. 12, 2022 (12:47:27 UTC)", "Nov. 12, 2022 (12:47:27 UTC = 2022-11-12"),
        ("at 12:47:27 UTC on November 12, 2022.", "12:47:27 UTC on November 12, 2022 = 2022-11-12"),
        ("at 2:04 p.m. UTC on May 12, 2022.", "2:04 p.m. UTC on May 12, 2022 = 2022-5-12"),
        ("since 2023-06-28T14:04:34Z it", "2023-06-28T14:04:34Z = 2023-6-28"),
        ("on July 5, 500 people", "July 5 = 0-7-5"),
        ("12:47:27 June 28, 2023", "12:47:27 June 28, 2023 = 2023-6-28"),
        ("Round 252: 28 June 2023", "28 June 2023 = 2023-6-28"),
        ("le 25 novembre 2025 à 14 h 05 min 23 s UTC, le", "25 novembre 2025 à 14 h 05 min 23 s UTC = 2025-11-25"),
        ("le 25 novembre 2025 à 14h05min23s UTC, le", "25 novembre 2025 à 14h05min23s UTC = 2025-11-25"),
        ("le 25 novembre 2025 à 14h05, le", "25 novembre 2025 à 14h05 = 2025-11-25"),
        ("le 1er mai 2025", "1er mai 2025 = 2025-5-1"),
        ("on the 19th of December it", "19th of December = 0-12-19"),
        ("before 10:35:55 a.m. UTC on August 10, 2024", "10:35:55 a.m. UTC on August 10, 2024 = 2024-8-10"),
        ("at 12:47: 27 June 2023", "27 June 2023 = 2023-6-27"),
    ] {
        assert_eq!(read(text), [date], "{text}");
    }
    for none in ["you may 5 times", "In June 30 rounds were held", "the 12 may apply", "June 2023", "in 2023", "14:04"]
    {
        assert_eq!(read(none), Vec::<String>::new(), "{none}");
    }
}
