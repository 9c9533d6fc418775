//! Random input in both forms causes no server error and is never lost. The environment variables `FORM_CASES` and `FORM_SEED`
//! change the number of cases and the seed.

use std::collections::HashMap;

use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use scraper::{ElementRef, Html, Selector};
use sqlx::Row;

use crate::support::Site;

/// How a field is cleaned, and its limit.
#[derive(Clone, Copy, PartialEq)]
enum Field {
    Line,
    Paragraphs,
    Number,
}

use Field::{Line, Number, Paragraphs};

/// Every editable field, with a valid value.
const CONTACT: [(&str, Field, &str); 4] = [
    ("name", Line, "Zaynab O'Neil"),
    ("email", Line, "zaynab@example.com"),
    ("phone", Line, "+92 300 1234567"),
    ("message", Paragraphs, "Is my diploma enough?\r\nI am a nurse."),
];
const APPLY: [(&str, Field, &str); 15] = [
    ("name", Line, "محمد Ali"),
    ("email", Line, "ali@example.com"),
    ("phone", Line, "0300 7654321"),
    ("whatsapp", Line, "0301 1111111"),
    ("residence", Line, "Pakistan"),
    ("citizenship", Line, "Pakistani"),
    ("age", Number, "29"),
    ("program", Line, "Express Entry"),
    ("occupation", Line, "31301"),
    ("education", Line, "Bachelor’s degree"),
    ("experience_years", Number, "4"),
    ("english_test", Line, "IELTS 7.5"),
    ("french_test", Line, "TEF B2"),
    ("crs", Number, "470"),
    ("message", Paragraphs, "As soon as possible."),
];

/// Input of people, programs and attackers.
const UNUSUAL_TEXTS: [&str; 34] = [
    "",
    " ",
    "\t\r\n",
    "\0",
    "a\0b",
    "\u{feff}x\u{200b}y\u{200d}z",
    "\u{202e}gpj.exe\u{202c}",
    "\u{2066}left\u{2069} \u{200f}right\u{200e}",
    "line\u{2028}line\u{2029}line\u{85}line\u{b}\u{c}line",
    "\n\n  indented\n\ttabbed\n\n",
    "\r\rold\rMac\r\n",
    "<script>alert(1)</script>",
    "</textarea><b>&lt;&amp;</b>",
    "\" onfocus=\"x",
    "' OR 1=1; --",
    "{{ draw 252 crs }}",
    "%00%0d%0aBcc: x@example.com",
    "\r\nBcc: x@example.com",
    "&name=other",
    "\u{fffe}\u{ffff}\u{1fffe}\u{10ffff}\u{fdd0}",
    "e\u{301}\u{301}\u{301} 👩‍👩‍👧‍👦 🇵🇰",
    "علی کا سوال ہے، کیا میں؟",
    "\u{1b}[31mred\u{7f}\u{9f}",
    "-1",
    "470.5",
    "1e3",
    "۴۷۰",
    "99999999999999999999999",
    "0x1F",
    "+",
    "NaN",
    "a@b",
    "a b@example.com",
    "nobody@exa_mple.com",
];

/// Malformed bytes: half of an escape, of a character, of a pair.
const RAW: [&[u8]; 9] =
    [b"%", b"%2", b"%zz", b"%ff%fe", b"%ed%a0%80", b"%c3", b"\xff\xc3\x28", b"+%u0041;x", b"%f4%90%80%80"];

struct RandomInput(StdRng);

impl RandomInput {
    fn one_in(&mut self, many: u32) -> bool {
        self.0.random_ratio(1, many)
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        *from.choose(&mut self.0).unwrap()
    }

    /// Characters of every kind, including those that are removed.
    fn text(&mut self, most: usize) -> String {
        let length = self.0.random_range(0..=most);
        let (first, end) = self.pick(&[
            (0x20, 0x7f),
            (0, 0x100),
            (0x600, 0x700),
            (0x2000, 0x2070),
            (0x1f600, 0x1f640),
            (0, 0x11_0000),
        ]);
        (0..length).filter_map(|_| char::from_u32(self.0.random_range(first..end))).collect()
    }

    fn field_value(&mut self) -> String {
        match self.0.random_range(0..10) {
            0..=3 => self.pick(&UNUSUAL_TEXTS).to_owned(),
            4..=6 => self.text(40),
            // At and beyond the limits.
            7 => self.pick(&["x", "ک", "🍁"]).repeat(self.pick(&[99, 100, 101, 199, 200, 201, 254, 255])),
            8 => self.pick(&["y", "\n", "ہ ", "<"]).repeat(self.pick(&[9_999, 10_000, 10_001, 30_000])),
            _ => self.text(3_000),
        }
    }

    /// A request body: a valid form with some fields changed, missing, repeated or malformed, and unknown fields.
    fn body(&mut self, fields: &[(&str, Field, &str)]) -> Vec<u8> {
        let mut parts: Vec<Vec<u8>> = vec![b"consent=yes".to_vec()];
        if self.one_in(20) {
            parts.clear();
        }
        let odd = self.0.random_range(0..4_u32);
        for (name, _, fine) in fields {
            let is_odd = self.0.random_ratio(odd, 6);
            if is_odd && self.one_in(12) {
                continue;
            }
            if self.one_in(30) {
                parts.push(encoded(name, &self.field_value()));
            }
            parts.push(match is_odd {
                true if self.one_in(6) => [name.as_bytes(), b"=", self.pick(&RAW), b"x"].concat(),
                true => encoded(name, &self.field_value()),
                false => encoded(name, fine),
            });
        }
        if self.one_in(4) {
            parts.push(encoded(&format!("nobody-knows-{}", self.text(10)), &self.field_value()));
        }
        for _ in 0..self.pick(&[0, 0, 1, 3]) {
            let place = self.0.random_range(0..=parts.len());
            parts.insert(place, self.pick(&[&b""[..], b"=", b"&&", b"%=%", b"form_token=\0", b"a"]).to_vec());
        }
        parts.join(&b'&')
    }
}

fn encoded(name: &str, value: &str) -> Vec<u8> {
    form_urlencoded::Serializer::new(String::new()).append_pair(name, value).finish().into_bytes()
}

/// Expected value of each field after cleaning; the last of repeated fields counts. Implemented independently of the site.
fn cleaned(body: &[u8], fields: &[(&'static str, Field, &str)]) -> HashMap<&'static str, String> {
    let typed: HashMap<String, String> = form_urlencoded::parse(body).into_owned().collect();
    let clean = |name: &str, field: Field| {
        let typed = typed.get(name).cloned().unwrap_or_default();
        if field == Paragraphs {
            let ends_line = |c: char| c == '\r' || (is_break(c) && c != '\u{1f}');
            let lines = typed.replace("\r\n", "\n").replace(ends_line, "\n");
            let kept: String = lines.chars().filter(|c| matches!(c, '\n' | '\t') || is_kept(*c)).collect();
            kept.trim_end().to_owned()
        } else {
            let spaced: String =
                typed.chars().map(|c| if c.is_whitespace() || is_break(c) { ' ' } else { c }).collect();
            let seen: String = spaced.chars().filter(|c| is_kept(*c) && !is_invisible(*c)).collect();
            if name == "email" { seen.replace(JOINERS, "").trim().to_owned() } else { joined(&seen).trim().to_owned() }
        }
    };
    fields.iter().map(|(name, field, _)| (*name, clean(name, *field))).collect()
}

const JOINERS: [char; 2] = ['\u{200c}', '\u{200d}'];

/// Keeps one joiner between two non-ASCII characters, and no others.
fn joined(line: &str) -> String {
    let is_joined = |c: Option<char>| c.is_some_and(|c| !c.is_ascii() && !c.is_whitespace());
    let mut kept = String::new();
    let mut joiner = None;
    for c in line.chars() {
        if JOINERS.contains(&c) {
            joiner = joiner.or(Some(c));
            continue;
        }
        kept.extend(joiner.take().filter(|_| is_joined(kept.chars().next_back()) && is_joined(Some(c))));
        kept.push(c);
    }
    kept
}

fn is_break(c: char) -> bool {
    matches!(c, '\u{b}' | '\u{c}' | '\u{1c}'..='\u{1f}' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Invisible characters, except joiners.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{200b}' | '\u{200e}' | '\u{200f}')
        || matches!(c, '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}')
        || matches!(c, '\u{e0000}'..='\u{e0fff}')
}

fn is_kept(c: char) -> bool {
    let turns_direction = ('\u{202a}'..='\u{202e}').contains(&c) || ('\u{2066}'..='\u{2069}').contains(&c);
    !c.is_control() && !turns_direction && c != '\u{feff}' && u32::from(c) & 0xffff < 0xfffe
}

/// Number of a text that consists of digits only.
fn number(typed: &str) -> Option<i64> {
    let digits: String = typed.chars().filter_map(digit).collect();
    digits.parse().ok()
}

fn digit(c: char) -> Option<char> {
    let value = match u32::from(c) {
        point @ 0x0660..=0x0669 => point - 0x0660,
        point @ 0x06f0..=0x06f9 => point - 0x06f0,
        _ => return c.is_ascii_digit().then_some(c),
    };
    char::from_digit(value, 10)
}

/// Exact value of a field of the page.
fn shown(page: &Html, name: &str) -> Option<String> {
    let selector = Selector::parse(&format!("main form [name='{name}']")).unwrap();
    let field = page.select(&selector).next()?;
    let text = |element: ElementRef| element.text().collect::<String>();
    match field.value().name() {
        "select" => {
            let chosen = Selector::parse("option[selected]").unwrap();
            Some(field.select(&chosen).next().map(text).unwrap_or_default())
        }
        "textarea" => Some(text(field)),
        _ => field.attr("value").map(str::to_owned),
    }
}

fn env_number(variable: &str, otherwise: u64) -> u64 {
    std::env::var(variable).ok().and_then(|number| number.parse().ok()).unwrap_or(otherwise)
}

#[actix_web::test]
async fn random_input_is_stored_or_returned_and_never_a_server_error() {
    let site = Site::start().await;
    let visitor = site.visitor();
    let (seed, cases) = (env_number("FORM_SEED", 252), env_number("FORM_CASES", 120));
    let (mut kept, mut back) = (0, 0);
    for case in 0..cases {
        let mut input = RandomInput(StdRng::seed_from_u64(seed.wrapping_add(case)));
        let (path, fields) = if case % 2 == 0 { ("/contact", &CONTACT[..]) } else { ("/apply", &APPLY[..]) };
        let body = input.body(fields);
        let expected = cleaned(&body, fields);
        let about = format!("FORM_SEED={} FORM_CASES={}, {path}", seed, case + 1);
        let answer = visitor.post_body(path, "application/x-www-form-urlencoded", body.clone()).await;
        match answer.status {
            303 => {
                kept += 1;
                let token = answer.location().strip_prefix("/receipts/").unwrap();
                let row = sqlx::query("SELECT * FROM inquiries WHERE receipt_token = ?")
                    .bind(token)
                    .fetch_one(site.running.services.db.read())
                    .await
                    .unwrap();
                for (name, field, _) in fields {
                    if *field == Number {
                        let found: Option<i64> = row.get(name);
                        let typed: String = row.get(&*format!("{}_typed", name.trim_end_matches("_years")));
                        // The number says everything, or the answer is kept as entered.
                        let is_whole = typed.is_empty() && found == number(&expected[name]);
                        assert!(is_whole || typed == expected[name], "{about}: {name} of {:?}", expected[name]);
                    } else {
                        assert_eq!(row.get::<String, _>(name), expected[name], "{about}: {name}");
                    }
                }
            }
            422 => {
                back += 1;
                let page = Html::parse_document(&answer.text);
                for (name, ..) in fields {
                    assert_eq!(shown(&page, name).as_ref(), Some(&expected[name]), "{about}: {name}");
                }
                let consents =
                    body.starts_with(b"consent=yes") || String::from_utf8_lossy(&body).contains("&consent=yes");
                let is_checked = answer.all("#consent[checked]").len() == 1;
                assert_eq!(is_checked, consents && path == "/apply", "{about}");
            }
            other => panic!("{about}: {other} for {}", String::from_utf8_lossy(&body)),
        }
    }
    assert_eq!(kept + back, cases);
    assert!(
        cases < 100 || (kept > cases / 10 && back > cases / 10),
        "of {cases} forms, {kept} were stored and {back} were shown again"
    );
}

#[actix_web::test]
async fn oversized_input_is_rejected_with_a_message() {
    let site = Site::start().await;
    let visitor = site.visitor();
    for (megabytes, status) in [(1, 413), (3, 413)] {
        let body = [b"name=A&email=a@example.com&message=".to_vec(), vec![b'x'; megabytes * 1024 * 1024]].concat();
        let page = visitor.post_body("/contact", "application/x-www-form-urlencoded", body).await;
        assert_eq!(page.status, status);
        assert!(page.text.contains("Your form was not saved"), "{}", page.text);
    }
    // The longest accepted value is returned completely.
    let long = "ک".repeat(40_000);
    let page = visitor.post("/contact", &[("name", &long), ("message", "m"), ("email", "a@example.com")]).await;
    assert_eq!(page.status, 422);
    assert_eq!(shown(&Html::parse_document(&page.text), "name"), Some(long));
    assert_eq!(site.count("SELECT count(*) FROM inquiries").await, 0);
}
