//! Checks of the database: integrity, version, reference data, e-mails and accounts.

use anyhow::Result;
use jiff::SignedDuration;
use sqlx::{Connection, SqliteConnection};

use crate::backups::{self, SiteState};
use crate::db::{self, ProcessLock, Schema};
use crate::doctor::context::unreadable;
use crate::doctor::{DoctorContext, Finding, store};
use crate::draws::{self, RecordAge};
use crate::web::plural;
use crate::{inquiries, mail, staff};

/// A larger write-ahead log means that a reader keeps it from being truncated.
const LARGE_WAL_BYTES: u64 = 64_000_000;
/// Tolerated difference between two clocks.
const CLOCK_TOLERANCE: SignedDuration = SignedDuration::from_mins(5);
const MIN_DRAWS: i64 = 448;
const MIN_OCCUPATIONS: i64 = 516;

/// Checks the whole database. Reading it may take minutes.
pub async fn check(context: &DoctorContext) -> Vec<Finding> {
    let database = &context.layout.database;
    if let Err(error) = db::ensure_no_restore_pending(database) {
        return vec![Finding::fail(format!("database: {error}"), "run the restore again before anything else")];
    }
    if let Some(finding) = unreadable("database", database) {
        return vec![finding];
    }
    match backups::site_state(&context.layout).await {
        Ok(SiteState::Empty) => {
            let missing = format!("database: no site at {}", database.display());
            return vec![Finding::fail(missing, "check DATA_DIR and DATABASE_URL; serve starts a new site")];
        }
        Ok(SiteState::DatabaseMissing(lost)) => {
            return vec![Finding::fail(
                format!("database: {lost}"),
                "restore a backup, or start a new site with serve --new",
            )];
        }
        // Errors are reported below.
        Ok(SiteState::Present) | Err(_) => {}
    }
    let mut findings = vec![if ProcessLock::is_held(database) {
        Finding::ok("site: running on this database")
    } else {
        Finding::ok("site: not running on this database")
    }];
    let inspected = async {
        let mut connection = db::open_read_only(&context.layout.database_url).await?;
        inspect(context, &mut connection, &mut findings).await?;
        connection.close().await?;
        Ok::<_, anyhow::Error>(())
    };
    if let Err(error) = inspected.await {
        findings.push(damaged(format!("{error:#}")));
    }
    findings
}

fn damaged(what: String) -> Finding {
    Finding::fail(
        format!("database: unreadable: {what}"),
        "stop the site, copy DATA_DIR to a safe place, and restore the newest backup with --force",
    )
}

async fn inspect(context: &DoctorContext, db: &mut SqliteConnection, findings: &mut Vec<Finding>) -> Result<()> {
    let version = store::sqlite_version(&mut *db).await?;
    match db::integrity_errors(db).await?.first() {
        None => findings.push(Finding::ok(format!("database: intact (SQLite {version})"))),
        Some(first) => {
            findings.push(damaged(first.clone()));
            return Ok(());
        }
    }
    let log =
        db::sibling_path(&context.layout.database, "-wal").metadata().map(|about| about.len()).unwrap_or_default();
    if log > LARGE_WAL_BYTES {
        findings.push(Finding::warn(
            format!("database: the write-ahead log has grown to {} MB", log / 1_000_000),
            "look for another program that keeps the database open for reading; a restart of the site truncates the log",
        ));
    }
    let schema = Schema::of(db).await?;
    match &schema {
        Schema::Current(version) => findings.push(Finding::ok(format!("database: schema version {version}"))),
        Schema::Behind(version, missing) => {
            let missing = missing.join(", ");
            findings.push(Finding::warn(
                format!("database: schema version {version}, without {missing}"),
                "make a backup; the next start migrates the database",
            ));
            return Ok(());
        }
        Schema::None => {
            findings.push(Finding::warn("database: empty", "the first start fills it"));
            return Ok(());
        }
        Schema::Newer(_) | Schema::Changed(_) => {
            let refusal = schema.incompatibility().unwrap_or_default();
            findings.push(Finding::fail(
                format!("database: {refusal}"),
                "install the version of the program that matches the database",
            ));
            return Ok(());
        }
    }
    if let Some(strange) = db::find_schema_difference(db).await? {
        findings.push(Finding::fail(
            format!("database: it contains {strange}"),
            "remove it, or ask who added it: restore refuses a backup that contains it",
        ));
    }
    inspect_contents(context, db, findings).await
}

fn record_age(age: &RecordAge) -> Finding {
    let held = format!("reference data: the latest draw is of {}", age.latest_draw.text);
    if age.is_stale() {
        Finding::warn(
            format!("{held}, {} ago", age.days_text()),
            "import the government's file, unless there has been no draw since",
        )
    } else {
        Finding::ok(held)
    }
}

async fn inspect_contents(
    context: &DoctorContext,
    db: &mut SqliteConnection,
    findings: &mut Vec<Finding>,
) -> Result<()> {
    if let Some(newest) =
        inquiries::latest_timestamp(&mut *db).await?.filter(|newest| *newest > context.now + CLOCK_TOLERANCE)
    {
        findings.push(Finding::fail(
            format!("clock: the database contains records of {newest}, but the time here is {}", context.now),
            "set the clock of this machine",
        ));
    }
    let (draw_count, occupations) = store::reference_counts(&mut *db).await?;
    findings.push(if draw_count >= MIN_DRAWS && occupations >= MIN_OCCUPATIONS {
        Finding::ok(format!("reference data: {draw_count} draws, {occupations} occupations"))
    } else {
        Finding::fail(
            format!(
                "reference data: {draw_count} of {MIN_DRAWS} draws, {occupations} of {MIN_OCCUPATIONS} occupations"
            ),
            "restore a backup",
        )
    });
    findings.extend(draws::record_age(&mut *db, context.now).await?.as_ref().map(record_age));
    let given = inquiries::read_reference_journal(&context.layout.data_dir);
    let known = inquiries::reference_counters(&mut *db).await?;
    let is_behind = |year: i64, last: i64| known.iter().all(|(other, known)| *other != year || *known < last);
    if given.iter().any(|(year, last)| *last > 0 && is_behind(*year, *last)) {
        findings.push(Finding::warn(
            "references: more have been issued than the database knows, as after the restore of an older backup",
            "no action is needed: the next start leaves a gap, so that no reference is used twice",
        ));
    }
    let indexes = store::indexes(&mut *db).await?;
    match indexes.iter().find(|index| index.entries != index.things) {
        None => findings.push(Finding::ok("search: indexes are complete")),
        Some(index) => findings.push(Finding::fail(
            format!("search: the index of {} has {} of {} entries", index.name, index.entries, index.things),
            "restore a backup, or report it to the developers",
        )),
    }
    let status = mail::outbox_status(&mut *db).await?;
    match status.alert_text(context.now) {
        None => findings.push(Finding::ok(format!("e-mails: {} queued", status.waiting))),
        Some(alarm) => findings.push(Finding::warn(
            format!("e-mails: {}", alarm.trim_end_matches('.')),
            "open /admin/mail, then try doctor --mail ADDRESS, then mail retry",
        )),
    }
    let (anyone, admins) = (staff::has_any(&mut *db).await?, staff::count_admins(&mut *db).await?);
    findings.push(match (anyone, admins) {
        (false, _) => Finding::warn("staff: no account yet", "open the set-up link in the log of the site"),
        (true, 0) => {
            Finding::fail("staff: no admin can sign in", "run staff reset-password, or staff add … --role admin")
        }
        (true, admins) => Finding::ok(format!("staff: {} can sign in", plural(admins, "admin", "admins"))),
    });
    Ok(())
}
