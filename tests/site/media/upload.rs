//! Upload: formats, orientation, sizes, colours, metadata.

use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, GenericImageView, ImageFormat, Rgb, RgbImage, Rgba, RgbaImage};
use immigration_experts::staff::Role;

use crate::support::pictures::{self, add, encoded, fetch, jpeg, photo, upload, with_segment};
use crate::support::{Page, Site, Visitor};

/// Addresses of all files of a picture, from its page.
fn addresses(page: &Page) -> Vec<String> {
    let sets = page.attributes("main picture source, main picture img", "srcset");
    sets.iter().flat_map(|set| set.split(", ")).map(|size| size.split(' ').next().unwrap().to_owned()).collect()
}

/// Uploads a picture and returns its files, with their addresses.
async fn files_of(member: &Visitor, name: &str, content: &[u8]) -> Vec<(String, Vec<u8>)> {
    let (path, _) = add(member, name, content, "A picture").await;
    let mut files = vec![];
    for address in addresses(&member.get(&path).await) {
        let (status, kind, content) = fetch(member, &address).await;
        let expected = if address.ends_with(".webp") { "image/webp" } else { "image/jpeg" };
        assert_eq!((status, kind.as_str()), (200, expected), "{address}");
        files.push((address, content));
    }
    files
}

fn is_red(pixel: Rgba<u8>) -> bool {
    pixel[0] > 200 && pixel[1] < 70 && pixel[2] < 70
}

fn is_blue(pixel: Rgba<u8>) -> bool {
    pixel[0] < 70 && pixel[1] < 70 && pixel[2] > 200
}

/// Colours near the left and right edge.
fn left_and_right(image: &DynamicImage) -> (Rgba<u8>, Rgba<u8>) {
    let (width, middle) = (image.width(), image.height() / 2);
    (image.get_pixel(width / 8, middle), image.get_pixel(width - 1 - width / 8, middle))
}

#[actix_web::test]
async fn every_format_is_stored_as_webp_and_jpeg() {
    let site = Site::start().await;
    let writer = site.staff(Role::Writer).await;
    for (name, content) in [
        ("a.jpg", jpeg(40, 20)),
        ("b.png", encoded(42, 20, ImageFormat::Png)),
        ("c.webp", encoded(44, 20, ImageFormat::WebP)),
        ("d.gif", encoded(46, 20, ImageFormat::Gif)),
        ("wrong-extension.txt", jpeg(48, 20)),
        ("photo.png", jpeg(50, 20)),
    ] {
        let files = files_of(&writer, name, &content).await;
        assert_eq!(files.len(), 2, "{name}: {files:?}");
        for (address, content) in files {
            let image = image::load_from_memory(&content).unwrap();
            let (left, right) = left_and_right(&image);
            assert!(is_red(left) && is_blue(right), "{name} {address}: {left:?} {right:?}");
        }
    }
}

#[actix_web::test]
async fn large_picture_is_stored_in_three_widths() {
    let site = Site::start().await;
    let writer = site.staff(Role::Writer).await;
    let files = files_of(&writer, "large.jpg", &jpeg(3000, 1500)).await;
    let sizes: Vec<(u32, u32)> =
        files.iter().map(|(_, content)| image::load_from_memory(content).unwrap().dimensions()).collect();
    assert_eq!(sizes, [[(480, 240), (960, 480), (1600, 800)]; 2].concat());
    for ((address, _), (width, _)) in files.iter().zip(sizes) {
        assert!(address.contains(&format!("-{width}.")), "{address}");
    }
    let tall = files_of(&writer, "tall.jpg", &jpeg(600, 2000)).await;
    assert!(tall.iter().any(|(address, _)| address.ends_with("-600.webp")), "{tall:?}");
}

#[actix_web::test]
async fn picture_is_turned_upright_and_loses_all_metadata() {
    let site = Site::start().await;
    let writer = site.staff(Role::Writer).await;
    // Orientation 6: turned by a quarter against the clock. Upright, red is at the top.
    for (name, size, upright) in [("small.jpg", (40, 20), (1, 2)), ("large.jpg", (3000, 2000), (2, 3))] {
        let upload = photo(size.0, size.1, 6);
        assert!(upload.windows(12).any(|part| part == b"SecretCamera"));
        for (address, content) in files_of(&writer, name, &upload).await {
            let image = image::load_from_memory(&content).unwrap();
            let (width, height) = image.dimensions();
            assert_eq!((height * upright.0).div_ceil(upright.1), width, "{address}: upright");
            assert!(is_red(image.get_pixel(width / 2, height / 8)), "{address}: red is at the top");
            assert!(is_blue(image.get_pixel(width / 2, height - 1 - height / 8)), "{address}: blue is at the bottom");
            for trace in [b"Exif".as_slice(), b"EXIF", b"SecretCamera", b"ICCP", b"XMP"] {
                assert!(!content.windows(trace.len()).any(|part| part == trace), "{address}: metadata");
            }
        }
    }
    for orientation in 1..=8 {
        let files = files_of(&writer, "x.jpg", &photo(64 + 2 * u32::from(orientation), 32, orientation)).await;
        let image = image::load_from_memory(&files[0].1).unwrap();
        assert_eq!(image.width() > image.height(), orientation < 5, "orientation {orientation}");
        let (left, right) = left_and_right(&image);
        let (top, bottom) =
            (image.get_pixel(image.width() / 2, 2), image.get_pixel(image.width() / 2, image.height() - 3));
        let (red, blue) = match orientation {
            1 | 4 => (left, right),
            2 | 3 => (right, left),
            5 | 6 => (top, bottom),
            _ => (bottom, top),
        };
        assert!(is_red(red) && is_blue(blue), "orientation {orientation}");
    }
}

#[actix_web::test]
async fn printer_colors_become_screen_colors() {
    let site = Site::start().await;
    let writer = site.staff(Role::Writer).await;
    for (address, content) in files_of(&writer, "print.jpg", &pictures::cmyk_jpeg()).await {
        let pixel = image::load_from_memory(&content).unwrap().get_pixel(4, 4);
        assert!(is_red(pixel), "{address}: {pixel:?}");
    }
}

#[actix_web::test]
async fn colors_of_a_profile_are_converted() {
    let site = Site::start().await;
    let writer = site.staff(Role::Writer).await;
    let mut plain = vec![];
    let color = RgbImage::from_pixel(40, 20, Rgb([200, 80, 80]));
    JpegEncoder::new_with_quality(&mut plain, 95).encode_image(&color).unwrap();
    let profile = moxcms::ColorProfile::new_display_p3().encode().unwrap();
    let tagged = with_segment(&plain, 0xE2, &[b"ICC_PROFILE\0\x01\x01".as_slice(), &profile].concat());
    let broken = with_segment(&plain, 0xE2, b"ICC_PROFILE\0\x01\x01nonsense");
    for (name, content, is_converted) in
        [("p3.jpg", tagged, true), ("plain.jpg", plain, false), ("x.jpg", broken, false)]
    {
        let files = files_of(&writer, name, &content).await;
        let pixel = image::load_from_memory(&files[1].1).unwrap().get_pixel(20, 10);
        // The same colour in Display P3 is more intense than in sRGB.
        assert_eq!(pixel[0] > 208, is_converted, "{name}: {pixel:?}");
    }
}

#[actix_web::test]
async fn only_the_first_frame_of_an_animation_is_kept() {
    let site = Site::start().await;
    let writer = site.staff(Role::Writer).await;
    for (name, content) in [("a.gif", pictures::animated_gif()), ("a.webp", pictures::animated_webp())] {
        let page = upload(&writer, &[(name, &content)]).await;
        let page = writer.get(page.location()).await;
        let flash = page.first(".flash");
        assert!(flash.contains("Animations are not supported: only the first frame is shown."), "{name}: {flash}");
        let (_, _, content) = fetch(&writer, &addresses(&page)[0]).await;
        let image = image::load_from_memory(&content).unwrap();
        assert!(is_red(image.get_pixel(10, 10)), "{name}");
    }
    let page = upload(&writer, &[("still.gif", &encoded(40, 20, ImageFormat::Gif))]).await;
    assert!(!writer.get(page.location()).await.first(".flash").contains("Animations"));
}

#[actix_web::test]
async fn transparency_is_kept_in_webp_and_white_in_jpeg() {
    let site = Site::start().await;
    let writer = site.staff(Role::Writer).await;
    let mut png = std::io::Cursor::new(vec![]);
    RgbaImage::from_pixel(40, 20, Rgba([255, 0, 0, 0])).write_to(&mut png, ImageFormat::Png).unwrap();
    for (address, content) in files_of(&writer, "glass.png", &png.into_inner()).await {
        let pixel = image::load_from_memory(&content).unwrap().get_pixel(20, 10);
        let is_transparent = address.ends_with(".webp") && pixel[3] == 0;
        assert!(is_transparent || pixel.0.iter().all(|value| *value > 250), "{address}: {pixel:?}");
    }
}

#[actix_web::test]
async fn several_files_are_uploaded_at_once_and_each_refusal_is_explained() {
    let site = Site::start().await;
    let writer = site.staff(Role::Writer).await;
    let (one, two) = (jpeg(40, 20), jpeg(60, 20));
    let page = upload(&writer, &[("one.jpg", &one), ("two.jpg", &two)]).await;
    assert_eq!((page.status, page.location()), (303, "/admin/media"));
    let page = writer.get("/admin/media").await;
    assert_eq!(page.first(".flash"), "Added 2 pictures.");
    assert_eq!(page.all(".pictures a"), ["two.jpg", "one.jpg"]);

    let page = upload(&writer, &[("notes.txt", b"Hello"), ("three.jpg", &jpeg(80, 20)), ("empty.jpg", b"")]).await;
    assert_eq!(page.status, 422);
    let refused = page.all(".summary li");
    assert_eq!(refused.len(), 2, "{refused:?}");
    assert!(refused[0].starts_with("notes.txt is not a picture in a format"), "{refused:?}");
    assert!(refused[1].starts_with("empty.jpg is empty."), "{refused:?}");
    assert_eq!(page.all(".summary p"), ["Added 1 picture."]);
    assert_eq!(page.all(".pictures a"), ["three.jpg", "two.jpg", "one.jpg"]);

    let page = upload(&writer, &[("again.jpg", &one)]).await;
    assert_eq!(writer.get(page.location()).await.first(".flash"), "1 picture was in Media already.");
    assert_eq!(site.count("SELECT count(*) FROM media").await, 3);

    for nothing in
        [upload(&writer, &[]).await, upload(&writer, &[("", b"")]).await, writer.post("/admin/media", &[]).await]
    {
        assert_eq!(nothing.status, 422);
        assert_eq!(nothing.all(".summary li"), ["Choose one or more pictures."]);
    }
}

#[actix_web::test]
async fn file_that_is_too_large_is_refused_and_the_next_one_accepted() {
    let site = Site::start().await;
    let writer = site.staff(Role::Writer).await;
    let large = [jpeg(40, 20), vec![0; 15 * 1024 * 1024]].concat();
    let page = upload(&writer, &[("large.jpg", &large), ("fine.jpg", &jpeg(40, 20))]).await;
    assert_eq!(page.status, 422);
    assert_eq!(page.all(".summary li"), ["large.jpg is larger than 15 MB. Upload a smaller copy."]);
    assert_eq!(page.all(".pictures a"), ["fine.jpg"]);
}

#[actix_web::test]
async fn uploads_need_a_session_and_the_same_origin() {
    let site = Site::start().await;
    let page = upload(&site.visitor(), &[("a.jpg", &jpeg(40, 20))]).await;
    assert!(page.status == 303 && page.location().starts_with("/admin/sign-in"), "{}", page.status);
    let writer = site.staff(Role::Writer).await;
    let page = writer.post_with("/admin/media", &[], &[("origin", "https://evil.example")]).await;
    assert_eq!(page.status, 403);
    assert_eq!(site.count("SELECT count(*) FROM media").await, 0);
}

#[actix_web::test]
async fn pictures_uploaded_at_the_same_time_are_all_stored() {
    let site = Site::start().await;
    let writer = site.staff(Role::Writer).await;
    let files: Vec<Vec<u8>> = (0..4).map(|n| jpeg(700 + n, 500)).collect();
    // Two uploads fit into the memory for bodies at a time.
    for pair in files.chunks(2) {
        let (a, b) = futures_util::future::join(
            upload(&writer, &[("a.jpg", pair[0].as_slice())]),
            upload(&writer, &[("b.jpg", pair[1].as_slice())]),
        )
        .await;
        assert_eq!((a.status, b.status), (303, 303));
    }
    assert_eq!(site.count("SELECT count(*) FROM media").await, 4);
}
