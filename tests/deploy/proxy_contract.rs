//! Requirements for every cache: it shares public pages only, and passes on the client address.

use std::net::{IpAddr, Ipv4Addr};

use futures_util::future::join_all;

use crate::external_process::{ExternalProcess, free_port};
use crate::program::{Home, SiteProcess, address_in, until};
use crate::support::{FIRST_POST, PASSWORD, Page, Visitor, feeds, pictures};

/// Cacheable pages of every kind.
pub const PAGES: [&str; 8] =
    ["/", "/news", FIRST_POST, "/draws", "/draws/252", "/occupations/31301", "/about", "/draws.csv"];

/// Site with a proxy.
pub struct ProxiedSite {
    pub home: Home,
    pub site: SiteProcess,
    /// Address of the site itself.
    pub site_port: u16,
    /// Address for visitors.
    pub public_port: u16,
    settings: Vec<(&'static str, String)>,
    /// The proxy. Stopped before the site.
    _proxy: ExternalProcess,
}

impl ProxiedSite {
    /// Starts the proxy with `start` and the site behind it. `settings` may depend on the address for visitors.
    pub async fn open(
        settings: impl FnOnce(u16) -> Vec<(&'static str, String)>,
        start: impl AsyncFnOnce(&Home, u16, u16) -> ExternalProcess,
    ) -> Self {
        let (home, port, public_port) = (Home::new(), free_port(), free_port());
        let mut all = vec![
            ("BIND", format!("127.0.0.1:{port}")),
            ("BASE_URL", format!("http://127.0.0.1:{public_port}")),
            ("TRUSTED_PROXIES", "127.0.0.1".to_owned()),
            ("STAFF_INBOX", "inbox@example.com".to_owned()),
        ];
        all.extend(settings(public_port));
        let proxy = start(&home, port, public_port).await;
        let site = serve(&home, &all).await;
        Self { home, site, site_port: port, public_port, settings: all, _proxy: proxy }
    }

    /// Visitor from `127.0.0.last`.
    pub fn visitor_from(&self, last: u8) -> Visitor {
        let client = reqwest::Client::builder()
            .cookie_store(true)
            .redirect(reqwest::redirect::Policy::none())
            .local_address(IpAddr::V4(Ipv4Addr::new(127, 0, 0, last)))
            .build()
            .unwrap();
        Visitor { client, base: format!("http://127.0.0.1:{}", self.public_port) }
    }

    /// Waits for the purge that the site sends at its start.
    pub async fn wait_until_cached(self) -> Self {
        let visitor = self.visitor();
        until("a page that is not purged", async || {
            let page = visitor.get("/privacy").await;
            (is_hit(&page) && page.header("age").parse::<u32>().unwrap() >= 2).then_some(())
        })
        .await;
        self
    }

    /// Visitor from another address.
    pub fn visitor(&self) -> Visitor {
        self.visitor_from(9)
    }

    /// Visitor who bypasses the proxy.
    pub fn direct_visitor(&self) -> Visitor {
        Visitor { base: format!("http://127.0.0.1:{}", self.site_port), ..self.visitor_from(1) }
    }

    /// Creates the first account and signs in through the proxy.
    pub async fn admin(&self) -> Visitor {
        let path = self.site.log_line("/admin/set-up/").map(|line| {
            let address = address_in(&line).to_owned();
            address[address.find("/admin/").unwrap()..].to_owned()
        });
        let fields = [("name", "Ayesha"), ("email", "ayesha@example.com"), ("password", PASSWORD)];
        let visitor = self.visitor();
        assert_eq!(visitor.post(&path.unwrap(), &fields).await.status, 303);
        assert_eq!(visitor.post("/admin/sign-in", &fields[1..]).await.status, 303);
        visitor
    }

    /// Restarts the site at the same address.
    pub async fn restart_site(&mut self) {
        self.site = serve(&self.home, &self.settings).await;
    }
}

async fn serve(home: &Home, settings: &[(&'static str, String)]) -> SiteProcess {
    let settings: Vec<(&str, &str)> = settings.iter().map(|(name, value)| (*name, value.as_str())).collect();
    home.serve(&settings).await
}

/// Changes the text of the about page.
pub async fn update_about_page(admin: &Visitor, body: &str) {
    let page = admin.get("/admin/pages/1").await;
    let kept = ["version", "title", "summary"].map(|name| (name, page.field_value(name)));
    let mut fields: Vec<(&str, &str)> = kept.iter().map(|(name, value)| (*name, value.as_str())).collect();
    fields.push(("body", body));
    let saved = admin.post("/admin/pages/1", &fields).await;
    assert_eq!(saved.status, 303, "{}", saved.text);
}

/// Whether the response came from the cache.
pub fn is_hit(page: &Page) -> bool {
    page.header("x-cache") == "HIT"
}

pub async fn pages_are_rendered_once_and_served_to_everyone(front: &ProxiedSite) {
    let (visitor, inside) = (front.visitor(), front.direct_visitor());
    for path in PAGES {
        let (first, second, own) = (visitor.get(path).await, visitor.get(path).await, inside.get(path).await);
        assert_eq!((first.status, second.status), (200, 200), "{path}");
        assert!(!is_hit(&first) && is_hit(&second), "{path}: {:?}", second.headers);
        assert!(first.text == own.text && second.text == own.text, "{path}");
        let tag = second.header("etag");
        assert!(tag == own.header("etag") && tag.starts_with('"'), "{path}: {:?}", own.headers);
        let unchanged = visitor.get_with(path, &[("if-none-match", tag)]).await;
        assert_eq!((unchanged.status, unchanged.text.as_str()), (304, ""), "{path}");
        assert!(is_hit(&unchanged) && visitor.head(path).await.status == 200, "{path}");
    }
    let style = visitor.get("/").await.attributes("link[rel=stylesheet]", "href").remove(0);
    let (first, second) = (visitor.get(&style).await, visitor.get(&style).await);
    assert!(first.status == 200 && is_hit(&second), "{style}");
    assert!(second.header("cache-control").contains("immutable"), "{:?}", second.headers);
    let with_cookie = visitor.get_with("/about", &[("cookie", "_ga=GA1.2.3")]).await;
    assert!(is_hit(&with_cookie), "cookies of other origins do not affect caching");
    assert!(
        is_hit(&visitor.get("/about?utm_source=mail&utm_campaign=july&fbclid=x").await),
        "parameters appended by advertisers"
    );
    assert!(!is_hit(&visitor.get("/draws?category=healthcare").await), "parameters that select another page");
    assert_eq!(visitor.get("/nothing-here").await.status, 404);
}

pub async fn each_browser_gets_an_encoding_it_accepts(front: &ProxiedSite) {
    let visitor = front.visitor();
    for (accepts, gets) in [
        ("gzip, deflate, br, zstd", "br"),
        ("deflate, gzip;q=1.0", "gzip"),
        ("gzip", "gzip"),
        ("br;q=0, gzip;q=0", ""),
        ("br", "br"),
        ("identity", ""),
    ] {
        let page = visitor.client.get(format!("{}/draws", visitor.base)).header("accept-encoding", accepts);
        let answer = page.send().await.unwrap();
        let encoding = answer.headers().get("content-encoding").map_or("", |value| value.to_str().unwrap()).to_owned();
        assert_eq!(encoding, gets, "{accepts}");
        let body = answer.bytes().await.unwrap();
        assert_eq!(body.starts_with(&[0x1f, 0x8b]), gets == "gzip", "{accepts}");
        assert_eq!(body.starts_with(b"<!doctype html>"), gets.is_empty(), "{accepts}");
    }
}

pub async fn concurrent_requests_share_one_rendered_page(front: &ProxiedSite) {
    let visitors: Vec<Visitor> = (0..24).map(|_| front.visitor()).collect();
    let pages = join_all(visitors.iter().map(|visitor| visitor.get("/draws?year=2021"))).await;
    assert!(pages.iter().all(|page| page.status == 200 && page.text == pages[0].text));
    assert_eq!(pages.iter().filter(|page| !is_hit(page)).count(), 1);
}

pub async fn forms_bypass_the_cache_and_stay_private(front: &ProxiedSite) {
    let (ayesha, bilal) = (front.visitor(), front.visitor_from(8));
    let (first, second) = (ayesha.get("/contact").await, bilal.get("/contact").await);
    assert!(!is_hit(&first) && !is_hit(&second));
    let (ours, theirs) = (first.field_value("form_token"), second.field_value("form_token"));
    assert!(!ours.is_empty() && ours != theirs, "each form has its own key");

    let refused = ayesha.post("/contact", &[("name", "Ayesha"), ("form_token", &ours)]).await;
    assert_eq!((refused.status, refused.field_value("name")), (422, "Ayesha".into()));
    let fields = [
        ("name", "Ayesha"),
        ("email", "ayesha@example.org"),
        ("message", "For your eyes alone."),
        ("form_token", ours.as_str()),
    ];
    let accepted = ayesha.post("/contact", &fields).await;
    assert_eq!(accepted.status, 303, "{}", accepted.text);
    assert_eq!(
        ayesha.post("/contact", &fields).await.location(),
        accepted.location(),
        "a double submission counts once"
    );
    let receipt = accepted.location().trim_start_matches(ayesha.base.as_str()).to_owned();
    for _ in 0..2 {
        let page = ayesha.get(&receipt).await;
        assert!(page.status == 200 && page.text.contains("For your eyes alone."), "{}", page.text);
        assert!(!is_hit(&page) && page.header("cache-control").contains("no-store"), "{:?}", page.headers);
    }
    assert_eq!(front.home.texts("SELECT reference FROM inquiries").await.len(), 1);
    let apply = bilal.get("/apply").await;
    assert!(!is_hit(&apply) && apply.status == 200);
}

pub async fn admin_pages_are_shown_only_to_signed_in_staff(front: &ProxiedSite) {
    let (admin, stranger) = (front.admin().await, front.visitor_from(8));
    for _ in 0..2 {
        let dashboard = admin.get("/admin").await;
        assert_eq!((dashboard.status, is_hit(&dashboard)), (200, false));
        let closed = stranger.get("/admin").await;
        assert_eq!((closed.status, is_hit(&closed)), (303, false));
    }
    // A public page does not depend on a session.
    let (theirs, ours) = (admin.get("/about").await, stranger.get("/about").await);
    assert_eq!(theirs.text, ours.text);
    assert_eq!(theirs.header("set-cookie"), "");
    for path in ["/metrics", "/health/ready"] {
        assert_eq!(stranger.get(path).await.status, 404, "{path}");
    }
    assert_eq!(stranger.get("/health").await.text, "alive\n");
}

/// Bodies of 12 MB reach the site where pictures or an export of WordPress are uploaded, and nowhere else.
pub async fn only_uploads_of_pictures_may_be_large(front: &ProxiedSite) {
    let admin = front.admin().await;
    let large = [pictures::jpeg(40, 20), vec![0; 12 * 1024 * 1024]].concat();
    let page = pictures::upload(&admin, &[("large.jpg", &large)]).await;
    assert_eq!((page.status, page.location()), (303, "/admin/media/1"), "{}", page.text);
    let head = "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"export.xml\"\r\n\r\n";
    let body = [head.as_bytes(), &large, b"\r\n--x--\r\n"].concat();
    let page = admin.post_body("/admin/posts/import", "multipart/form-data; boundary=x", body).await;
    assert_eq!((page.status, page.location()), (303, "/admin/posts/import/1"), "{}", page.text);
    let page = feeds::upload(&admin, "large.json", &large).await;
    // Caddy answers 502 to a body over its limit.
    assert!([413, 502].contains(&page.status), "{}", page.status);
}

/// Requires a site with `FORM_LIMIT=2`.
pub async fn rate_limits_count_visitors_not_the_proxy(front: &ProxiedSite) {
    let form = |number: usize| [("name", format!("Person {number}")), ("message", format!("Question {number}"))];
    let send = async |visitor: &Visitor, number: usize| {
        let fields = form(number);
        let mut fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        fields.push(("email", "visitor@example.org"));
        let claim = format!("198.51.{number}.1");
        visitor.post_with("/contact", &fields, &[("x-forwarded-for", claim.as_str())]).await.status
    };
    let (one, other) = (front.visitor_from(7), front.visitor_from(8));
    assert_eq!((send(&one, 1).await, send(&one, 2).await), (303, 303));
    assert_eq!(send(&one, 3).await, 429, "the client's own header is ignored");
    assert_eq!(send(&other, 4).await, 303, "another visitor");
}

/// Kills the site, then starts it again.
pub async fn cached_pages_are_served_while_the_site_is_down(front: &mut ProxiedSite) {
    let visitor = front.visitor();
    let mut texts = vec![];
    for path in PAGES {
        texts.push(visitor.get(path).await.text);
    }
    front.site.kill();
    for _ in 0..3 {
        for (path, text) in PAGES.iter().zip(&texts) {
            let page = visitor.get(path).await;
            assert!(page.status == 200 && page.text == *text, "{path}: {}", page.status);
        }
    }
    for path in ["/draws/251", "/contact"] {
        let page = visitor.get(path).await;
        assert_eq!((page.status, page.header("cache-control")), (503, "no-store"), "{path}");
        assert_eq!(page.first("h1"), "Temporarily unavailable");
    }
    let fields = [("name", "Ayesha"), ("email", "ayesha@example.org"), ("message", "Is anybody there?")];
    let page = visitor.post("/contact", &fields).await;
    assert_eq!((page.status, page.header("retry-after")), (503, "60"), "the form is not reported as received");

    front.restart_site().await;
    until("the site behind the cache", async || (visitor.get("/draws/251").await.status == 200).then_some(())).await;
    assert_eq!(visitor.post("/contact", &fields).await.status, 303);
    assert_eq!(front.home.texts("SELECT message FROM inquiries").await, ["Is anybody there?"], "once");
}
