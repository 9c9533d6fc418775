//! Files for their owner's eyes alone: made so whatever the umask is, and made so again where they were left open.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result};

/// Makes a directory, with those above it, that only its owner may enter. One that is there already becomes so, unless it
/// belongs to somebody else, as where a machine lends one to a container: what is in it is closed all the same.
pub fn create_dir(path: &Path) -> Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).with_context(|| format!("cannot make the directory {}", path.display()))?;
    if let Err(error) = remove_group_other_bits(path, 0o700) {
        tracing::warn!("{error:#}");
    }
    Ok(())
}

/// Makes an empty file that nobody else may open, unless there is one.
pub fn create_file(path: &Path) -> Result<()> {
    if !path.exists() {
        owner_only_options()
            .write(true)
            .create(true)
            .open(path)
            .with_context(|| format!("cannot make {}", path.display()))?;
    }
    Ok(())
}

/// Closes a file to others, if it is there.
pub fn restrict_permissions(path: &Path) -> Result<()> {
    if path.exists() { remove_group_other_bits(path, 0o600) } else { Ok(()) }
}

/// Writes a file so that it is there whole or not at all, also after a power cut, and nobody else may read it.
pub fn write_atomic(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let partial = path.with_extension("part");
    // What an earlier try left may be open to others.
    if let Err(error) = std::fs::remove_file(&partial)
        && error.kind() != std::io::ErrorKind::NotFound
    {
        return Err(error);
    }
    let mut handle = owner_only_options().write(true).create_new(true).open(&partial)?;
    handle.write_all(bytes)?;
    handle.sync_all()?;
    std::fs::rename(&partial, path)?;
    match path.parent() {
        Some(directory) if cfg!(unix) => File::open(directory)?.sync_all(),
        _ => Ok(()),
    }
}

fn owner_only_options() -> OpenOptions {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// What is open to others is narrowed, and the log says so; an error where it belongs to somebody else.
#[cfg(unix)]
fn remove_group_other_bits(path: &Path, mode: u32) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let shown = path.display();
    let found =
        std::fs::metadata(path).with_context(|| format!("cannot look at {shown}"))?.permissions().mode() & 0o777;
    if found & 0o077 != 0 {
        std::fs::set_permissions(path, PermissionsExt::from_mode(mode))
            .with_context(|| format!("{shown} is open to others ({found:o}) and cannot be closed to them"))?;
        tracing::warn!("{shown} was open to others ({found:o}): now it is for its owner alone ({mode:o})");
    }
    Ok(())
}

#[cfg(not(unix))]
fn remove_group_other_bits(_: &Path, _: u32) -> Result<()> {
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn mode(path: &Path) -> u32 {
        std::fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn permissions_of_existing_files_are_restricted_and_content_is_kept() {
        let dir = tempfile::tempdir().unwrap();
        let (house, name) = (dir.path().join("a/house"), dir.path().join("a/house/file"));
        create_dir(&house).unwrap();
        write_atomic(&name, b"kept").unwrap();
        assert_eq!((mode(&house), mode(&name)), (0o700, 0o600));
        for path in [&house, &name] {
            std::fs::set_permissions(path, PermissionsExt::from_mode(0o777)).unwrap();
        }
        create_dir(&house).unwrap();
        create_file(&name).unwrap();
        restrict_permissions(&name).unwrap();
        assert_eq!((mode(&house), mode(&name)), (0o700, 0o600));
        assert_eq!(std::fs::read(&name).unwrap(), b"kept");
        restrict_permissions(&dir.path().join("nothing")).unwrap();
    }

    #[test]
    fn leftover_partial_file_is_replaced_and_its_permissions_are_not_inherited() {
        let dir = tempfile::tempdir().unwrap();
        let (name, half) = (dir.path().join("letter.eml"), dir.path().join("letter.part"));
        std::fs::write(&half, "half of a very long letter").unwrap();
        std::fs::set_permissions(&half, PermissionsExt::from_mode(0o666)).unwrap();
        write_atomic(&name, b"whole").unwrap();
        assert_eq!((std::fs::read(&name).unwrap(), mode(&name), half.exists()), (b"whole".to_vec(), 0o600, false));
    }
}
