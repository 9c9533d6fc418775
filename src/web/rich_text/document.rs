//! Structure of a text with formatting, between its source format and Markdown.

/// Block of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// Heading of level 1 to 6.
    Heading(u8, Vec<Run>),
    Paragraph(Vec<Run>),
    Quote(Vec<Block>),
    List(List),
    /// List item of a format that stores items as paragraphs with a level. [`nest_items`] makes lists of them.
    FlatItem(FlatItem),
    Table(Table),
    /// Language, or an empty text, and lines of code.
    Code(String, String),
    Rule,
    /// Label and text of a footnote.
    Footnote(String, Vec<Block>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct List {
    /// First number, or `None` for a list with bullets.
    pub start: Option<u32>,
    pub items: Vec<Vec<Block>>,
}

/// List item with the level of its list, from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlatItem {
    pub level: usize,
    /// Number of the item, or `None` for a bullet.
    pub number: Option<u32>,
    /// Distinguishes lists that follow each other.
    pub list: String,
    pub blocks: Vec<Block>,
}

/// Table whose first row contains the headings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// All rows have the same number of cells.
    pub rows: Vec<Vec<Vec<Run>>>,
    pub alignments: Vec<Alignment>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Alignment {
    #[default]
    None,
    Center,
    Right,
}

/// Part of a text with the same formatting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    pub content: Content,
    pub style: Style,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    Text(String),
    Image(Image),
    /// Label of a footnote.
    FootnoteReference(String),
    LineBreak,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Image {
    pub address: String,
    pub alt: String,
    /// Caption, or an empty text.
    pub title: String,
}

/// Formatting of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Style {
    /// Address of the link.
    pub link: Option<String>,
    pub is_bold: bool,
    pub is_italic: bool,
    pub is_struck: bool,
    pub is_code: bool,
    pub script: Script,
}

/// Position of characters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Script {
    #[default]
    Normal,
    Sub,
    Super,
}

impl Run {
    pub fn text(text: impl Into<String>, style: &Style) -> Self {
        Self { content: Content::Text(text.into()), style: style.clone() }
    }

    pub fn line_break() -> Self {
        Self { content: Content::LineBreak, style: Style::default() }
    }

    fn has_formatting(&self) -> bool {
        self.style != Style::default() || !matches!(self.content, Content::Text(_) | Content::LineBreak)
    }
}

/// Plain text of runs. Line breaks become spaces.
pub fn text_of(runs: &[Run]) -> String {
    let text = |run: &Run| match &run.content {
        Content::Text(text) => text.clone(),
        Content::Image(image) => image.alt.clone(),
        Content::LineBreak => " ".to_owned(),
        Content::FootnoteReference(_) => String::new(),
    };
    runs.iter().map(text).collect()
}

/// Text of blocks in one paragraph, each on a line of its own.
pub fn inline_of_blocks(blocks: Vec<Block>) -> Vec<Run> {
    let mut runs: Vec<Run> = vec![];
    for block in blocks {
        let lines = match block {
            Block::Heading(_, runs) | Block::Paragraph(runs) => vec![runs],
            Block::Quote(inner) | Block::Footnote(_, inner) => vec![inline_of_blocks(inner)],
            Block::FlatItem(item) => vec![inline_of_blocks(item.blocks)],
            Block::List(list) => {
                let bullet = Run::text("• ", &Style::default());
                let item = |item| [vec![bullet.clone()], inline_of_blocks(item)].concat();
                list.items.into_iter().map(item).collect()
            }
            Block::Table(table) => table.rows.into_iter().flatten().collect(),
            Block::Code(_, text) => vec![vec![Run::text(text, &Style { is_code: true, ..Style::default() })]],
            Block::Rule => vec![],
        };
        for line in lines {
            if !runs.is_empty() {
                runs.push(Run::line_break());
            }
            runs.extend(line);
        }
    }
    runs
}

/// Whether a text contains more than paragraphs of plain text.
pub fn has_formatting(blocks: &[Block]) -> bool {
    blocks.iter().any(|block| match block {
        Block::Paragraph(runs) => runs.iter().any(Run::has_formatting),
        _ => true,
    })
}

/// Calls `change` for the runs of every block.
pub fn change_runs(blocks: &mut [Block], change: &mut dyn FnMut(&mut Vec<Run>)) {
    for block in blocks {
        match block {
            Block::Heading(_, runs) | Block::Paragraph(runs) => change(runs),
            Block::Quote(inner) | Block::Footnote(_, inner) => change_runs(inner, change),
            Block::List(list) => list.items.iter_mut().for_each(|item| change_runs(item, change)),
            Block::FlatItem(item) => change_runs(&mut item.blocks, change),
            Block::Table(table) => table.rows.iter_mut().flatten().for_each(&mut *change),
            Block::Code(..) | Block::Rule => {}
        }
    }
}

/// Turns consecutive [`Block::FlatItem`]s into nested lists.
pub fn nest_items(blocks: Vec<Block>) -> Vec<Block> {
    let mut nested = vec![];
    let mut items: Vec<FlatItem> = vec![];
    for block in blocks {
        match block {
            Block::FlatItem(item) => items.push(item),
            other => {
                nested.extend(lists(std::mem::take(&mut items)));
                nested.push(other);
            }
        }
    }
    nested.extend(lists(items));
    nested
}

/// Lists of consecutive items. An item with a higher level belongs to the item before it.
fn lists(items: Vec<FlatItem>) -> Vec<Block> {
    let Some(level) = items.iter().map(|item| item.level).min() else { return vec![] };
    let mut lists: Vec<Block> = vec![];
    let mut current: Option<(String, List)> = None;
    let mut items = items.into_iter().peekable();
    while let Some(mut item) = items.next() {
        // A list that starts with an inner item has no item before it.
        if item.level > level {
            item.level = level;
        }
        let mut inner = vec![];
        while let Some(next) = items.next_if(|next| next.level > level) {
            inner.push(next);
        }
        let FlatItem { number, list, mut blocks, .. } = item;
        blocks.extend(self::lists(inner));
        match &mut current {
            Some((name, open)) if *name == list && open.start.is_some() == number.is_some() => open.items.push(blocks),
            _ => {
                lists.extend(current.take().map(|(_, list)| Block::List(list)));
                current = Some((list, List { start: number, items: vec![blocks] }));
            }
        }
    }
    lists.extend(current.map(|(_, list)| Block::List(list)));
    lists
}
