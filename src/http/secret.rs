//! Secrets that travel in an address or a cookie, and what of them may be kept.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest as _, Sha256};

use crate::secure_fs;

/// `BYTES` random bytes from the system, in hexadecimal.
pub fn random_token<const BYTES: usize>() -> String {
    let mut bytes = [0_u8; BYTES];
    rand::fill(&mut bytes[..]);
    hex(&bytes)
}

/// What is stored of a secret: enough to recognise it, not enough to use it.
pub struct Sha256Hex;

impl Sha256Hex {
    /// SHA-256 of a text, in hexadecimal. Only for secrets too long to guess, and for contents.
    pub fn of(text: &str) -> String {
        Self::of_bytes(text.as_bytes())
    }

    /// SHA-256 of a file's content, in hexadecimal.
    pub fn of_bytes(bytes: &[u8]) -> String {
        hex(&Sha256::digest(bytes))
    }
}

/// The site's own secret, made at the first start and kept beside the database: one that is used, and those used before.
#[derive(Clone)]
pub struct SiteSecret(Vec<Vec<u8>>);

impl SiteSecret {
    /// Reads the secret kept in `data_dir`, or makes one that only its owner may read.
    pub fn load_or_create(data_dir: &Path) -> Result<Self> {
        let file = data_dir.join("secret");
        if !file.exists() {
            let temporary = data_dir.join(format!("secret-{}", std::process::id()));
            secure_fs::write_atomic(&temporary, random_token::<32>().as_bytes())
                .with_context(|| format!("cannot make {}", file.display()))?;
            // Where two start at once, the first to come makes it, and both read it below.
            let linked = std::fs::hard_link(&temporary, &file);
            if linked.is_err() && !file.exists() {
                std::fs::rename(&temporary, &file).with_context(|| format!("cannot make {}", file.display()))?;
            } else {
                std::fs::remove_file(&temporary).with_context(|| format!("cannot remove {}", temporary.display()))?;
            }
        }
        secure_fs::restrict_permissions(&file)?;
        Self::load(&file)
    }

    /// Reads a secret without making one. The error names the file.
    pub fn load(file: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
        let secrets: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        ensure!(
            !secrets.is_empty() && secrets.iter().all(|secret| secret.len() >= 64),
            "{} is not the secret this site made: a line of it is too short",
            file.display()
        );
        Ok(Self(secrets.into_iter().map(|secret| secret.as_bytes().to_vec()).collect()))
    }

    /// Puts a new secret before those kept in `data_dir`, which stay for what was made with them. Returns how many there
    /// are now. A site that runs goes on with the one it has read.
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

    /// A token that only this site can make for `purpose`: 128 bits in hexadecimal.
    pub fn mac(&self, purpose: &str) -> String {
        self.macs_for_all_keys(purpose).next().unwrap_or_else(random_token::<16>)
    }

    /// The same, and then those that earlier secrets made for `purpose`.
    pub fn macs_for_all_keys(&self, purpose: impl AsRef<str>) -> impl Iterator<Item = String> {
        // HMAC takes a key of any length, so none is left out.
        self.0.iter().filter_map(move |secret| {
            let mut mac = Hmac::<Sha256>::new_from_slice(secret).ok()?;
            mac.update(purpose.as_ref().as_bytes());
            Some(hex(&mac.finalize().into_bytes()[..16]))
        })
    }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
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
            assert!(refusal.ends_with("a line of it is too short") && !refusal.contains(&whole[..40]), "{refusal}");
            assert!(SiteSecret::rotate(dir.path()).is_err());
            assert_eq!(std::fs::read_to_string(dir.path().join("secret")).unwrap(), half, "left as it was");
        }
        std::fs::write(dir.path().join("secret"), format!("{whole}\r\n")).unwrap();
        assert!(SiteSecret::load_or_create(dir.path()).is_ok());
    }
}
