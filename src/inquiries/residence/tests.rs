//! Tests of residence parsing.

use super::*;

fn country(residence: &str) -> String {
    countries(residence).first().map_or_else(String::new, |id| id.as_ref().to_owned())
}

#[test]
fn country_is_found_by_name_place_or_typo() {
    let rows = [
        ("Pakistan", "PK"),
        ("PAKISTAN ", "PK"),
        ("Lahore", "PK"),
        ("karachi, pakistan", "PK"),
        ("اسلام آباد", "PK"),
        ("پاكستان", "PK"),
        ("U.A.E.", "AE"),
        ("U. A. E", "AE"),
        ("uae", "AE"),
        ("Dubai", "AE"),
        ("Abu Dhabi UAE", "AE"),
        ("Sharjah - United Arab Emirates", "AE"),
        ("دبئی", "AE"),
        ("دبي", "AE"),
        ("الإمارات العربية المتحدة", "AE"),
        ("متحدہ عرب امارات", "AE"),
        ("Untied Arab Emirats", "AE"),
        ("Ras al-Khaimah", "AE"),
        ("KSA", "SA"),
        ("K.S.A", "SA"),
        ("Riyadh, Saudi Arabia", "SA"),
        ("Kingdom of Saudi Arabia (Jeddah)", "SA"),
        ("saudia", "SA"),
        ("Saudi Arabai", "SA"),
        ("السعودية", "SA"),
        ("سعودی عرب", "SA"),
        ("Doha", "QA"),
        ("State of Qatar", "QA"),
        ("قطر", "QA"),
        ("Muscat, Oman", "OM"),
        ("Sultanate of Oman", "OM"),
        ("Kuwait City", "KW"),
        ("کویت", "KW"),
        ("Manama", "BH"),
        ("Kingdom of Bahrain", "BH"),
        ("Toronto, Canada", "CA"),
        ("Mississauga, ON", "CA"),
        ("London, Ontario", "CA"),
        ("Montréal (Québec)", "CA"),
        ("Cananda", "CA"),
        ("Canda", "CA"),
        ("کینیڈا", "CA"),
        ("USA", "US"),
        ("U.S.", "US"),
        ("u.s.a", "US"),
        ("The United States of America", "US"),
        ("Houston, TX", "US"),
        ("Atlanta, Georgia", "US"),
        ("America", "US"),
        ("UK", "GB"),
        ("U.K.", "GB"),
        ("London", "GB"),
        ("England", "GB"),
        ("Manchester, United Kingdom", "GB"),
        ("Birmingham", "GB"),
        ("Scotland", "GB"),
        ("برطانیہ", "GB"),
        ("India", "IN"),
        ("Mumbai", "IN"),
        ("Hyderabad, India", "IN"),
        ("भारत", "IN"),
        ("Bangladesh", "BD"),
        ("Dhaka", "BD"),
        ("Bangladsh", "BD"),
        ("Nigeria", "NG"),
        ("Lagos, Nigeria", "NG"),
        ("Kenya", "KE"),
        ("Nairobi", "KE"),
        ("Australia", "AU"),
        ("Sydney NSW", "AU"),
        ("Germany", "DE"),
        ("Deutschland", "DE"),
        ("München", "DE"),
        ("Frankfurt am Main", "DE"),
        ("Malaysia", "MY"),
        ("KL, Malaysia", "MY"),
        ("Turkey", "TR"),
        ("Türkiye", "TR"),
        ("Côte d'Ivoire", "CI"),
        ("Cote d’Ivoire", "CI"),
        ("South Korea", "KR"),
        ("Republic of Korea", "KR"),
        ("Philippines", "PH"),
        ("Phillipines", "PH"),
        ("Niger", "NE"),
        ("Georgia", "GE"),
        ("Jordan", "JO"),
        ("New Zealand", "NZ"),
        ("South Africa", "ZA"),
        ("Trinidad & Tobago", "TT"),
        ("Hong Kong", "HK"),
        ("AE", "AE"),
        ("ARE", "AE"),
        ("pk", "PK"),
        ("🇦🇪", "AE"),
        ("🇵🇰 Lahore", "PK"),
        ("Pakistan (currently in Dubai)", "AE"),
        ("from Pakistan, living in Riyadh", "SA"),
        ("Pakistani citizen residing in Doha, Qatar", "QA"),
        ("I live in Oman", "OM"),
        ("UAE / Pakistan", "AE"),
        ("Canada or Pakistan", "CA"),
    ];
    let wrong: Vec<_> =
        rows.into_iter().map(|row| (row, country(row.0))).filter(|(row, found)| found != row.1).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn text_without_a_place_has_no_country() {
    for residence in ["", "  ", "n/a", "same as above", "yes", "Nigera or so", "???", "x".repeat(100_000).as_str()] {
        assert!(countries(residence).len() != 1 || residence.starts_with("Nigera"), "{residence}");
    }
    assert_eq!(countries("Austrlia"), [], "Austria or Australia");
}

#[test]
fn every_phone_library_country_is_found_by_its_english_name() {
    let mut countries_with_names = HashSet::new();
    for line in PLACES_CSV.lines().skip(1).filter(|line| line.split(',').nth(1) == Some("country")) {
        let (code, name) = (&line[..2], line.splitn(3, ',').nth(2).and_then(|names| names.split('|').next()));
        assert!(countries(name.unwrap()).iter().any(|id| id.as_ref() == code), "{line:.60}");
        countries_with_names.insert(code);
    }
    let codes = (b'A'..=b'Z').flat_map(|a| (b'A'..=b'Z').map(move |b| String::from_utf8(vec![a, b]).unwrap()));
    for code in codes.filter(|code| code.parse::<Id>().is_ok()) {
        assert!(countries_with_names.contains(code.as_str()), "{code}");
    }
}
