//! Plans one item of an export after another: converts its text, imports its pictures, and checks it.

use std::collections::{BTreeSet, HashMap, HashSet};

use anyhow::Result;
use jiff::Timestamp;
use sqlx::SqlitePool;

use crate::draws::TokenValues;
use crate::fact_check::{Finding, Severity};
use crate::media::PictureProcessor;
use crate::posts::{ImportedState, RecordSnapshot};
use crate::wordpress::content::{pictures, plain_line, show_backgrounds, to_markdown};
use crate::wordpress::converted_text::{ConvertedText, KnownPicture, PictureReference};
use crate::wordpress::export_file::ExportFile;
use crate::wordpress::index::Index;
use crate::wordpress::old_address::old_path;
use crate::wordpress::plan::Plan;
use crate::wordpress::planned_item::{PlannedItem, unusable_slug};
use crate::wordpress::progress::{Progress, Step};
use crate::wordpress::report::Report;
use crate::wordpress::shortcodes::expand_galleries;
use crate::wordpress::staged_pictures::PictureStaging;
use crate::wordpress::store;
use crate::wordpress::work_folder::WorkFolder;
use crate::wordpress::wxr::Item;
use crate::{pages, posts};

pub struct Planner<'a> {
    db: &'a SqlitePool,
    now: Timestamp,
    index: Index,
    record: RecordSnapshot,
    /// Items that were imported before, or earlier in the file.
    known: HashSet<i64>,
    /// Slugs of the planned pages and posts.
    slugs: HashSet<(bool, String)>,
    topics: BTreeSet<String>,
    used_attachments: HashSet<i64>,
    report: Report,
    pictures: PictureStaging<'a>,
    picture_paths: HashMap<String, String>,
}

impl<'a> Planner<'a> {
    pub async fn new(
        db: &'a SqlitePool,
        folder: &'a WorkFolder,
        processor: &'a PictureProcessor,
        now: Timestamp,
        index: Index,
    ) -> Result<Self> {
        Ok(Self {
            db,
            now,
            known: store::imported_items(db, &index.site).await?,
            record: RecordSnapshot::load(db).await?,
            slugs: HashSet::new(),
            topics: BTreeSet::new(),
            used_attachments: HashSet::new(),
            report: Report { site: index.site.clone(), authors: index.author_count(), ..Report::default() },
            pictures: PictureStaging::new(folder, processor)?,
            picture_paths: HashMap::new(),
            index,
        })
    }

    pub fn progress(&self, done: u64, total: u64) -> Progress {
        let (posts, pages) = (self.report.posts.total(), self.report.pages.total());
        Progress { posts, pages, pictures: self.pictures.len(), ..Progress::of(Step::Checking, done, total) }
    }

    pub fn finish(self) -> Plan {
        let Self { mut report, pictures, picture_paths, record, topics, .. } = self;
        report.topics = topics.len();
        report.pictures = pictures.len();
        report.refused_pictures = pictures.refused;
        // Texts that were imported before are not converted again, so the files that they use are not known.
        let is_first = report.known == 0;
        let unused = self.index.attachments().filter(|(id, _)| is_first && !self.used_attachments.contains(id));
        let name = |address: &str| address.rsplit('/').next().unwrap_or_default().to_owned();
        report.unused_files = unused.map(|(_, attachment)| name(&attachment.address)).collect();
        let picture_paths = picture_paths.into_iter().collect();
        Plan { report, pictures: pictures.pictures, picture_paths, record_version: record.version }
    }

    /// Plans a post or page that is new. Counts everything else.
    pub async fn plan_item(&mut self, item: &Item, export: &mut ExportFile) -> Result<Option<PlannedItem>> {
        self.report.comments += item.comments;
        match item.kind.as_str() {
            "post" | "page" => {}
            // Pictures are imported with the texts that show them.
            "attachment" => return Ok(None),
            kind => {
                *self.report.other_kinds.entry(kind.to_owned()).or_default() += 1;
                return Ok(None);
            }
        }
        if matches!(item.status.as_str(), "trash" | "auto-draft") {
            self.report.in_trash += 1;
            return Ok(None);
        }
        if !self.known.insert(item.id) {
            self.report.known += 1;
            return Ok(None);
        }
        let text = self.convert(item, export).await?;
        let excerpt = to_markdown(&item.excerpt, &self.index.site, &|_| None).markdown;
        let (mut planned, mut lost) = PlannedItem::new(item, &text, &excerpt, &self.index, self.now);
        self.choose_slug(item, &mut planned, &mut lost).await?;
        self.check_rules(&mut planned, &mut lost).await?;
        if !planned.is_page {
            self.add_cover(item, &mut planned, export, &mut lost).await?;
        }
        let findings = self.record.findings_at(&planned.form, planned.written_at).await?;
        let is_error = |finding: &&Finding| finding.severity == Severity::Error;
        planned.errors = findings.iter().filter(is_error).map(Finding::key).collect();
        self.topics.extend(planned.form.topic_list());
        self.report.add(&planned, &text, lost, &findings);
        Ok(Some(planned))
    }

    /// Chooses a slug that no other text has, and names a change.
    async fn choose_slug(&mut self, item: &Item, planned: &mut PlannedItem, lost: &mut Vec<String>) -> Result<()> {
        let is_page = planned.is_page;
        let wanted = planned.form.slug.clone();
        let base = if is_page { pages::importable_slug(&wanted) } else { wanted.clone() };
        let (mut slug, mut number) = (base.clone(), 1);
        while self.slugs.contains(&(is_page, slug.clone())) || self.is_taken(is_page, &slug).await? {
            number += 1;
            slug = format!("{base}-{number}");
        }
        let folder = if is_page { "/" } else { "/news/" };
        if let Some(old) = unusable_slug(item) {
            lost.push(format!(
                "its address “{old}” contains characters that are not used here: it becomes {folder}{slug}"
            ));
        } else if slug != wanted {
            lost.push(format!("its address {folder}{wanted} is taken: it becomes {folder}{slug}"));
        }
        self.slugs.insert((is_page, slug.clone()));
        planned.form.slug = slug;
        Ok(())
    }

    async fn is_taken(&self, is_page: bool, slug: &str) -> sqlx::Result<bool> {
        if is_page { pages::is_slug_taken(self.db, slug).await } else { posts::is_slug_taken(self.db, slug, 0).await }
    }

    /// Applies the rules of publication. A text that breaks one becomes a draft.
    async fn check_rules(&self, planned: &mut PlannedItem, lost: &mut Vec<String>) -> Result<()> {
        let form = &planned.form;
        let mut problems: Vec<String> = if form.is_too_long() {
            form.length_errors().iter().map(|(_, sentence)| sentence.clone()).collect()
        } else {
            let texts: Vec<&str> = form.texts().into_iter().map(|(_, text)| text).collect();
            let token_values = TokenValues::for_texts(self.db, &texts).await?;
            form.errors(&token_values, false).iter().map(|(_, sentence)| sentence.clone()).collect()
        };
        if form.body.trim().is_empty() {
            problems.push("It has no text.".to_owned());
        }
        if !problems.is_empty() && planned.will_be_public() {
            lost.push(format!("it becomes a draft: {}", problems.join(" ")));
            planned.state = ImportedState::Draft;
        }
        Ok(())
    }

    async fn convert(&mut self, item: &Item, export: &mut ExportFile) -> Result<ConvertedText> {
        let html = show_backgrounds(&expand_galleries(&item.content, &|ids| self.index.gallery(ids, item.id)));
        let mut known: HashMap<String, KnownPicture> = HashMap::new();
        for picture in pictures(&html, &self.index.site) {
            if let Some(found) = self.import_picture(&picture, export).await? {
                known.insert(picture.address, found);
            }
        }
        let text = to_markdown(&html, &self.index.site, &|picture| known.get(&picture.address).cloned());
        self.used_attachments.extend(text.file_addresses.iter().filter_map(|file| self.index.attachment_at(file)));
        Ok(text)
    }

    async fn add_cover(
        &mut self,
        item: &Item,
        planned: &mut PlannedItem,
        export: &mut ExportFile,
        lost: &mut Vec<String>,
    ) -> Result<()> {
        let Some(attachment) = item.thumbnail_id.and_then(|id| self.index.attachment(id)).cloned() else {
            return Ok(());
        };
        let reference =
            PictureReference { address: attachment.address, attachment_id: item.thumbnail_id, alt: String::new() };
        match self.import_picture(&reference, export).await? {
            Some((address, alt)) => {
                planned.form.cover = address;
                planned.form.cover_alt = alt;
            }
            None => {
                self.report.missing_pictures += 1;
                lost.push(format!("cover picture not found: {}", reference.file_name()));
            }
        }
        Ok(())
    }

    /// Address and alternative text of a picture. Prefers the original file to the size that the text shows.
    async fn import_picture(
        &mut self,
        picture: &PictureReference,
        export: &mut ExportFile,
    ) -> Result<Option<KnownPicture>> {
        let id = picture.attachment_id.or_else(|| self.index.attachment_at(&picture.address));
        let attachment = id.and_then(|id| self.index.attachment(id));
        self.used_attachments.extend(id);
        let original = picture.original_address();
        let addresses = [
            attachment.map(|attachment| attachment.address.as_str()),
            Some(original.as_str()),
            Some(picture.address.as_str()),
        ];
        let found = addresses.into_iter().flatten().find_map(|address| export.pictures.find(address));
        let Some(path) = found.map(str::to_owned) else { return Ok(None) };
        let alts = [Some(picture.alt.as_str()), attachment.map(|attachment| attachment.alt.as_str())];
        let alt = alts.into_iter().flatten().find(|alt| !alt.trim().is_empty());
        let alt = alt.map_or_else(|| name_as_text(&path), |alt| plain_line(alt, 300));
        let Some(address) = self.pictures.stage(&mut export.pictures, &path, &alt).await? else {
            return Ok(None);
        };
        for old in [&picture.address, &original] {
            if let Some(path) = old_path(old) {
                self.picture_paths.insert(path, address.clone());
            }
        }
        Ok(Some((address, alt)))
    }
}

/// File name as alternative text: `2023/07/draw-252.jpg` becomes `draw 252`.
fn name_as_text(path: &str) -> String {
    let name = path.rsplit('/').next().unwrap_or_default();
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    stem.replace(['-', '_', '[', ']'], " ").split_whitespace().collect::<Vec<_>>().join(" ")
}
