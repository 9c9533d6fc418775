//! The database: whole, of this version, filled, and what it says of staff and letters.

use anyhow::Result;
use jiff::SignedDuration;
use sqlx::{Connection, SqliteConnection};

use crate::backups::{self, Standing};
use crate::db::{self, InUse, Schema};
use crate::doctor::{Finding, Patient, store, unreadable};
use crate::draws::{self, UpTo};
use crate::web::plural;
use crate::{inquiries, mail, staff};

/// A log of writes that has grown past this is held open by somebody who reads without end.
const LONG_LOG: u64 = 64_000_000;
/// Clocks of two machines may differ by so much.
const TOLERANCE: SignedDuration = SignedDuration::from_mins(5);
const ROUNDS: i64 = 448;
const OCCUPATIONS: i64 = 516;

/// Looks through it; a whole one takes its time.
pub async fn check(patient: &Patient) -> Vec<Finding> {
    let database = &patient.place.database;
    if let Err(error) = db::refuse_half_restored(database) {
        return vec![Finding::fail(format!("database: {error}"), "run the restore again before anything else")];
    }
    if let Some(finding) = unreadable("database", database) {
        return vec![finding];
    }
    match backups::standing(&patient.place).await {
        Ok(Standing::Nothing) => {
            let missing = format!("database: there is no site at {}", database.display());
            return vec![Finding::fail(missing, "check DATA_DIR and DATABASE_URL; serve starts a new site")];
        }
        Ok(Standing::Lost(lost)) => {
            return vec![Finding::fail(
                format!("database: {lost}"),
                "restore a backup, or start a new site with serve --new",
            )];
        }
        // What is wrong is found below.
        Ok(Standing::Site) | Err(_) => {}
    }
    let mut findings = vec![if InUse::by_anybody(database) {
        Finding::ok("site: one is at work on this database")
    } else {
        Finding::ok("site: none runs on this database")
    }];
    let looked = async {
        let mut connection = db::open_to_read(&patient.place.database_url).await?;
        look(patient, &mut connection, &mut findings).await?;
        connection.close().await?;
        Ok::<_, anyhow::Error>(())
    };
    if let Err(error) = looked.await {
        findings.push(damaged(format!("{error:#}")));
    }
    findings
}

fn damaged(what: String) -> Finding {
    Finding::fail(
        format!("database: it cannot be read: {what}"),
        "stop the site, keep a copy of DATA_DIR as it is, and restore the newest backup with --force",
    )
}

async fn look(patient: &Patient, db: &mut SqliteConnection, findings: &mut Vec<Finding>) -> Result<()> {
    let version = store::sqlite_version(&mut *db).await?;
    match db::damage(db).await?.first() {
        None => findings.push(Finding::ok(format!("database: whole, read with SQLite {version}"))),
        Some(first) => {
            findings.push(damaged(first.clone()));
            return Ok(());
        }
    }
    let log = db::beside(&patient.place.database, "-wal").metadata().map(|about| about.len()).unwrap_or_default();
    if log > LONG_LOG {
        findings.push(Finding::warn(
            format!("database: its log of writes has grown to {} MB", log / 1_000_000),
            "look for another program that reads it without end; a restart of the site empties it",
        ));
    }
    let schema = Schema::of(db).await?;
    match &schema {
        Schema::Current(version) => findings.push(Finding::ok(format!("database: its tables are version {version}"))),
        Schema::Behind(version, missing) => {
            let missing = missing.join(", ");
            findings.push(Finding::warn(
                format!("database: its tables are version {version}, and lack {missing}"),
                "make a backup; the next start brings them up to date",
            ));
            return Ok(());
        }
        Schema::None => {
            findings.push(Finding::warn("database: it is empty", "the first start fills it"));
            return Ok(());
        }
        Schema::Newer(_) | Schema::Changed(_) => {
            let refusal = schema.refusal().unwrap_or_default();
            findings.push(Finding::fail(format!("database: {refusal}"), "do not start this program on it"));
            return Ok(());
        }
    }
    if let Some(strange) = db::strange(db).await? {
        findings.push(Finding::fail(
            format!("database: it holds {strange}"),
            "remove it, or ask who added it: restore refuses a backup that holds it",
        ));
    }
    contents(patient, db, findings).await
}

/// The age of the record: one without newer draws misleads readers.
fn record_age(up_to: &UpTo) -> Finding {
    let held = format!("facts: the latest draw in the record was held on {}", up_to.day.text);
    if up_to.is_old() {
        Finding::warn(
            format!("{held}, {} ago", up_to.age()),
            "import the government's file, unless there was no draw since",
        )
    } else {
        Finding::ok(held)
    }
}

async fn contents(patient: &Patient, db: &mut SqliteConnection, findings: &mut Vec<Finding>) -> Result<()> {
    if let Some(newest) = store::newest_instant(&mut *db).await?.filter(|newest| *newest > patient.now + TOLERANCE) {
        findings.push(Finding::fail(
            format!("clock: the database holds what happened at {newest}, and it is {} here", patient.now),
            "set the clock of this machine",
        ));
    }
    let (rounds, occupations) = store::reference_facts(&mut *db).await?;
    findings.push(if rounds >= ROUNDS && occupations >= OCCUPATIONS {
        Finding::ok(format!("facts: {rounds} rounds, {occupations} occupations"))
    } else {
        Finding::fail(
            format!("facts: {rounds} rounds of {ROUNDS}, {occupations} occupations of {OCCUPATIONS}"),
            "restore a backup; a database that was never filled is filled by a start",
        )
    });
    findings.extend(draws::up_to(&mut *db, patient.now).await?.as_ref().map(record_age));
    let given = inquiries::noted_references(&patient.place.data_dir);
    let known = inquiries::reference_numbers(&mut *db).await?;
    let is_behind = |year: i64, last: i64| known.iter().all(|(other, known)| *other != year || *known < last);
    if given.iter().any(|(year, last)| *last > 0 && is_behind(*year, *last)) {
        findings.push(Finding::warn(
            "references: more were given out than the database knows, as after an older backup was put back",
            "nothing needs to be done: the next start leaves a gap, so that none is given out twice",
        ));
    }
    let indexes = store::indexes(&mut *db).await?;
    match indexes.iter().find(|index| index.entries != index.things) {
        None => findings.push(Finding::ok("search: its indexes hold what is to be found")),
        Some(index) => findings.push(Finding::fail(
            format!("search: the index of {} holds {} of {}", index.name, index.entries, index.things),
            "restore a backup, or tell whoever keeps the program",
        )),
    }
    let standing = mail::standing(&mut *db).await?;
    match standing.alarm(patient.now) {
        None => findings.push(Finding::ok(format!("letters: {}", plural(standing.waiting, "waits", "wait")))),
        Some(alarm) => findings.push(Finding::warn(
            format!("letters: {}", alarm.trim_end_matches('.')),
            "look at /admin/mail, then try doctor --mail ADDRESS, then mail retry",
        )),
    }
    let (anyone, admins) = (staff::anyone(&mut *db).await?, staff::count_admins(&mut *db).await?);
    findings.push(match (anyone, admins) {
        (false, _) => {
            Finding::warn("staff: nobody can sign in yet", "open the address that the site prints when it starts")
        }
        (true, 0) => Finding::fail("staff: no admin can sign in", "staff reset-password, or staff add … --role admin"),
        (true, admins) => Finding::ok(format!("staff: {} can sign in", plural(admins, "admin", "admins"))),
    });
    Ok(())
}
