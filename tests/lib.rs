//! Case files in, verdicts out: whether every runtime reads a batch as the case says, in the same bytes.
//!
//! A case is a file `cases/SUBJECT/WHAT-IT-SHOWS.toml`; [`case`] tells what may stand in it. The
//! native run is held to the case and to the interface's pages ([`judge::native`]); each other
//! runtime is held to the native run, byte for byte ([`judge::same`]). A new case is a new file. A new
//! runtime is a file in `runtimes` and a line in [`runtimes::all`].
#![forbid(unsafe_code)]

pub mod case;
pub mod fluent_bit;
pub mod frames;
pub mod judge;
pub mod runtimes;
