//! One ceiling for the memory that all request bodies in progress take together.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use tokio::sync::oneshot;

use crate::http::network_prefix;

/// Bytes for bodies that visitors are sending.
const MAX_PUBLIC_BYTES: usize = 8 * 1024 * 1024;
/// Bytes for the bodies of one network (IPv4 /24, IPv6 /48).
const MAX_BYTES_PER_NETWORK: usize = MAX_PUBLIC_BYTES / 8;
/// Bytes for bodies that staff are sending: three of the largest files at once.
const MAX_STAFF_BYTES: usize = 24 * 1024 * 1024;
/// Bytes that a body counts for at least: about what its connection and its request take.
const MIN_RESERVATION: usize = 32 * 1024;

/// A request whose sender is signed in: the guard of the staff pages puts it among the request's extensions.
#[derive(Clone, Copy, Debug)]
pub struct FromStaff;

/// Counts the bytes of all bodies in progress. Clones count together.
///
/// Where there is no room for a visitor's body, the one that has been in progress longest is given up. A form from a
/// browser arrives within moments, so it gets through however many others are held half-sent.
#[derive(Clone, Default)]
pub struct BodyMemory(Arc<Mutex<Usage>>);

#[derive(Default)]
struct Usage {
    public_bytes: usize,
    staff_bytes: usize,
    /// In the order of their beginning.
    public_bodies: BTreeMap<u64, PublicBody>,
    next_id: u64,
}

/// The body of a visitor. It is given up when this is dropped.
struct PublicBody {
    bytes: usize,
    /// `None` for this machine and its own network: behind a proxy that is not trusted, everybody seems to come from there.
    network: Option<String>,
    _eviction_guard: oneshot::Sender<Infallible>,
}

/// What one body takes. It is given back when the charge is dropped.
pub(super) struct MemoryReservation {
    memory: BodyMemory,
    owner: Owner,
    bytes: usize,
}

enum Owner {
    Staff,
    Public { id: u64, evicted: oneshot::Receiver<Infallible> },
}

impl BodyMemory {
    pub(super) fn reserve_for_staff(&self) -> MemoryReservation {
        self.usage().staff_bytes += MIN_RESERVATION;
        MemoryReservation { memory: self.clone(), owner: Owner::Staff, bytes: 0 }
    }

    pub(super) fn reserve_for_public(&self, from: IpAddr) -> MemoryReservation {
        let (keeps, kept) = oneshot::channel();
        let used = &mut *self.usage();
        let number = used.next_id;
        used.next_id += 1;
        used.public_bodies
            .insert(number, PublicBody { bytes: 0, network: network_prefix(from), _eviction_guard: keeps });
        // It takes memory before anything has arrived.
        used.try_grow(number, MIN_RESERVATION);
        MemoryReservation { memory: self.clone(), owner: Owner::Public { id: number, evicted: kept }, bytes: 0 }
    }

    fn usage(&self) -> MutexGuard<'_, Usage> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Usage {
    /// Counts more bytes of a visitor's body, and gives others up until there is room; false where it was given up itself.
    fn try_grow(&mut self, number: u64, more: usize) -> bool {
        let Some(visitor) = self.public_bodies.get_mut(&number) else { return false };
        visitor.bytes += more;
        self.public_bytes += more;
        if let Some(network) = visitor.network.clone() {
            let of_network = |visitor: &PublicBody| visitor.network.as_ref() == Some(&network);
            let mut bytes: usize = self.public_bodies.values().filter(|one| of_network(one)).map(|one| one.bytes).sum();
            while bytes > MAX_BYTES_PER_NETWORK {
                let oldest = self.public_bodies.iter().find(|(_, one)| of_network(one));
                let Some((oldest, visitor)) = oldest.map(|(number, visitor)| (*number, visitor.bytes)) else { break };
                bytes -= visitor;
                self.evict(oldest);
            }
        }
        while self.public_bytes > MAX_PUBLIC_BYTES {
            let Some((oldest, _)) = self.public_bodies.first_key_value() else { break };
            self.evict(*oldest);
        }
        self.public_bodies.contains_key(&number)
    }

    fn evict(&mut self, number: u64) {
        if let Some(visitor) = self.public_bodies.remove(&number) {
            self.public_bytes -= visitor.bytes;
        }
    }
}

impl MemoryReservation {
    /// Counts more bytes of this body; false where there is no memory for them.
    pub fn try_grow(&mut self, more: usize) -> bool {
        let before = self.bytes;
        self.bytes += more;
        let more = self.bytes.max(MIN_RESERVATION) - before.max(MIN_RESERVATION);
        let used = &mut *self.memory.usage();
        match &self.owner {
            Owner::Staff if used.staff_bytes + more > MAX_STAFF_BYTES => {
                self.bytes = before;
                false
            }
            Owner::Staff => {
                used.staff_bytes += more;
                true
            }
            Owner::Public { id: number, .. } => used.try_grow(*number, more),
        }
    }

    /// Ready once the body was given up for others.
    pub fn poll_evicted(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        match &mut self.owner {
            Owner::Staff => Poll::Pending,
            Owner::Public { evicted: kept, .. } => Pin::new(kept).poll(cx).map(|_| ()),
        }
    }
}

impl Drop for MemoryReservation {
    fn drop(&mut self) {
        let used = &mut *self.memory.usage();
        match self.owner {
            Owner::Staff => used.staff_bytes -= self.bytes.max(MIN_RESERVATION),
            Owner::Public { id: number, .. } => used.evict(number),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LARGE: usize = 256 * 1024;

    fn from(address: &str, memory: &BodyMemory) -> MemoryReservation {
        memory.reserve_for_public(address.parse().unwrap())
    }

    fn is_evicted(charge: &mut MemoryReservation) -> bool {
        charge.poll_evicted(&mut Context::from_waker(std::task::Waker::noop())).is_ready()
    }

    #[test]
    fn one_network_cannot_exhaust_the_memory_for_bodies() {
        let memory = BodyMemory::default();
        let mut other = from("198.51.100.1", &memory);
        assert!(other.try_grow(LARGE));
        let mut held = vec![];
        for host in 1..=100 {
            let mut newcomer = from(&format!("203.0.113.{host}"), &memory);
            assert!(newcomer.try_grow(LARGE), "each newcomer is let in");
            held.push(newcomer);
        }
        let kept = held.iter_mut().map(is_evicted).filter(|gone| !gone).count();
        assert_eq!(kept, MAX_BYTES_PER_NETWORK / LARGE, "and the oldest of its network are given up");
        assert!(!is_evicted(&mut other), "those of others are not");
        drop((held, other));
        let used = memory.usage();
        assert!(used.public_bodies.is_empty() && used.public_bytes == 0, "all is given back");
    }

    #[test]
    fn a_form_is_accepted_despite_many_unfinished_bodies() {
        let memory = BodyMemory::default();
        let mut held: Vec<MemoryReservation> = (0..2_000).map(|_| from("10.0.0.1", &memory)).collect();
        // Those of which nothing has arrived count for what a connection takes.
        assert_eq!(held.iter_mut().map(is_evicted).filter(|gone| !gone).count(), MAX_PUBLIC_BYTES / MIN_RESERVATION);
        let mut form = from("203.0.113.9", &memory);
        assert!(form.try_grow(4_000) && form.try_grow(4_000) && !is_evicted(&mut form));
        assert!(memory.usage().public_bytes <= MAX_PUBLIC_BYTES);
        assert!(!held[0].try_grow(1), "what was given up takes no more");
    }

    #[test]
    fn staff_uploads_have_a_separate_limit() {
        let memory = BodyMemory::default();
        let mut held: Vec<MemoryReservation> = (0..2_000).map(|_| from("10.0.0.1", &memory)).collect();
        held.iter_mut().for_each(|charge| {
            charge.try_grow(LARGE);
        });
        let mut imports: Vec<MemoryReservation> = (0..3).map(|_| memory.reserve_for_staff()).collect();
        assert!(imports.iter_mut().all(|import| import.try_grow(8 * 1024 * 1024)));
        assert!(!memory.reserve_for_staff().try_grow(LARGE), "with a ceiling too");
        imports.pop();
        assert!(memory.reserve_for_staff().try_grow(LARGE));
        drop(imports);
        assert_eq!(memory.usage().staff_bytes, 0);
    }
}
