//! Corrections that repeat a wrong figure.

use crate::draws::Draw;
use crate::fact_check::claim::Claim;
use crate::fact_check::verdict::{Comparison, Verdict};

impl Comparison<'_, '_, '_, '_> {
    /// Whether a correction calls the figure wrong, or states the right one beside it.
    pub fn is_corrected(&self, verdict: &Verdict) -> bool {
        let (claim, draw) = match verdict {
            Verdict::Differs { claim, draw, .. } => (claim, Some(*draw)),
            Verdict::NoDraw { claim } | Verdict::WrongDate { claim, .. } | Verdict::WrongCategory { claim, .. } => {
                (claim, None)
            }
            Verdict::NoNumber { .. } | Verdict::WrongNumber { .. } => return false,
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
