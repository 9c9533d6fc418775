//! Every address of the site, as its source mounts them: a test that goes through all of them misses none.

use std::fs;
use std::path::{Path, PathBuf};

/// An address and what it takes.
#[derive(Clone, Debug)]
pub struct Route {
    /// As it is mounted: `/news/{slug}`.
    pub pattern: String,
    /// Whether it answers `GET`.
    pub get: bool,
    /// Whether it answers `POST`.
    pub post: bool,
}

impl Route {
    /// An address of this kind at which there is something, if one that stands for all is enough.
    pub fn example(&self) -> String {
        let own = match self.pattern.as_str() {
            "/{page}" => "/about",
            "/admin/site/pages/{slug}" => "/admin/site/pages/about",
            "/admin/site/pages/{slug}/revisions/{version}" => "/admin/site/pages/about/revisions/1",
            "/news/{slug}" => super::FIRST_POST,
            other => other,
        };
        let known =
            [("{round}", "252"), ("{noc}", "31301"), ("{key}", "healthcare"), ("{id}", "1"), ("{version}", "1")];
        known.iter().fold(own.to_owned(), |path, (name, value)| path.replace(name, value))
    }
}

/// Every address, in no order.
pub fn mounted() -> Vec<Route> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = vec![];
    for file in sources(&root) {
        let source = fs::read_to_string(&file).unwrap();
        for name in ["fn routes(", "fn admin_routes("] {
            let Some((_, rest)) = source.split_once(name) else { continue };
            let body = rest.split("\n}\n").next().unwrap();
            // The inbox hands its addresses to the feature, which mounts them under /admin.
            let under_admin = name == "fn admin_routes(" || file.ends_with("inbox/mod.rs");
            found.extend(body.split("resource(").skip(1).map(|part| route(part, under_admin)));
        }
    }
    assert!(found.len() > 100, "only {} addresses were found: have they moved?", found.len());
    found
}

fn route(part: &str, under_admin: bool) -> Route {
    let path = part.trim_start().strip_prefix('"').and_then(|rest| rest.split('"').next()).unwrap();
    let pattern = match (path, under_admin) {
        ("", _) => "/admin".to_owned(),
        (_, true) => format!("/admin{path}"),
        (_, false) => path.to_owned(),
    };
    let route = Route { pattern, get: part.contains(".get("), post: part.contains(".post(") };
    assert!(route.get || route.post, "{} takes nothing", route.pattern);
    route
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let (folders, files): (Vec<PathBuf>, Vec<PathBuf>) = entries.partition(|path| path.is_dir());
    let sources = files.into_iter().filter(|path| path.extension().is_some_and(|ending| ending == "rs"));
    sources.chain(folders.iter().flat_map(|folder| self::sources(folder))).collect()
}
