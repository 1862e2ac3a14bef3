//! Rules that were read, kept between runs: the memory of an instance that was configured with them, as far as it
//! differs from a fresh one's. A start reads the file instead of thousands of rules.
//!
//! The memory runs in the sandbox as any other does; that its rules are those of the documents is what [`Folder`]
//! promises: nobody but the user has written the file.
//!
//! A file: a head of numbers, eight bytes each, little end first (the format, bytes of the memory, bytes of the
//! module's answer, runs of pages, then each run's first page and its pages), the answer, the pages.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use super::Folder;
use super::folder::RULES;
use crate::sandbox::image::{PAGE, changed_pages};

/// Changes with the form of the files.
const FORMAT: u64 = u64::from_le_bytes(*b"tocsin-1");

/// The largest memory that WebAssembly has.
const MOST_MEMORY: u64 = 1 << 32;

/// The rules that a folder keeps.
pub(in crate::sandbox) struct RuleCache(Folder);

/// A configured instance's memory, in a file.
pub(in crate::sandbox) struct KeptRules {
    file: Mutex<File>,
    /// Where the pages begin in it.
    pages: u64,
    size: usize,
    /// The parts of the memory that it has, in their order.
    runs: Vec<Range<usize>>,
}

impl RuleCache {
    /// The user's folder; none if nothing can be kept safely.
    pub(in crate::sandbox) fn of_user() -> Option<RuleCache> {
        Folder::of_user().map(RuleCache)
    }

    /// What was kept under a key, and the module's answer to the rules.
    pub(in crate::sandbox) fn load(&self, key: &[u8; 32]) -> Option<(KeptRules, Vec<u8>)> {
        KeptRules::open(self.0.open(&name(key))?)
    }

    /// Keeps a memory. If that fails, the next start reads the rules again, no more.
    pub(in crate::sandbox) fn store(
        &self,
        key: &[u8; 32],
        memory: &[u8],
        fresh: &[u8],
        answer: &[u8],
    ) {
        let _ = self.0.keep(&name(key), |file| write(file, memory, fresh, answer));
    }
}

fn name(key: &[u8; 32]) -> String {
    format!("{}.{RULES}", hex::encode(key))
}

fn write(file: &mut File, memory: &[u8], fresh: &[u8], answer: &[u8]) -> io::Result<()> {
    let mut runs: Vec<[u64; 2]> = Vec::new();
    for (number, _) in changed_pages(memory, fresh) {
        match runs.last_mut() {
            Some([first, pages]) if *first + *pages == u64::from(number) => *pages += 1,
            _ => runs.push([u64::from(number), 1]),
        }
    }
    let mut head = vec![FORMAT, memory.len() as u64, answer.len() as u64, runs.len() as u64];
    head.extend(runs.as_flattened());
    let mut out = io::BufWriter::new(file);
    for number in head {
        out.write_all(&number.to_le_bytes())?;
    }
    out.write_all(answer)?;
    for [first, pages] in runs {
        let part = run(first, pages)
            .and_then(|part| memory.get(part))
            .ok_or(io::ErrorKind::InvalidData)?;
        out.write_all(part)?;
    }
    out.flush()
}

/// The bytes of a memory that some pages of it are.
fn run(first: u64, pages: u64) -> Option<Range<usize>> {
    let at = |page: u64| page.checked_mul(PAGE as u64).filter(|at| *at <= MOST_MEMORY);
    let (start, end) = (at(first)?, at(first.checked_add(pages)?)?);
    Some(usize::try_from(start).ok()?..usize::try_from(end).ok()?)
}

impl KeptRules {
    fn open(mut file: File) -> Option<(KeptRules, Vec<u8>)> {
        let length = file.metadata().ok()?.len();
        let mut number = || {
            let mut bytes = [0; 8];
            file.read_exact(&mut bytes).ok()?;
            Some(u64::from_le_bytes(bytes))
        };
        if number()? != FORMAT {
            return None;
        }
        let (size, answered, count) = (number()?, number()?, number()?);
        // No more is made room for than the file has.
        if count > length / 16 || answered > length || size > MOST_MEMORY {
            return None;
        }
        let mut runs = Vec::new();
        for _ in 0..count {
            runs.push(run(number()?, number()?).filter(|run| run.end as u64 <= size)?);
        }
        let mut answer = vec![0; usize::try_from(answered).ok()?];
        file.read_exact(&mut answer).ok()?;
        let pages = 32 + 16 * count + answered;
        let whole = pages + runs.iter().map(|run| run.len() as u64).sum::<u64>();
        let kept =
            KeptRules { file: Mutex::new(file), pages, size: usize::try_from(size).ok()?, runs };
        (whole == length).then_some((kept, answer))
    }

    /// Bytes of the whole memory.
    pub(in crate::sandbox) fn size(&self) -> usize {
        self.size
    }

    /// Makes a fresh instance's memory the one that was kept.
    pub(in crate::sandbox) fn read_into(&self, memory: &mut [u8]) -> io::Result<()> {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(self.pages))?;
        for run in &self.runs {
            file.read_exact(memory.get_mut(run.clone()).ok_or(io::ErrorKind::InvalidData)?)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// A memory of eight pages, of which a fresh one has four.
    fn memory() -> (Vec<u8>, Vec<u8>) {
        let fresh: Vec<u8> = (0..4 * PAGE).map(|at| (at / PAGE) as u8).collect();
        let mut memory = fresh.clone();
        memory.resize(8 * PAGE, 0);
        for page in [1, 2, 5, 7] {
            memory[page * PAGE + page] = 77;
        }
        (memory, fresh)
    }

    #[test]
    fn a_memory_is_read_as_it_was_kept() {
        let folder = tempfile::tempdir().unwrap();
        let cache = RuleCache(Folder::at(folder.path().to_owned()).unwrap());
        assert!(cache.load(&[1; 32]).is_none());
        let (memory, fresh) = memory();
        cache.store(&[1; 32], &memory, &fresh, b"answer");
        assert!(cache.load(&[2; 32]).is_none());
        let (kept, answer) = cache.load(&[1; 32]).unwrap();
        assert_eq!((kept.size(), answer.as_slice()), (memory.len(), &b"answer"[..]));
        for _ in 0..2 {
            let mut again = fresh.clone();
            again.resize(kept.size(), 0);
            kept.read_into(&mut again).unwrap();
            assert!(again == memory);
        }
        let length = fs::metadata(folder.path().join(name(&[1; 32]))).unwrap().len();
        assert_eq!(length, (32 + 3 * 16 + 6 + 4 * PAGE) as u64, "pages that differ, in three runs");
    }

    #[test]
    fn rules_that_were_not_used_for_longest_go_and_modules_stay() {
        let folder = tempfile::tempdir().unwrap();
        let cache = RuleCache(Folder::at(folder.path().to_owned()).unwrap());
        fs::write(folder.path().join("module.compiled"), [0; 4 * PAGE]).unwrap();
        let (memory, fresh) = memory();
        for number in 0..3 {
            cache.store(&[number; 32], &memory, &fresh, b"");
            let path = folder.path().join(name(&[number; 32]));
            let file = File::options().write(true).open(path).unwrap();
            let age = std::time::Duration::from_secs(100 - u64::from(number));
            file.set_modified(std::time::SystemTime::now() - age).unwrap();
        }
        let size = fs::metadata(folder.path().join(name(&[0; 32]))).unwrap().len();
        cache.0.evict(true, 2 * size).unwrap();
        let left = [0, 1, 2].map(|number| cache.load(&[number; 32]).is_some());
        assert_eq!(left, [false, true, true]);
        assert!(folder.path().join("module.compiled").exists());
    }

    #[test]
    fn what_is_cut_off_or_nonsense_is_not_used() {
        let folder = tempfile::tempdir().unwrap();
        let cache = RuleCache(Folder::at(folder.path().to_owned()).unwrap());
        let (memory, fresh) = memory();
        cache.store(&[1; 32], &memory, &fresh, b"answer");
        let path = folder.path().join(name(&[1; 32]));
        let whole = fs::read(&path).unwrap();
        for length in [0, 7, 8, 31, 32, 60, 84, whole.len() / 2, whole.len() - 1] {
            fs::write(&path, &whole[..length]).unwrap();
            assert!(cache.load(&[1; 32]).is_none(), "{length} of {}", whole.len());
        }
        // Each number of the head, as large as it can be.
        for number in 0..10 {
            let mut changed = whole.clone();
            changed[number * 8..number * 8 + 8].fill(0xff);
            fs::write(&path, &changed).unwrap();
            assert!(cache.load(&[1; 32]).is_none(), "number {number}");
        }
        fs::write(&path, &whole).unwrap();
        assert!(cache.load(&[1; 32]).is_some());
    }
}
