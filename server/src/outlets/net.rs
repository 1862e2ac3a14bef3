//! Where outlets may connect to. An outlet's address is a tenant's word; what lies behind this machine's own
//! networks is not a tenant's to reach.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use hyper::Uri;

/// A network: an address, and how many of its bits count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    bits: u32,
}

impl Network {
    /// Reads `10.0.0.0/8`, or a single address.
    pub fn parse(text: &str) -> Option<Network> {
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits.parse().ok()?)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().ok()?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.unwrap_or(most);
        (bits <= most).then_some(Network { address, bits })
    }

    /// Whether an address is of this network.
    pub fn contains(self, address: IpAddr) -> bool {
        match (self.address, address) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                let mask = u32::MAX.checked_shl(32 - self.bits).unwrap_or(0);
                own.to_bits() & mask == other.to_bits() & mask
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                let mask = u128::MAX.checked_shl(128 - self.bits).unwrap_or(0);
                own.to_bits() & mask == other.to_bits() & mask
            }
            _ => false,
        }
    }
}

/// Networks that aren't the public internet.
const NOT_PUBLIC: [&str; 24] = [
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.88.99.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/4",
    "240.0.0.0/4",
    "::/127",
    "64:ff9b:1::/48",
    "100::/64",
    "2001::/23",
    "2001:db8::/32",
    "5f00::/16",
    "fc00::/7",
    "fe80::/9",
    "ff00::/8",
];

/// Whether an outlet may connect to an address.
pub fn may_reach(address: IpAddr, allowed: &[Network]) -> bool {
    let address = inner(address);
    let listed = |network: &Network| network.contains(address);
    let not_public =
        || NOT_PUBLIC.iter().filter_map(|text| Network::parse(text)).any(|n| n.contains(address));
    allowed.iter().any(listed) || !not_public()
}

/// The IPv4 address that an IPv6 address stands for, if it does: by mapping, translation or a tunnel.
fn inner(address: IpAddr) -> IpAddr {
    let IpAddr::V6(v6) = address else { return address };
    let low = Ipv4Addr::from_bits((v6.to_bits() & u128::from(u32::MAX)) as u32);
    let is_in = |text: &str| Network::parse(text).is_some_and(|network| network.contains(address));
    if is_in("::ffff:0:0/96") || is_in("64:ff9b::/96") || (is_in("::/96") && !is_in("::/127")) {
        IpAddr::V4(low)
    } else if is_in("2002::/16") {
        IpAddr::V4(Ipv4Addr::from_bits((v6.to_bits() >> 80) as u32))
    } else {
        IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits()))
    }
}

/// Where an outlet sends to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Whether by TLS.
    pub tls: bool,
    /// The name or address.
    pub host: String,
    /// The port.
    pub port: u16,
    /// Path and query.
    pub path: String,
}

impl Target {
    /// Reads a URL.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(url: &str) -> Result<Target, String> {
        let uri: Uri = url.parse().map_err(|_| "it is no URL".to_owned())?;
        let tls = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            _ => return Err("it must begin with https:// or http://".to_owned()),
        };
        let authority = uri.authority().ok_or("it has no host")?;
        if authority.as_str().contains('@') {
            return Err(
                "a user or password in it would stand in logs; give a secret instead".to_owned()
            );
        }
        let host = authority.host().trim_start_matches('[').trim_end_matches(']').to_owned();
        let port = authority.port_u16().unwrap_or(if tls { 443 } else { 80 });
        let path = uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
        Ok(Target { tls, host, port, path })
    }

    /// The header `Host`.
    pub fn host_header(&self) -> String {
        let host =
            if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        match (self.tls, self.port) {
            (true, 443) | (false, 80) => host,
            (_, port) => format!("{host}:{port}"),
        }
    }

    /// The addresses of the host that may be reached. They are those that are connected to, so that no
    /// second answer of a name server can lead elsewhere.
    ///
    /// # Errors
    /// Why there is none.
    pub async fn addresses(&self, allowed: &[Network]) -> Result<Vec<SocketAddr>, String> {
        let found: Vec<SocketAddr> = tokio::net::lookup_host((self.host.as_str(), self.port))
            .await
            .map_err(|error| format!("{}: {error}", self.host))?
            .collect();
        let reachable: Vec<SocketAddr> =
            found.iter().copied().filter(|address| may_reach(address.ip(), allowed)).collect();
        match reachable.is_empty() {
            false => Ok(reachable),
            true => Err(format!(
                "{} is no public address, and not among those that [outbound] allows",
                self.host
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_inside_can_be_reached_however_it_is_written() {
        for address in [
            "127.0.0.1",
            "127.9.9.9",
            "0.0.0.0",
            "10.1.2.3",
            "172.31.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "198.18.0.1",
            "::1",
            "::",
            "fe80::1",
            "fec0::1",
            "fd00::1",
            "ff02::1",
            "::ffff:127.0.0.1",
            "::ffff:169.254.169.254",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
            "::7f00:1",
            "fd00:ec2::254",
            "2001:db8::1",
        ] {
            assert!(!may_reach(address.parse().unwrap(), &[]), "{address}");
        }
        for address in [
            "8.8.8.8",
            "172.32.0.1",
            "100.128.0.1",
            "2606:4700::1111",
            "::ffff:8.8.8.8",
            "64:ff9b::808:808",
        ] {
            assert!(may_reach(address.parse().unwrap(), &[]), "{address}");
        }
    }

    #[test]
    fn what_the_operator_lists_can_and_no_more() {
        let allowed = [Network::parse("10.1.0.0/16").unwrap(), Network::parse("::1").unwrap()];
        for (address, may) in [
            ("10.1.255.1", true),
            ("10.2.0.1", false),
            ("::1", true),
            ("::ffff:10.1.0.1", true),
            ("127.0.0.1", false),
        ] {
            assert_eq!(may_reach(address.parse().unwrap(), &allowed), may, "{address}");
        }
        for wrong in ["", "10.0.0.0/33", "x", "10.0.0.0/", "::/129", "localhost"] {
            assert_eq!(Network::parse(wrong), None, "{wrong}");
        }
        assert!(Network::parse("0.0.0.0/0").unwrap().contains("8.8.8.8".parse().unwrap()));
    }

    #[test]
    fn urls_are_taken_apart() {
        let target = Target::parse("https://siem.example:8443/hook?a=1").unwrap();
        assert_eq!((target.tls, target.port, target.path.as_str()), (true, 8443, "/hook?a=1"));
        assert_eq!(target.host_header(), "siem.example:8443");
        assert_eq!(Target::parse("http://[::1]:80/").unwrap().host_header(), "[::1]");
        for wrong in [
            "",
            "siem.example",
            "ftp://x/",
            "https://user:pass@x/",
            "file:///etc/passwd",
            "https://",
        ] {
            assert!(Target::parse(wrong).is_err(), "{wrong}");
        }
    }
}
