//! What the items of a file refer to: authors, categories and attachments. Read before the items.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::wordpress::converted_text::original_address;
use crate::wordpress::export_file::ExportFile;
use crate::wordpress::html_tags::unescape;
use crate::wordpress::old_address::old_path;
use crate::wordpress::shortcodes::GalleryPicture;
use crate::wordpress::wxr::{Category, Item, WxrEntry};

#[derive(Default)]
pub struct Index {
    /// Address of the old site without a slash at its end.
    pub site: String,
    /// Display names by login names.
    authors: HashMap<String, String>,
    categories: HashMap<String, Category>,
    tags: HashMap<String, Category>,
    /// By ID, so in the order of their upload.
    attachments: BTreeMap<i64, Attachment>,
    /// IDs of the attachments by the paths of their files.
    by_path: HashMap<String, i64>,
    /// Titles of pages.
    page_titles: HashMap<i64, String>,
    /// Login names of the authors of posts and pages.
    item_authors: HashSet<String>,
}

#[derive(Clone, Debug, Default)]
pub struct Attachment {
    pub address: String,
    /// Alternative text, or else the title.
    pub alt: String,
    /// Address of the page that shows it alone.
    pub page: String,
    /// ID of the text with which it was uploaded, or 0.
    pub parent: i64,
}

impl Index {
    /// Reads the whole file once. `progress` gets the bytes read so far.
    pub fn read(export: &ExportFile, progress: &mut dyn FnMut(u64) -> anyhow::Result<()>) -> anyhow::Result<Self> {
        let mut index = Self::default();
        let mut entries = export.entries()?;
        while let Some(entry) = entries.next_entry()? {
            match entry {
                WxrEntry::Site(site) => site.trim_end_matches('/').clone_into(&mut index.site),
                WxrEntry::Author(author) => {
                    index.authors.insert(author.login, author.display_name);
                }
                WxrEntry::Category(category) => {
                    index.add_category(category);
                }
                WxrEntry::Item(item) => index.add_item(&item),
            }
            progress(entries.position())?;
        }
        Ok(index)
    }

    fn add_category(&mut self, category: Category) {
        let categories = if category.is_tag { &mut self.tags } else { &mut self.categories };
        categories.insert(category.slug.clone(), category);
    }

    fn add_item(&mut self, item: &Item) {
        match item.kind.as_str() {
            "attachment" if !item.file_url.is_empty() => {
                let alt = if item.alt.trim().is_empty() { &item.title } else { &item.alt };
                let attachment = Attachment {
                    address: item.file_url.clone(),
                    alt: unescape(alt.trim()),
                    page: item.link.clone(),
                    parent: item.parent,
                };
                self.by_path.extend(old_path(&item.file_url).map(|path| (path, item.id)));
                self.attachments.insert(item.id, attachment);
            }
            "page" => {
                self.page_titles.insert(item.id, item.title.clone());
                self.item_authors.insert(item.author.clone());
            }
            "post" => {
                self.item_authors.insert(item.author.clone());
            }
            _ => {}
        }
    }

    /// Number of authors. Old exports do not list them.
    pub fn author_count(&self) -> usize {
        if self.authors.is_empty() { self.item_authors.len() } else { self.authors.len() }
    }

    pub fn attachment(&self, id: i64) -> Option<&Attachment> {
        self.attachments.get(&id)
    }

    pub fn attachments(&self) -> impl Iterator<Item = (i64, &Attachment)> {
        self.attachments.iter().map(|(id, attachment)| (*id, attachment))
    }

    /// ID of the attachment whose file has this address, also of a smaller size.
    pub fn attachment_at(&self, address: &str) -> Option<i64> {
        let path = old_path(address)?;
        let original = original_address(&path);
        // Copies on the servers of Jetpack have the host of the old site before their path.
        let after_host = original.get(1..).and_then(|rest| rest.find('/')).map_or("", |at| &original[at + 1..]);
        [path.as_str(), original.as_str(), after_host].into_iter().find_map(|path| self.by_path.get(path)).copied()
    }

    /// Pictures of a gallery: those with these IDs, or those that were uploaded with the text `parent`.
    pub fn gallery(&self, ids: &[i64], parent: i64) -> Vec<GalleryPicture> {
        let is_picture = |attachment: &Attachment| {
            let path = attachment.address.to_ascii_lowercase();
            [".jpg", ".jpeg", ".png", ".webp", ".gif", ".avif", ".heic"].iter().any(|ending| path.ends_with(ending))
        };
        let picture = |(id, attachment): (i64, &Attachment)| GalleryPicture {
            id,
            address: attachment.address.clone(),
            alt: attachment.alt.clone(),
        };
        if ids.is_empty() {
            let own = self.attachments().filter(|(_, attachment)| parent != 0 && attachment.parent == parent);
            return own.filter(|(_, attachment)| is_picture(attachment)).map(picture).collect();
        }
        ids.iter()
            .filter_map(|id| Some(picture((*id, self.attachment(*id).filter(|found| is_picture(found))?))))
            .collect()
    }

    pub fn page_title(&self, id: i64) -> Option<&str> {
        self.page_titles.get(&id).map(String::as_str)
    }

    /// ID of a category, for addresses such as `/?cat=3`.
    pub fn category_id(&self, slug: &str) -> Option<i64> {
        self.categories.get(slug).map(|category| category.id).filter(|id| *id > 0)
    }

    /// Name that is shown as the author.
    pub fn author_name(&self, login: &str) -> String {
        let name = self.authors.get(login).filter(|name| !name.trim().is_empty()).map_or(login, String::as_str);
        let name = unescape(name);
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
