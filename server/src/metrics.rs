//! What is counted, as text for Prometheus.
//!
//! A tenant has counters and gauges, never a histogram: ten thousand tenants times its buckets are too much.
//! No label comes from a record.

use std::fmt::{Display, Write};
use std::sync::PoisonError;
use std::sync::atomic::Ordering;

use crate::state::State;

/// Upper ends of the buckets in seconds.
const BUCKETS: [f64; 9] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.5, 2.0, 10.0];

/// How long things took.
#[derive(Debug, Clone, Default)]
pub struct Histogram {
    buckets: [u64; BUCKETS.len()],
    count: u64,
    sum: f64,
}

impl Histogram {
    /// Counts one.
    pub fn observe(&mut self, seconds: f64) {
        for (bucket, end) in self.buckets.iter_mut().zip(BUCKETS) {
            *bucket += u64::from(seconds <= end);
        }
        self.count += 1;
        self.sum += seconds;
    }
}

/// The text so far.
struct Page(String);

impl Page {
    fn family(&mut self, name: &str, kind: &str, help: &str) {
        let _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    fn sample(&mut self, name: &str, labels: &[(&str, &str)], value: impl Display) {
        let labels: Vec<String> = labels
            .iter()
            .map(|(key, value)| {
                let value = value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
                format!("{key}=\"{value}\"")
            })
            .collect();
        let labels =
            if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
        let _ = writeln!(self.0, "{name}{labels} {value}");
    }
}

/// All metrics.
pub fn page(state: &State) -> String {
    let mut page = Page(String::new());
    host(state, &mut page);
    requests(state, &mut page);
    tenants(state, &mut page);
    outlets(state, &mut page);
    page.0
}

fn host(state: &State, page: &mut Page) {
    page.family(
        "tocsin_build_info",
        "gauge",
        "The version of the server and of the module inside.",
    );
    let labels = [("version", env!("CARGO_PKG_VERSION")), ("module_sha256", state.loader.sha256())];
    page.sample("tocsin_build_info", &labels, 1);
    page.family("tocsin_in_flight_bytes", "gauge", "Bytes of request bodies held now.");
    page.sample("tocsin_in_flight_bytes", &[], state.in_flight.held());
    let figures = state.outbox.figures();
    page.family(
        "tocsin_store_commits_total",
        "counter",
        "Transactions of the store, each with one sync.",
    );
    page.sample("tocsin_store_commits_total", &[], figures.commits.load(Ordering::Relaxed));
    page.family("tocsin_store_failures_total", "counter", "Transactions of the store that failed.");
    page.sample("tocsin_store_failures_total", &[], figures.failures.load(Ordering::Relaxed));
    page.family(
        "tocsin_broken_tenants",
        "gauge",
        "Tenants whose rules couldn't be used since the start; their requests wait.",
    );
    page.sample("tocsin_broken_tenants", &[], state.registry().broken.len());
    page.family(
        "tocsin_unauthorised_requests_total",
        "counter",
        "Requests without a token that is anybody's.",
    );
    page.sample("tocsin_unauthorised_requests_total", &[], state.unauthorised_requests());
}

fn requests(state: &State, page: &mut Page) {
    page.family("tocsin_requests_total", "counter", "Requests by inlet and status.");
    let counted = state.requests.lock().unwrap_or_else(PoisonError::into_inner).clone();
    for ((inlet, status), count) in counted {
        let status = status.to_string();
        page.sample("tocsin_requests_total", &[("inlet", inlet), ("status", &status)], count);
    }
    page.family(
        "tocsin_request_seconds",
        "histogram",
        "Time from a request's headers to its answer.",
    );
    let durations = state.durations.lock().unwrap_or_else(PoisonError::into_inner).clone();
    for (inlet, histogram) in durations {
        for (count, end) in histogram.buckets.iter().zip(BUCKETS) {
            let end = end.to_string();
            page.sample("tocsin_request_seconds_bucket", &[("inlet", inlet), ("le", &end)], count);
        }
        let all = [("inlet", inlet), ("le", "+Inf")];
        page.sample("tocsin_request_seconds_bucket", &all, histogram.count);
        page.sample("tocsin_request_seconds_sum", &[("inlet", inlet)], histogram.sum);
        page.sample("tocsin_request_seconds_count", &[("inlet", inlet)], histogram.count);
    }
}

fn tenants(state: &State, page: &mut Page) {
    let registry = state.registry();
    let mut each =
        |name: &str, kind: &str, help: &str, value: &dyn Fn(&crate::tenants::Tenant) -> f64| {
            page.family(name, kind, help);
            for (tenant, one) in registry.everyone() {
                page.sample(name, &[("tenant", tenant)], value(one));
            }
        };
    let count = |counter: &std::sync::atomic::AtomicU64| counter.load(Ordering::Relaxed) as f64;
    each(
        "tocsin_received_bytes_total",
        "counter",
        "Bytes of bodies as they were sent.",
        &|tenant| count(&tenant.standing.counters.bytes),
    );
    each(
        "tocsin_records_total",
        "counter",
        "Records judged, rejected ones among them.",
        &|tenant| count(&tenant.standing.counters.records),
    );
    each(
        "tocsin_rejected_records_total",
        "counter",
        "Records that couldn't be judged.",
        &|tenant| count(&tenant.standing.counters.rejected),
    );
    each("tocsin_judge_seconds_total", "counter", "Time that judging took.", &|tenant| {
        count(&tenant.standing.counters.judged_micros) / 1e6
    });
    each(
        "tocsin_broken_batches_total",
        "counter",
        "Batches that ran into a limit or trapped.",
        &|tenant| count(&tenant.standing.counters.broken),
    );
    each(
        "tocsin_suspended",
        "gauge",
        "Whether the tenant pauses for its broken batches.",
        &|tenant| {
            let left = tenant.standing.suspension().remaining(std::time::Instant::now());
            f64::from(u8::from(left.is_some()))
        },
    );
    each(
        "tocsin_outdated",
        "gauge",
        "Whether the newest configuration or rules aren't in use.",
        &|tenant| f64::from(u8::from(tenant.standing.complaint().is_some())),
    );
    each("tocsin_rules", "gauge", "Rules in use.", &|tenant| tenant.rules.len() as f64);
    each("tocsin_outbox_bytes", "gauge", "Bytes of alerts that wait to leave.", &|tenant| {
        state.outbox.figures().bytes_of(&tenant.name) as f64
    });
    page.family("tocsin_alerts_total", "counter", "Alerts by what became of them.");
    page.family(
        "tocsin_refused_requests_total",
        "counter",
        "Requests refused for a limit, by reason.",
    );
    page.family("tocsin_limit", "gauge", "Limits of tenants.");
    for (name, tenant) in registry.everyone() {
        let (counters, limits) = (&tenant.standing.counters, &tenant.config.limits);
        for (outcome, counter) in
            [("new", &counters.new), ("repeated", &counters.repeated), ("cut", &counters.cut)]
        {
            let labels = [("tenant", name), ("outcome", outcome)];
            page.sample("tocsin_alerts_total", &labels, counter.load(Ordering::Relaxed));
        }
        for (reason, count) in counters.refused().iter() {
            page.sample(
                "tocsin_refused_requests_total",
                &[("tenant", name), ("reason", *reason)],
                count,
            );
        }
        for (limit, value) in [
            ("body_bytes", limits.body.0),
            ("bytes_per_second", limits.bytes_per_second.0),
            ("memory_bytes", limits.memory.0),
            ("outbox_bytes", limits.outbox.0),
            ("steps", limits.steps),
        ] {
            page.sample("tocsin_limit", &[("tenant", name), ("limit", limit)], value);
        }
    }
}

fn outlets(state: &State, page: &mut Page) {
    page.family("tocsin_delivered_alerts_total", "counter", "Alerts delivered.");
    page.family(
        "tocsin_dead_alerts_total",
        "counter",
        "Alerts laid aside since the receiver refuses them.",
    );
    page.family("tocsin_delivery_failures_total", "counter", "Tries that failed.");
    page.family("tocsin_waiting_alerts", "gauge", "Alerts that wait for an outlet.");
    for tenant in state.registry().tenants.values() {
        for (name, gauge) in &tenant.gauges {
            let sink = name.split_once('/').map_or(&**name, |(_, sink)| sink);
            let labels = [("tenant", &*tenant.name), ("sink", sink)];
            page.sample(
                "tocsin_delivered_alerts_total",
                &labels,
                gauge.delivered.load(Ordering::Relaxed),
            );
            page.sample("tocsin_dead_alerts_total", &labels, gauge.dead.load(Ordering::Relaxed));
            page.sample(
                "tocsin_delivery_failures_total",
                &labels,
                gauge.failures.load(Ordering::Relaxed),
            );
            let waiting = state.outbox.counts(name).map_or(0, |(waiting, _)| waiting);
            page.sample("tocsin_waiting_alerts", &labels, waiting);
        }
    }
}
