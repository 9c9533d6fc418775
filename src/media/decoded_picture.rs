//! Pixels, orientation and colour profile of an uploaded picture.

use image::DynamicImage;
use image::metadata::Orientation;
use moxcms::ColorProfile;

/// A picture as it was uploaded.
pub struct DecodedPicture {
    pub image: DynamicImage,
    /// How to turn the picture upright.
    pub orientation: Orientation,
    /// Colour profile, if the file contains one that is readable.
    pub color_profile: Option<ColorProfile>,
    /// Whether the file has several frames. Only the first one is read.
    pub is_animated: bool,
}
