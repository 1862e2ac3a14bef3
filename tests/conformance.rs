//! Every script in every runtime, and the table of them.

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use libtest_mimic::{Arguments, Failed, Trial};
use tocsin_conformance::runtimes::{self, Found, Missing, Runtime};
use tocsin_conformance::script::Script;
use tocsin_conformance::{case, judge, sample, sources, strict};

/// A line of the table.
struct Row {
    name: &'static str,
    state: State,
}

enum State {
    Runs { version: String, sampled: bool, cases: AtomicUsize, identical: AtomicUsize },
    Skipped { why: String },
}

fn main() -> ExitCode {
    #[cfg(feature = "wamr")]
    match runtimes::serve_wamr() {
        Ok(false) => {}
        Ok(true) => return ExitCode::SUCCESS,
        Err(error) => return fail(&error),
    }
    let (table, trials) = match trials() {
        Err(error) => return fail(&error),
        Ok(trials) => trials,
    };
    let arguments = Arguments::from_args();
    let conclusion = libtest_mimic::run(&arguments, trials);
    if !arguments.list {
        report(&table);
    }
    conclusion.exit_code()
}

fn fail(error: &str) -> ExitCode {
    eprintln!("error: {error}");
    ExitCode::FAILURE
}

fn trials() -> Result<(Vec<Arc<Row>>, Vec<Trial>), String> {
    let (mut table, mut trials) = (Vec::new(), Vec::new());
    for case in case::all()? {
        trials.push(Trial::test(format!("cases/{}", case.name), move || {
            judge::native(&case)
                .map_err(|error| Failed::from(format!("{}\n{error}", case.says.about)))
        }));
    }
    let scripts: Vec<Arc<Script>> = sources::all()?.into_iter().map(Arc::new).collect();
    for script in scripts.iter().filter(|script| script.detects()).cloned() {
        trials.push(Trial::test(format!("strict/{}", script.name), move || {
            strict::same(&script)
                .map_err(|error| Failed::from(format!("{}\n{error}", script.about)))
        }));
    }
    let mut rows = Vec::new();
    for runtime in runtimes::all()? {
        table.push(Arc::new(Row::of(&runtime)));
        let Some(row) = table.last() else { continue };
        match runtime {
            Ok(runtime) => {
                let scripts = scripts.iter().filter(|script| runtime.takes(script));
                let scripts = scripts.filter(|script| runtime.asks() || !script.asks());
                let mut scripts: Vec<_> = scripts.cloned().collect();
                if is_sampled(&*runtime) {
                    scripts = sample::sample(scripts);
                }
                rows.push(scripts.iter().map(|script| trial(script, &runtime, row)).collect());
            }
            Err(Missing { name, why }) => rows.push(vec![missing(name, &why)]),
        }
    }
    trials.extend(in_turn(rows));
    Ok((table, trials))
}

/// Takes from each row in turn: what runs outside this program answers one call at a time, so that threads which
/// work on one row would wait for each other.
fn in_turn(rows: Vec<Vec<Trial>>) -> Vec<Trial> {
    let mut rows: Vec<_> = rows.into_iter().map(Vec::into_iter).collect();
    let mut trials = Vec::new();
    while !rows.is_empty() {
        rows.retain_mut(|row| match row.next() {
            Some(trial) => {
                trials.push(trial);
                true
            }
            None => false,
        });
    }
    trials
}

/// Whether a runtime runs a sample of the scripts.
fn is_sampled(runtime: &dyn Runtime) -> bool {
    runtime.interprets() && !sample::whole()
}

fn trial(script: &Arc<Script>, runtime: &Arc<dyn Runtime>, row: &Arc<Row>) -> Trial {
    let (script, runtime, row) = (script.clone(), runtime.clone(), row.clone());
    Trial::test(format!("{}/{}", runtime.name(), script.name), move || {
        let verdict = script.same(&*runtime);
        row.count(verdict.is_ok());
        verdict.map_err(|error| Failed::from(format!("{}\n{error}", script.about)))
    })
}

/// Where everything must be there, what isn't there is a failure.
fn missing(name: &str, why: &str) -> Trial {
    let must = std::env::var_os("CI").is_some_and(|value| value == "true");
    let why = format!("{name} isn't installed: {why}");
    Trial::test(format!("{name}/installed"), move || Err(why.into())).with_ignored_flag(!must)
}

impl Row {
    fn of(runtime: &Found) -> Row {
        let (cases, identical) = Default::default();
        match runtime {
            Ok(runtime) => {
                let (version, sampled) = (runtime.version(), is_sampled(&**runtime));
                let state = State::Runs { version, sampled, cases, identical };
                Row { name: runtime.name(), state }
            }
            Err(Missing { name, why }) => Row { name, state: State::Skipped { why: why.clone() } },
        }
    }

    fn count(&self, same: bool) {
        if let State::Runs { cases, identical, .. } = &self.state {
            cases.fetch_add(1, Ordering::Relaxed);
            identical.fetch_add(usize::from(same), Ordering::Relaxed);
        }
    }
}

fn report(table: &[Arc<Row>]) {
    let rows = table.iter().map(|row| match &row.state {
        State::Skipped { why } => (row.name, format!("skipped: {why}"), String::new()),
        State::Runs { version, sampled, cases, identical } => {
            let (cases, identical) =
                (cases.load(Ordering::Relaxed), identical.load(Ordering::Relaxed));
            let sampled = if *sampled { "  a sample" } else { "" };
            (row.name, version.clone(), format!("{cases:>6} {identical:>10}{sampled}"))
        }
    });
    println!("{:<12} {:<48} {:>6} {:>10}", "runtime", "version", "cases", "identical");
    for (name, version, counts) in rows {
        println!("{}", format!("{name:<12} {version:<48} {counts}").trim_end());
    }
    if table.iter().any(|row| matches!(row.state, State::Runs { sampled: true, .. })) {
        println!("{}=whole runs all cases in the interpreters, too", sample::VARIABLE);
    }
    println!();
}
