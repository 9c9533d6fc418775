//! Preview link: its secret path and its time of expiry.

use jiff::Timestamp;

use crate::http::{SiteSecret, sha256_hex};
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

/// ID of the link with this token, unless the token was not made with a key of the site.
pub fn verified_id(secret: &SiteSecret, token: &str) -> Option<i64> {
    let (id, mac) = token.split_once('-')?;
    let id = id.parse().ok()?;
    // Comparing hashes takes the same time for all tokens.
    let is_ours = secret.macs_for_all_keys(purpose(id)).any(|known| sha256_hex(&known) == sha256_hex(mac));
    is_ours.then_some(id)
}
