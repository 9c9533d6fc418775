//! The process that decodes the pixels of one AVIF picture.
//!
//! The program starts itself with a command of its own. The file goes to the standard input. The standard output is the
//! numbers of the colour primaries and the transfer function (ITU-T H.273), one byte each, and then the pixels, row by
//! row, with 8 bits per channel.

use std::io::{BufWriter, Read, Write};
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};

use rlimit::Resource;

use crate::media::avif::container::AvifFile;
use crate::media::avif::tiles;
use crate::media::format::PictureError;
use crate::web::UploadedFiles;

/// First argument of the process. Not listed in the help.
pub const DECODER_COMMAND: &str = "decode-avif";

/// Exit code if the file is valid but of a kind that is not read.
const UNSUPPORTED: u8 = 3;
/// Address space of the process in bytes. A picture of 40 megapixels needs a third of it.
const MAX_MEMORY: u64 = 600 * 1024 * 1024;
/// Processor time in seconds. Decoding 40 megapixels takes about ten.
const MAX_SECONDS: u64 = 60;

/// What the process returns.
pub struct DecodedPixels {
    pub primaries: u8,
    pub transfer: u8,
    /// Three bytes per pixel; four if the picture has transparency.
    pub pixels: Vec<u8>,
}

/// Starts the process and waits for its result.
pub fn run(program: &Path, content: &[u8], file: &AvifFile) -> Result<DecodedPixels, PictureError> {
    // The environment contains passwords.
    let command = Command::new(program)
        .arg(DECODER_COMMAND)
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn();
    let mut process = command.map_err(|error| {
        tracing::error!("cannot start {} to decode a picture: {error}", program.display());
        PictureError::NoDecoder
    })?;
    // The process reads all of its input before it writes. If it ends early, its exit code tells why.
    drop(process.stdin.take().map(|mut input| input.write_all(content)));
    let expected = output_len(file);
    let mut output = vec![];
    if let Some(pipe) = process.stdout.take() {
        // One byte more than expected, to notice that there are too many. Closing the pipe ends the process.
        let limit = u64::try_from(expected).unwrap_or(u64::MAX).saturating_add(1);
        output.reserve_exact(expected);
        drop(pipe.take(limit).read_to_end(&mut output));
    }
    let status = process.wait().map_err(|error| {
        tracing::error!("cannot wait for the process that decodes a picture: {error}");
        PictureError::NoDecoder
    })?;
    match status.code() {
        Some(0) if output.len() == expected => {}
        Some(code) if code == i32::from(UNSUPPORTED) => return Err(PictureError::UnsupportedAvif),
        _ => {
            tracing::debug!("the process that decodes a picture ended with {status} after {} bytes", output.len());
            return Err(PictureError::Damaged);
        }
    }
    let pixels = output.split_off(2);
    let [primaries, transfer] = output.first_chunk().copied().ok_or(PictureError::Damaged)?;
    Ok(DecodedPixels { primaries, transfer, pixels })
}

/// Length of the output in bytes.
fn output_len(file: &AvifFile) -> usize {
    let channels = if file.alpha.is_some() { 4 } else { 3 };
    let bytes = u64::from(file.crop.width) * u64::from(file.crop.height) * channels;
    // At most 160 MB, because the size was checked.
    2 + usize::try_from(bytes).unwrap_or(usize::MAX - 3)
}

/// The process itself: decodes the picture on the standard input.
pub fn decode_standard_input() -> ExitCode {
    let done = limit_process().map_err(|_| PictureError::NoDecoder).and_then(|()| {
        let mut content = vec![];
        let limit = u64::try_from(UploadedFiles::MAX_FILE_BYTES).unwrap_or(u64::MAX);
        std::io::stdin().lock().take(limit).read_to_end(&mut content).map_err(|_| PictureError::Damaged)?;
        let mut output = BufWriter::with_capacity(1 << 16, std::io::stdout().lock());
        tiles::decode(&AvifFile::parse(&content)?, &mut output)?;
        output.flush().map_err(|_| PictureError::Damaged)
    });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(PictureError::UnsupportedAvif) => UNSUPPORTED.into(),
        Err(_) => ExitCode::FAILURE,
    }
}

/// Limits memory and time. The process can open neither files nor connections, nor write to open files.
fn limit_process() -> std::io::Result<()> {
    for (resource, limit) in [
        (Resource::AS, MAX_MEMORY),
        (Resource::CPU, MAX_SECONDS),
        (Resource::CORE, 0),
        (Resource::FSIZE, 0),
        (Resource::NOFILE, 0),
    ] {
        rlimit::setrlimit(resource, limit, limit)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: &[u8] = include_bytes!("../../../tests/data/avif/plain.avif");

    fn run_program(program: &str) -> Option<PictureError> {
        run(Path::new(program), SMALL, &AvifFile::parse(SMALL).unwrap()).err()
    }

    #[test]
    fn process_that_fails_is_reported() {
        // No output, an error without output, too much output, no such program.
        for (program, expected) in [
            ("/bin/true", PictureError::Damaged),
            ("/bin/false", PictureError::Damaged),
            ("/usr/bin/yes", PictureError::Damaged),
            ("/nothing/is/here", PictureError::NoDecoder),
        ] {
            assert_eq!(run_program(program), Some(expected), "{program}");
        }
    }
}
