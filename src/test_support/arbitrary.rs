//! Strategies for arbitrary input, and the runner of property tests.

use std::time::{Duration, Instant};

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use rustix::time::{ClockId, clock_gettime};

/// Characters that often break parsers: controls, direction marks, multi-byte spaces, digits of other scripts, letters
/// whose length depends on their case, and the syntax of every language that the site parses.
const UNUSUAL_CHARS: &[char] = &[
    '\0',
    '\t',
    '\n',
    '\r',
    '\u{b}',
    '\u{1b}',
    '\u{7f}',
    '\u{85}',
    '\u{a0}',
    '\u{ad}',
    '\u{200b}',
    '\u{200d}',
    '\u{200e}',
    '\u{200f}',
    '\u{2003}',
    '\u{2028}',
    '\u{202a}',
    '\u{202e}',
    '\u{202f}',
    '\u{2066}',
    '\u{2069}',
    '\u{3000}',
    '\u{301}',
    '\u{307}',
    '\u{feff}',
    '\u{fffd}',
    '\u{fffe}',
    '\u{ffff}',
    '\u{1fffe}',
    '\u{10ffff}',
    'İ',
    'ß',
    'ẞ',
    'œ',
    'ﬁ',
    'É',
    '²',
    '½',
    'Ⅷ',
    '٣',
    '۷',
    '೧',
    '𝟘',
    '＋',
    '０',
    '＜',
    '“',
    '’',
    '–',
    'ن',
    'ک',
    '中',
    '👩',
    '🇵',
    '<',
    '>',
    '&',
    '"',
    '\'',
    '{',
    '}',
    '[',
    ']',
    '(',
    ')',
    '*',
    '_',
    '`',
    '#',
    '|',
    ':',
    ';',
    ',',
    '.',
    '/',
    '\\',
    '%',
    '+',
    '-',
    '=',
    '@',
    '!',
    '?',
    '~',
    '^',
    '$',
    '0',
    '1',
    '9',
];

/// Text of at most `max_len` characters: mostly ASCII, mixed with unusual and arbitrary characters.
pub fn any_text(max_len: usize) -> impl Strategy<Value = String> {
    let letter = prop_oneof![
        4 => proptest::char::range(' ', '~'),
        3 => select(UNUSUAL_CHARS),
        1 => proptest::char::range('\u{600}', '\u{6ff}'),
        1 => any::<char>(),
    ];
    vec(letter, 0..=max_len).prop_map(|letters| letters.into_iter().collect())
}

/// Text made of at most `max_pieces` of `pieces`, with short arbitrary texts in between.
pub fn text_from(pieces: &'static [&'static str], max_pieces: usize) -> impl Strategy<Value = String> {
    let piece = prop_oneof![6 => select(pieces).prop_map(str::to_owned), 1 => any_text(4)];
    vec(piece, 0..=max_pieces).prop_map(|pieces| pieces.concat())
}

/// At most `max_len` arbitrary bytes.
pub fn any_bytes(max_len: usize) -> impl Strategy<Value = Vec<u8>> {
    vec(any::<u8>(), 0..=max_len)
}

/// Checks a property on `cases` values, the same in every run. With `FUZZ_SECONDS`, checks random values for that long
/// and prints their number.
pub fn check_property<S: Strategy>(cases: u32, strategy: S, check: impl Fn(S::Value)) {
    let begun = Instant::now();
    let seconds = std::env::var("FUZZ_SECONDS").ok().and_then(|seconds| seconds.parse().ok());
    let config = Config { cases, failure_persistence: None, max_shrink_time: 60_000, ..Config::default() };
    let mut tried = 0_u64;
    loop {
        let chance = match seconds {
            Some(_) => TestRng::from_seed(RngAlgorithm::ChaCha, &rand::random::<[u8; 32]>()),
            None => TestRng::deterministic_rng(RngAlgorithm::ChaCha),
        };
        let tested = TestRunner::new_with_rng(config.clone(), chance).run(&strategy, |value| {
            check(value);
            Ok(())
        });
        if let Err(failed) = tested {
            panic!("{failed}");
        }
        tried += u64::from(cases);
        let Some(seconds) = seconds.map(Duration::from_secs) else { return };
        if begun.elapsed() >= seconds {
            report_cases(tried, begun.elapsed());
            return;
        }
    }
}

/// CPU time of this thread for `done`. Unlike wall time, it does not depend on other load.
pub fn cpu_time(done: impl FnOnce()) -> Duration {
    let worked = || {
        let now = clock_gettime(ClockId::ThreadCPUTime);
        Duration::new(now.tv_sec.unsigned_abs(), u32::try_from(now.tv_nsec).unwrap())
    };
    let begun = worked();
    done();
    worked() - begun
}

#[expect(clippy::print_stderr, reason = "the number of cases is the result of a run with FUZZ_SECONDS")]
fn report_cases(tried: u64, took: Duration) {
    let test = std::thread::current();
    eprintln!("{}: {tried} cases in {} s", test.name().unwrap_or_default(), took.as_secs());
}
