//! What the firm says of itself: its record (name, phones, hours, licence) and its standing pages.

mod admin;
mod advice;
mod pages;
mod record;
mod seed;
mod store;

pub use advice::{Offer, offers};
pub use record::{MailSettings, Record};
pub use seed::seed;
pub use store::{exists, find as record, standing_pages};

use std::sync::{Arc, Mutex};

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::{HttpMessage, web};

use crate::db::Database;
use crate::staff::{Role, StaffRoutes};
use crate::web::{Address, Firm, Routes, route_pattern};

/// The standing pages. Their addresses are of no particular shape: those of others must come before them.
pub const ADDRESSES: [Address; 1] = [Address::Public("/{page}", &[])];

/// Adds the pages that staff edit. Their pattern matches any word, so they come last.
pub fn routes(routes: &mut Routes) {
    routes.get("/{page}", pages::standing_page);
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
pub struct FirmSource {
    db: Database,
    mail: MailSettings,
    /// With the revision under which it was read.
    last_known: Mutex<(i64, Arc<Firm>)>,
}

impl FirmSource {
    /// Reads the record once, so that an error page has a head and foot even when the database fails later.
    pub async fn new(db: Database, mail: MailSettings) -> sqlx::Result<Self> {
        let revision = db.look_at_revision().await?;
        let firm = Arc::new(store::find(db.read()).await?.firm(&mail));
        Ok(Self { db, mail, last_known: Mutex::new((revision, firm)) })
    }

    fn last_known(&self) -> (i64, Arc<Firm>) {
        self.last_known.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }

    /// The record as it stands now; the last known one where it cannot be read.
    pub async fn current(&self) -> Arc<Firm> {
        let (known_under, known) = self.last_known();
        let read = async {
            // Asked for first: a record that changes meanwhile is read again the next time.
            let revision = self.db.revision().await?;
            if revision == known_under {
                return Ok(known.clone());
            }
            let firm = Arc::new(store::find(self.db.read()).await?.firm(&self.mail));
            *self.last_known.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = (revision, firm.clone());
            Ok::<_, sqlx::Error>(firm)
        };
        read.await.unwrap_or_else(|error| {
            tracing::error!(%error, "the firm's record could not be read; showing the last known one");
            known
        })
    }
}

/// Middleware: hands every page the firm's record.
pub async fn with_firm(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let source = request.app_data::<web::Data<FirmSource>>().cloned();
    if let Some(source) = source {
        // These are asked for often and show the firm only where they fail.
        let pattern = route_pattern(request.request()).unwrap_or_default();
        let needs_none = ["/static/{name}", "/health", "/health/ready", "/metrics"].contains(&pattern.as_str());
        let firm = if needs_none { source.last_known().1 } else { source.current().await };
        request.extensions_mut().insert(firm);
    }
    next.call(request).await
}
