//! How much an inquiry looks like spam: a score with its reasons. What scores high is set aside, never dropped.

use jiff::SignedDuration;

use crate::inquiries::Details;

/// From this score on an inquiry is set aside. Alone, only the box that people never see reaches it, and the same text
/// from ten others.
pub const SET_ASIDE_FROM: i64 = 100;

/// Nobody fills in a form in less.
const TOO_FAST: SignedDuration = SignedDuration::from_secs(3);
/// A text must be longer than this, or hold a link, before it counts that others sent the same: “Please call me” is
/// what many write.
const TELLING_LETTERS: usize = 60;

/// What is known of an inquiry besides its words.
#[derive(Clone, Copy, Debug, Default)]
pub struct Signs {
    /// The box that people never see was filled in.
    pub trap_is_filled: bool,
    /// From showing the form to sending it; `None` where it was not shown by this site.
    pub took: Option<SignedDuration>,
    /// How many others sent the same message within a day.
    pub same_text: i64,
    /// How many came from the same network within an hour.
    pub from_network: i64,
}

/// A score, and what it is made of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Doubt {
    /// 0 where there is nothing to doubt.
    pub score: i64,
    /// For staff, one sentence each.
    pub reasons: Vec<&'static str>,
}

/// Words that come in letters to every form on earth, and hardly in one to an immigration consultancy.
const SPAM_WORDS: [&str; 23] = [
    "backlink",
    "seo service",
    "seo expert",
    "rank your website",
    "ranking on google",
    "first page of google",
    "guest post",
    "domain authority",
    "web traffic",
    "casino",
    "viagra",
    "cialis",
    "porn",
    "escort",
    "sex dating",
    "crypto invest",
    "bitcoin invest",
    "forex signal",
    "binary option",
    "payday loan",
    "make money online",
    "business loan offer",
    "unsubscribe",
];

impl Doubt {
    /// Weighs an inquiry.
    pub fn of(details: &Details, signs: Signs) -> Self {
        let mut doubt = Self::default();
        doubt.add(signs.trap_is_filled, 100, "The box that people never see was filled in.");
        doubt.add(signs.took.is_none(), 10, "The form was not opened on this site.");
        doubt.add(signs.took.is_some_and(|took| took < TOO_FAST), 60, "It was sent within three seconds.");
        let words = free_text(details).to_lowercase();
        match links(&words) {
            0..=1 => {}
            2 => doubt.add(true, 20, "It holds two links."),
            3..=5 => doubt.add(true, 50, "It holds several links."),
            _ => doubt.add(true, 80, "It is full of links."),
        }
        let is_marked_up = ["<a href", "[url", "[link="].iter().any(|mark| words.contains(mark));
        doubt.add(is_marked_up, 60, "It holds links as programs write them.");
        doubt.add(links(&details.name.to_lowercase()) > 0, 60, "Its name holds a link.");
        match SPAM_WORDS.iter().filter(|word| holds_word(&words, word)).count() {
            0 => {}
            1 => doubt.add(true, 40, "It speaks as advertising does."),
            _ => doubt.add(true, 80, "It speaks as advertising does, again and again."),
        }
        let same = details.message == details.name && !details.name.is_empty();
        doubt.add(same, 40, "Its name and its message are the same.");
        match signs.same_text {
            ..3 => {}
            3..10 => doubt.add(true, 50, "Others sent the very same message today."),
            _ => doubt.add(true, 100, "Ten others or more sent the very same message today."),
        }
        match signs.from_network {
            ..30 => {}
            30..100 => doubt.add(true, 20, "Thirty others or more came from the same network within an hour."),
            _ => doubt.add(true, 40, "A hundred others or more came from the same network within an hour."),
        }
        doubt
    }

    /// Whether it is set aside.
    pub fn is_set_aside(&self) -> bool {
        self.score >= SET_ASIDE_FROM
    }

    fn add(&mut self, holds: bool, points: i64, reason: &'static str) {
        if holds {
            self.score += points;
            self.reasons.push(reason);
        }
    }
}

/// The message in small letters and single spaces, where it says enough to be told from others by it.
pub fn telling_text(message: &str) -> Option<String> {
    let plain = message.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ");
    (plain.chars().count() > TELLING_LETTERS || links(&plain) > 0).then_some(plain)
}

/// Everything that can be filled with any words at all.
fn free_text(details: &Details) -> String {
    [
        &details.message,
        &details.occupation,
        &details.english_test,
        &details.french_test,
        &details.age_typed,
        &details.experience_typed,
        &details.crs_typed,
        &details.education,
        &details.program,
        &details.residence,
        &details.citizenship,
    ]
    .map(String::as_str)
    .join("\n")
}

/// Whether `word` stands in `text` as a word of its own, or in the plural: a specialist is no advertisement.
fn holds_word(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(place, _)| {
        let after = &text[place + word.len()..];
        let after = after.strip_prefix('s').unwrap_or(after);
        !text[..place].ends_with(char::is_alphanumeric) && !after.starts_with(char::is_alphanumeric)
    })
}

fn links(text: &str) -> usize {
    let with_www = text.match_indices("www.").filter(|(place, _)| !text[..*place].ends_with("://")).count();
    text.matches("http://").count() + text.matches("https://").count() + with_www
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(text: &str) -> Details {
        Details { name: "Ayesha".into(), message: text.into(), ..Details::default() }
    }

    const CALM: Signs =
        Signs { trap_is_filled: false, took: Some(SignedDuration::from_secs(90)), same_text: 0, from_network: 0 };

    #[test]
    fn what_people_write_is_not_doubted() {
        for text in [
            "Please call me",
            "I am a nurse with 4 years of experience. My CRS is 470+. See https://linkedin.com/in/ayesha",
            "میں کینیڈا جانا چاہتا ہوں",
            "My agent took my money at the casino. Can I still apply?",
            "",
        ] {
            assert!(!Doubt::of(&message(text), CALM).is_set_aside(), "{text}");
            let hasty = Signs { took: Some(SignedDuration::from_secs(1)), ..CALM };
            assert!(!Doubt::of(&message("I am an IT specialist, and a socialist"), hasty).is_set_aside());
            let scripted = Signs { took: None, ..CALM };
            assert!(!Doubt::of(&message(text), scripted).is_set_aside(), "{text}");
        }
    }

    #[test]
    fn no_sign_alone_sets_aside_but_the_box_and_the_flood() {
        let alone = |signs| Doubt::of(&message("Please call me"), signs);
        assert!(alone(Signs { trap_is_filled: true, ..CALM }).is_set_aside());
        assert!(alone(Signs { same_text: 10, ..CALM }).is_set_aside());
        for signs in [
            Signs { took: Some(SignedDuration::ZERO), ..CALM },
            Signs { took: None, ..CALM },
            Signs { same_text: 9, ..CALM },
            Signs { from_network: 10_000, ..CALM },
        ] {
            assert!(!alone(signs).is_set_aside(), "{signs:?}");
        }
    }

    #[test]
    fn known_shapes_of_spam_are_set_aside_and_say_why() {
        let seo = "We offer SEO service and backlinks: https://a.example https://b.example https://c.example";
        let doubt = Doubt::of(&message(seo), CALM);
        assert!(doubt.is_set_aside());
        assert_eq!(doubt.reasons, ["It holds several links.", "It speaks as advertising does, again and again."]);
        let forum = "[url=https://pills.example]pills[/url] <a href=\"https://x.example\">x</a> cialis";
        assert!(Doubt::of(&message(forum), CALM).is_set_aside());
        let robot = Signs { took: Some(SignedDuration::from_secs(1)), ..CALM };
        assert!(Doubt::of(&message("Rank your website with us"), robot).is_set_aside());
    }

    #[test]
    fn every_box_that_takes_any_words_is_weighed() {
        let test = "https://a.example https://b.example https://c.example casinos";
        let details = Details { english_test: test.into(), ..message("") };
        assert_eq!(Doubt::of(&details, CALM).score, 90);
    }

    #[test]
    fn short_texts_are_alike_by_nature_and_do_not_count() {
        assert_eq!(telling_text("Please  call me"), None);
        assert_eq!(telling_text("see WWW.example.com").as_deref(), Some("see www.example.com"));
        let long = "I would like to know whether my diploma of nursing is enough to apply.";
        assert_eq!(telling_text(&format!("  {long}\n")), Some(long.to_lowercase()));
    }
}
