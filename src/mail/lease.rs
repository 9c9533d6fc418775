//! Who may send: one sender at a time, whichever process it works in, and only while it keeps saying so.

use std::collections::BTreeSet;
use std::fs;
use std::future::Future;
use std::pin::pin;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::clock::Clock;
use crate::db::Database;
use crate::http::random_token;
use crate::mail::store;

/// A sender that has not said for so long that it still works does not.
const LEASE_TTL: SignedDuration = SignedDuration::from_secs(20);
/// How often it says so while a letter is under way.
const RENEW_INTERVAL: Duration = Duration::from_secs(5);

/// The tokens of the senders of this process: it may have several, one site each, in tests.
static LOCAL_SENDERS: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// The right to send, as one sender asks for it. It is held while there is something to send.
pub struct SenderLease {
    db: Database,
    clock: Clock,
    process: ProcessId,
    token: String,
    last_heartbeat: Mutex<Option<Heartbeat>>,
}

/// What another sender said last, and when we first heard it.
struct Heartbeat {
    name: String,
    renewed_at: Timestamp,
    observed_at: SignedDuration,
}

impl SenderLease {
    /// For a new sender, which holds nothing yet.
    pub fn new(db: Database, clock: Clock) -> Self {
        let token = random_token::<8>();
        with_local_senders(|senders| senders.insert(token.clone()));
        Self { db, clock, process: ProcessId::current(), token, last_heartbeat: Mutex::new(None) }
    }

    /// Takes the lease, or says that it is still in use. False where another sender has it.
    pub async fn acquire(&self) -> sqlx::Result<bool> {
        let own = self.holder();
        // Looked at first: those that wait for their turn need not write.
        if let Some(holder) = store::lease_holder(self.db.read()).await? {
            if !self.is_available(&holder) {
                return Ok(false);
            }
            // Said a moment ago: it lasts, and a write for every letter would only keep visitors waiting.
            let age = self.clock.now().duration_since(holder.renewed_at).unsigned_abs();
            if holder.name == own && age < RENEW_INTERVAL {
                return Ok(true);
            }
        }
        let mut tx = self.db.begin_write().await?;
        if let Some(holder) = store::lease_holder(&mut *tx).await? {
            if !self.is_available(&holder) {
                return Ok(false);
            }
            if holder.name != own {
                tracing::warn!("the sender before ended without a word: its letters are taken over");
            }
        }
        store::acquire_lease(&mut tx, &own, self.clock.now()).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Does some work and says all the while that the lease is in use. The work is done to its end even where another
    /// sender has taken over: a letter that is under way cannot be called back.
    pub async fn renew_while<T>(&self, work: impl Future<Output = T>) -> T {
        let mut work = pin!(work);
        let renewing = async {
            loop {
                tokio::time::sleep(RENEW_INTERVAL).await;
                // Where it cannot be renewed now, it may be in a moment; where it is lost, the next letter is not begun.
                if let Err(error) = self.acquire().await {
                    tracing::warn!(%error, "the right to send could not be renewed");
                }
            }
        };
        tokio::select! {
            done = &mut work => done,
            () = renewing => unreachable!("it is renewed for ever"),
        }
    }

    /// Gives the lease back, so that another sender need not wait.
    pub async fn release(&self) -> sqlx::Result<()> {
        let mut tx = self.db.begin_write().await?;
        store::release_lease(&mut tx, &self.holder()).await?;
        tx.commit().await
    }

    fn holder(&self) -> String {
        format!("{} {}", self.process.text(), self.token)
    }

    fn is_available(&self, holder: &store::LeaseHolder) -> bool {
        holder.name == self.holder() || self.process.is_dead(&holder.name) || self.is_expired(holder)
    }

    /// Whether this sender has said nothing for so long as we have looked. Measured by how much time has passed and not
    /// by what clocks show: one that is set to another time would make a living sender seem dead.
    fn is_expired(&self, holder: &store::LeaseHolder) -> bool {
        let monotonic = self.clock.monotonic();
        let mut last_word = self.last_heartbeat.lock().unwrap_or_else(PoisonError::into_inner);
        match &*last_word {
            Some(word) if (&word.name, word.renewed_at) == (&holder.name, holder.renewed_at) => {
                monotonic - word.observed_at >= LEASE_TTL
            }
            _ => {
                let (name, said_at) = (holder.name.clone(), holder.renewed_at);
                *last_word = Some(Heartbeat { name, renewed_at: said_at, observed_at: monotonic });
                false
            }
        }
    }
}

impl Drop for SenderLease {
    fn drop(&mut self) {
        with_local_senders(|senders| senders.remove(&self.token));
    }
}

fn with_local_senders<T>(look: impl FnOnce(&mut BTreeSet<String>) -> T) -> T {
    look(&mut LOCAL_SENDERS.lock().unwrap_or_else(PoisonError::into_inner))
}

/// A process and where it runs; empty parts where the system does not tell.
struct ProcessId {
    /// Since when the machine is up: another after each start.
    boot: String,
    /// Inside which numbers of processes mean the same.
    namespace: String,
    id: String,
    /// When it started, since numbers are used again.
    started: String,
}

impl ProcessId {
    fn current() -> Self {
        let namespace = fs::read_link("/proc/self/ns/pid").ok();
        let id = std::process::id().to_string();
        Self {
            boot: fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default().trim().to_owned(),
            namespace: namespace.and_then(|link| link.to_str().map(str::to_owned)).unwrap_or_default(),
            started: process_start_time(&id).unwrap_or_default(),
            id,
        }
    }

    fn text(&self) -> String {
        [&self.boot, &self.namespace, &self.id, &self.started]
            .map(|part| if part.is_empty() { "-" } else { part })
            .join(" ")
    }

    /// Whether the sender of this name certainly works no longer. Of one on another machine, before a restart or in
    /// another container nothing can be known.
    fn is_dead(&self, holder: &str) -> bool {
        let parts: Vec<&str> = holder.split(' ').collect();
        let [boot, namespace, id, began, token] = parts[..] else { return false };
        if self.started.is_empty() || (boot, namespace) != (self.boot.as_str(), self.namespace.as_str()) {
            return false;
        }
        if (id, began) == (self.id.as_str(), self.started.as_str()) {
            return with_local_senders(|senders| !senders.contains(token));
        }
        process_start_time(id).as_deref() != Some(began)
    }
}

/// When the process of this number began, as the kernel counts it; `None` where there is none, or only its remains.
fn process_start_time(id: &str) -> Option<String> {
    let about = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    // The second field is the program's name in brackets, which may hold anything.
    let mut fields = about.rsplit_once(')')?.1.split_whitespace();
    let state = fields.next()?;
    (!matches!(state, "Z" | "X")).then(|| fields.nth(18).map(str::to_owned))?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_os = "linux")]
    #[test]
    fn sender_counts_as_dead_only_when_proven() {
        let own = ProcessId::current();
        assert!(!own.started.is_empty(), "Linux tells when a process began");
        let [boot, namespace, id, began] = [&own.boot, &own.namespace, &own.id, &own.started].map(String::as_str);
        let mut child = std::process::Command::new("sleep").arg("60").spawn().unwrap();
        let neighbour = child.id().to_string();
        let its_start = process_start_time(&neighbour).unwrap();
        let sender = |parts: [&str; 5]| own.is_dead(&parts.join(" "));
        assert!(!sender([boot, namespace, &neighbour, &its_start, "t"]), "it lives");
        assert!(sender([boot, namespace, &neighbour, "1", "t"]), "another has its number");
        assert!(!sender([boot, "pid:[1]", &neighbour, "1", "t"]), "another container");
        assert!(!sender(["another", namespace, &neighbour, "1", "t"]), "another machine");
        assert!(!own.is_dead("what is this"));
        child.kill().unwrap();
        // Not yet buried, it has its number still.
        let is_dead = || sender([boot, namespace, &neighbour, &its_start, "t"]);
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(30);
        while !is_dead() {
            assert!(std::time::Instant::now() < deadline, "it was killed and still counts as alive");
            std::thread::yield_now();
        }
        child.wait().unwrap();
        assert!(is_dead());
        assert!(sender([boot, namespace, id, began, "gone"]), "a sender of ours that is gone");
    }
}
