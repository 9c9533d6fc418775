//! What the firm says of itself: its record (name, phones, hours, licence) and its standing pages.

mod admin;
mod advice;
mod pages;
mod seed;
mod settings;
mod store;

pub use advice::{AdviceOffer, offers};
pub use seed::seed;
pub use settings::{MailSettings, SiteSettings};
pub use store::{all_pages, exists, find as settings};

use std::sync::{Arc, Mutex};

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::{HttpMessage, web};

use crate::db::Database;
use crate::http::{CacheRule, Routes, route_pattern};
use crate::staff::{Role, StaffRoutes};
use crate::web::Firm;

/// The standing pages. Their addresses are of no particular shape: those of others must come before them.
pub const CACHE_RULES: [CacheRule; 1] = [CacheRule::Cacheable("/{page}", &[])];

/// Adds the pages that staff edit. Their pattern matches any word, so they come last.
pub fn routes(routes: &mut Routes) {
    routes.get("/{page}", pages::show);
}

/// Mounts the staff pages, under `/admin`.
pub fn admin_routes(routes: &mut StaffRoutes) {
    routes
        .get("/site", Role::Admin, admin::show)
        .post("/site", Role::Admin, admin::save)
        .get("/site/pages/{slug}", Role::Admin, admin::show_page)
        .post("/site/pages/{slug}", Role::Admin, admin::save_page)
        .get("/site/pages/{slug}/revisions/{version}", Role::Admin, admin::show_page_revision);
}

/// Where every page gets the firm's record from: the database, whenever anything that pages show has changed.
pub struct CachedFirm {
    db: Database,
    mail: MailSettings,
    /// With the revision under which it was read.
    snapshot: Mutex<(i64, Arc<Firm>)>,
}

impl CachedFirm {
    /// Reads the record once, so that an error page has a head and foot even when the database fails later.
    pub async fn new(db: Database, mail: MailSettings) -> sqlx::Result<Self> {
        let revision = db.refresh_content_version().await?;
        let firm = Arc::new(store::find(db.read()).await?.to_firm(&mail));
        Ok(Self { db, mail, snapshot: Mutex::new((revision, firm)) })
    }

    fn snapshot(&self) -> (i64, Arc<Firm>) {
        self.snapshot.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }

    /// The record as it stands now; the last known one where it cannot be read.
    pub async fn current(&self) -> Arc<Firm> {
        let (known_under, known) = self.snapshot();
        let read = async {
            // Asked for first: a record that changes meanwhile is read again the next time.
            let revision = self.db.content_version().await?;
            if revision == known_under {
                return Ok(known.clone());
            }
            let firm = Arc::new(store::find(self.db.read()).await?.to_firm(&self.mail));
            *self.snapshot.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = (revision, firm.clone());
            Ok::<_, sqlx::Error>(firm)
        };
        read.await.unwrap_or_else(|error| {
            tracing::error!(%error, "the firm's record could not be read; showing the last known one");
            known
        })
    }
}

/// Middleware: hands every page the firm's record.
pub async fn load_firm(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let source = request.app_data::<web::Data<CachedFirm>>().cloned();
    if let Some(source) = source {
        // These are asked for often and show the firm only where they fail.
        let pattern = route_pattern(request.request()).unwrap_or_default();
        let needs_none = ["/static/{name}", "/health", "/health/ready", "/metrics"].contains(&pattern.as_str());
        let firm = if needs_none { source.snapshot().1 } else { source.current().await };
        request.extensions_mut().insert(firm);
    }
    next.call(request).await
}
