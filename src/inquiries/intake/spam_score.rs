//! Spam score of an inquiry, with reasons. Suspected spam is quarantined, never dropped.

#[cfg(test)]
mod held_out;
#[cfg(test)]
mod tests;
mod text;
mod word_lists;

use jiff::SignedDuration;

use crate::inquiries::Details;
use text::{Advertising, Links, is_in_unusual_script, is_random, normalize};

/// Score from which an inquiry is quarantined. A filled honeypot, links in forum or HTML markup, and advertising that says
/// where to buy each reach it alone.
pub const QUARANTINE_THRESHOLD: i64 = 100;

/// People need longer than this to fill in a form.
const MIN_FILL_TIME: SignedDuration = SignedDuration::from_secs(3);
/// Shorter messages without a link are not compared with others: many people write “Please call me”.
const MIN_FINGERPRINT_LEN: usize = 60;

/// Evidence other than the text of the inquiry.
#[derive(Clone, Copy, Debug, Default)]
pub struct SpamSignals {
    pub honeypot_filled: bool,
    /// Time between the display of the form and its submission. `None` without a valid form token.
    pub fill_time: Option<SignedDuration>,
    /// Other senders of the same message within a day. Weak evidence: people copy texts from friends, agents or groups.
    pub same_message_count: i64,
    /// Other submissions from the same network within an hour.
    pub recent_from_network: i64,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SpamScore {
    pub points: i64,
    /// Sentences for staff.
    pub reasons: Vec<&'static str>,
}

impl SpamScore {
    pub fn compute(details: &Details, signals: SpamSignals) -> Self {
        let mut result = Self::default();
        result.add(signals.honeypot_filled, 100, "A hidden field was filled in.");
        result.add(signals.fill_time.is_none(), 10, "The form was not loaded from this site.");
        result.add(signals.fill_time.is_some_and(|took| took < MIN_FILL_TIME), 60, "Sent within three seconds.");
        result.score_text(details);
        match signals.same_message_count {
            ..3 => {}
            3..10 => result.add(true, 20, "Others sent the same message today."),
            _ => result.add(true, 30, "Ten or more others sent the same message today."),
        }
        match signals.recent_from_network {
            ..30 => {}
            30..100 => result.add(true, 20, "Thirty or more others came from the same network within an hour."),
            _ => result.add(true, 40, "A hundred or more others came from the same network within an hour."),
        }
        result
    }

    fn score_text(&mut self, details: &Details) {
        let (all, name) = (normalize(&free_text(details).join("\n")), normalize(&details.name));
        let links = Links::of(&all);
        match links.foreign {
            0..=1 => {}
            2 => self.add(true, 20, "Contains two links."),
            3..=5 => self.add(true, 50, "Contains several links."),
            _ => self.add(true, 80, "Contains many links."),
        }
        let is_marked_up = ["<a href", "[url", "[link="].iter().any(|markup| all.contains(markup));
        self.add(is_marked_up && links.foreign > 0, 100, "Contains links in forum or HTML markup.");
        self.add(is_marked_up && links.foreign == 0, 40, "Contains link markup.");
        self.add(Links::of(&name).all > 0, 60, "The name contains a link.");
        let text = advertising_text(details);
        match Advertising::of(&text, Links::of(&text)).points() {
            0 => {}
            points @ 100.. => self.add(true, points, "Looks like advertising and says where to buy."),
            points => self.add(true, points, "Looks like advertising."),
        }
        self.add(
            links.foreign > 0 && is_in_unusual_script(&all),
            60,
            "Contains a link in a script that few clients use.",
        );
        let same = details.message == details.name && !details.name.is_empty();
        self.add(same, 40, "The name and the message are the same.");
        self.add(is_random(&details.name), 40, "The name looks random.");
        self.add(is_random(&details.message), 60, "The message looks random.");
    }

    pub fn is_quarantined(&self) -> bool {
        self.points >= QUARANTINE_THRESHOLD
    }

    fn add(&mut self, applies: bool, points: i64, reason: &'static str) {
        if applies {
            self.points += points;
            self.reasons.push(reason);
        }
    }
}

/// Message in lower case and single spaces. `None` if it is too short to identify.
pub fn fingerprint_text(message: &str) -> Option<String> {
    let plain = message.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ");
    (plain.chars().count() > MIN_FINGERPRINT_LEN || Links::of(&plain).all > 0).then_some(plain)
}

/// Fields that accept any text.
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

/// Text that is checked for advertising: the message, and other fields with a link. Other fields alone are not checked,
/// because "SEO specialist" is a genuine occupation.
fn advertising_text(details: &Details) -> String {
    let [message, others @ ..] = free_text(details).map(normalize);
    let linked = others.into_iter().filter(|field| Links::of(field).foreign > 0);
    std::iter::once(message).chain(linked).collect::<Vec<_>>().join(" | ")
}
