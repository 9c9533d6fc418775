//! The whole site: opens what it stands on, serves, and stops in order. Its routes are in `routes.rs`.

mod routes;

pub use routes::{Mounted, mounted};

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

use crate::backups::{Nightly, Place};
use crate::clock::Clock;
use crate::config::Config;
use crate::db::{self, Database};
use crate::editions::{self, Caches, Editions};
use crate::inquiries::{Counter, FormLimit, Housekeeping, References, SharedTrust, Shredder};
use crate::machines::{MetricsReaders, RollCall, Stopping};
use crate::mail::{FromAddress, Sender, SmtpUtf8, Transport, Wake};
use crate::metrics::{self, Metrics};
use crate::site::{FirmSource, MailSettings};
use crate::staff::{Passwords, SignInThrottle};
use crate::web::{
    self, Address, Addresses, BodyMemory, Key, LineFiller, Patience, SearchLimit, SiteAddress, TrustedProxies,
};
use crate::{backups, draws, home, inquiries, machines, occupations, posts, private, search, site, staff};

/// The addresses of pages that are the same for everybody; of several that match, the first one counts.
fn public_addresses() -> Addresses {
    let features: [&[Address]; 9] = [
        &home::ADDRESSES,
        &posts::ADDRESSES,
        &draws::ADDRESSES,
        &occupations::ADDRESSES,
        &inquiries::ADDRESSES,
        &search::ADDRESSES,
        &machines::ADDRESSES,
        &staff::ADDRESSES,
        &site::ADDRESSES,
    ];
    Addresses::new(features.into_iter().flatten().copied())
}

/// A site that is up.
pub struct Running {
    /// Where it listens.
    pub address: SocketAddr,
    /// Its public address.
    pub site_address: SiteAddress,
    /// The path at which the first account is made, while there is none.
    pub first_account: Option<String>,
    /// The sender of its letters.
    pub sender: Arc<Sender>,
    /// Whether the mail server takes addresses beyond ASCII.
    pub smtp_utf8: SmtpUtf8,
    /// What is done by the clock.
    pub housekeeping: Arc<Housekeeping>,
    /// The copies it makes each night.
    pub nightly: Arc<Nightly>,
    /// Its database.
    pub db: Database,
    stop_workers: watch::Sender<bool>,
    sending: JoinHandle<()>,
    keeping_house: JoinHandle<()>,
    watching: JoinHandle<()>,
    keeping_copies: JoinHandle<()>,
    /// `None` once it was seen to have ended.
    serving: Option<JoinHandle<std::io::Result<()>>>,
    keeping_inquiries: JoinHandle<()>,
    stopping: Stopping,
    editions: Arc<Editions>,
    handle: ServerHandle,
}

/// How long connections that were taken in before the site was told to stop have to bring their request.
const FOR_LATE_REQUESTS: Duration = Duration::from_millis(500);

/// Starts the site on an address of its own (`BIND`). The error is one sentence for the operator.
pub async fn start(config: Config, clock: Clock, transport: Transport) -> Result<Running> {
    start_with(config, clock, transport, Patience::default()).await
}

/// The same with another patience for those who are slow.
pub async fn start_with(config: Config, clock: Clock, transport: Transport, patience: Patience) -> Result<Running> {
    // First of all, so that a second start beside a running site touches nothing.
    let listener =
        TcpListener::bind(config.bind).with_context(|| format!("cannot listen on {} (BIND)", config.bind))?;
    start_on(listener, config, clock, transport, patience).await
}

/// Starts the site on a socket: opens the database (a new one is filled with the reference facts, the firm's record and
/// the first post), serves, and begins to send letters and to keep house.
pub async fn start_on(
    listener: TcpListener,
    config: Config,
    clock: Clock,
    transport: Transport,
    patience: Patience,
) -> Result<Running> {
    let address = listener.local_addr().context("cannot learn the address it listens on")?;
    let place = place(&config)?;
    let is_new_after_loss = backups::may_start(&place, config.new).await?;
    let db = open_database(&config).await?;
    fill_if_new(&db, &clock).await?;
    let metrics = Metrics::new(&db, clock.now());
    let editions = Editions::new(db.clone(), clock.clone(), metrics.clone(), public_addresses(), config.ready_copies);
    let editions = Arc::new(editions);
    let stopping = Stopping::default();
    let site_address = site_address(&config, address);
    let key = Key::kept_in(&config.data_dir)?;
    let references = References::open(&db, &config.data_dir, &key, is_new_after_loss, clock.now()).await?;
    let first_account = if staff::anyone(db.read()).await? { None } else { Some(staff::first_account_address(&key)) };
    let mail_settings = MailSettings { mail_from: config.mail_from.clone(), staff_inbox: config.staff_inbox.clone() };
    let firm = Arc::new(FirmSource::new(db.clone(), mail_settings.clone()).await?);
    let shredder = Arc::new(Shredder::new(db.clone(), key.clone(), written_letters(&config)));
    let trust = SharedTrust::default();
    let housekeeping = Housekeeping::new(
        db.clone(),
        clock.clone(),
        trust.clone(),
        firm.clone(),
        site_address.clone(),
        shredder.clone(),
    );
    let housekeeping = Arc::new(housekeeping);
    housekeeping.look_at_clock().await?;
    let nightly = Arc::new(Nightly::new(place, clock.clone()));
    let wake = Wake::default();
    let smtp_utf8 = transport.smtp_utf8();
    let from = from_address(&db, &mail_settings, &site_address);
    let (sending_by, rate) = (transport.clone(), config.mail_rate);
    let sender = Arc::new(Sender::new(db.clone(), clock.clone(), sending_by, from, wake.clone(), rate));
    let (stop_workers, stop) = watch::channel(false);
    let (counter, keeping_inquiries) =
        Counter::open(db.clone(), clock.clone(), trust, site_address.clone(), references, wake.clone(), stop.clone());
    let counter = Data::new(counter);
    let passwords = Data::new(Passwords::start().context("cannot start the thread that hashes passwords")?);
    inquiries::prepare_numbers();

    let proxies = TrustedProxies(config.trusted_proxies.clone());
    let shared = {
        let (db, clock, site_address) = (Data::new(db.clone()), Data::new(clock), Data::new(site_address.clone()));
        let (key, mail_settings, transport, wake) =
            (Data::new(key), Data::new(mail_settings), Data::new(transport), Data::new(wake));
        let readers = Data::new(MetricsReaders(config.metrics_from.clone()));
        let editions = Data::from(editions.clone());
        let (metrics, stopping) = (Data::new(metrics), Data::new(stopping.clone()));
        let search_limit = Data::new(SearchLimit::new(clock.get_ref().clone()));
        let (proxies, patience) = (Data::new(proxies.clone()), Data::new(patience));
        let throttle = Data::new(SignInThrottle::default());
        let body_memory = Data::new(BodyMemory::default());
        let form_limit = Data::new(FormLimit::new(config.form_limit));
        let smtp_utf8 = Data::new(smtp_utf8.clone());
        let filler = Data::new(line_filler(&db));
        let (firm, shredder, nightly) = (Data::from(firm), Data::from(shredder), Data::from(nightly.clone()));
        move |routes: &mut routing::ServiceConfig| {
            routes
                .app_data(db.clone())
                .app_data(clock.clone())
                .app_data(site_address.clone())
                .app_data(key.clone())
                .app_data(mail_settings.clone())
                .app_data(transport.clone())
                .app_data(wake.clone())
                .app_data(smtp_utf8.clone())
                .app_data(Data::new(inquiries::SHOWN_AGAIN))
                .app_data(proxies.clone())
                .app_data(readers.clone())
                .app_data(editions.clone())
                .app_data(metrics.clone())
                .app_data(stopping.clone())
                .app_data(patience.clone())
                .app_data(body_memory.clone())
                .app_data(search_limit.clone())
                .app_data(throttle.clone())
                .app_data(passwords.clone())
                .app_data(form_limit.clone())
                .app_data(counter.clone())
                .app_data(filler.clone())
                .app_data(firm.clone())
                .app_data(shredder.clone())
                .app_data(nightly.clone());
        }
    };
    let threads = std::thread::available_parallelism().map_or(2, NonZero::get);
    let roll_call = RollCall::default();
    let called = roll_call.clone();
    let server: Server = web::serve(listener, threads, &patience, proxies, move || {
        // Read from the bottom: what is wrapped last comes first.
        App::new()
            .configure(shared.clone())
            .configure(routes::register)
            .wrap(from_fn(web::one_spelling))
            .wrap(from_fn(web::same_origin_only))
            .wrap(from_fn(web::show_errors))
            .wrap(from_fn(staff::nothing_stored))
            .wrap(from_fn(site::with_firm))
            .wrap(from_fn(web::secure_headers))
            .wrap(Compress::default())
            .wrap(from_fn(web::vary_by_encoding))
            .wrap(from_fn(web::in_span))
            .wrap(from_fn(metrics::count))
            .wrap(from_fn(machines::part_when_stopping))
            .wrap(from_fn(editions::answer))
            .wrap(called.clone())
    })
    .context("cannot serve")?;
    let handle = server.handle();
    let mut serving = actix_web::rt::spawn(server);
    tokio::select! {
        () = roll_call.complete(threads) => {}
        ended = &mut serving => return Err(broken_down(ended)),
    }
    // On the runtime itself: should that end first, the connections the sender holds are closed inside it.
    let sending = tokio::spawn({
        let (sender, stop) = (sender.clone(), stop.clone());
        async move { sender.run(stop).await }
    });
    let watching = tokio::spawn({
        let (editions, stop) = (editions.clone(), stop.clone());
        async move { editions.watch(Caches(config.purge_urls), stop).await }
    });
    let keeping_house = tokio::spawn({
        let (housekeeping, stop) = (housekeeping.clone(), stop.clone());
        async move { housekeeping.run(stop).await }
    });
    let keeping_copies = tokio::spawn({
        let nightly = nightly.clone();
        async move { nightly.run(stop).await }
    });
    Ok(Running {
        address,
        site_address,
        first_account,
        sender,
        smtp_utf8,
        housekeeping,
        nightly,
        db,
        stop_workers,
        sending,
        keeping_house,
        watching,
        keeping_copies,
        serving: Some(serving),
        keeping_inquiries,
        stopping,
        editions,
        handle,
    })
}

impl Running {
    /// Waits for what should never happen: that the site stops serving without having been told to.
    pub async fn broken_down(&mut self) -> anyhow::Error {
        match &mut self.serving {
            Some(serving) => {
                let ended = serving.await;
                self.serving = None;
                broken_down(ended)
            }
            None => anyhow!("the server has ended already"),
        }
    }

    /// Stops the site in order. No new connection is accepted; requests, inquiries and the e-mail in progress finish; the
    /// right to send is handed over; the write-ahead log is folded into the file. All of it happens even where a part has
    /// failed: the first failure is reported at the end.
    pub async fn stop(self) -> Result<()> {
        let mut failed = None;
        let mut note = |ended: Result<()>| {
            if let Err(error) = ended {
                tracing::error!("part of the shutdown failed: {error:#}");
                failed.get_or_insert(error);
            }
        };
        self.stopping.begin();
        self.editions.end();
        // New connections wait at the socket: for the next program, where the socket outlives this one.
        self.handle.pause().await;
        tokio::time::sleep(FOR_LATE_REQUESTS).await;
        self.handle.stop(true).await;
        if let Some(serving) = self.serving {
            let ended = serving.await.map_err(anyhow::Error::from).and_then(|ended| Ok(ended?));
            note(ended.context("the server broke down"));
        }
        self.stop_workers.send_replace(true);
        note(self.keeping_inquiries.await.context("the counter broke down"));
        note(self.sending.await.context("the sender broke down"));
        note(self.watching.await.context("the watch over changes broke down"));
        note(self.keeping_house.await.context("the housekeeping broke down"));
        note(self.keeping_copies.await.context("the nightly copies broke down"));
        self.db.close().await;
        tracing::info!("the site has stopped");
        failed.map_or(Ok(()), Err)
    }
}

fn broken_down(ended: Result<std::io::Result<()>, JoinError>) -> anyhow::Error {
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
    let directory = written_letters(config);
    private::directory(&directory).context("there is no place to keep everything in (DATA_DIR)")?;
    Ok(Transport::Files(directory))
}

/// Where letters are written as files while there is no mail server.
fn written_letters(config: &Config) -> PathBuf {
    config.data_dir.join("mail")
}

/// Where everything lies, for what copies it.
pub fn place(config: &Config) -> Result<Place> {
    Ok(Place {
        data_dir: config.data_dir.clone(),
        database: db::file_of(&config.database_url)?,
        database_url: config.database_url.clone(),
        copies: config.backups.clone(),
    })
}

/// Opens the database of `DATA_DIR`, making the directory when there is none.
async fn open_database(config: &Config) -> Result<Database> {
    private::directory(&config.data_dir).context("there is no place to keep everything in (DATA_DIR)")?;
    let db = db::open(&config.database_url).await?;
    // While the database is in use, no restore is under way.
    if let Err(error) = backups::clear_away(&place(config)?) {
        tracing::warn!("what an interrupted restore left cannot be removed: {error:#} (DATA_DIR)");
    }
    Ok(db)
}

/// Opens the database of a site that is there; where there is none, nothing is created.
pub async fn open_existing(config: &Config) -> Result<Database> {
    backups::must_be_a_site(&place(config)?).await?;
    open_database(config).await
}

/// The public address: `BASE_URL`, or where the site listens.
pub fn site_address(config: &Config, listens: SocketAddr) -> SiteAddress {
    let listens =
        if listens.ip().is_unspecified() { SocketAddr::from(([127, 0, 0, 1], listens.port())) } else { listens };
    let fallback = || Url::parse(&format!("http://{listens}"));
    let base = config.base_url.clone().map_or_else(fallback, Ok);
    let base = base.unwrap_or_else(|_| unreachable!("an address and port make a URL"));
    if config.base_url.is_some() { SiteAddress::new(base) } else { SiteAddress::unnamed(base) }
}

/// Fills a new database in one transaction: it is a whole site, or still empty.
async fn fill_if_new(db: &Database, clock: &Clock) -> Result<()> {
    let now = clock.now();
    let mut tx = db.begin_write().await.context("cannot write to the database (DATA_DIR)")?;
    if site::exists(&mut *tx).await? {
        return Ok(());
    }
    site::seed(&mut tx, now).await?;
    occupations::load(&mut tx).await?;
    draws::load(&mut tx, now).await?;
    posts::seed(&mut tx, now).await?;
    inquiries::seed(&mut tx, now).await?;
    tx.commit().await?;
    Ok(())
}

/// Titles may refer to the record of rounds, which the occupations do not know.
fn line_filler(db: &Database) -> LineFiller {
    let db = db.clone();
    LineFiller(Arc::new(move |lines| {
        let db = db.clone();
        Box::pin(async move {
            let facts = draws::Facts::of(db.read(), &lines.iter().map(String::as_str).collect::<Vec<_>>()).await?;
            Ok(lines.iter().map(|line| facts.line(line)).collect())
        })
    }))
}

/// Letters carry the sender of the moment they are sent: mended on the desk, it mends those that wait too.
fn from_address(db: &Database, mail: &MailSettings, site_address: &SiteAddress) -> FromAddress {
    let (db, mail, host) = (db.clone(), mail.clone(), site_address.host().to_owned());
    Arc::new(move || {
        let (db, mail, host) = (db.clone(), mail.clone(), host.clone());
        Box::pin(async move {
            let record = site::record(db.read()).await?;
            record.sender(&mail, &host).context("the sender's address in the firm's record cannot be used")
        })
    })
}
