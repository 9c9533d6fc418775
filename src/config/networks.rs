//! IP addresses and CIDR ranges in settings: `203.0.113.7`, `10.0.0.0/8`, `2001:db8::/32`.

use std::net::IpAddr;

use anyhow::{Context, Result};
use ipnet::{IpNet, Ipv4Net};

use crate::config::list::list_items;

/// Reads addresses and CIDR ranges separated by commas; the error names the setting.
///
/// Adds a warning for a range that is written with host bits, or that matches every address.
pub fn parse_networks(name: &str, text: Option<&str>, warnings: &mut Vec<String>) -> Result<Vec<IpNet>> {
    let mut networks = vec![];
    for item in list_items(text) {
        let network = parse_network(item).with_context(|| {
            format!(
                "{name} contains \"{item}\", which is neither an IP address nor a range such as 10.0.0.0/8 or 2001:db8::/32"
            )
        })?;
        let range = network.trunc();
        if range.addr() != network.addr() {
            warnings.push(format!("{name} contains \"{item}\", which has host bits; it is read as {range}"));
        }
        if range.prefix_len() == 0 {
            warnings.push(format!("{name} contains \"{item}\", which matches every address"));
        }
        networks.push(range);
    }
    Ok(networks)
}

/// Converts IPv4-mapped IPv6 (`::ffff:10.0.0.1`) to IPv4: client addresses are compared in that form.
fn parse_network(item: &str) -> Option<IpNet> {
    let network = match item.parse::<IpAddr>() {
        Ok(address) => IpNet::from(address),
        Err(_) => item.parse().ok()?,
    };
    match network {
        IpNet::V6(v6) if v6.prefix_len() >= 96 => match v6.addr().to_ipv4_mapped() {
            Some(v4) => Ipv4Net::new(v4, v6.prefix_len() - 96).ok().map(IpNet::V4),
            None => Some(network),
        },
        _ => Some(network),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Vec<String>, Vec<String>) {
        let mut warnings = vec![];
        let networks = parse_networks("TRUSTED_PROXIES", Some(text), &mut warnings).unwrap();
        (networks.iter().map(ToString::to_string).collect(), warnings)
    }

    #[test]
    fn ipv4_and_ipv6_addresses_and_ranges_are_accepted() {
        let (networks, warnings) =
            read("127.0.0.1, 10.0.0.0/8 ,::1,2001:db8::/32, ::ffff:192.0.2.0/120,::ffff:192.0.2.1,");
        assert_eq!(
            networks,
            ["127.0.0.1/32", "10.0.0.0/8", "::1/128", "2001:db8::/32", "192.0.2.0/24", "192.0.2.1/32"]
        );
        assert!(warnings.is_empty(), "{warnings:?}");
    }

    #[test]
    fn range_with_host_bits_or_of_every_address_gives_a_warning() {
        let (networks, warnings) = read("10.1.2.3/8, 0.0.0.0/0, ::/0");
        assert_eq!(networks, ["10.0.0.0/8", "0.0.0.0/0", "::/0"]);
        assert!(warnings[0].contains("10.1.2.3/8") && warnings[0].ends_with("10.0.0.0/8"), "{warnings:?}");
        assert!(warnings.len() == 3 && warnings[1].ends_with("matches every address"), "{warnings:?}");
    }

    #[test]
    fn invalid_network_is_rejected_with_its_setting_and_value() {
        for bad in ["proxy", "10.0.0.0/33", "::/129", "10.0.0/8", "10.0.0.0/255.0.0.0", "10.0.0.0/", "fe80::1%eth0"] {
            let refused = parse_networks("METRICS_FROM", Some(&format!("127.0.0.1, {bad}")), &mut vec![]).unwrap_err();
            assert!(refused.to_string().starts_with(&format!("METRICS_FROM contains \"{bad}\"")), "{refused}");
        }
    }
}
