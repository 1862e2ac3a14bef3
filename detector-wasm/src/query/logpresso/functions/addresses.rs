//! Functions about IP addresses.

use std::net::IpAddr;

use crate::query::expression::datum::{Datum, java_address};
use crate::query::expression::function::{Function, Outcome};
use crate::query::expression::number::Number;

pub(super) const TABLE: &[Function] = &[
    Function::new("ip", 1, 1, |arguments| {
        let value = arguments.get(0);
        let address = address(value).or_else(|| of_number(value));
        Outcome::Value(address.map_or(Datum::Null, Datum::Ip))
    })
    .doc(
        "ip(s)",
        "an address; an IPv6 address shows in eight groups, without `::`",
        &[(r#"ip("10.1.2.3")"#, r#""10.1.2.3""#), (r#"ip("example.org")"#, "null")],
    ),
    Function::new("ip2long", 1, 1, |arguments| {
        Outcome::Value(match address(arguments.get(0)) {
            Some(IpAddr::V4(address)) => Datum::Long(i64::from(address.to_bits())),
            _ => Datum::Null,
        })
    })
    .doc(
        "ip2long(ip)",
        "an IPv4 address's number",
        &[(r#"ip2long("10.1.2.3")"#, "167838211")],
    ),
    Function::new("ip2int", 1, 1, |arguments| {
        Outcome::Value(match address(arguments.get(0)) {
            Some(IpAddr::V4(address)) => Datum::Int(address.to_bits() as i32),
            _ => Datum::Null,
        })
    })
    .doc(
        "ip2int(ip)",
        "an IPv4 address's number in 32 bits, with their sign",
        &[(r#"ip2int("0.0.0.1")"#, "1")],
    ),
    Function::new("long2ip", 1, 1, |arguments| {
        let address = of_number(arguments.get(0));
        Outcome::Value(address.map_or(Datum::Null, |address| Datum::text(address.to_string())))
    })
    .doc(
        "long2ip(n)",
        "the IPv4 address of a number",
        &[("long2ip(167838211)", r#""10.1.2.3""#)],
    ),
    Function::new("reverseip", 1, 1, |arguments| {
        Outcome::Value(match address(arguments.get(0)) {
            Some(IpAddr::V4(address)) => {
                let [a, b, c, d] = address.octets();
                Datum::text(format!("{d}.{c}.{b}.{a}"))
            }
            _ => Datum::Null,
        })
    })
    .doc(
        "reverseip(ip)",
        "an IPv4 address with its parts turned around",
        &[(r#"reverseip("10.1.2.3")"#, r#""3.2.1.10""#)],
    ),
    Function::new("network", 2, 2, |arguments| {
        let network = address(arguments.get(0))
            .zip(Number::of(arguments.get(1)))
            .and_then(|(address, bits)| network(address, bits));
        Outcome::Value(network.map_or(Datum::Null, |network| Datum::text(java_address(&network))))
    })
    .doc(
        "network(ip, bits)",
        "the address with all but the first bits cleared",
        &[(r#"network("10.1.2.3", 24)"#, r#""10.1.2.0""#), (r#"network("10.1.2.3", 40)"#, "null")],
    ),
];

/// The address that a value is or whose text it is.
fn address(datum: &Datum<'_>) -> Option<IpAddr> {
    match datum {
        Datum::Ip(address) => Some(*address),
        Datum::Text(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// The IPv4 address of a whole number's low 32 bits.
fn of_number(datum: &Datum<'_>) -> Option<IpAddr> {
    match Number::of(datum)? {
        Number::Long(number) => Some(IpAddr::V4((number as u32).into())),
        Number::Double(_) => None,
    }
}

/// The address with all but its first bits cleared.
fn network(address: IpAddr, bits: Number) -> Option<IpAddr> {
    let Number::Long(bits) = bits else { return None };
    let bits = u32::try_from(bits).ok()?;
    Some(match address {
        IpAddr::V4(address) => {
            let mask = u32::MAX.checked_shl(32_u32.checked_sub(bits)?).unwrap_or(0);
            IpAddr::V4((address.to_bits() & mask).into())
        }
        IpAddr::V6(address) => {
            let mask = u128::MAX.checked_shl(128_u32.checked_sub(bits)?).unwrap_or(0);
            IpAddr::V6((address.to_bits() & mask).into())
        }
    })
}
