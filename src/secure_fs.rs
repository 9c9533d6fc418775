//! Files and directories that only their owner can access, whatever the umask.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// Creates a directory and its parents with mode 0700, or restricts an existing one.
///
/// A directory of another owner, such as a container volume, is left as it is with a warning.
pub fn create_dir(path: &Path) -> Result<()> {
    let created = DirBuilder::new().recursive(true).mode(0o700).create(path);
    created.with_context(|| format!("cannot create the directory {}", path.display()))?;
    if let Err(error) = remove_group_other_bits(path, 0o700) {
        tracing::warn!("{error:#}");
    }
    Ok(())
}

/// Creates an empty file with mode 0600, unless it exists.
pub fn create_file(path: &Path) -> Result<()> {
    if !path.exists() {
        let created = owner_only().create(true).truncate(false).open(path);
        created.with_context(|| format!("cannot create {}", path.display()))?;
    }
    Ok(())
}

/// Creates a file with mode 0600. Fails if it exists.
pub fn create_new_file(path: &Path) -> Result<File> {
    owner_only().create_new(true).open(path).with_context(|| format!("cannot create {}", path.display()))
}

/// Restricts an existing file to its owner.
pub fn restrict_permissions(path: &Path) -> Result<()> {
    if path.exists() { remove_group_other_bits(path, 0o600) } else { Ok(()) }
}

/// Writes a file with mode 0600 atomically: it is complete or absent, even after a power cut.
pub fn write_atomic(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let partial = partial_path(path);
    // A leftover of an earlier attempt may have wider permissions.
    if let Err(error) = std::fs::remove_file(&partial)
        && error.kind() != std::io::ErrorKind::NotFound
    {
        return Err(error);
    }
    let mut handle = owner_only().create_new(true).open(&partial)?;
    handle.write_all(bytes)?;
    handle.sync_all()?;
    std::fs::rename(&partial, path)?;
    sync_parent(path)
}

/// File that [`write_atomic`] writes before it renames it.
pub fn partial_path(path: &Path) -> PathBuf {
    let mut partial = path.as_os_str().to_owned();
    partial.push(".part");
    partial.into()
}

/// Syncs the directory of a file, so that its creation, renaming or removal survives a power cut.
pub fn sync_parent(path: &Path) -> std::io::Result<()> {
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(directory)?.sync_all()
}

/// Options to read and write a file; a new one gets mode 0600.
pub fn owner_only() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true).mode(0o600);
    options
}

/// Removes access of others and logs it. Fails if the file belongs to another user.
fn remove_group_other_bits(path: &Path, mode: u32) -> Result<()> {
    let shown = path.display();
    let found = std::fs::metadata(path)
        .with_context(|| format!("cannot read the permissions of {shown}"))?
        .permissions()
        .mode()
        & 0o777;
    if found & 0o077 != 0 {
        std::fs::set_permissions(path, PermissionsExt::from_mode(mode))
            .with_context(|| format!("{shown} is accessible to other users ({found:o}) and cannot be restricted"))?;
        tracing::warn!("{shown} was accessible to other users ({found:o}); its mode is now {mode:o}");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn mode(path: &Path) -> u32 {
        std::fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn permissions_of_existing_files_are_restricted_and_content_is_kept() {
        let dir = tempfile::tempdir().unwrap();
        let (folder, name) = (dir.path().join("a/folder"), dir.path().join("a/folder/file"));
        create_dir(&folder).unwrap();
        write_atomic(&name, b"kept").unwrap();
        assert_eq!((mode(&folder), mode(&name)), (0o700, 0o600));
        for path in [&folder, &name] {
            std::fs::set_permissions(path, PermissionsExt::from_mode(0o777)).unwrap();
        }
        create_dir(&folder).unwrap();
        create_file(&name).unwrap();
        restrict_permissions(&name).unwrap();
        assert_eq!((mode(&folder), mode(&name)), (0o700, 0o600));
        assert_eq!(std::fs::read(&name).unwrap(), b"kept");
        restrict_permissions(&dir.path().join("nothing")).unwrap();
    }

    #[test]
    fn leftover_partial_file_is_replaced_and_its_permissions_are_not_inherited() {
        let dir = tempfile::tempdir().unwrap();
        let name = dir.path().join("email.eml");
        let partial = partial_path(&name);
        std::fs::write(&partial, "half of a very long e-mail").unwrap();
        std::fs::set_permissions(&partial, PermissionsExt::from_mode(0o666)).unwrap();
        write_atomic(&name, b"whole").unwrap();
        assert_eq!((std::fs::read(&name).unwrap(), mode(&name), partial.exists()), (b"whole".to_vec(), 0o600, false));
    }
}
