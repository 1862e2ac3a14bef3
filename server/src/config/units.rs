//! Sizes and times as people write them.

use std::fmt;
use std::time::Duration;

use serde::de::{Deserialize, Deserializer, Error, Visitor};

/// A number of bytes: `1048576`, or `"64M"` with K, M, G or T for powers of 1,024.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bytes(pub u64);

impl Bytes {
    /// As a size in memory.
    pub fn size(self) -> usize {
        usize::try_from(self.0).unwrap_or(usize::MAX)
    }
}

/// A time: seconds, or `"10s"`, `"5m"`, `"24h"`, `"7d"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Seconds(pub u64);

impl Seconds {
    /// As a duration.
    pub fn duration(self) -> Duration {
        Duration::from_secs(self.0)
    }
}

const BYTES: &str = "a size such as 1048576 or \"64M\"";
const SECONDS: &str = "a time such as 30, \"30s\", \"5m\", \"24h\" or \"7d\"";

fn parse(text: &str, units: &[(&str, u64)]) -> Option<u64> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at_checked(digits)?;
    let unit = unit.trim().trim_end_matches("iB").trim_end_matches('B');
    let factor = match unit {
        "" => 1,
        unit => units.iter().find(|(name, _)| *name == unit)?.1,
    };
    number.parse::<u64>().ok()?.checked_mul(factor)
}

/// Reads a number, or a number with a unit.
struct Reader {
    expected: &'static str,
    units: &'static [(&'static str, u64)],
}

impl Visitor<'_> for Reader {
    type Value = u64;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.expected)
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<u64, E> {
        u64::try_from(number).map_err(|_| E::custom(format!("{number} isn't {}", self.expected)))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<u64, E> {
        Ok(number)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<u64, E> {
        parse(text, self.units)
            .ok_or_else(|| E::custom(format!("`{text}` isn't {}", self.expected)))
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Bytes, D::Error> {
        let units = &[("K", 1 << 10), ("M", 1 << 20), ("G", 1 << 30), ("T", 1 << 40)];
        deserializer.deserialize_any(Reader { expected: BYTES, units }).map(Bytes)
    }
}

impl<'de> Deserialize<'de> for Seconds {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Seconds, D::Error> {
        let units = &[("s", 1), ("m", 60), ("h", 3600), ("d", 86_400)];
        deserializer.deserialize_any(Reader { expected: SECONDS, units }).map(Seconds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(serde::Deserialize)]
    struct File {
        bytes: Bytes,
        seconds: Seconds,
    }

    #[test]
    fn units_are_those_that_people_write() {
        for (text, bytes, seconds) in [
            ("bytes = 7\nseconds = 7", 7, 7),
            ("bytes = \"64M\"\nseconds = \"5m\"", 64 << 20, 300),
            ("bytes = \"1 GiB\"\nseconds = \"24h\"", 1 << 30, 86_400),
        ] {
            let file: File = toml::from_str(text).unwrap();
            assert_eq!((file.bytes.0, file.seconds.0), (bytes, seconds), "{text}");
        }
        for text in [
            "bytes = -1\nseconds = 1",
            "bytes = \"M\"\nseconds = 1",
            "bytes = 1\nseconds = \"1x\"",
            "bytes = \"99999999999T\"\nseconds = 1",
        ] {
            assert!(toml::from_str::<File>(text).is_err(), "{text}");
        }
    }
}
