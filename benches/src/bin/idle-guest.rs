//! Writes the guest that does nothing with a log shipper's records, the least that a filter can cost.

use anyhow::Context;

fn main() -> anyhow::Result<()> {
    let path = std::env::args_os().nth(1).context("usage: idle-guest FILE.wasm")?;
    let guest = wat::parse_str(include_str!("../../../tests/fluent_bit/idle.wat"))?;
    std::fs::write(&path, guest).with_context(|| path.display().to_string())
}
