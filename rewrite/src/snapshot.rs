//! A module and the state of one of its instances in, a module that starts in that state out.

use crate::reader::{Reader, Section, sections};
use crate::segments::segments;
use crate::{Error, PREAMBLE, id, write_bytes, write_section, write_signed, write_unsigned};

/// Kinds of exports.
const EXPORTED_GLOBAL: u8 = 3;

/// Types of values that a global may have.
const I32: u8 = 0x7f;
const I64: u8 = 0x7e;
const F32: u8 = 0x7d;
const F64: u8 = 0x7c;

const END: u8 = 0x0b;

/// The name under which [`instrument`] exports the mutable global of a number: the first, the second.
#[must_use]
pub fn global_name(number: usize) -> String {
    format!("__tocsin_global_{number}")
}

/// A global variable as its section has it.
struct Global<'m> {
    kind: u8,
    mutable: bool,
    initial: &'m [u8],
}

/// A module that also exports its mutable globals, in their order, so that they can be read out of an instance.
///
/// With `most_pages` its memory can't grow beyond: so an engine whose host can't refuse growth, as a browser,
/// refuses it.
///
/// # Errors
/// [`Error`] if it isn't a module, or has what a snapshot can't keep.
pub fn instrument(module: &[u8], most_pages: Option<u32>) -> Result<Vec<u8>, Error> {
    let all = checked(module)?;
    let globals = globals(&all)?;
    let indices: Vec<usize> = (0..globals.len())
        .filter(|index| globals.get(*index).is_some_and(|global| global.mutable))
        .collect();
    let mut out = PREAMBLE.to_vec();
    for section in &all {
        match section.id {
            id::EXPORT => write_section(&mut out, id::EXPORT, &exports(section, &indices)?),
            id::MEMORY if most_pages.is_some() => {
                let (least, _) = memory(section)?;
                write_section(&mut out, id::MEMORY, &memory_type(least, most_pages));
            }
            _ => write_section(&mut out, section.id, section.body),
        }
    }
    Ok(out)
}

/// A module whose instances begin with this memory and these values of the mutable globals (in their order, an
/// integer's value or a float's bits). It doesn't run a start function again.
///
/// # Errors
/// [`Error`] if it isn't a module, or the state isn't one of it.
pub fn snapshot(module: &[u8], values: &[u64], contents: &[u8]) -> Result<Vec<u8>, Error> {
    let all = checked(module)?;
    let ranges = segments(contents);
    let kept = all.iter().find(|section| section.id == id::DATA);
    let kept = kept.map_or(Ok(Vec::new()), passive)?;
    let mut data = Vec::with_capacity(contents.len() / 2);
    write_unsigned(&mut data, (kept.len() + ranges.len()) as u64);
    data.extend(kept.iter().flatten());
    for range in &ranges {
        data.extend([0, 0x41]);
        write_signed(&mut data, i64::from((range.start as u32).cast_signed()));
        data.push(END);
        write_bytes(&mut data, contents.get(range.clone()).unwrap_or_default());
    }

    let mut out = PREAMBLE.to_vec();
    let mut written = false;
    for section in &all {
        // Behind the code, before the sections for tools: where the data was, or would have been.
        let behind = section.id == id::CUSTOM && written_code(&all, section);
        if !written
            && (section.id == id::DATA || (behind && !all.iter().any(|other| other.id == id::DATA)))
        {
            write_section(&mut out, id::DATA, &data);
            written = true;
        }
        match section.id {
            id::DATA | id::START => {}
            id::MEMORY => {
                let (_, most) = memory(section)?;
                let pages = u32::try_from(contents.len() >> 16).unwrap_or(u32::MAX);
                write_section(&mut out, id::MEMORY, &memory_type(pages, most));
            }
            id::GLOBAL => write_section(&mut out, id::GLOBAL, &set_globals(section, values)?),
            id::DATA_COUNT => {
                let mut count = Vec::new();
                write_unsigned(&mut count, (kept.len() + ranges.len()) as u64);
                write_section(&mut out, id::DATA_COUNT, &count);
            }
            _ => write_section(&mut out, section.id, section.body),
        }
    }
    if !written {
        write_section(&mut out, id::DATA, &data);
    }
    let expected = globals(&all)?.iter().filter(|global| global.mutable).count();
    if expected == values.len() {
        Ok(out)
    } else {
        Err(Error::Globals { found: values.len(), expected })
    }
}

/// Whether a section stands behind the code's.
fn written_code(all: &[Section<'_>], section: &Section<'_>) -> bool {
    const CODE: u8 = 10;
    all.iter().any(|other| other.id == CODE && other.start < section.start)
}

/// The sections of a module, if it is one whose state is its memory and its globals.
fn checked(module: &[u8]) -> Result<Vec<Section<'_>>, Error> {
    let all = sections(module)?;
    for section in &all {
        let mut reader = Reader::new(section.body, section.start);
        match section.id {
            id::IMPORT if reader.number()? > 0 => return Err(Error::Unsupported("imports")),
            id::MEMORY if reader.number()? != 1 => {
                return Err(Error::Unsupported("several memories"));
            }
            id::MEMORY => {
                memory(section)?;
            }
            _ => {}
        }
    }
    if !all.iter().any(|section| section.id == id::MEMORY) {
        return Err(Error::Unsupported("no memory"));
    }
    Ok(all)
}

/// A memory's least and most pages.
fn memory(section: &Section<'_>) -> Result<(u32, Option<u32>), Error> {
    let mut reader = Reader::new(section.body, section.start);
    reader.number()?;
    match reader.byte()? {
        0 => Ok((reader.number()?, None)),
        1 => Ok((reader.number()?, Some(reader.number()?))),
        _ => Err(Error::Unsupported("a memory that is shared or of 64 bits")),
    }
}

fn memory_type(least: u32, most: Option<u32>) -> Vec<u8> {
    let mut body = vec![1, u8::from(most.is_some())];
    write_unsigned(&mut body, u64::from(least));
    if let Some(most) = most {
        write_unsigned(&mut body, u64::from(most));
    }
    body
}

fn globals<'m>(all: &[Section<'m>]) -> Result<Vec<Global<'m>>, Error> {
    let Some(section) = all.iter().find(|section| section.id == id::GLOBAL) else {
        return Ok(Vec::new());
    };
    read_globals(section)
}

fn read_globals<'m>(section: &Section<'m>) -> Result<Vec<Global<'m>>, Error> {
    let mut reader = Reader::new(section.body, section.start);
    let mut found = Vec::new();
    for _ in 0..reader.number()? {
        let kind = reader.byte()?;
        if !matches!(kind, I32 | I64 | F32 | F64 | 0x70 | 0x6f) {
            return Err(Error::Unsupported("a global of another proposal's type"));
        }
        let mutable = reader.byte()? & 1 == 1;
        found.push(Global { kind, mutable, initial: reader.expression()? });
    }
    Ok(found)
}

fn set_globals(section: &Section<'_>, values: &[u64]) -> Result<Vec<u8>, Error> {
    let all = read_globals(section)?;
    let mut values = values.iter();
    let mut body = Vec::new();
    write_unsigned(&mut body, all.len() as u64);
    for global in all {
        body.extend([global.kind, u8::from(global.mutable)]);
        let value = if global.mutable { values.next() } else { None };
        let Some(value) = value else {
            body.extend(global.initial);
            continue;
        };
        match global.kind {
            I32 => {
                body.push(0x41);
                write_signed(&mut body, i64::from((*value as u32).cast_signed()));
            }
            I64 => {
                body.push(0x42);
                write_signed(&mut body, value.cast_signed());
            }
            F32 => {
                body.push(0x43);
                body.extend((*value as u32).to_le_bytes());
            }
            F64 => {
                body.push(0x44);
                body.extend(value.to_le_bytes());
            }
            _ => return Err(Error::Unsupported("a mutable global that holds a reference")),
        }
        body.push(END);
    }
    Ok(body)
}

/// The exports, and the mutable globals behind them.
fn exports(section: &Section<'_>, indices: &[usize]) -> Result<Vec<u8>, Error> {
    let mut reader = Reader::new(section.body, section.start);
    let count = reader.number()?;
    let mut body = Vec::new();
    write_unsigned(&mut body, u64::from(count) + indices.len() as u64);
    body.extend(reader.rest());
    for (number, index) in indices.iter().enumerate() {
        write_bytes(&mut body, global_name(number).as_bytes());
        body.push(EXPORTED_GLOBAL);
        write_unsigned(&mut body, *index as u64);
    }
    Ok(body)
}

/// The module's own segments, of which those that were written at the start are empty now. They keep their
/// numbers, by which code names them.
fn passive(section: &Section<'_>) -> Result<Vec<Vec<u8>>, Error> {
    let mut reader = Reader::new(section.body, section.start);
    let mut kept = Vec::new();
    for _ in 0..reader.number()? {
        let mut segment = vec![1];
        match reader.number()? {
            0 => {
                reader.expression()?;
                reader.bytes()?;
                segment.push(0);
            }
            1 => write_bytes(&mut segment, reader.bytes()?),
            _ => return Err(Error::Unsupported("data for another memory")),
        }
        kept.push(segment);
    }
    Ok(kept)
}
