//! In: NDJSON. Out: the seconds that its records take in Fluent Bit's convention, in the engine that is
//! nearest to Fluent Bit's own of those built in: by a guest that does nothing, and by each of Tocsin's
//! exports. The lines `idle` and `tocsin` are what `benches/peers/run.py --fluent-bit-driver` reads.

use std::time::Instant;

use tocsin_conformance::fluent_bit::{self, Engine, Filter, Function, Version};
use tocsin_host::EMBEDDED_MODULE;

/// A guest that does nothing.
const IDLE: &str = include_str!("../fluent_bit/idle.wat");

/// Rounds of which the best counts.
const ROUNDS: usize = 5;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let file = arguments.next().ok_or("usage: filter_speed FILE.ndjson [RECORDS]")?;
    let most = arguments.next().map_or(Ok(100_000), |most| most.parse())?;
    let text = std::fs::read(&file)?;
    let records: Vec<&[u8]> =
        text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).take(most).collect();
    let engines = fluent_bit::all();
    let engine = engines.last().ok_or("no engine is built in")?;
    println!("{} records in {}", records.len(), engine.name());
    let idle = wat::parse_str(IDLE)?;
    let rows: [(&str, &[u8], Function); 4] = [
        ("idle", &idle, Function::Enrich),
        ("tocsin", EMBEDDED_MODULE, Function::Enrich),
        ("idle, alerts", &idle, Function::Alerts),
        ("tocsin, alerts", EMBEDDED_MODULE, Function::Alerts),
    ];
    let mut best = rows.map(|_| f64::INFINITY);
    for _ in 0..ROUNDS {
        for ((_, module, function), best) in rows.iter().zip(&mut best) {
            *best = best.min(seconds(&**engine, module, *function, &records)?);
        }
    }
    for ((name, ..), best) in rows.iter().zip(best) {
        println!("{name} {best:.4}");
    }
    Ok(())
}

fn seconds(
    engine: &dyn Engine,
    module: &[u8],
    function: Function,
    records: &[&[u8]],
) -> Result<f64, String> {
    let mut filter = Filter::new(engine, module, function, Version::FreesStrings)?;
    let pass = |filter: &mut Filter, record: &&[u8]| filter.pass("cloudtrail", record).map(drop);
    // The first record finds the rules still unread.
    records.iter().take(100).try_for_each(|record| pass(&mut filter, record))?;
    let start = Instant::now();
    records.iter().try_for_each(|record| pass(&mut filter, record))?;
    Ok(start.elapsed().as_secs_f64())
}
