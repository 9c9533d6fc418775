//! Text about a draw for sharing in messages.

use crate::draws::Draw;
use crate::draws::comparison::Comparison;

/// Text with the true figures and the link, one fact per line.
pub fn share_text(draw: &Draw, before: Option<&Comparison>, link: &str) -> String {
    let cut_off = before.map_or_else(|| draw.crs.to_string(), |before| before.crs.clone());
    let invitations = before.map_or_else(|| draw.invitations_text(), |before| before.invitations.clone());
    let mut lines = vec![
        format!("Express Entry draw {} of {}", draw.round, draw.day().text),
        draw.name.clone(),
        format!("CRS cut-off: {cut_off}"),
    ];
    if draw.is_pnp() {
        lines.push("The cut-off includes 600 points for the nomination.".into());
    }
    lines.push(format!("Invitations: {invitations}"));
    if let Some(tie_break) = draw.tie_break_instant() {
        lines.push(format!("Tie-break: {}", tie_break.text));
    }
    lines.push(link.into());
    lines.retain(|line| !line.is_empty());
    lines.join("\n")
}

/// Number of lines of a share text, for the size of its field.
pub fn count_lines(text: &str) -> usize {
    text.lines().count()
}
