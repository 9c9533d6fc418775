//! Registers the routes of all features; the sign-in guard of `/admin` is applied here.

use actix_web::http::Method;
use actix_web::middleware::from_fn;
use actix_web::web::{ServiceConfig, scope, to};

use crate::http::{PageError, PageResult, Routes};
use crate::staff::{Role, StaffRoutes};
use crate::web::asset;
use crate::{
    accounts, admin, categories, corrections, crs, draws, editing, home, inquiries, mail, media, occupations,
    onboarding, ops, pages, posts, search, seo, site, staff, wordpress,
};

/// All routes, in the order in which they are matched.
struct RouteTable {
    public: Routes,
    staff: StaffRoutes,
    /// Patterns that match any word, so they come last.
    last: Routes,
}

impl RouteTable {
    fn new() -> Self {
        let (mut public, mut staff, mut last) = (Routes::default(), StaffRoutes::default(), Routes::default());
        public.get("/", home::show).get("/static/{name}", asset);
        posts::routes(&mut public);
        media::routes(&mut public);
        draws::routes(&mut public);
        occupations::routes(&mut public);
        categories::routes(&mut public);
        crs::routes(&mut public);
        inquiries::routes(&mut public);
        search::routes(&mut public);
        seo::routes(&mut public);
        public.get("/corrections", corrections::show);
        ops::routes(&mut public);
        staff::routes(&mut public);
        staff.get("", Role::Writer, admin::show);
        wordpress::admin_routes(&mut staff);
        posts::admin_routes(&mut staff);
        pages::admin_routes(&mut staff);
        media::admin_routes(&mut staff);
        draws::admin_routes(&mut staff);
        categories::admin_routes(&mut staff);
        occupations::admin_routes(&mut staff);
        inquiries::admin_routes(&mut staff);
        mail::admin_routes(&mut staff);
        site::admin_routes(&mut staff);
        onboarding::admin_routes(&mut staff);
        editing::admin_routes(&mut staff);
        accounts::admin_routes(&mut staff);
        staff::admin_routes(&mut staff);
        pages::routes(&mut last);
        Self { public, staff, last }
    }
}

/// One route of the site, for tests that visit all of them.
#[derive(Clone, Debug)]
pub struct RouteInfo {
    /// For example `/news/{slug}`.
    pub pattern: String,
    pub method: Method,
    /// Required role, for routes of the admin area.
    pub role: Option<Role>,
}

/// Every route of the site, from the table that is also registered.
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

pub(super) fn register(config: &mut ServiceConfig) {
    let RouteTable { public, staff, last } = RouteTable::new();
    public.register(config);
    let admin = scope("/admin")
        // Both run after the sign-in guard below, so that only staff see the set-up and the state of the mail.
        .wrap(from_fn(onboarding::add_next_step))
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
