//! Route table. All routes are registered through it, so its list is complete.

use actix_web::http::Method;
use actix_web::web::ServiceConfig;
use actix_web::{FromRequest, Handler, Responder, Route, web};

/// Routes by pattern, in matching order.
#[derive(Default)]
pub struct Routes(Vec<(&'static str, Vec<(Method, Route)>)>);

impl Routes {
    pub fn get<F, Args>(&mut self, pattern: &'static str, handler: F) -> &mut Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.add(pattern, Method::GET, web::get().to(handler))
    }

    pub fn post<F, Args>(&mut self, pattern: &'static str, handler: F) -> &mut Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.add(pattern, Method::POST, web::post().to(handler))
    }

    /// Adds a route for `method`. All methods of a pattern have the position of the first one.
    pub fn add(&mut self, pattern: &'static str, method: Method, route: Route) -> &mut Self {
        match self.0.iter_mut().find(|(known, _)| *known == pattern) {
            Some((_, routes)) => routes.push((method, route)),
            None => self.0.push((pattern, vec![(method, route)])),
        }
        self
    }

    /// All patterns with their methods.
    pub fn list(&self) -> impl Iterator<Item = (&'static str, &Method)> {
        self.0.iter().flat_map(|(pattern, routes)| routes.iter().map(|(method, _)| (*pattern, method)))
    }

    pub fn register(self, config: &mut ServiceConfig) {
        for (pattern, routes) in self.0 {
            let resource = web::resource(pattern);
            config.service(routes.into_iter().fold(resource, |resource, (_, route)| resource.route(route)));
        }
    }
}
