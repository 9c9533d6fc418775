//! Preview links: show an unpublished post to people without an account.

mod store;

pub use store::{active, create, revoke};

use jiff::Timestamp;
use sqlx::SqlitePool;

use crate::http::{SiteSecret, sha256_hex};
use crate::posts::post::Post;
use crate::web::DisplayTime;

/// Numbers of days after which a link can expire. The first is the default.
pub const LINK_DAYS: [i64; 3] = [7, 1, 30];

/// A link that is valid.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct PreviewLink {
    pub id: i64,
    pub created_by: String,
    #[sqlx(try_from = "jiff_sqlx::Timestamp")]
    pub expires_at: Timestamp,
}

impl PreviewLink {
    pub fn expires(&self) -> DisplayTime {
        DisplayTime::in_office(self.expires_at)
    }

    /// Path of the page. Its secret part is not stored, so a backup does not contain it.
    pub fn path(&self, secret: &SiteSecret) -> String {
        format!("/previews/{}-{}", self.id, secret.mac(&purpose(self.id)))
    }
}

fn purpose(id: i64) -> String {
    format!("preview link {id}")
}

/// The post of a link that has not expired and was not revoked, unless the post is in the trash.
pub async fn find_post(
    db: &SqlitePool,
    secret: &SiteSecret,
    token: &str,
    now: Timestamp,
) -> sqlx::Result<Option<Post>> {
    let Some((id, mac)) = token.split_once('-') else { return Ok(None) };
    let Ok(id) = id.parse::<i64>() else { return Ok(None) };
    // Comparing hashes takes the same time for all tokens.
    if !secret.macs_for_all_keys(purpose(id)).any(|known| sha256_hex(&known) == sha256_hex(mac)) {
        return Ok(None);
    }
    store::find_post(db, id, now).await
}
