//! Codes and titles: which stand for nothing or for another occupation, and which only look so.

use crate::fact_check::Rule::{NocTitle, NocUnknown};
use crate::fact_check::tests::{reason, rules_found, with_fixes_applied};

#[test]
fn unknown_code_is_reported() {
    for text in [
        "NOC 31309 is new.",
        "See NOC code 99999.",
        "(NOC: **99999**)",
        "NOC 2021 code 99999",
        "NOC 31301, 31302 and 99999 are eligible.",
        "NOC codes 31301/99999",
        "- 31301\n- 31302\n- 99999",
        "1. Nurse practitioners, 31302\n2. Nurses of all kinds, 31301\n3. Others, 99999",
        "- Nurses (31301)\n- More nurses (31302)\n- Nobody (99999)\n",
        "| Who | Code |\n|---|---|\n| A | 31301 |\n| B | 31302 |\n| C | 99999 |",
        "Look at [this one](/occupations/99999).",
        "Our friends: NOC 313011",
    ] {
        assert_eq!(rules_found(text), [NocUnknown], "{text}");
    }
    assert_eq!(reason("NOC 3012 is eligible."), "NOC 2021 codes have five digits, but 3012 has 4.");
    assert_eq!(with_fixes_applied("Dentists (NOC 31119) are eligible."), "Dentists (NOC 31110) are eligible.");
    assert_eq!(with_fixes_applied("- Optometrists – 99999"), "- Optometrists – 31111");
}

#[test]
fn other_numbers_are_not_reported_as_codes() {
    for fine in [
        "NOC 2021 replaced NOC 2016.",
        "In the old NOC 2016 nurses had the code 3012: NOC 3012.",
        "It used to be NOC 3012 under the former classification.",
        "NOC 2021, Version 1.0, has 516 unit groups; NOC TEER 1 is one of six.",
        "Call 042 35911332 or 99999-1234, reference IE-2026-99999, box 99999.",
        "There were 12,345 people, $54321 and 99999 of something, in 2023.",
        "NOC 31301 and 12500 people.",
        "- 31301\n- 12500 people\n- 99,999",
        "| Code | People |\n|---|---|\n| 31301 | 12500 |\n| 31302 | 99999 |",
        "- Lahore 54000\n- Islamabad 44000\n- Karachi 74000",
        "`NOC 99999` and https://example.com/NOC/99999",
    ] {
        let rules = rules_found(fine);
        assert!(rules.is_empty(), "{fine}: {rules:?}");
    }
}

#[test]
fn code_with_another_title_is_reported() {
    for (text, right) in [
        ("Dentists (NOC 31101)", "Dentists (NOC 31110)"),
        ("We help **dentists** (NOC 31101) too.", "We help **dentists** (NOC 31101) too."),
        ("We work with **dentists** (NOC 31101) too.", "We work with **dentists** (NOC 31110) too."),
        (
            "31102 – Registered nurses and registered psychiatric nurses",
            "31301 – Registered nurses and registered psychiatric nurses",
        ),
        ("[Dentists](/occupations/31102), NOC 31110", "[Dentists](/occupations/31110), NOC 31110"),
        ("[NOC 31110](/occupations/31102)", "[NOC 31110](/occupations/31102)"),
        (
            "| Dentist | 31111 |\n|---|---|\n| Optometrist | 31111 |",
            "| Dentist | 31110 |\n|---|---|\n| Optometrist | 31111 |",
        ),
        ("Dentists (31101), optometrists (31111)", "Dentists (31110), optometrists (31111)"),
        ("31110 Dentists, 31101 Optometrists", "31110 Dentists, 31111 Optometrists"),
        ("optometrists (NOC 31111) and dentists (NOC 31101)", "optometrists (NOC 31111) and dentists (NOC 31110)"),
        ("Dentistes (CNP 31101)", "Dentistes (CNP 31110)"),
        (
            "Nurse aides, orderlies & patient service associates: NOC 33109",
            "Nurse aides, orderlies & patient service associates: NOC 33102",
        ),
    ] {
        let rules = rules_found(text);
        if text.contains("We help") {
            // "help dentists" may be a longer name than the title.
            assert!(rules.is_empty(), "{text}");
        } else {
            assert_eq!(rules, [NocTitle], "{text}");
        }
        assert_eq!(with_fixes_applied(text), right);
    }
}

#[test]
fn paraphrased_and_correct_titles_are_not_reported() {
    for fine in [
        "[Dentists](/occupations/31110), NOC 31110",
        "Family doctors (NOC 31102) and all kinds of nurses (NOC 31301)",
        "Pastry cooks (NOC 63202)",
        "31301 Registered nurses and registered psychiatric nurses, 31302 Nurse practitioners",
        "Electricians (NOC 72200)",
        "Electricians (except industrial and power system) – NOC 72200",
        "Audiologists and speech-language pathologists – NOC 31112; chiropractors – NOC 31201",
        "| 31110 | Dentists | Optometrists |\n|---|---|---|\n| 31111 | Optometrists | none |",
        "Infirmiers praticiens/infirmières praticiennes (CNP 31302)",
        "A dentist lives at 31301 Main Street.",
        "[the list](/occupations/31102), and dentists too",
    ] {
        let rules = rules_found(fine);
        assert!(rules.is_empty(), "{fine}: {rules:?}");
    }
}
