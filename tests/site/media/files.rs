//! Files of pictures: headers, caching, addresses that do not exist.

use immigration_experts::staff::Role;

use crate::support::Site;
use crate::support::pictures::{add, jpeg};

#[actix_web::test]
async fn files_are_cached_forever_and_revalidate_by_etag() {
    let site = Site::start().await;
    let writer = site.staff(Role::Writer).await;
    let (_, markdown) = add(&writer, "a.jpg", &jpeg(600, 300), "A chart").await;
    let jpeg_path = markdown.split(['(', ')']).nth(1).unwrap().to_owned();
    assert!(jpeg_path.starts_with("/media/") && jpeg_path.ends_with("-600.jpg"), "{markdown}");
    let visitor = site.visitor();
    for (path, kind) in [(jpeg_path.clone(), "image/jpeg"), (jpeg_path.replace("-600.jpg", "-480.webp"), "image/webp")]
    {
        let page = Box::pin(visitor.head(&path)).await;
        for (name, value) in [
            ("content-type", kind),
            ("cache-control", "public, max-age=31536000, immutable"),
            ("x-content-type-options", "nosniff"),
            ("content-security-policy", "default-src 'none';frame-ancestors 'none'"),
            ("cross-origin-resource-policy", "cross-origin"),
            ("content-encoding", ""),
            ("set-cookie", ""),
        ] {
            assert_eq!(page.header(name), value, "{path}: {name}");
        }
        let compressed = visitor.get_with(&path, &[("accept-encoding", "gzip, br")]).await;
        assert_eq!((compressed.status, compressed.header("content-encoding")), (200, ""), "{path}");
        let etag = page.header("etag");
        let again = visitor.get_with(&path, &[("if-none-match", etag)]).await;
        assert_eq!((again.status, again.text.as_str(), again.header("etag")), (304, "", etag), "{path}");
        let other = visitor.client.get(format!("{}{path}", site.base)).header("if-none-match", "\"other\"");
        assert_eq!(other.send().await.unwrap().status(), 200, "{path}");
    }
    let hash = &jpeg_path["/media/".len()..][..16];
    for path in [
        format!("/media/{hash}-600.png"),
        format!("/media/{hash}-601.jpg"),
        format!("/media/{hash}-0600.jpg"),
        format!("/media/{hash}-+600.jpg"),
        format!("/media/{hash}-600.svg"),
        format!("/media/{hash}"),
        "/media/0000000000000000-600.jpg".to_owned(),
        "/media/".to_owned(),
        "/media".to_owned(),
    ] {
        let page = visitor.get(&path).await;
        assert_eq!(page.status, 404, "{path}");
        page.assert_page_layout();
    }
}
