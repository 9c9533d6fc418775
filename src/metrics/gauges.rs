//! What is not counted while it happens but looked up when somebody asks, so that it is true whichever process asks.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

/// How things stand at one moment.
#[derive(Debug, Default)]
pub struct Snapshot {
    /// E-mails by state: `queued`, `sent`, `written` to a file, `failed`.
    pub emails: Vec<(&'static str, i64)>,
    /// For how many seconds the oldest letter has waited that is to go out yet; 0 where none waits.
    pub oldest_queued_seconds: i64,
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
struct ByState {
    state: &'static str,
}

/// The gauges that show [`Facts`].
pub struct Gauges {
    emails: Family<ByState, Gauge>,
    oldest_queued: Gauge,
    inquiries: Family<ByState, Gauge>,
    sessions: Gauge,
    last_backup: Gauge,
    database: Gauge,
    log: Gauge,
    free: Gauge,
}

impl Gauges {
    pub fn register(registry: &mut Registry) -> Self {
        let gauges = Self {
            emails: Family::default(),
            oldest_queued: Gauge::default(),
            inquiries: Family::default(),
            sessions: Gauge::default(),
            last_backup: Gauge::default(),
            database: Gauge::default(),
            log: Gauge::default(),
            free: Gauge::default(),
        };
        registry.register("outbox_messages", "Letters in the outbox, by state", gauges.emails.clone());
        let help = "For how long the oldest letter has waited that is to go out yet";
        registry.register("outbox_oldest_queued_seconds", help, gauges.oldest_queued.clone());
        registry.register("site_inquiries", "Inquiries, by state", gauges.inquiries.clone());
        registry.register("site_sessions", "Sessions of staff that are open", gauges.sessions.clone());
        let help = "When the newest of the nightly copies was made";
        registry.register("site_last_backup_timestamp_seconds", help, gauges.last_backup.clone());
        registry.register("db_size_bytes", "Size of the database", gauges.database.clone());
        registry.register("db_wal_size_bytes", "Size of its write-ahead log", gauges.log.clone());
        registry.register("site_disk_free_bytes", "Free on the disk of the database", gauges.free.clone());
        gauges
    }

    pub fn set(&self, snapshot: &Snapshot) {
        for (family, figures) in [(&self.emails, &snapshot.emails), (&self.inquiries, &snapshot.inquiries)] {
            for (state, count) in figures {
                family.get_or_create(&ByState { state }).set(*count);
            }
        }
        self.oldest_queued.set(snapshot.oldest_queued_seconds);
        self.sessions.set(snapshot.sessions);
        self.last_backup.set(snapshot.last_backup);
        for (gauge, bytes) in [
            (&self.database, snapshot.database_bytes),
            (&self.log, snapshot.log_bytes),
            (&self.free, snapshot.free_bytes),
        ] {
            gauge.set(bytes.and_then(|bytes| i64::try_from(bytes).ok()).unwrap_or(-1));
        }
    }
}
