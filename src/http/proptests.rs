//! Property tests of URLs and headers with arbitrary content.

use std::net::{IpAddr, SocketAddr};

use actix_web::HttpMessage;
use actix_web::http::header::{ACCEPT_ENCODING, HeaderValue, IF_NONE_MATCH, IfNoneMatch};
use actix_web::test::TestRequest;
use actix_web::web::Data;
use proptest::prelude::*;

use crate::http::{
    CacheRule, CacheRules, Encoding, HttpContext, TrustedProxies, client_ip, is_not_modified, network_prefix,
    verified_client_ip,
};
use crate::test_support::{any_bytes, check_property, text_from};

const QUERY: &[&str] = &[
    "year",
    "category",
    "=",
    "&",
    "+",
    "%",
    "%20",
    "%26",
    "%3d",
    "%ff",
    "%00",
    "é",
    "2023",
    "?",
    "#",
    "/",
    "utm=x",
    ";",
    "&year=",
    "category=a",
];

#[test]
fn the_cache_key_is_idempotent() {
    let cache_rules = CacheRules::new([
        CacheRule::Cacheable("/draws", &["year", "category"]),
        CacheRule::Cacheable("/draws/{number}", &[]),
        CacheRule::Bypass("/contact"),
        CacheRule::Cacheable("/{page}", &[]),
    ]);
    let path = text_from(&["/", "draws", "/draws", "/draws/252", "contact", "%64", "a", ".", ".."], 4);
    let query =
        prop_oneof![4 => text_from(QUERY, 24).boxed(), 1 => text_from(&["year=", "é", "%ff", "\u{1}"], 300).boxed()];
    check_property(400, (path, query), |(path, query)| {
        let path = path.replace('?', "");
        let Some(canonical) = cache_rules.cache_key(&path, &query) else { return };
        assert!(canonical.len() <= 512, "{canonical}");
        let (path, query) = canonical.split_once('?').unwrap_or((&canonical, ""));
        assert_eq!(cache_rules.cache_key(path, query).as_deref(), Some(canonical.as_str()));
    });
}

const FORWARDED: &[&str] = &[
    "127.0.0.1",
    "10.0.0.2",
    "203.0.113.9",
    "198.51.100.1:80",
    "[2001:db8::1]:443",
    "2001:db8::1",
    "::ffff:10.0.0.2",
    "[",
    "]",
    ":",
    ",",
    ", ",
    " ",
    "unknown",
    "_hidden",
    "\"",
    "for=",
    "999.1.1.1",
    "1e3",
    "%",
    "::",
    "0",
];

fn header(bytes: &[u8]) -> Option<HeaderValue> {
    HeaderValue::from_bytes(bytes).ok()
}

#[test]
fn x_forwarded_for_from_untrusted_peers_is_ignored() {
    let peers = ["127.0.0.1:1", "203.0.113.9:1", "[::1]:1", "[::ffff:10.0.0.2]:1"];
    let line = prop_oneof![4 => text_from(FORWARDED, 8).prop_map(String::into_bytes), 1 => any_bytes(40)];
    let trusted: Vec<IpAddr> = ["127.0.0.1", "10.0.0.2"].map(|ip| ip.parse().unwrap()).into();
    let ranges: Vec<ipnet::IpNet> = trusted.iter().map(|ip| (*ip).into()).collect();
    check_property(300, (0..peers.len(), proptest::collection::vec(line, 0..3)), |(peer, lines)| {
        let peer: SocketAddr = peers[peer].parse().unwrap();
        let context = HttpContext { trusted_proxies: TrustedProxies(ranges.clone()), ..HttpContext::for_tests() };
        let mut request = TestRequest::default().peer_addr(peer).app_data(Data::new(context));
        for line in lines.iter().filter_map(|line| header(line)) {
            request = request.append_header(("x-forwarded-for", line));
        }
        let request = request.to_http_request();
        let (client, own) = (client_ip(&request), peer.ip().to_canonical());
        let _ = (verified_client_ip(&request), network_prefix(client));
        assert!(trusted.contains(&own) || client == own, "{client} for {own}");
        assert_eq!(client, client.to_canonical());
    });
}

const CODINGS: &[&str] = &[
    "br", "gzip", "identity", "*", "zstd", ";q=0", ";q=0.5", ";q=1", "; q = ", ";q=NaN", ";q=inf", ";q=-1", ";q=1e9",
    ";", ",", "=", " ", "\t", "BR", "q", "W/", "\"", "1a", "-br",
];

#[test]
fn any_header_list_is_parsed() {
    let line = prop_oneof![4 => text_from(CODINGS, 10).prop_map(String::into_bytes), 1 => any_bytes(40)];
    check_property(300, line, |line| {
        let Some(value) = header(&line) else { return };
        let request = TestRequest::default()
            .insert_header((ACCEPT_ENCODING, value.clone()))
            .insert_header((IF_NONE_MATCH, value))
            .to_http_request();
        let wanted = Encoding::negotiate(&request);
        let said = String::from_utf8_lossy(&line).to_lowercase();
        match wanted {
            Encoding::Brotli => assert!(said.contains("br") || said.contains('*'), "{said}"),
            Encoding::Gzip => assert!(said.contains("gzip") || said.contains('*'), "{said}"),
            Encoding::Identity => {}
        }
        let condition = request.get_header::<IfNoneMatch>();
        let knows = condition.is_some_and(|condition| is_not_modified(&condition, &Encoding::Brotli.etag("1a")));
        assert!(!knows || said.contains("\"1a-br\"") || said.contains('*'), "{said}");
    });
}

#[test]
fn compression_round_trips() {
    check_property(40, any_bytes(400), |plain| {
        for form in [Encoding::Brotli, Encoding::Gzip] {
            let Some(encoded) = form.compress(&plain.repeat(4)) else { continue };
            let mut back = vec![];
            match form {
                Encoding::Brotli => brotli::BrotliDecompress(&mut &encoded[..], &mut back).unwrap(),
                _ => drop(
                    std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(&encoded[..]), &mut back).unwrap(),
                ),
            }
            assert_eq!(back, plain.repeat(4));
        }
    });
}
