//! How much an inquiry looks like spam: a score with its reasons. What scores high is quarantined, never dropped.

#[cfg(test)]
mod held_out;
#[cfg(test)]
mod tests;
mod text;
mod word_lists;

use jiff::SignedDuration;

use crate::inquiries::Details;
use text::{Links, SalesTalk, is_in_unusual_script, is_random, normalize};

/// From this score on an inquiry is quarantined. Alone reach it: the field that people never see, links in the markup of
/// forums and pages, and sales talk that says where to buy.
pub const QUARANTINE_THRESHOLD: i64 = 100;

/// Nobody fills in a form in less.
const MIN_FILL_TIME: SignedDuration = SignedDuration::from_secs(3);
/// A text must be longer than this, or hold a link, before it counts that others sent the same: “Please call me” is
/// what many write.
const MIN_FINGERPRINT_LEN: usize = 60;

/// What is known of an inquiry besides its words.
#[derive(Clone, Copy, Debug, Default)]
pub struct SpamSignals {
    /// The field that people never see was filled in.
    pub honeypot_filled: bool,
    /// From showing the form to sending it; `None` where it was not shown by this site.
    pub fill_time: Option<SignedDuration>,
    /// How many others sent the same message within a day. Weak evidence: people copy a text that a friend, an agent or a
    /// group gave them.
    pub same_message_count: i64,
    /// How many came from the same network within an hour.
    pub recent_from_network: i64,
}

/// A score, and what it is made of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SpamScore {
    /// 0 where there is nothing to doubt.
    pub points: i64,
    /// For staff, one sentence each.
    pub reasons: Vec<&'static str>,
}

impl SpamScore {
    /// Weighs an inquiry.
    pub fn compute(details: &Details, signs: SpamSignals) -> Self {
        let mut result = Self::default();
        result.add(signs.honeypot_filled, 100, "The field that people never see was filled in.");
        result.add(signs.fill_time.is_none(), 10, "The form was not opened on this site.");
        result.add(signs.fill_time.is_some_and(|took| took < MIN_FILL_TIME), 60, "It was sent within three seconds.");
        result.score_text(details);
        match signs.same_message_count {
            ..3 => {}
            3..10 => result.add(true, 20, "Others sent the very same message today."),
            _ => result.add(true, 30, "Ten others or more sent the very same message today."),
        }
        match signs.recent_from_network {
            ..30 => {}
            30..100 => result.add(true, 20, "Thirty others or more came from the same network within an hour."),
            _ => result.add(true, 40, "A hundred others or more came from the same network within an hour."),
        }
        result
    }

    fn score_text(&mut self, details: &Details) {
        let (all, name) = (normalize(&free_text(details).join("\n")), normalize(&details.name));
        let links = Links::of(&all);
        match links.foreign {
            0..=1 => {}
            2 => self.add(true, 20, "It holds two links."),
            3..=5 => self.add(true, 50, "It holds several links."),
            _ => self.add(true, 80, "It is full of links."),
        }
        let is_marked_up = ["<a href", "[url", "[link="].iter().any(|mark| all.contains(mark));
        self.add(is_marked_up && links.foreign > 0, 100, "It holds links as programs write them.");
        self.add(is_marked_up && links.foreign == 0, 40, "It holds the markup of links.");
        self.add(Links::of(&name).all > 0, 60, "Its name holds a link.");
        let sales = sales_text(details);
        match SalesTalk::of(&sales, Links::of(&sales)).points() {
            0 => {}
            points @ 100.. => self.add(true, points, "It speaks as advertising does, and says where to buy."),
            points => self.add(true, points, "It speaks as advertising does."),
        }
        self.add(links.foreign > 0 && is_in_unusual_script(&all), 60, "A link in a language that few clients write.");
        let same = details.message == details.name && !details.name.is_empty();
        self.add(same, 40, "Its name and its message are the same.");
        self.add(is_random(&details.name), 40, "Its name looks typed at random.");
        self.add(is_random(&details.message), 60, "Its message looks typed at random.");
    }

    /// Whether it is quarantined.
    pub fn is_quarantined(&self) -> bool {
        self.points >= QUARANTINE_THRESHOLD
    }

    fn add(&mut self, holds: bool, points: i64, reason: &'static str) {
        if holds {
            self.points += points;
            self.reasons.push(reason);
        }
    }
}

/// The message in small letters and single spaces, where it says enough to be told from others by it.
pub fn fingerprint_text(message: &str) -> Option<String> {
    let plain = message.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ");
    (plain.chars().count() > MIN_FINGERPRINT_LEN || Links::of(&plain).all > 0).then_some(plain)
}

/// Everything that can be filled with any words at all.
fn free_text(details: &Details) -> [&str; 11] {
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
}

/// Where sales talk counts: in the message, and in a field with a link that has no business there. A trade is no sales
/// talk: an SEO specialist says so as their occupation.
fn sales_text(details: &Details) -> String {
    let [message, others @ ..] = free_text(details).map(normalize);
    let linked = others.into_iter().filter(|field| Links::of(field).foreign > 0);
    std::iter::once(message).chain(linked).collect::<Vec<_>>().join(" | ")
}
