//! Figures that no draw has which the text can mean.

use crate::draws::Draw;
use crate::fact_check::ambiguity::is_next;
use crate::fact_check::claim::{Claim, Quantity, Value};
use crate::fact_check::claims::Statement;
use crate::fact_check::groups::Group;
use crate::fact_check::verdict::{Comparison, Verdict, is_close};
use crate::fact_check::word_classes::class;

/// Smallest number without words that can be a figure of a draw.
const MIN_BARE: i64 = 70;
/// Sum of weights at which the words alone say what a number is.
const CLEAR_SCORE: i64 = 4;
/// Sum at which no figure beside it needs to be right.
const VERY_CLEAR_SCORE: i64 = 7;

impl<'r> Comparison<'_, '_, '_, 'r> {
    /// Figures that belong to no draw of the days, months, years and categories that the text speaks of. Those whose
    /// words do not say what they are must be close to a draw at hand, or stand beside figures that are right.
    pub fn unexplained(&self, group: &Group<'r>) -> Vec<Verdict<'r>> {
        let statement = &self.statements[group.first];
        if statement.is_provincial || group.is_aside && group.figures.is_empty() {
            return vec![];
        }
        let on_day = self.draws_on(group);
        let draws = if group.named.is_empty() { &on_day } else { &group.named };
        let is_right = |claim: &Claim| draws.iter().any(|draw| self.fits(claim, draw));
        let claims: Vec<&Claim> = group.figures.iter().chain(&group.weak).filter(|claim| !is_right(claim)).collect();
        if claims.is_empty() {
            return vec![];
        }
        // An entry of a list about one day names no other draw.
        let is_entry = statement.is_entry_of_day() && !on_day.is_empty();
        let known = if is_entry { on_day.clone() } else { self.known_draws(group) };
        claims.into_iter().filter_map(|claim| self.unexplained_claim(claim, group, draws, &known)).collect()
    }

    /// Verdict of a claim that is wrong for `draws`, which the group names.
    fn unexplained_claim(
        &self,
        claim: &Claim,
        group: &Group<'r>,
        draws: &[&'r Draw],
        known: &[&'r Draw],
    ) -> Option<Verdict<'r>> {
        let statement = &self.statements[claim.statement];
        let Value::Number(number) = claim.value else { return None };
        let is_explained =
            |claim: &Claim| known.iter().chain(draws).any(|draw| self.fits(claim, draw) || is_next(claim, draw));
        let both = [Quantity::CutOff, Quantity::Invitations].map(|quantity| Claim { quantity, ..claim.clone() });
        if is_explained(claim)
            || claim.score < CLEAR_SCORE && both.iter().any(is_explained)
            || claim.score < CLEAR_SCORE && known.iter().any(|draw| i64::from(draw.round.number()) == number)
            || !self.is_about_draw(claim)
            || !self.has_draw_label(claim)
            || statement.has("mistake")
            || group.is_aside && claim.is_weak
            || self.is_extreme(claim, group)
            || self.is_plain_difference(claim, group)
            || claim.quantity == Quantity::Invitations
                && !statement.is_entry_of_day()
                && known.iter().any(|draw| self.index.is_sum(number, draw.date))
        {
            return None;
        }
        let is_compound =
            statement.sentence.block.text[statement.sentence.tokens[claim.tokens.end - 1].range.end..].starts_with('-');
        if claim.is_weak && (number < MIN_BARE || is_compound) {
            return None;
        }
        let is_confirmed = self.is_confirmed(claim, group, is_explained);
        let subject = draws.first().copied().or(self.subject(group));
        let has_cue = is_confirmed || self.has_cue(claim, group);
        let is_very_clear = has_cue && !self.around.is_topic_assumed && claim.score > VERY_CLEAR_SCORE;
        let is_plausible_size = claim.quantity == Quantity::CutOff || number <= self.max_invitations();
        let is_clear = if claim.is_weak { is_confirmed && is_plausible_size } else { is_confirmed || is_very_clear };
        let may_be_close = has_cue && (!draws.is_empty() || claim.score > 0 || is_confirmed);
        let near = |claim: &Claim| draws.iter().copied().chain(subject).find(|draw| is_close(claim, draw));
        let close = [claim, &both[0], &both[1]].into_iter().find_map(|claim| Some((claim, near(claim)?)));
        let (claim, draw, is_weak) = match close.filter(|_| may_be_close) {
            Some((close, draw)) => (close, draw, !is_confirmed),
            None if is_clear => (claim, subject.or(known.last().copied())?, false),
            None => return None,
        };
        Some(Verdict::Differs { claim: Claim { is_weak, ..claim.clone() }, draw, other: None, is_certain: false })
    }

    /// Whether another figure of the sentence, or of those beside it for clear words, is right.
    fn is_confirmed(&self, claim: &Claim, group: &Group<'r>, is_right: impl Fn(&Claim) -> bool) -> bool {
        let reach = usize::from(claim.score > 1 && self.has_cue(claim, group));
        let (first, last) = (claim.statement.saturating_sub(reach), claim.statement + reach + 1);
        let place = |statement: &Statement| (statement.sentence.block.field, statement.sentence.block.section);
        let own = place(&self.statements[claim.statement]);
        let near = self.statements[first..last.min(self.statements.len())].iter();
        let mut figures = near.filter(|other| place(other) == own).flat_map(|other| &other.claims).filter(|other| {
            matches!(other.quantity, Quantity::CutOff | Quantity::Invitations)
                && (other.statement, &other.tokens) != (claim.statement, &claim.tokens)
        });
        figures.any(is_right)
    }

    /// Largest number of invitations that can be a misprint of one of the draws near the text.
    pub fn max_invitations(&self) -> i64 {
        self.around.most_invitations * 6 / 5
    }

    /// Whether the label of a figure, if there is one, is about draws: "Age: 110 points" is not.
    pub fn has_draw_label(&self, claim: &Claim) -> bool {
        const ABOUT: [&str; 9] =
            ["score", "cutoff", "minimum", "invitation", "invite", "draw", "count", "person", "weekday"];
        let statement = &self.statements[claim.statement];
        let is_figure = matches!(claim.quantity, Quantity::CutOff | Quantity::Invitations);
        !claim.is_labelled
            || !is_figure
            || !statement.categories.is_empty()
            || ABOUT.iter().any(|name| claim.near.has(class(name)))
    }
}
