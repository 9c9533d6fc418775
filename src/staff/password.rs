//! Passwords: hashed with argon2id, off the threads that answer visitors, two at a time.

use std::sync::LazyLock;

use actix_web::web;
use anyhow::{Result, anyhow};
use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use tokio::sync::Semaphore;

/// One hash takes 19 MB and a core for a while: more at once would only make visitors wait.
static AT_ONCE: Semaphore = Semaphore::const_new(2);

/// Verified in place of a hash that is not there, so that an unknown address takes as long as a wrong password.
static DECOY: LazyLock<Result<String, String>> = LazyLock::new(|| hash_now("no account has this password"));

/// The hash to store of a password.
pub async fn hash(password: String) -> Result<String> {
    let turn = AT_ONCE.acquire().await?;
    // The turn ends with the work, even when nobody waits for it any more.
    web::block(move || {
        let _turn = turn;
        hash_now(&password)
    })
    .await?
    .map_err(|error| anyhow!("cannot hash a password: {error}"))
}

/// Whether `password` is the one behind `hash`. Without a hash the same work is done, and the answer is no.
pub async fn verify(password: String, hash: Option<String>) -> Result<bool> {
    let turn = AT_ONCE.acquire().await?;
    let is_right = web::block(move || {
        let _turn = turn;
        let decoy = DECOY.as_deref().unwrap_or_default();
        let parsed = PasswordHash::new(hash.as_deref().unwrap_or(decoy));
        let matches =
            parsed.is_ok_and(|parsed| Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok());
        matches && hash.is_some()
    });
    Ok(is_right.await?)
}

/// Prepares the decoy, so that the first unknown address does not take longer than the second.
pub fn prepare() {
    LazyLock::force(&DECOY);
}

fn hash_now(password: &str) -> Result<String, String> {
    let hash = Argon2::default().hash_password(password.as_bytes()).map_err(|error| error.to_string())?;
    Ok(hash.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[actix_web::test]
    async fn only_the_right_password_opens() {
        let hash = hash("a short sentence".into()).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(verify("a short sentence".into(), Some(hash.clone())).await.unwrap());
        assert!(!verify("another sentence".into(), Some(hash)).await.unwrap());
        assert!(!verify("no account has this password".into(), None).await.unwrap());
    }
}
