//! Every case in every runtime, and the table of them.

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::{Arc, Mutex};

use libtest_mimic::{Arguments, Failed, Trial};
use tocsin_conformance::runtimes::{self, Runtime};
use tocsin_conformance::{case, judge};

/// By runtime: cases run, and cases that were identical.
type Table = Arc<Mutex<BTreeMap<&'static str, (usize, usize)>>>;

fn main() -> ExitCode {
    match trials() {
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
        Ok((table, trials)) => {
            let arguments = Arguments::from_args();
            let conclusion = libtest_mimic::run(&arguments, trials);
            if !arguments.list
                && let Ok(table) = table.lock()
            {
                report(&table);
            }
            conclusion.exit_code()
        }
    }
}

fn trials() -> Result<(Table, Vec<Trial>), String> {
    let table = Table::default();
    let mut trials = Vec::new();
    let cases = Arc::new(case::all()?);
    for (place, runtime) in runtimes::all()?.into_iter().enumerate() {
        let runtime: Arc<dyn Runtime> = runtime.into();
        for index in 0..cases.len() {
            let (cases, runtime, table) = (cases.clone(), runtime.clone(), table.clone());
            let name = cases.get(index).map(|case| format!("{}/{}", runtime.name(), case.name));
            trials.push(Trial::test(name.unwrap_or_default(), move || {
                let Some(case) = cases.get(index) else { return Ok(()) };
                let verdict = match place {
                    0 => judge::native(case).and_then(|()| judge::same(case, &*runtime)),
                    _ => judge::same(case, &*runtime),
                };
                count(&table, runtime.name(), verdict.is_ok());
                verdict.map_err(|error| Failed::from(format!("{}\n{error}", case.says.about)))
            }));
        }
        let name = format!("{}/describe", runtime.name());
        trials.push(Trial::test(name, move || Ok(judge::same_description(&*runtime)?)));
    }
    Ok((table, trials))
}

fn count(table: &Table, runtime: &'static str, identical: bool) {
    if let Ok(mut table) = table.lock() {
        let (cases, same) = table.entry(runtime).or_default();
        *cases += 1;
        *same += usize::from(identical);
    }
}

fn report(table: &BTreeMap<&str, (usize, usize)>) {
    println!("{:<24} {:>6} {:>10}", "runtime", "cases", "identical");
    for (runtime, (cases, identical)) in table {
        println!("{runtime:<24} {cases:>6} {identical:>10}");
    }
    println!();
}
