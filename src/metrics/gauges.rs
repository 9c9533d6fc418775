//! Gauges read from the database at each scrape, so that they are correct in every process.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

/// Values of one scrape.
#[derive(Debug, Default)]
pub struct Snapshot {
    /// E-mails by state: `queued`, `sent`, `written` (to a file), `failed`.
    pub emails: Vec<(&'static str, i64)>,
    /// Age of the oldest unsent e-mail in seconds; 0 if there is none.
    pub oldest_queued_seconds: i64,
    /// Inquiries by state, and those in the trash.
    pub inquiries: Vec<(&'static str, i64)>,
    /// Active staff sessions.
    pub sessions: i64,
    /// Time of the newest nightly backup, in seconds since 1970; 0 if there is none.
    pub last_backup: i64,
    pub database_bytes: Option<u64>,
    pub log_bytes: Option<u64>,
    pub free_bytes: Option<u64>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ByState {
    state: &'static str,
}

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
        registry.register("outbox_messages", "E-mails in the outbox by state", gauges.emails.clone());
        let help = "Age of the oldest e-mail that is still to be sent";
        registry.register("outbox_oldest_queued_seconds", help, gauges.oldest_queued.clone());
        registry.register("site_inquiries", "Inquiries by state", gauges.inquiries.clone());
        registry.register("site_sessions", "Active staff sessions", gauges.sessions.clone());
        let help = "Time of the newest nightly backup, in seconds since 1970";
        registry.register("site_last_backup_timestamp_seconds", help, gauges.last_backup.clone());
        registry.register("db_size_bytes", "Size of the database file", gauges.database.clone());
        registry.register("db_wal_size_bytes", "Size of the write-ahead log", gauges.log.clone());
        registry.register("site_disk_free_bytes", "Free space on the disk of the database", gauges.free.clone());
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
