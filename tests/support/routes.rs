//! Routes of the site, from the table that registers them.

use immigration_experts::app;
use immigration_experts::staff::Role;

/// A route.
#[derive(Clone, Debug)]
pub struct Route {
    /// Pattern: `/news/{slug}`.
    pub pattern: String,
    pub get: bool,
    pub post: bool,
}

impl Route {
    /// Example path of this route, if one is enough.
    pub fn example(&self) -> String {
        example(&self.pattern)
    }
}

fn example(pattern: &str) -> String {
    let own = match pattern {
        "/{page}" => "/about",
        "/news/{slug}" => super::FIRST_POST,
        other => other,
    };
    let known = [
        ("{number}", "252"),
        ("{noc}", "31301"),
        ("{key}", "healthcare"),
        ("{id}", "1"),
        ("{version}", "1"),
        ("{step}", "logo"),
        ("{kind}", "posts"),
    ];
    known.iter().fold(own.to_owned(), |path, (name, value)| path.replace(name, value))
}

/// Every route, in matching order.
pub fn mounted() -> Vec<Route> {
    let mut found: Vec<Route> = vec![];
    for route in app::all_routes() {
        let (get, post) = (route.method == "GET", route.method == "POST");
        assert!(get || post, "{route:?}: method without tests");
        match found.iter_mut().find(|known| known.pattern == route.pattern) {
            Some(known) => (known.get, known.post) = (known.get || get, known.post || post),
            None => found.push(Route { pattern: route.pattern, get, post }),
        }
    }
    found
}

/// Every admin route: method, pattern, example path and minimum role.
pub fn admin_routes() -> Vec<(String, String, String, Role)> {
    let admin_routes = |route: app::RouteInfo| {
        route.role.map(|role| (route.method.to_string(), route.pattern.clone(), example(&route.pattern), role))
    };
    app::all_routes().into_iter().filter_map(admin_routes).collect()
}
