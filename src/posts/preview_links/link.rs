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
        format!("/previews/{}-{}", self.id, secret.mac(&self.purpose()))
    }

    /// Whether a token belongs to this link and was made with a key of the site.
    pub fn has_token(&self, secret: &SiteSecret, token: &str) -> bool {
        let mac = token.split_once('-').map_or("", |(_, mac)| mac);
        // Comparing hashes takes the same time for all tokens.
        secret.macs_for_all_keys(self.purpose()).any(|known| sha256_hex(&known) == sha256_hex(mac))
    }

    /// With the time of expiry, because IDs are given out again after a backup was restored.
    fn purpose(&self) -> String {
        format!("preview link {} until {}", self.id, self.expires_at)
    }
}

/// ID of the link in a token, which is not verified.
pub fn id_of(token: &str) -> Option<i64> {
    token.split_once('-')?.0.parse().ok()
}
