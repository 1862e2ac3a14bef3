//! The detector as a library of this process.

use tocsin_detector::Detector;

use super::{Answer, Guest, Runtime};

/// The run that all others are compared with.
#[derive(Debug)]
pub struct Native;

impl Runtime for Native {
    fn name(&self) -> &'static str {
        "native"
    }

    fn start(&self) -> Result<Box<dyn Guest>, String> {
        Ok(Box::new(Detector::new()))
    }
}

impl Guest for Detector {
    fn describe(&mut self) -> Result<Answer, String> {
        let mut text = Vec::new();
        let answer = Detector::describe(self, &mut text);
        Ok(Answer { status: answer.status as u32, count: answer.count, text })
    }

    fn configure(&mut self, document: &[u8]) -> Result<Answer, String> {
        let mut text = Vec::new();
        let answer = Detector::configure(self, document, &mut text);
        Ok(Answer { status: answer.status as u32, count: answer.count, text })
    }

    fn detect(&mut self, batch: &[u8]) -> Result<Answer, String> {
        let mut text = Vec::new();
        let answer = Detector::detect(self, batch, &mut text);
        Ok(Answer { status: answer.status as u32, count: answer.count, text })
    }
}
