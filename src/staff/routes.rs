//! Routes of the admin area, each with the minimum role it requires.

use actix_web::body::BoxBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::middleware::{Next, from_fn};
use actix_web::web::ServiceConfig;
use actix_web::{FromRequest, Handler, Responder, web};

use crate::http::{PageError, Routes};
use crate::staff::{Role, auth};

/// Routes under `/admin`, in matching order.
#[derive(Default)]
pub struct StaffRoutes {
    routes: Routes,
    roles: Vec<(&'static str, Method, Role)>,
}

impl StaffRoutes {
    /// Adds a `GET` handler for members with at least `role`. `pattern` is relative to `/admin`.
    pub fn get<F, Args>(&mut self, pattern: &'static str, role: Role, handler: F) -> &mut Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.add(pattern, Method::GET, role, web::get().to(handler))
    }

    /// Adds a `POST` handler, like [`get`](Self::get).
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

    /// All routes with their minimum role.
    pub fn list(&self) -> impl Iterator<Item = &(&'static str, Method, Role)> {
        self.roles.iter()
    }

    /// Registers all routes in the scope `/admin`.
    pub fn register(self, config: &mut ServiceConfig) {
        self.routes.register(config);
    }
}

/// Checks the role before the request body is read.
async fn require_minimum_role(
    role: Role,
    request: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let allowed = auth::current_member(request.request())
        .ok_or_else(|| PageError::Internal(anyhow::anyhow!("an admin route is not behind require_login")))
        .and_then(|member| member.require_role(role));
    match allowed {
        Ok(()) => next.call(request).await,
        Err(error) => Ok(request.error_response(error)),
    }
}
