//! Password hashing with argon2id on one dedicated thread.
//!
//! A hash takes 19 MB of memory and one core for some time. One thread reuses one block of memory, and leaves the other
//! cores to visitors.

use std::thread;

use anyhow::{Result, anyhow};
use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use tokio::sync::{mpsc, oneshot};

/// Jobs that may wait for the thread, which finishes them within two seconds.
const QUEUE_CAPACITY: usize = 32;
/// Additional slots for known devices and signed-in staff, so that a flood of sign-ins does not lock them out.
const RESERVED_SLOTS: usize = 8;
/// Seconds until the queue has room again.
pub const BUSY_RETRY_SECONDS: i64 = 2;

pub const BUSY_MESSAGE: &str = "The server is busy. Wait a few seconds and enter the password again.";

/// Hash of an unknown password, verified if there is no account, so that both cases take the same time.
const DUMMY_HASH: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$c2FsdCBvZiBhIGRlY295Lg$bm8gcGFzc3dvcmQgbWFrZXMgdGhpcyBvbmUgaGFzaCE";

type HashJob = Box<dyn FnOnce(&mut HashMemory) + Send>;

/// Handle of the hashing thread.
pub struct Passwords(mpsc::Sender<HashJob>);

/// Kind of client, which decides whether it may use the reserved slots.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Requester {
    Anonymous,
    /// Known device or signed-in member.
    Known,
}

#[derive(Debug, thiserror::Error)]
pub enum HashError {
    #[error("the password queue is full")]
    Busy,
    #[error(transparent)]
    Failed(#[from] anyhow::Error),
}

impl Passwords {
    /// Starts the thread, which ends when the handle is dropped.
    pub fn start() -> std::io::Result<Self> {
        let (jobs, mut waiting) = mpsc::channel::<HashJob>(QUEUE_CAPACITY + RESERVED_SLOTS);
        thread::Builder::new().name("passwords".into()).spawn(move || {
            let mut memory = HashMemory::default();
            while let Some(work) = waiting.blocking_recv() {
                work(&mut memory);
            }
        })?;
        Ok(Self(jobs))
    }

    /// Hashes a new password. Only for known clients.
    pub async fn hash(&self, password: String) -> Result<String, HashError> {
        let hashed = self.run(Requester::Known, move |memory| memory.hash(&password)).await?;
        Ok(hashed.map_err(|error| anyhow!("cannot hash a password: {error}"))?)
    }

    /// Verifies a password. Without a hash, takes the same time and returns `false`.
    pub async fn verify(
        &self,
        requester: Requester,
        password: String,
        hash: Option<String>,
    ) -> Result<bool, HashError> {
        self.run(requester, move |memory| {
            let is_right = memory.verify(&password, hash.as_deref().unwrap_or(DUMMY_HASH));
            is_right && hash.is_some()
        })
        .await
    }

    async fn run<T: Send + 'static>(
        &self,
        requester: Requester,
        work: impl FnOnce(&mut HashMemory) -> T + Send + 'static,
    ) -> Result<T, HashError> {
        if requester == Requester::Anonymous && self.0.capacity() <= RESERVED_SLOTS {
            return Err(HashError::Busy);
        }
        let (answer, answered) = oneshot::channel();
        let work: HashJob = Box::new(move |memory| {
            // Skip the work if the client has disconnected.
            if !answer.is_closed() {
                let _ = answer.send(work(memory));
            }
        });
        self.0.try_send(work).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => HashError::Busy,
            mpsc::error::TrySendError::Closed(_) => anyhow!("the password thread has stopped").into(),
        })?;
        Ok(answered.await.map_err(|_| anyhow!("the password thread dropped a job"))?)
    }
}

/// Memory for argon2, allocated for the first hash and then reused.
#[derive(Default)]
struct HashMemory(Vec<Block>);

impl HashMemory {
    fn hash(&mut self, password: &str) -> Result<String, argon2::password_hash::Error> {
        let params = Params::default();
        let mut salt = [0; argon2::RECOMMENDED_SALT_LEN];
        rand::fill(&mut salt[..]);
        let mut out = [0; Params::DEFAULT_OUTPUT_LEN];
        let text = ParamsString::try_from(&params)?;
        self.fill(Argon2::from(params), password, &salt, &mut out)?;
        let hash = PasswordHash {
            algorithm: Algorithm::default().ident(),
            version: Some(Version::default().into()),
            params: text,
            salt: Some(Salt::new(&salt)?),
            hash: Some(Output::new(&out)?),
        };
        Ok(hash.to_string())
    }

    /// Hashes with the parameters of the stored hash and compares in constant time.
    fn verify(&mut self, password: &str, hash: &str) -> bool {
        let mut compare = || {
            let stored = PasswordHash::new(hash).ok()?;
            let algorithm = Algorithm::try_from(stored.algorithm.as_str()).ok()?;
            let version = stored.version.map_or(Ok(Version::default()), Version::try_from).ok()?;
            let params = Params::try_from(&stored).ok()?;
            let (salt, expected) = (stored.salt.as_ref()?, stored.hash.as_ref()?);
            let mut out = vec![0; expected.len()];
            self.fill(Argon2::new(algorithm, version, params), password, salt, &mut out).ok()?;
            Some(Output::new(&out).ok()? == *expected)
        };
        compare().unwrap_or(false)
    }

    fn fill(&mut self, argon2: Argon2<'_>, password: &str, salt: &[u8], out: &mut [u8]) -> argon2::Result<()> {
        let blocks = argon2.params().block_count();
        if self.0.len() < blocks {
            self.0.reserve_exact(blocks - self.0.len());
            self.0.resize(blocks, Block::new());
        }
        argon2.hash_password_into_with_memory(password.as_bytes(), salt, out, &mut self.0[..blocks])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[actix_web::test]
    async fn only_the_right_password_is_accepted() {
        let passwords = Passwords::start().unwrap();
        let verify = async |password: &str, hash: Option<String>| {
            passwords.verify(Requester::Anonymous, password.into(), hash).await.unwrap()
        };
        let hash = passwords.hash("a short sentence".into()).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(verify("a short sentence", Some(hash.clone())).await);
        assert!(!verify("another sentence", Some(hash.clone())).await);
        assert!(!verify("a short sentence", Some("no hash".into())).await);
        assert!(!verify("", None).await);
        assert_ne!(passwords.hash("a short sentence".into()).await.unwrap(), hash, "each has its own salt");
    }

    #[test]
    fn hashes_made_by_argon2_with_other_costs_are_verified() {
        use argon2::PasswordHasher;
        let mut memory = HashMemory::default();
        for cost in [64, 19_456, 256] {
            let argon2 = Argon2::from(Params::new(cost, 1, 1, None).unwrap());
            let made = argon2.hash_password(b"a short sentence").unwrap().to_string();
            assert!(memory.verify("a short sentence", &made), "{made}");
            assert!(!memory.verify("another sentence", &made), "{made}");
        }
        assert_eq!(memory.0.len(), 19_456, "one block for all");
    }

    #[test]
    fn the_dummy_hash_costs_as_much_as_a_stored_hash() {
        let own = HashMemory::default().hash("a short sentence").unwrap();
        let of = |hash: &str| {
            let hash = PasswordHash::new(hash).unwrap();
            let len = hash.hash.as_ref().unwrap().len();
            (hash.algorithm, hash.version, hash.params.to_string(), hash.salt.as_ref().unwrap().len(), len)
        };
        assert_eq!(of(DUMMY_HASH), of(&own));
    }

    #[actix_web::test]
    async fn a_full_queue_rejects_anonymous_requests_and_keeps_slots_for_known_users() {
        let passwords = Passwords::start().unwrap();
        let (go, wait) = std::sync::mpsc::channel::<()>();
        let (started, has_started) = oneshot::channel();
        let first = passwords.run(Requester::Anonymous, move |_| {
            let _ = started.send(());
            let _ = wait.recv();
        });
        let rest = async {
            has_started.await.unwrap();
            let tries = (0..60).map(|_| passwords.run(Requester::Anonymous, |_| ()));
            let strangers = futures_util::future::join_all(tries);
            let known = futures_util::future::join_all((0..9).map(|_| passwords.run(Requester::Known, |_| ())));
            let release = async { go.send(()).unwrap() };
            let (strangers, known, ()) = tokio::join!(strangers, known, release);
            let busy = |answers: &[Result<(), HashError>]| {
                answers.iter().filter(|answer| matches!(answer, Err(HashError::Busy))).count()
            };
            assert_eq!((busy(&strangers), busy(&known)), (60 - QUEUE_CAPACITY, 1));
        };
        tokio::join!(async { first.await.unwrap() }, rest);
    }
}
