//! Figures whose words do not decide, and corrections that repeat a wrong figure.

use crate::draws::Draw;
use crate::fact_check::claim::{Claim, Quantity};
use crate::fact_check::groups::Group;
use crate::fact_check::verdict::{Comparison, Verdict, is_close};

impl<'r> Comparison<'_, '_, '_, 'r> {
    /// Figures whose words do not decide, if they are close to those of a draw that the group names and fit no other.
    pub fn weak_verdicts(&self, group: &Group<'r>) -> Vec<Verdict<'r>> {
        let on_day = self.draws_on(group);
        let (draws, is_named) = match (group.named.is_empty(), on_day.is_empty()) {
            (false, _) => (&group.named, true),
            (_, false) => (&on_day, true),
            _ if self.around.current.is_empty() => (&self.around.topic, false),
            _ => (&self.around.current, false),
        };
        let mut pool = self.possible_draws(group);
        pool.extend(draws);
        pool.extend(self.near(draws));
        let both = |claim: &Claim| {
            [Quantity::CutOff, Quantity::Invitations].map(|quantity| Claim { quantity, ..claim.clone() })
        };
        let is_open = |claim: &&Claim| {
            (is_named || claim.score > 0)
                && !self.is_loose(claim)
                && !self.is_personal(claim)
                && !both(claim).iter().any(|claim| pool.iter().any(|draw| self.fits(claim, draw)))
                && !self.is_sum(claim, draws)
        };
        let is_taken = |claim: &Claim| group.figures.iter().any(|figure| figure.quantity == claim.quantity);
        let differs = |claim: &Claim| {
            let [score, invitations] = both(claim);
            let claims = if claim.quantity == Quantity::CutOff { [score, invitations] } else { [invitations, score] };
            claims.into_iter().find_map(|claim| {
                let draw = draws.iter().find(|draw| is_close(&claim, draw)).filter(|_| !is_taken(&claim))?;
                Some(Verdict::Differs { claim, draw, other: None, is_certain: false })
            })
        };
        group.weak.iter().filter(is_open).filter_map(differs).collect()
    }

    /// Whether a correction calls the figure wrong, or states the right one beside it.
    pub fn is_corrected(&self, verdict: &Verdict) -> bool {
        let (claim, draw) = match verdict {
            Verdict::Differs { claim, draw, .. } => (claim, Some(*draw)),
            Verdict::NoDraw { claim } | Verdict::WrongDate { claim, .. } | Verdict::WrongCategory { claim, .. } => {
                (claim, None)
            }
            Verdict::NoNumber { .. } => return false,
        };
        let block = self.statements[claim.statement].sentence.block;
        let same_block = self.statements.iter().filter(|statement| std::ptr::eq(statement.sentence.block, block));
        let topic = self.around.topic.iter().chain(&self.around.named).copied();
        let draws: Vec<&Draw> = draw.into_iter().chain(topic).collect();
        let is_right =
            |other: &Claim| other.quantity == claim.quantity && draws.iter().any(|draw| self.fits(other, draw));
        let is_called_wrong = self.statements[claim.statement].has("mistake");
        block.field == "correction"
            && (is_called_wrong || same_block.flat_map(|statement| &statement.claims).any(is_right))
    }
}
