//! Page building: layout, forms, error pages, formatting, Markdown, pagination, placeholders and assets.

mod advice;
mod assets;
mod check_dates;
mod date_parser;
mod email;
mod error_pages;
mod file_text;
mod firm;
mod form;
mod form_filler;
mod format;
mod glossary;
mod invisible;
mod layout;
mod markdown;
mod opening_hours;
mod pagination;
mod picture;
mod placeholders;
#[cfg(test)]
mod proptests;
mod rich_text;
mod share_card;
pub mod spreadsheet;
mod structured_data;
mod submitted_fields;
mod text_diff;
mod text_merge;
mod text_normalizer;
mod upload;

pub use advice::find_advice_offer;
pub use assets::{asset, asset_content, asset_url};
pub use check_dates::CheckDates;
pub use date_parser::{
    french_month_name, is_french_month, month_number, parse_date, parse_entered_date, parse_timestamp,
};
pub use email::{EmailAddress, SMTPUTF8_MESSAGE, ascii_domain, mask_email, needs_smtputf8};
pub use error_pages::render_error_pages;
pub use file_text::{FileTextError, Mojibake, decode_text, decode_text_file, find_mojibake};
pub use firm::{Firm, Licence, LinkedPage, Phone, RetentionPeriods, SocialLink};
pub use form::{
    FieldErrors, Form, Query, email_line, multi_line, not_blank, one_line, parse_query, several_lines, single_line,
};
pub use form_filler::{FilledPage, fill_form};
pub use format::{
    DisplayDate, DisplayTime, ascii_digit, ascii_digits, office_date, office_time_zone, plural, plural_len,
    relative_age, slug, time_with_seconds, with_thousands, without_thousands,
};
pub use glossary::{Term, with_terms_explained};
pub use invisible::visible_only;
pub use layout::{AlertBanner, Layout, NextStep};
pub use markdown::{
    Issue, Section, find_empty_links, find_placeholders, first_heading, fix_markdown, markdown_issues, no_replacement,
    picture_problems, plain_line_issue, plain_text, render_markdown, render_note, sections, without_anchors,
};
pub use opening_hours::{OfficeStatus, OpeningHours, WEEKDAYS, parse_dates, parse_periods};
pub use pagination::Pagination;
pub use picture::{PICTURE_HASH_LEN, Picture, PictureMarkup, Pictures, picture_address, picture_hash, picture_hashes};
pub use placeholders::{Placeholder, Replacement, Resolver, TitleRenderer, expand_line, find_placeholders_in_line};
pub use rich_text::{
    ConversionError, article_to_markdown, file_to_markdown, html_title, html_to_markdown, pasted_to_markdown,
};
pub use share_card::{CardFigure, CardImage, ShareCard};
pub use structured_data::{
    Agent, Article, Business, CorrectionComment, DataDownload, DatasetDetails, JsonLd, ListItem, Thing,
};
pub use submitted_fields::{SubmittedFields, is_secret_field};
pub use text_diff::{DiffPart, DiffRow, text_diff};
pub use text_merge::{MergedFields, merge_forms};
#[cfg(test)]
pub use text_normalizer::within_one_edit;
pub use text_normalizer::{
    closest_term, correction_lengths, fold_accents, folded_words, is_stop_word, is_word_char, normalized_name,
    singular, split_words, word_forms,
};
pub use upload::{StreamedFile, Upload, UploadedFile, UploadedFiles};
