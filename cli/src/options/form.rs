//! In: for which host a module is meant. Out: the file that this host loads, and what is said of it.

use std::path::Path;

use clap::{Args, ValueEnum};
use tocsin_host::adapter::{Adapter, LARGEST_RECORD, MemoryNeeds, adapt, memory_needs};
use tocsin_host::{Engine, Module};

use crate::output::write_file;

/// In which form a module is written.
#[derive(Args)]
pub(crate) struct Form {
    /// Write a component of WebAssembly's component model: the module unchanged inside, with the interface of
    /// docs/wit/detector.wit
    #[arg(long, conflicts_with = "host", requires = "output")]
    component: bool,
    /// Merge the module with what this host asks of its modules (docs/embedding.md)
    #[arg(long = "for", value_name = "HOST", requires = "output")]
    host: Option<Host>,
}

/// Hosts with conventions of their own.
#[derive(Clone, Copy, ValueEnum)]
enum Host {
    /// The processor `wasm` of Bento
    Bento,
    /// The processor `wasm` of Redpanda Connect
    RedpandaConnect,
    /// A data transform in Redpanda's broker
    RedpandaTransform,
}

impl Form {
    /// What the module needs to be loaded; nothing if it is written as it is.
    fn adapter(&self) -> Option<Adapter> {
        match self.host {
            _ if self.component => Some(Adapter::Component),
            Some(Host::Bento) => Some(Adapter::Bento),
            Some(Host::RedpandaConnect) => Some(Adapter::RedpandaConnect),
            Some(Host::RedpandaTransform) => Some(Adapter::RedpandaTransform),
            None => None,
        }
    }

    /// Writes a module in this form. `what` is said of it beside its size and fingerprint.
    pub(crate) fn write(&self, path: &Path, module: &[u8], what: &str) -> anyhow::Result<()> {
        let Some(adapter) = self.adapter() else {
            write_file(path, module)?;
            eprintln!("{}: {what}{}", path.display(), fingerprint(module));
            return Ok(());
        };
        let inner = Module::new(&Engine::new()?, module)?;
        let needs = memory_needs(&inner)?;
        let adapted = adapt(module, adapter)?;
        write_file(path, &adapted)?;
        eprintln!("{}: {what}{}", path.display(), fingerprint(&adapted));
        let inside = match adapter {
            Adapter::Component => "the module inside, unchanged",
            _ => "the module that it is made of",
        };
        eprintln!("  {inside}: {}", fingerprint(module));
        eprintln!("  memory: {}", told(needs));
        Ok(())
    }
}

fn fingerprint(bytes: &[u8]) -> String {
    format!("{} bytes, sha256 {}", bytes.len(), tocsin_host::compile::sha256(bytes))
}

fn told(needs: MemoryNeeds) -> String {
    let told = |bytes: usize| format!("{bytes} bytes ({} pages)", bytes >> 16);
    format!(
        "{} at start, {} for a record of {LARGEST_RECORD} bytes that raises two alerts",
        told(needs.at_start),
        told(needs.for_largest_record)
    )
}
