//! How much memory the program takes while it is attacked.

use futures_util::StreamExt;

use crate::program::{Home, Serving};

/// What wrong passwords may add, in kilobytes.
const MOST: u64 = 40 * 1024;

/// The memory that the program occupies, in kilobytes.
fn resident(site: &Serving) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", site.pid())).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[actix_web::test]
async fn four_hundred_wrong_passwords_from_four_hundred_addresses_take_no_lasting_memory() {
    let home = Home::new();
    let mut site = home.serve(&[("TRUSTED_PROXIES", "127.0.0.1")]).await;
    let visitor = site.visitor();
    for path in ["/", "/admin/sign-in", "/draws", "/occupations"] {
        assert_eq!(visitor.get(path).await.status, 200, "{path}");
    }
    let rest = resident(&site);
    let tries = futures_util::stream::iter(0..400_u32).map(|n| {
        let (address, email) = (format!("198.{}.{}.7", 18 + n / 256, n % 256), format!("n{n}@example.com"));
        let visitor = &visitor;
        async move {
            let fields = [("email", email.as_str()), ("password", "wrong")];
            visitor.post_with("/admin/sign-in", &fields, &[("x-forwarded-for", &address)]).await.status
        }
    });
    let statuses: Vec<u16> = tries.buffer_unordered(24).collect().await;
    assert_eq!(statuses.iter().filter(|status| **status == 422).count(), 400, "each was hashed: {statuses:?}");
    let after = resident(&site);
    println!("{rest} kB at rest, {after} kB after 400 wrong passwords");
    assert!(after < rest + MOST, "{rest} kB at rest, {after} kB after");
    assert!(site.stop().await.success());
}
