//! Reply templates of a new site.

use jiff::Timestamp;
use sqlx::SqliteConnection;

use crate::inquiries::inbox::store;

/// The first line of each file is the title.
const REPLY_TEMPLATES: [&str; 4] = [
    include_str!("../../../data/answers/application.md"),
    include_str!("../../../data/answers/documents.md"),
    include_str!("../../../data/answers/listed.md"),
    include_str!("../../../data/answers/not-reached.md"),
];

pub async fn seed(tx: &mut SqliteConnection, now: Timestamp) -> sqlx::Result<()> {
    for answer in REPLY_TEMPLATES {
        let (title, body) = answer.split_once('\n').unwrap_or((answer, ""));
        store::add_template(tx, title.trim_start_matches("# "), body.trim(), "Immigration Experts", now).await?;
    }
    Ok(())
}
