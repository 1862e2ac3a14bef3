//! A driver as a child process: each message goes over a pipe behind its length.

use std::io::{Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use super::Transport;

struct Process {
    child: Child,
    /// What the driver runs from, kept as long as it runs.
    _folder: Option<tempfile::TempDir>,
    /// Taken away at the end: a driver whose input ends, ends.
    input: Option<ChildStdin>,
    output: ChildStdout,
}

/// Starts a driver.
pub(super) fn open(command: &mut Command) -> Result<Box<dyn Transport>, String> {
    start(None, command)
}

/// Starts a driver from a folder, which is removed when it has ended.
pub(super) fn open_in(
    folder: tempfile::TempDir,
    command: &mut Command,
) -> Result<Box<dyn Transport>, String> {
    start(Some(folder), command)
}

fn start(
    folder: Option<tempfile::TempDir>,
    command: &mut Command,
) -> Result<Box<dyn Transport>, String> {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| format!("{}: {error}", command.get_program().display()))?;
    let input = child.stdin.take();
    let output = child.stdout.take().ok_or("the driver has no output")?;
    Ok(Box::new(Process { child, _folder: folder, input, output }))
}

impl Process {
    fn pass(&mut self, request: &[u8]) -> std::io::Result<Vec<u8>> {
        let input = self.input.as_mut().ok_or(std::io::ErrorKind::BrokenPipe)?;
        send(input, request)?;
        Ok(receive(&mut self.output)?.ok_or(std::io::ErrorKind::UnexpectedEof)?)
    }
}

impl Transport for Process {
    fn exchange(&mut self, request: &[u8]) -> Result<Vec<u8>, String> {
        self.pass(request).map_err(|error| {
            // What it still had to say stands in the test's standard error.
            self.input = None;
            match self.child.wait() {
                Ok(status) => format!("the driver has ended with {status}: {error}"),
                Err(_) => format!("the driver is gone: {error}"),
            }
        })
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.input = None;
        // It ends by itself; nothing is left to do where that can't be seen.
        let _ = self.child.wait();
    }
}

/// Writes a message behind its length.
pub(super) fn send(to: &mut impl Write, message: &[u8]) -> std::io::Result<()> {
    to.write_all(&(message.len() as u32).to_le_bytes())?;
    to.write_all(message)?;
    to.flush()
}

/// The next message; nothing if there is none.
pub(super) fn receive(from: &mut impl Read) -> std::io::Result<Option<Vec<u8>>> {
    let mut length = [0; 4];
    match from.read_exact(&mut length) {
        Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => return Ok(None),
        other => other?,
    }
    let mut message = vec![0; u32::from_le_bytes(length) as usize];
    from.read_exact(&mut message)?;
    Ok(Some(message))
}
