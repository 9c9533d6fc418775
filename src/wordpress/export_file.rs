//! The file of an export: XML with a folder of pictures beside it, or a zip of both.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, Write};
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use zip::ZipArchive;

use crate::wordpress::picture_files::PictureFiles;
use crate::wordpress::work_folder::{WorkFolder, disk_error};
use crate::wordpress::wxr::WxrError;
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
    /// Opens a file. Pictures are looked for in `pictures`, or else in the uploads folder beside the file.
    ///
    /// A zip is unpacked into the folder of the import.
    pub fn open(path: &Path, pictures: Option<&Path>, folder: &WorkFolder) -> Result<Self> {
        let shown = path.display();
        let mut file = File::open(path).with_context(|| format!("cannot read {shown}"))?;
        ensure!(file.metadata()?.is_file(), "cannot read {shown}: it is not a file");
        if is_zip(&mut file).with_context(|| format!("cannot read {shown}"))? {
            ensure!(pictures.is_none(), "a zip contains its pictures: use it without a folder");
            return Self::from_zip(file, folder);
        }
        let beside = path.parent().unwrap_or(Path::new("."));
        let default = || PICTURE_FOLDERS.iter().map(|name| beside.join(name)).find(|folder| folder.is_dir());
        let pictures = match pictures.map(Path::to_path_buf).or_else(default) {
            Some(folder) => PictureFiles::in_folder(&folder)?,
            None => PictureFiles::none(),
        };
        let len = file.metadata()?.len();
        ensure!(len <= MAX_XML_BYTES, "The file is larger than {} MB.", MAX_XML_BYTES / 1024 / 1024);
        Self::from_xml(file, len, pictures)
    }

    fn from_zip(file: File, folder: &WorkFolder) -> Result<Self> {
        let mut zip = ZipArchive::new(file).context("The zip is damaged.")?;
        let is_export = |name: &str| {
            let path = Path::new(name);
            path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("xml"))
                && !name.starts_with("__MACOSX")
        };
        let names = zip.file_names().filter_map(Result::ok).map(Cow::into_owned);
        let exports: Vec<String> = names.filter(|name| is_export(name)).collect();
        let [name] = exports.as_slice() else {
            bail!("The zip must contain one XML file, but it contains {}.", exports.len());
        };
        let mut packed = zip.by_name(name).context("The zip is damaged.")?;
        folder.ensure_free(packed.size().min(MAX_XML_BYTES))?;
        // Unpacked once, because the file is read twice.
        let mut xml = folder.create_file("xml")?;
        let (mut buffer, mut len) = (vec![0; 64 * 1024], 0);
        loop {
            let count = packed.read(&mut buffer).context("The zip is damaged.")?;
            if count == 0 {
                break;
            }
            len += u64::try_from(count)?;
            ensure!(len <= MAX_XML_BYTES, "The file in the zip is larger than {} MB.", MAX_XML_BYTES / 1024 / 1024);
            xml.write_all(&buffer[..count]).map_err(|error| disk_error(error, "cannot write a file of the import"))?;
        }
        drop(packed);
        Self::from_xml(xml, len, PictureFiles::in_zip(zip))
    }

    fn from_xml(mut xml: File, len: u64, pictures: PictureFiles) -> Result<Self> {
        xml.rewind()?;
        let mut start = vec![];
        Read::by_ref(&mut xml).take(2).read_to_end(&mut start)?;
        // A program on Windows has changed the encoding. WordPress cannot do that.
        if matches!(start.as_slice(), [0xFF, 0xFE] | [0xFE, 0xFF] | [b'<', 0] | [0, b'<']) {
            return Err(WxrError::Encoding("UTF-16".to_owned()).into());
        }
        Ok(Self { xml, len, pictures })
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
