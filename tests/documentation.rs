//! Documentation: every path, setting, command, metric, label and test that it names must exist.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The documents with their text. Paths are relative to the project.
fn documents() -> Vec<(String, String)> {
    let mut names = vec!["README.md".to_owned(), "CONTRIBUTING.md".to_owned(), "deploy/README.md".to_owned()];
    for entry in fs::read_dir(root().join("docs")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if name.ends_with(".md") {
            names.push(format!("docs/{name}"));
        }
    }
    names.into_iter().map(|name| (name.clone(), fs::read_to_string(root().join(&name)).unwrap())).collect()
}

fn document(name: &str) -> String {
    documents().into_iter().find(|(other, _)| other == name).unwrap().1
}

/// Texts between backquotes, outside of indented code.
fn quoted(text: &str) -> Vec<String> {
    let prose: String = text.lines().filter(|line| !line.starts_with("    ")).map(|line| format!("{line}\n")).collect();
    prose.split('`').skip(1).step_by(2).map(|quoted| quoted.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
}

fn files_below(folder: &str) -> Vec<PathBuf> {
    let mut found = vec![];
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { found.push(path) }
        }
    }
    found
}

/// All text files below the folders in one text, with single spaces.
fn text_below(folders: &[&str]) -> String {
    let files = folders.iter().flat_map(|folder| files_below(folder));
    let texts = files.filter(|path| !path.ends_with("tests/documentation.rs")).map(fs::read_to_string);
    texts
        .filter_map(Result::ok)
        .flat_map(|text| text.split_whitespace().map(|word| format!("{word} ")).collect::<Vec<_>>())
        .collect()
}

#[test]
fn every_path_in_the_documentation_exists() {
    const FOLDERS: [&str; 10] =
        ["src/", "tests/", "templates/", "static/", "migrations/", "data/", "benches/", "deploy/", "docs/", ".ci/"];
    let mut missing = vec![];
    for (name, text) in documents() {
        let paths = quoted(&text).into_iter().filter(|path| FOLDERS.iter().any(|folder| path.starts_with(folder)));
        missing.extend(paths.filter(|path| !root().join(path).exists()).map(|path| format!("{name}: {path}")));
        let links = text.split("](").skip(1).filter_map(|rest| rest.split([')', '#']).next());
        let folder = Path::new(&name).parent().unwrap();
        for link in links.filter(|link| !link.is_empty() && !link.contains("://")) {
            if !root().join(folder).join(link).exists() {
                missing.push(format!("{name}: {link}"));
            }
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

#[test]
fn every_setting_is_documented_and_no_other_is_named() {
    let config = fs::read_to_string(root().join("src/config.rs")).unwrap();
    let settings: BTreeSet<&str> =
        config.split("env = \"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    assert!(settings.len() > 15, "{settings:?}");
    let documentation = document("docs/configuration.md");
    let documented: BTreeSet<&str> =
        documentation.lines().filter_map(|line| line.strip_prefix("- `")?.split('`').next()).collect();
    assert_eq!(documented, settings);
}

#[test]
fn every_variable_in_the_documentation_exists() {
    let sources = text_below(&["src", "tests", "benches", "deploy", ".ci"]);
    for (name, text) in documents() {
        for quoted in quoted(&text) {
            let variable = quoted.split('=').next().unwrap();
            if variable.len() > 2 && variable.chars().all(|c| c.is_ascii_uppercase() || c == '_') {
                assert!(sources.contains(variable), "{name}: there is no {variable}");
            }
        }
    }
}

#[test]
fn every_url_path_in_the_documentation_exists() {
    let sources = text_below(&["src"]);
    let mut named = 0;
    for (name, text) in documents() {
        for path in quoted(&text) {
            let is_path = path.starts_with('/') && path.chars().all(|c| c.is_ascii_lowercase() || "/-".contains(c));
            if is_path && !path.starts_with("/usr/") && !path.starts_with("/etc/") {
                let route = path.strip_prefix("/admin").unwrap_or(&path);
                assert!(
                    route.is_empty() || sources.contains(&format!("\"{route}\"")),
                    "{name}: there is no page {path}"
                );
                named += 1;
            }
        }
    }
    assert!(named > 10, "{named}");
}

#[test]
fn every_metric_in_the_documentation_exists() {
    const PREFIXES: [&str; 6] = ["http_", "db_", "outbox_", "page_cache_", "site_", "process_"];
    let sources = text_below(&["src"]);
    let mut named = 0;
    for quoted in quoted(&document("docs/operations.md")) {
        let metric = quoted.split('{').next().unwrap();
        if PREFIXES.iter().any(|prefix| metric.starts_with(prefix)) {
            // The exposition adds these endings.
            let registered = metric.trim_end_matches("_total").trim_end_matches("_info");
            assert!(sources.contains(&format!("\"{registered}\"")), "there is no metric {metric}");
            named += 1;
        }
    }
    assert!(named > 15, "{named}");
}

#[test]
fn every_label_in_the_staff_guide_is_on_a_page() {
    let sources = text_below(&["templates", "src"]);
    let guide = document("docs/staff-guide.md").split_whitespace().collect::<Vec<_>>().join(" ");
    let labels: BTreeSet<&str> = guide.split("**").skip(1).step_by(2).collect();
    assert!(labels.len() > 50, "{labels:?}");
    // A label begins an element, a text in Rust, or a branch of a template.
    let is_label = |label: &str| {
        sources.match_indices(label).any(|(start, _)| {
            let (before, after) = (&sources[..start], &sources[start + label.len()..]);
            before.trim_end().ends_with(['>', '"', '}']) && !after.starts_with(char::is_alphanumeric)
        })
    };
    let missing: Vec<&&str> = labels.iter().filter(|label| !is_label(label)).collect();
    assert!(missing.is_empty(), "{missing:#?}");
}

#[test]
fn every_feature_walk_names_at_most_five_files_in_two_folders() {
    let text = document("docs/architecture.md");
    let walks = text.split_once("## Four features in the code").unwrap().1;
    let walks: Vec<&str> = walks.split("\n\n").filter(|walk| walk.starts_with("**")).collect();
    assert_eq!(walks.len(), 4);
    for walk in walks {
        let paths = quoted(walk).into_iter().filter(|path| path.starts_with("src/"));
        let files: BTreeSet<PathBuf> = paths.map(PathBuf::from).collect();
        let folders: BTreeSet<&Path> = files.iter().filter_map(|file| file.parent()).collect();
        assert!((2..=5).contains(&files.len()) && folders.len() <= 2, "{files:#?}");
    }
}

#[test]
fn pictures_are_small() {
    for path in files_below("docs/images") {
        let picture = fs::read(&path).unwrap();
        assert_eq!(&picture[1..4], b"PNG", "{}", path.display());
        let width = u32::from_be_bytes(picture[16..20].try_into().unwrap());
        assert!(picture.len() <= 170_000 && width <= 1280, "{}: {width}, {}", path.display(), picture.len());
    }
}

#[test]
fn every_command_in_the_documentation_exists() {
    let cli = ["src/cli.rs", "src/cli/staff_command.rs"].map(|file| fs::read_to_string(root().join(file)).unwrap());
    let cli = cli.join("\n");
    let commands: BTreeSet<String> = cli
        .lines()
        .filter_map(|line| line.strip_prefix("    ")?.split(['(', ' ', ',']).next())
        .filter(|name| name.starts_with(|c: char| c.is_ascii_uppercase()))
        .map(|name| {
            let mut command = String::new();
            for c in name.chars() {
                if c.is_ascii_uppercase() && !command.is_empty() {
                    command.push('-');
                }
                command.push(c.to_ascii_lowercase());
            }
            command
        })
        .collect();
    let mut named = 0;
    for (name, text) in documents() {
        for rest in text.split("immigration-experts ").skip(1) {
            let mut words = rest.split_whitespace();
            for _ in 0..2 {
                let Some(word) = words.next() else { break };
                let is_command = word.chars().all(|c| c.is_ascii_lowercase() || c == '-') && !word.starts_with('-');
                if !is_command {
                    break;
                }
                assert!(commands.contains(word), "{name}: {word} is not a command");
                named += 1;
                if !["staff", "import", "mail", "secret"].contains(&word) {
                    break;
                }
            }
        }
    }
    assert!(named > 10, "{named}");
}

#[test]
fn every_guarantee_names_tests_that_exist() {
    let mut tests = BTreeSet::new();
    for folder in ["tests/site", "tests/cli", "tests/deploy", "tests/browser"] {
        for path in files_below(folder) {
            let relative = path.strip_prefix(root().join(folder)).unwrap().with_extension("");
            let module = relative.to_str().unwrap().replace('/', "::");
            let source = fs::read_to_string(&path).unwrap();
            for function in source.split("\nasync fn ").chain(source.split("\nfn ")).skip(1) {
                tests.insert(format!("{module}::{}", function.split('(').next().unwrap()));
            }
        }
    }
    let text = document("docs/guarantees.md");
    for item in text.split("\n- ").skip(1) {
        let item = item.split("\n\n").next().unwrap();
        let named: Vec<String> = quoted(item).into_iter().filter(|name| name.contains("::")).collect();
        assert!(!named.is_empty(), "no test proves: {item}");
        for name in named {
            assert!(tests.contains(&name), "{name} does not exist");
        }
    }
}

#[test]
fn every_bench_and_test_target_in_the_documentation_exists() {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    for (name, text) in documents() {
        for rest in text.split("--bench ").skip(1) {
            let bench: String = rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
            assert!(manifest.contains(&format!("name = \"{bench}\"")), "{name}: there is no bench {bench}");
        }
        for rest in text.split("--test ").skip(1) {
            let test: String = rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
            let tests = root().join("tests");
            let exists = tests.join(&test).join("main.rs").exists() || tests.join(format!("{test}.rs")).exists();
            assert!(exists, "{name}: there is no test {test}");
        }
    }
}

#[test]
fn documentation_is_wrapped_and_the_readme_is_short() {
    for (name, text) in documents() {
        for (number, line) in text.lines().enumerate() {
            let is_short = line.chars().count() < 120 || (name == "deploy/README.md" && line.starts_with('|'));
            assert!(is_short, "{name}:{}", number + 1);
        }
    }
    let lines = document("README.md").lines().count();
    assert!(lines <= 150, "README.md has {lines} lines");
}
