//! Picture files, ordinary and hostile, made in memory.

use std::io::{Cursor, Write};

use flate2::write::ZlibEncoder;
use flate2::{Compression, Crc};
use image::codecs::gif::GifEncoder;
use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, Frame, ImageFormat, Rgb, RgbImage};

use super::{Page, Visitor};

/// Picture whose left half is red and whose right half is blue.
pub fn two_colors(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, _| if x < width / 2 { Rgb([255, 0, 0]) } else { Rgb([0, 0, 255]) })
}

/// Two-coloured picture in a format.
pub fn encoded(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
    let mut file = Cursor::new(vec![]);
    DynamicImage::ImageRgb8(two_colors(width, height)).write_to(&mut file, format).unwrap();
    file.into_inner()
}

/// Two-coloured JPEG.
pub fn jpeg(width: u32, height: u32) -> Vec<u8> {
    let mut file = vec![];
    JpegEncoder::new_with_quality(&mut file, 95).encode_image(&two_colors(width, height)).unwrap();
    file
}

/// Metadata of a telephone: orientation, name of the camera and the place where the photo was taken (31.5° N).
pub fn exif(orientation: u8) -> Vec<u8> {
    let mut tiff = b"II\x2a\0\x08\0\0\0".to_vec();
    let entry = |tag: u16, kind: u16, count: u32, value: [u8; 4]| {
        [&tag.to_le_bytes()[..], &kind.to_le_bytes(), &count.to_le_bytes(), &value].concat()
    };
    // Three entries of 12 bytes after their number; then the data they point to.
    let (camera_at, gps_at) = (8 + 2 + 36 + 4, 8 + 2 + 36 + 4 + 16);
    tiff.extend(3_u16.to_le_bytes());
    tiff.extend(entry(0x010F, 2, 13, u32::to_le_bytes(camera_at)));
    tiff.extend(entry(0x0112, 3, 1, [orientation, 0, 0, 0]));
    tiff.extend(entry(0x8825, 4, 1, u32::to_le_bytes(gps_at)));
    tiff.extend([0; 4]);
    tiff.extend(b"SecretCamera\0\0\0\0");
    tiff.extend(2_u16.to_le_bytes());
    tiff.extend(entry(1, 2, 2, *b"N\0\0\0"));
    tiff.extend(entry(2, 5, 3, u32::to_le_bytes(gps_at + 2 + 24 + 4)));
    tiff.extend([0; 4]);
    for (degrees, of) in [(31_u32, 1_u32), (30, 1), (0, 1)] {
        tiff.extend(degrees.to_le_bytes());
        tiff.extend(of.to_le_bytes());
    }
    tiff
}

/// `jpeg` with a segment after its start.
pub fn with_segment(jpeg: &[u8], marker: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len() + 2).unwrap().to_be_bytes();
    [&jpeg[..2], &[0xFF, marker], &length, content, &jpeg[2..]].concat()
}

/// JPEG with the metadata of a telephone.
pub fn photo(width: u32, height: u32, orientation: u8) -> Vec<u8> {
    with_segment(&jpeg(width, height), 0xE1, &[b"Exif\0\0".as_slice(), &exif(orientation)].concat())
}

/// PNG of one colour that claims this size and contains `rows` of its rows.
pub fn png_of_zeros(width: u32, height: u32, rows: u32) -> Vec<u8> {
    png(width, height, rows, 0)
}

/// Small PNG whose colour profile has this many bytes when it is decompressed.
pub fn png_with_large_profile(bytes: usize) -> Vec<u8> {
    png(40, 20, 20, bytes)
}

fn png(width: u32, height: u32, rows: u32, profile: usize) -> Vec<u8> {
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    let mut chunk = |name: &[u8; 4], content: &[u8]| {
        let mut crc = Crc::new();
        crc.update(name);
        crc.update(content);
        file.extend(u32::try_from(content.len()).unwrap().to_be_bytes());
        file.extend(name);
        file.extend(content);
        file.extend(crc.sum().to_be_bytes());
    };
    chunk(b"IHDR", &[&width.to_be_bytes()[..], &height.to_be_bytes(), &[8, 6, 0, 0, 0]].concat());
    if profile > 0 {
        let mut compressed = ZlibEncoder::new(vec![], Compression::best());
        (0..profile / 1024).for_each(|_| compressed.write_all(&[0; 1024]).unwrap());
        chunk(b"iCCP", &[b"x\0\0".as_slice(), &compressed.finish().unwrap()].concat());
    }
    let mut pixels = ZlibEncoder::new(vec![], Compression::best());
    let row = vec![0; 1 + 4 * width as usize];
    (0..rows).for_each(|_| pixels.write_all(&row).unwrap());
    chunk(b"IDAT", &pixels.finish().unwrap());
    chunk(b"IEND", b"");
    file
}

/// GIF with two frames, red and then blue.
pub fn animated_gif() -> Vec<u8> {
    let mut file = vec![];
    let frame = |color| Frame::new(DynamicImage::ImageRgb8(RgbImage::from_pixel(40, 20, Rgb(color))).into_rgba8());
    GifEncoder::new(&mut file).encode_frames([frame([255, 0, 0]), frame([0, 0, 255])]).unwrap();
    file
}

/// WebP with two frames, red and then blue.
pub fn animated_webp() -> Vec<u8> {
    let config = webp::WebPConfig::new().unwrap();
    let mut encoder = webp::AnimEncoder::new(40, 20, &config);
    let frames = [[255, 0, 0], [0, 0, 255]].map(|color| RgbImage::from_pixel(40, 20, Rgb(color)));
    for (at, frame) in frames.iter().enumerate() {
        encoder.add_frame(webp::AnimFrame::from_rgb(frame, 40, 20, 100 * i32::try_from(at).unwrap()));
    }
    encoder.encode().to_vec()
}

/// Red JPEG of 8 × 8 pixels in the colours of a printer (CMYK), with inverted values as Adobe writes them.
pub fn cmyk_jpeg() -> Vec<u8> {
    let mut file = b"\xff\xd8\xff\xee\0\x0eAdobe\0\x64\0\0\0\0\0".to_vec();
    // Every coefficient is stored as a multiple of 8.
    file.extend(b"\xff\xdb\0\x43\0");
    file.extend([8; 64]);
    // Four components of the same resolution.
    file.extend(b"\xff\xc0\0\x14\x08\0\x08\0\x08\x04\x01\x11\0\x02\x11\0\x03\x11\0\x04\x11\0");
    // Codes of the first coefficient: 0 for seven bits, 10 for eight bits.
    file.extend(b"\xff\xc4\0\x15\0\x01\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x07\x08");
    // Code of the others: 0 for "no more".
    file.extend(b"\xff\xc4\0\x14\x10\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0");
    file.extend(b"\xff\xda\0\x0e\x04\x01\0\x02\0\x03\0\x04\0\0\x3f\0");
    // Cyan 255 (no ink), magenta 0, yellow 0, black 255.
    let bits = "0 1111111 0 10 01111111 0 10 01111111 0 0 1111111 0".replace(' ', "");
    let padded = format!("{bits:1<40}");
    for byte in padded.as_bytes().chunks(8) {
        file.push(u8::from_str_radix(std::str::from_utf8(byte).unwrap(), 2).unwrap());
    }
    file.extend(b"\xff\xd9");
    file
}

/// Uploads files to the media library as a browser submits them.
pub async fn upload(member: &Visitor, files: &[(&str, &[u8])]) -> Page {
    let mut body = vec![];
    for (name, content) in files {
        body.extend(b"--frontier\r\nContent-Disposition: form-data; name=\"files\"; filename=\"");
        body.extend(name.as_bytes());
        body.extend(b"\"\r\nContent-Type: application/octet-stream\r\n\r\n");
        body.extend(*content);
        body.extend(b"\r\n");
    }
    body.extend(b"--frontier--\r\n");
    member.post_body("/admin/media", "multipart/form-data; boundary=frontier", body).await
}

/// Uploads one picture, and returns the path of its page and its Markdown with this alternative text.
pub async fn add(member: &Visitor, name: &str, content: &[u8], alt: &str) -> (String, String) {
    let page = upload(member, &[(name, content)]).await;
    assert_eq!(page.status, 303, "{}", page.text);
    let path = page.location().to_owned();
    assert_eq!(member.post(&path, &[("alt", alt)]).await.status, 303);
    let markdown = member.get(&path).await.attributes("#markdown", "value").remove(0);
    (path, markdown)
}

/// Status, content type and content of a file.
pub async fn fetch(visitor: &Visitor, path: &str) -> (u16, String, Vec<u8>) {
    let response = visitor.client.get(format!("{}{path}", visitor.base)).send().await.unwrap();
    let kind = response.headers().get("content-type").map_or("", |value| value.to_str().unwrap()).to_owned();
    (response.status().as_u16(), kind, response.bytes().await.unwrap().to_vec())
}
