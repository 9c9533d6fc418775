//! Secrets that travel in an address or a cookie, and what of them may be kept.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest as _, Sha256};

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

/// The site's own secret, made at the first start and kept beside the database.
#[derive(Clone)]
pub struct Key(Vec<u8>);

impl Key {
    /// Reads the secret kept in `data_dir`, or makes one that only its owner may read.
    pub fn kept_in(data_dir: &Path) -> Result<Self> {
        let file = data_dir.join("secret");
        if !file.exists() {
            // Written aside first: half a secret would be refused at every later start.
            let aside = data_dir.join(format!("secret-{}", std::process::id()));
            write_private(&aside, &random_token::<32>())?;
            std::fs::rename(&aside, &file).with_context(|| format!("cannot make {}", file.display()))?;
        }
        let text = std::fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
        ensure!(text.trim().len() >= 64, "{} is not the secret this site made: it is too short", file.display());
        Ok(Self(text.trim().as_bytes().to_vec()))
    }

    /// A token that only this site can make for `purpose`: 128 bits in hexadecimal.
    pub fn token_for(&self, purpose: &str) -> String {
        // HMAC takes a key of any length, so this cannot fail.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.0) else {
            return random_token::<16>();
        };
        mac.update(purpose.as_bytes());
        hex(&mac.finalize().into_bytes()[..16])
    }
}

fn write_private(file: &Path, text: &str) -> Result<()> {
    use std::io::Write;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut handle = options.open(file).with_context(|| format!("cannot make {}", file.display()))?;
    handle
        .write_all(text.as_bytes())
        .and_then(|()| handle.sync_all())
        .with_context(|| format!("cannot write {}", file.display()))
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
}
