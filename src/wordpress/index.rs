//! What the items of a file refer to: authors, categories and attachments. Read before the items.

use std::collections::HashMap;

use crate::wordpress::export_file::ExportFile;
use crate::wordpress::wxr::{Category, Item, WxrEntry};

#[derive(Default)]
pub struct Index {
    /// Address of the old site without a slash at its end.
    pub site: String,
    /// Display names by login names.
    authors: HashMap<String, String>,
    categories: HashMap<String, Category>,
    attachments: HashMap<i64, Attachment>,
}

#[derive(Clone, Debug, Default)]
pub struct Attachment {
    pub address: String,
    /// Alternative text, or else the title.
    pub alt: String,
}

impl Index {
    /// Reads the whole file once. `progress` gets the bytes read so far.
    pub fn read(export: &ExportFile, progress: &mut dyn FnMut(u64)) -> anyhow::Result<Self> {
        let mut index = Self::default();
        let mut entries = export.entries()?;
        while let Some(entry) = entries.next_entry()? {
            match entry {
                WxrEntry::Site(site) => site.trim_end_matches('/').clone_into(&mut index.site),
                WxrEntry::Author(author) => {
                    index.authors.insert(author.login, author.display_name);
                }
                WxrEntry::Category(category) => {
                    index.categories.insert(category.slug.clone(), category);
                }
                WxrEntry::Item(item) => index.add_item(&item),
            }
            progress(entries.position());
        }
        Ok(index)
    }

    fn add_item(&mut self, item: &Item) {
        if item.kind == "attachment" && !item.file_url.is_empty() {
            let alt = if item.alt.trim().is_empty() { &item.title } else { &item.alt };
            let attachment = Attachment { address: item.file_url.clone(), alt: alt.trim().to_owned() };
            self.attachments.insert(item.id, attachment);
        }
    }

    pub fn author_count(&self) -> usize {
        self.authors.len()
    }

    pub fn attachment(&self, id: i64) -> Option<&Attachment> {
        self.attachments.get(&id)
    }

    /// Name that is shown as the author.
    pub fn author_name(&self, login: &str) -> String {
        let name = self.authors.get(login).filter(|name| !name.trim().is_empty()).map_or(login, String::as_str);
        let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
        if name.is_empty() { "WordPress".to_owned() } else { name.chars().take(100).collect() }
    }

    /// Old path of a category, with the categories above it.
    pub fn category_path(&self, slug: &str) -> String {
        let (mut path, mut current) = (slug.to_owned(), slug);
        // A damaged file may contain a cycle.
        for _ in 0..10 {
            let Some(category) = self.categories.get(current).filter(|category| !category.parent.is_empty()) else {
                break;
            };
            path = format!("{}/{path}", category.parent);
            current = &category.parent;
        }
        format!("/category/{path}")
    }
}
