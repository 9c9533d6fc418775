//! The whole site: opens what it stands on, serves, and stops in order. Its routes are in `routes.rs`.

mod routes;

pub use routes::{RouteInfo, all_routes};

#[cfg(test)]
mod tests;

use std::net::{SocketAddr, TcpListener};
use std::num::NonZero;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use actix_web::App;
use actix_web::dev::{Server, ServerHandle};
use actix_web::middleware::{Compress, from_fn};
use actix_web::web::{self as routing, Data};
use anyhow::{Context, Result, anyhow};
use tokio::sync::watch;
use tokio::task::{JoinError, JoinHandle};
use url::Url;

use crate::backups::{BackupScheduler, DataLayout};
use crate::clock::Clock;
use crate::config::Config;
use crate::db::{self, Database};
use crate::http::{
    BaseUrl, BodyMemory, CacheRule, CacheRules, SearchRateLimit, ServerLimits, SiteSecret, TrustedProxies,
};
use crate::inquiries::{Eraser, FormRateLimit, IntakeQueue, ReferenceJournal, ScheduledJobs, SharedClockGuard};
use crate::mail::{FromAddress, Notifier, Sender, SmtpUtf8, Transport};
use crate::metrics::{self, Metrics};
use crate::ops::{MetricsAllowlist, ShutdownFlag, WorkersReady};
use crate::page_cache::{self, PageCache, PurgeTargets};
use crate::site::{CachedFirm, MailSettings};
use crate::staff::{AttemptLimiter, Passwords};
use crate::web::{self, TitleRenderer};
use crate::{backups, draws, home, http, inquiries, occupations, ops, posts, search, secure_fs, seo, site, staff};

/// The addresses of pages that are the same for everybody; of several that match, the first one counts.
fn cache_rules() -> CacheRules {
    let features: [&[CacheRule]; 10] = [
        &home::CACHE_RULES,
        &posts::CACHE_RULES,
        &draws::CACHE_RULES,
        &occupations::CACHE_RULES,
        &inquiries::CACHE_RULES,
        &search::CACHE_RULES,
        &seo::CACHE_RULES,
        &ops::CACHE_RULES,
        &staff::CACHE_RULES,
        &site::CACHE_RULES,
    ];
    CacheRules::new(features.into_iter().flatten().copied())
}

/// A site that is up.
pub struct Application {
    /// Where it listens.
    pub address: SocketAddr,
    /// Its public address.
    pub base_url: BaseUrl,
    /// The path at which the first account is made, while there is none.
    pub first_account: Option<String>,
    /// The sender of its letters.
    pub sender: Arc<Sender>,
    /// Whether the mail server takes addresses beyond ASCII.
    pub smtp_utf8: SmtpUtf8,
    /// What is done by the clock.
    pub jobs: Arc<ScheduledJobs>,
    /// The copies it makes each night.
    pub backup_scheduler: Arc<BackupScheduler>,
    /// Its database.
    pub db: Database,
    shutdown_tx: watch::Sender<bool>,
    mail_task: JoinHandle<()>,
    maintenance_task: JoinHandle<()>,
    cache_watch_task: JoinHandle<()>,
    backup_task: JoinHandle<()>,
    /// `None` once it was seen to have ended.
    server_task: Option<JoinHandle<std::io::Result<()>>>,
    intake_task: JoinHandle<()>,
    shutdown_flag: ShutdownFlag,
    page_cache: Arc<PageCache>,
    handle: ServerHandle,
}

/// How long connections that were taken in before the site was told to stop have to bring their request.
const DRAIN_DELAY: Duration = Duration::from_millis(500);

/// Starts the site on an address of its own (`BIND`). The error is one sentence for the operator.
pub async fn start(config: Config, clock: Clock, transport: Transport) -> Result<Application> {
    start_with_limits(config, clock, transport, ServerLimits::default()).await
}

/// The same with another patience for those who are slow.
pub async fn start_with_limits(
    config: Config,
    clock: Clock,
    transport: Transport,
    limits: ServerLimits,
) -> Result<Application> {
    // First of all, so that a second start beside a running site touches nothing.
    let listener =
        TcpListener::bind(config.bind).with_context(|| format!("cannot listen on {} (BIND)", config.bind))?;
    start_on_listener(listener, config, clock, transport, limits).await
}

/// Starts the site on a socket: opens the database (a new one is filled with the reference facts, the firm's record and
/// the first post), serves, and begins to send letters and to keep house.
pub async fn start_on_listener(
    listener: TcpListener,
    config: Config,
    clock: Clock,
    transport: Transport,
    limits: ServerLimits,
) -> Result<Application> {
    let address = listener.local_addr().context("cannot learn the address it listens on")?;
    let layout = data_layout(&config)?;
    let is_new_after_loss = backups::check_start(&layout, config.new).await?;
    let db = open_database(&config).await?;
    seed_if_empty(&db, &clock).await?;
    let metrics = Metrics::new(&db, clock.now());
    let editions = PageCache::new(db.clone(), clock.clone(), metrics.clone(), cache_rules(), config.page_cache_bytes);
    let editions = Arc::new(editions);
    let shutdown_flag = ShutdownFlag::default();
    let base_url = base_url(&config, address);
    let key = SiteSecret::load_or_create(&config.data_dir)?;
    let references = ReferenceJournal::open(&db, &config.data_dir, &key, is_new_after_loss, clock.now()).await?;
    let first_account =
        if staff::has_any(db.read()).await? { None } else { Some(staff::first_admin_invite_path(&key)) };
    let mail_settings = MailSettings { mail_from: config.mail_from.clone(), staff_inbox: config.staff_inbox.clone() };
    let firm = Arc::new(CachedFirm::new(db.clone(), mail_settings.clone()).await?);
    let eraser = Arc::new(Eraser::new(db.clone(), key.clone(), eml_dir(&config)));
    let trust = SharedClockGuard::default();
    let jobs =
        ScheduledJobs::new(db.clone(), clock.clone(), trust.clone(), firm.clone(), base_url.clone(), eraser.clone());
    let jobs = Arc::new(jobs);
    jobs.check_clock().await?;
    let backup_scheduler = Arc::new(BackupScheduler::new(layout, clock.clone()));
    let notifier = Notifier::default();
    let smtp_utf8 = transport.smtp_utf8();
    let from = from_address(&db, &mail_settings, &base_url);
    let (sender_transport, rate) = (transport.clone(), config.mail_rate);
    let sender = Arc::new(Sender::new(db.clone(), clock.clone(), sender_transport, from, notifier.clone(), rate));
    let (shutdown_tx, stop) = watch::channel(false);
    let (intake, intake_task) = IntakeQueue::spawn(
        db.clone(),
        clock.clone(),
        trust,
        base_url.clone(),
        references,
        notifier.clone(),
        stop.clone(),
    );
    let intake = Data::new(intake);
    let passwords = Data::new(Passwords::start().context("cannot start the thread that hashes passwords")?);
    inquiries::warm_up_phone_numbers();

    let proxies = TrustedProxies(config.trusted_proxies.clone());
    let shared = {
        let (db, clock, base_url) = (Data::new(db.clone()), Data::new(clock), Data::new(base_url.clone()));
        let (key, mail_settings, transport, notifier) =
            (Data::new(key), Data::new(mail_settings), Data::new(transport), Data::new(notifier));
        let metrics_allowlist = Data::new(MetricsAllowlist(config.metrics_from.clone()));
        let editions = Data::from(editions.clone());
        let (metrics, shutdown_flag) = (Data::new(metrics), Data::new(shutdown_flag.clone()));
        let search_limit = Data::new(SearchRateLimit::new(clock.get_ref().clone()));
        let (proxies, limits) = (Data::new(proxies.clone()), Data::new(limits));
        let throttle = Data::new(AttemptLimiter::default());
        let body_memory = Data::new(BodyMemory::default());
        let form_limit = Data::new(FormRateLimit::new(config.form_limit));
        let smtp_utf8 = Data::new(smtp_utf8.clone());
        let title_renderer = Data::new(title_renderer(&db));
        let (firm, eraser, backup_scheduler) =
            (Data::from(firm), Data::from(eraser), Data::from(backup_scheduler.clone()));
        move |routes: &mut routing::ServiceConfig| {
            routes
                .app_data(db.clone())
                .app_data(clock.clone())
                .app_data(base_url.clone())
                .app_data(key.clone())
                .app_data(mail_settings.clone())
                .app_data(transport.clone())
                .app_data(notifier.clone())
                .app_data(smtp_utf8.clone())
                .app_data(Data::new(inquiries::REDISPLAYED_FORMS))
                .app_data(proxies.clone())
                .app_data(metrics_allowlist.clone())
                .app_data(editions.clone())
                .app_data(metrics.clone())
                .app_data(shutdown_flag.clone())
                .app_data(limits.clone())
                .app_data(body_memory.clone())
                .app_data(search_limit.clone())
                .app_data(throttle.clone())
                .app_data(passwords.clone())
                .app_data(form_limit.clone())
                .app_data(intake.clone())
                .app_data(title_renderer.clone())
                .app_data(firm.clone())
                .app_data(eraser.clone())
                .app_data(backup_scheduler.clone());
        }
    };
    let threads = std::thread::available_parallelism().map_or(2, NonZero::get);
    let workers_ready = WorkersReady::default();
    let worker_counter = workers_ready.clone();
    let server: Server = http::serve(listener, threads, &limits, proxies, move || {
        // Read from the bottom: what is wrapped last comes first.
        App::new()
            .configure(shared.clone())
            .configure(routes::register)
            .wrap(from_fn(http::redirect_to_canonical_path))
            .wrap(from_fn(http::reject_cross_origin))
            .wrap(from_fn(web::render_error_pages))
            .wrap(from_fn(staff::no_store))
            .wrap(from_fn(site::load_firm))
            .wrap(from_fn(http::security_headers))
            .wrap(Compress::default())
            .wrap(from_fn(http::vary_by_encoding))
            .wrap(from_fn(http::trace_request))
            .wrap(from_fn(metrics::track_requests))
            .wrap(from_fn(ops::close_connections_on_shutdown))
            .wrap(from_fn(page_cache::serve_cached))
            .wrap(worker_counter.clone())
    })
    .context("cannot serve")?;
    let handle = server.handle();
    let mut server_task = actix_web::rt::spawn(server);
    tokio::select! {
        () = workers_ready.wait(threads) => {}
        ended = &mut server_task => return Err(server_exit_error(ended)),
    }
    // On the runtime itself: should that end first, the connections the sender holds are closed inside it.
    let mail_task = tokio::spawn({
        let (sender, stop) = (sender.clone(), stop.clone());
        async move { sender.run(stop).await }
    });
    let cache_watch_task = tokio::spawn({
        let (editions, stop) = (editions.clone(), stop.clone());
        async move { editions.watch_for_changes(PurgeTargets(config.purge_urls), stop).await }
    });
    let maintenance_task = tokio::spawn({
        let (jobs, stop) = (jobs.clone(), stop.clone());
        async move { jobs.run(stop).await }
    });
    let backup_task = tokio::spawn({
        let backup_scheduler = backup_scheduler.clone();
        async move { backup_scheduler.run(stop).await }
    });
    Ok(Application {
        address,
        base_url,
        first_account,
        sender,
        smtp_utf8,
        jobs,
        backup_scheduler,
        db,
        shutdown_tx,
        mail_task,
        maintenance_task,
        cache_watch_task,
        backup_task,
        server_task: Some(server_task),
        intake_task,
        shutdown_flag,
        page_cache: editions,
        handle,
    })
}

impl Application {
    /// Waits for what should never happen: that the site stops serving without having been told to.
    pub async fn server_exited(&mut self) -> anyhow::Error {
        match &mut self.server_task {
            Some(serving) => {
                let ended = serving.await;
                self.server_task = None;
                server_exit_error(ended)
            }
            None => anyhow!("the server has ended already"),
        }
    }

    /// Stops the site in order. No new connection is accepted; requests, inquiries and the e-mail in progress finish; the
    /// right to send is handed over; the write-ahead log is folded into the file. All of it happens even where a part has
    /// failed: the first failure is reported at the end.
    pub async fn stop(self) -> Result<()> {
        let mut failed = None;
        let mut record = |ended: Result<()>| {
            if let Err(error) = ended {
                tracing::error!("part of the shutdown failed: {error:#}");
                failed.get_or_insert(error);
            }
        };
        self.shutdown_flag.set();
        self.page_cache.shut_down();
        // New connections wait at the socket: for the next program, where the socket outlives this one.
        self.handle.pause().await;
        tokio::time::sleep(DRAIN_DELAY).await;
        self.handle.stop(true).await;
        if let Some(serving) = self.server_task {
            let ended = serving.await.map_err(anyhow::Error::from).and_then(|ended| Ok(ended?));
            record(ended.context("the server broke down"));
        }
        self.shutdown_tx.send_replace(true);
        record(self.intake_task.await.context("the counter broke down"));
        record(self.mail_task.await.context("the sender broke down"));
        record(self.cache_watch_task.await.context("the watch over changes broke down"));
        record(self.maintenance_task.await.context("the housekeeping broke down"));
        record(self.backup_task.await.context("the nightly copies broke down"));
        self.db.close().await;
        tracing::info!("the site has stopped");
        failed.map_or(Ok(()), Err)
    }
}

fn server_exit_error(ended: Result<std::io::Result<()>, JoinError>) -> anyhow::Error {
    match ended {
        Ok(Ok(())) => anyhow!("the server ended by itself"),
        Ok(Err(error)) => anyhow::Error::from(error).context("the server broke down"),
        Err(error) => anyhow::Error::from(error).context("the server broke down"),
    }
}

/// Where letters go: to `SMTP_URL`, or into files when there is none.
pub fn transport(config: &Config) -> Result<Transport> {
    if let Some(url) = &config.smtp_url {
        return Transport::smtp_trusting(url.reveal(), &config.smtp_ca);
    }
    let directory = eml_dir(config);
    secure_fs::create_dir(&directory).context("there is no place to keep everything in (DATA_DIR)")?;
    Ok(Transport::Files(directory))
}

/// Where letters are written as files while there is no mail server.
fn eml_dir(config: &Config) -> PathBuf {
    config.data_dir.join("mail")
}

/// Where everything lies, for what copies it.
pub fn data_layout(config: &Config) -> Result<DataLayout> {
    Ok(DataLayout {
        data_dir: config.data_dir.clone(),
        database: db::database_path(&config.database_url)?,
        database_url: config.database_url.clone(),
        backup_dir: config.backups.clone(),
    })
}

/// Opens the database of `DATA_DIR`, making the directory when there is none.
async fn open_database(config: &Config) -> Result<Database> {
    secure_fs::create_dir(&config.data_dir).context("there is no place to keep everything in (DATA_DIR)")?;
    let db = db::open(&config.database_url).await?;
    // While the database is in use, no restore is under way.
    if let Err(error) = backups::remove_leftovers(&data_layout(config)?) {
        tracing::warn!("what an interrupted restore left cannot be removed: {error:#} (DATA_DIR)");
    }
    Ok(db)
}

/// Opens the database of a site that is there; where there is none, nothing is created.
pub async fn open_existing(config: &Config) -> Result<Database> {
    backups::ensure_site_exists(&data_layout(config)?).await?;
    open_database(config).await
}

/// The public address: `BASE_URL`, or where the site listens.
pub fn base_url(config: &Config, listens: SocketAddr) -> BaseUrl {
    let listens =
        if listens.ip().is_unspecified() { SocketAddr::from(([127, 0, 0, 1], listens.port())) } else { listens };
    let fallback = || Url::parse(&format!("http://{listens}"));
    let base = config.base_url.clone().map_or_else(fallback, Ok);
    let base = base.unwrap_or_else(|_| unreachable!("an address and port make a URL"));
    if config.base_url.is_some() { BaseUrl::new(base) } else { BaseUrl::from_bind_address(base) }
}

/// Fills a new database in one transaction: it is a whole site, or still empty.
async fn seed_if_empty(db: &Database, clock: &Clock) -> Result<()> {
    let now = clock.now();
    let mut tx = db.begin_write().await.context("cannot write to the database (DATA_DIR)")?;
    if site::exists(&mut *tx).await? {
        return Ok(());
    }
    site::seed(&mut tx, now).await?;
    occupations::seed(&mut tx).await?;
    draws::load(&mut tx, now).await?;
    posts::seed(&mut tx, now).await?;
    inquiries::seed(&mut tx, now).await?;
    tx.commit().await?;
    Ok(())
}

/// Titles may refer to the record of rounds, which the occupations do not know.
fn title_renderer(db: &Database) -> TitleRenderer {
    let db = db.clone();
    TitleRenderer(Arc::new(move |lines| {
        let db = db.clone();
        Box::pin(async move {
            let facts =
                draws::TokenValues::for_texts(db.read(), &lines.iter().map(String::as_str).collect::<Vec<_>>()).await?;
            Ok(lines.iter().map(|line| facts.expand_line(line)).collect())
        })
    }))
}

/// Letters carry the sender of the moment they are sent: mended in the admin area, it mends those that wait too.
fn from_address(db: &Database, mail: &MailSettings, site_address: &BaseUrl) -> FromAddress {
    let (db, mail, host) = (db.clone(), mail.clone(), site_address.host().to_owned());
    Arc::new(move || {
        let (db, mail, host) = (db.clone(), mail.clone(), host.clone());
        Box::pin(async move {
            let record = site::settings(db.read()).await?;
            record.sender(&mail, &host).context("the sender's address in the firm's record cannot be used")
        })
    })
}
