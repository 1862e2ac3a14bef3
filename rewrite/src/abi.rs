//! The same calls for a page: arguments are reserved here and filled from outside, then one call takes them all.
//!
//! Each call gives 0 and leaves the new module, or 1 and leaves a text that says why there is none;
//! [`tocsin_rewrite_result`] and [`tocsin_rewrite_length`] say where, until the next call.
//!
//! No `unsafe` block is needed; the exports' names are what the compiler asks to be marked.
#![allow(unsafe_code)]

use std::cell::RefCell;

use crate::{Error, append_section, instrument, snapshot, without_section};

thread_local! {
    static ARGUMENTS: RefCell<Vec<Vec<u8>>> = const { RefCell::new(Vec::new()) };
    static RESULT: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Reserves the next argument's bytes; gives their address, or 0 if there is no room.
#[unsafe(no_mangle)]
extern "C" fn tocsin_rewrite_argument(size: usize) -> *mut u8 {
    let mut bytes = Vec::new();
    if bytes.try_reserve_exact(size).is_err() {
        return std::ptr::null_mut();
    }
    bytes.resize(size, 0);
    let address = bytes.as_mut_ptr();
    ARGUMENTS.with_borrow_mut(|arguments| arguments.push(bytes));
    address
}

/// Arguments: the module, the section's name.
#[unsafe(no_mangle)]
extern "C" fn tocsin_rewrite_without_section() -> u32 {
    call(|[module, name]| without_section(&module, &String::from_utf8_lossy(&name)))
}

/// Arguments: the module, the section's name, its data.
#[unsafe(no_mangle)]
extern "C" fn tocsin_rewrite_append_section() -> u32 {
    call(|[mut module, name, data]| {
        append_section(&mut module, &String::from_utf8_lossy(&name), &data);
        Ok(module)
    })
}

/// Argument: the module. `most_pages` is negative where its memory may grow as it says itself.
#[unsafe(no_mangle)]
extern "C" fn tocsin_rewrite_instrument(most_pages: i32) -> u32 {
    call(|[module]| instrument(&module, u32::try_from(most_pages).ok()))
}

/// Arguments: the module, the globals' values in eight bytes each (little endian), the memory.
#[unsafe(no_mangle)]
extern "C" fn tocsin_rewrite_snapshot() -> u32 {
    call(|[module, values, memory]| {
        let values: Vec<u64> =
            values.as_chunks().0.iter().map(|bytes| u64::from_le_bytes(*bytes)).collect();
        snapshot(&module, &values, &memory)
    })
}

/// Where the last call's result begins.
#[unsafe(no_mangle)]
extern "C" fn tocsin_rewrite_result() -> *const u8 {
    RESULT.with_borrow(|result| result.as_ptr())
}

/// How many bytes it has.
#[unsafe(no_mangle)]
extern "C" fn tocsin_rewrite_length() -> usize {
    RESULT.with_borrow(Vec::len)
}

fn call<const N: usize>(rewrite: impl FnOnce([Vec<u8>; N]) -> Result<Vec<u8>, Error>) -> u32 {
    let arguments = ARGUMENTS.with_borrow_mut(std::mem::take);
    let result = match arguments.try_into() {
        Ok(arguments) => rewrite(arguments).map_err(|error| error.to_string()),
        Err(_) => Err(format!("this call takes {N} arguments")),
    };
    let (status, bytes) = match result {
        Ok(module) => (0, module),
        Err(reason) => (1, reason.into_bytes()),
    };
    RESULT.set(bytes);
    status
}
