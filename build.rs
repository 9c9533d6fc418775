//! Embeds the files of `static/`, named by their content hash and compressed at the best level.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use sha2::{Digest, Sha256};

fn main() {
    println!("cargo:rerun-if-changed=static");
    println!("cargo:rerun-if-changed=migrations");
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("set by cargo"));
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("set by cargo"));
    let mut files: Vec<PathBuf> = fs::read_dir(root.join("static"))
        .expect("static/ exists")
        .map(|entry| entry.expect("a readable directory").path())
        .collect();
    files.sort();
    let assets: String = files.iter().map(|file| asset(file, &out)).collect();
    fs::write(out.join("assets.rs"), format!("&[{assets}]")).expect("a writable build directory");
}

/// One entry of the table in `src/web/assets.rs`.
fn asset(file: &Path, out: &Path) -> String {
    let plain = fs::read(file).expect("a readable file");
    let name = file.file_name().and_then(|name| name.to_str()).expect("a UTF-8 name");
    let (stem, ending) = name.rsplit_once('.').expect("a name with an extension");
    let kind = match ending {
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        other => panic!("no content type for .{other} in build.rs"),
    };
    let hash: String = Sha256::digest(&plain)[..4].iter().map(|byte| format!("{byte:02x}")).collect();
    let forms = [("plain", plain.clone()), ("gzip", gzip(&plain)), ("brotli", brotli(&plain))].map(|(form, bytes)| {
        let path = out.join(format!("{name}.{form}"));
        fs::write(&path, bytes).expect("a writable build directory");
        format!("{form}: include_bytes!({path:?}), ")
    });
    format!(
        "Asset {{ name: {name:?}, public_name: \"{stem}-{hash}.{ending}\", content_type: {kind:?}, {} }},\n",
        forms.concat()
    )
}

fn gzip(plain: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(vec![], flate2::Compression::best());
    encoder.write_all(plain).expect("memory can be written");
    encoder.finish().expect("memory can be written")
}

fn brotli(plain: &[u8]) -> Vec<u8> {
    let mut encoded = vec![];
    brotli::BrotliCompress(&mut &*plain, &mut encoded, &Default::default()).expect("memory can be written");
    encoded
}
