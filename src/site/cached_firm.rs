//! In-memory copy of the company settings.

use std::sync::{Arc, Mutex, PoisonError};

use crate::db::Database;
use crate::media;
use crate::site::{MailSettings, store};
use crate::web::Firm;

/// The company settings, read again from the database after each change of content.
pub struct CachedFirm {
    db: Database,
    mail: MailSettings,
    /// With the content version at which it was read.
    snapshot: Mutex<(i64, Arc<Firm>)>,
}

impl CachedFirm {
    /// Reads the settings, so that error pages have a header even if the database fails later.
    pub async fn new(db: Database, mail: MailSettings) -> sqlx::Result<Self> {
        let content_version = db.refresh_content_version().await?;
        let firm = Arc::new(load(&db, &mail).await?);
        Ok(Self { db, mail, snapshot: Mutex::new((content_version, firm)) })
    }

    pub fn snapshot(&self) -> Arc<Firm> {
        self.versioned_snapshot().1
    }

    fn versioned_snapshot(&self) -> (i64, Arc<Firm>) {
        self.snapshot.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The current settings, or the last known ones if the database cannot be read.
    pub async fn current(&self) -> Arc<Firm> {
        let (known_version, known) = self.versioned_snapshot();
        let read = async {
            // Read the version first: settings that change meanwhile are read again next time.
            let content_version = self.db.content_version().await?;
            if content_version == known_version {
                return Ok(known.clone());
            }
            let firm = Arc::new(load(&self.db, &self.mail).await?);
            *self.snapshot.lock().unwrap_or_else(PoisonError::into_inner) = (content_version, firm.clone());
            Ok::<_, sqlx::Error>(firm)
        };
        read.await.unwrap_or_else(|error| {
            tracing::error!("cannot read the company settings, showing the last known ones: {error} (DATA_DIR)");
            known
        })
    }
}

/// The settings with the logo and the pages in the menu and the footer.
async fn load(db: &Database, mail: &MailSettings) -> sqlx::Result<Firm> {
    let settings = store::find(db.read()).await?;
    let logo = media::pictures_in(db.read(), &[&settings.logo]).await?.find(&settings.logo).cloned();
    let linked_pages = store::linked_pages(db.read()).await?;
    Ok(Firm { logo, linked_pages, ..settings.to_firm(mail) })
}
