//! Warnings of the admin pages, each with the reason if staff acknowledged it.

use std::collections::HashMap;

use crate::draws::Draw;
use crate::draws::validation::Warning;

pub struct WarningLine {
    pub round: String,
    pub warning: Warning,
    pub acknowledged_reason: Option<String>,
}

/// Reasons of acknowledged warnings by draw number and warning key.
pub type Reasons = HashMap<(String, String), String>;

impl WarningLine {
    pub fn new(draw: &Draw, warning: Warning, reasons: &Reasons) -> Self {
        let round = draw.round.to_string();
        let acknowledged_reason = reasons.get(&(round.clone(), warning.key())).cloned();
        Self { round, warning, acknowledged_reason }
    }
}
