//! A configured instance in, an image of its memory out that others are started from: many sets of rules over
//! one compiled module, and starting one neither reads rules nor compiles.
//!
//! An image holds the pages that differ from those of a fresh instance; a fresh instance's own pages come from
//! the module's file, mapped and shared. What WebAssembly keeps outside of the memory, the globals, is the same
//! in both: Rust has one, the stack's end, and between calls it is where it was at the start.

use std::collections::HashSet;
use std::sync::Arc;

use tocsin_wire::RecordKeys;

use super::instance::Instance;
use super::origin::Origin;
use super::zero_free::zero_free;
use super::{CallError, Limits, Module, Sandbox};

/// Bytes of a page here: the machine's, not WebAssembly's, so that less is the same by chance.
pub(super) const PAGE: usize = 4096;

type Page = [u8; PAGE];

/// Pages that several images have, held once.
#[derive(Debug, Default)]
pub struct Pages(HashSet<Arc<Page>>);

impl Pages {
    /// Gives up pages that no image has any more.
    pub fn forget_unused(&mut self) {
        self.0.retain(|page| Arc::strong_count(page) > 1);
    }
}

/// What a configured instance's memory holds. Cheap to clone.
#[derive(Clone)]
pub struct Image {
    module: Module,
    /// Bytes of the whole memory.
    size: usize,
    /// Pages that differ from a fresh instance's, by their number.
    pages: Arc<[(u32, Arc<Page>)]>,
}

impl Sandbox {
    /// An image of this sandbox, as it is configured; what earlier batches left is wiped from it.
    ///
    /// # Errors
    /// [`CallError`] if a call traps or exceeds a limit.
    pub fn image(&mut self) -> Result<Image, CallError> {
        let fresh = self.prepare_image()?;
        let memory = self.instance.memory();
        let pages = changed_pages(memory, fresh.memory())
            .filter_map(|(number, page)| Some((number, Arc::new(Page::try_from(page).ok()?))))
            .collect::<Vec<_>>();
        Ok(Image { module: self.module.clone(), size: memory.len(), pages: pages.into() })
    }
}

impl Sandbox {
    /// Wipes what isn't rules from the memory; gives a fresh instance to compare it with.
    pub(super) fn prepare_image(&mut self) -> Result<Instance, CallError> {
        if self.failed || !self.buffer.is_empty() {
            self.shrink()?;
        }
        // Rules that came with the module are read when they are first asked for.
        self.instance.describe().inspect_err(|_| self.failed = true)?;
        zero_free(&mut self.instance).inspect_err(|_| self.failed = true)?;
        Instance::start(&self.module, &self.limits)
    }
}

/// The pages of a memory that differ from a fresh one's, and their numbers.
pub(super) fn changed_pages<'a>(
    memory: &'a [u8],
    fresh: &'a [u8],
) -> impl Iterator<Item = (u32, &'a [u8])> {
    let before = fresh.chunks_exact(PAGE).map(Some).chain(std::iter::repeat(None));
    let pages = (0..).zip(memory.chunks_exact(PAGE)).zip(before);
    pages.filter_map(|((number, page), before)| {
        let same = match before {
            Some(before) => page == before,
            None => page.iter().all(|byte| *byte == 0),
        };
        (!same).then_some((number, page))
    })
}

impl Image {
    /// Starts a sandbox that is configured as the image's was.
    ///
    /// # Errors
    /// [`CallError`] if it can't start within the limits.
    pub fn start(&self, limits: Limits) -> Result<Sandbox, CallError> {
        let instance = self.instance(&limits)?;
        Ok(Sandbox::over(self.module.clone(), limits, instance, Origin::Image(self.clone())))
    }

    /// How the image's module recognises records by their first bytes.
    pub fn record_keys(&self, limits: &Limits) -> Arc<RecordKeys> {
        self.module.record_keys(limits)
    }

    /// Holds pages that another image has, too, only once.
    pub fn share(&mut self, pages: &mut Pages) {
        let shared = self.pages.iter().map(|(number, page)| match pages.0.get(page) {
            Some(known) => (*number, Arc::clone(known)),
            None => {
                pages.0.insert(Arc::clone(page));
                (*number, Arc::clone(page))
            }
        });
        self.pages = shared.collect();
    }

    /// Bytes of the pages that differ from a fresh instance's.
    pub fn own_bytes(&self) -> usize {
        self.pages.len() * PAGE
    }

    pub(super) fn instance(&self, limits: &Limits) -> Result<Instance, CallError> {
        let mut instance = Instance::start(&self.module, limits)?;
        let memory = instance.memory_of(self.size)?;
        for (number, page) in self.pages.iter() {
            let start = *number as usize * PAGE;
            if let Some(place) = memory.get_mut(start..start + PAGE) {
                place.copy_from_slice(page.as_slice());
            }
        }
        Ok(instance)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detector::{Configuration, Detector, Document};
    use crate::{Engine, Module};

    const RULE: &str = "[rule]\nname = \"Stopped\"\nrule_id = \"stopped\"\ntype = \"query\"\nlanguage = \"kuery\"\n\
        severity = \"low\"\nrisk_score = 1\ndescription = \"d\"\nindex = [\"logs-aws.cloudtrail-*\"]\n\
        query = \"event.action: Stopped*\"\n";
    const RECORD: &[u8] =
        br#"{"eventVersion":"1.08","eventSource":"a.amazonaws.com","eventName":"StoppedIt"}"#;

    fn configured(engine: &Engine) -> Detector {
        let module = Module::embedded(engine).unwrap();
        let mut detector = Detector::new(&module, Limits::default()).unwrap();
        let document = Document { name: "r.toml".into(), text: RULE.into() };
        let configuration =
            Configuration { rules: Some(vec![document]), ..Configuration::default() };
        detector.configure(&configuration).unwrap();
        detector
    }

    #[test]
    fn an_image_judges_as_the_sandbox_that_it_is_of() {
        let engine = Engine::metered().unwrap();
        let mut detector = configured(&engine);
        let expected = detector.sandbox_mut().detect_bytes(RECORD).unwrap().text.to_vec();
        let image = detector.sandbox_mut().image().unwrap();
        for sandbox in [detector.sandbox_mut(), &mut image.start(Limits::default()).unwrap()] {
            for _ in 0..2 {
                assert_eq!(sandbox.detect_bytes(RECORD).unwrap().text, expected);
            }
            // A large batch makes its memory grow.
            let many = [RECORD, b"\n"].concat().repeat(20_000);
            assert_eq!(sandbox.detect_bytes(&many).unwrap().count, 20_000);
        }
        // Another instance of the image knows nothing of it.
        let mut again = image.start(Limits::default()).unwrap();
        assert_eq!(again.detect_bytes(RECORD).unwrap().text, expected);
    }

    #[test]
    fn a_failed_instance_is_started_from_its_image_again() {
        let engine = Engine::metered().unwrap();
        let image = configured(&engine).sandbox_mut().image().unwrap();
        let mut sandbox = image.start(Limits::default()).unwrap();
        sandbox.limit_steps(1000);
        let stopped = sandbox.detect_bytes(&RECORD.repeat(1000)).unwrap_err();
        assert!(matches!(stopped, CallError::Steps { limit: 1000 }), "{stopped}");
        sandbox.limit_steps(u64::MAX);
        assert_eq!(sandbox.detect_bytes(RECORD).unwrap().count, 1);
    }

    #[test]
    fn images_share_their_pages() {
        let engine = Engine::metered().unwrap();
        let mut pages = Pages::default();
        let mut images = [0, 1].map(|_| configured(&engine).sandbox_mut().image().unwrap());
        images.iter_mut().for_each(|image| image.share(&mut pages));
        let [one, other] = &images;
        assert!(one.own_bytes() > 0);
        assert!(
            one.pages
                .iter()
                .zip(other.pages.iter())
                .all(|(one, other)| Arc::ptr_eq(&one.1, &other.1))
        );
        assert_eq!(pages.0.len(), one.pages.len());
        drop(images);
        pages.forget_unused();
        assert!(pages.0.is_empty());
    }
}
