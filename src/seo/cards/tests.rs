//! Tests of the drawing: the cards are decoded and measured.

use image::{Rgb, RgbImage};

use crate::seo::cards::drawing::draw;
use crate::web::ShareCard;

const FIRM: &str = "Immigration Experts";

fn card(title: &str) -> ShareCard {
    ShareCard { key: "draw-252".into(), label: "Express Entry draw 252".into(), title: title.into(), figures: vec![] }
}

fn picture(card: &ShareCard) -> RgbImage {
    let content = draw(card, FIRM).unwrap();
    assert!(content.len() < 30_000, "{} bytes", content.len());
    image::load_from_memory_with_format(&content, image::ImageFormat::Png).unwrap().to_rgb8()
}

/// Left, top, right and bottom of everything that is drawn between two heights, right of the bar at the edge.
fn bounds(picture: &RgbImage, top: u32, bottom: u32) -> Option<(u32, u32, u32, u32)> {
    let background = *picture.get_pixel(picture.width() - 1, 0);
    let inked = (top..bottom).flat_map(|y| (20..picture.width()).map(move |x| (x, y)));
    inked.filter(|(x, y)| *picture.get_pixel(*x, *y) != background).fold(None, |bounds, (x, y)| {
        let (left, top, right, bottom) = bounds.unwrap_or((x, y, x, y));
        Some((left.min(x), top.min(y), right.max(x), bottom.max(y)))
    })
}

/// Area of the title.
const TITLE: (u32, u32) = (125, 380);

#[test]
fn a_card_has_the_recommended_size_and_shows_all_its_parts() {
    let picture = picture(&card("Healthcare occupations").figure("476", "CRS cut-off").figure("500", "invitations"));
    assert_eq!(picture.dimensions(), (1200, 630));
    for (part, top, bottom) in
        [("label", 70, 115), ("title", TITLE.0, TITLE.1), ("figures", 385, 510), ("company", 545, 610)]
    {
        let (left, _, right, _) = bounds(&picture, top, bottom).unwrap_or_else(|| panic!("no {part}"));
        assert!(left >= 70 && right <= 1130 && right > left + 100, "{part}: {left} to {right}");
    }
    let colours: std::collections::HashSet<&Rgb<u8>> = picture.pixels().collect();
    assert!(colours.len() > 12, "smooth edges: {} colours", colours.len());
}

#[test]
fn the_text_area_differs_by_title() {
    let short = bounds(&picture(&card("Nurses")), TITLE.0, TITLE.1).unwrap();
    let wide = bounds(&picture(&card("Registered nurses and nurses")), TITLE.0, TITLE.1).unwrap();
    let tall =
        bounds(&picture(&card("Registered nurses and registered psychiatric nurses in Canada")), TITLE.0, TITLE.1)
            .unwrap();
    assert!(wide.2 > short.2 + 300, "{short:?} {wide:?}");
    assert!(tall.3 > wide.3 + 40, "{wide:?} {tall:?}");
}

#[test]
fn long_titles_and_words_stay_inside() {
    for title in
        ["Donaudampfschifffahrtsgesellschaftskapitän".repeat(4), "a very long title with many words ".repeat(12)]
    {
        let picture = picture(&card(&title));
        let (left, _, right, bottom) = bounds(&picture, TITLE.0, 400).unwrap();
        assert!(left >= 70 && right <= 1130 && bottom < 380, "{left} to {right}, down to {bottom}");
    }
    // Nothing else than the text of the page can be in a title, but no title may stop the job.
    for title in ["", " ", "日本語", "\u{200f}\u{202e}", "🎉 Draw 252", "a\0b"] {
        draw(&card(title), FIRM).unwrap();
    }
}

#[test]
fn french_and_urdu_text_is_drawn_and_joined() {
    let plain = picture(&card("Infirmiers autorises"));
    let accents = picture(&card("Infirmiers autorisés"));
    assert_ne!(bounds(&plain, TITLE.0, TITLE.1), None);
    assert_ne!(plain, accents);
    // Right-to-left text starts at the right margin.
    let urdu = bounds(&picture(&card("نرسوں کے لیے خبر")), TITLE.0, TITLE.1).unwrap();
    assert!(urdu.2 > 1100 && urdu.0 > 400, "{urdu:?}");
    // Joined letters take less width than the same letters kept apart.
    let joined = bounds(&picture(&card("نرسنگ")), TITLE.0, TITLE.1).unwrap();
    let apart = bounds(&picture(&card("ن\u{200c}ر\u{200c}س\u{200c}ن\u{200c}گ")), TITLE.0, TITLE.1).unwrap();
    assert!(joined.2 - joined.0 + 20 < apart.2 - apart.0, "{joined:?} {apart:?}");
    // Numbers in a right-to-left title keep their order.
    let mixed = bounds(&picture(&card("ڈرا 252 میں 500 دعوت نامے")), TITLE.0, TITLE.1).unwrap();
    assert!(mixed.2 > 1100, "{mixed:?}");
}

#[test]
fn the_same_card_is_always_the_same_picture() {
    let card = card("Healthcare occupations").figure("476", "CRS cut-off");
    assert_eq!(draw(&card, FIRM).unwrap(), draw(&card, FIRM).unwrap());
}

/// The general picture is drawn like all others. With `UPDATE_CARD=1`, the test writes it.
#[test]
fn the_general_picture_is_up_to_date() {
    let card = ShareCard::of_site("Canadian Express Entry news, draws and occupations");
    let content = draw(&card, "").unwrap();
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/static/card.png");
    if std::env::var_os("UPDATE_CARD").is_some() {
        std::fs::write(file, &content).unwrap();
    }
    assert_eq!(std::fs::read(file).unwrap(), content, "run the test with UPDATE_CARD=1");
}
