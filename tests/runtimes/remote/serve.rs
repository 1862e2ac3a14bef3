//! The other end of a driver's pipes, for a runtime that is a library of this program.

use std::collections::BTreeMap;
use std::io::{stdin, stdout};

use super::message::{Reply, Request};
use super::process::{receive, send};
use crate::instance::wamr;
use crate::runtimes::abi::Abi;
use crate::runtimes::{Answer, Guest};

/// The environment variable that makes this program a driver; it holds the bytes of stack.
pub(super) const VARIABLE: &str = "TOCSIN_CONFORMANCE_DRIVER";

/// Is the driver of WAMR until the input ends, if the environment says so; returns whether it was.
///
/// # Errors
/// If WAMR doesn't start, or a pipe breaks.
pub fn serve_wamr() -> Result<bool, String> {
    let Ok(stack_bytes) = std::env::var(VARIABLE) else { return Ok(false) };
    let stack_bytes = stack_bytes.parse().map_err(|_| format!("{VARIABLE} holds no number"))?;
    let engine = wamrx::Engine::new().map_err(|error| error.to_string())?;
    let mut driver = Driver {
        start: &|bytes| Ok(Box::new(Abi::new(wamr::start(&engine, bytes, stack_bytes)?)?)),
        modules: Vec::new(),
        instances: BTreeMap::new(),
        next: 0,
    };
    let (mut input, mut output) = (stdin().lock(), stdout().lock());
    while let Some(request) = receive(&mut input).map_err(|error| error.to_string())? {
        let reply = Reply(Request::read(&request).and_then(|request| driver.reply(&request)));
        send(&mut output, &reply.write()).map_err(|error| error.to_string())?;
    }
    Ok(true)
}

/// Starts an instance of a module's bytes.
type Start<'s> = &'s dyn Fn(&[u8]) -> Result<Box<dyn Guest>, String>;

struct Driver<'s> {
    start: Start<'s>,
    modules: Vec<Vec<u8>>,
    instances: BTreeMap<u32, Box<dyn Guest>>,
    next: u32,
}

impl Driver<'_> {
    fn reply(&mut self, request: &Request<'_>) -> Result<Answer, String> {
        match request {
            Request::Load { module } => {
                self.modules.push(module.to_vec());
                Ok(number(self.modules.len() as u32 - 1))
            }
            Request::Start { module } => {
                let bytes = self.modules.get(*module as usize).ok_or("no such module")?;
                self.next += 1;
                self.instances.insert(self.next, (self.start)(bytes)?);
                Ok(number(self.next))
            }
            Request::End { instance } => {
                self.instances.remove(instance);
                Ok(number(0))
            }
            Request::Describe { instance } => self.guest(*instance)?.describe(),
            Request::Configure { instance, document } => self.guest(*instance)?.configure(document),
            Request::Detect { instance, batch } => self.guest(*instance)?.detect(batch),
            Request::Explain { instance, rule, batch } => {
                self.guest(*instance)?.explain(rule, batch)
            }
            Request::Ask { instance, export, argument } => {
                self.guest(*instance)?.ask(export, argument)
            }
        }
    }

    fn guest(&mut self, instance: u32) -> Result<&mut dyn Guest, String> {
        Ok(self.instances.get_mut(&instance).ok_or("no such instance")?.as_mut())
    }
}

fn number(status: u32) -> Answer {
    Answer { status, count: 0, text: Vec::new() }
}
