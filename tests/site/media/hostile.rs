//! Hostile files: decompression bombs, polyglots, documents, damaged files.

use image::ImageFormat;
use immigration_experts::staff::Role;

use crate::support::Site;
use crate::support::pictures::{add, encoded, fetch, jpeg, photo, png_of_zeros, upload, with_segment};

#[actix_web::test]
async fn hostile_files_are_refused_with_a_reason() {
    let site = Site::start().await;
    let writer = site.staff(Role::Writer).await;
    let script = "<script>alert(1)</script>";
    let gif_of_size = |width: u16, height: u16| {
        let size = [width.to_le_bytes(), height.to_le_bytes()].concat();
        let frame = [b",\0\0\0\0".as_slice(), &size, b"\0\x02\x02\x4c\x01\0;"].concat();
        [b"GIF89a".as_slice(), &size, b"\x80\0\0\0\0\0\xff\xff\xff", &frame].concat()
    };
    let mut jpeg_of_size = jpeg(40, 20);
    let frame = jpeg_of_size.windows(2).position(|marker| marker == [0xFF, 0xC0]).unwrap();
    jpeg_of_size[frame + 5..frame + 9].copy_from_slice(&[0xFF, 0xFF, 0xFF, 0xFF]);
    let webp = encoded(40, 20, ImageFormat::WebP);
    let (pixels, document) = ("pixels. A picture may have at most 40 megapixels", "is an SVG or HTML file");
    let (damaged, unknown) = ("is damaged or incomplete", "is not a picture in a format that the site reads");
    for (name, content, reason) in [
        ("bomb.png", png_of_zeros(60_000, 60_000, 1_000), pixels),
        ("bomb-2.png", png_of_zeros(15_000, 15_000, 15_000), pixels),
        ("bomb.gif", gif_of_size(65_535, 65_535), pixels),
        ("bomb.jpg", jpeg_of_size, pixels),
        ("narrow.png", png_of_zeros(1, 20_000, 20_000), pixels),
        ("a.svg", b"<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>".to_vec(), document),
        ("svg.png", b"<?xml version=\"1.0\"?><svg></svg>".to_vec(), document),
        ("page.jpg", [b"<html>".as_slice(), script.as_bytes(), &jpeg(40, 20)].concat(), document),
        ("script.gif", format!("GIF89a\x0a\0\x0a\0{script}").into_bytes(), damaged),
        ("half.jpg", jpeg(400, 200)[..100].to_vec(), damaged),
        ("half.png", encoded(400, 200, ImageFormat::Png)[..60].to_vec(), damaged),
        ("half.webp", webp[..webp.len() / 2].to_vec(), damaged),
        ("start.jpg", b"\xff\xd8\xff\xe0".to_vec(), damaged),
        ("photo.heic", b"\0\0\0\x1cftypheic\0\0\0\0mif1heic".to_vec(), "is a HEIC picture"),
        ("a.pdf", b"%PDF-1.7 ".to_vec(), unknown),
        ("a.jpg", b"MZ\x90\0".to_vec(), unknown),
        ("a.zip", b"PK\x03\x04".to_vec(), unknown),
        ("empty.png", vec![], "is empty"),
    ] {
        let page = upload(&writer, &[(name, &content)]).await;
        let refused = page.all(".summary li");
        assert_eq!((page.status, refused.len()), (422, 1), "{name}: {refused:?}");
        assert!(refused[0].starts_with(name) && refused[0].contains(reason), "{refused:?}");
    }
    assert_eq!(site.count("SELECT count(*) FROM media").await, 0);
    assert_eq!(site.visitor().get("/health/ready").await.status, 200);
}

#[actix_web::test]
async fn hidden_content_of_a_valid_picture_is_never_served() {
    let site = Site::start().await;
    let writer = site.staff(Role::Writer).await;
    let script = b"<script>alert(1)</script>".as_slice();
    for (name, content) in [
        ("appended.jpg", [&jpeg(40, 20), script, b"PK\x03\x04"].concat()),
        ("comment.jpg", with_segment(&jpeg(42, 20), 0xFE, script)),
        ("appended.png", [&encoded(44, 20, ImageFormat::Png), script].concat()),
        ("appended.gif", [&encoded(46, 20, ImageFormat::Gif), script].concat()),
        ("photo.svg", photo(48, 20, 1)),
        ("x.php", jpeg(50, 20)),
        ("page.html", jpeg(52, 20)),
    ] {
        let (path, _) = add(&writer, name, &content, "x").await;
        let page = writer.get(&path).await;
        for set in page.attributes("main picture source, main picture img", "srcset") {
            let address = set.split(' ').next().unwrap();
            let (_, kind, served) = fetch(&writer, address).await;
            assert!(["image/webp", "image/jpeg"].contains(&kind.as_str()), "{name}: {kind}");
            assert!(!served.windows(script.len()).any(|part| part == script), "{name}: {address}");
        }
    }
    // The name is text on the pages, whatever it contains.
    let (path, _) = add(&writer, "<img src=x onerror=alert(1)>.jpg", &jpeg(54, 20), "x").await;
    for path in [path.as_str(), "/admin/media"] {
        writer.get(path).await.assert_no_active_content();
    }
}
