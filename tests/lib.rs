//! Case files in, verdicts out: whether every runtime reads a batch as the case says, in the same bytes.
//!
//! A case is a file `cases/SUBJECT/WHAT-IT-SHOWS.toml`; [`case`] documents what may stand in it. The
//! native run is held to the case and to the interface's pages ([`judge::native`]). Cases, and what
//! else the repository has in rules and records ([`sources`]), become [`script::Script`]s of calls, and
//! each runtime is held to the native answers, byte for byte. A new case is a new file. A new runtime
//! is a file in `runtimes` and a line in [`runtimes::all`], or a driver ([`runtimes`]).
#![forbid(unsafe_code)]

pub mod case;
pub mod description;
pub mod fluent_bit;
pub mod frames;
pub mod instance;
pub mod judge;
pub mod runtimes;
pub mod sample;
pub mod script;
pub mod sources;
pub mod strict;
pub mod subject;
