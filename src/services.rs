//! Dependencies shared by all handlers, injected as one `Data<Services>`.
//!
//! Features import this file and this file imports features. At file level there is no cycle: the types below live in
//! files without handlers, and only handlers, middleware and extractors import `Services`.

use std::sync::Arc;

use actix_web::HttpRequest;
use actix_web::web::Data;

use crate::backups::BackupScheduler;
use crate::clock::Clock;
use crate::db::Database;
use crate::http::{AttemptLimiter, HttpContext, SiteSecret};
use crate::inquiries::{Eraser, FormRateLimit, IntakeQueue};
use crate::mail::{Notifier, SmtpUtf8, Transport};
use crate::media::PictureProcessor;
use crate::metrics::Metrics;
use crate::ops::{MetricsAllowlist, ShutdownFlag};
use crate::page_cache::PageCache;
use crate::posts::CheckedPosts;
use crate::seo::IndexNow;
use crate::site::{CachedFirm, MailSettings};
use crate::staff::Passwords;
use crate::web::TitleRenderer;
use crate::wordpress::Imports;

/// Everything that handlers share. Cheap to clone.
#[derive(Clone)]
pub struct Services {
    pub db: Database,
    pub clock: Clock,
    pub http: Arc<HttpContext>,
    pub secret: Arc<SiteSecret>,
    pub firm: Arc<CachedFirm>,
    pub page_cache: Arc<PageCache>,
    pub title_renderer: TitleRenderer,
    pub checked_posts: CheckedPosts,
    pub picture_processor: PictureProcessor,
    pub imports: Imports,

    pub intake: IntakeQueue,
    pub form_rate_limit: FormRateLimit,
    pub eraser: Arc<Eraser>,

    pub mail_settings: Arc<MailSettings>,
    pub transport: Transport,
    pub notifier: Notifier,
    pub smtp_utf8: SmtpUtf8,

    pub attempt_limiter: Arc<AttemptLimiter>,
    pub passwords: Arc<Passwords>,

    pub backup_scheduler: Arc<BackupScheduler>,
    /// `None` unless `INDEXNOW` is set.
    pub indexnow: Option<Arc<IndexNow>>,
    pub metrics: Metrics,
    pub metrics_allowlist: MetricsAllowlist,
    pub shutdown_flag: ShutdownFlag,
}

impl Services {
    /// The services of the site that received this request. `Application::build` registers them for all routes.
    pub fn of(request: &HttpRequest) -> &Data<Self> {
        request.app_data().unwrap_or_else(|| unreachable!("Application::build registers Services"))
    }
}
