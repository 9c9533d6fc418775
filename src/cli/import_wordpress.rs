//! The command `import wordpress`.

use std::io::IsTerminal;
use std::path::PathBuf;

use anyhow::{Result, bail};

use crate::app;
use crate::cli::output::print_line;
use crate::clock::Clock;
use crate::config::Config;
use crate::media::PictureProcessor;
use crate::web::single_line;
use crate::wordpress::{self, ErrorDecision, ExportFile, Imports, Progress, Step, WorkFolder};

#[derive(clap::Args)]
pub struct WordpressArguments {
    /// The XML file of Tools, Export, All content in WordPress, or a zip of it and its pictures
    file: PathBuf,
    /// Folder with the pictures [default: wp-content/uploads or uploads beside the file]
    #[arg(long, value_name = "FOLDER")]
    pictures: Option<PathBuf>,
    /// Only print the report
    #[arg(long)]
    preview: bool,
    /// Reason for publishing texts despite possible errors
    #[arg(long, default_value = "", conflicts_with = "drafts")]
    reason: String,
    /// Import texts with possible errors as drafts
    #[arg(long)]
    drafts: bool,
}

/// Prints the report, then imports everything or nothing.
pub async fn run(arguments: &WordpressArguments, config: Config) -> Result<()> {
    let db = app::open_existing(&config).await?;
    let Some(_lock) = db.lock_import()? else {
        bail!("another import from WordPress is running; try again when it has ended")
    };
    let folder = WorkFolder::create(&Imports::new(&config.data_dir).folder)?;
    let mut export = ExportFile::open(&arguments.file, arguments.pictures.as_deref(), &folder)?;
    let now = Clock::system().now();
    let mut line = ProgressLine::default();
    let mut report = |progress: Progress| {
        line.show(progress);
        Ok(())
    };
    let processor = PictureProcessor::new(&config.program);
    // Nothing is locked while the file is read, because that may take minutes.
    let plan = wordpress::plan(db.read(), &mut export, &folder, &processor, now, &mut report).await?;
    for line in plan.report.lines() {
        print_line(&line);
    }
    let summary = plan.report.summary();
    if arguments.preview || plan.report.is_empty() {
        print_line(&format!("{summary}: nothing was changed"));
        return Ok(());
    }
    let reason = single_line(&arguments.reason);
    let decision = match (arguments.drafts, reason.is_empty()) {
        (true, _) => ErrorDecision::Drafts,
        (false, true) => ErrorDecision::Open,
        (false, false) => ErrorDecision::Keep(reason.chars().take(500).collect()),
    };
    if let Some(refusal) = wordpress::rejection_reason(&plan, &decision) {
        bail!("{refusal} Nothing was changed. (Use --reason \"…\" or --drafts.)");
    }
    let by = (&decision, "command line");
    wordpress::apply(&db, &plan, &folder, by, now, &mut report, async |_| Ok(())).await?;
    print_line(&format!("{summary}: imported"));
    db.close().await;
    Ok(())
}

/// Progress on stderr: one line that changes on a terminal, or else a line for each tenth of a step.
#[derive(Default)]
struct ProgressLine {
    step: Option<Step>,
    percent: u64,
}

impl ProgressLine {
    fn show(&mut self, progress: Progress) {
        if self.step != Some(progress.step) {
            *self = Self { step: Some(progress.step), percent: 0 };
        }
        let percent = progress.percent();
        let is_terminal = std::io::stderr().is_terminal();
        let is_due = if is_terminal { percent > self.percent } else { percent / 10 > self.percent / 10 };
        if !is_due {
            return;
        }
        self.percent = percent;
        let (start, end) = if is_terminal { ("\r", if percent == 100 { "\n" } else { "" }) } else { ("", "\n") };
        eprint!("{start}{}: {percent} %{end}", progress.step.text());
    }
}
