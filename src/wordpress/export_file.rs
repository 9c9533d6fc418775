//! The file of an export: XML with a folder of pictures beside it, or a zip of both.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, Write};
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use zip::ZipArchive;

use crate::wordpress::picture_files::PictureFiles;
use crate::wordpress::wxr_reader::WxrReader;

/// Maximum bytes of the XML in a zip, or of the file.
const MAX_XML_BYTES: u64 = 1024 * 1024 * 1024;
/// Folders beside the file that contain the uploads of WordPress.
const PICTURE_FOLDERS: [&str; 2] = ["wp-content/uploads", "uploads"];

pub struct ExportFile {
    xml: File,
    /// Bytes of the XML.
    pub len: u64,
    pub pictures: PictureFiles,
}

impl ExportFile {
    /// Opens a file. Pictures are looked for in `folder`, or else in the uploads folder beside the file.
    pub fn open(path: &Path, folder: Option<&Path>) -> Result<Self> {
        let shown = path.display();
        let mut file = File::open(path).with_context(|| format!("cannot read {shown}"))?;
        ensure!(file.metadata()?.is_file(), "cannot read {shown}: it is not a file");
        if is_zip(&mut file).with_context(|| format!("cannot read {shown}"))? {
            ensure!(folder.is_none(), "a zip contains its pictures: use it without a folder");
            return Self::from_zip(file);
        }
        let beside = path.parent().unwrap_or(Path::new("."));
        let default = || PICTURE_FOLDERS.iter().map(|name| beside.join(name)).find(|folder| folder.is_dir());
        let pictures = match folder.map(Path::to_path_buf).or_else(default) {
            Some(folder) => PictureFiles::in_folder(&folder)?,
            None => PictureFiles::none(),
        };
        let len = file.metadata()?.len();
        ensure!(len <= MAX_XML_BYTES, "the file is larger than {} MB", MAX_XML_BYTES / 1024 / 1024);
        Ok(Self { xml: file, len, pictures })
    }

    /// Opens an uploaded file.
    pub fn from_bytes(content: &[u8]) -> Result<Self> {
        let mut file = tempfile::tempfile().context("cannot create a temporary file")?;
        file.write_all(content).context("cannot write a temporary file")?;
        file.rewind()?;
        if is_zip(&mut file)? {
            return Self::from_zip(file);
        }
        let len = u64::try_from(content.len())?;
        Ok(Self { xml: file, len, pictures: PictureFiles::none() })
    }

    fn from_zip(file: File) -> Result<Self> {
        let mut zip = ZipArchive::new(file).context("the zip is damaged")?;
        let is_export = |name: &str| {
            let path = Path::new(name);
            path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("xml"))
                && !name.starts_with("__MACOSX")
        };
        let names = zip.file_names().filter_map(Result::ok).map(Cow::into_owned);
        let exports: Vec<String> = names.filter(|name| is_export(name)).collect();
        let [name] = exports.as_slice() else {
            bail!("the zip must contain one XML file, but it contains {}", exports.len());
        };
        // Unpacked once, because the file is read twice. Deleted by the system when it is closed.
        let mut xml = tempfile::tempfile().context("cannot create a temporary file")?;
        let mut packed = zip.by_name(name).context("the zip is damaged")?.take(MAX_XML_BYTES + 1);
        let len = io::copy(&mut packed, &mut xml).context("the zip is damaged")?;
        drop(packed);
        ensure!(len <= MAX_XML_BYTES, "the file in the zip is larger than {} MB", MAX_XML_BYTES / 1024 / 1024);
        Ok(Self { xml, len, pictures: PictureFiles::in_zip(zip) })
    }

    /// Reader of the entries, from the start of the file.
    pub fn entries(&self) -> Result<WxrReader<BufReader<File>>> {
        let mut xml = self.xml.try_clone()?;
        xml.rewind()?;
        Ok(WxrReader::new(BufReader::with_capacity(64 * 1024, xml)))
    }
}

fn is_zip(file: &mut File) -> io::Result<bool> {
    let mut start = vec![];
    Read::by_ref(file).take(4).read_to_end(&mut start)?;
    file.rewind()?;
    Ok(start == b"PK\x03\x04")
}
