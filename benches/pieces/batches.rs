//! A kind of record in, a batch of nothing else out; and a rule for each language.

use tocsin_benches::trail::kinds::RecordKind;
use tocsin_benches::trail::{Trail, Variant, sources};
use tocsin_detector::Detector;

/// About as much as a host passes at once.
const BYTES: usize = 1 << 20;
const SEED: u64 = 1;

/// Records, one a line.
pub struct Batch {
    pub text: Vec<u8>,
    pub records: u32,
}

impl Batch {
    /// A batch of one kind.
    pub fn of(kind: RecordKind) -> Batch {
        // The variant in which the kind is commonest, so that few records are thrown away.
        let variant = if kind == RecordKind::Plain {
            Variant::Clean
        } else if kind == RecordKind::Stop {
            Variant::Hits
        } else {
            Variant::Decoys
        };
        Batch::filtered(variant, BYTES, |found, _| found == kind)
    }

    /// So many stops.
    pub fn stops(records: u32) -> Batch {
        let batch = Batch::of(RecordKind::Stop);
        let lines = batch.text.split_inclusive(|byte| *byte == b'\n');
        Batch { text: lines.take(records as usize).flatten().copied().collect(), records }
    }

    /// One record.
    pub fn first(kind: RecordKind) -> Batch {
        let batch = Batch::of(kind);
        let line = batch.text.split_inclusive(|byte| *byte == b'\n').next().unwrap();
        Batch { text: line.to_vec(), records: 1 }
    }

    /// Plain records with an escape in each.
    pub fn escaped() -> Batch {
        Batch::filtered(Variant::Escapes, BYTES, |found, _| found == RecordKind::Plain)
    }

    /// Plain records that no rule of a configuration selects.
    pub fn quiet(document: &str) -> Batch {
        let mut detector = Detector::new();
        let mut answer = Vec::new();
        detector.configure(document.as_bytes(), &mut answer);
        Batch::filtered(Variant::Clean, BYTES, |_, record| {
            answer.clear();
            detector.detect(record, &mut answer).count == 0
        })
    }

    fn filtered(
        variant: Variant,
        bytes: usize,
        mut keep: impl FnMut(RecordKind, &[u8]) -> bool,
    ) -> Batch {
        let mut trail = Trail::new(&sources::made_up().unwrap().records, SEED, variant);
        let mut batch = Batch { text: Vec::with_capacity(bytes + 8192), records: 0 };
        let mut record = Vec::new();
        while batch.text.len() < bytes {
            record.clear();
            let kind = trail.write(&mut record);
            if keep(kind, &record) {
                batch.text.extend_from_slice(&record);
                batch.text.push(b'\n');
                batch.records += 1;
            }
        }
        batch
    }
}

fn rule(language: &str, query: &str) -> String {
    format!(
        "[rule]\nname = \"bench\"\nrule_id = \"00000000-0000-4000-8000-000000000001\"\ndescription = \"bench\"\n\
         severity = \"low\"\nrisk_score = 21\nlanguage = \"{language}\"\ntype = \"query\"\nversion = 1\n\
         index = [\"logs-aws*\"]\nmessage = \"bench\"\nquery = '''\n{query}\n'''\n"
    )
}

/// A rule with a KQL query.
pub fn kql(query: &str) -> String {
    rule("kuery", query)
}

/// A rule with a Logpresso query.
pub fn logpresso(query: &str) -> String {
    rule("logpresso", query)
}

/// The Sigma rule that the peers get.
pub fn sigma() -> String {
    include_str!("../peers/recorder-stopped.yml").to_owned()
}
