//! Architecture rules, checked on the source: who may import whom, and what every template must be.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Modules that each module may import. `clock` and, in tests, `test_support` may be imported by all.
///
/// `services` and the features import each other. This is no cycle between files: `services.rs` imports only files
/// without handlers, and only files with handlers, middleware or extractors import `services.rs`.
#[rustfmt::skip]
const ALLOWED_IMPORTS: &[(&str, &[&str])] = &[
    ("clock", &[]),
    ("secure_fs", &[]),
    ("config", &[]),
    ("logging", &[]),
    ("systemd", &[]),
    ("signals", &[]),
    ("test_support", &[]),
    ("db", &["secure_fs"]),
    ("http", &["secure_fs"]),
    ("web", &["http"]),
    ("metrics", &["db"]),
    ("page_cache", &["http", "web", "db", "metrics", "services"]),
    ("staff", &["http", "web", "db", "services"]),
    ("site", &["http", "web", "db", "staff", "services"]),
    ("mail", &["secure_fs", "http", "web", "db", "staff", "services"]),
    ("occupations", &["http", "web", "db", "staff", "services"]),
    ("draws", &["http", "web", "db", "staff", "occupations", "services"]),
    ("fact_check", &["http", "web", "occupations", "draws"]),
    ("posts", &["http", "web", "db", "staff", "occupations", "draws", "fact_check", "services"]),
    ("inquiries", &["http", "web", "db", "staff", "site", "occupations", "draws", "mail", "services"]),
    ("backups", &["http", "web", "db", "staff", "inquiries"]),
    ("home", &["http", "web", "db", "occupations", "draws", "posts", "services"]),
    ("search", &["http", "web", "db", "occupations", "draws", "services"]),
    ("admin", &["http", "web", "db", "staff", "site", "occupations", "draws", "posts", "inquiries", "mail", "backups", "services"]),
    ("seo", &["http", "web", "db", "site", "occupations", "draws", "posts", "services"]),
    ("ops", &["http", "web", "db", "metrics", "site", "staff", "mail", "inquiries", "backups", "services"]),
    ("services", &["http", "web", "db", "metrics", "page_cache", "staff", "site", "mail", "inquiries", "backups", "ops"]),
    ("app", &["secure_fs", "config", "http", "web", "db", "page_cache", "metrics", "site", "staff", "mail", "occupations", "draws", "posts", "inquiries", "home", "search", "admin", "seo", "ops", "backups", "services"]),
    ("doctor", &["app", "config", "http", "web", "db", "site", "staff", "mail", "draws", "inquiries", "backups"]),
    ("cli", &["app", "config", "logging", "signals", "systemd", "http", "web", "db", "staff", "mail", "draws", "backups", "doctor"]),
];

fn files_below(folder: &str, ending: &str) -> Vec<PathBuf> {
    fn walk(folder: &Path, ending: &str, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, ending, found);
            } else if path.to_str().unwrap().ends_with(ending) {
                found.push(path);
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = vec![];
    walk(&root.join(folder), ending, &mut found);
    found.sort();
    found.into_iter().map(|path| path.strip_prefix(root).unwrap().to_owned()).collect()
}

fn read(path: &Path) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

/// The first step of every path that begins with `crate::`, one or several in braces, each with what follows it.
fn imports(source: &str) -> Vec<(String, String)> {
    let mut found = vec![];
    for (start, _) in source.match_indices("crate::") {
        let rest = &source[start + "crate::".len()..];
        let paths: Vec<&str> = match rest.strip_prefix('{') {
            Some(list) => list.split('}').next().unwrap().split(',').map(str::trim).collect(),
            None => vec![rest],
        };
        for path in paths {
            let is_name = |c: char| c.is_alphanumeric() || c == '_';
            let module: String = path.chars().take_while(|c| is_name(*c)).collect();
            let then: String =
                path[module.len()..].trim_start_matches("::").chars().take_while(|c| is_name(*c)).collect();
            if !module.is_empty() && module != "self" {
                found.push((module, then));
            }
        }
    }
    found
}

fn module_of(path: &Path) -> String {
    path.components().nth(1).unwrap().as_os_str().to_str().unwrap().trim_end_matches(".rs").to_owned()
}

#[test]
fn modules_import_only_allowed_modules() {
    let mut wrong = vec![];
    for path in files_below("src", ".rs") {
        let module = module_of(&path);
        if matches!(module.as_str(), "main" | "lib") {
            continue;
        }
        let allowed = ALLOWED_IMPORTS.iter().find(|(name, _)| *name == module);
        let (_, allowed) = allowed.unwrap_or_else(|| panic!("{module} is not in the table of who may import whom"));
        for (imported, _) in imports(&read(&path)) {
            if imported != module
                && !matches!(imported.as_str(), "clock" | "test_support")
                && !allowed.contains(&imported.as_str())
            {
                wrong.push(format!("{} imports {imported}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn features_use_each_other_only_through_public_re_exports() {
    let mut wrong = vec![];
    for path in files_below("src", ".rs") {
        let module = module_of(&path);
        for (imported, then) in imports(&read(&path)) {
            let is_file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("src/{imported}/{then}.rs")).exists();
            if imported != module && is_file && !then.is_empty() {
                wrong.push(format!("{} reaches into {imported}::{then}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn stores_import_no_page_code_and_domain_types_no_framework() {
    /// Things and their rules, which know neither the web nor the database.
    const DOMAIN_MODULES: [&str; 13] = [
        "site/settings.rs",
        "staff/member.rs",
        "occupations/noc.rs",
        "occupations/list.rs",
        "draws/draw.rs",
        "draws/pool.rs",
        "draws/validation.rs",
        "draws/import/plan.rs",
        "draws/import/feed_parser.rs",
        "draws/tokens/token.rs",
        "posts/post.rs",
        "inquiries/inquiry.rs",
        "mail/email.rs",
    ];
    let mut wrong = vec![];
    for noun in DOMAIN_MODULES {
        assert!(files_below("src", noun).len() == 1, "{noun} is not there");
    }
    for path in files_below("src", ".rs") {
        let is_noun =
            path.strip_prefix("src/fact_check").is_ok() || DOMAIN_MODULES.iter().any(|noun| path.ends_with(noun));
        let forbidden: &[&str] = if path.ends_with("store.rs") {
            &["actix_web", "askama"]
        } else if is_noun {
            &["actix_web", "askama", "sqlx::query"]
        } else {
            &[]
        };
        let source = read(&path);
        wrong.extend(
            forbidden.iter().filter(|word| source.contains(**word)).map(|word| format!("{}: {word}", path.display())),
        );
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn sql_appears_only_in_store_files() {
    let contains_sql = |path: &PathBuf| {
        let source = read(path);
        let product = source.split("#[cfg(test)]").next().unwrap();
        product.contains("sqlx::query") && !path.ends_with("store.rs")
    };
    let wrong: Vec<PathBuf> = files_below("src", ".rs").into_iter().filter(contains_sql).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[test]
fn every_module_starts_with_a_doc_comment() {
    let silent: Vec<PathBuf> =
        files_below("src", ".rs").into_iter().filter(|path| !read(path).starts_with("//! ")).collect();
    assert!(silent.is_empty(), "{silent:?}");
}

#[test]
fn every_template_is_used_and_lies_in_its_feature_folder() {
    let mut used = BTreeSet::new();
    for path in files_below("src", ".rs") {
        let source = read(&path);
        for (start, before) in source.match_indices("#[template(path = \"") {
            let template = source[start + before.len()..].split('"').next().unwrap().to_owned();
            let folder = template.split('/').next().unwrap();
            let module = module_of(&path);
            // What every page shares is called so.
            let is_at_home = folder == module || (module == "web" && folder == "shared");
            assert!(is_at_home, "{} uses {template}", path.display());
            used.insert(template);
        }
    }
    let templates = files_below("templates", "");
    for path in &templates {
        let source = read(path);
        for opening in ["{% extends \"", "{% import \"", "{% include \""] {
            for (start, before) in source.match_indices(opening) {
                used.insert(source[start + before.len()..].split('"').next().unwrap().to_owned());
            }
        }
    }
    for path in &templates {
        let name = path.strip_prefix("templates").unwrap().to_str().unwrap();
        assert!(used.contains(name), "{name} is used by nothing");
    }
}

#[test]
fn templates_contain_no_script_style_or_unsanitized_html() {
    /// What may be printed as it is: Markdown that was rendered and cleaned.
    const SANITIZED: [&str; 5] = [
        "{{ body|safe }}",
        "{{ rendered.body|safe }}",
        "{{ rendered.correction|safe }}",
        "{{ preview.body|safe }}",
        "{{ preview.correction|safe }}",
    ];
    for path in files_below("templates", "") {
        let mut source = read(&path);
        let name = path.to_str().unwrap();
        for cleaned in SANITIZED {
            source = source.replace(cleaned, "");
        }
        assert!(!source.contains("|safe"), "{name} prints something uncleaned");
        assert!(!source.contains("<script"), "{name} carries a script");
        assert!(!source.contains(" onclick=") && !source.contains("javascript:"), "{name} carries a script");
        // Letters are read where no style sheet reaches.
        assert!(name.contains("mail_") || !source.contains(" style="), "{name} carries a style");
        assert!(
            !source.contains("<form") || !source.contains("method=\"get\" action=\"/admin"),
            "{name} changes by reading"
        );
    }
}

#[test]
fn every_form_field_has_a_label() {
    for path in files_below("templates", ".html") {
        let source = read(&path);
        for opening in ["<input ", "<select ", "<textarea "] {
            for (start, _) in source.match_indices(opening) {
                let tag = source[start..].split('>').next().unwrap();
                let is_hidden = tag.contains("type=\"hidden\"");
                let is_named = tag.contains("aria-label=\"");
                let id = tag.split(" id=\"").nth(1).and_then(|rest| rest.split('"').next());
                let has_label = id.is_some_and(|id| source.contains(&format!("for=\"{id}\"")));
                assert!(is_hidden || is_named || has_label, "{}: {tag}", path.display());
            }
        }
    }
}

#[test]
fn every_option_has_a_value() {
    for path in files_below("templates", ".html") {
        let source = read(&path);
        for (start, _) in source.match_indices("<option") {
            let tag = source[start..].split('>').next().unwrap();
            assert!(tag.contains(" value=\""), "{}: {tag}> sends what a translated page shows", path.display());
        }
    }
}

#[test]
fn row_ids_are_never_reused() {
    for path in files_below("migrations", ".sql") {
        for line in read(&path).lines().filter(|line| line.trim_start().starts_with("id ")) {
            let is_safe = !line.contains("INTEGER PRIMARY KEY")
                || ["AUTOINCREMENT", "CHECK (id = 1)"].iter().any(|safe| line.contains(safe));
            assert!(is_safe, "{}: {line}", path.display());
        }
    }
}
