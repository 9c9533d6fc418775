//! Glossary: explains the terms of Express Entry at their first use in a text.

/// Term with its explanation in plain English.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Term {
    pub term: &'static str,
    pub meaning: &'static str,
}

const TERMS: [Term; 6] = [
    Term {
        term: "CRS",
        meaning: "Comprehensive Ranking System: the points that rank people in the Express Entry pool",
    },
    Term { term: "ITA", meaning: "invitation to apply for permanent residence" },
    Term {
        term: "NOC", meaning: "National Occupational Classification: Canada’s list of occupations and their codes"
    },
    Term { term: "PNP", meaning: "Provincial Nominee Program: a province or territory nominates people that it needs" },
    Term {
        term: "TEER",
        meaning: "training, education, experience and responsibilities: the level of an occupation, from 0 to 5",
    },
    Term {
        term: "tie-break",
        meaning: "the date and time that decides among people with exactly the lowest score: only profiles submitted before it are invited",
    },
];

/// Elements whose text stays as it is: links, headings, code, figures of the record, and explained terms.
const UNCHANGED: [&str; 14] =
    ["a", "abbr", "code", "dl", "figcaption", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "span", "th"];

/// Sanitized HTML in which the first use of each term is explained, and all terms that the text contains.
pub fn with_terms_explained(html: &str) -> (String, Vec<Term>) {
    let mut explained = String::with_capacity(html.len() + 512);
    let mut found: Vec<Term> = vec![];
    let mut left: Vec<Term> = TERMS.to_vec();
    let mut depth = 0_usize;
    let mut rest = html;
    while !rest.is_empty() {
        let text_len = rest.find('<').unwrap_or(rest.len());
        let (text, from_tag) = rest.split_at(text_len);
        found.extend(TERMS.iter().filter(|term| find_word(text, term.term).is_some()));
        if depth == 0 {
            explain(text, &mut left, &mut explained)
        } else {
            explained.push_str(text)
        }
        let (tag, after) = from_tag.split_at(tag_len(from_tag));
        if UNCHANGED.contains(&element(tag)) {
            depth = if tag.starts_with("</") { depth.saturating_sub(1) } else { depth + 1 };
        }
        explained.push_str(tag);
        rest = after;
    }
    found.sort_by_key(|term| term.term.to_lowercase());
    found.dedup();
    (explained, found)
}

/// Length of the tag at the start. Attribute values may contain `>`.
fn tag_len(html: &str) -> usize {
    let mut is_quoted = false;
    let end = html.bytes().position(|byte| {
        is_quoted ^= byte == b'"';
        byte == b'>' && !is_quoted
    });
    end.map_or(html.len(), |end| end + 1)
}

fn element(tag: &str) -> &str {
    let name = tag.trim_start_matches(['<', '/']);
    name.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default()
}

/// Copies a text and explains the terms that are left.
fn explain(text: &str, left: &mut Vec<Term>, out: &mut String) {
    let mut rest = text;
    loop {
        let first =
            left.iter().enumerate().filter_map(|(index, term)| Some((find_word(rest, term.term)?, index))).min();
        let Some((start, index)) = first else { break };
        let Term { term, meaning } = left.remove(index);
        let (before, from) = rest.split_at(start);
        let (word, after) = from.split_at(term.len());
        out.push_str(&format!("{before}<abbr title=\"{meaning}\">{word}</abbr>"));
        rest = after;
    }
    out.push_str(rest);
}

/// Position of a term as a word of its own, or in the plural. Terms in capitals are found in capitals only.
fn find_word(text: &str, term: &str) -> Option<usize> {
    let is_capital = term.bytes().all(|byte| byte.is_ascii_uppercase());
    let is_word_char = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
    let same = |start: usize| {
        let (before, from) = (&text[..start], text.get(start..start + term.len()));
        let is_same = from.is_some_and(|from| if is_capital { from == term } else { from.eq_ignore_ascii_case(term) });
        is_same && {
            let after = &text[start + term.len()..];
            let after = after.strip_prefix('s').unwrap_or(after);
            // An entity such as `&amp;` ends with a semicolon.
            !before.ends_with(is_word_char) && !before.ends_with('&') && !after.starts_with(is_word_char)
        }
    };
    text.char_indices().map(|(start, _)| start).find(|start| same(*start))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn explained(html: &str) -> String {
        with_terms_explained(html).0.replace(" title=\"", "=\"")
    }

    fn terms(html: &str) -> Vec<&'static str> {
        with_terms_explained(html).1.into_iter().map(|term| term.term).collect()
    }

    #[test]
    fn only_the_first_use_is_explained() {
        let html = explained("<p>A CRS of 476. The CRS again.</p><p>CRS</p>");
        assert_eq!(html.matches("<abbr=").count(), 1, "{html}");
        assert!(html.starts_with("<p>A <abbr=\"Comprehensive Ranking System: "), "{html}");
        assert!(html.ends_with("\">CRS</abbr> of 476. The CRS again.</p><p>CRS</p>"), "{html}");
    }

    #[test]
    fn every_term_is_explained() {
        let html = explained("<p>ITAs, CRS, NOC, TEER 1, the Tie-break and a PNP.</p>");
        assert_eq!(html.matches("<abbr=").count(), 6, "{html}");
        assert!(html.contains("\">ITA</abbr>s, ") && html.contains("\">Tie-break</abbr> and"), "{html}");
        assert_eq!(
            terms("<p>ITAs, CRS, NOC, TEER 1, the Tie-break and a PNP.</p>"),
            ["CRS", "ITA", "NOC", "PNP", "TEER", "tie-break"]
        );
    }

    #[test]
    fn links_headings_code_figures_and_attributes_stay_as_they_are() {
        for html in [
            "<p><a href=\"/x\">CRS</a></p>",
            "<h2 id=\"crs\">CRS <a class=\"anchor\" href=\"#crs\">#</a></h2>",
            "<p><code>CRS</code></p>",
            "<pre><code>CRS</code></pre>",
            "<p>Nurses <span class=\"code\">NOC 31301</span></p>",
            "<dl class=\"score\"><div><dt>CRS cut-off</dt><dd>476</dd></div></dl>",
            "<p><a href=\"/x\" title=\"a > CRS\"><b>CRS</b></a></p>",
            "<img alt=\"x > CRS\" src=\"/media/x\">",
            "<p>CITATION CRSX XCRS crs ita tie-breaker &NOC; pre-CRS</p>",
            "",
        ] {
            assert_eq!(with_terms_explained(html).0, html);
        }
        assert_eq!(terms("<dl class=\"score\"><div><dt>CRS cut-off</dt></div></dl>"), ["CRS"]);
        let after = explained("<h2>CRS</h2><p>CRS</p>");
        assert!(after.starts_with("<h2>CRS</h2><p><abbr="), "{after}");
    }

    #[test]
    fn the_text_stays_the_same() {
        let html = "<p>Le système CRS – ’ITA’ &amp; نرس TEER</p>";
        let (explained, _) = with_terms_explained(html);
        let plain = |html: &str| scraper::Html::parse_fragment(html).root_element().text().collect::<String>();
        assert_eq!(plain(&explained), plain(html));
        assert_eq!(explained.matches("<abbr").count(), 3, "{explained}");
    }
}
