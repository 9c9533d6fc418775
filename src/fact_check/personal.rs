//! Scores and dates of a person: "our client Maricel, CRS 479".

use crate::fact_check::claim::Claim;
use crate::fact_check::verdict::Comparison;
use crate::fact_check::word_classes::class;

impl Comparison<'_, '_, '_, '_> {
    /// Whether a clause is about a person, not about a draw.
    pub fn is_personal(&self, claim: &Claim) -> bool {
        let has = |name: &str| claim.clause.has(class(name));
        let is_about_draw = has("cutoff") || has("draw") || has("invite");
        if self.names_age(claim) || self.names_someone(claim) && !has("cutoff") && !has("minimum") {
            return true;
        }
        has("personal") && (has("modal") || !is_about_draw)
            || self.statements[claim.statement].has("personal") && !is_about_draw && !has("minimum")
    }

    /// Whether an age stands near a claim: "(welder, 44, 431 points)", "29 ans".
    fn names_age(&self, claim: &Claim) -> bool {
        const MAX_TOKENS: usize = 8;
        const AGES: std::ops::RangeInclusive<i64> = 17..=65;
        let sentence = self.statements[claim.statement].sentence;
        let first = claim.tokens.start.saturating_sub(MAX_TOKENS);
        (first..sentence.tokens.len().min(claim.tokens.end + MAX_TOKENS)).any(|at| {
            let is_age =
                sentence.tokens[at].number().and_then(|number| number.plain()).is_some_and(|age| AGES.contains(&age));
            let is_between = at > 0 && sentence.is_punctuation(at - 1, ',') && sentence.is_punctuation(at + 1, ',');
            is_age
                && !sentence.is_in_date(at)
                && (is_between
                    || matches!(sentence.word(at + 1), "ans" | "yo" | "years" | "yrs")
                    || sentence.word(at + 2).starts_with("year-old"))
        })
    }

    /// Whether one person stands before a score: "a teacher from Dakar with 371 points", "Amira has 512".
    fn names_someone(&self, claim: &Claim) -> bool {
        const MAX_TOKENS: usize = 9;
        let statement = &self.statements[claim.statement];
        let word = |at: usize| statement.sentence.word(at);
        let start = claim.tokens.start;
        let first = start.saturating_sub(MAX_TOKENS);
        let is_about_draw = |at: usize| {
            ["score", "cutoff", "minimum", "draw", "invite", "invitation", "change", "record", "points"]
                .iter()
                .any(|name| statement.has_at(at, name))
        };
        let is_person = |noun: usize| statement.has_at(noun, "person") && !word(noun).ends_with('s');
        let is_article = |at: usize| matches!(word(at), "a" | "an" | "un" | "une");
        let is_article_of_person = (first..start).any(|at| is_article(at) && (at + 1..=at + 2).any(is_person));
        // "Our client Maricel, CRS 479", "an accountant with 381 points"
        let is_client = (start.saturating_sub(2 * MAX_TOKENS)..start).any(|at| statement.has_at(at, "relation"));
        let is_bearer = start > 2
            && matches!(word(start - 1), "with" | "avec")
            && (start.saturating_sub(4)..start - 2).any(is_article)
            && !(start.saturating_sub(4)..start).any(is_about_draw)
            && statement.categories.is_empty();
        // "Sara, a data analyst in Lagos with 472 points"
        let is_apposition = (first.max(1)..start).any(|at| {
            is_article(at)
                && statement.sentence.is_punctuation(at - 1, ',')
                && statement.sentence.is_name(at.saturating_sub(2))
                && !(at + 1..start).any(is_about_draw)
        });
        let is_subject = start > 1
            && matches!(word(start - 1), "has" | "had" | "scores" | "scored" | "avait" | "a")
            && statement.sentence.is_name(start - 2)
            && !statement.has_at(start - 2, "weekday")
            && !is_about_draw(start - 2)
            && statement.categories.is_empty();
        is_article_of_person || is_client || is_bearer || is_apposition || is_subject
    }
}
