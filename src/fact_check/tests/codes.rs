//! Codes and titles: which stand for nothing or for another occupation, and which only look so.

use crate::fact_check::Rule::{Eligibility, NocTitle, NocUnknown};
use crate::fact_check::tests::{OCCUPATIONS, findings_in, reason, rules_found, with_fixes_applied};

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

#[test]
fn code_beside_a_shortened_misspelt_or_other_title_is_reported() {
    for (text, right) in [
        ("Dieticians (NOC 31301)", "Dieticians (NOC 31121)"),
        ("NOC 31301 – Dieticians", "NOC 31121 – Dieticians"),
        ("Dietitian – 31111", "Dietitian – 31121"),
        ("- Optomitrists (31110)", "- Optomitrists (31111)"),
        ("Teachers at secondary schools (NOC 41210)", "Teachers at secondary schools (NOC 41220)"),
        ("Butchers, NOC 63202", "Butchers, NOC 63201"),
        ("Roofers (NOC 73111) are eligible.", "Roofers (NOC 73110) are eligible."),
        ("LPNs (31301)", "LPNs (32101)"),
        ("31301: family doctor", "31102: family doctor"),
        (
            "Les infirmiers auxiliaires (CNP 31301) sont admissibles.",
            "Les infirmiers auxiliaires (CNP 32101) sont admissibles.",
        ),
        (
            "Le Canada a invité des infirmières auxiliaires (CNP 31301).",
            "Le Canada a invité des infirmières auxiliaires (CNP 32101).",
        ),
        ("- enseignant au niveau secondaire, CNP 41221", "- enseignant au niveau secondaire, CNP 41220"),
        ("Sawbones (NOC 31101), optometrists (NOC 31110)", "Sawbones (NOC 31101), optometrists (NOC 31111)"),
    ] {
        assert_eq!(rules_found(text), [NocTitle], "{text}");
        assert_eq!(with_fixes_applied(text), right);
    }
}

#[test]
fn title_in_other_words_is_not_reported() {
    for fine in [
        "Registered nurses (31301) and LPNs (32101)",
        "Family doctors (NOC 31102), surgeons (NOC 31101) and GPs (NOC 31102)",
        "Health workers (NOC 31301), carers (NOC 44101)",
        "Dietitians (NOC 31121) and nutritionists (NOC 31121)",
        "Nutritionists and dieticians (NOC 31121)",
        "School teachers (NOC 41221)",
        "Bakery staff (NOC 63202), drivers (NOC 73300)",
        "Aides des infirmiers auxiliaires (CNP 33102)",
        "Infirmières auxiliaires (CNP 32101), médecins de famille (CNP 31102)",
        "Infirmières (CNP 31301)",
        "Accountants (NOC 12200)",
        "NOC 31301, doctors and others",
        "Our team placed a paramedic (NOC 32102) and two physios (NOC 31202) in Halifax last year.",
        "If you work as a personal care aide, look at NOC 44101 or NOC 33102.",
        "Web designers usually fall under NOC 21233, graphic designers under NOC 52120.",
        "Chefs (NOC 62200) and cooks (NOC 63200) are not the same; food counter attendants are NOC 65201.",
        "Software folks: NOC 21231, NOC 21232 or NOC 21234.",
        "Truck drivers, NOC 73300, bus drivers, NOC 73301.",
        "For early childhood educators the code is 42202; for their assistants it is 42202 too.",
        "Le code CNP 31301 (infirmières) et le code CNP 31302 (infirmières praticiennes).",
        "Les éducatrices de la petite enfance (CNP 42202) et les cuisiniers (CNP 63200) sont admissibles.",
        "Un médecin de famille (CNP 31102), un chirurgien (CNP 31101), une vétérinaire (CNP 31103).",
        "Les soudeurs (CNP 72106), charpentiers-menuisiers (CNP 72310) et plombiers (CNP 72300).",
        "Ingénieurs civils : 21300. Ingénieurs mécaniciens : 21301. Ingénieurs électriciens et électroniciens : 21310.",
        "- Civil engineers – 21300\n- Mechanical engineer – 21301\n- Electrical engineers – 21310\n- Industrial engineers – 21321",
        "| Job | Code |\n|---|---|\n| Family doctor | 31102 |\n| Nurse | 31301 |\n| LPN | 32101 |\n| Social worker | 41300 |",
        "Accountants and auditors (NOC 11100), bookkeepers (NOC 12200), HR managers (NOC 10011)",
        "Bank managers (NOC 10021); restaurant managers (NOC 60030); IT managers (NOC 20012)",
        "Teachers in elementary schools (NOC 41221) and secondary teachers (NOC 41220)",
        "University professors (NOC 41200), college teachers (NOC 41210), teaching assistants (NOC 41201)",
        "Construction electricians (NOC 72200), industrial electricians (NOC 72201), power line workers (NOC 72203)",
        "Medical lab technologists: 32120; lab technicians: 33101",
        "Pharmacists 31120, dental hygienists 32111, dental assistants 33100, midwives 31303",
        "Physician assistants (31303), psychologists (31200), mental health counsellors (41301)",
        "The applicant's former job as a nurse's aide (NOC 33102) counted.",
        "ECEs (NOC 42202), PSWs (NOC 44101) and caregivers (NOC 44101)",
        "Among managers, only construction managers (NOC 70010) were invited.",
        "See the NOC 2021 code for financial analysts: 11101.",
        "Data analysts (21223), data scientists (21211), cyber security analysts (21220)",
        "He moved from NOC 63200 to NOC 62200 when he became a chef.",
        "Sawbones (NOC 31101), optometrists (NOC 31111)",
    ] {
        let rules = rules_found(fine);
        assert!(rules.is_empty(), "{fine}: {rules:?}");
    }
}

fn findings_about(title: &'static str, body: &str) -> Vec<String> {
    let found = findings_in(&[("title", title), ("body", body)]);
    found.into_iter().filter(|finding| finding.rule == Eligibility).map(|finding| finding.reason).collect()
}

#[test]
fn wrong_eligible_code_is_reported() {
    for (title, body, count) in [
        ("Round 344", "NOC 41200, 41201 and 41210 were eligible.", 3),
        ("Round 344", "NOC 41220 and 41200 were eligible.", 1),
        ("Round 344", "NOC 41220 was not eligible.", 1),
        ("Round 344", "NOC 41220 is no longer eligible, but 41200 is on the list.", 2),
        ("Round 344", "NOC 42202 was removed; NOC 41200 was added.", 2),
        ("Round 344", "Canada issued 1,000 invitations to people in NOC 41220, 41220 and 41221.", 1),
        ("Round 344", "Canada invited people in NOC 41200.", 1),
        ("Tirage 344", "Les codes CNP 41200 et 41201 étaient admissibles.", 2),
        ("Tirage 344", "Le code CNP 41220 n’est pas admissible.", 1),
    ] {
        assert_eq!(findings_about(title, body).len(), count, "{body}");
    }
    assert_eq!(
        findings_about("Round 344", "NOC 41200 was eligible."),
        ["41200 was not eligible in draw 344 of May 1, 2025. These were: 41220, 41221, 42202, 42203, 43100."]
    );
}

#[test]
fn wrong_number_of_eligible_occupations_is_reported() {
    for body in [
        "The list has 37 occupations.",
        "There are 36 eligible healthcare occupations.",
        "It was a list of 37 NOC codes.",
        "They have experience in one of thirty-seven occupations.",
        "La liste compte 37 professions.",
        "La liste compte trente-sept professions admissibles.",
    ] {
        assert_eq!(
            findings_about("Round 252", body).iter().map(|reason| &reason[..27]).collect::<Vec<_>>(),
            ["35 occupations were eligibl"],
            "{body}"
        );
    }
}

#[test]
fn right_and_other_statements_about_lists_are_not_reported() {
    for (title, body) in [
        ("Round 344", "NOC 41220, 41221 and 42202 were eligible. NOC 41200 was not eligible."),
        ("Round 344", "NOC 41200 is not on the list, but NOC 41220 is eligible."),
        ("Round 344", "NOC 41200 is eligible for the Federal Skilled Worker Program."),
        ("Round 344", "In healthcare, NOC 31301 was eligible."),
        ("Round 344", "Is NOC 41200 eligible?"),
        ("Round 344", "Les codes CNP 41200 et 41201 ne sont pas admissibles."),
        ("Round 345", "Since then 31100 has been on the list, which NOC 31303 was before."),
        ("Round 252", "The list has 35 occupations."),
        ("Round 252", "82 occupations in total are listed across 5 categories, 24 occupations of them in STEM."),
        (
            "Round 252",
            "Six occupations left the list and it added 10 occupations; the list grew from 35 to 37 occupations.",
        ),
        ("Round 252", "More than 30 occupations were eligible, in TEER 2 or 3 occupations, and 5 categories."),
        ("Round 252", "Ontario has 20 eligible occupations."),
        ("Round 251", "The list has 37 occupations, and NOC 41200 was eligible."),
        ("A draw", "The list has 37 occupations, and NOC 41200 was eligible."),
    ] {
        assert!(findings_about(title, body).is_empty(), "{body}: {:?}", findings_about(title, body));
    }
}

#[test]
fn neighbouring_code_is_found_beside_most_titles_and_right_codes_never() {
    let (mut found, mut all) = (0, 0);
    for (place, occupation) in OCCUPATIONS.iter().enumerate().step_by(6) {
        for title in [&occupation.title_en, &occupation.title_fr] {
            let text = |code: &str| [format!("- {title} (NOC {code})"), format!("| {code} | {title} |\n|---|---|")];
            for right in text(&occupation.noc) {
                assert!(rules_found(&right).is_empty(), "{right}");
            }
            for wrong in text(&OCCUPATIONS[(place + 1) % OCCUPATIONS.len()].noc) {
                all += 1;
                found += usize::from(rules_found(&wrong) == [NocTitle]);
            }
        }
    }
    assert!(found * 100 >= all * 98, "{found} of {all}");
}

#[test]
fn other_ways_to_write_a_wrong_code_are_reported() {
    for text in [
        "Paramedics (NOC 31301) were invited.",
        "Physiotherapist – NOC 31203",
        "Pharmacists (31121)",
        "Civil engineers: 21301",
        "Social workers (NOC 41301)",
        "Les plombiers (CNP 72310) sont invités.",
        "Les éducatrices de la petite enfance (CNP 42203) étaient admissibles.",
        "CNP 31110 – Optométriste",
        "- Early childhood educators: 42201",
        "Licenced practical nurses (NOC 31301)",
        "NOC 31120 (Pharmacy technicians)",
        "Chirurgiens (CNP 31100)",
    ] {
        assert_eq!(rules_found(text), [NocTitle], "{text}");
    }
}

#[test]
fn claims_about_lists_are_told_from_other_statements() {
    for (title, body, count) in [
        ("Round 344", "Occupations eligible in this draw: 41220, 41221, 42202, 42203 and 43100.", 0),
        ("Round 344", "Eligible were teachers (NOC 41220) and professors (NOC 41200).", 1),
        ("Round 344", "Instructors (NOC 41210) did not qualify.", 0),
        ("Round 344", "The category covers five occupations.", 0),
        ("Round 344", "The category covers six occupations.", 1),
        ("Round 344", "The category had six eligible occupations, from NOC 41220 to NOC 43100.", 1),
        ("Round 252", "Thirty-five occupations qualify.", 0),
        ("Round 252", "Thirty-six occupations qualify.", 1),
        ("Round 252", "Of the 35 occupations, 20 are regulated professions.", 0),
        ("Round 252", "There are 516 occupations in NOC 2021; 35 of them were eligible.", 0),
        ("Round 252", "In six categories there are 82 occupations.", 0),
        ("Round 252", "We help people in over 100 occupations and 20 trades.", 0),
        ("Round 252", "We describe 12 occupations in detail on our site.", 0),
        ("Round 252", "Here are five professions with the most vacancies.", 0),
        ("Round 252", "Trente-cinq professions étaient admissibles.", 0),
        ("Round 252", "Trente-six professions étaient admissibles.", 1),
        ("Tirage 252", "Les 36 professions de la liste", 1),
        ("Round 447", "Cooks (NOC 63200) are no longer eligible; butchers (NOC 63201) were added.", 0),
        ("Round 447", "Cooks (NOC 63200) are eligible.", 1),
        ("Round 447", "Les cuisiniers (CNP 63200) ne sont plus admissibles.", 0),
        ("Round 447", "Les bouchers (CNP 63201) ne sont plus admissibles.", 1),
    ] {
        assert_eq!(findings_about(title, body).len(), count, "{body}: {:?}", findings_about(title, body));
    }
}
