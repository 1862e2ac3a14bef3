//! In: an IP address or a network in CIDR notation. Out: its place in the order of all addresses.
//!
//! IPv4 addresses lie where IPv6 maps them, so both spellings are one address.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

/// An address's place in the order of all.
pub(crate) fn address(text: &str) -> Option<u128> {
    text.parse().ok().map(place)
}

fn place(address: IpAddr) -> u128 {
    u128::from(match address {
        IpAddr::V4(address) => address.to_ipv6_mapped(),
        IpAddr::V6(address) => address,
    })
}

/// A range of addresses whose first bits are equal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Network {
    pub(crate) first: u128,
    pub(crate) last: u128,
}

impl Network {
    /// Reads `address/bits`, or an address alone; the address may be any of the network.
    pub(crate) fn parse(text: &str) -> Option<Network> {
        let (base, bits) = match text.split_once('/') {
            Some((base, bits)) => (base, Some(bits)),
            None => (text, None),
        };
        let base: IpAddr = base.parse().ok()?;
        let width = if base.is_ipv4() { 32 } else { 128 };
        let bits = match bits {
            Some(bits) if bits.bytes().all(|digit| digit.is_ascii_digit()) => {
                bits.parse().ok().filter(|bits| *bits <= width)?
            }
            Some(_) => return None,
            None => width,
        };
        let hosts = u128::MAX.checked_shr(128 - (width - bits)).unwrap_or(0);
        let base = place(base);
        Some(Network { first: base & !hosts, last: base | hosts })
    }

    pub(crate) fn holds(self, address: u128) -> bool {
        (self.first..=self.last).contains(&address)
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bits = 128 - (self.last ^ self.first).count_ones();
        let first = Ipv6Addr::from(self.first);
        match first.to_ipv4_mapped() {
            Some(first) if bits >= 96 => write!(f, "{first}/{}", bits - 96),
            _ => write!(f, "{first}/{bits}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks() {
        let holds = |network: &str, inside: &str| {
            Network::parse(network).unwrap().holds(address(inside).unwrap())
        };
        for (network, inside, outside) in [
            ("10.0.0.0/8", "10.255.255.255", "11.0.0.0"),
            ("10.1.2.3/8", "10.0.0.0", "9.255.255.255"),
            ("192.0.2.1", "192.0.2.1", "192.0.2.2"),
            ("192.0.2.1/32", "::ffff:192.0.2.1", "192.0.2.2"),
            ("192.0.2.0/31", "::ffff:192.0.2.1", "192.0.2.2"),
            ("0.0.0.0/0", "255.255.255.255", "2001:db8::1"),
            ("2001:db8::/32", "2001:db8:ffff::1", "2001:db9::"),
            ("::/0", "192.0.2.1", "never"),
        ] {
            assert!(holds(network, inside), "{network} {inside}");
            assert!(outside == "never" || !holds(network, outside), "{network} {outside}");
        }
        for text in ["10.0.0.0/33", "10.0.0.0/", "10.0.0.0/+8", "10.0.0/8", "x", "", "::1/129"] {
            assert_eq!(Network::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_network_shows_its_first_address() {
        for (text, shown) in [
            ("10.1.2.3/8", "10.0.0.0/8"),
            ("0.0.0.0/0", "0.0.0.0/0"),
            ("192.0.2.1", "192.0.2.1/32"),
            ("2001:db8::1/32", "2001:db8::/32"),
            ("::1/0", "::/0"),
        ] {
            assert_eq!(Network::parse(text).unwrap().to_string(), shown);
        }
    }
}
