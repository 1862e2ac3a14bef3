//! NDJSON and a VRL condition in, the eventIDs of the records that meet it out.

use anyhow::{Context as _, anyhow};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use vrl::compiler::runtime::Runtime;
use vrl::compiler::state::RuntimeState;
use vrl::compiler::{TargetValue, TimeZone, compile};
use vrl::value::{Secrets, Value};

fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let usage = "usage: peer-vrl CONDITION FILE";
    let condition = arguments.next().context(usage)?;
    let path = arguments.next().context(usage)?;
    let program = compile(&condition, &[]).map_err(|errors| anyhow!("{errors:?}"))?.program;
    let mut runtime = Runtime::new(RuntimeState::default());
    let zone = TimeZone::default();
    let mut input = BufReader::with_capacity(1 << 20, File::open(&path).context(path)?);
    let mut output = std::io::stdout().lock();
    let mut line = Vec::new();
    while input.read_until(b'\n', &mut line)? > 0 {
        let mut target = TargetValue {
            value: serde_json::from_slice(&line)?,
            metadata: Value::Object(BTreeMap::new().into()),
            secrets: Secrets::new(),
        };
        let verdict = runtime.resolve(&mut target, &program, &zone);
        if verdict.map_err(|error| anyhow!("{error}"))? == Value::Boolean(true) {
            let id = target.value.as_object().and_then(|record| record.get("eventID"));
            let id = id.and_then(Value::as_str).context("a record without an eventID")?;
            writeln!(output, "{id}")?;
        }
        runtime.clear();
        line.clear();
    }
    Ok(())
}
