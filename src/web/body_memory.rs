//! One ceiling for the memory that all request bodies in progress take together.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use tokio::sync::oneshot;

use crate::web::network_of;

/// Bytes for bodies that visitors are sending.
const FOR_VISITORS: usize = 8 * 1024 * 1024;
/// Bytes for the bodies of one network (IPv4 /24, IPv6 /48).
const FOR_A_NETWORK: usize = FOR_VISITORS / 8;
/// Bytes for bodies that staff are sending: three of the largest files at once.
const FOR_STAFF: usize = 24 * 1024 * 1024;
/// Bytes that a body counts for at least: about what its connection and its request take.
const LEAST: usize = 32 * 1024;

/// A request whose sender is signed in: the guard of the staff pages puts it among the request's extensions.
#[derive(Clone, Copy, Debug)]
pub struct FromStaff;

/// Counts the bytes of all bodies in progress. Clones count together.
///
/// Where there is no room for a visitor's body, the one that has been in progress longest is given up. A form from a
/// browser arrives within moments, so it gets through however many others are held half-sent.
#[derive(Clone, Default)]
pub struct BodyMemory(Arc<Mutex<Used>>);

#[derive(Default)]
struct Used {
    by_visitors: usize,
    by_staff: usize,
    /// In the order of their beginning.
    visitors: BTreeMap<u64, Visitor>,
    next: u64,
}

/// The body of a visitor. It is given up when this is dropped.
struct Visitor {
    bytes: usize,
    /// `None` for this machine and its own network: behind a proxy that is not trusted, everybody seems to come from there.
    network: Option<String>,
    _keeps: oneshot::Sender<Infallible>,
}

/// What one body takes. It is given back when the charge is dropped.
pub(super) struct Charge {
    memory: BodyMemory,
    who: Who,
    bytes: usize,
}

enum Who {
    Staff,
    Visitor { number: u64, kept: oneshot::Receiver<Infallible> },
}

impl BodyMemory {
    pub(super) fn for_staff(&self) -> Charge {
        self.used().by_staff += LEAST;
        Charge { memory: self.clone(), who: Who::Staff, bytes: 0 }
    }

    pub(super) fn for_visitor(&self, from: IpAddr) -> Charge {
        let (keeps, kept) = oneshot::channel();
        let used = &mut *self.used();
        let number = used.next;
        used.next += 1;
        used.visitors.insert(number, Visitor { bytes: 0, network: network_of(from), _keeps: keeps });
        // It takes memory before anything has arrived.
        used.add(number, LEAST);
        Charge { memory: self.clone(), who: Who::Visitor { number, kept }, bytes: 0 }
    }

    fn used(&self) -> MutexGuard<'_, Used> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Used {
    /// Counts more bytes of a visitor's body, and gives others up until there is room; false where it was given up itself.
    fn add(&mut self, number: u64, more: usize) -> bool {
        let Some(visitor) = self.visitors.get_mut(&number) else { return false };
        visitor.bytes += more;
        self.by_visitors += more;
        if let Some(network) = visitor.network.clone() {
            let of_network = |visitor: &Visitor| visitor.network.as_ref() == Some(&network);
            let mut bytes: usize = self.visitors.values().filter(|one| of_network(one)).map(|one| one.bytes).sum();
            while bytes > FOR_A_NETWORK {
                let oldest = self.visitors.iter().find(|(_, one)| of_network(one));
                let Some((oldest, visitor)) = oldest.map(|(number, visitor)| (*number, visitor.bytes)) else { break };
                bytes -= visitor;
                self.give_up(oldest);
            }
        }
        while self.by_visitors > FOR_VISITORS {
            let Some((oldest, _)) = self.visitors.first_key_value() else { break };
            self.give_up(*oldest);
        }
        self.visitors.contains_key(&number)
    }

    fn give_up(&mut self, number: u64) {
        if let Some(visitor) = self.visitors.remove(&number) {
            self.by_visitors -= visitor.bytes;
        }
    }
}

impl Charge {
    /// Counts more bytes of this body; false where there is no memory for them.
    pub fn add(&mut self, more: usize) -> bool {
        let before = self.bytes;
        self.bytes += more;
        let more = self.bytes.max(LEAST) - before.max(LEAST);
        let used = &mut *self.memory.used();
        match &self.who {
            Who::Staff if used.by_staff + more > FOR_STAFF => {
                self.bytes = before;
                false
            }
            Who::Staff => {
                used.by_staff += more;
                true
            }
            Who::Visitor { number, .. } => used.add(*number, more),
        }
    }

    /// Ready once the body was given up for others.
    pub fn poll_given_up(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        match &mut self.who {
            Who::Staff => Poll::Pending,
            Who::Visitor { kept, .. } => Pin::new(kept).poll(cx).map(|_| ()),
        }
    }
}

impl Drop for Charge {
    fn drop(&mut self) {
        let used = &mut *self.memory.used();
        match self.who {
            Who::Staff => used.by_staff -= self.bytes.max(LEAST),
            Who::Visitor { number, .. } => used.give_up(number),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LARGE: usize = 256 * 1024;

    fn from(address: &str, memory: &BodyMemory) -> Charge {
        memory.for_visitor(address.parse().unwrap())
    }

    fn is_given_up(charge: &mut Charge) -> bool {
        charge.poll_given_up(&mut Context::from_waker(std::task::Waker::noop())).is_ready()
    }

    #[test]
    fn one_network_cannot_take_the_memory_of_all() {
        let memory = BodyMemory::default();
        let mut other = from("198.51.100.1", &memory);
        assert!(other.add(LARGE));
        let mut held = vec![];
        for host in 1..=100 {
            let mut newcomer = from(&format!("203.0.113.{host}"), &memory);
            assert!(newcomer.add(LARGE), "each newcomer is let in");
            held.push(newcomer);
        }
        let kept = held.iter_mut().map(is_given_up).filter(|gone| !gone).count();
        assert_eq!(kept, FOR_A_NETWORK / LARGE, "and the oldest of its network are given up");
        assert!(!is_given_up(&mut other), "those of others are not");
        drop((held, other));
        let used = memory.used();
        assert!(used.visitors.is_empty() && used.by_visitors == 0, "all is given back");
    }

    #[test]
    fn a_form_gets_through_however_many_are_held_half_sent() {
        let memory = BodyMemory::default();
        let mut held: Vec<Charge> = (0..2_000).map(|_| from("10.0.0.1", &memory)).collect();
        // Those of which nothing has arrived count for what a connection takes.
        assert_eq!(held.iter_mut().map(is_given_up).filter(|gone| !gone).count(), FOR_VISITORS / LEAST);
        let mut form = from("203.0.113.9", &memory);
        assert!(form.add(4_000) && form.add(4_000) && !is_given_up(&mut form));
        assert!(memory.used().by_visitors <= FOR_VISITORS);
        assert!(!held[0].add(1), "what was given up takes no more");
    }

    #[test]
    fn staff_have_memory_of_their_own() {
        let memory = BodyMemory::default();
        let mut held: Vec<Charge> = (0..2_000).map(|_| from("10.0.0.1", &memory)).collect();
        held.iter_mut().for_each(|charge| {
            charge.add(LARGE);
        });
        let mut imports: Vec<Charge> = (0..3).map(|_| memory.for_staff()).collect();
        assert!(imports.iter_mut().all(|import| import.add(8 * 1024 * 1024)));
        assert!(!memory.for_staff().add(LARGE), "with a ceiling too");
        imports.pop();
        assert!(memory.for_staff().add(LARGE));
        drop(imports);
        assert_eq!(memory.used().by_staff, 0);
    }
}
