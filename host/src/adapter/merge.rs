//! In: a module without imports, and an adapter that imports its exports and a host's. Out: one module.
//!
//! The host's functions come first, as WebAssembly asks of imports, then the module's, then the adapter's. So
//! each number of one of the module's functions moves by the count of imports, and nothing else of it changes.

use std::collections::HashMap;

use wasm_encoder::reencode::{Error, Reencode};
use wasm_encoder::{
    CodeSection, CustomSection, DataCountSection, DataSection, ElementSection, ExportKind,
    ExportSection, FunctionSection, GlobalSection, ImportSection, MemorySection, TableSection,
    TypeSection,
};
use wasmparser::{ExternalKind, Parser, Payload, TypeRef};

use super::AdaptError;

/// Whose exports an adapter's imports of this module are.
const CORE: &str = "tocsin";

/// A module's exports, by name.
pub(super) fn exports(module: &[u8]) -> Result<HashMap<&str, (ExternalKind, u32)>, AdaptError> {
    let mut exports = HashMap::new();
    for payload in Parser::new(0).parse_all(module) {
        match payload? {
            Payload::ImportSection(imports) if imports.count() > 0 => {
                return Err(AdaptError::Imports);
            }
            Payload::ExportSection(section) => {
                for export in section {
                    let export = export?;
                    exports.insert(export.name, (export.kind, export.index));
                }
            }
            _ => {}
        }
    }
    Ok(exports)
}

/// How many of each kind a module has, before those of another are joined to it.
#[derive(Default)]
struct Counts {
    types: u32,
    functions: u32,
    globals: u32,
    data: u32,
}

fn counts(module: &[u8]) -> Result<Counts, AdaptError> {
    let mut counts = Counts::default();
    for payload in Parser::new(0).parse_all(module) {
        match payload? {
            Payload::TypeSection(section) => counts.types = section.count(),
            Payload::FunctionSection(section) => counts.functions = section.count(),
            Payload::GlobalSection(section) => counts.globals = section.count(),
            Payload::DataSection(section) => counts.data = section.count(),
            Payload::StartSection { .. } => {
                return Err(AdaptError::Unmergeable("it has a start function".into()));
            }
            _ => {}
        }
    }
    Ok(counts)
}

/// Which number in the merged module something of the module has.
struct OfModule {
    imports: u32,
}

impl Reencode for OfModule {
    type Error = AdaptError;

    fn function_index(&mut self, function: u32) -> Result<u32, Error<AdaptError>> {
        Ok(function.saturating_add(self.imports))
    }
}

/// Which number in the merged module something of the adapter has.
struct OfAdapter {
    counts: Counts,
    /// Of its functions: imports of the host, imports of the module, its own.
    functions: Vec<u32>,
}

impl Reencode for OfAdapter {
    type Error = AdaptError;

    fn function_index(&mut self, function: u32) -> Result<u32, Error<AdaptError>> {
        let none =
            || AdaptError::Unmergeable("its adapter calls a function it doesn't have".into());
        let known = self.functions.get(function as usize).copied();
        known.ok_or_else(|| Error::UserError(none()))
    }

    fn type_index(&mut self, kind: u32) -> Result<u32, Error<AdaptError>> {
        Ok(kind.saturating_add(self.counts.types))
    }

    fn global_index(&mut self, global: u32) -> Result<u32, Error<AdaptError>> {
        Ok(global.saturating_add(self.counts.globals))
    }

    fn data_index(&mut self, data: u32) -> Result<u32, Error<AdaptError>> {
        Ok(data.saturating_add(self.counts.data))
    }
}

/// The sections of the merged module, as they fill.
#[derive(Default)]
struct Sections {
    types: TypeSection,
    imports: ImportSection,
    functions: FunctionSection,
    tables: TableSection,
    memories: MemorySection,
    globals: GlobalSection,
    exports: ExportSection,
    elements: ElementSection,
    code: CodeSection,
    data: DataSection,
    customs: Vec<CustomSection<'static>>,
}

impl Sections {
    /// Takes what both kinds of modules have.
    fn take<R: Reencode<Error = AdaptError>>(
        &mut self,
        of: &mut R,
        payload: Payload<'_>,
    ) -> Result<(), Error<AdaptError>> {
        match payload {
            Payload::TypeSection(section) => of.parse_type_section(&mut self.types, section),
            Payload::FunctionSection(section) => {
                of.parse_function_section(&mut self.functions, section)
            }
            Payload::TableSection(section) => of.parse_table_section(&mut self.tables, section),
            Payload::MemorySection(section) => of.parse_memory_section(&mut self.memories, section),
            Payload::GlobalSection(section) => of.parse_global_section(&mut self.globals, section),
            Payload::ElementSection(section) => {
                of.parse_element_section(&mut self.elements, section)
            }
            Payload::CodeSectionEntry(body) => of.parse_function_body(&mut self.code, body),
            Payload::DataSection(section) => of.parse_data_section(&mut self.data, section),
            _ => Ok(()),
        }
    }

    fn finish(self) -> Vec<u8> {
        let mut module = wasm_encoder::Module::new();
        module.section(&self.types).section(&self.imports).section(&self.functions);
        module.section(&self.tables).section(&self.memories).section(&self.globals);
        module.section(&self.exports).section(&self.elements);
        module.section(&DataCountSection { count: self.data.len() });
        module.section(&self.code).section(&self.data);
        for custom in &self.customs {
            module.section(custom);
        }
        module.finish()
    }
}

/// Joins an adapter to a module.
pub(super) fn merge(module: &[u8], adapter: &[u8]) -> Result<Vec<u8>, AdaptError> {
    let exports = exports(module)?;
    let counts = counts(module)?;
    let mut sections = Sections::default();
    let (imports, functions) = import(adapter, &exports, &counts, &mut sections.imports)?;

    let mut of = OfModule { imports };
    let mut of_adapter = OfAdapter { counts, functions };
    let replaced = self::exports_of_adapter(adapter, &mut of_adapter, &mut sections.exports)?;
    for payload in Parser::new(0).parse_all(module) {
        match payload? {
            Payload::ExportSection(section) => {
                for export in section {
                    let export = export?;
                    // Where both have a name, hosts are to call the adapter's.
                    if !replaced.contains(&export.name) {
                        of.parse_export(&mut sections.exports, export).map_err(unmergeable)?;
                    }
                }
            }
            Payload::CustomSection(section) => sections.customs.push(CustomSection {
                name: section.name().to_owned().into(),
                data: section.data().to_vec().into(),
            }),
            payload => sections.take(&mut of, payload).map_err(unmergeable)?,
        }
    }
    for payload in Parser::new(0).parse_all(adapter) {
        sections.take(&mut of_adapter, payload?).map_err(unmergeable)?;
    }
    Ok(sections.finish())
}

/// Keeps the adapter's imports of the host, and resolves those of the module. Gives how many are kept, and which
/// number each function of the adapter has in the merged module.
fn import(
    adapter: &[u8],
    exports: &HashMap<&str, (ExternalKind, u32)>,
    counts: &Counts,
    section: &mut ImportSection,
) -> Result<(u32, Vec<u32>), AdaptError> {
    // None: of the host, with its number. Some: of the module.
    let (mut imported, mut defined) = (Vec::new(), 0);
    let mut kept = 0;
    for payload in Parser::new(0).parse_all(adapter) {
        match payload? {
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    let import = import?;
                    let missing = || AdaptError::TooOld(import.name.to_owned());
                    match (import.ty, import.module) {
                        (TypeRef::Func(_), CORE) => {
                            let (_, index) = exports.get(import.name).ok_or_else(missing)?;
                            imported.push((true, *index));
                        }
                        (TypeRef::Func(kind), host) => {
                            let kind = wasm_encoder::EntityType::Function(
                                kind.saturating_add(counts.types),
                            );
                            section.import(host, import.name, kind);
                            imported.push((false, kept));
                            kept += 1;
                        }
                        // The module's memory is the merged module's only one.
                        (TypeRef::Memory(_), CORE) => {}
                        _ => {
                            return Err(AdaptError::Unmergeable(
                                "its adapter imports more than functions".into(),
                            ));
                        }
                    }
                }
            }
            Payload::FunctionSection(functions) => defined = functions.count(),
            _ => {}
        }
    }
    let of_module =
        |(resolved, index)| if resolved { u32::saturating_add(index, kept) } else { index };
    let own = (0..defined).map(|index| kept.saturating_add(counts.functions).saturating_add(index));
    Ok((kept, imported.into_iter().map(of_module).chain(own).collect()))
}

/// Writes the adapter's exports, and gives their names.
fn exports_of_adapter<'a>(
    adapter: &'a [u8],
    of: &mut OfAdapter,
    section: &mut ExportSection,
) -> Result<Vec<&'a str>, AdaptError> {
    let mut names = Vec::new();
    for payload in Parser::new(0).parse_all(adapter) {
        let Payload::ExportSection(exports) = payload? else { continue };
        for export in exports {
            let export = export?;
            let index = of.function_index(export.index).map_err(unmergeable)?;
            section.export(export.name, ExportKind::Func, index);
            names.push(export.name);
        }
    }
    Ok(names)
}

fn unmergeable(error: Error<AdaptError>) -> AdaptError {
    match error {
        Error::UserError(error) => error,
        other => AdaptError::Unmergeable(other.to_string().into()),
    }
}
