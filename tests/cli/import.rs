//! Import of the government's file on the command line.

use std::fs::File;

use serde_json::Value;

use crate::program::{CommandOutput, Home};
use crate::support::feeds::{FEED, FEED_FR, altered_round, file, new_round, published};
use crate::usage_errors::assert_one_line_error;

/// Runs `import draws` on a file with this content and more arguments.
fn import(home: &Home, content: impl AsRef<[u8]>, more: &[&str]) -> CommandOutput {
    std::fs::write(home.dir.path().join("feed.json"), content).unwrap();
    home.run(&[&["import", "draws", "feed.json"], more].concat(), &[])
}

#[track_caller]
fn assert_done(ended: &CommandOutput, lines: &[&str]) {
    assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""));
    assert_eq!(ended.out.lines().collect::<Vec<_>>(), lines);
}

async fn draw_count(home: &Home) -> usize {
    home.texts("SELECT round FROM draws").await.len()
}

fn round_with_warning() -> Value {
    new_round("448", &[("drawCutOff", "October 16, 2026 at 14:55:49 UTC")])
}

const NEW: &str = "new      448 of 2026-10-15: Canadian Experience Class, 1,500 invitations, CRS 515";
const POST: &str = "post     /news/canada-invites-500-healthcare-workers-in-express-entry-draw-252 mentions 252: Canada invites 500 \
                    healthcare workers in Express Entry draw 252";
const CHANGED: &str = "changed  252: CRS cut-off, 476 -> 475";

#[actix_web::test]
async fn import_reports_each_change_and_runs_only_once() {
    let home = Home::with_stopped_site();
    let content = file(&[new_round("448", &[]), altered_round("252", &[("drawCRS", "475")]), published("255")]);
    let summary = "1 new draw (448), 1 changed draw (252), 1 unchanged";
    assert_done(
        &import(&home, &content, &["--preview"]),
        &[NEW, CHANGED, POST, &format!("{summary}: nothing was changed")],
    );
    assert_eq!(draw_count(&home).await, 448);
    assert_done(&import(&home, &content, &[]), &[NEW, CHANGED, POST, &format!("{summary}: imported")]);
    assert_eq!(draw_count(&home).await, 449);
    let kept = "SELECT field || ' ' || before || ' ' || after || ' ' || corrected_by FROM draw_corrections WHERE round = '252'";
    assert_eq!(home.texts(kept).await, ["crs 476 475 command line"]);
    let source = home.texts("SELECT source FROM draws WHERE round = '448'").await.remove(0);
    assert!(source.starts_with("The government’s file of draws, imported on "), "{source}");
    let actions = home.texts("SELECT actor || ': ' || action || ': ' || subject FROM audit_log").await;
    assert_eq!(actions, [format!("command line: imported draws: {summary}")]);
    let nothing = "0 new draws, 0 changed draws, 3 unchanged: nothing was changed";
    assert_done(&import(&home, &content, &[]), &[nothing]);
    let ended = import(&home, file(&[altered_round("262", &[("drawCutOff", "August 01, 2023 at 12:59:52 UTC")])]), &[]);
    let kept = "kept     262: tie-break stays July 4, 2023, 7:36:18 p.m. UTC; August 1, 2023, 12:59:52 p.m. UTC in the file is older than our correction";
    let older = "older    This file ends with draw 262 of August 15, 2023; the record goes to draw 448.";
    assert_done(&ended, &[older, kept, "0 new draws, 0 changed draws, 0 unchanged: nothing was changed"]);
    let ended = import(&home, file(&[published("252")]), &[]);
    assert_eq!(ended.code, Some(1), "changing values back needs a reason");
    assert!(ended.out.contains("warning  252: The file has 476 as CRS cut-off."), "{}", ended.out);
}

#[actix_web::test]
async fn known_feed_changes_nothing_on_a_new_site() {
    let home = Home::with_stopped_site();
    let all = FEED.matches("\"drawNumber\"").count();
    let nothing = format!("0 new draws, 0 changed draws, {all} unchanged: nothing was changed");
    let older = "older    This file ends with draw 438 of August 31, 2026; the record goes to draw 447.";
    assert_done(&import(&home, FEED, &[]), &[older, &nothing]);
    assert_eq!(draw_count(&home).await, 448);
    let ended = import(&home, FEED_FR, &[]);
    assert_eq!(ended.code, Some(0));
    assert!(ended.out.contains("\nchanged  434: French name, none -> Professions dans le secteur"), "{}", ended.out);
    let mut site = home.serve(&[]).await;
    assert_eq!(site.visitor().get("/draws/434").await.status, 200);
    assert!(site.log_line("create the first one").is_some(), "the site starts normally");
    assert!(site.stop().await.success());
}

#[actix_web::test]
async fn import_from_stdin_updates_a_running_site_at_once() {
    let home = Home::new();
    let mut site = home.serve(&[]).await;
    std::fs::write(home.dir.path().join("piped"), file(&[new_round("448", &[])])).unwrap();
    let ended = home.run_with_stdin(File::open(home.dir.path().join("piped")).unwrap(), &["import", "draws", "-"], &[]);
    assert_done(&ended, &[NEW, "1 new draw (448), 0 changed draws, 0 unchanged: imported"]);
    let page = site.visitor().get("/draws/448").await;
    assert_eq!((page.status, page.all("dl.score dd")[1].clone()), (200, "515".into()));
    assert_eq!(site.visitor().get("/draws").await.first(".draws tbody th"), "448");
    assert!(site.stop().await.success());
}

#[test]
fn import_rounds_is_an_alias_of_import_draws() {
    let home = Home::with_stopped_site();
    std::fs::write(home.dir.path().join("feed.json"), file(&[new_round("448", &[])])).unwrap();
    assert_done(
        &home.run(&["import", "rounds", "feed.json"], &[]),
        &[NEW, "1 new draw (448), 0 changed draws, 0 unchanged: imported"],
    );
}

#[actix_web::test]
async fn import_needs_a_reason_for_a_warning() {
    let home = Home::with_stopped_site();
    let content =
        file(&[round_with_warning(), new_round("449", &[("drawSize", "2,000"), ("drawName", "Dog handlers")])]);
    for more in [&[][..], &["--reason", " "]] {
        let ended = import(&home, &content, more);
        assert_eq!(ended.code, Some(1));
        assert_eq!(
            ended.err,
            "error: 1 warning has no reason. Enter a reason for each warning to import the file. Nothing was changed. \
             (Use --reason \"…\".)\n"
        );
        assert!(
            ended
                .out
                .contains("warning  448: The tie-break (October 16, 2026, 2:55:49 p.m. UTC) is later than the draw")
        );
        assert!(ended.out.contains("category 449: Dog handlers has no category yet"), "{}", ended.out);
        assert_eq!(draw_count(&home).await, 448);
    }
    assert_eq!(import(&home, &content, &["--preview"]).code, Some(0), "a preview succeeds");
    let ended = import(&home, &content, &["--reason", "Seen in the instruction."]);
    assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""));
    assert_eq!(draw_count(&home).await, 450);
    let actions =
        home.texts("SELECT actor || ': ' || subject FROM audit_log WHERE action = 'acknowledged a warning'").await;
    assert_eq!(
        actions,
        [
            "command line: draw 448: The tie-break (October 16, 2026, 2:55:49 p.m. UTC) is later than the draw (October 15, 2026, 10:08:20 a.m. UTC). Reason: Seen in the instruction."
        ]
    );
}

#[actix_web::test]
async fn import_of_an_old_feed_reverts_nothing_without_a_reason() {
    let home = Home::with_stopped_site();
    let rounds: Vec<Value> = (3..=12)
        .map(|number| {
            serde_json::json!({
                "drawNumber": number.to_string(), "drawDate": "2015-05-22", "drawName": "Everybody", "drawSize": "1,361",
                "drawCRS": "755",
            })
        })
        .collect();
    let older = "This file ends with draw 12 of May 22, 2015; the record goes to draw 447.";
    for more in [&["--preview"][..], &[]] {
        let ended = import(&home, file(&rounds), more);
        assert_eq!(ended.out.lines().next(), Some(&*format!("older    {older}")));
        let changed: Vec<&str> = ended.out.lines().filter(|line| line.starts_with("changed ")).collect();
        assert!(changed.len() > 10, "{changed:?}");
        assert!(changed.iter().all(|line| line.ends_with("(back to an older value)")), "{changed:?}");
        assert_eq!(home.texts("SELECT count(*) || '' FROM draws WHERE name = 'Everybody'").await, ["0"]);
        if more.is_empty() {
            assert!(ended.err.starts_with(&format!("error: {older} It would change ")), "{}", ended.err);
            assert_eq!(ended.code, Some(1));
        }
    }
    let ended = import(&home, file(&rounds), &["--reason", "The names of 2015 are wanted."]);
    assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""));
    assert_eq!(home.texts("SELECT count(*) || '' FROM draws WHERE name = 'Everybody'").await, ["10"]);
}

#[actix_web::test]
async fn import_rejects_a_file_with_impossible_figures() {
    let home = Home::with_stopped_site();
    let content = file(&[new_round("448", &[]), new_round("449", &[("drawCRS", "1500")])]);
    let ended = import(&home, content, &["--reason", "I insist."]);
    assert_eq!(ended.code, Some(1));
    assert!(
        ended.err.starts_with("error: Draw 449 cannot be recorded. A CRS cut-off of 1500 is not possible"),
        "{}",
        ended.err
    );
    assert_eq!(draw_count(&home).await, 448);
}

#[test]
fn import_reports_invalid_and_missing_files_in_one_line() {
    let home = Home::new();
    assert_one_line_error(
        &import(&home, "<!doctype html>\n<title>Not found</title>", &[]),
        "This is a web page (HTML)",
    );
    assert_one_line_error(&import(&home, "", &[]), "The file is empty.");
    assert_one_line_error(&import(&home, b"\x1F\x8B\x08\0\0\0", &[]), "This is a gzip file.");
    assert_one_line_error(&import(&home, "{\"items\": []}", &[]), "has no list named “rounds”");
    assert_one_line_error(&import(&home, &FEED[..5000], &[]), "The file is cut off");
    assert_one_line_error(
        &import(&home, file(&[new_round("448", &[("drawCRS", "x")])]), &[]),
        "Draw 448: drawCRS is “x”",
    );
    assert_one_line_error(&home.run(&["import", "draws", "nowhere.json"], &[]), "cannot read nowhere.json");
    assert_one_line_error(&home.run(&["import", "draws", "."], &[]), "cannot read .");
    assert_one_line_error(&home.run(&["import", "draws", "-"], &[]), "The file is empty.");
    std::fs::write(home.dir.path().join("feed.json"), FEED).unwrap();
    assert_one_line_error(&home.run(&["import", "draws", "feed.json"], &[("DATA_DIR", "feed.json")]), "(DATA_DIR)");
}

#[test]
fn import_usage_errors_exit_with_2() {
    let home = Home::new();
    for arguments in [
        &["import"][..],
        &["import", "draws"],
        &["import", "rounds"],
        &["import", "draw", "feed.json"],
        &["import", "draws", "a", "b"],
        &["import", "draws", "a", "--reason"],
        &["import", "draws", "a", "--force"],
    ] {
        let ended = home.run(arguments, &[]);
        assert_eq!((ended.code, ended.out.as_str()), (Some(2), ""), "{arguments:?}: {}", ended.err);
    }
    assert!(!home.data().exists());
    let list = home.run(&["import", "--help"], &[]);
    assert!(list.out.contains("[alias: rounds]"), "{}", list.out);
    for command in ["draws", "rounds"] {
        let help = home.run(&["import", command, "--help"], &[]);
        assert_eq!(help.code, Some(0));
        for word in ["import draws", "FILE", "--preview", "--reason", "ee_rounds_123_en.json", "all or nothing"] {
            assert!(help.out.contains(word), "{word} is not in {}", help.out);
        }
    }
}
