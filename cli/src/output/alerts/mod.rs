//! Alerts in, those that are wanted, once or with a count, in the format that was asked for, out.

mod csv;
mod dedup;
mod html;
mod lines;
mod row;
mod summary;
mod table;

use std::collections::{HashMap, HashSet};
use std::io;
use std::time::Instant;

use tocsin_host::detector::RuleInfo;
use tocsin_host::scan::{AlertInfo, Alerts, Problem, Sink, Strangers, Totals};
use tocsin_host::summary::Summing;

use super::stdout::{is_terminal, shows_colours};
use super::{Printer, Scheduled, Unjudged};
use crate::options::filter::Filter;
use crate::options::severity::AlertSeverity;
use dedup::Dedup;
pub(crate) use html::LISTED;
pub(crate) use lines::LineForm;

/// What is made of alerts.
pub(crate) enum Writer {
    /// The module's lines; of some formats more than they say.
    Lines(lines::Lines),
    /// Columns.
    Table(table::Table),
    /// Comma-separated values.
    Csv(csv::Csv),
    /// One page for a browser.
    Html(Box<html::Page>),
    /// Counts alone.
    Summary { as_json: bool },
}

impl Writer {
    pub(crate) fn lines(kind: LineForm) -> Writer {
        Writer::Lines(lines::Lines { kind, is_coloured: shows_colours() })
    }

    pub(crate) fn table(with_count: bool) -> Writer {
        let width = terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
        let width = width.filter(|_| is_terminal());
        Writer::Table(table::Table::new(with_count, width, shows_colours()))
    }

    pub(crate) fn csv() -> Writer {
        Writer::Csv(csv::Csv::default())
    }

    pub(crate) fn html() -> Writer {
        Writer::Html(Box::default())
    }

    /// Whether it prints the module's lines as they are.
    fn is_plain(&self) -> bool {
        matches!(self, Writer::Lines(lines) if lines.kind != LineForm::Text)
    }

    /// Whether it needs the counts of all alerts.
    fn sums(&self) -> bool {
        matches!(self, Writer::Html(_) | Writer::Summary { .. })
    }
}

/// An alert that is shown.
#[derive(Clone, Copy)]
pub(crate) struct Shown<'a> {
    pub(crate) info: &'a AlertInfo,
    pub(crate) line: &'a [u8],
    pub(crate) input: &'a str,
    /// Whether other rules have the same name.
    pub(crate) shares_name: bool,
    /// How many alerts it stands for, and when the last of them was, if alike ones are put together.
    pub(crate) together: Option<(u64, Option<i64>)>,
}

/// Which alerts are shown, and what they count for.
pub(crate) struct Wanted {
    pub(crate) filter: Filter,
    pub(crate) dedup: bool,
    pub(crate) limit: Option<u64>,
    pub(crate) fail_on: Option<AlertSeverity>,
}

/// The ids of the rules that have a name with others.
fn sharing(rules: &[RuleInfo]) -> HashSet<String> {
    let mut counts: HashMap<&str, u32> = HashMap::new();
    for rule in rules {
        *counts.entry(&rule.name).or_default() += 1;
    }
    let shares = |rule: &&RuleInfo| counts.get(&*rule.name).is_some_and(|count| *count > 1);
    rules.iter().filter(shares).map(|rule| rule.id.to_string()).collect()
}

/// Where a scan's results go.
pub(crate) struct Output {
    pub(crate) printer: Printer,
    wanted: Wanted,
    writer: Writer,
    schedule: Option<Scheduled>,
    dedup: Option<Dedup>,
    summing: Option<Summing>,
    /// The ids of rules that have a name with others.
    sharing: HashSet<String>,
    pub(crate) counts: Counts,
    pub(crate) unjudged: Unjudged,
    pub(crate) started: Instant,
}

/// What has been counted so far.
#[derive(Debug, Clone, Default)]
pub(crate) struct Counts {
    pub(crate) totals: Totals,
    /// Alerts that passed the filters.
    pub(crate) alerts: u64,
    /// Lines, rows or entries that were printed for them.
    pub(crate) shown: u64,
    /// Alerts that the user said should fail.
    pub(crate) failing: u64,
    /// Alerts that passed a filter by time though they have none that can be read.
    pub(crate) untimed: u64,
}

impl Output {
    pub(crate) fn new(
        printer: Printer,
        wanted: Wanted,
        writer: Writer,
        schedule: Option<Scheduled>,
        rules: &[RuleInfo],
    ) -> Output {
        Output {
            printer,
            schedule,
            dedup: wanted.dedup.then(Dedup::default),
            sharing: sharing(rules),
            summing: writer.sums().then(|| Summing::new(rules)),
            wanted,
            writer,
            counts: Counts::default(),
            unjudged: Unjudged::default(),
            started: Instant::now(),
        }
    }

    /// Whether alerts are printed as they come, and nothing is asked about them.
    fn passes_on(&self) -> bool {
        let Wanted { filter, dedup, limit, fail_on } = &self.wanted;
        let asks = filter.looks_at_alerts() || *dedup || limit.is_some() || fail_on.is_some();
        self.writer.is_plain() && !asks && self.schedule.is_none()
    }

    fn is_full(&self) -> bool {
        self.wanted.limit.is_some_and(|limit| self.counts.alerts >= limit)
    }

    fn alert(&mut self, shown: Shown<'_>, out: &mut Vec<u8>) {
        let info = shown.info;
        if let Some(facts) = &info.facts {
            if !self.wanted.filter.admits(facts, info.time) {
                return;
            }
            let severity: Option<AlertSeverity> = facts.severity.parse().ok();
            let fails = self.wanted.fail_on.zip(severity).is_some_and(|(least, one)| one >= least);
            self.counts.failing += u64::from(fails);
        }
        let is_untimed = self.wanted.filter.looks_at_times() && info.time.is_none();
        self.counts.untimed += u64::from(is_untimed);
        self.counts.alerts += 1;
        if let Some(summing) = &mut self.summing {
            summing.add(info);
        }
        let kept = self.dedup.as_mut().is_some_and(|dedup| dedup.keep(&shown));
        if !kept {
            self.show(&shown, out);
        }
    }

    fn show(&mut self, shown: &Shown<'_>, out: &mut Vec<u8>) {
        self.counts.shown += 1;
        match &mut self.writer {
            Writer::Lines(lines) => match &mut self.schedule {
                None => lines.write(shown, out),
                Some(schedule) => {
                    let mut line = Vec::new();
                    lines.write(shown, &mut line);
                    schedule.add(shown.info, line, out);
                }
            },
            Writer::Table(table) => table.write(shown, out),
            Writer::Csv(csv) => csv.write(shown, out),
            Writer::Html(page) => page.add(shown),
            Writer::Summary { .. } => {}
        }
    }

    /// Prints what has waited for the end.
    pub(crate) fn finish(&mut self) -> io::Result<()> {
        let mut out = Vec::new();
        if let Some(dedup) = self.dedup.take() {
            dedup.each(|shown| self.show(shown, &mut out));
        }
        if let Some(schedule) = self.schedule.take() {
            schedule.finish(&mut out);
        }
        match &mut self.writer {
            Writer::Table(table) => table.finish(&mut out),
            Writer::Csv(csv) => csv.finish(&mut out),
            Writer::Html(page) => {
                let summary = self.summing.as_ref().map(Summing::summary).unwrap_or_default();
                page.finish(&summary, &self.counts, &mut out);
            }
            Writer::Summary { as_json } => {
                let summary = self.summing.as_ref().map(Summing::summary).unwrap_or_default();
                match as_json {
                    true => summary::write_json(&summary, &self.counts, &mut out),
                    false => summary::write(&summary, &self.counts, shows_colours(), &mut out),
                }
            }
            Writer::Lines(_) => {}
        }
        if !out.is_empty() {
            self.printer.lines(&out)?;
        }
        self.printer.finish()
    }
}

impl Sink for Output {
    fn alerts(&mut self, alerts: &Alerts) -> io::Result<()> {
        if self.passes_on() {
            let count = alerts.infos().len() as u64;
            (self.counts.alerts, self.counts.shown) =
                (self.counts.alerts + count, self.counts.shown + count);
            return self.printer.lines(alerts.lines());
        }
        let mut out = Vec::new();
        for (info, line) in alerts.each() {
            if self.is_full() {
                break;
            }
            let shares_name = self.sharing.contains(&info.rule);
            let (input, together) = (alerts.input(), None);
            let shown = Shown { info, line, input, shares_name, together };
            self.alert(shown, &mut out);
        }
        if out.is_empty() { Ok(()) } else { self.printer.lines(&out) }
    }

    fn problem(&mut self, problem: &Problem) -> io::Result<()> {
        self.printer.problem(problem)
    }

    fn strangers(&mut self, input: &str, records: u64, strangers: &Strangers) -> io::Result<()> {
        self.unjudged.add(input, records, strangers);
        Ok(())
    }

    fn progress(&mut self, bytes_read: u64) -> io::Result<()> {
        self.printer.progress(bytes_read)
    }

    fn counted(&mut self, totals: &Totals) {
        self.counts.totals.clone_from(totals);
    }

    fn is_done(&self) -> bool {
        self.is_full()
    }
}
