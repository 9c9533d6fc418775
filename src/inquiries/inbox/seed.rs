//! The answers that a new site has ready.

use jiff::Timestamp;
use sqlx::SqliteConnection;

use crate::inquiries::inbox::store;

/// Each with its title on the first line.
const REPLY_TEMPLATES: [&str; 4] = [
    include_str!("../../../data/answers/application.md"),
    include_str!("../../../data/answers/documents.md"),
    include_str!("../../../data/answers/listed.md"),
    include_str!("../../../data/answers/not-reached.md"),
];

/// Keeps the answers that staff begin with.
pub async fn seed(tx: &mut SqliteConnection, now: Timestamp) -> sqlx::Result<()> {
    for answer in REPLY_TEMPLATES {
        let (title, body) = answer.split_once('\n').unwrap_or((answer, ""));
        store::add_template(tx, title.trim_start_matches("# "), body.trim(), "Immigration Experts", now).await?;
    }
    Ok(())
}
