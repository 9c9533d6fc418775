//! Plan of an import: reads the file, converts and checks every text, and changes nothing.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::fs::File;
use std::io::{BufWriter, Seek, Write};

use anyhow::{Context, Result, ensure};
use jiff::Timestamp;
use sqlx::SqlitePool;

use crate::draws::TokenValues;
use crate::fact_check::{Finding, Severity};
use crate::media::PictureProcessor;
use crate::posts::{ImportedState, RecordSnapshot};
use crate::wordpress::content::{ConvertedText, KnownPicture, PictureReference, pictures, plain_line, to_markdown};
use crate::wordpress::export_file::ExportFile;
use crate::wordpress::index::Index;
use crate::wordpress::old_address::old_path;
use crate::wordpress::planned_item::PlannedItem;
use crate::wordpress::report::Report;
use crate::wordpress::staged_pictures::StagedPictures;
use crate::wordpress::store;
use crate::wordpress::wxr::{Item, WxrEntry};

/// Everything that an import would add.
pub struct Plan {
    pub report: Report,
    /// Planned items, one per line. Deleted by the system when it is closed.
    pub(super) items: File,
    pub(super) pictures: StagedPictures,
    /// Old addresses of pictures with the new ones.
    pub(super) picture_paths: Vec<(String, String)>,
    /// Version of the draw record that the texts were compared with.
    pub(super) record_version: String,
}

/// Progress of reading the file, in bytes of both readings.
pub struct Progress<'a> {
    pub total: u64,
    pub report: &'a mut dyn FnMut(u64, u64),
}

struct Planner<'a> {
    db: &'a SqlitePool,
    /// `None` for a report without processed pictures.
    processor: Option<&'a PictureProcessor>,
    now: Timestamp,
    index: Index,
    record: RecordSnapshot,
    /// Items that were imported before, or earlier in the file.
    known: HashSet<i64>,
    topics: BTreeSet<String>,
    report: Report,
    pictures: StagedPictures,
    picture_paths: HashMap<String, String>,
}

/// Plans the import of a file. Memory depends on the number of items, not on the length of their texts.
pub async fn plan(
    db: &SqlitePool,
    export: &mut ExportFile,
    processor: Option<&PictureProcessor>,
    now: Timestamp,
    progress: Progress<'_>,
) -> Result<Plan> {
    let Progress { total, report } = progress;
    let index = Index::read(export, &mut |position| report(position, 2 * total))?;
    ensure!(!index.site.is_empty(), "the file does not name its site (wp:base_blog_url)");
    let mut planner = Planner {
        db,
        processor,
        now,
        known: store::imported_items(db, &index.site).await?,
        record: RecordSnapshot::load(db).await?,
        topics: BTreeSet::new(),
        report: Report { site: index.site.clone(), authors: index.author_count(), ..Report::default() },
        pictures: StagedPictures::default(),
        picture_paths: HashMap::new(),
        index,
    };
    let mut items = BufWriter::new(tempfile::tempfile().context("cannot create a temporary file")?);
    let mut entries = export.entries()?;
    while let Some(entry) = entries.next_entry()? {
        if let WxrEntry::Item(item) = entry
            && let Some(planned) = planner.plan_item(&item, export).await?
        {
            serde_json::to_writer(&mut items, &planned)?;
            items.write_all(b"\n").context("cannot write a temporary file")?;
        }
        report(total + entries.position(), 2 * total);
    }
    report(2 * total, 2 * total);
    let mut items = items.into_inner().context("cannot write a temporary file")?;
    items.rewind()?;
    let Planner { mut report, pictures, picture_paths, record, topics, .. } = planner;
    report.topics = topics.len();
    report.pictures = pictures.len();
    report.refused_pictures.clone_from(&pictures.refused);
    let picture_paths = picture_paths.into_iter().collect();
    Ok(Plan { report, items, pictures, picture_paths, record_version: record.version })
}

impl Planner<'_> {
    /// Plans a post or page that is new. Counts everything else.
    async fn plan_item(&mut self, item: &Item, export: &mut ExportFile) -> Result<Option<PlannedItem>> {
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
        let text = self.convert(&item.content, export).await?;
        let excerpt = to_markdown(&item.excerpt, &self.index.site, &|_| None).markdown;
        let (mut planned, mut lost) = PlannedItem::new(item, &text, &excerpt, &self.index, self.now);
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

    async fn convert(&mut self, html: &str, export: &mut ExportFile) -> Result<ConvertedText> {
        let mut known: HashMap<String, KnownPicture> = HashMap::new();
        for picture in pictures(html) {
            if let Some(found) = self.import_picture(&picture, export).await? {
                known.insert(picture.address, found);
            }
        }
        Ok(to_markdown(html, &self.index.site, &|picture| known.get(&picture.address).cloned()))
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
        let attachment = picture.attachment_id.and_then(|id| self.index.attachment(id));
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
        let Some(address) = self.pictures.stage(&mut export.pictures, &path, &alt, self.processor).await? else {
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
