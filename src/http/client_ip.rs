//! IP address of the client, also behind trusted proxies.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use actix_web::HttpRequest;

use crate::http::{HttpContext, TrustedProxies};

/// Headers that proxies add.
const PROXY_HEADERS: [&str; 6] =
    ["forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip"];

/// Address of the client.
///
/// Behind trusted proxies, the last entry of `X-Forwarded-For` that is not a trusted proxy. Entries before it come from
/// the client and are ignored. Otherwise the address of the connection.
pub fn client_ip(request: &HttpRequest) -> IpAddr {
    let peer = peer_ip(request);
    let forwarded: Vec<&str> = request
        .headers()
        .get_all("x-forwarded-for")
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .collect();
    resolve_forwarded_for(peer, &forwarded, &HttpContext::of(request).trusted_proxies)
}

/// Address of the client, for access control.
///
/// `None` if the request passed a proxy that is not trusted or does not name its client. Otherwise a proxy on this machine
/// would make every client look like the operator.
pub fn verified_client_ip(request: &HttpRequest) -> Option<IpAddr> {
    let client = client_ip(request);
    let is_proxied = PROXY_HEADERS.iter().any(|name| request.headers().contains_key(*name));
    (!is_proxied || client != peer_ip(request)).then_some(client)
}

/// Whether the connection comes from a trusted proxy.
pub fn is_from_trusted_proxy(request: &HttpRequest) -> bool {
    HttpContext::of(request).trusted_proxies.contains(peer_ip(request))
}

fn peer_ip(request: &HttpRequest) -> IpAddr {
    request.peer_addr().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.ip().to_canonical())
}

fn resolve_forwarded_for(peer: IpAddr, forwarded: &[&str], trusted: &TrustedProxies) -> IpAddr {
    let mut client = peer;
    for entry in forwarded.iter().rev() {
        if !trusted.contains(client) {
            break;
        }
        match parse_ip_port(entry.trim()) {
            Some(address) => client = address,
            None => break,
        }
    }
    client
}

/// Parses an address with or without a port. Converts IPv4-mapped IPv6 addresses to IPv4.
fn parse_ip_port(entry: &str) -> Option<IpAddr> {
    let bare = || entry.trim_matches(['[', ']']).parse::<IpAddr>().ok();
    bare().or_else(|| entry.parse::<SocketAddr>().ok().map(|with_port| with_port.ip())).map(|ip| ip.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::{ip_or_prefix64, network_prefix};

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn private_addresses_have_no_network_prefix() {
        assert_eq!(network_prefix(ip("203.0.113.9")).as_deref(), Some("203.0.113.0/24"));
        assert_eq!(network_prefix(ip("2001:db8:1:2::3")).as_deref(), Some("2001:db8:1::/48"));
        for ours in ["127.0.0.1", "::1", "10.0.0.2", "192.168.1.5", "fd00::1", "0.0.0.0"] {
            assert_eq!(network_prefix(ip(ours)), None, "{ours}");
        }
    }

    #[test]
    fn ipv6_addresses_are_grouped_by_prefix_64() {
        assert_eq!(ip_or_prefix64(ip("203.0.113.9")), ip("203.0.113.9"));
        assert_eq!(ip_or_prefix64(ip("::ffff:203.0.113.9")), ip("203.0.113.9"));
        assert_eq!(ip_or_prefix64(ip("2001:db8:1:2:3:4:5:6")), ip("2001:db8:1:2::"));
        assert_ne!(ip_or_prefix64(ip("2001:db8:1:2::1")), ip_or_prefix64(ip("2001:db8:1:3::1")));
    }

    #[test]
    fn x_forwarded_for_is_used_only_from_trusted_proxies() {
        let proxy = TrustedProxies(["127.0.0.1/32", "10.0.0.0/30"].map(|range| range.parse().unwrap()).into());
        assert_eq!(resolve_forwarded_for(ip("203.0.113.9"), &["198.51.100.1"], &proxy), ip("203.0.113.9"));
        assert_eq!(resolve_forwarded_for(ip("127.0.0.1"), &["6.6.6.6", "198.51.100.1"], &proxy), ip("198.51.100.1"));
        assert_eq!(resolve_forwarded_for(ip("127.0.0.1"), &["198.51.100.1", "10.0.0.2"], &proxy), ip("198.51.100.1"));
        assert_eq!(resolve_forwarded_for(ip("127.0.0.1"), &["not an address"], &proxy), ip("127.0.0.1"));
        assert_eq!(resolve_forwarded_for(ip("127.0.0.1"), &[], &proxy), ip("127.0.0.1"));
        assert_eq!(resolve_forwarded_for(ip("127.0.0.1"), &["198.51.100.1:5678"], &proxy), ip("198.51.100.1"));
        assert_eq!(resolve_forwarded_for(ip("127.0.0.1"), &["::ffff:198.51.100.1"], &proxy), ip("198.51.100.1"));
        assert_eq!(resolve_forwarded_for(ip("127.0.0.1"), &["[2001:db8::1]:443"], &proxy), ip("2001:db8::1"));
    }
}
