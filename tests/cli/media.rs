//! Pictures: backup and restore, and the memory that hostile files use.

use crate::backups::stdout_of;
use crate::program::{Home, SiteProcess};
use crate::support::pictures::{add, fetch, jpeg, png_of_zeros, png_with_large_profile, upload};
use crate::support::{PASSWORD, Visitor};

const MEGABYTE: u64 = 1024 * 1024;
const AVIF: &[u8] = include_bytes!("../data/avif/plain.avif");

/// Member of staff, signed in with the account that the log offers at the first start.
async fn first_admin(site: &SiteProcess) -> Visitor {
    let line = site.log_line("/admin/set-up/").unwrap();
    let path = crate::program::address_in(&line).strip_prefix(&site.address).unwrap().to_owned();
    let fields = [("name", "Ayesha"), ("email", "ayesha@example.com"), ("password", PASSWORD)];
    assert_eq!(site.visitor().post(&path, &fields).await.status, 303);
    sign_in(site).await
}

async fn sign_in(site: &SiteProcess) -> Visitor {
    let visitor = site.visitor();
    let page = visitor.post("/admin/sign-in", &[("email", "ayesha@example.com"), ("password", PASSWORD)]).await;
    assert_eq!(page.status, 303, "{}", page.text);
    visitor
}

#[actix_web::test]
async fn backup_contains_the_pictures() {
    let home = Home::new();
    let mut site = home.serve(&[]).await;
    let admin = first_admin(&site).await;
    let (path, markdown) = add(&admin, "a.jpg", &jpeg(700, 300), "A chart").await;
    let address = markdown.split(['(', ')']).nth(1).unwrap();
    let before = fetch(&site.visitor(), address).await;
    assert_eq!(before.0, 200);
    stdout_of(&home.run(&["backup", "site.tar.gz"], &[]));
    assert!(site.stop().await.success());

    let other = Home::new();
    let file = home.dir.path().join("site.tar.gz");
    stdout_of(&other.run(&["restore", file.to_str().unwrap()], &[]));
    let mut site = other.serve(&[]).await;
    assert_eq!(fetch(&site.visitor(), address).await, before, "the same bytes");
    let admin = sign_in(&site).await;
    assert_eq!(admin.get(&path).await.field_value("alt"), "A chart");
    assert!(site.stop().await.success());
    let doctor = other.run(&["doctor"], &[]);
    assert!(!doctor.out.contains("FAIL"), "{}", doctor.out);
}

/// The program starts itself to decode AVIF, also after an update has replaced its file.
#[actix_web::test]
async fn avif_is_decoded_by_the_program_itself() {
    let home = Home::new();
    let mut site = home.serve(&[]).await;
    let admin = first_admin(&site).await;
    let (path, _) = add(&admin, "a.avif", AVIF, "Two halves").await;
    assert!(admin.get(&path).await.text.contains("40 × 20 pixels"));
    assert!(site.stop().await.success());
    // Without a picture on the standard input.
    let decoder = home.run(&["decode-avif"], &[]);
    assert_eq!((decoder.code, decoder.out.as_str()), (Some(1), ""));
    assert!(!home.run(&["--help"], &[]).out.contains("decode-avif"));
}

#[actix_web::test]
async fn decompression_bombs_use_no_memory() {
    let home = Home::new();
    let mut site = home.serve(&[]).await;
    let admin = first_admin(&site).await;
    for path in ["/admin/media", "/"] {
        assert_eq!(admin.get(path).await.status, 200);
    }
    // 14 GB of pixels, and 1 GB of them that are present in the file.
    let bombs = [png_of_zeros(60_000, 60_000, 10), png_of_zeros(16_000, 16_000, 16_000)];
    let at_rest = site.peak_memory();
    for bomb in &bombs {
        let page = upload(&admin, &[("bomb.png", bomb)]).await;
        assert_eq!(page.status, 422, "{}", page.text);
    }
    // An AVIF picture of 40 × 20 pixels that claims more.
    let small = [0, 0, 0, 40, 0, 0, 0, 20];
    let size = AVIF.windows(8).position(|part| part == small).unwrap();
    let bomb = [&AVIF[..size], &[0, 0, 0xEA, 0x60].repeat(2), &AVIF[size + 8..]].concat();
    assert_eq!(upload(&admin, &[("bomb.avif", &bomb)]).await.status, 422);
    let page = upload(&admin, &[("profile.png", &png_with_large_profile(500_000_000))]).await;
    assert_eq!(page.status, 303, "the picture itself is fine: {}", page.text);
    let peak = site.peak_memory();
    assert!(peak < at_rest + 20 * MEGABYTE, "{at_rest} bytes at rest, {peak} at most");
    assert!(site.stop().await.success());
}
