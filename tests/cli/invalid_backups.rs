//! Files that are not valid backups are rejected with one sentence and change nothing.

use std::io::{Read, Write};
use std::path::Path;

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};

use crate::backups::{all_files, stdout_of};
use crate::program::Home;
use crate::usage_errors::assert_one_line_error;

type Member = (String, Vec<u8>);

fn members(file: &Path) -> Vec<Member> {
    let mut archive = tar::Archive::new(GzDecoder::new(std::fs::File::open(file).unwrap()));
    let read = |entry: std::io::Result<tar::Entry<'_, _>>| {
        let mut entry: tar::Entry<'_, GzDecoder<std::fs::File>> = entry.unwrap();
        let name = entry.path().unwrap().to_str().unwrap().to_owned();
        let mut content = vec![];
        entry.read_to_end(&mut content).unwrap();
        (name, content)
    };
    archive.entries().unwrap().map(read).collect()
}

/// An archive with arbitrary entry names, which tar programs do not write.
fn pack(file: &Path, members: &[Member], kind: tar::EntryType) {
    let mut out = GzEncoder::new(std::fs::File::create(file).unwrap(), Compression::fast());
    for (name, content) in members {
        let mut header = tar::Header::new_gnu();
        header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_size(content.len() as u64);
        header.set_mode(0o600);
        header.set_entry_type(if name == "odd" { kind } else { tar::EntryType::Regular });
        header.set_cksum();
        out.write_all(header.as_bytes()).unwrap();
        out.write_all(content).unwrap();
        out.write_all(&vec![0; content.len().next_multiple_of(512) - content.len()]).unwrap();
    }
    out.write_all(&[0; 1024]).unwrap();
    out.finish().unwrap();
}

/// Adds an entry and lists it in the manifest.
fn with_extra_member(members: &[Member], name: &str) -> Vec<Member> {
    let content = b"* * * * * root evil".to_vec();
    let sha256: String = Sha256::digest(&content).iter().map(|byte| format!("{byte:02x}")).collect();
    let (mut all, mut manifest) = (members.to_vec(), manifest(members));
    all.pop();
    all.push((name.to_owned(), content.clone()));
    let more = serde_json::json!({ "name": name, "size": content.len(), "sha256": sha256 });
    manifest["files"].as_array_mut().unwrap().push(more);
    all.push(("manifest.json".into(), serde_json::to_vec(&manifest).unwrap()));
    all
}

fn manifest(members: &[Member]) -> serde_json::Value {
    serde_json::from_slice(&members.last().unwrap().1).unwrap()
}

#[test]
fn invalid_backup_is_rejected_and_changes_nothing() {
    let home = Home::with_stopped_site();
    stdout_of(&home.run(&["staff", "add", "a@example.com", "--name", "A", "--role", "admin"], &[]));
    let at = |name: &str| home.dir.path().join(name);
    stdout_of(&home.run(&["backup", "good.tar.gz"], &[]));
    let (good, whole) = (std::fs::read(at("good.tar.gz")).unwrap(), members(&at("good.tar.gz")));
    let before = all_files(&home.data());
    let refused = |what: &str, sentence: &str| {
        for arguments in
            [&["restore", "bad.tar.gz", "--force"][..], &["restore", "bad.tar.gz", "--force", "--data-dir", "new"]]
        {
            let ended = home.run(arguments, &[]);
            assert_one_line_error(&ended, "bad.tar.gz");
            assert!(ended.err.contains(sentence), "{what}: {}", ended.err);
        }
        assert_eq!(all_files(&home.data()), before, "{what}");
        assert!(all_files(&at("new")).is_empty(), "{what}: {:?}", all_files(&at("new")));
        assert!(!at("evil").exists() && !home.dir.path().parent().unwrap().join("evil").exists());
    };
    let bad = at("bad.tar.gz");

    for cut in [0, 1, 20, good.len() / 2, good.len() - 600, good.len() - 9, good.len() - 1] {
        std::fs::write(&bad, &good[..cut]).unwrap();
        refused(&format!("cut after {cut}"), "damaged or incomplete");
    }
    for place in [good.len() / 3, good.len() / 2, good.len() - 30, good.len() - 6] {
        let mut damaged = good.clone();
        damaged[place] ^= 0x10;
        std::fs::write(&bad, damaged).unwrap();
        refused(&format!("changed at {place}"), "cannot be used");
    }
    std::fs::write(&bad, "This is a text, not a backup.").unwrap();
    refused("a text file", "not a backup of this site");
    pack(&bad, &[("readme.txt".into(), b"hello".to_vec())], tar::EntryType::Regular);
    refused("another program's archive", "not a backup of this site");

    for evil in ["../evil", "/tmp/evil-of-ours", "mail/../../evil", "site.db-wal", "site.db-restoring", "backups/evil"]
    {
        pack(&bad, &with_extra_member(&whole, evil), tar::EntryType::Regular);
        refused(evil, "which does not belong in a backup");
    }
    for kind in [tar::EntryType::Symlink, tar::EntryType::Link, tar::EntryType::Fifo, tar::EntryType::Directory] {
        pack(&bad, &with_extra_member(&whole, "odd"), kind);
        refused(&format!("{kind:?}"), "which is not a file");
    }
    pack(&bad, &with_extra_member(&whole, "site.db"), tar::EntryType::Regular);
    refused("the database twice", "twice");
    let mut unlisted = whole.clone();
    unlisted.insert(0, ("media/x".into(), b"x".to_vec()));
    pack(&bad, &unlisted, tar::EntryType::Regular);
    refused("an extra file", "has changed since the backup");
    pack(&bad, &whole[1..], tar::EntryType::Regular);
    refused("a missing file", "“site.db” is missing");
    let mut after_end = whole.clone();
    after_end.push(("media/x".into(), b"x".to_vec()));
    pack(&bad, &after_end, tar::EntryType::Regular);
    refused("a file after the end", "has entries after its manifest");
    let mut newer = (whole.clone(), manifest(&whole));
    newer.1["format"] = 2.into();
    newer.0.last_mut().unwrap().1 = serde_json::to_vec(&newer.1).unwrap();
    pack(&bad, &newer.0, tar::EntryType::Regular);
    refused("a newer format", "newer version");

    // The archive is intact, but the database in it is damaged.
    let mut corrupt = (whole.clone(), manifest(&whole));
    let middle = corrupt.0[0].1.len() / 2;
    corrupt.0[0].1[middle..middle + 20_000].fill(0x55);
    let digest: String = Sha256::digest(&corrupt.0[0].1).iter().map(|byte| format!("{byte:02x}")).collect();
    corrupt.1["files"][0]["sha256"] = digest.into();
    corrupt.0.last_mut().unwrap().1 = serde_json::to_vec(&corrupt.1).unwrap();
    pack(&bad, &corrupt.0, tar::EntryType::Regular);
    refused("a damaged database", "cannot be used");

    pack(&bad, &whole, tar::EntryType::Regular);
    stdout_of(&home.run(&["restore", "bad.tar.gz", "--force"], &[]));
}

/// Content of one entry.
pub fn member(file: &Path, name: &str) -> Vec<u8> {
    members(file).into_iter().find(|(found, _)| found == name).unwrap().1
}

/// Replaces an entry and its digest in the manifest.
pub fn replace_member(file: &Path, name: &str, content: Vec<u8>) {
    let mut all = members(file);
    let mut manifest_json = manifest(&all);
    let sha256: String = Sha256::digest(&content).iter().map(|byte| format!("{byte:02x}")).collect();
    let about = manifest_json["files"].as_array_mut().unwrap().iter_mut().find(|about| about["name"] == name).unwrap();
    (about["sha256"], about["size"]) = (sha256.into(), content.len().into());
    all.iter_mut().find(|(found, _)| found == name).unwrap().1 = content;
    all.last_mut().unwrap().1 = serde_json::to_vec(&manifest_json).unwrap();
    pack(file, &all, tar::EntryType::Regular);
}

/// Changes the database in a backup and its digest in the manifest.
pub async fn run_sql_in_backup(file: &Path, sql: &str) {
    use sqlx::sqlite::SqliteConnectOptions;
    use sqlx::{ConnectOptions, Connection};
    let dir = tempfile::tempdir().unwrap();
    let database = dir.path().join("site.db");
    std::fs::write(&database, member(file, "site.db")).unwrap();
    let mut db = SqliteConnectOptions::new().filename(&database).connect().await.unwrap();
    sqlx::raw_sql(sqlx::AssertSqlSafe(sql.to_owned())).execute(&mut db).await.unwrap();
    db.close().await.unwrap();
    replace_member(file, "site.db", std::fs::read(&database).unwrap());
}

/// Makes a backup look like one of a newer version.
pub async fn mark_as_newer_version(file: &Path) {
    let newer = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) VALUES (9999, 'later', 1, x'00', 0)";
    run_sql_in_backup(file, newer).await;
    let mut all = members(file);
    let mut manifest_json = manifest(&all);
    manifest_json["schema"] = 9999.into();
    all.last_mut().unwrap().1 = serde_json::to_vec(&manifest_json).unwrap();
    pack(file, &all, tar::EntryType::Regular);
}
