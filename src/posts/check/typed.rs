//! Finding the dates in running text: in words, in either order, with the time before or after them.

use jiff::civil::Weekday;

use crate::draws::month_named;
use crate::posts::check::dates::{Clock, Dated};
use crate::posts::check::sentence::Piece;

/// The dates among the pieces of a sentence.
pub(super) fn dates(pieces: &[Piece], text: &str) -> Vec<Dated> {
    let mut found = vec![];
    let mut at = 0;
    while at < pieces.len() {
        let read = month_first(pieces, at, text).or_else(|| day_first(pieces, at, text)).or_else(|| iso(pieces, at));
        let Some(mut date) = read else {
            at += 1;
            continue;
        };
        add_time(&mut date, pieces);
        date.weekday = weekday_beside(&date, pieces, text);
        at = date.pieces.end;
        found.push(date);
    }
    found
}

/// `June 28, 2023`, `Nov. 12 2022`, `July 5th`
fn month_first(pieces: &[Piece], at: usize, text: &str) -> Option<Dated> {
    let month = month_named(pieces[at].word())?;
    let mut end = at + 1;
    if pieces.get(end)?.is_mark('.') {
        end += 1;
    }
    let day = day_number(pieces.get(end)?)?;
    end += 1;
    let (year, end) = year_from(pieces, end);
    let date = Dated { pieces: at..end, year, month, day, weekday: None, time: None };
    let is_date = is_month(&pieces[at], text, year) && (year.is_some() || !is_counting(pieces, end));
    is_date.then_some(date)
}

/// `28 June 2023`, `the 5th of July`
fn day_first(pieces: &[Piece], at: usize, text: &str) -> Option<Dated> {
    let day = day_number(&pieces[at])?;
    if is_of_time(pieces, at) {
        return None;
    }
    let mut end = at + 1;
    if matches!(pieces.get(end)?.word(), "of" | "de") {
        end += 1;
    }
    let month_at = end;
    let month = month_named(pieces.get(month_at)?.word())?;
    // In "round 251 June 28" the number before the month belongs to something else.
    let (year, end) = year_from(pieces, month_at + 1);
    is_month(&pieces[month_at], text, year).then_some(Dated {
        pieces: at..end,
        year,
        month,
        day,
        weekday: None,
        time: None,
    })
}

/// Whether a number ends a time of day: in `12:47:27 June 28` the 27 are seconds.
fn is_of_time(pieces: &[Piece], at: usize) -> bool {
    let Some([before, colon]) = at.checked_sub(2).and_then(|from| pieces.get(from..at)) else { return false };
    colon.is_mark(':') && before.number().is_some() && colon.range.end == pieces[at].range.start
}

/// `2023-06-28`
fn iso(pieces: &[Piece], at: usize) -> Option<Dated> {
    let [year, dash, month, dash_too, day] = pieces.get(at..at + 5)? else { return None };
    let is_tight = day.range.end - year.range.start <= 14;
    let (year, month, day) = (year.number()?, month.number()?, day.number()?);
    let is_iso = is_tight
        && (dash.is_mark('-') && dash_too.is_mark('-'))
        && (month.digits.len(), day.digits.len()) == (2, 2)
        && matches!(day.suffix.as_str(), "" | "t");
    let date = Dated {
        pieces: at..at + 5,
        year: Some(year.year()?),
        month: i8::try_from(month.value?).ok()?,
        day: i8::try_from(day.value?).ok()?,
        weekday: None,
        time: None,
    };
    is_iso.then_some(date)
}

fn day_number(piece: &Piece) -> Option<i8> {
    let number = piece.number()?;
    let is_day = number.digits.len() <= 2 && matches!(number.suffix.as_str(), "" | "st" | "nd" | "rd" | "th" | "er");
    number.value.filter(|day| is_day && (1..=31).contains(day)).and_then(|day| i8::try_from(day).ok())
}

fn year_from(pieces: &[Piece], at: usize) -> (Option<i16>, usize) {
    let is_mark = pieces.get(at).is_some_and(|piece| piece.is_mark(',') || piece.is_mark('.'));
    let place = at + usize::from(is_mark);
    let year = pieces.get(place).and_then(Piece::number).and_then(|number| number.year());
    match year {
        Some(year) => (Some(year), place + 1),
        None => (None, at),
    }
}

/// Months that are also other words must be written as names.
fn is_month(piece: &Piece, text: &str, year: Option<i16>) -> bool {
    let is_name = text[piece.range.clone()].starts_with(char::is_uppercase);
    is_name || year.is_some() || !matches!(piece.word(), "may" | "march" | "mar" | "mars" | "sept" | "dec" | "jan")
}

/// Whether a number before this place counts something: in June 30 rounds were held.
fn is_counting(pieces: &[Piece], at: usize) -> bool {
    pieces.get(at).is_some_and(|piece| {
        matches!(
            piece.word(),
            "people" | "candidates" | "invitations" | "itas" | "rounds" | "draws" | "occupations" | "applicants"
        )
    })
}

/// Takes `at 14:04:34 UTC`, `(2:04 p.m. UTC)` or `14:04:34 UTC on` beside the date into it.
fn add_time(date: &mut Dated, pieces: &[Piece]) {
    let mut at = date.pieces.end;
    while pieces.get(at).is_some_and(|piece| {
        piece.is_mark(',') || piece.is_mark('(') || piece.is_mark('@') || matches!(piece.word(), "at" | "à" | "t")
    }) {
        at += 1;
    }
    if let Some((time, end)) = time_from(pieces, at) {
        date.time = Some(time);
        date.pieces.end = end;
        return;
    }
    // The time first: look back for its longest form that ends where the date begins.
    let start = date.pieces.start;
    for before in (start.saturating_sub(10)..start).filter(|at| pieces[*at].number().is_some()) {
        if let Some((time, end)) = time_from(pieces, before)
            && let Some(between) = pieces.get(end..start)
            && between.iter().all(|piece| piece.is_mark(',') || piece.word() == "on")
        {
            date.time = Some(time);
            date.pieces.start = before;
            return;
        }
    }
}

fn time_from(pieces: &[Piece], at: usize) -> Option<(Clock, usize)> {
    let part = |at: usize| {
        let number = pieces.get(at)?.number().filter(|number| number.digits.len() <= 2)?;
        Some((i8::try_from(number.value?).ok()?, number.suffix.as_str()))
    };
    let is_colon = |at: usize| pieces.get(at).is_some_and(|piece| piece.is_mark(':'));
    let (mut hour, _) = part(at)?;
    let (minute, mut suffix) = is_colon(at + 1).then(|| part(at + 2)).flatten()?;
    let mut end = at + 3;
    let mut second = None;
    if let Some((seconds, after)) = is_colon(end).then(|| part(end + 1)).flatten() {
        (second, suffix, end) = (Some(seconds), after, end + 2);
    }
    let word = |at: usize| pieces.get(at).map_or("", Piece::word);
    let is_dotted = matches!(word(end), "a" | "p") && word(end + 2) == "m";
    let half = if suffix.is_empty() { word(end) } else { suffix };
    let half = if is_dotted { if word(end) == "a" { "am" } else { "pm" } } else { half };
    match half {
        "pm" if hour < 12 => hour += 12,
        "am" if hour == 12 => hour = 0,
        _ => {}
    }
    if matches!(half, "am" | "pm") && suffix.is_empty() {
        let has_dot = is_dotted && pieces.get(end + 3).is_some_and(|piece| piece.is_mark('.'));
        end += if is_dotted { 3 + usize::from(has_dot) } else { 1 };
    }
    let is_zone = |zone: &str| matches!(zone, "utc" | "z" | "gmt" | "tuc");
    let has_zone = is_zone(suffix) || is_zone(word(end));
    end += usize::from(is_zone(word(end)));
    let other = matches!(
        word(end),
        "est" | "edt" | "et" | "eastern" | "pst" | "pdt" | "pkt" | "cst" | "mst" | "ottawa" | "local"
    );
    Some((Clock { hour, minute, second, is_utc: has_zone || !other }, end))
}

/// `Wednesday, June 28`, `Tuesday (July 5)`, `July 5 (Tuesday)`
fn weekday_beside(date: &Dated, pieces: &[Piece], text: &str) -> Option<(Weekday, usize)> {
    let named = |at: usize| {
        let piece = pieces.get(at)?;
        let is_name = text[piece.range.clone()].starts_with(char::is_uppercase);
        weekday_named(piece.word()).filter(|_| is_name).map(|weekday| (weekday, at))
    };
    let is_link =
        |piece: &Piece| piece.is_mark(',') || piece.is_mark('(') || piece.is_mark('.') || piece.word() == "the";
    let mut before = date.pieces.start;
    while before > 0 && date.pieces.start - before < 2 && is_link(&pieces[before - 1]) {
        before -= 1;
    }
    let ahead = before.checked_sub(1).and_then(named);
    let is_bracketed = pieces.get(date.pieces.end).is_some_and(|piece| piece.is_mark('('));
    ahead.or_else(|| named(date.pieces.end + 1).filter(|_| is_bracketed))
}

fn weekday_named(word: &str) -> Option<Weekday> {
    Some(match word {
        "monday" | "mon" => Weekday::Monday,
        "tuesday" | "tue" | "tues" => Weekday::Tuesday,
        "wednesday" | "wed" => Weekday::Wednesday,
        "thursday" | "thu" | "thur" | "thurs" => Weekday::Thursday,
        "friday" | "fri" => Weekday::Friday,
        "saturday" | "sat" => Weekday::Saturday,
        "sunday" | "sun" => Weekday::Sunday,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::posts::check::blocks::blocks;
    use crate::posts::check::sentence::Sentence;

    fn read(text: &str) -> Vec<String> {
        let blocks = blocks("title", text);
        let sentence = Sentence::all_of(&blocks[0]).remove(0);
        let show = |date: &Dated| {
            let text = &blocks[0].text[sentence.span(date.pieces.start, date.pieces.end - 1)];
            format!("{text} = {:?}-{}-{}", date.year.unwrap_or_default(), date.month, date.day)
        };
        sentence.dates.iter().map(show).collect()
    }

    #[test]
    fn dates_are_found_in_running_text() {
        for (text, date) in [
            ("It was June 28, 2023 at 14:04:34 UTC then", "June 28, 2023 at 14:04:34 UTC = 2023-6-28"),
            ("On 28 June 2023, Canada", "28 June 2023 = 2023-6-28"),
            ("by the 5th of July it", "5th of July = 0-7-5"),
            ("on Nov. 12, 2022 (12:47:27 UTC)", "Nov. 12, 2022 (12:47:27 UTC = 2022-11-12"),
            ("at 12:47:27 UTC on November 12, 2022.", "12:47:27 UTC on November 12, 2022 = 2022-11-12"),
            ("at 2:04 p.m. UTC on May 12, 2022.", "2:04 p.m. UTC on May 12, 2022 = 2022-5-12"),
            ("since 2023-06-28T14:04:34Z it", "2023-06-28T14:04:34Z = 2023-6-28"),
            ("on July 5, 500 people", "July 5 = 0-7-5"),
            ("12:47:27 June 28, 2023", "12:47:27 June 28, 2023 = 2023-6-28"),
            ("Round 252: 28 June 2023", "28 June 2023 = 2023-6-28"),
            ("at 12:47: 27 June 2023", "27 June 2023 = 2023-6-27"),
        ] {
            assert_eq!(read(text), [date], "{text}");
        }
        for none in
            ["you may 5 times", "In June 30 rounds were held", "the 12 may apply", "June 2023", "in 2023", "14:04"]
        {
            assert_eq!(read(none), Vec::<String>::new(), "{none}");
        }
    }
}
