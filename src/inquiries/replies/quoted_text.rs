//! Separates what a person wrote from the quoted text of the e-mail that they answer.

use std::sync::LazyLock;

use regex::Regex;

/// Text of an e-mail in two parts. Nothing is dropped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SplitText {
    pub reply: String,
    /// Quoted text of earlier e-mails; empty if there is none.
    pub quoted: String,
}

/// Line before the copy of an earlier e-mail, as Outlook and others write it. What follows is quoted.
static SEPARATOR: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?i)^[\s*_-]*(original message|original appointment|ursprüngliche nachricht|message d'origine|message d’origine|mensaje original|messaggio originale|اصل پیغام|الرسالة الأصلية)[\s*_:-]*$",
    )
    .ok()
});

/// First line of the header block above the copy of an earlier e-mail, and one of its further lines.
static FROM_LINE: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?i)^[\s*]*(from|von|de|da|van|من|منجانب)[\s*]*:[\s*]*\S").ok());
static DATE_LINE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)^[\s*]*(sent|date|gesendet|datum|envoyé|enviado|fecha|inviato|verzonden|تاریخ|بھیجا گیا|تاريخ الإرسال|التاريخ)[\s*]*:").ok()
});

fn matches(pattern: &LazyLock<Option<Regex>>, line: &str) -> bool {
    pattern.as_ref().is_some_and(|pattern| pattern.is_match(line))
}

/// Splits the text of an e-mail. Answers between quoted lines stay as they are, because they need their context.
pub fn split_quoted(text: &str) -> SplitText {
    let lines: Vec<&str> = text.lines().collect();
    let end = copy_start(&lines).unwrap_or(lines.len());
    let (above, copy) = lines.split_at(end);
    let start = trailing_quote_start(above);
    let (reply, quoted) = match start < above.len() {
        true => (above[..start].to_vec(), [&above[start..], copy].concat()),
        // The reply is below the quoted text.
        false => match leading_quote_end(above) {
            Some(end) => (above[end..].to_vec(), [&above[..end], copy].concat()),
            None => (above.to_vec(), copy.to_vec()),
        },
    };
    let (reply, quoted) = (joined(&reply), joined(&quoted));
    // Nothing but quoted text: the answer may be inside.
    if reply.is_empty() {
        return SplitText { reply: joined(&lines), quoted: String::new() };
    }
    SplitText { reply, quoted }
}

/// Lines as one text, without empty lines at both ends.
fn joined(lines: &[&str]) -> String {
    let mut lines = lines.iter().map(|line| line.trim_end()).collect::<Vec<_>>();
    while lines.last().is_some_and(|line| line.is_empty()) {
        lines.pop();
    }
    let first = lines.iter().position(|line| !line.is_empty()).unwrap_or(lines.len());
    lines[first..].join("\n")
}

fn is_quoted(line: &str) -> bool {
    line.trim_start().starts_with('>')
}

/// Where the copy of an earlier e-mail with its header block begins.
fn copy_start(lines: &[&str]) -> Option<usize> {
    let start = (0..lines.len()).find(|&index| {
        if is_quoted(lines[index]) {
            return false;
        }
        let further = || lines[index + 1..].iter().filter(|line| !line.trim().is_empty()).take(3);
        matches(&SEPARATOR, lines[index])
            || (matches(&FROM_LINE, lines[index]) && further().any(|line| matches(&DATE_LINE, line)))
    })?;
    // Outlook draws a line of underscores above the block.
    let is_rule = |line: &str| line.len() >= 5 && line.trim().chars().all(|c| matches!(c, '_' | '-' | '*'));
    let before = lines[..start].iter().rposition(|line| !line.trim().is_empty());
    Some(before.filter(|&before| is_rule(lines[before])).unwrap_or(start))
}

/// Where the quoted lines at the end begin, with the line "On …, … wrote:" above them. The number of lines if there are none.
fn trailing_quote_start(lines: &[&str]) -> usize {
    let kept = lines.iter().rposition(|line| !line.trim().is_empty() && !is_quoted(line)).map_or(0, |last| last + 1);
    if !lines[kept..].iter().any(|line| is_quoted(line)) {
        return lines.len();
    }
    attribution_start(&lines[..kept]).unwrap_or(kept)
}

/// Where the quoted lines at the beginning end, if everything after them was written by the sender.
fn leading_quote_end(lines: &[&str]) -> Option<usize> {
    let first_quoted = lines.iter().position(|line| is_quoted(line))?;
    let is_attribution =
        |above: &[&str]| above.iter().all(|line| line.trim().is_empty()) || attribution_start(above) == Some(0);
    let own = lines[first_quoted..].iter().position(|line| !line.trim().is_empty() && !is_quoted(line))?;
    let end = first_quoted + own;
    let has_more = lines[end..].iter().any(|line| is_quoted(line));
    (is_attribution(&lines[..first_quoted]) && !has_more).then_some(end)
}

/// Where the line above a quotation begins: `On Mon, Nov 23, 2026 at 10:00, Office <office@example.com> wrote:`, in any
/// language and wrapped onto up to three lines.
fn attribution_start(lines: &[&str]) -> Option<usize> {
    let last = lines.iter().rposition(|line| !line.trim().is_empty())?;
    let visible = |line: &str| -> String {
        // Mail programs surround it with marks for the direction of the text.
        line.chars()
            .filter(|c| !matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'))
            .collect()
    };
    if !visible(lines[last]).trim_end().ends_with([':', '：']) {
        return None;
    }
    let paragraph = lines[..last].iter().rposition(|line| line.trim().is_empty()).map_or(0, |blank| blank + 1);
    let start = if last - paragraph < 3 { paragraph } else { last };
    let text: String = lines[start..=last].concat();
    // It names a time and usually an address.
    (text.chars().any(char::is_numeric) && text.chars().count() < 400).then_some(start)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn assert_split(text: &str, reply: &str, quoted_start: &str) {
        let split = split_quoted(text);
        assert_eq!(split.reply, reply);
        assert!(split.quoted.starts_with(quoted_start), "{:?}", split.quoted);
        assert_eq!(split.quoted.is_empty(), quoted_start.is_empty(), "{:?}", split.quoted);
    }

    #[test]
    fn quoted_lines_at_the_end_are_separated_in_any_language() {
        for attribution in [
            "On Mon, Nov 23, 2026 at 10:00 AM Immigration Experts <office@example.com> wrote:",
            "On Mon, Nov 23, 2026 at 10:00 AM Immigration Experts <\nreplies+ie-2026-000001-abc@example.com> wrote:",
            "Le lun. 23 nov. 2026 à 10:00, Immigration Experts <office@example.com> a écrit :",
            "\u{202b}بتاریخ پیر، 23 نومبر، 2026 کو 10:00 AM بجے Immigration Experts نے لکھا:\u{202c}",
        ] {
            let text =
                format!("I have the result now.\n\nIELTS 8.\n\n{attribution}\n\n> Hello,\n>\n> please send it.\n");
            assert_split(&text, "I have the result now.\n\nIELTS 8.", attribution.lines().next().unwrap());
        }
    }

    #[test]
    fn copy_with_a_header_block_is_separated() {
        for block in [
            "________________________________\nFrom: Office <office@example.com>\nSent: Monday, 23 November 2026 10:00\nTo: Ayesha\nSubject: Your inquiry\n\nHello",
            "-----Original Message-----\nFrom: Office\nSent: Monday\n\nHello",
            "**From:** Office <office@example.com>\n**Sent:** Monday\n**To:** Ayesha\n\nHello",
            "Von: Office\nGesendet: Montag\nAn: Ayesha\n\nHello",
        ] {
            assert_split(&format!("Yes, please.\n\n{block}"), "Yes, please.", block.lines().next().unwrap());
        }
    }

    #[test]
    fn answer_below_the_quoted_text_is_the_reply() {
        let text = "On 23 Nov 2026, Office wrote:\n> Which test?\n\nIELTS General.\nAll 8.";
        assert_split(text, "IELTS General.\nAll 8.", "On 23 Nov");
    }

    #[test]
    fn answers_between_quoted_lines_keep_their_context() {
        let text = "> Which test?\nIELTS.\n> Which year?\n2025.";
        assert_split(text, text, "");
    }

    #[test]
    fn text_that_only_looks_like_a_quotation_is_kept() {
        for text in [
            "My documents:\n1. Passport\n2. Degree",
            "From: Lahore\nTo: Toronto\nis what I want.",
            "---------- Forwarded message ---------\nThe bank wrote this.",
            "> everything is quoted",
            "",
        ] {
            assert_split(text, text, "");
        }
    }
}
