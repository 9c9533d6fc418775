//! Fills a form of a rendered page with values that were sent earlier.

use html5ever::{LocalName, QualName, ns};
use scraper::node::{Element, Text};
use scraper::{ElementRef, Html, Node, Selector};

/// Page with a filled form, not rendered yet.
pub struct FilledPage {
    page: Html,
    /// Values without a field in the form, as the page may have changed in the meantime.
    pub leftovers: Vec<(String, String)>,
}

/// Change of one element of the page.
enum Edit {
    Attribute(&'static str, String),
    RemoveAttribute(&'static str),
    Content(String),
}

/// Fills the form of `page` that is sent to `action`. The filled form is sent to `new_action` and has the attribute
/// `data-unsaved`.
///
/// `None` if there is no such form. If there are several, the one whose hidden fields agree best is filled. Passwords,
/// files and buttons stay as they are.
pub fn fill_form(page: &str, action: &str, new_action: &str, values: &[(String, String)]) -> Option<FilledPage> {
    let mut page = Html::parse_document(page);
    let form = find_form(&page, action, values)?;
    let mut leftovers = values.to_vec();
    let mut edits = vec![
        (form.id(), Edit::Attribute("action", new_action.to_owned())),
        (form.id(), Edit::Attribute("data-unsaved", String::new())),
    ];
    let controls = Selector::parse("input, select, textarea, button").ok()?;
    for control in page.select(&controls).filter(|control| belongs_to(*control, form)) {
        let Some(name) = control.attr("name").filter(|name| !name.is_empty()) else { continue };
        let id = control.id();
        match (control.value().name(), control.attr("type").unwrap_or("text")) {
            ("button", _) | ("input", "submit" | "button" | "image" | "reset") => {
                leftovers.retain(|(known, _)| known != name);
            }
            ("input", "file" | "password") => {}
            ("input", "checkbox" | "radio") => {
                let value = control.attr("value").unwrap_or("on");
                let is_checked = take_value(&mut leftovers, |(known, sent)| known == name && sent == value).is_some();
                edits.push((id, flag("checked", is_checked)));
            }
            ("input", _) => {
                if let Some(value) = take_value(&mut leftovers, |(known, _)| known == name) {
                    edits.push((id, Edit::Attribute("value", value)));
                }
            }
            ("select", _) => {
                if let Some(value) = take_value(&mut leftovers, |(known, _)| known == name) {
                    let options = control.descendent_elements().filter(|option| option.value().name() == "option");
                    edits.extend(options.map(|option| (option.id(), flag("selected", option_value(option) == value))));
                }
            }
            _ => {
                if let Some(value) = take_value(&mut leftovers, |(known, _)| known == name) {
                    edits.push((id, Edit::Content(value.replace("\r\n", "\n"))));
                }
            }
        }
    }
    for (id, edit) in edits {
        let Some(mut node) = page.tree.get_mut(id) else { continue };
        match edit {
            Edit::Attribute(name, value) => set_attribute(node.value(), name, Some(value)),
            Edit::RemoveAttribute(name) => set_attribute(node.value(), name, None),
            Edit::Content(text) => {
                while let Some(mut child) = node.first_child() {
                    child.detach();
                }
                node.append(Node::Text(Text { text: text.into() }));
            }
        }
    }
    leftovers.retain(|(_, value)| !value.trim().is_empty());
    Some(FilledPage { page, leftovers })
}

impl FilledPage {
    /// Renders the page with `notice` at the start of its main part.
    pub fn into_html(mut self, notice: &str) -> String {
        // Browsers ignore the first line break of these elements.
        let verbatim = Selector::parse("textarea, pre").map(|verbatim| {
            self.page.select(&verbatim).filter_map(|element| Some(element.first_child()?.id())).collect::<Vec<_>>()
        });
        for id in verbatim.unwrap_or_default() {
            if let Some(mut node) = self.page.tree.get_mut(id)
                && let Node::Text(text) = node.value()
            {
                text.text = format!("\n{}", &*text.text).into();
            }
        }
        let mut html = self.page.html();
        let start = html.find("<main").and_then(|tag| Some(tag + html[tag..].find('>')? + 1));
        html.insert_str(start.unwrap_or(0), notice);
        html
    }
}

fn find_form<'a>(page: &'a Html, action: &str, values: &[(String, String)]) -> Option<ElementRef<'a>> {
    let (forms, hidden) = (Selector::parse("form[method=post]").ok()?, Selector::parse("input[type=hidden]").ok()?);
    let agreement = |form: &ElementRef| {
        let agrees = |field: &ElementRef| {
            values.iter().any(|(name, value)| field.attr("name") == Some(name) && field.attr("value") == Some(value))
        };
        form.select(&hidden).filter(agrees).count()
    };
    // The first of several equal ones.
    let forms: Vec<_> = page.select(&forms).filter(|form| form.attr("action") == Some(action)).collect();
    forms.into_iter().rev().max_by_key(agreement)
}

fn belongs_to(control: ElementRef, form: ElementRef) -> bool {
    match control.attr("form") {
        Some(id) => form.attr("id") == Some(id),
        None => control.ancestors().any(|node| node.id() == form.id()),
    }
}

fn take_value(values: &mut Vec<(String, String)>, is_wanted: impl Fn(&(String, String)) -> bool) -> Option<String> {
    let position = values.iter().position(is_wanted)?;
    Some(values.remove(position).1)
}

fn flag(name: &'static str, is_set: bool) -> Edit {
    if is_set { Edit::Attribute(name, String::new()) } else { Edit::RemoveAttribute(name) }
}

fn option_value(option: ElementRef) -> String {
    option.attr("value").map_or_else(|| option.text().collect::<String>().trim().to_owned(), str::to_owned)
}

fn set_attribute(node: &mut Node, name: &str, value: Option<String>) {
    let Node::Element(Element { attrs, .. }) = node else { return };
    attrs.retain(|(known, _)| &*known.local != name);
    if let Some(value) = value {
        attrs.push((QualName::new(None, ns!(), LocalName::from(name)), value.into()));
        // scraper searches sorted attributes.
        attrs.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(page: &str, values: &[(&str, &str)]) -> (String, Vec<(String, String)>) {
        let values: Vec<_> = values.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        let filled = fill_form(page, "/a", "/a?unsaved-form=1", &values).unwrap();
        let leftovers = filled.leftovers.clone();
        (filled.into_html("<p>Notice</p>"), leftovers)
    }

    #[test]
    fn every_kind_of_field_is_filled() {
        let page = "<!doctype html><main id=m><form method=post action=/a id=f>\
            <input type=hidden name=version value=1><input name=title value=old>\
            <input type=checkbox name=c value=1 checked><input type=checkbox name=c value=2>\
            <input type=radio name=r value=x checked><input type=radio name=r value=y>\
            <select name=s><option value=1 selected>One<option>Two</select>\
            <textarea name=body>\nold</textarea><input type=password name=password value=>\
            <button name=action value=save>Save</button></form>\
            <input name=outside form=f><input name=title value=elsewhere><textarea name=other>\n\nkept</textarea></main>";
        let (html, leftovers) = filled(
            page,
            &[
                ("version", "7"),
                ("title", "a \"b\" <c> & d"),
                ("c", "2"),
                ("r", "y"),
                ("s", "Two"),
                ("body", "\r\nfirst\r\n</textarea><b>"),
                ("outside", "o"),
                ("action", "save"),
                ("reason", "because"),
                ("empty", " "),
            ],
        );
        assert_eq!(leftovers, [("reason".to_owned(), "because".to_owned())]);
        let page = Html::parse_document(&html);
        let values = |selector: &str, attribute: &str| -> Vec<String> {
            let selector = Selector::parse(selector).unwrap();
            page.select(&selector).map(|element| element.attr(attribute).unwrap_or_default().to_owned()).collect()
        };
        let text = |selector: &str| -> String {
            page.select(&Selector::parse(selector).unwrap()).flat_map(|element| element.text()).collect()
        };
        assert_eq!(values("form", "action"), ["/a?unsaved-form=1"]);
        assert_eq!(values("form[data-unsaved] [name=version]", "value"), ["7"]);
        assert_eq!(values("[name=title]", "value"), ["a \"b\" <c> & d", "elsewhere"]);
        assert_eq!(values("[name=c][checked]", "value"), ["2"]);
        assert_eq!(values("[name=r][checked]", "value"), ["y"]);
        assert_eq!(text("option[selected]"), "Two");
        assert_eq!(text("[name=body]"), "\nfirst\n</textarea><b>", "line breaks and markup are text");
        assert_eq!(text("[name=other]"), "\nkept", "other text areas are unchanged");
        assert_eq!(values("[name=outside]", "value"), ["o"]);
        assert_eq!(values("[name=password]", "value"), [""]);
        assert!(html.contains("<main id=\"m\"><p>Notice</p><form"), "{html}");
        assert_eq!(text("b"), "");
    }

    #[test]
    fn the_form_with_the_same_hidden_fields_is_filled() {
        let form = |name: &str| {
            format!("<form method=post action=/a><input type=hidden name=name value={name}><input name=x></form>")
        };
        let page = format!("<main><form method=post action=/b><input name=x></form>{}{}", form("one"), form("two"));
        let (html, _) = filled(&page, &[("name", "two"), ("x", "typed")]);
        assert!(html.contains("value=\"one\"><input name=\"x\"></form>"), "{html}");
        assert!(html.contains("value=\"two\"><input name=\"x\" value=\"typed\">"), "{html}");
        assert!(fill_form(&page, "/c", "/c", &[]).is_none());
    }
}
