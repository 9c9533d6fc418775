//! Picture files of an export, in a folder or a zip, found by their old addresses.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use percent_encoding::percent_decode_str;
use zip::ZipArchive;

use crate::web::UploadedFiles;

/// Endings of files that may be pictures. The content decides.
const EXTENSIONS: [&str; 7] = ["jpg", "jpeg", "png", "webp", "gif", "avif", "heic"];
/// Maximum number of files in the folder that are looked at.
const MAX_FILES: usize = 200_000;

pub struct PictureFiles {
    source: Source,
    /// Paths of the files by their names in lower case.
    by_name: HashMap<String, Vec<String>>,
}

enum Source {
    None,
    Folder(PathBuf),
    Zip(Box<ZipArchive<File>>),
}

impl PictureFiles {
    pub fn none() -> Self {
        Self { source: Source::None, by_name: HashMap::new() }
    }

    /// Files in a folder and the folders in it. Links are not followed.
    pub fn in_folder(folder: &Path) -> Result<Self> {
        let (mut open, mut paths, mut seen) = (vec![folder.to_path_buf()], vec![], 0);
        while let Some(next) = open.pop() {
            let entries = std::fs::read_dir(&next).with_context(|| format!("cannot read {}", next.display()))?;
            for entry in entries {
                let entry = entry?;
                let kind = entry.file_type()?;
                seen += 1;
                if seen > MAX_FILES {
                    anyhow::bail!("{} contains more than {MAX_FILES} files", folder.display());
                }
                if kind.is_dir() {
                    open.push(entry.path());
                } else if kind.is_file() {
                    let path = entry.path();
                    paths.extend(path.strip_prefix(folder).ok().and_then(Path::to_str).map(str::to_owned));
                }
            }
        }
        Ok(Self { source: Source::Folder(folder.to_path_buf()), by_name: by_name(paths) })
    }

    pub fn in_zip(zip: ZipArchive<File>) -> Self {
        let by_name = by_name(zip.file_names().filter_map(Result::ok).map(Cow::into_owned));
        Self { source: Source::Zip(Box::new(zip)), by_name }
    }

    /// Path of the file for an address, such as `https://old.example/wp-content/uploads/2023/07/a.jpg`.
    ///
    /// Of several files with the same name, the one in the same folders. `None` if that is not certain.
    pub fn find(&self, address: &str) -> Option<&str> {
        let path = address.split(['?', '#']).next()?;
        let path = percent_decode_str(path).decode_utf8().ok()?.to_lowercase();
        let candidates = self.by_name.get(path.rsplit('/').next()?)?;
        let common = |candidate: &str| {
            let candidate = candidate.to_lowercase();
            candidate.rsplit('/').zip(path.rsplit('/')).take_while(|(one, other)| one == other).count()
        };
        let best = candidates.iter().map(|candidate| common(candidate)).max()?;
        let mut found = candidates.iter().filter(|candidate| common(candidate) == best);
        let first = found.next()?;
        found.next().is_none().then_some(first.as_str())
    }

    /// Content of a file. At most one byte more than the limit of uploads is read.
    pub fn read(&mut self, path: &str) -> Result<Vec<u8>> {
        let mut content = vec![];
        let limit = u64::try_from(UploadedFiles::MAX_FILE_BYTES).unwrap_or(u64::MAX) + 1;
        match &mut self.source {
            Source::None => {}
            Source::Folder(folder) => {
                File::open(folder.join(path))?.take(limit).read_to_end(&mut content)?;
            }
            Source::Zip(zip) => {
                zip.by_name(path)?.take(limit).read_to_end(&mut content)?;
            }
        }
        Ok(content)
    }
}

fn by_name(paths: impl IntoIterator<Item = String>) -> HashMap<String, Vec<String>> {
    let mut by_name: HashMap<String, Vec<String>> = HashMap::new();
    for path in paths {
        let name = path.rsplit('/').next().unwrap_or_default().to_lowercase();
        let is_picture = name.rsplit_once('.').is_some_and(|(_, extension)| EXTENSIONS.contains(&extension));
        if is_picture && !path.starts_with("__MACOSX") {
            by_name.entry(name).or_default().push(path);
        }
    }
    by_name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_is_found_by_name_and_folders() {
        let folder = tempfile::tempdir().unwrap();
        for path in ["2023/07/a.jpg", "2022/07/a.jpg", "2023/07/b c.PNG", "2021/x/d.gif", "2021/y/d.gif", "notes.txt"] {
            std::fs::create_dir_all(folder.path().join(path).parent().unwrap()).unwrap();
            std::fs::write(folder.path().join(path), path).unwrap();
        }
        let mut files = PictureFiles::in_folder(folder.path()).unwrap();
        let uploads = "https://old.example/wp-content/uploads";
        for (address, found) in [
            ("/2022/07/a.jpg", Some("2022/07/a.jpg")),
            ("/2023/07/A.jpg?w=3", Some("2023/07/a.jpg")),
            ("/2020/01/b%20c.png", Some("2023/07/b c.PNG")),
            ("/2021/01/d.gif", None),
            ("/notes.txt", None),
            ("/2023/07/lost.jpg", None),
        ] {
            assert_eq!(files.find(&format!("{uploads}{address}")), found, "{address}");
        }
        assert_eq!(files.read("2022/07/a.jpg").unwrap(), b"2022/07/a.jpg");
    }
}
