//! The detector as a library of this process.

use tocsin_detector::{Answer as Given, Detector};

use super::{Answer, Guest, Runtime};
use crate::subject::Module;

/// The run that all others are compared with.
#[derive(Debug)]
pub struct Native;

impl Runtime for Native {
    fn name(&self) -> &'static str {
        "native"
    }

    fn version(&self) -> String {
        format!("tocsin-detector {}", super::locked("tocsin-detector"))
    }

    fn start(&self, module: &Module) -> Result<Box<dyn Guest>, String> {
        let mut detector = Detector::new();
        if let Some(document) = module.configuration() {
            let answer = Guest::configure(&mut detector, &document)?;
            if answer.status != 0 {
                return Err(String::from_utf8_lossy(&answer.text).into_owned());
            }
        }
        Ok(Box::new(detector))
    }
}

impl Guest for Detector {
    fn describe(&mut self) -> Result<Answer, String> {
        Ok(answer(|text| Detector::describe(self, text)))
    }

    fn configure(&mut self, document: &[u8]) -> Result<Answer, String> {
        Ok(answer(|text| Detector::configure(self, document, text)))
    }

    fn detect(&mut self, batch: &[u8]) -> Result<Answer, String> {
        Ok(answer(|text| Detector::detect(self, batch, text)))
    }

    fn explain(&mut self, rule: &str, batch: &[u8]) -> Result<Answer, String> {
        Ok(answer(|text| Detector::explain(self, rule.as_bytes(), batch, text)))
    }

    fn ask(&mut self, export: &str, argument: &[u8]) -> Result<Answer, String> {
        let call = match export {
            "read" => Detector::read,
            "coverage" => Detector::coverage,
            "test" => return Ok(answer(|text| Detector::test(self, argument, text))),
            "vocabulary" => return Ok(answer(|text| self.vocabulary(text))),
            _ => return Err(format!("there is no export `tocsin_{export}`")),
        };
        Ok(answer(|text| call(self, argument, text)))
    }
}

fn answer(call: impl FnOnce(&mut Vec<u8>) -> Given) -> Answer {
    let mut text = Vec::new();
    let given = call(&mut text);
    Answer { status: given.status as u32, count: given.count, text }
}
