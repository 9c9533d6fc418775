//! Who is really asking, when proxies stand between.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use actix_web::{HttpRequest, web};

/// Proxies whose `X-Forwarded-For` is believed.
#[derive(Clone, Debug, Default)]
pub struct TrustedProxies(pub Vec<IpAddr>);

/// The visitor's address: the connection's own, unless it comes from a trusted proxy. Then the last entry
/// that no trusted proxy wrote; what a visitor wrote there before is never believed.
pub fn client_address(request: &HttpRequest) -> IpAddr {
    let peer = request.peer_addr().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.ip().to_canonical());
    let Some(trusted) = request.app_data::<web::Data<TrustedProxies>>() else {
        return peer;
    };
    let forwarded: Vec<&str> = request
        .headers()
        .get_all("x-forwarded-for")
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .collect();
    walk_back(peer, &forwarded, &trusted.0)
}

fn walk_back(peer: IpAddr, forwarded: &[&str], trusted: &[IpAddr]) -> IpAddr {
    let mut client = peer;
    for entry in forwarded.iter().rev() {
        if !trusted.contains(&client) {
            break;
        }
        match address_in(entry.trim()) {
            Some(address) => client = address,
            None => break,
        }
    }
    client
}

/// An address with or without a port. One of IPv4 that comes in the clothes of IPv6 is undressed.
fn address_in(entry: &str) -> Option<IpAddr> {
    let bare = || entry.trim_matches(['[', ']']).parse::<IpAddr>().ok();
    bare().or_else(|| entry.parse::<SocketAddr>().ok().map(|with_port| with_port.ip())).map(|ip| ip.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn only_a_trusted_proxy_is_believed_and_only_about_its_own_client() {
        let proxy = [ip("127.0.0.1"), ip("10.0.0.2")];
        assert_eq!(walk_back(ip("203.0.113.9"), &["198.51.100.1"], &proxy), ip("203.0.113.9"));
        assert_eq!(walk_back(ip("127.0.0.1"), &["6.6.6.6", "198.51.100.1"], &proxy), ip("198.51.100.1"));
        assert_eq!(walk_back(ip("127.0.0.1"), &["198.51.100.1", "10.0.0.2"], &proxy), ip("198.51.100.1"));
        assert_eq!(walk_back(ip("127.0.0.1"), &["not an address"], &proxy), ip("127.0.0.1"));
        assert_eq!(walk_back(ip("127.0.0.1"), &[], &proxy), ip("127.0.0.1"));
        assert_eq!(walk_back(ip("127.0.0.1"), &["198.51.100.1:5678"], &proxy), ip("198.51.100.1"));
        assert_eq!(walk_back(ip("127.0.0.1"), &["::ffff:198.51.100.1"], &proxy), ip("198.51.100.1"));
        assert_eq!(walk_back(ip("127.0.0.1"), &["[2001:db8::1]:443"], &proxy), ip("2001:db8::1"));
    }
}
