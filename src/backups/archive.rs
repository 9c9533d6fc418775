//! The archive format of a backup: tar with gzip, streamed in both directions.

use std::collections::BTreeSet;
use std::fs::{File, OpenOptions};
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use rustix::fs::OFlags;
use sha2::{Digest, Sha256};
use tokio_util::sync::CancellationToken;

use crate::backups::data_layout::{BackupEntry, is_valid_entry_name};
use crate::backups::manifest::{self, Manifest, Member};
use crate::http::hex;
use crate::secure_fs;

const NOT_A_BACKUP: &str = "it is not a backup of this site, or it is damaged or incomplete";
/// More than the manifest of any site needs; protects against archives made to fill the memory.
const MAX_MANIFEST_BYTES: u64 = 256 * 1024 * 1024;

/// Writes `files` and the manifest into `target` and syncs it to disk.
///
/// Sizes and digests are added to the manifest while writing. A file deleted in the meantime is left out: it was erased.
pub fn write(target: &Path, files: &[BackupEntry], manifest: &mut Manifest, stop: &CancellationToken) -> Result<()> {
    let out = BufWriter::with_capacity(1 << 16, secure_fs::create_new_file(target)?);
    let mut archive = tar::Builder::new(GzEncoder::new(out, Compression::default()));
    for kept in files {
        // A file replaced by a symbolic link after listing must not be followed.
        let no_link = i32::try_from(OFlags::NOFOLLOW.bits()).unwrap_or_default();
        let file = match OpenOptions::new().read(true).custom_flags(no_link).open(&kept.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            opened => opened.with_context(|| format!("cannot read {}", kept.path.display()))?,
        };
        let size = file.metadata()?.len();
        let mut measured = HashingReader::new(file.take(size), Some(stop));
        append(&mut archive, &kept.name, size, manifest.made_at.as_second(), &mut measured)
            .with_context(|| format!("cannot write {} into {}", kept.name, target.display()))?;
        ensure!(measured.size == size, "{} changed while it was being copied", kept.path.display());
        manifest.files.push(measured.member(&kept.name));
    }
    let text = manifest.to_json()?;
    let written = append(&mut archive, manifest::NAME, text.len() as u64, manifest.made_at.as_second(), &mut &text[..])
        .and_then(|()| archive.into_inner()?.finish()?.into_inner().map_err(io::Error::from)?.sync_all());
    written.with_context(|| format!("cannot write {}", target.display()))
}

fn append<W: Write>(
    archive: &mut tar::Builder<W>,
    name: &str,
    size: u64,
    at: i64,
    content: &mut impl Read,
) -> io::Result<()> {
    let mut header = tar::Header::new_gnu();
    header.set_size(size);
    header.set_mode(0o600);
    header.set_mtime(u64::try_from(at).unwrap_or_default());
    archive.append_data(&mut header, name, content)
}

/// Reads a whole backup and checks every file against the manifest. With `into`, extracts the files there.
pub fn read_archive(backup: &Path, into: Option<&Path>) -> Result<Manifest> {
    let file = File::open(backup).with_context(|| format!("cannot open {}", backup.display()))?;
    read_entries(file, into).with_context(|| format!("{} cannot be used", backup.display()))
}

fn read_entries(file: File, into: Option<&Path>) -> Result<Manifest> {
    let mut archive = tar::Archive::new(GzDecoder::new(BufReader::with_capacity(1 << 16, file)));
    let (mut found, mut names, mut manifest) = (vec![], BTreeSet::new(), None);
    for entry in archive.entries().map_err(not_a_backup)? {
        let mut entry = entry.map_err(not_a_backup)?;
        let name = std::str::from_utf8(&entry.path_bytes()).map_err(not_a_backup)?.to_owned();
        ensure!(manifest.is_none(), "it has entries after its manifest");
        ensure!(entry.header().entry_type().is_file(), "it contains “{name}”, which is not a file");
        if name == manifest::NAME {
            let mut text = vec![];
            entry.by_ref().take(MAX_MANIFEST_BYTES).read_to_end(&mut text).map_err(not_a_backup)?;
            manifest = Some(Manifest::from_json(&text)?);
            continue;
        }
        ensure!(is_valid_entry_name(&name), "it contains “{name}”, which does not belong in a backup");
        ensure!(names.insert(name.clone()), "it contains “{name}” twice");
        let mut measured = HashingReader::new(&mut entry, None);
        match into {
            None => drop(io::copy(&mut measured, &mut io::sink()).map_err(not_a_backup)?),
            Some(directory) => extract(&mut measured, &directory.join(&name))?,
        };
        found.push(measured.member(&name));
    }
    let Some(manifest) = manifest else { bail!("{NOT_A_BACKUP}") };
    // Read to the end: the checksum of the gzip stream comes last.
    io::copy(&mut archive.into_inner(), &mut io::sink()).map_err(not_a_backup)?;
    for said in &manifest.files {
        ensure!(names.contains(&said.name), "“{}” is missing from it", said.name);
    }
    if let Some(odd) = found.iter().zip(&manifest.files).find_map(|(file, said)| (file != said).then_some(file)) {
        bail!("“{}” in it has changed since the backup was made", odd.name);
    }
    ensure!(found.len() == manifest.files.len(), "it contains files that its manifest does not list");
    Ok(manifest)
}

/// Drops the cause, which would repeat the raw bytes of a damaged header.
fn not_a_backup<E>(_: E) -> anyhow::Error {
    anyhow::anyhow!(NOT_A_BACKUP)
}

fn extract(content: &mut impl Read, target: &Path) -> Result<()> {
    let unwritten = || format!("cannot write {}", target.display());
    if let Some(directory) = target.parent() {
        secure_fs::create_dir(directory)?;
    }
    let mut file = secure_fs::create_new_file(target)?;
    let mut piece = vec![0; 1 << 16];
    loop {
        let count = content.read(&mut piece).map_err(not_a_backup)?;
        if count == 0 {
            break;
        }
        file.write_all(&piece[..count]).with_context(unwritten)?;
    }
    file.sync_all().with_context(unwritten)
}

/// Reader that counts and hashes its input and fails once `stop` is cancelled.
struct HashingReader<'a, R> {
    inner: R,
    size: u64,
    digest: Sha256,
    stop: Option<&'a CancellationToken>,
}

impl<'a, R> HashingReader<'a, R> {
    fn new(inner: R, stop: Option<&'a CancellationToken>) -> Self {
        Self { inner, size: 0, digest: Sha256::new(), stop }
    }

    fn member(self, name: &str) -> Member {
        Member { name: name.to_owned(), size: self.size, sha256: hex(&self.digest.finalize()) }
    }
}

impl<R: Read> Read for HashingReader<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.stop.is_some_and(|stop| stop.is_cancelled()) {
            return Err(io::Error::other("the site is stopping"));
        }
        let count = self.inner.read(buffer)?;
        self.digest.update(&buffer[..count]);
        self.size += count as u64;
        Ok(count)
    }
}
