//! In: an IP address or a network in CIDR notation. Out: its place in the order of all addresses.

use std::net::IpAddr;

/// An address as 128 bits; IPv4 addresses lie where IPv6 maps them, so both spellings are equal.
pub(super) fn address(text: &str) -> Option<u128> {
    Some(match text.parse::<IpAddr>().ok()? {
        IpAddr::V4(address) => u128::from(address.to_ipv6_mapped()),
        IpAddr::V6(address) => u128::from(address),
    })
}

/// The first and last address of a network, or an address alone.
pub(super) fn network(text: &str) -> Option<(u128, u128)> {
    let Some((base, prefix)) = text.split_once('/') else {
        return address(text).map(|address| (address, address));
    };
    let bits = match base.parse::<IpAddr>().ok()? {
        IpAddr::V4(_) => 32,
        IpAddr::V6(_) => 128,
    };
    let digits = !prefix.is_empty() && prefix.bytes().all(|digit| digit.is_ascii_digit());
    let prefix = prefix.parse::<u32>().ok().filter(|prefix| digits && *prefix <= bits)?;
    let hosts = u128::MAX.checked_shr(128 - (bits - prefix)).unwrap_or(0);
    let base = address(base)?;
    Some((base & !hosts, base | hosts))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks() {
        let holds = |net: &str, ip: &str| {
            let (low, high) = network(net).unwrap();
            (low..=high).contains(&address(ip).unwrap())
        };
        for (net, inside, outside) in [
            ("10.0.0.0/8", "10.255.255.255", "11.0.0.0"),
            ("10.1.2.3/8", "10.0.0.0", "9.255.255.255"),
            ("192.0.2.1", "192.0.2.1", "192.0.2.2"),
            ("192.0.2.1/32", "::ffff:192.0.2.1", "192.0.2.2"),
            ("0.0.0.0/0", "255.255.255.255", "2001:db8::1"),
            ("2001:db8::/32", "2001:db8:ffff::1", "2001:db9::"),
            ("::/0", "192.0.2.1", "never"),
        ] {
            assert!(holds(net, inside), "{net} {inside}");
            assert!(outside == "never" || !holds(net, outside), "{net} {outside}");
        }
        for text in ["10.0.0.0/33", "10.0.0.0/", "10.0.0.0/+8", "10.0.0/8", "x", "", "::1/129"] {
            assert_eq!(network(text), None, "{text}");
        }
    }
}
