use immigration_experts::staff::Role;

use crate::support::Site;
use crate::support::feeds::{changes, file, new_round, paste, preview, preview_page, upload};

/// Encodes text in Windows-1252, for characters with the same code point there.
fn windows_1252(text: &str) -> Vec<u8> {
    text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect()
}

#[actix_web::test]
async fn one_invalid_byte_leaves_the_rest_of_the_file_intact() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let text = file(&[new_round("449", &[("drawName", "Métiers d’été")]), new_round("448", &[("drawName", "Caf~")])]);
    let mut bytes = text.into_bytes();
    let at = bytes.iter().position(|byte| *byte == b'~').unwrap();
    bytes[at] = 0xE9;
    let uploaded = upload(&publisher, "feed.json", &bytes).await;
    assert_eq!(uploaded.status, 303, "{}", uploaded.text);
    let page = preview_page(&publisher, &uploaded).await;
    let names = page.all("section[aria-labelledby=new] td:nth-child(3)");
    assert!(names[0].starts_with("Café") && names[1].starts_with("Métiers d’été"), "{names:?}");
    assert_eq!(changes(&page), Vec::<String>::new());
}

#[actix_web::test]
async fn double_encoded_or_lost_text_is_rejected() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let good = file(&[new_round("448", &[("drawName", "Santé et services sociaux")])]);
    let twice: String = good.bytes().map(char::from).collect();
    let escaped = good.replace('é', "\\u00c3\\u00a9");
    let lost = good.replace('é', "\u{fffd}");
    for (content, words) in [
        (twice.clone().into_bytes(), "Draw 448: drawName was encoded twice: it contains “Ã©” instead of “é”."),
        (format!("\u{feff}{twice}").into_bytes(), "drawName was encoded twice"),
        (escaped.into_bytes(), "drawName was encoded twice"),
        (lost.into_bytes(), "Draw 448: drawName contains characters that were lost"),
    ] {
        let page = upload(&publisher, "feed.json", &content).await;
        assert_eq!(page.status, 422, "{words}");
        assert!(page.first("[role=alert] p").contains(words), "{}", page.first("[role=alert] p"));
    }
    assert_eq!(paste(&publisher, &twice).await.status, 422);
    for content in [good.clone().into_bytes(), windows_1252(&good)] {
        assert_eq!(upload(&publisher, "feed.json", &content).await.status, 303);
    }
}

#[actix_web::test]
async fn other_file_types_are_named_in_the_error() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let cut_off = file(&[new_round("448", &[])]);
    for (content, words) in [
        (&b""[..], "The file is empty."),
        (b" \n ", "The file is empty"),
        (b"\x1F\x8B\x08\0\0\0\0\0", "This is a gzip file."),
        (b"PK\x03\x04\x14\0\0\0", "This is a ZIP archive"),
        (b"%PDF-1.7\n%\xE2\xE3", "This is a PDF document."),
        (b"<!DOCTYPE html><html lang=\"en\">", "This is a web page (HTML)"),
        (b"<?xml version=\"1.0\"?><feed/>", "This is an XML file"),
        (b"drawNumber,drawDate,drawCRS\n448,2026-10-15,515\n", "This looks like a table (CSV)"),
        (&cut_off.as_bytes()[..cut_off.len() / 2], "The file is cut off"),
    ] {
        let page = upload(&publisher, "ee_rounds_123_en.json", content).await;
        assert_eq!(page.status, 422, "{words}");
        let fault = page.first("[role=alert] p");
        assert!(fault.starts_with(words), "{words}: {fault}");
        let page = publisher.get("/admin/draws/import").await;
        assert_eq!(page.status, 200);
    }
}

#[actix_web::test]
async fn overlong_names_are_rejected() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let long = "Healthcare ".repeat(400);
    for (key, most) in [("drawName", 200), ("drawText2", 500), ("drawDateTime", 100), ("drawCutOff", 100)] {
        let page = paste(&publisher, &file(&[new_round("448", &[(key, &long)])])).await;
        assert_eq!(page.status, 422, "{key}");
        let words = format!("Draw 448: {key} has 4,399 characters; it must have {most} or fewer.");
        assert!(page.first("[role=alert] p").starts_with(&words), "{}", page.first("[role=alert] p"));
    }
    let page = paste(&publisher, &file(&[new_round(&long, &[("drawCRS", &long)])])).await;
    assert!(page.first("[role=alert] p").len() < 700, "the error does not repeat the whole file");
    let content = file(&[new_round("448", &[])]);
    let uploaded = upload(&publisher, &format!("{}.json", "rounds".repeat(100)), content.as_bytes()).await;
    let page = preview_page(&publisher, &uploaded).await;
    let shown = page.first("code");
    assert_eq!(shown.chars().count(), 100);
    assert!(shown.starts_with("roundsrounds") && shown.ends_with("rounds.json"), "{shown}");
    assert!(page.text.contains("The file name is shortened."));
    assert_eq!(site.count("SELECT max(length(file_name)) FROM draw_imports").await, 100);
    let page = preview(&publisher, &file(&[new_round("448", &[("drawName", &"N".repeat(200))])])).await;
    assert_eq!(page.status, 200);
}
