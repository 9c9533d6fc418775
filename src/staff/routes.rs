//! Routes of the admin area: each names the least role that may use it, and refuses the others.

use actix_web::body::BoxBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::middleware::{Next, from_fn};
use actix_web::web::ServiceConfig;
use actix_web::{FromRequest, Handler, Responder, web};

use crate::http::{PageError, Routes};
use crate::staff::{Role, auth};

/// Routes under `/admin`, in the order in which they are matched.
#[derive(Default)]
pub struct StaffRoutes {
    routes: Routes,
    roles: Vec<(&'static str, Method, Role)>,
}

impl StaffRoutes {
    /// Adds a handler of `GET` for members with at least `role`. `pattern` lacks the prefix `/admin`.
    pub fn get<F, Args>(&mut self, pattern: &'static str, role: Role, handler: F) -> &mut Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.add(pattern, Method::GET, role, web::get().to(handler))
    }

    /// Adds a handler of `POST`, in the same way.
    pub fn post<F, Args>(&mut self, pattern: &'static str, role: Role, handler: F) -> &mut Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.add(pattern, Method::POST, role, web::post().to(handler))
    }

    fn add(&mut self, pattern: &'static str, method: Method, role: Role, route: actix_web::Route) -> &mut Self {
        let guarded = route.wrap(from_fn(move |request, next| require_minimum_role(role, request, next)));
        self.routes.add(pattern, method.clone(), guarded);
        self.roles.push((pattern, method, role));
        self
    }

    /// Every pattern with each method that it takes, and the least role for it.
    pub fn list(&self) -> impl Iterator<Item = &(&'static str, Method, Role)> {
        self.roles.iter()
    }

    /// Registers all of them with the framework, inside the scope `/admin`.
    pub fn register(self, config: &mut ServiceConfig) {
        self.routes.register(config);
    }
}

/// Refuses before the form is read.
async fn require_minimum_role(
    role: Role,
    request: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let may = auth::current_member(request.request())
        .ok_or_else(|| PageError::Internal(anyhow::anyhow!("a staff route is registered outside the guard")))
        .and_then(|member| member.require_role(role));
    match may {
        Ok(()) => next.call(request).await,
        Err(refusal) => Ok(request.error_response(refusal)),
    }
}
