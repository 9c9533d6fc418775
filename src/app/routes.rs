//! Every route of the site in one table: each feature adds its own, and `/admin` has its guard here.

use actix_web::http::Method;
use actix_web::middleware::from_fn;
use actix_web::web::{ServiceConfig, scope, to};

use crate::http::{PageError, PageResult, Routes};
use crate::staff::{Role, StaffRoutes};
use crate::web::asset;
use crate::{admin, draws, home, inquiries, mail, occupations, ops, posts, search, seo, site, staff};

/// All routes of the site, in the order in which they are matched.
struct RouteTable {
    public: Routes,
    staff: StaffRoutes,
    /// Patterns so general that they come after all others.
    last: Routes,
}

impl RouteTable {
    fn new() -> Self {
        let (mut public, mut staff, mut last) = (Routes::default(), StaffRoutes::default(), Routes::default());
        public.get("/", home::show).get("/static/{name}", asset);
        posts::routes(&mut public);
        draws::routes(&mut public);
        occupations::routes(&mut public);
        inquiries::routes(&mut public);
        search::routes(&mut public);
        seo::routes(&mut public);
        ops::routes(&mut public);
        ops::routes(&mut public);
        staff::routes(&mut public);
        staff.get("", Role::Writer, admin::show);
        posts::admin_routes(&mut staff);
        draws::admin_routes(&mut staff);
        occupations::admin_routes(&mut staff);
        inquiries::admin_routes(&mut staff);
        mail::admin_routes(&mut staff);
        site::admin_routes(&mut staff);
        staff::admin_routes(&mut staff);
        site::routes(&mut last);
        Self { public, staff, last }
    }
}

/// A route of the site, for what goes through all of them.
#[derive(Clone, Debug)]
pub struct RouteInfo {
    /// The pattern of its address: `/news/{slug}`.
    pub pattern: String,
    /// The method that it takes.
    pub method: Method,
    /// The least role that may use it, in the admin area.
    pub role: Option<Role>,
}

/// Every route of the site. Routes are registered from the same table, so none is missing.
pub fn all_routes() -> Vec<RouteInfo> {
    let RouteTable { public, staff, last } = RouteTable::new();
    let open = |(pattern, method): (&str, &Method)| RouteInfo {
        pattern: pattern.to_owned(),
        method: method.clone(),
        role: None,
    };
    let guarded = |(pattern, method, role): &(&str, Method, Role)| RouteInfo {
        pattern: format!("/admin{pattern}"),
        method: method.clone(),
        role: Some(*role),
    };
    public.list().map(open).chain(staff.list().map(guarded)).chain(last.list().map(open)).collect()
}

/// Registers every route with the framework.
pub(super) fn register(config: &mut ServiceConfig) {
    let RouteTable { public, staff, last } = RouteTable::new();
    public.register(config);
    let admin = scope("/admin")
        // Read from the bottom, as below: nobody outside learns how the mail stands.
        .wrap(from_fn(mail::mail_alert_banner))
        .wrap(from_fn(staff::require_login))
        .configure(|config| staff.register(config));
    config.service(admin);
    last.register(config);
    config.default_service(to(not_found));
}

async fn not_found() -> PageResult {
    Err(PageError::NotFound)
}
