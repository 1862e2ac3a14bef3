//! What is kept between runs, in the user's cache folder: compiled modules, and rules that were read.

mod folder;
mod modules;
mod rules;

pub use folder::{FOLDER_VARIABLE, files, folder, has_rules};

pub(super) use folder::Folder;
pub(super) use modules::ModuleCache;
pub(super) use rules::{KeptRules, RuleCache};
