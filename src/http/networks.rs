//! Trusted proxies, and the networks of client addresses.

use std::net::{IpAddr, Ipv6Addr};

use ipnet::IpNet;

/// Proxies whose `X-Forwarded-For` header is trusted (`TRUSTED_PROXIES`).
#[derive(Clone, Debug, Default)]
pub struct TrustedProxies(pub Vec<IpNet>);

impl TrustedProxies {
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|range| range.contains(&address))
    }
}

/// The /24 (IPv4) or /48 (IPv6) network of an address, such as `203.0.113.0/24`. `None` for loopback and private
/// addresses, which do not identify a client.
pub fn network_prefix(address: IpAddr) -> Option<String> {
    match address {
        IpAddr::V4(v4) if v4.is_loopback() || v4.is_private() || v4.is_link_local() || v4.is_unspecified() => None,
        IpAddr::V6(v6) if v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local() => None,
        IpAddr::V4(v4) => {
            let [a, b, c, _] = v4.octets();
            Some(format!("{a}.{b}.{c}.0/24"))
        }
        IpAddr::V6(v6) => {
            let [a, b, c, ..] = v6.segments();
            Some(format!("{a:x}:{b:x}:{c:x}::/48"))
        }
    }
}

/// The address (IPv4), or its /64 network (IPv6), which one customer has.
pub fn ip_or_prefix64(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
        v4 => v4,
    }
}
