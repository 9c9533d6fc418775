//! Entries of a WordPress export file (WXR) as they are in the file.

/// Entry of the file, in its order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WxrEntry {
    /// Address of the blog, such as `https://old.example`.
    Site(String),
    Author(Author),
    Category(Category),
    Item(Box<Item>),
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Author {
    pub login: String,
    pub display_name: String,
}

/// Category or tag with its place below another category.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Category {
    /// ID in addresses such as `/?cat=3`.
    pub id: i64,
    pub is_tag: bool,
    pub slug: String,
    /// Slug of the category above, or empty.
    pub parent: String,
    pub name: String,
}

/// Post, page, attachment or another item.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Item {
    pub id: i64,
    /// `post`, `page`, `attachment`, `nav_menu_item` or a type of a plugin.
    pub kind: String,
    /// `publish`, `draft`, `pending`, `future`, `private`, `trash`, `inherit` or `auto-draft`.
    pub status: String,
    pub title: String,
    pub slug: String,
    /// Old address.
    pub link: String,
    /// Login name.
    pub author: String,
    /// HTML, with or without block markup.
    pub content: String,
    pub excerpt: String,
    /// ID of the page above, or of the text with which an attachment was uploaded; 0 without one.
    pub parent: i64,
    /// Whether it was pinned to the top of the list.
    pub is_sticky: bool,
    /// Publication in the time zone of the old site, `2023-07-04 09:00:00`.
    pub date: String,
    /// Publication in UTC; zeros for a draft.
    pub date_gmt: String,
    pub is_protected: bool,
    /// Categories and tags.
    pub topics: Vec<ItemTopic>,
    /// Address of the file of an attachment.
    pub file_url: String,
    /// ID of the cover picture.
    pub thumbnail_id: Option<i64>,
    /// Alternative text of an attachment.
    pub alt: String,
    pub search_title: String,
    pub search_description: String,
    pub comments: usize,
    /// Custom fields that have no place here.
    pub other_fields: usize,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ItemTopic {
    pub is_tag: bool,
    pub slug: String,
    pub name: String,
}

/// Error message about a file.
#[derive(Debug, thiserror::Error)]
pub enum WxrError {
    #[error("This is not a WordPress export. In WordPress, choose Tools, Export, All content, and use that XML file.")]
    NotWxr,
    #[error(
        "The file contains a document type (<!DOCTYPE …>), which a WordPress export never has. It was not read further."
    )]
    DocumentType,
    #[error(
        "The file is encoded as {0}, but WordPress writes UTF-8. Download the export again, and do not open and save it in \
         another program."
    )]
    Encoding(String),
    #[error("The file ends in the middle. Download the export again.")]
    Incomplete,
    #[error("A part of the file near byte {0} is larger than {max} MB.", max = MAX_TEXT_BYTES / 1024 / 1024)]
    TooLarge(u64),
    #[error("The file is damaged near byte {0}: {1}.")]
    Damaged(u64, String),
    #[error("The file cannot be read: {0}.")]
    Io(#[from] std::io::Error),
}

/// Maximum bytes of one text of the file, and of all texts of an item together. A post has at most 150,000 characters.
pub const MAX_TEXT_BYTES: usize = 8 * 1024 * 1024;
