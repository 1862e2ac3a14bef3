//! Standard output that says when it isn't there.
//!
//! Rust opens /dev/null where a program is started without a standard output (`>&-`), and takes everything for
//! written. A scan whose alerts went nowhere must not end as one without alerts, so whether it was open is looked
//! at before Rust does that.

use std::io::{self, IsTerminal, Stdout, StdoutLock, Write};

/// A writer to standard output; an error if the program was started without one.
pub(crate) struct Out<W>(W);

/// Standard output.
pub(crate) fn stdout() -> Out<Stdout> {
    Out(io::stdout())
}

/// Standard output with colours where it shows them.
pub(crate) fn coloured() -> Out<anstream::AutoStream<StdoutLock<'static>>> {
    Out(anstream::AutoStream::auto(io::stdout().lock()))
}

/// Whether standard output is a terminal.
pub(crate) fn is_terminal() -> bool {
    io::stdout().is_terminal()
}

/// Whether standard output shows colours.
pub(crate) fn shows_colours() -> bool {
    anstream::AutoStream::choice(&io::stdout()) != anstream::ColorChoice::Never
}

impl<W: Write> Write for Out<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        check_stdout()?;
        self.0.write(bytes)
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        check_stdout()?;
        self.0.write_all(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(unix)]
mod at_start {
    use std::sync::atomic::{AtomicBool, Ordering};

    static WAS_CLOSED: AtomicBool = AtomicBool::new(false);

    // Runs before `main`, and before Rust's own start.
    #[ctor::ctor]
    fn look() {
        let closed = rustix::io::fcntl_getfd(rustix::stdio::stdout()).is_err();
        WAS_CLOSED.store(closed, Ordering::Relaxed);
    }

    pub(super) fn was_closed() -> bool {
        WAS_CLOSED.load(Ordering::Relaxed)
    }
}

#[cfg(not(unix))]
mod at_start {
    pub(super) fn was_closed() -> bool {
        false
    }
}

/// An error if the program was started without a standard output.
pub(crate) fn check_stdout() -> io::Result<()> {
    match at_start::was_closed() {
        true => Err(io::Error::other("standard output is closed")),
        false => Ok(()),
    }
}
