//! Secrets that travel in an address or a cookie, and what of them may be kept.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest as _, Sha256};

use crate::private;

/// `BYTES` random bytes from the system, in hexadecimal.
pub fn random_token<const BYTES: usize>() -> String {
    let mut bytes = [0_u8; BYTES];
    rand::fill(&mut bytes[..]);
    hex(&bytes)
}

/// What is stored of a secret: enough to recognise it, not enough to use it.
pub struct Digest;

impl Digest {
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
pub struct Key(Vec<Vec<u8>>);

impl Key {
    /// Reads the secret kept in `data_dir`, or makes one that only its owner may read.
    pub fn kept_in(data_dir: &Path) -> Result<Self> {
        let file = data_dir.join("secret");
        if !file.exists() {
            let aside = data_dir.join(format!("secret-{}", std::process::id()));
            private::write_whole(&aside, random_token::<32>().as_bytes())
                .with_context(|| format!("cannot make {}", file.display()))?;
            // Where two start at once, the first to come makes it, and both read it below.
            let linked = std::fs::hard_link(&aside, &file);
            if linked.is_err() && !file.exists() {
                std::fs::rename(&aside, &file).with_context(|| format!("cannot make {}", file.display()))?;
            } else {
                std::fs::remove_file(&aside).with_context(|| format!("cannot remove {}", aside.display()))?;
            }
        }
        private::close(&file)?;
        Self::read(&file)
    }

    /// Reads a secret without making one. The error names the file.
    pub fn read(file: &Path) -> Result<Self> {
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
        let before = Self::kept_in(data_dir)?;
        let file = data_dir.join("secret");
        let mut text = random_token::<32>();
        for secret in &before.0 {
            text.push('\n');
            text.push_str(&String::from_utf8_lossy(secret));
        }
        private::write_whole(&file, text.as_bytes()).with_context(|| format!("cannot write {}", file.display()))?;
        Ok(before.0.len() + 1)
    }

    /// A token that only this site can make for `purpose`: 128 bits in hexadecimal.
    pub fn token_for(&self, purpose: &str) -> String {
        self.tokens_for(purpose).next().unwrap_or_else(random_token::<16>)
    }

    /// The same, and then those that earlier secrets made for `purpose`.
    pub fn tokens_for(&self, purpose: impl AsRef<str>) -> impl Iterator<Item = String> {
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
    fn a_secret_is_made_once_and_read_again() {
        let dir = tempfile::tempdir().unwrap();
        let first = Key::kept_in(dir.path()).unwrap().token_for("set-up");
        let second = Key::kept_in(dir.path()).unwrap().token_for("set-up");
        assert_eq!(first, second);
        assert_eq!(first.len(), 32);
        assert_ne!(first, Key::kept_in(dir.path()).unwrap().token_for("other"));
    }

    #[test]
    fn after_a_rotation_the_new_secret_is_used_and_what_the_former_ones_made_is_known() {
        let dir = tempfile::tempdir().unwrap();
        let first = Key::kept_in(dir.path()).unwrap().token_for("set-up");
        assert_eq!(Key::rotate(dir.path()).unwrap(), 2);
        let second = Key::kept_in(dir.path()).unwrap().token_for("set-up");
        assert_eq!(Key::rotate(dir.path()).unwrap(), 3);
        let key = Key::kept_in(dir.path()).unwrap();
        let known: Vec<String> = key.tokens_for("set-up").collect();
        assert_eq!(known, [key.token_for("set-up"), second.clone(), first.clone()]);
        assert!(first != second && second != known[0]);
    }

    #[test]
    fn half_a_secret_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let whole = random_token::<32>();
        for half in ["", "\n\n", &whole[..63], &format!("{whole}\n{}", &whole[..40])] {
            std::fs::write(dir.path().join("secret"), half).unwrap();
            let refusal = Key::kept_in(dir.path()).err().unwrap().to_string();
            assert!(refusal.ends_with("a line of it is too short") && !refusal.contains(&whole[..40]), "{refusal}");
            assert!(Key::rotate(dir.path()).is_err());
            assert_eq!(std::fs::read_to_string(dir.path().join("secret")).unwrap(), half, "left as it was");
        }
        std::fs::write(dir.path().join("secret"), format!("{whole}\r\n")).unwrap();
        assert!(Key::kept_in(dir.path()).is_ok());
    }
}
