//! Background job that draws missing share cards and deletes those of removed pages.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use anyhow::Result;
use tokio_util::sync::CancellationToken;

use crate::db::Database;
use crate::seo::cards::drawing::draw;
use crate::seo::store;
use crate::site::CachedFirm;
use crate::web::ShareCard;
use crate::{draws, occupations, posts};

/// A new site needs about a thousand cards. A few at a time leave the processor to visitors.
const MAX_CARDS_PER_RUN: usize = 5;

/// Keeps the stored cards up to date.
#[derive(Clone)]
pub struct CardMaker {
    db: Database,
    firm: Arc<CachedFirm>,
    /// Content version for which all cards are stored.
    done: Arc<AtomicI64>,
}

impl CardMaker {
    pub fn new(db: Database, firm: Arc<CachedFirm>) -> Self {
        Self { db, firm, done: Arc::new(AtomicI64::new(-1)) }
    }

    /// Draws the next missing cards, those of posts and new draws first. Does nothing if nothing has changed.
    pub async fn run(&self, stop: &CancellationToken) -> Result<()> {
        let version = self.db.content_version().await?;
        if self.done.load(Ordering::Relaxed) == version {
            return Ok(());
        }
        let firm = self.firm.current().await;
        let stored = store::card_hashes(self.db.read()).await?;
        let cards = self.cards(&firm.tagline).await?;
        let outdated = outdated_keys(&stored, &cards);
        let is_missing = |card: &ShareCard| stored.get(&card.key) != Some(&card.hash(&firm.name));
        let mut missing: Vec<ShareCard> = cards.into_iter().filter(is_missing).collect();
        let is_last = missing.len() <= MAX_CARDS_PER_RUN;
        missing.truncate(MAX_CARDS_PER_RUN);
        if !outdated.is_empty() {
            let mut tx = self.db.begin_write().await?;
            for key in &outdated {
                store::delete_card(&mut tx, key).await?;
            }
            tx.commit().await?;
        }
        for card in missing {
            if stop.is_cancelled() {
                return Ok(());
            }
            let (key, hash) = (card.key.clone(), card.hash(&firm.name));
            let name = firm.name.clone();
            let content = tokio::task::spawn_blocking(move || draw(&card, &name)).await??;
            let mut tx = self.db.begin_write().await?;
            store::save_card(&mut tx, &key, &hash, &content).await?;
            tx.commit().await?;
        }
        if is_last {
            self.done.store(version, Ordering::Relaxed);
        }
        Ok(())
    }

    /// Cards of all pages, the most important first.
    async fn cards(&self, tagline: &str) -> Result<Vec<ShareCard>> {
        let db = self.db.read();
        let mut cards = vec![ShareCard::of_site(tagline)];
        cards.extend(posts::share_cards(db).await?);
        cards.extend(ShareCard::of_tools());
        cards.extend(draws::all(db).await?.iter().map(draws::Draw::share_card));
        cards.extend(occupations::all(db).await?.iter().map(occupations::share_card));
        Ok(cards)
    }
}

/// Keys of stored cards whose pages no longer exist.
fn outdated_keys(stored: &HashMap<String, String>, cards: &[ShareCard]) -> Vec<String> {
    let wanted: HashSet<&str> = cards.iter().map(|card| card.key.as_str()).collect();
    stored.keys().filter(|key| !wanted.contains(key.as_str())).cloned().collect()
}
