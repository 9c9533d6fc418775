//! AVIF: kinds of files, transformations, colours, and hostile files. `tests/data/avif/README.md` tells how the files
//! were made.

use image::{DynamicImage, GenericImageView, Rgba};
use immigration_experts::staff::Role;

use crate::support::pictures::{fetch, upload};
use crate::support::{Site, Visitor};

fn file(name: &str) -> Vec<u8> {
    let path = format!("{}/tests/data/avif/{name}.avif", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Uploads a picture and returns what the site made of it, as WebP and JPEG.
async fn served(writer: &Visitor, name: &str, content: &[u8]) -> [DynamicImage; 2] {
    let page = upload(writer, &[(name, content)]).await;
    assert_eq!(page.status, 303, "{name}: {:?}", page.all(".summary li"));
    let page = writer.get(page.location()).await;
    let sets = page.attributes("main picture source, main picture img", "srcset");
    let mut images = vec![];
    for set in sets {
        let (status, _, content) = fetch(writer, set.split(' ').next().unwrap()).await;
        assert_eq!(status, 200, "{name}");
        for trace in [b"Exif".as_slice(), b"SecretCamera", b"SecretAuthor", b"ICCP"] {
            assert!(!content.windows(trace.len()).any(|part| part == trace), "{name}: metadata");
        }
        images.push(image::load_from_memory(&content).unwrap());
    }
    images.try_into().unwrap()
}

fn is_near(pixel: Rgba<u8>, [red, green, blue]: [u8; 3]) -> bool {
    pixel.0[..3].iter().zip([red, green, blue]).all(|(value, expected)| value.abs_diff(expected) <= 24)
}

const RED: [u8; 3] = [255, 0, 0];
const BLUE: [u8; 3] = [0, 0, 255];

#[actix_web::test]
async fn avif_of_every_kind_is_read() {
    let site = Site::start().await;
    let writer = site.staff(Role::Writer).await;
    // Depths of 8, 10 and 12 bits; colours for each, every second and every fourth pixel; ways to store the colours.
    for name in [
        "plain", "444-8", "444-10", "444-12", "422-8", "422-10", "422-12", "420-8", "420-10", "420-12", "limited",
        "rgb", "ycgco", "photo", "grid",
    ] {
        site.execute("DELETE FROM media").await;
        for image in served(&writer, &format!("{name}.avif"), &file(name)).await {
            let size = if name == "grid" { (128, 128) } else { (40, 20) };
            assert_eq!(image.dimensions(), size, "{name}");
            let (left, right) = (image.get_pixel(size.0 / 8, 10), image.get_pixel(size.0 - 6, 10));
            assert!(is_near(left, RED) && is_near(right, BLUE), "{name}: {left:?} {right:?}");
        }
    }
    for image in served(&writer, "grey.avif", &file("grey")).await {
        assert!(is_near(image.get_pixel(20, 10), [150; 3]), "{:?}", image.get_pixel(20, 10));
    }
}

#[actix_web::test]
async fn avif_is_recognised_by_content() {
    let site = Site::start().await;
    let writer = site.staff(Role::Writer).await;
    served(&writer, "photo.jpg", &file("plain")).await;
    // Some programs name AVIF only as a second brand.
    let other_brand = [&file("mirrored")[..8], b"mif1", &file("mirrored")[12..]].concat();
    served(&writer, "photo.png", &other_brand).await;
}

#[actix_web::test]
async fn avif_is_turned_mirrored_and_cropped() {
    let site = Site::start().await;
    let writer = site.staff(Role::Writer).await;
    // The colours of the left and right half, or of the upper and lower one.
    for (name, size, [first, second]) in [
        ("turned-1", (20, 40), [BLUE, RED]),
        ("turned-2", (40, 20), [BLUE, RED]),
        ("turned-3", (20, 40), [RED, BLUE]),
        ("mirrored", (40, 20), [BLUE, RED]),
        ("turned-mirrored", (20, 40), [RED, BLUE]),
        ("cropped", (20, 20), [BLUE, BLUE]),
    ] {
        site.execute("DELETE FROM media").await;
        let [image, _] = served(&writer, name, &file(name)).await;
        assert_eq!(image.dimensions(), size, "{name}");
        let (x, y) = if size.0 < size.1 { (10, 4) } else { (4, 10) };
        let (one, other) = (image.get_pixel(x, y), image.get_pixel(size.0 - 1 - x, size.1 - 1 - y));
        assert!(is_near(one, first) && is_near(other, second), "{name}: {one:?} {other:?}");
    }
}

#[actix_web::test]
async fn transparency_of_avif_is_kept() {
    let site = Site::start().await;
    let writer = site.staff(Role::Writer).await;
    for (name, width, opacity) in [("alpha", 40, 0_u8), ("premultiplied", 40, 128), ("grid-alpha", 128, 0)] {
        let [webp, jpeg] = served(&writer, name, &file(name)).await;
        let left = webp.get_pixel(width / 8, 10);
        assert!(left[3].abs_diff(opacity) < 8, "{name}: {left:?}");
        assert!(opacity == 0 || is_near(left, RED), "{name}: {left:?}");
        let right = webp.get_pixel(width - 5, 10);
        assert!(right[3] > 250 && is_near(right, BLUE), "{name}: {right:?}");
        let on_white = [255, 255 - opacity, 255 - opacity];
        assert!(is_near(jpeg.get_pixel(width / 8, 10), on_white), "{name}: {:?}", jpeg.get_pixel(width / 8, 10));
    }
}

#[actix_web::test]
async fn colors_of_avif_are_converted() {
    let site = Site::start().await;
    let writer = site.staff(Role::Writer).await;
    // 200, 80, 80 in Display P3, once as numbers and once as a profile, is a more intense red in sRGB.
    for name in ["p3", "icc"] {
        let [image, _] = served(&writer, name, &file(name)).await;
        let pixel = image.get_pixel(20, 10);
        assert!(pixel[0] > 208 && is_near(pixel, [217, 72, 76]), "{name}: {pixel:?}");
    }
    // Red of BT.2020 is outside of sRGB.
    let [image, _] = served(&writer, "bt2020", &file("bt2020")).await;
    assert!(is_near(image.get_pixel(5, 10), RED), "{:?}", image.get_pixel(5, 10));
    // 59 % of PQ is the brightness of paper.
    let [image, _] = served(&writer, "pq", &file("pq")).await;
    assert!(is_near(image.get_pixel(20, 10), [246; 3]), "{:?}", image.get_pixel(20, 10));
}

#[actix_web::test]
async fn only_the_first_picture_of_an_avif_animation_is_kept() {
    let site = Site::start().await;
    let writer = site.staff(Role::Writer).await;
    let page = upload(&writer, &[("animated.avif", &file("animated"))]).await;
    let flash = writer.get(page.location()).await.first(".flash");
    assert!(flash.contains("Animations are not supported: only the first frame is shown."), "{flash}");
    site.execute("DELETE FROM media").await;
    let [image, _] = served(&writer, "animated.avif", &file("animated")).await;
    assert!(is_near(image.get_pixel(20, 10), RED), "{:?}", image.get_pixel(20, 10));
}

/// Replaces each occurrence of `old`, which must be there.
fn replaced(content: &[u8], old: &[u8], new: &[u8]) -> Vec<u8> {
    let at = content.windows(old.len()).position(|part| part == old).expect("in the file");
    [&content[..at], new, &content[at + old.len()..]].concat()
}

#[actix_web::test]
async fn hostile_avif_is_refused_with_a_reason() {
    let site = Site::start().await;
    let writer = site.staff(Role::Writer).await;
    let plain = file("plain");
    let of_size = |width: u32, height: u32| {
        let size =
            |width: u32, height: u32| [b"ispe\0\0\0\0", &width.to_be_bytes()[..], &height.to_be_bytes()].concat();
        replaced(&plain, &size(40, 20), &size(width, height))
    };
    let (pixels, damaged) = ("pixels. A picture may have at most 40 megapixels", "is damaged or incomplete");
    let unsupported = "is an AVIF picture of a kind that the site cannot read";
    let script = b"<script>alert(1)</script>";
    for (name, content, reason) in [
        ("bomb.avif", of_size(30_000, 30_000), pixels),
        ("large.avif", of_size(8_000, 5_001), pixels),
        ("small.avif", of_size(39, 20), damaged),
        ("larger.avif", of_size(41, 20), damaged),
        ("nothing.avif", of_size(0, 20), damaged),
        ("half.avif", plain[..plain.len() / 2].to_vec(), damaged),
        ("end.avif", plain[..plain.len() - 8].to_vec(), damaged),
        ("start.avif", plain[..32].to_vec(), damaged),
        ("script.avif", [&plain[..32], script].concat(), damaged),
        // No pixels, another codec, and a property that is needed but not known.
        ("empty.avif", replaced(&plain, b"mdat", b"free"), ""),
        ("other.avif", replaced(&plain, b"av01", b"hvc1"), unsupported),
        ("tiles.avif", replaced(&file("grid"), b"dimg", b"xxxx"), damaged),
        ("matrix.avif", replaced(&plain, b"nclx\0\x01\0\x0d\0\x06", b"nclx\0\x01\0\x0d\0\x0e"), unsupported),
    ] {
        let page = upload(&writer, &[(name, &content)]).await;
        if reason.is_empty() {
            assert!([303, 422].contains(&page.status), "{name}");
            continue;
        }
        let refused = page.all(".summary li");
        assert_eq!((page.status, refused.len()), (422, 1), "{name}: {refused:?}");
        assert!(refused[0].starts_with(name) && refused[0].contains(reason), "{refused:?}");
    }
    assert_eq!(site.visitor().get("/health/ready").await.status, 200);
}

/// Changes bytes in turn, in the structure and in the pixels. The site answers every upload.
#[actix_web::test]
async fn damaged_avif_never_affects_the_site() {
    let site = Site::start().await;
    let writer = site.staff(Role::Writer).await;
    let mut refused = 0;
    for name in ["420-8", "alpha", "grid-alpha", "turned-mirrored"] {
        let content = file(name);
        for step in 0..40 {
            let at = 12 + step * (content.len() - 12) / 40;
            let mut damaged = content.clone();
            damaged[at] ^= [0x01, 0x80, 0xFF][step % 3];
            let page = upload(&writer, &[("damaged.avif", &damaged)]).await;
            assert!([303, 422].contains(&page.status), "{name}, byte {at}: {}", page.status);
            refused += usize::from(page.status == 422);
        }
    }
    assert!(refused > 40, "{refused} of 160 were refused");
    assert_eq!(site.visitor().get("/health/ready").await.status, 200);
}
