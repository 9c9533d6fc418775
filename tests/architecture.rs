//! Architecture rules, checked on the source: allowed imports, no import cycles, and rules for templates.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

use std::collections::{BTreeMap, BTreeSet};
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
    ("jobs", &[]),
    ("logging", &[]),
    ("systemd", &[]),
    ("signals", &[]),
    ("noc", &[]),
    ("test_support", &[]),
    ("db", &["secure_fs"]),
    ("http", &["secure_fs"]),
    ("web", &["http"]),
    ("metrics", &["db"]),
    ("page_cache", &["http", "web", "db", "metrics", "site", "services"]),
    ("staff", &["http", "web", "db", "services"]),
    ("site", &["http", "web", "db", "staff", "media", "services"]),
    ("mail", &["secure_fs", "http", "web", "db", "staff", "services"]),
    ("accounts", &["http", "web", "db", "staff", "site", "mail", "services"]),
    ("media", &["http", "web", "db", "staff", "services"]),
    ("categories", &["http", "web", "db", "noc", "staff", "services"]),
    ("occupations", &["http", "web", "db", "noc", "staff", "categories", "services"]),
    ("draws", &["http", "web", "db", "staff", "media", "noc", "categories", "occupations", "services"]),
    ("crs", &["http", "web", "db", "noc", "categories", "occupations", "draws", "services"]),
    ("fact_check", &["http", "web", "noc", "categories", "draws"]),
    ("editing", &["http", "web", "db", "staff", "services"]),
    ("posts", &["http", "web", "db", "staff", "mail", "editing", "media", "noc", "categories", "occupations", "draws", "fact_check", "services"]),
    ("pages", &["http", "web", "db", "staff", "editing", "draws", "posts", "services"]),
    ("wordpress", &["secure_fs", "http", "web", "db", "staff", "media", "draws", "fact_check", "posts", "pages", "services"]),
    ("inquiries", &["secure_fs", "http", "web", "db", "staff", "site", "noc", "categories", "occupations", "draws", "crs", "mail", "services"]),
    ("backups", &["secure_fs", "http", "web", "db", "staff", "posts", "inquiries"]),
    ("onboarding", &["http", "web", "staff", "site", "pages", "posts", "inquiries", "services"]),
    ("home", &["http", "web", "db", "occupations", "draws", "posts", "services"]),
    ("search", &["http", "web", "db", "occupations", "draws", "services"]),
    ("admin", &["http", "web", "db", "staff", "pages", "onboarding", "categories", "draws", "posts", "inquiries", "mail", "backups", "services"]),
    ("seo", &["http", "web", "db", "site", "occupations", "draws", "posts", "services"]),
    ("corrections", &["http", "web", "draws", "posts", "services"]),
    ("ops", &["http", "web", "db", "metrics", "site", "staff", "mail", "inquiries", "backups", "services"]),
    ("services", &["http", "web", "db", "metrics", "page_cache", "staff", "site", "mail", "media", "posts", "inquiries", "backups", "ops", "seo", "wordpress"]),
    ("app", &["secure_fs", "config", "jobs", "http", "web", "db", "page_cache", "metrics", "site", "staff", "accounts", "mail", "media", "categories", "occupations", "draws", "crs", "posts", "pages", "wordpress", "onboarding", "editing", "inquiries", "home", "search", "corrections", "admin", "seo", "ops", "backups", "services"]),
    ("doctor", &["app", "config", "http", "web", "db", "site", "staff", "mail", "draws", "inquiries", "backups"]),
    ("cli", &["app", "config", "logging", "signals", "systemd", "http", "web", "db", "staff", "site", "accounts", "mail", "media", "categories", "occupations", "draws", "fact_check", "inquiries", "wordpress", "backups", "doctor"]),
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

/// First and second step of every path that begins with `crate::`, also of several in braces.
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
        let (_, allowed) = allowed.unwrap_or_else(|| panic!("{module} is not in ALLOWED_IMPORTS"));
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
    /// Files with domain types and rules, which use neither the web framework nor the database.
    const DOMAIN_MODULES: [&str; 22] = [
        "site/settings.rs",
        "staff/member.rs",
        "src/noc.rs",
        "categories/category_list.rs",
        "crs/profile.rs",
        "crs/tables.rs",
        "crs/score.rs",
        "crs/partial_profile.rs",
        "crs/language_tests.rs",
        "crs/improvements.rs",
        "crs/fsw_grid.rs",
        "crs/past_draw.rs",
        "draws/draw.rs",
        "draws/pool.rs",
        "draws/validation.rs",
        "draws/import/plan.rs",
        "draws/import/feed_parser.rs",
        "draws/tokens/token.rs",
        "posts/post.rs",
        "posts/post_form.rs",
        "inquiries/inquiry.rs",
        "mail/email.rs",
    ];
    let mut wrong = vec![];
    for noun in DOMAIN_MODULES {
        assert!(files_below("src", noun).len() == 1, "{noun} does not exist");
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
fn every_template_is_used_and_in_its_feature_folder() {
    let mut used = BTreeSet::new();
    for path in files_below("src", ".rs") {
        let source = read(&path);
        for (start, before) in source.match_indices("#[template(path = \"") {
            let template = source[start + before.len()..].split('"').next().unwrap().to_owned();
            let folder = template.split('/').next().unwrap();
            let module = module_of(&path);
            // Layouts and macros of all pages are in `templates/shared`.
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
        assert!(used.contains(name), "{name} is not used");
    }
}

#[test]
fn templates_contain_no_script_style_or_unsanitized_html() {
    /// Unescaped output that is allowed: rendered and sanitized Markdown.
    const SANITIZED: [&str; 5] = [
        "{{ body|safe }}",
        "{{ rendered.body|safe }}",
        "{{ rendered.correction|safe }}",
        "{{ preview.body|safe }}",
        "{{ preview.correction|safe }}",
    ];
    /// Scripts of the admin area, with the templates that load them.
    const STAFF_SCRIPTS: [(&str, &str); 10] = [
        ("templates/shared/admin_layout.html", "unsaved.js"),
        ("templates/posts/admin_edit.html", "toolbar.js"),
        ("templates/posts/admin_edit.html", "paste.js"),
        ("templates/posts/admin_edit.html", "live-preview.js"),
        ("templates/pages/admin_edit.html", "toolbar.js"),
        ("templates/pages/admin_edit.html", "paste.js"),
        ("templates/pages/admin_edit.html", "live-preview.js"),
        ("templates/inquiries/admin_list.html", "inbox.js"),
        ("templates/inquiries/admin_show.html", "inbox.js"),
        ("templates/wordpress/admin_progress.html", "import-progress.js"),
    ];
    for path in files_below("templates", "") {
        let mut source = read(&path);
        let name = path.to_str().unwrap();
        for cleaned in SANITIZED {
            source = source.replace(cleaned, "");
        }
        assert!(!source.contains("|safe"), "{name} prints unsanitized HTML");
        for (_, script) in STAFF_SCRIPTS.iter().filter(|(template, _)| *template == name) {
            let line = format!("<script src=\"{{{{ ctx.layout.asset(\"{script}\") }}}}\" defer></script>");
            assert!(source.contains(&line), "{name} does not load {script}");
            source = source.replace(&line, "");
        }
        assert!(!source.contains("<script"), "{name} contains a script");
        assert!(!source.contains(" onclick=") && !source.contains("javascript:"), "{name} contains a script");
        // E-mails cannot use the style sheet.
        assert!(name.contains("mail_") || !source.contains(" style="), "{name} contains an inline style");
        assert!(
            !source.contains("<form") || !source.contains("method=\"get\" action=\"/admin"),
            "{name} changes data with a GET request"
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
            assert!(tag.contains(" value=\""), "{}: {tag}> would submit its translated text", path.display());
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

/// Source files of `src` as a module tree, with the imports between them.
struct ModuleTree {
    /// Module path to file, such as `["posts", "store"]` to `src/posts/store.rs`.
    files: BTreeMap<Vec<String>, PathBuf>,
    /// Code without comments, strings and tests.
    code: BTreeMap<Vec<String>, String>,
    /// Names that a module re-exports, with the absolute path of each.
    re_exports: BTreeMap<Vec<String>, BTreeMap<String, Vec<String>>>,
}

impl ModuleTree {
    fn read() -> Self {
        let mut tree = Self { files: BTreeMap::new(), code: BTreeMap::new(), re_exports: BTreeMap::new() };
        for path in files_below("src", ".rs") {
            let mut module: Vec<String> = path
                .with_extension("")
                .components()
                .skip(1)
                .map(|part| part.as_os_str().to_str().unwrap().into())
                .collect();
            if module.last().is_some_and(|name| name == "mod") {
                module.pop();
            }
            tree.code.insert(module.clone(), product_code(&read(&path)));
            tree.files.insert(module, path);
        }
        for (module, code) in &tree.code {
            let names =
                use_statements(code).into_iter().filter(|(is_public, _)| *is_public).flat_map(|(_, paths)| paths);
            let names = names.map(|(path, name)| (name, tree.absolute(module, &path))).collect();
            tree.re_exports.insert(module.clone(), names);
        }
        tree
    }

    /// The path from the crate root; names of child modules and `super` count from `module`.
    fn absolute(&self, module: &[String], path: &[String]) -> Vec<String> {
        let mut base = module.to_vec();
        let mut rest = path;
        match path.first().map(String::as_str) {
            Some("crate") => (base, rest) = (vec![], &path[1..]),
            Some("self") => rest = &path[1..],
            Some("super") => {
                while rest.first().is_some_and(|step| step == "super") {
                    base.pop();
                    rest = &rest[1..];
                }
            }
            Some(child) if self.files.contains_key(&[module, &[child.to_owned()]].concat()) => {}
            _ => return vec![],
        }
        base.extend_from_slice(rest);
        base
    }

    /// The module that defines the item at this absolute path, and whether the path names the module itself.
    fn defining_module(&self, path: &[String]) -> (Vec<String>, bool) {
        let known = (1..=path.len()).rev().find(|length| self.files.contains_key(&path[..*length])).unwrap_or(0);
        let (module, rest) = path.split_at(known);
        let Some(item) = rest.first() else { return (module.to_vec(), true) };
        match self.re_exports.get(module).and_then(|names| names.get(item)) {
            Some(target) if !target.is_empty() && target != path => {
                self.defining_module(&[target, &rest[1..]].concat())
            }
            _ => (module.to_vec(), false),
        }
    }

    /// Modules whose files this module imports.
    fn imports(&self, module: &[String]) -> BTreeSet<Vec<String>> {
        let code = &self.code[module];
        let mut found = BTreeSet::new();
        let mut add = |path: &[String]| {
            let (target, is_module) = self.defining_module(path);
            let is_folder = self.files.get(&target).is_some_and(|file| file.ends_with("mod.rs"));
            if !(is_module && is_folder) && target != module && !target.is_empty() {
                found.insert(target);
            }
        };
        // Imported modules, which paths in the code may start with.
        let mut aliases: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (is_public, paths) in use_statements(code) {
            for (path, name) in paths {
                let path = self.absolute(module, &path);
                if !is_public {
                    add(&path);
                }
                if self.files.contains_key(&path) {
                    aliases.insert(name, path);
                }
            }
        }
        for path in inline_paths(code) {
            match aliases.get(&path[0]) {
                Some(alias) => add(&[alias, &path[1..]].concat()),
                None => add(&self.absolute(module, &path)),
            }
        }
        found
    }
}

fn product_code(source: &str) -> String {
    let mut code = String::new();
    let source = source.split("#[cfg(test)]\nmod tests {").next().unwrap();
    for line in source.replace("#[cfg(test)]\nmod ", "// mod ").lines() {
        code.push_str(line.split("//").next().unwrap());
        code.push('\n');
    }
    code.split('"').step_by(2).collect()
}

/// Path, and the name under which it is imported.
type UsedPath = (Vec<String>, String);

/// Every `use` statement: whether it is public, and its paths.
fn use_statements(code: &str) -> Vec<(bool, Vec<UsedPath>)> {
    let mut found = vec![];
    for statement in code.split_inclusive(';') {
        let Some(start) = statement
            .rfind("use ")
            .filter(|start| statement[..*start].is_empty() || statement[..*start].ends_with(['\n', ' ']))
        else {
            continue;
        };
        let line = statement[..start].lines().last().unwrap_or("");
        let mut paths = vec![];
        expand(&[], statement[start + 4..].trim_end_matches(';'), &mut paths);
        found.push((line.trim_start().starts_with("pub"), paths));
    }
    found
}

fn expand(prefix: &[String], tree: &str, paths: &mut Vec<UsedPath>) {
    let (mut depth, mut start) = (0, 0);
    let mut branches = vec![];
    for (at, c) in tree.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => branches.push(&tree[std::mem::replace(&mut start, at + 1)..at]),
            _ => {}
        }
    }
    branches.push(&tree[start..]);
    for branch in branches.into_iter().map(str::trim).filter(|branch| !branch.is_empty()) {
        let (path, list) = branch.split_once('{').map_or((branch, None), |(path, list)| (path, Some(list)));
        let (path, alias) = path.split_once(" as ").map_or((path, None), |(path, alias)| (path, Some(alias.trim())));
        let steps = path.split("::").map(str::trim).filter(|step| !step.is_empty()).map(str::to_owned);
        let mut full: Vec<String> = prefix.iter().cloned().chain(steps).collect();
        if let Some(list) = list {
            expand(&full, list.trim_end().trim_end_matches('}'), paths);
            continue;
        }
        if full.len() > 1 && full.last().is_some_and(|step| step == "self") {
            full.pop();
        }
        let name = alias.map_or_else(|| full.last().cloned().unwrap_or_default(), str::to_owned);
        paths.push((full, name));
    }
}

/// Every `a::b` in the code outside `use` statements.
fn inline_paths(code: &str) -> Vec<Vec<String>> {
    let is_name = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
    // Statements end with `;`, so what follows the last `use ` of a part is its use tree.
    let bodies: String = code
        .split_inclusive(';')
        .map(|part| {
            part.rfind("\nuse ")
                .or(part.rfind("pub use "))
                .or(part.rfind(") use "))
                .map_or(part, |start| &part[..start])
        })
        .collect();
    let words = bodies.split(|c: char| !is_name(c)).filter(|word| word.contains("::"));
    words
        .map(|word| word.split("::").map(str::to_owned).collect())
        .filter(|path: &Vec<String>| !path[0].is_empty())
        .collect()
}

/// Cycles within the folder, each as the files that import each other.
fn cycles(tree: &ModuleTree, folder: &str) -> Vec<Vec<String>> {
    let modules: Vec<&Vec<String>> = tree.files.keys().filter(|module| module[0] == folder).collect();
    let mut reached: BTreeMap<&Vec<String>, BTreeSet<Vec<String>>> = modules
        .iter()
        .map(|module| (*module, tree.imports(module).into_iter().filter(|to| to[0] == folder).collect()))
        .collect();
    loop {
        let before: usize = reached.values().map(BTreeSet::len).sum();
        for module in &modules {
            let next: BTreeSet<_> =
                reached[module].iter().filter_map(|to| reached.get(to)).flatten().cloned().collect();
            reached.get_mut(module).unwrap().extend(next);
        }
        if reached.values().map(BTreeSet::len).sum::<usize>() == before {
            break;
        }
    }
    let mut found = BTreeSet::new();
    for module in modules.iter().filter(|module| reached[**module].contains(**module)) {
        let cycle = reached[*module].iter().filter(|to| reached.get(to).is_some_and(|back| back.contains(*module)));
        found.insert(cycle.map(|to| to.join("/")).collect::<Vec<_>>());
    }
    found.into_iter().collect()
}

#[test]
fn files_of_a_folder_do_not_import_each_other_in_cycles() {
    let tree = ModuleTree::read();
    let folders: BTreeSet<&String> = tree.files.keys().map(|module| &module[0]).collect();
    let found: Vec<Vec<String>> = folders.into_iter().flat_map(|folder| cycles(&tree, folder)).collect();
    assert!(found.is_empty(), "import cycles: {found:#?}");
}

/// Subfolders of large features: what each may import of the same feature. `.` stands for the files beside the subfolders,
/// except those with a row of their own. A row may name only earlier rows, so that no two import each other.
#[rustfmt::skip]
const SUBFOLDER_IMPORTS: &[(&str, &[&str])] = &[
    ("draws/.", &[]),
    ("draws/tokens", &["."]),
    ("draws/import", &[".", "tokens"]),
    ("draws/pages", &[".", "tokens"]),
    ("draws/admin", &[".", "import", "tokens"]),
    ("fact_check/.", &[]),
    ("inquiries/.", &[]),
    ("inquiries/intake", &["."]),
    ("inquiries/forms", &[".", "intake"]),
    ("inquiries/monitoring", &["."]),
    ("inquiries/privacy", &["."]),
    ("inquiries/replies", &["."]),
    ("inquiries/receipts", &[".", "forms", "privacy"]),
    ("inquiries/inbox", &[".", "privacy", "replies"]),
    ("inquiries/jobs", &[".", "monitoring", "privacy", "receipts"]),
];

#[test]
fn subfolders_import_only_allowed_subfolders() {
    let tree = ModuleTree::read();
    let unit = |module: &[String]| {
        let folder = Path::new("src").join(&module[0]).join(module.get(1).map_or("", String::as_str));
        let is_subfolder =
            module.len() > 1 && Path::new(env!("CARGO_MANIFEST_DIR")).join(folder).join("mod.rs").exists();
        let has_row =
            module.len() > 1 && SUBFOLDER_IMPORTS.iter().any(|(row, _)| *row == format!("{}/{}", module[0], module[1]));
        if is_subfolder || has_row { module[1].clone() } else { ".".to_owned() }
    };
    let mut wrong = BTreeSet::new();
    for (position, (row, allowed)) in SUBFOLDER_IMPORTS.iter().enumerate() {
        let feature = row.split('/').next().unwrap();
        let is_earlier = |name: &&str| {
            SUBFOLDER_IMPORTS[..position].iter().any(|(earlier, _)| *earlier == format!("{feature}/{name}"))
        };
        assert!(allowed.iter().all(is_earlier), "{row} may import only earlier rows");
    }
    let is_covered = |module: &[String]| {
        ["inquiries", "draws", "fact_check"].contains(&module[0].as_str())
            && module.get(1).is_none_or(|name| name != "tests")
    };
    for module in tree.files.keys().filter(|module| is_covered(module)) {
        let name = format!("{}/{}", module[0], unit(module));
        let Some((_, allowed)) = SUBFOLDER_IMPORTS.iter().find(|(row, _)| *row == name) else {
            wrong.insert(format!("{name} has no row in SUBFOLDER_IMPORTS"));
            continue;
        };
        // `mod.rs` of the feature registers the routes of all subfolders.
        for imported in tree.imports(module).iter().filter(|to| to[0] == module[0] && module.len() > 1) {
            if unit(imported) != unit(module) && !allowed.contains(&unit(imported).as_str()) {
                wrong.insert(format!("{name} imports {} ({})", unit(imported), tree.files[module].display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
