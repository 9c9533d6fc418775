//! The command `check`.

use std::fs::File;

use serde_json::{Value, json};

use crate::backups::all_files;
use crate::program::{CommandOutput, Home};

const WRONG: &str = "---\ntitle: \"Round 252: CRS 478\"\ndate: 2023-07-04\n---\n\n# Figures\n\nIn round 252 the CRS \
                     cut-off was 477.\n";
const RIGHT: &str = "# Round 252\n\nIn round 252 the CRS cut-off was 476.\n";
const PAGE: &str = "<html><head><title>T</title><script>round 252: CRS 400</script></head><body><nav>Round 252: CRS 401</nav>\
                    <article><h1>Round 252</h1><p>In round 252 the CRS <b>cut-off was 479</b>.</p></article></body></html>";

fn home() -> Home {
    let home = Home::new();
    for (name, content) in [("wrong.md", WRONG), ("right.txt", RIGHT), ("page.html", PAGE)] {
        std::fs::write(home.dir.path().join(name), content).unwrap();
    }
    home
}

fn findings(ended: &CommandOutput) -> Vec<Value> {
    serde_json::from_str(&ended.out).unwrap_or_else(|error| panic!("{error}: {} {}", ended.out, ended.err))
}

#[test]
fn findings_are_printed_with_file_and_line() {
    let home = home();
    let ended = home.run(&["check", "wrong.md", "right.txt", "page.html"], &[]);
    assert_eq!((ended.code, ended.err.as_str()), (Some(1), ""));
    for block in [
        "wrong.md:2: [error] Differs from the record: ",
        "\n  Round 252: CRS 478\n  fix: Round 252: CRS 476\n",
        "wrong.md:8: [error] Differs from the record: ",
        "\n  In round 252 the CRS cut-off was 477.\n  fix: In round 252 the CRS cut-off was 476.\n",
        "page.html: [error] Differs from the record: ",
        "\n  In round 252 the CRS cut-off was 479.\n",
    ] {
        assert!(ended.out.contains(block), "{block}: {}", ended.out);
    }
    let summary = "3 files checked with the draws up to 447 (October 1, 2026): 3 errors, 0 hints";
    assert_eq!(ended.out.lines().last(), Some(summary));
    assert!(!ended.out.contains("right.txt") && !ended.out.contains("40"), "{}", ended.out);
    let ended = home.run(&["check", "right.txt"], &[]);
    assert_eq!((ended.code, ended.out.lines().count()), (Some(0), 1), "{}", ended.out);
    assert!(!home.data().exists(), "nothing was created");
}

#[test]
fn findings_are_printed_as_json() {
    let home = home();
    let ended = home.run(&["check", "--json", "wrong.md", "page.html"], &[]);
    assert_eq!(ended.code, Some(1));
    let mut found = findings(&ended);
    let reason = found[1]["reason"].take();
    assert!(reason.as_str().unwrap().contains("476"), "{reason}");
    let expected = json!({
        "file": "wrong.md",
        "field": "body",
        "line": 8,
        "rule": "figure",
        "severity": "error",
        "sentence": "In round 252 the CRS cut-off was 477.",
        "reason": null,
        "replacement": "{{draw 252 crs}}",
        "corrected_sentence": "In round 252 the CRS cut-off was 476.",
    });
    assert_eq!(found[1], expected);
    assert_eq!((&found[2]["file"], &found[2]["line"]), (&json!("page.html"), &Value::Null));
    let ended = home.run(&["check", "--json", "right.txt"], &[]);
    assert_eq!((ended.code, findings(&ended).len()), (Some(0), 0));
}

#[test]
fn dates_without_a_year_are_relative_to_the_publication() {
    let home = home();
    let text = "The draw of June 28 had a CRS cut-off of 477.";
    std::fs::write(home.dir.path().join("bare.md"), text).unwrap();
    std::fs::write(home.dir.path().join("dated.md"), format!("---\ndate: 2023-07-04\n---\n{text}")).unwrap();
    let count = |arguments: &[&str]| {
        let ended = home.run(&[&["check", "--json"], arguments].concat(), &[]);
        findings(&ended).iter().filter(|finding| finding["reason"].as_str().unwrap().contains("476")).count()
    };
    assert_eq!(count(&["--published", "2023-07-04", "bare.md"]), 1);
    assert_eq!(count(&["dated.md"]), 1);
    assert_eq!(count(&["--published", "2026-10-02", "dated.md"]), 0, "the argument overrides the file");
    assert_eq!(home.run(&["check", "--published", "June 28", "bare.md"], &[]).code, Some(2));
    assert_eq!(home.run(&["check"], &[]).code, Some(2));
}

#[test]
fn standard_input_is_read_as_markdown_or_html() {
    let home = home();
    for name in ["wrong.md", "page.html"] {
        let file = File::open(home.dir.path().join(name)).unwrap();
        let ended = home.run_with_stdin(file, &["check", "-"], &[]);
        assert_eq!(ended.code, Some(1), "{}", ended.err);
        assert!(
            ended.out.starts_with(if name == "wrong.md" { "-:2: [error] " } else { "-: [error] " }),
            "{}",
            ended.out
        );
        assert!(!ended.out.contains("<b>") && !ended.out.contains("401"), "{}", ended.out);
    }
}

#[test]
fn unreadable_files_are_reported_and_the_others_are_checked() {
    let home = home();
    std::fs::write(home.dir.path().join("picture.md"), b"\x89PNG\r\n\0").unwrap();
    std::fs::create_dir(home.dir.path().join("folder.md")).unwrap();
    let ended = home.run(&["check", "missing.md", "picture.md", "folder.md", "wrong.md"], &[]);
    assert_eq!(ended.code, Some(2));
    assert!(ended.out.contains("wrong.md:8: [error]") && ended.out.contains("\n1 file checked"), "{}", ended.out);
    let errors: Vec<&str> = ended.err.lines().collect();
    assert_eq!(errors.len(), 3, "{}", ended.err);
    for (error, file) in errors.iter().zip(["missing.md: No such file", "picture.md: it is not", "folder.md: "]) {
        assert!(error.starts_with(&format!("error: cannot read {file}")), "{error}");
    }
}

#[actix_web::test]
async fn record_of_the_site_is_used_and_not_changed() {
    let home = Home::with_stopped_site();
    std::fs::write(home.dir.path().join("wrong.md"), WRONG.replace("478", "477")).unwrap();
    home.execute("UPDATE draws SET crs = 477 WHERE round = '252'").await;
    let before = all_files(&home.data());
    let ended = home.run(&["check", "wrong.md"], &[]);
    assert_eq!((ended.code, ended.out.lines().count()), (Some(0), 1), "{} {}", ended.out, ended.err);
    assert_eq!(all_files(&home.data()), before, "nothing was changed");
    home.execute("UPDATE _sqlx_migrations SET version = 9999 WHERE version = 9").await;
    let ended = home.run(&["check", "wrong.md"], &[]);
    assert_eq!(ended.code, Some(1));
    assert!(ended.err.contains("belong to a newer version of this program"), "{}", ended.err);
}
