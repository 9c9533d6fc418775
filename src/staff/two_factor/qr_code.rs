//! QR code as one SVG path, drawn by the server so that the page needs no script.

use qrcode::{Color, EcLevel, QrCode};

/// Empty modules around the code that scanners need.
const QUIET_ZONE: usize = 4;

/// Shape of a QR code. One unit is one module.
pub struct QrPath {
    /// `d` attribute of the path.
    pub path: String,
    /// Width and height, with the empty border.
    pub size: usize,
}

impl QrPath {
    pub fn of(text: &str) -> anyhow::Result<Self> {
        let code = QrCode::with_error_correction_level(text, EcLevel::M)?;
        let width = code.width();
        let mut path = String::new();
        for (row, modules) in code.to_colors().chunks(width).enumerate() {
            let mut column = 0;
            for run in modules.chunk_by(|left, right| left == right) {
                if run[0] == Color::Dark {
                    let (x, y, length) = (column + QUIET_ZONE, row + QUIET_ZONE, run.len());
                    path.push_str(&format!("M{x} {y}h{length}v1h-{length}z"));
                }
                column += run.len();
            }
        }
        Ok(Self { path, size: width + 2 * QUIET_ZONE })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_covers_every_dark_module() {
        let qr = QrPath::of("otpauth://totp/x").unwrap();
        let code = QrCode::with_error_correction_level("otpauth://totp/x", EcLevel::M).unwrap();
        let dark = code.to_colors().iter().filter(|color| **color == Color::Dark).count();
        let covered: usize =
            qr.path.split("h-").skip(1).map(|run| run.split('z').next().unwrap().parse::<usize>().unwrap()).sum();
        assert_eq!(covered, dark);
        assert_eq!(qr.size, code.width() + 8);
        assert!(qr.path.starts_with("M4 4h7v1h-7z"), "the finder pattern in the first corner");
    }
}
