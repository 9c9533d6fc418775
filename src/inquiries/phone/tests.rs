//! Tests of phone number parsing.

use super::*;

fn parsed(typed: &str, residence: &str) -> String {
    let number = |number: &ParsedPhoneNumber| {
        let others = number.alternatives.iter().map(|other| format!(" or {other}")).collect::<String>();
        format!("{}{others}{}", number.e164, if number.is_plausible { "" } else { "?" })
    };
    ParsedPhoneNumber::parse_all(typed, residence).iter().map(number).collect::<Vec<_>>().join(", ")
}

/// Fails with all rows of a table whose values differ.
fn assert_rows<T: std::fmt::Debug + PartialEq>(rows: impl IntoIterator<Item = (String, T, T)>) {
    let wrong: Vec<_> = rows.into_iter().filter(|(_, found, expected)| found != expected).collect();
    assert!(wrong.is_empty(), "typed, read, expected: {wrong:#?}");
}

#[test]
fn pakistani_number_is_parsed_in_every_spelling() {
    for typed in [
        "0300 1234567",
        "0300-1234567",
        "+92 300 1234567",
        "+92 (0)300 1234567",
        "0092 300 1234567",
        "0092 0300 1234567",
        "923001234567",
        "92 300 1234567",
        "3001234567",
        "+0300 1234567",
        "(0300) 123 45 67",
        "۰۳۰۰ ۱۲۳۴۵۶۷",
        "٠٣٠٠١٢٣٤٥٦٧",
        "०३०० १२३४५६७",
        "０３００１２３４５６７",
        "\u{200e}0300 1234567",
        "\u{202a}+92 300 1234567\u{202c}",
        "0300\u{a0}123\u{2011}4567",
        "0300 1234567 (WhatsApp)",
        "tel:+92-300-1234567",
        "Mobile: 0300.1234567",
    ] {
        let row =
            |residence: &str| (format!("{typed} in {residence}"), parsed(typed, residence), "+923001234567".into());
        assert_rows(["", "Pakistan", "Lahore", "on the moon"].map(row));
    }
    assert_eq!(parsed("042 35911332", ""), "+924235911332");
}

#[test]
fn number_without_country_code_uses_the_country_of_residence() {
    let rows = [
        ("055 234 5678", "UAE", "+971552345678"),
        ("0501234567", "Dubai", "+971501234567"),
        ("04 234 5678", "U.A.E.", "+97142345678"),
        ("50 123 4567", "Sharjah, United Arab Emirates", "+971501234567"),
        ("050 123 4567", "KSA", "+966501234567"),
        ("0551234567", "Riyadh, Saudi Arabia", "+966551234567"),
        ("5512 3456", "Doha, Qatar", "+97455123456"),
        ("33123456", "Qatar", "+97433123456"),
        ("9212 3456", "Muscat", "+96892123456"),
        ("50012345", "Kuwait", "+96550012345"),
        ("3600 1234", "Bahrain", "+97336001234"),
        ("(306) 555-1234", "Canada", "+13065551234"),
        ("416-555-1234", "Toronto, Canada", "+14165551234"),
        ("1 (604) 555-1234", "Vancouver BC", "+16045551234"),
        ("(202) 555-0123", "USA", "+12025550123"),
        ("713.555.0123", "Houston, TX", "+17135550123"),
        ("07911 123456", " United Kingdom ", "+447911123456"),
        ("020 7946 0018", "London", "+442079460018"),
        ("7911 123456", "England", "+447911123456"),
        ("98765 43210", "India", "+919876543210"),
        ("09876543210", "Mumbai", "+919876543210"),
        ("01712-345678", "Bangladesh", "+8801712345678"),
        ("0803 123 4567", "Lagos, Nigeria", "+2348031234567"),
        ("0712 345678", "Kenya", "+254712345678"),
        ("0412 345 678", "Sydney, Australia", "+61412345678"),
        ("01512 3456789", "Germany", "+4915123456789"),
        ("030/123456", "Berlin", "+4930123456"),
        ("012-345 6789", "Malaysia", "+60123456789"),
        ("0551234567", "Ghana", "+233551234567"),
        ("06 12345678", "Netherlands", "+31612345678"),
        ("0532 123 45 67", "Türkiye", "+905321234567"),
        ("0917 123 4567", "Philippines", "+639171234567"),
        ("011 92 300 1234567", "USA", "+923001234567"),
    ];
    assert_rows(rows.map(|(typed, residence, e164)| {
        let number = ParsedPhoneNumber::parse(typed, residence).filter(|number| number.is_plausible);
        (format!("{typed} in {residence}"), number.map(|number| number.e164), Some(e164.to_owned()))
    }));
}

#[test]
fn pakistani_number_is_recognised_for_any_residence() {
    for residence in ["UAE", "Riyadh", "Qatar", "Canada", "USA", "UK", "Australia", "Kuwait", "Oman", "Malaysia"] {
        for typed in ["0300 1234567", "0333-7654321", "0345 1234567", "0321 1234567"] {
            let e164 = format!("+92{}", &digits(typed)[1..]);
            assert_eq!(ParsedPhoneNumber::e164(typed, residence), e164, "{typed} in {residence}");
        }
    }
}

#[test]
fn number_valid_in_two_countries_is_ambiguous_without_country_code() {
    let rows = [
        ("055 234 5678", "UAE", "+971552345678 or +92552345678"),
        ("(306) 555-1234", "Canada", "+13065551234 or +923065551234"),
        ("055 234 5678", "Pakistan", "+92552345678"),
        ("+971 55 234 5678", "Pakistan", "+971552345678"),
        ("+92 55 2345678", "UAE", "+92552345678"),
        ("0092 55 2345678", "UAE", "+92552345678"),
        ("971552345678", "UAE", "+971552345678"),
        ("971 50 123 4567", "", "+971501234567"),
        ("971 50 123 4567", "Pakistan", "+971501234567"),
        ("1 416 555 1234", "", "+14165551234"),
        ("447911123456", "", "+447911123456"),
        ("8801712345678", "", "+8801712345678"),
        ("966 50 123 4567", "Lahore", "+966501234567"),
        ("923001234567", "Germany", "+923001234567 or +49923001234567"),
        ("923001234567", "Canada", "+923001234567"),
        ("+39 06 1234 5678", "", "+390612345678"),
        ("0300 1234567", "UK", "+923001234567 or +443001234567"),
        ("0333-7654321", "India", "+913337654321 or +923337654321"),
    ];
    assert_rows(rows.map(|(typed, residence, numbers)| {
        (format!("{typed} in {residence}"), parsed(typed, residence), numbers.to_owned())
    }));
}

#[test]
fn other_text_in_the_field_is_not_part_of_the_number() {
    let rows = [
        ("0300 1234567 call after 6pm", "+923001234567"),
        ("0300 1234567 6pm-9pm", "+923001234567"),
        ("0300-1234567 ext 12", "+923001234567"),
        ("0300 1234567 x12", "+923001234567"),
        ("0300 1234567 #12", "+923001234567"),
        ("0300 1234567, 24/7", "+923001234567"),
        ("0300 1234567 24/7", "+923001234567"),
        ("call 2 times 0300 1234567", "+923001234567"),
        ("0300 1234567 / 0321 7654321", "+923001234567, +923217654321"),
        ("0300 1234567/0321 7654321", "+923001234567, +923217654321"),
        ("03001234567 03217654321", "+923001234567, +923217654321"),
        ("0300 1234567 0321 7654321", "+923001234567, +923217654321"),
        ("0300 1234567, 042 35911332", "+923001234567, +924235911332"),
        ("0300-1234567,0321-7654321", "+923001234567, +923217654321"),
        ("0300 1234567 or +971 50 123 4567", "+923001234567, +971501234567"),
        ("+92 300 1234567 +971 50 123 4567", "+923001234567, +971501234567"),
        ("+923001234567;+923217654321", "+923001234567, +923217654321"),
        ("+92 300 1234567 / 321 7654321", "+923001234567, +923217654321"),
        ("0300 1234567 & 0321 7654321", "+923001234567, +923217654321"),
        ("Home 042 35911332 Mobile 0300 1234567", "+924235911332, +923001234567"),
        ("0300 1234567 (0300 1234567)", "+923001234567"),
        ("042-35911332/33", "+924235911332"),
        ("0300 1234567 0301 7654321 0302", "+923001234567, +923017654321"),
        ("please ask my brother", ""),
        ("12", ""),
        ("", ""),
        ("6pm", ""),
    ];
    assert_rows(rows.map(|(typed, numbers)| (typed.to_owned(), parsed(typed, ""), numbers.to_owned())));
}

#[test]
fn overlong_text_has_no_number() {
    assert_eq!(ParsedPhoneNumber::parse(&format!("+92{}", "+".repeat(1_000_000)), ""), None);
    assert_eq!(ParsedPhoneNumber::parse(&"0300 1234567 ".repeat(100), ""), None);
    assert_eq!(ParsedPhoneNumber::parse_all(&"9".repeat(60), ""), []);
}

#[test]
fn implausible_number_is_flagged_and_gets_no_whatsapp_link() {
    assert_eq!(parsed("0300 12345", ""), "+9230012345?");
    assert_eq!(parsed("+92 300 12345", ""), "+9230012345?");
    assert_eq!(ParsedPhoneNumber::whatsapp_url("+923001234567"), "https://wa.me/923001234567");
}

#[test]
fn inquiry_is_found_by_every_interpretation_of_its_number_and_no_other() {
    let finds = |sought: &str, typed: &str, residence: &str| {
        let keys: Vec<String> = serde_json::from_str(&index_keys(typed, "", residence)).unwrap();
        ParsedPhoneNumber::parse(sought, "").unwrap().search_keys().iter().any(|key| keys.contains(key))
    };
    let rows = [
        ("+971552345678", "055 234 5678", "UAE", true),
        ("+92552345678", "055 234 5678", "UAE", true),
        ("055 234 5678", "055 234 5678", "UAE", true),
        ("+971552345678", "055 234 5678", "", true),
        ("+966552345678", "055 234 5678", "", true),
        ("0552345678", "+971 55 234 5678", "", true),
        ("+92552345678", "+971 55 234 5678", "", false),
        ("+971552345678", "+92 55 2345678", "UAE", false),
        ("0300 1234567", "+92 300 1234567", "Canada", true),
        ("+923217654321", "0300 1234567 / 0321 7654321", "", true),
        ("+923001234568", "0300 1234567", "", false),
    ];
    assert_rows(rows.map(|(sought, typed, residence, is_found)| {
        (format!("{sought} among {typed} in {residence}"), finds(sought, typed, residence), is_found)
    }));
}
