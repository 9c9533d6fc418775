//! What is not counted while it happens but looked up when somebody asks, so that it is true whichever process asks.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

/// How things stand at one moment.
#[derive(Debug, Default)]
pub struct Facts {
    /// E-mails by state: `queued`, `sent`, `written` to a file, `failed`.
    pub letters: Vec<(&'static str, i64)>,
    /// For how many seconds the oldest letter has waited that is to go out yet; 0 where none waits.
    pub oldest_letter_seconds: i64,
    /// Inquiries by state, and those in the bin.
    pub inquiries: Vec<(&'static str, i64)>,
    /// Sessions of staff that are open.
    pub sessions: i64,
    /// When the newest of the nightly copies was made, in seconds since 1970; 0 where there is none.
    pub last_backup: i64,
    /// The size of the database, in bytes.
    pub database_bytes: Option<u64>,
    /// The size of its write-ahead log, in bytes.
    pub log_bytes: Option<u64>,
    /// What is free for us on the disk of the database, in bytes.
    pub free_bytes: Option<u64>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct InState {
    state: &'static str,
}

/// The gauges that show [`Facts`].
pub struct FactGauges {
    letters: Family<InState, Gauge>,
    oldest_letter: Gauge,
    inquiries: Family<InState, Gauge>,
    sessions: Gauge,
    last_backup: Gauge,
    database: Gauge,
    log: Gauge,
    free: Gauge,
}

impl FactGauges {
    pub fn in_registry(registry: &mut Registry) -> Self {
        let gauges = Self {
            letters: Family::default(),
            oldest_letter: Gauge::default(),
            inquiries: Family::default(),
            sessions: Gauge::default(),
            last_backup: Gauge::default(),
            database: Gauge::default(),
            log: Gauge::default(),
            free: Gauge::default(),
        };
        registry.register("site_letters", "Letters in the outbox, by state", gauges.letters.clone());
        let help = "For how long the oldest letter has waited that is to go out yet";
        registry.register("site_oldest_waiting_letter_seconds", help, gauges.oldest_letter.clone());
        registry.register("site_inquiries", "Inquiries, by state", gauges.inquiries.clone());
        registry.register("site_sessions", "Sessions of staff that are open", gauges.sessions.clone());
        let help = "When the newest of the nightly copies was made";
        registry.register("site_last_backup_timestamp_seconds", help, gauges.last_backup.clone());
        registry.register("site_database_bytes", "Size of the database", gauges.database.clone());
        registry.register("site_database_log_bytes", "Size of its write-ahead log", gauges.log.clone());
        registry.register("site_disk_free_bytes", "Free on the disk of the database", gauges.free.clone());
        gauges
    }

    pub fn set(&self, facts: &Facts) {
        for (family, figures) in [(&self.letters, &facts.letters), (&self.inquiries, &facts.inquiries)] {
            for (state, count) in figures {
                family.get_or_create(&InState { state }).set(*count);
            }
        }
        self.oldest_letter.set(facts.oldest_letter_seconds);
        self.sessions.set(facts.sessions);
        self.last_backup.set(facts.last_backup);
        for (gauge, bytes) in
            [(&self.database, facts.database_bytes), (&self.log, facts.log_bytes), (&self.free, facts.free_bytes)]
        {
            gauge.set(bytes.and_then(|bytes| i64::try_from(bytes).ok()).unwrap_or(-1));
        }
    }
}
