//! Formatting in attributes: inline styles and classes.

use scraper::node::Element;

use crate::web::rich_text::document::{Alignment, Script, Style};

/// Declarations of a `style` attribute, in lower case.
pub struct Css(String);

impl Css {
    pub fn of(element: &Element) -> Self {
        Self(element.attr("style").unwrap_or_default().to_lowercase())
    }

    /// Value of a property, or an empty text.
    pub fn get(&self, property: &str) -> &str {
        let declarations = self.0.split(';').filter_map(|declaration| declaration.split_once(':'));
        let mut values = declarations.filter(|(name, _)| name.trim() == property).map(|(_, value)| value.trim());
        values.next_back().unwrap_or_default()
    }

    /// Whether the element is not shown.
    pub fn is_hidden(&self) -> bool {
        self.get("display") == "none" || self.get("mso-hide") == "all"
    }

    /// Changes the formatting as the declarations say.
    pub fn apply(&self, style: &mut Style) {
        if self.0.is_empty() {
            return;
        }
        match self.get("font-weight") {
            "bold" | "bolder" => style.is_bold = true,
            "normal" | "lighter" => style.is_bold = false,
            weight => {
                if let Ok(weight) = weight.parse::<u32>() {
                    style.is_bold = weight >= 600;
                }
            }
        }
        match self.get("font-style") {
            "italic" | "oblique" => style.is_italic = true,
            "normal" => style.is_italic = false,
            _ => {}
        }
        for property in ["text-decoration", "text-decoration-line"] {
            match self.get(property) {
                "none" => style.is_struck = false,
                value if value.contains("line-through") => style.is_struck = true,
                _ => {}
            }
        }
        match self.get("vertical-align") {
            "super" => style.script = Script::Super,
            "sub" => style.script = Script::Sub,
            "baseline" => style.script = Script::Normal,
            _ => {}
        }
    }
}

/// Alignment of a table cell.
pub fn alignment(cell: &Element) -> Alignment {
    let css = Css::of(cell);
    let declared = [css.get("text-align"), cell.attr("align").unwrap_or_default()];
    let class = |name: &str| cell.classes().any(|class| class == name);
    match declared.into_iter().find(|value| !value.is_empty()) {
        Some("right" | "end") => Alignment::Right,
        Some("center") => Alignment::Center,
        None if class("right") => Alignment::Right,
        None if class("center") => Alignment::Center,
        _ => Alignment::None,
    }
}
