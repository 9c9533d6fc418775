//! Changes of category lists in the audit log.

use crate::categories::admin::list_form::ListContext;
use crate::categories::category_list::ListDiff;
use crate::noc::Occupation;
use crate::staff::AuditChanges;

/// Codes before and after the change.
pub fn occupation_changes(context: &ListContext) -> AuditChanges {
    let codes = |all: &[Occupation]| all.iter().map(|one| one.noc.as_str()).collect::<Vec<_>>().join(", ");
    AuditChanges::default().field("codes", codes(&context.previous_occupations), codes(&context.occupations))
}

/// Added and removed codes for the audit log, from which the previous list can be restored.
pub fn code_changes(context: &ListContext) -> String {
    let difference = ListDiff::between(&context.previous_occupations, &context.occupations);
    let side = |occupations: &[Occupation], word: &str| {
        let codes: Vec<&str> = occupations.iter().map(|one| &*one.noc).collect();
        if codes.is_empty() { format!("none {word}") } else { format!("{} {word} ({})", codes.len(), codes.join(", ")) }
    };
    format!("{}, {}", side(&difference.added, "added"), side(&difference.removed, "removed"))
}
