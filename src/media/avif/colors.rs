//! Colours of AVIF pictures: conversion to RGB, and colour profiles. Numbers and formulas are those of ITU-T H.273.

use moxcms::{CicpColorPrimaries, CicpProfile, ColorProfile, MatrixCoefficients, TransferCharacteristics};

use crate::media::avif::container::Colors;

/// Transfer functions.
const SRGB: u8 = 13;
const PQ: u8 = 16;

/// Brightness of white in bright pictures (HDR), in nits (ITU-R BT.2408).
const WHITE_NITS: f32 = 203.0;

/// Colour of a pixel: brightness from 0 to 1, differences from -0.5 to 0.5.
pub struct Yuv {
    pub luma: f32,
    /// Blue and red difference; for RGB, blue and red from 0 to 1. `None` for shades of grey.
    pub chroma: Option<(f32, f32)>,
}

/// Converts the colours of one picture to RGB.
pub struct ColorConversion {
    matrix: Matrix,
    /// Values of 8 bits for bright light (HDR), which is compressed to the range of screens.
    tones: Option<Vec<u8>>,
    transfer: u8,
}

enum Matrix {
    /// The planes are green, blue and red.
    Rgb,
    YCgCo,
    /// Weight of red and blue in the brightness.
    Weights(f32, f32),
}

impl ColorConversion {
    /// `None` for colours that are not read.
    pub fn new(colors: Colors) -> Option<Self> {
        let matrix = match (colors.matrix, colors.primaries) {
            (0, _) => Matrix::Rgb,
            (1, _) => Matrix::Weights(0.2126, 0.0722),
            (4, _) => Matrix::Weights(0.30, 0.11),
            (2 | 5 | 6, _) => Matrix::Weights(0.299, 0.114),
            (7, _) => Matrix::Weights(0.212, 0.087),
            (8, _) => Matrix::YCgCo,
            (9, _) | (12, 9) => Matrix::Weights(0.2627, 0.0593),
            (12, 11 | 12) => Matrix::Weights(0.228_974, 0.079_287),
            (12, 5..=7) => Matrix::Weights(0.299, 0.114),
            (12, _) => Matrix::Weights(0.2126, 0.0722),
            _ => return None,
        };
        let tones =
            (colors.transfer == PQ).then(|| (0..=4095_u16).map(|step| tone(f32::from(step) / 4095.0)).collect());
        Some(Self { matrix, tones, transfer: colors.transfer })
    }

    pub fn is_rgb(&self) -> bool {
        matches!(self.matrix, Matrix::Rgb)
    }

    /// Transfer function of the result.
    pub fn transfer(&self) -> u8 {
        if self.tones.is_some() { SRGB } else { self.transfer }
    }

    /// Colour in 8 bits per channel, divided by the transparency if it was multiplied by it.
    pub fn rgb(&self, Yuv { luma, chroma }: Yuv, divisor: f32) -> [u8; 3] {
        let rgb = match (&self.matrix, chroma) {
            (_, None) => [luma; 3],
            (Matrix::Rgb, Some((blue, red))) => [red, luma, blue],
            (Matrix::YCgCo, Some((green, orange))) => [luma - green + orange, luma + green, luma - green - orange],
            (Matrix::Weights(of_red, of_blue), Some((blue, red))) => {
                let (red, blue) = (luma + 2.0 * (1.0 - of_red) * red, luma + 2.0 * (1.0 - of_blue) * blue);
                [red, (luma - of_red * red - of_blue * blue) / (1.0 - of_red - of_blue), blue]
            }
        };
        rgb.map(|value| {
            let value = (value / divisor).clamp(0.0, 1.0);
            match &self.tones {
                None => to_byte(value),
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to 4095")]
                Some(tones) => tones.get((value * 4095.0 + 0.5) as usize).copied().unwrap_or(u8::MAX),
            }
        })
    }
}

/// `value` from 0 to 1 in 8 bits.
pub fn to_byte(value: f32) -> u8 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the conversion of floats saturates")]
    let byte = (value * 255.0 + 0.5) as u8;
    byte
}

/// Value in 8 bits, with the curve of sRGB, for a value of PQ (SMPTE ST 2084). Light above white is compressed.
fn tone(value: f32) -> u8 {
    let power = value.powf(1.0 / 78.843_75);
    let nits = 10_000.0 * ((power - 0.835_937_5).max(0.0) / (18.851_563 - 18.6875 * power)).powf(1.0 / 0.159_301_76);
    let light = nits / WHITE_NITS;
    // Unchanged up to three quarters.
    let shown = if light < 0.75 { light } else { 1.0 - 0.25 * ((0.75 - light) / 0.25).exp() };
    to_byte(if shown <= 0.003_130_8 { 12.92 * shown } else { 1.055 * shown.powf(1.0 / 2.4) - 0.055 })
}

/// Colour profile for the numbers of primaries and transfer function. `None` for sRGB.
pub fn profile(primaries: u8, transfer: u8) -> Option<ColorProfile> {
    // Browsers treat the functions of television like that of sRGB. HLG is made to be shown so as well.
    let transfer = if matches!(transfer, 1 | 2 | 6 | 14 | 15 | 18) { SRGB } else { transfer };
    let primaries = if primaries == 2 { 1 } else { primaries };
    if (primaries, transfer) == (1, SRGB) {
        return None;
    }
    let mut profile = ColorProfile::new_srgb();
    // Colours that are not known leave sRGB.
    profile.update_rgb_colorimetry_from_cicp(CicpProfile {
        color_primaries: CicpColorPrimaries::try_from(primaries).ok()?,
        transfer_characteristics: TransferCharacteristics::try_from(transfer).ok()?,
        matrix_coefficients: MatrixCoefficients::Identity,
        full_range: true,
    });
    Some(profile)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bright_light_becomes_the_range_of_screens() {
        // PQ values of 0, 20, 203, 1,000 and 10,000 nits.
        let tones = [0.0, 0.3585, 0.5807, 0.7518, 1.0].map(tone);
        assert_eq!(tones[0], 0);
        assert!((85..95).contains(&tones[1]), "a tenth of white: {tones:?}");
        assert!((240..250).contains(&tones[2]), "white: {tones:?}");
        assert!(tones[2] < tones[3] && tones[4] == 255, "{tones:?}");
    }

    #[test]
    fn colors_other_than_those_of_screens_have_a_profile() {
        for (primaries, transfer, expected) in
            [(1, 13, false), (2, 2, false), (1, 1, false), (12, 13, true), (9, 18, true), (1, 8, true)]
        {
            assert_eq!(profile(primaries, transfer).is_some(), expected, "{primaries} {transfer}");
        }
    }
}
