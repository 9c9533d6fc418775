//! The application: builds the services, serves the site, and shuts it down in order.

mod database;
mod recurring_jobs;
mod routes;
mod tasks;
#[cfg(test)]
mod tests;

pub use database::{data_layout, open_existing, open_record};
pub use routes::{RouteInfo, all_routes};

use std::net::{SocketAddr, TcpListener};
use std::num::NonZero;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::{Server, ServerHandle};
use actix_web::middleware::{Compress, from_fn};
use actix_web::web::Data;
use actix_web::{App, HttpServer};
use anyhow::{Context, Result, anyhow};
use tokio::task::{JoinError, JoinHandle};
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::app::recurring_jobs::recurring_jobs;
use crate::app::tasks::BackgroundTasks;
use crate::backups::BackupScheduler;
use crate::clock::{Clock, ClockGuard};
use crate::config::Config;
use crate::db::Database;
use crate::http::{BaseUrl, CacheRule, CacheRules, HttpContext, ServerLimits, SiteSecret, TrustedProxies};
use crate::inquiries::{Eraser, FormRateLimit, IntakeQueue, ReferenceJournal, ScheduledJobs};
use crate::jobs::Jobs;
use crate::mail::{FromAddress, Notifier, Sender, Transport};
use crate::media::PictureProcessor;
use crate::metrics::Metrics;
use crate::ops::{MetricsAllowlist, ShutdownFlag, WorkersReady};
use crate::page_cache::{self, PageCache, PurgeTargets};
use crate::posts::CheckedPosts;
use crate::seo::IndexNow;
use crate::services::Services;
use crate::site::{CachedFirm, MailSettings};
use crate::staff::Passwords;
use crate::web::{self, TitleRenderer};
use crate::wordpress::Imports;
use crate::{
    backups, categories, corrections, crs, draws, home, http, inquiries, occupations, ops, pages, posts, search,
    secure_fs, seo, site, staff, wordpress,
};

/// How long connections accepted before the shutdown have to send their request.
const DRAIN_DELAY: Duration = Duration::from_millis(500);

/// A running site.
pub struct Application {
    pub address: SocketAddr,
    /// One-time path that creates the first account; `None` if an account exists.
    pub first_account: Option<String>,
    pub services: Services,
    pub sender: Arc<Sender>,
    pub jobs: Jobs,
    tasks: BackgroundTasks,
    shutting_down: CancellationToken,
    server: ServerHandle,
    /// `None` once the server has exited.
    server_task: Option<JoinHandle<std::io::Result<()>>>,
}

impl Application {
    /// Starts the site on the address in `BIND`.
    pub async fn build(config: Config, clock: Clock, transport: Transport) -> Result<Self> {
        Self::build_with_limits(config, clock, transport, ServerLimits::default()).await
    }

    /// Starts the site on the address in `BIND` with other limits, for tests.
    pub async fn build_with_limits(
        config: Config,
        clock: Clock,
        transport: Transport,
        limits: ServerLimits,
    ) -> Result<Self> {
        // Bind first, so that a second start beside a running site changes nothing.
        let listener = http::listen(config.bind).with_context(|| format!("cannot listen on {} (BIND)", config.bind))?;
        Self::build_on_listener(listener, config, clock, transport, limits).await
    }

    /// Starts the site on an open socket: prepares the database, starts the server, then the background tasks.
    pub async fn build_on_listener(
        listener: TcpListener,
        config: Config,
        clock: Clock,
        transport: Transport,
        limits: ServerLimits,
    ) -> Result<Self> {
        let address = listener.local_addr().context("cannot read the address of the socket")?;
        http::set_write_timeout(&listener, limits.write_timeout).context("cannot set the time limit of responses")?;
        let layout = data_layout(&config)?;
        let is_new_after_loss = backups::check_start(&layout, config.new).await?;
        let db = database::open_and_seed(&config, &clock).await?;

        let base_url = base_url(&config, address);
        let secret = Arc::new(SiteSecret::load_or_create(&config.data_dir)?);
        let indexnow = config.indexnow.clone().map(|endpoint| Arc::new(IndexNow::new(endpoint, &secret)));
        let references = ReferenceJournal::open(&db, &config.data_dir, &secret, is_new_after_loss, clock.now()).await?;
        let first_account = match staff::has_any(db.read()).await? {
            true => None,
            false => Some(staff::first_admin_invite_path(&secret)),
        };
        let mail_settings = mail_settings(&config);
        let firm = Arc::new(CachedFirm::new(db.clone(), mail_settings.clone()).await?);
        let eraser = Arc::new(Eraser::new(db.clone(), SiteSecret::clone(&secret), eml_dir(&config.data_dir)));
        let metrics = Metrics::new(&db, clock.now());
        let page_cache = PageCache::new(
            db.clone(),
            firm.clone(),
            clock.clone(),
            metrics.clone(),
            cache_rules(),
            config.page_cache_bytes,
        );
        let notifier = Notifier::default();
        let smtp_utf8 = transport.smtp_utf8();
        let from = from_address(&db, &mail_settings, &base_url);
        let sender =
            Sender::new(db.clone(), clock.clone(), transport.clone(), from, notifier.clone(), config.mail_rate);
        let sender = Arc::new(sender);

        // Before anything new is stored.
        let clock_guard = ClockGuard::new(clock.clone(), inquiries::latest_timestamp(db.read()).await?);
        let inquiry_jobs = ScheduledJobs::new(db.clone(), firm.clone(), base_url.clone(), eraser.clone());
        let backup_scheduler = Arc::new(BackupScheduler::new(layout, clock.clone()));

        let mut tasks = BackgroundTasks::default();
        let (intake, intake_worker) = IntakeQueue::new(
            db.clone(),
            clock.clone(),
            clock_guard.clone(),
            base_url.clone(),
            references,
            notifier.clone(),
            tasks.stop_token(),
        );
        tasks.spawn("intake", intake_worker);
        inquiries::warm_up_phone_numbers();

        let proxies = TrustedProxies(config.trusted_proxies);
        let redisplay_routes = inquiries::REDISPLAYED_FORMS;
        let http = HttpContext::new(base_url, clock.clone(), proxies, limits, redisplay_routes);
        let services = Services {
            title_renderer: title_renderer(&db),
            db,
            clock,
            http: Arc::new(http),
            secret,
            firm,
            page_cache: Arc::new(page_cache),
            checked_posts: CheckedPosts::default(),
            picture_processor: PictureProcessor::new(&config.program),
            imports: Imports::new(&config.data_dir),
            intake,
            form_rate_limit: FormRateLimit::new(config.form_limit),
            eraser,
            mail_settings: Arc::new(mail_settings),
            transport,
            notifier,
            smtp_utf8,
            attempt_limiter: Arc::default(),
            passwords: Arc::new(Passwords::start().context("cannot start the thread that hashes passwords")?),
            backup_scheduler,
            metrics,
            indexnow,
            metrics_allowlist: MetricsAllowlist(config.metrics_from),
            shutdown_flag: ShutdownFlag::default(),
        };

        let threads = std::thread::available_parallelism().map_or(2, NonZero::get);
        let workers_ready = WorkersReady::default();
        let server = serve(listener, threads, &limits, &services, &workers_ready)?;
        let handle = server.handle();
        let mut server_task = actix_web::rt::spawn(server);
        tokio::select! {
            () = workers_ready.wait(threads) => {}
            exit = &mut server_task => return Err(server_exit_error(exit)),
        }

        let stop = tasks.stop_token();
        tasks.spawn("mail sender", {
            let (sender, stop) = (sender.clone(), stop.clone());
            async move { sender.run(stop).await }
        });
        tasks.spawn("page cache", {
            let (page_cache, stop) = (services.page_cache.clone(), stop.clone());
            async move { page_cache.watch_for_changes(PurgeTargets(config.purge_urls), stop).await }
        });
        let jobs = recurring_jobs(&services, clock_guard, inquiry_jobs);
        for job in jobs.iter() {
            tasks.spawn(job.name, job.clone().run_when_due(stop.clone()));
        }
        Ok(Self {
            address,
            first_account,
            services,
            sender,
            jobs,
            tasks,
            shutting_down: CancellationToken::new(),
            server: handle,
            server_task: Some(server_task),
        })
    }

    /// Cancelled when the shutdown begins.
    pub fn shutting_down(&self) -> CancellationToken {
        self.shutting_down.clone()
    }

    /// Serves until `stop` completes or the server fails, then shuts down. Returns the first failure.
    pub async fn run_until_stopped(mut self, stop: impl Future<Output = ()>) -> Result<()> {
        let server_error = tokio::select! {
            error = self.server_exit() => Some(error),
            () = stop => None,
        };
        let stopped = self.stop().await;
        server_error.map_or(stopped, Err)
    }

    /// Waits until the server exits, which it should not do before it is stopped.
    async fn server_exit(&mut self) -> anyhow::Error {
        match &mut self.server_task {
            Some(task) => {
                let exit = task.await;
                self.server_task = None;
                server_exit_error(exit)
            }
            None => anyhow!("the server has already exited"),
        }
    }

    /// Shuts the site down. A failed step does not prevent the next one; the first failure is returned.
    pub async fn stop(self) -> Result<()> {
        tracing::info!("shutting down: finishing requests and e-mails in progress");
        // 1. Report "stopping" and close each connection after its response, also those of cached pages.
        self.shutting_down.cancel();
        self.services.shutdown_flag.set();
        self.services.page_cache.shut_down();
        // 2. Accept no new connections. They wait at the socket, for the next process if systemd owns the socket.
        self.server.pause().await;
        tokio::time::sleep(DRAIN_DELAY).await;
        // 3. Finish requests in progress.
        self.server.stop(true).await;
        let served = match self.server_task {
            Some(task) => task.await.map_err(anyhow::Error::from).and_then(|exit| Ok(exit?)),
            None => Ok(()),
        };
        let served = served.context("the server failed").inspect_err(|error| tracing::error!("{error:#}"));
        // 4. Write accepted inquiries, finish the e-mail in progress, stop the jobs.
        let tasks = self.tasks.stop().await;
        // 5. Merge the write-ahead log into the database file.
        self.services.db.close().await;
        tracing::info!("shutdown complete");
        served.and(tasks)
    }
}

fn serve(
    listener: TcpListener,
    threads: usize,
    limits: &ServerLimits,
    services: &Services,
    workers_ready: &WorkersReady,
) -> Result<Server> {
    let (services, http) = (Data::new(services.clone()), Data::from(services.http.clone()));
    let workers_ready = workers_ready.clone();
    let server = HttpServer::new(move || {
        App::new()
            .app_data(services.clone())
            .app_data(http.clone())
            .configure(routes::register)
            // Middleware, innermost first: a request passes the last of these first.
            .wrap(from_fn(wordpress::redirect_old_addresses))
            .wrap(from_fn(http::redirect_to_canonical_path))
            .wrap(from_fn(http::reject_cross_origin))
            // Turns errors of everything above into pages.
            .wrap(from_fn(web::render_error_pages))
            .wrap(from_fn(staff::no_store))
            // Error pages need the company settings as well.
            .wrap(from_fn(site::load_firm))
            .wrap(from_fn(http::security_headers))
            .wrap(Compress::default())
            .wrap(from_fn(http::vary_by_encoding))
            .wrap(from_fn(http::trace_request))
            .wrap(from_fn(ops::track_requests))
            .wrap(from_fn(ops::close_connections_on_shutdown))
            // Cached pages are complete responses, so they skip everything above.
            .wrap(from_fn(page_cache::serve_cached))
            // Outermost, because it is created last: then the worker is ready.
            .wrap(workers_ready.clone())
    })
    .workers(threads)
    .max_connections((http::max_connections() / threads).max(1))
    .client_request_timeout(limits.header_timeout)
    .client_disconnect_timeout(Duration::from_secs(1))
    .keep_alive(limits.keep_alive)
    .tcp_nodelay(true)
    // `cli` handles the signals and stops the site in order.
    .disable_signals()
    .shutdown_timeout(http::SHUTDOWN_TIMEOUT_SECS)
    .listen(listener)
    .context("cannot start the HTTP server")?
    .run();
    Ok(server)
}

fn server_exit_error(exit: Result<std::io::Result<()>, JoinError>) -> anyhow::Error {
    match exit {
        Ok(Ok(())) => anyhow!("the server exited unexpectedly"),
        Ok(Err(error)) => anyhow::Error::from(error).context("the server failed"),
        Err(error) => anyhow::Error::from(error).context("the server failed"),
    }
}

/// Public pages that are the same for all visitors. The first matching rule applies.
fn cache_rules() -> CacheRules {
    let features: [&[CacheRule]; 13] = [
        &home::CACHE_RULES,
        &posts::CACHE_RULES,
        &draws::CACHE_RULES,
        &occupations::CACHE_RULES,
        &categories::CACHE_RULES,
        &crs::CACHE_RULES,
        &inquiries::CACHE_RULES,
        &search::CACHE_RULES,
        &seo::CACHE_RULES,
        &corrections::CACHE_RULES,
        &ops::CACHE_RULES,
        &staff::CACHE_RULES,
        &pages::CACHE_RULES,
    ];
    CacheRules::new(features.into_iter().flatten().copied())
}

/// The mail transport: `SMTP_URL`, or files in `DATA_DIR/mail` without it.
pub fn transport(config: &Config) -> Result<Transport> {
    if let Some(url) = &config.smtp_url {
        return Transport::smtp_trusting(url.reveal(), &config.smtp_ca);
    }
    let directory = eml_dir(&config.data_dir);
    secure_fs::create_dir(&directory).context("cannot create the mail directory (DATA_DIR)")?;
    Ok(Transport::Files(directory))
}

fn eml_dir(data_dir: &std::path::Path) -> PathBuf {
    data_dir.join("mail")
}

/// The settings of the server for e-mail.
pub fn mail_settings(config: &Config) -> MailSettings {
    MailSettings {
        mail_from: config.mail_from.clone(),
        staff_inbox: config.staff_inbox.clone(),
        reply_address: config.reply_address.clone(),
    }
}

/// The public address: `BASE_URL`, or the address of the socket.
pub fn base_url(config: &Config, bind: SocketAddr) -> BaseUrl {
    let bind = if bind.ip().is_unspecified() { SocketAddr::from(([127, 0, 0, 1], bind.port())) } else { bind };
    let fallback = || Url::parse(&format!("http://{bind}"));
    let base = config.base_url.clone().map_or_else(fallback, Ok);
    let base = base.unwrap_or_else(|_| unreachable!("an IP address and a port form a valid URL"));
    if config.base_url.is_some() { BaseUrl::new(base) } else { BaseUrl::from_bind_address(base) }
}

/// Titles may contain draw tokens. `occupations` renders titles but must not import `draws`.
fn title_renderer(db: &Database) -> TitleRenderer {
    let db = db.clone();
    TitleRenderer(Arc::new(move |lines| {
        let db = db.clone();
        Box::pin(async move {
            let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
            let values = draws::TokenValues::for_texts(db.read(), &lines).await?;
            Ok(lines.iter().map(|line| values.expand_line(line)).collect())
        })
    }))
}

/// Reads the From address for each e-mail, so that a change of the settings also applies to queued e-mails.
fn from_address(db: &Database, mail: &MailSettings, base_url: &BaseUrl) -> FromAddress {
    let (db, mail, host) = (db.clone(), mail.clone(), base_url.host().to_owned());
    Arc::new(move || {
        let (db, mail, host) = (db.clone(), mail.clone(), host.clone());
        Box::pin(async move {
            let settings = site::settings(db.read()).await?;
            settings.sender(&mail, &host).context("invalid From address in the company settings")
        })
    })
}
