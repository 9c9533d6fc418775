//! The site's secret, random tokens, and hashes.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest as _, Sha256};

use crate::secure_fs;

/// `BYTES` random bytes from the operating system, in hexadecimal.
pub fn random_token<const BYTES: usize>() -> String {
    let mut bytes = [0_u8; BYTES];
    rand::fill(&mut bytes[..]);
    hex(&bytes)
}

/// SHA-256 in hexadecimal. Safe for content and for secrets that are too long to guess, not for passwords.
pub fn sha256_hex(content: impl AsRef<[u8]>) -> String {
    hex(&Sha256::digest(content))
}

/// Bytes in lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Secret key of the site, stored next to the database: the current key and the previous ones.
///
/// The first start generates it.
#[derive(Clone)]
pub struct SiteSecret(Vec<Vec<u8>>);

impl SiteSecret {
    /// Reads the secret in `data_dir`, or generates one with permissions for its owner only.
    pub fn load_or_create(data_dir: &Path) -> Result<Self> {
        let file = data_dir.join("secret");
        if !file.exists() {
            let temporary = data_dir.join(format!("secret-{}", std::process::id()));
            secure_fs::write_atomic(&temporary, random_token::<32>().as_bytes())
                .with_context(|| format!("cannot create {}", file.display()))?;
            // If two processes start at once, the first one creates the file and both read it below.
            let linked = std::fs::hard_link(&temporary, &file);
            if linked.is_err() && !file.exists() {
                std::fs::rename(&temporary, &file).with_context(|| format!("cannot create {}", file.display()))?;
            } else {
                std::fs::remove_file(&temporary).with_context(|| format!("cannot remove {}", temporary.display()))?;
            }
        }
        secure_fs::restrict_permissions(&file)?;
        Self::load(&file)
    }

    /// Reads an existing secret. The error names the file.
    pub fn load(file: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
        let secrets: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        ensure!(
            !secrets.is_empty() && secrets.iter().all(|secret| secret.len() >= 64),
            "{} is not a valid secret: a line is too short",
            file.display()
        );
        Ok(Self(secrets.into_iter().map(|secret| secret.as_bytes().to_vec()).collect()))
    }

    /// Adds a new current key to the secret in `data_dir` and returns the number of keys.
    ///
    /// The previous keys remain valid for verification. A running site continues with the keys it has read.
    pub fn rotate(data_dir: &Path) -> Result<usize> {
        let before = Self::load_or_create(data_dir)?;
        let file = data_dir.join("secret");
        let mut text = random_token::<32>();
        for secret in &before.0 {
            text.push('\n');
            text.push_str(&String::from_utf8_lossy(secret));
        }
        secure_fs::write_atomic(&file, text.as_bytes()).with_context(|| format!("cannot write {}", file.display()))?;
        Ok(before.0.len() + 1)
    }

    /// Authentication code (HMAC-SHA-256) of `purpose` with the current key: 128 bits in hexadecimal.
    pub fn mac(&self, purpose: &str) -> String {
        self.macs_for_all_keys(purpose).next().unwrap_or_else(random_token::<16>)
    }

    /// Authentication codes of `purpose` with the current key, then with the previous keys.
    pub fn macs_for_all_keys(&self, purpose: impl AsRef<str>) -> impl Iterator<Item = String> {
        // HMAC accepts keys of any length, so no key is skipped.
        self.0.iter().filter_map(move |secret| {
            let mut mac = Hmac::<Sha256>::new_from_slice(secret).ok()?;
            mac.update(purpose.as_ref().as_bytes());
            Some(hex(&mac.finalize().into_bytes()[..16]))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_secret_is_created_once_and_reused() {
        let dir = tempfile::tempdir().unwrap();
        let first = SiteSecret::load_or_create(dir.path()).unwrap().mac("set-up");
        let second = SiteSecret::load_or_create(dir.path()).unwrap().mac("set-up");
        assert_eq!(first, second);
        assert_eq!(first.len(), 32);
        assert_ne!(first, SiteSecret::load_or_create(dir.path()).unwrap().mac("other"));
    }

    #[test]
    fn macs_of_earlier_secrets_stay_valid_after_rotation() {
        let dir = tempfile::tempdir().unwrap();
        let first = SiteSecret::load_or_create(dir.path()).unwrap().mac("set-up");
        assert_eq!(SiteSecret::rotate(dir.path()).unwrap(), 2);
        let second = SiteSecret::load_or_create(dir.path()).unwrap().mac("set-up");
        assert_eq!(SiteSecret::rotate(dir.path()).unwrap(), 3);
        let key = SiteSecret::load_or_create(dir.path()).unwrap();
        let known: Vec<String> = key.macs_for_all_keys("set-up").collect();
        assert_eq!(known, [key.mac("set-up"), second.clone(), first.clone()]);
        assert!(first != second && second != known[0]);
    }

    #[test]
    fn a_truncated_secret_is_rejected() {
        let dir = tempfile::tempdir().unwrap();
        let whole = random_token::<32>();
        for half in ["", "\n\n", &whole[..63], &format!("{whole}\n{}", &whole[..40])] {
            std::fs::write(dir.path().join("secret"), half).unwrap();
            let refusal = SiteSecret::load_or_create(dir.path()).err().unwrap().to_string();
            assert!(refusal.ends_with("a line is too short") && !refusal.contains(&whole[..40]), "{refusal}");
            assert!(SiteSecret::rotate(dir.path()).is_err());
            assert_eq!(std::fs::read_to_string(dir.path().join("secret")).unwrap(), half, "unchanged");
        }
        std::fs::write(dir.path().join("secret"), format!("{whole}\r\n")).unwrap();
        assert!(SiteSecret::load_or_create(dir.path()).is_ok());
    }
}
