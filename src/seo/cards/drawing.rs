//! Drawing of a share card: company, kind of page, title and figures.

use anyhow::Result;

use crate::seo::cards::canvas::{Canvas, Ink};
use crate::seo::cards::text::{ShapedLine, Style, Weight};
use crate::web::ShareCard;

/// Distance from the edges, in pixels.
const MARGIN: f32 = 72.0;
const TEXT_WIDTH: f32 = ShareCard::WIDTH as f32 - 2.0 * MARGIN;
/// Sizes of the title, largest first, with the lines that fit.
const TITLE_SIZES: [(f32, usize); 3] = [(68.0, 2), (56.0, 3), (46.0, 3)];

/// PNG of the card.
pub fn draw(card: &ShareCard, firm: &str) -> Result<Vec<u8>> {
    let mut canvas = Canvas::new();
    canvas.rectangle(0.0, 0.0, 16.0, ShareCard::HEIGHT as f32, Ink::Accent);
    let style = |size, weight, ink| Style { size, weight, ink };
    let label = style(30.0, Weight::Regular, Ink::Accent);
    label.draw(&mut canvas, &one_line(label, &card.label, TEXT_WIDTH)?, MARGIN, 104.0, TEXT_WIDTH);
    draw_title(&mut canvas, &card.title)?;
    if !card.figures.is_empty() {
        let column = TEXT_WIDTH / 3.0;
        for (index, figure) in card.figures.iter().take(3).enumerate() {
            let x = MARGIN + column * index as f32;
            let value = style(80.0, Weight::Bold, Ink::Text);
            value.draw(&mut canvas, &one_line(value, &figure.value, column)?, x, 452.0, column);
            let name = style(28.0, Weight::Regular, Ink::Quiet);
            name.draw(&mut canvas, &one_line(name, &figure.label, column)?, x, 492.0, column);
        }
    }
    canvas.rectangle(MARGIN, 530.0, TEXT_WIDTH, 2.0, Ink::Quiet);
    let name = style(32.0, Weight::Bold, Ink::Text);
    name.draw(&mut canvas, &one_line(name, firm, TEXT_WIDTH)?, MARGIN, 584.0, TEXT_WIDTH);
    Ok(canvas.to_png()?)
}

fn one_line(style: Style, text: &str, width: f32) -> Result<ShapedLine> {
    match style.lines(text, width, 1)?.0.pop() {
        Some(line) => Ok(line),
        None => style.line(""),
    }
}

/// Draws the title in the largest size in which it fits; the end of a longer one is cut off.
fn draw_title(canvas: &mut Canvas, title: &str) -> Result<()> {
    for (index, (size, max_lines)) in TITLE_SIZES.into_iter().enumerate() {
        let style = Style { size, weight: Weight::Bold, ink: Ink::Text };
        let (lines, is_cut) = style.lines(title, TEXT_WIDTH, max_lines)?;
        if is_cut && index + 1 < TITLE_SIZES.len() {
            continue;
        }
        for (number, line) in lines.iter().enumerate() {
            style.draw(canvas, line, MARGIN, 132.0 + size + number as f32 * size * 1.25, TEXT_WIDTH);
        }
        break;
    }
    Ok(())
}
