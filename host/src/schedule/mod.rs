//! Alerts in the order of their records in, alerts in the order in which Elastic's scheduler would
//! raise them out.
//!
//! Elastic runs a rule every *interval*, looks at the events of the last *look-back*, leaves out those
//! that already have an alert, and raises at most *max signals* of the rest, the oldest first. Here
//! the clock is the events' own time: executions happen at the multiples of the interval since 1970,
//! and an execution at T looks at events from T minus look-back to T, both included.
//!
//! Alerts are kept until the input ends, so their order in the input doesn't matter. If they outgrow
//! [`Budget`], the oldest executions are run to make room; an alert that comes after all executions
//! that would have found it is then missed, counted and reported.

mod replay;
mod rule_run;

pub use replay::{Budget, Event, Pending, Replay, Schedule, Totals};
