//! The route table: every route of the site is registered through it, so none can be missing from the list.

use actix_web::http::Method;
use actix_web::web::ServiceConfig;
use actix_web::{FromRequest, Handler, Responder, Route, web};

/// Routes in the order in which they are matched, with what is registered for each.
#[derive(Default)]
pub struct Routes(Vec<(&'static str, Vec<(Method, Route)>)>);

impl Routes {
    /// Adds a handler of `GET`.
    pub fn get<F, Args>(&mut self, pattern: &'static str, handler: F) -> &mut Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.add(pattern, Method::GET, web::get().to(handler))
    }

    /// Adds a handler of `POST`.
    pub fn post<F, Args>(&mut self, pattern: &'static str, handler: F) -> &mut Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.add(pattern, Method::POST, web::post().to(handler))
    }

    /// Adds a route that takes `method`. Methods of one pattern share its place in the order.
    pub fn add(&mut self, pattern: &'static str, method: Method, route: Route) -> &mut Self {
        match self.0.iter_mut().find(|(known, _)| *known == pattern) {
            Some((_, routes)) => routes.push((method, route)),
            None => self.0.push((pattern, vec![(method, route)])),
        }
        self
    }

    /// Every pattern with each method that it takes.
    pub fn list(&self) -> impl Iterator<Item = (&'static str, &Method)> {
        self.0.iter().flat_map(|(pattern, routes)| routes.iter().map(|(method, _)| (*pattern, method)))
    }

    /// Registers all of them with the framework.
    pub fn register(self, config: &mut ServiceConfig) {
        for (pattern, routes) in self.0 {
            let resource = web::resource(pattern);
            config.service(routes.into_iter().fold(resource, |resource, (_, route)| resource.route(route)));
        }
    }
}
