//! Every route of the site, from the table by which it registers them.

use immigration_experts::app;
use immigration_experts::staff::Role;

/// An address and what it takes.
#[derive(Clone, Debug)]
pub struct Route {
    /// As it is registered: `/news/{slug}`.
    pub pattern: String,
    /// Whether it answers `GET`.
    pub get: bool,
    /// Whether it answers `POST`.
    pub post: bool,
}

impl Route {
    /// An address of this kind at which there is something, if one that stands for all is enough.
    pub fn example(&self) -> String {
        example(&self.pattern)
    }
}

fn example(pattern: &str) -> String {
    let own = match pattern {
        "/{page}" => "/about",
        "/admin/site/pages/{slug}" => "/admin/site/pages/about",
        "/admin/site/pages/{slug}/revisions/{version}" => "/admin/site/pages/about/revisions/1",
        "/news/{slug}" => super::FIRST_POST,
        other => other,
    };
    let known = [("{number}", "252"), ("{noc}", "31301"), ("{key}", "healthcare"), ("{id}", "1"), ("{version}", "1")];
    known.iter().fold(own.to_owned(), |path, (name, value)| path.replace(name, value))
}

/// Every address, in the order in which it is matched.
pub fn mounted() -> Vec<Route> {
    let mut found: Vec<Route> = vec![];
    for route in app::all_routes() {
        let (get, post) = (route.method == "GET", route.method == "POST");
        assert!(get || post, "{route:?}: the tests know no such method");
        match found.iter_mut().find(|known| known.pattern == route.pattern) {
            Some(known) => (known.get, known.post) = (known.get || get, known.post || post),
            None => found.push(Route { pattern: route.pattern, get, post }),
        }
    }
    found
}

/// Every route of the admin area: its method, its pattern, an address at which there is something, and the least role.
pub fn admin_routes() -> Vec<(String, String, String, Role)> {
    let admin_routes = |route: app::RouteInfo| {
        route.role.map(|role| (route.method.to_string(), route.pattern.clone(), example(&route.pattern), role))
    };
    app::all_routes().into_iter().filter_map(admin_routes).collect()
}
