//! Limits on automatic replies: anyone can enter another person's address in a form.

use std::collections::HashMap;

use jiff::SignedDuration;

use crate::mail::address::mailbox_key;
use crate::mail::{Purpose, QueuedEmail};

/// Limit per mailbox within [`MAILBOX_WINDOW`].
pub const MAX_PER_MAILBOX: i64 = 3;
pub const MAILBOX_WINDOW: SignedDuration = SignedDuration::from_hours(24);
/// Limit per network within [`NETWORK_WINDOW`]. Many people share the network of a mobile carrier: above the limit, only
/// the e-mail is left out.
pub const MAX_PER_NETWORK: i64 = 20;
pub const NETWORK_WINDOW: SignedDuration = SignedDuration::from_hours(1);

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AutoReplyKey {
    pub mailbox: String,
    /// Keyed hash of the visitor's network; empty if it is not counted.
    pub network_hash: String,
}

impl AutoReplyKey {
    /// `None` for other e-mails, which are not limited.
    pub fn of(email: &QueuedEmail) -> Option<Self> {
        let message = &email.email;
        (message.purpose == Purpose::AutoReply)
            .then(|| Self { mailbox: mailbox_key(&message.recipient), network_hash: message.network_hash.clone() })
    }
}

/// Numbers of automatic replies queued within the windows.
#[derive(Clone, Copy, Debug, Default, sqlx::FromRow)]
pub struct RecentReplies {
    pub to_mailbox: i64,
    pub from_network: i64,
}

/// Returns which of several automatic replies may be queued, counting those before each.
pub fn allowed(replies: &[AutoReplyKey], before: &[RecentReplies]) -> Vec<bool> {
    let (mut mailboxes, mut networks) = (HashMap::new(), HashMap::new());
    replies
        .iter()
        .zip(before)
        .map(|(reply, before)| {
            let to_mailbox: &mut i64 = mailboxes.entry(reply.mailbox.as_str()).or_insert(before.to_mailbox);
            let from_network: &mut i64 = networks.entry(reply.network_hash.as_str()).or_insert(before.from_network);
            let is_counted = !reply.network_hash.is_empty();
            if *to_mailbox >= MAX_PER_MAILBOX || (is_counted && *from_network >= MAX_PER_NETWORK) {
                return false;
            }
            *to_mailbox += 1;
            *from_network += 1;
            true
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(mailbox: &str, network_hash: &str) -> AutoReplyKey {
        AutoReplyKey { mailbox: mailbox.into(), network_hash: network_hash.into() }
    }

    #[test]
    fn automatic_replies_are_limited_per_mailbox_and_per_network() {
        let same: Vec<AutoReplyKey> = (0..5).map(|_| reply("a@x", "")).collect();
        let before = vec![RecentReplies { to_mailbox: 1, from_network: 0 }; 5];
        assert_eq!(allowed(&same, &before), [true, true, false, false, false]);
        let others: Vec<AutoReplyKey> = (0..30).map(|n| reply(&format!("{n}@x"), "net")).collect();
        let before = vec![RecentReplies { to_mailbox: 0, from_network: 15 }; 30];
        assert_eq!(allowed(&others, &before).iter().filter(|allowed| **allowed).count(), 5);
        let own: Vec<AutoReplyKey> = (0..30).map(|n| reply(&format!("{n}@x"), "")).collect();
        assert!(allowed(&own, &[RecentReplies::default(); 30]).into_iter().all(|allowed| allowed));
    }
}
