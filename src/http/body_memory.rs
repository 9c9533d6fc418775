//! Memory limit for all request bodies in progress together.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use tokio::sync::oneshot;

use crate::http::network_prefix;

/// Bytes for bodies of public forms.
const MAX_PUBLIC_BYTES: usize = 8 * 1024 * 1024;
/// Bytes for bodies from one network (IPv4 /24, IPv6 /48).
const MAX_BYTES_PER_NETWORK: usize = MAX_PUBLIC_BYTES / 8;
/// Bytes for bodies from staff: two uploads of pictures (15 MB each) and one of draws (8 MB) at once.
const MAX_STAFF_BYTES: usize = 38 * 1024 * 1024;
/// Minimum bytes that a body counts for: about the memory of its connection and request.
const MIN_RESERVATION: usize = 32 * 1024;

/// Request extension for signed-in staff, set by the guard of the admin area.
#[derive(Clone, Copy, Debug)]
pub struct FromStaff;

/// Counter for the bytes of all bodies in progress. Clones share it.
///
/// When the memory is used up, the oldest body of a public form is evicted. A form from a browser arrives quickly, so it gets
/// through however many unfinished bodies others hold open.
#[derive(Clone, Default)]
pub struct BodyMemory(Arc<Mutex<Usage>>);

#[derive(Default)]
struct Usage {
    public_bytes: usize,
    staff_bytes: usize,
    /// By ID, so the oldest is first.
    public_bodies: BTreeMap<u64, PublicBody>,
    next_id: u64,
}

/// Body of a public form. Dropping it evicts the body.
struct PublicBody {
    bytes: usize,
    /// `None` for loopback and private addresses: behind an untrusted proxy, all clients seem to have one.
    network: Option<String>,
    _eviction_guard: oneshot::Sender<Infallible>,
}

/// Memory reserved for one body. Dropping it releases the memory.
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
        let (eviction_guard, evicted) = oneshot::channel();
        let usage = &mut *self.usage();
        let id = usage.next_id;
        usage.next_id += 1;
        usage
            .public_bodies
            .insert(id, PublicBody { bytes: 0, network: network_prefix(from), _eviction_guard: eviction_guard });
        usage.try_grow(id, MIN_RESERVATION);
        MemoryReservation { memory: self.clone(), owner: Owner::Public { id, evicted }, bytes: 0 }
    }

    fn usage(&self) -> MutexGuard<'_, Usage> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Usage {
    /// Counts more bytes of a public form and evicts the oldest ones as needed. False if this body is evicted.
    fn try_grow(&mut self, id: u64, more: usize) -> bool {
        let Some(body) = self.public_bodies.get_mut(&id) else { return false };
        body.bytes += more;
        self.public_bytes += more;
        if let Some(network) = body.network.clone() {
            let of_network = |body: &PublicBody| body.network.as_ref() == Some(&network);
            let mut bytes: usize =
                self.public_bodies.values().filter(|body| of_network(body)).map(|body| body.bytes).sum();
            while bytes > MAX_BYTES_PER_NETWORK {
                let oldest = self.public_bodies.iter().find(|(_, body)| of_network(body));
                let Some((oldest, freed)) = oldest.map(|(id, body)| (*id, body.bytes)) else { break };
                bytes -= freed;
                self.evict(oldest);
            }
        }
        while self.public_bytes > MAX_PUBLIC_BYTES {
            let Some((oldest, _)) = self.public_bodies.first_key_value() else { break };
            self.evict(*oldest);
        }
        self.public_bodies.contains_key(&id)
    }

    fn evict(&mut self, id: u64) {
        if let Some(body) = self.public_bodies.remove(&id) {
            self.public_bytes -= body.bytes;
        }
    }
}

impl MemoryReservation {
    /// Reserves more bytes. False if there is no memory for them.
    pub fn try_grow(&mut self, more: usize) -> bool {
        let before = self.bytes;
        self.bytes += more;
        let more = self.bytes.max(MIN_RESERVATION) - before.max(MIN_RESERVATION);
        let usage = &mut *self.memory.usage();
        match &self.owner {
            Owner::Staff if usage.staff_bytes + more > MAX_STAFF_BYTES => {
                self.bytes = before;
                false
            }
            Owner::Staff => {
                usage.staff_bytes += more;
                true
            }
            Owner::Public { id, .. } => usage.try_grow(*id, more),
        }
    }

    /// Ready when the body has been evicted.
    pub fn poll_evicted(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        match &mut self.owner {
            Owner::Staff => Poll::Pending,
            Owner::Public { evicted, .. } => Pin::new(evicted).poll(cx).map(|_| ()),
        }
    }
}

impl Drop for MemoryReservation {
    fn drop(&mut self) {
        let usage = &mut *self.memory.usage();
        match self.owner {
            Owner::Staff => usage.staff_bytes -= self.bytes.max(MIN_RESERVATION),
            Owner::Public { id, .. } => usage.evict(id),
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
            assert!(newcomer.try_grow(LARGE), "each new body is accepted");
            held.push(newcomer);
        }
        let kept = held.iter_mut().map(is_evicted).filter(|gone| !gone).count();
        assert_eq!(kept, MAX_BYTES_PER_NETWORK / LARGE, "the oldest bodies of the network are evicted");
        assert!(!is_evicted(&mut other), "bodies of other networks are kept");
        drop((held, other));
        let usage = memory.usage();
        assert!(usage.public_bodies.is_empty() && usage.public_bytes == 0, "all memory is released");
    }

    #[test]
    fn a_form_is_accepted_despite_many_unfinished_bodies() {
        let memory = BodyMemory::default();
        let mut held: Vec<MemoryReservation> = (0..2_000).map(|_| from("10.0.0.1", &memory)).collect();
        // Bodies without a byte count as the minimum.
        assert_eq!(held.iter_mut().map(is_evicted).filter(|gone| !gone).count(), MAX_PUBLIC_BYTES / MIN_RESERVATION);
        let mut form = from("203.0.113.9", &memory);
        assert!(form.try_grow(4_000) && form.try_grow(4_000) && !is_evicted(&mut form));
        assert!(memory.usage().public_bytes <= MAX_PUBLIC_BYTES);
        assert!(!held[0].try_grow(1), "an evicted body cannot grow");
    }

    #[test]
    fn staff_uploads_have_a_separate_limit() {
        let memory = BodyMemory::default();
        let mut held: Vec<MemoryReservation> = (0..2_000).map(|_| from("10.0.0.1", &memory)).collect();
        held.iter_mut().for_each(|charge| {
            charge.try_grow(LARGE);
        });
        let sizes = [8, 15, 15].map(|megabytes| megabytes * 1024 * 1024);
        let mut uploads: Vec<MemoryReservation> = sizes.map(|_| memory.reserve_for_staff()).into();
        assert!(uploads.iter_mut().zip(sizes).all(|(upload, size)| upload.try_grow(size)));
        assert!(!memory.reserve_for_staff().try_grow(LARGE), "also limited");
        uploads.pop();
        assert!(memory.reserve_for_staff().try_grow(LARGE));
        drop(uploads);
        assert_eq!(memory.usage().staff_bytes, 0);
    }
}
