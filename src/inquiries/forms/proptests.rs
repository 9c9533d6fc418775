//! Property tests of the parsers of phone numbers, whole numbers and e-mail addresses.

use std::time::Duration;

use proptest::prelude::*;
use proptest::sample::select;

use crate::inquiries::forms::email_typo::suggest;
use crate::inquiries::forms::field_warnings::FieldWarnings;
use crate::inquiries::intake::spam_score::fingerprint_text;
use crate::inquiries::numeric_answer::NumericAnswer;
use crate::inquiries::phone::{self, ParsedPhoneNumber};
use crate::test_support::{any_text, check_property, cpu_time, text_from};
use crate::web::{EmailAddress, mask_email};

const NUMBERS: &[&str] = &[
    "+",
    "00",
    "0",
    "92",
    "+92",
    "300",
    "1234567",
    "(0)",
    "(",
    ")",
    "-",
    " ",
    ".",
    "/",
    ";",
    "ext",
    "ext. 5",
    "x5",
    ",",
    ";phone-context=",
    "tel:",
    "۰۳۰۰",
    "١٢٣",
    "१२",
    "\u{200e}",
    "\u{a0}",
    "971 50",
    "+1",
    "604 555 1234",
    "#",
    "*",
    "٠",
    "𝟘",
    "０３",
    "++",
    "999999999999",
    "1",
    "9",
    "+999",
    "+800",
    "+881",
    "~",
    "\0",
];

const RESIDENCES: &[&str] = &["", "Canada", "UAE", " united kingdom ", "Pakistan", "usa", "\u{130}", "India"];

#[test]
fn parsed_phone_number_consists_of_typed_digits() {
    check_property(
        300,
        (prop_oneof![4 => text_from(NUMBERS, 8), 1 => any_text(30)], select(RESIDENCES)),
        |(typed, residence)| {
            let Some(number) = ParsedPhoneNumber::parse(&typed, residence) else { return };
            let digits = number.e164.strip_prefix('+').unwrap_or_else(|| panic!("{typed:?} → {number:?}"));
            assert!(!digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()), "{typed:?} → {number:?}");
            // Only the country code may be missing from the entered digits.
            let given: String = phone::digits(&typed);
            let is_typed = |skipped| given.contains(&digits[skipped..]);
            assert!((0..=4.min(digits.len() - 1)).any(is_typed), "{typed:?} → {number:?}");
            if number.is_plausible {
                assert_eq!(ParsedPhoneNumber::e164(&number.e164, residence), number.e164, "{typed:?}");
            }
            assert!(ParsedPhoneNumber::whatsapp_url(&number.e164).starts_with("https://wa.me/"));
        },
    );
}

#[test]
fn parsed_whole_number_equals_the_typed_one() {
    const FIGURES: &[&str] = &[
        "0",
        "4",
        "70",
        "470",
        "۴۷۰",
        "٤٧٠",
        "४",
        "²",
        "𝟜",
        "４",
        "+",
        "-",
        ".",
        ",",
        " ",
        "\u{a0}",
        "e",
        "x",
        "9999999999",
        "\u{200f}",
    ];
    check_property(400, prop_oneof![3 => text_from(FIGURES, 5), 1 => any_text(12)], |typed| {
        let figure = NumericAnswer::parse(&typed, 0..=999_999_999);
        assert!(figure.number.is_some() || figure.typed == typed.trim(), "{typed:?}: the answer is lost");
        let Some(number) = figure.number.filter(|_| figure.typed.is_empty()) else { return };
        if typed.is_ascii() && !typed.contains(['.', ',']) {
            let digits: String = typed.chars().filter(char::is_ascii_digit).collect();
            assert_eq!(digits.trim_start_matches('0'), number.to_string().trim_start_matches('0'), "{typed:?}");
        }
    });
    const SCRIPTS: [[char; 10]; 5] = [
        ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'],
        ['٠', '١', '٢', '٣', '٤', '٥', '٦', '٧', '٨', '٩'],
        ['۰', '۱', '۲', '۳', '۴', '۵', '۶', '۷', '۸', '۹'],
        ['०', '१', '२', '३', '४', '५', '६', '७', '८', '९'],
        ['０', '１', '２', '３', '４', '５', '６', '７', '８', '９'],
    ];
    check_property(200, (0..1_000_000_000_i64, 0..5_usize), |(number, script)| {
        let in_script = |digit: u8| SCRIPTS[script][usize::from(digit - b'0')];
        let typed: String = number.to_string().bytes().map(in_script).collect();
        assert_eq!(NumericAnswer::parse(&typed, 0..=i64::MAX).number, Some(number), "{typed}");
    });
}

#[test]
fn email_parsing_never_panics_and_round_trips() {
    const ADDRESSES: &[&str] = &[
        "ali",
        "@",
        "gmial",
        "gmail",
        ".",
        "com",
        "con",
        "..",
        "co",
        "yahoo",
        " ",
        "\"",
        "<",
        ">",
        "\r\n",
        ",",
        ";",
        "İ",
        "é",
        "xn--",
        "[127.0.0.1]",
        "+",
        "'",
        "\0",
        "-",
        "_",
        "hotmal.co",
    ];
    check_property(300, prop_oneof![3 => text_from(ADDRESSES, 9), 1 => any_text(30)], |typed| {
        if let Ok(address) = typed.parse::<EmailAddress>() {
            let text = address.as_str();
            assert!(
                !text.chars().any(|c| c.is_control() || c.is_whitespace() || matches!(c, ',' | '<' | '>')),
                "{text:?}"
            );
            assert_eq!(text.parse::<EmailAddress>().unwrap(), address);
        }
        let _ = (mask_email(&typed), fingerprint_text(&typed), suggest(&typed));
    });
}

#[test]
fn overlong_fields_are_checked_quickly() {
    let piece = select(
        &["0", "+", "(", "1 ", "a", "@", "a@", "a@b.", "gmail.", "@g", "٣", " ", "-", "ext", ";", "é", "www.", "/"][..],
    );
    let (before, after) = (select(&["", "ali@", "+92"][..]), select(&["", ".com", "@gmail.com"][..]));
    check_property(4, (piece, before, after), |(piece, before, after)| {
        let long = format!("{before}{}{after}", piece.repeat(200_000 / piece.len()));
        let took = cpu_time(|| {
            let _ = FieldWarnings::of(&long, &long, &long, &long);
            let _ = (
                NumericAnswer::parse(&long, 0..=1200),
                fingerprint_text(&long),
                mask_email(&long),
                long.parse::<EmailAddress>().is_ok(),
            );
        });
        assert!(took < MAX_CPU_TIME, "{before}{piece} takes {took:?}");
    });
}

/// For an unoptimised build. Most cases take a tenth of it.
const MAX_CPU_TIME: Duration = Duration::from_secs(2);
