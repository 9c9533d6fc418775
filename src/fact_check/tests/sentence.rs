//! Where sentences end.

use super::*;

fn sentences(text: &str) -> Vec<&str> {
    split_sentences(text).into_iter().map(|range| text[range].trim()).collect()
}

#[test]
fn abbreviations_do_not_end_a_sentence() {
    assert_eq!(
        sentences("It was held in 2023. 500 people came! Was it? Yes."),
        ["It was held in 2023.", "500 people came!", "Was it?", "Yes."]
    );
    for one in [
        "Round No. 252 was held at 2:04 p.m. UTC on Nov. 12, e.g. In the U.S. and in Canada.",
        "The score was 10.5 of 12, see canada.ca for more",
        "It (round no. 252) was vs. Round 251 larger.",
    ] {
        assert_eq!(sentences(one), [one]);
    }
    assert_eq!(sentences("It began at 2 p.m. The rest (all.) Followed").len(), 3);
    assert_eq!(sentences("one\ntwo"), ["one", "two"]);
}

#[test]
fn overlong_sentence_is_split() {
    for text in ["word ".repeat(3_000), "é".repeat(9_999)] {
        let ranges = split_sentences(&text);
        assert!(ranges.iter().all(|range| range.len() <= MAX_SENTENCE_LEN));
        assert_eq!(ranges.into_iter().map(|range| &text[range]).collect::<String>().trim(), text.trim());
    }
}
