//! In: calls of a host over the C interface of `docs/abi.md`. Out: the address of an answer's header.
//!
//! It knows of addresses, as the rest of the detector doesn't. It exists in the wasm build alone: natively,
//! exports named `malloc` and `free` would replace the process's own.
#![allow(unsafe_code)]

use std::borrow::Cow;
use std::cell::{Cell, RefCell};

use super::apart::apart;
use super::{guest, reservations};
use crate::{Answer, Detector, Status};

/// Why a range is no argument.
const OUTSIDE: &str = "an argument lies outside of what is reserved with malloc";

/// The version of the interface that this module speaks.
const ABI_VERSION: i32 = 1;

/// What a host reads after a call. It lives in a static of the module, so its address is good for ever.
#[repr(C)]
struct Header {
    status: Cell<u32>,
    ptr: Cell<u32>,
    len: Cell<u32>,
    count: Cell<u32>,
    // Of `tocsin_alerts` alone; other calls leave what stood here.
    errors_ptr: Cell<u32>,
    errors_len: Cell<u32>,
    errors_count: Cell<u32>,
    records: Cell<u32>,
}

thread_local! {
    static HEADER: Header = const {
        Header {
            status: Cell::new(0),
            ptr: Cell::new(0),
            len: Cell::new(0),
            count: Cell::new(0),
            errors_ptr: Cell::new(0),
            errors_len: Cell::new(0),
            errors_count: Cell::new(0),
            records: Cell::new(0),
        }
    };

    /// The second text of the last answer of `tocsin_alerts`.
    static ERRORS: RefCell<Cow<'static, [u8]>> = const { RefCell::new(Cow::Borrowed(&[])) };
}

/// The interface's version.
#[unsafe(no_mangle)]
extern "C" fn tocsin_abi_version() -> i32 {
    ABI_VERSION
}

/// Reserves `size` bytes for the host; 0 when there are none.
#[unsafe(no_mangle)]
extern "C" fn malloc(size: i32) -> i32 {
    reservations::reserve(size.cast_unsigned() as usize) as i32
}

/// Gives a reservation back.
#[unsafe(no_mangle)]
extern "C" fn free(address: i32) {
    reservations::release(address.cast_unsigned() as usize);
}

/// What the module holds.
#[unsafe(no_mangle)]
extern "C" fn tocsin_describe() -> i32 {
    answer(|detector, text| detector.describe(text))
}

/// Replaces rules and options.
#[unsafe(no_mangle)]
extern "C" fn tocsin_configure(ptr: i32, len: i32) -> i32 {
    answer(|detector, text| match argument(ptr, len) {
        Some(document) => detector.configure(document, text),
        None => Answer::refused(Status::BadArgument, OUTSIDE, text),
    })
}

/// Judges a batch of records.
#[unsafe(no_mangle)]
extern "C" fn tocsin_detect(ptr: i32, len: i32) -> i32 {
    answer(|detector, text| match argument(ptr, len) {
        Some(batch) => detector.detect(batch, text),
        None => Answer::refused(Status::BadArgument, OUTSIDE, text),
    })
}

/// Judges a batch of records: alerts alone, and errors apart from them.
#[unsafe(no_mangle)]
extern "C" fn tocsin_alerts(ptr: i32, len: i32) -> i32 {
    forget_errors();
    guest::answer(
        |detector, text| match argument(ptr, len) {
            Some(batch) => detector.detect(batch, text),
            None => Answer::refused(Status::BadArgument, OUTSIDE, text),
        },
        |answer, text| {
            let found = apart(answer, text);
            HEADER.with(|header| {
                header.errors_ptr.set(found.errors.as_ptr() as u32);
                header.errors_len.set(found.errors.len() as u32);
                header.errors_count.set(found.errors_count);
                header.records.set(found.records);
            });
            // Moving a text leaves its bytes where they are.
            ERRORS.set(found.errors);
            publish(Answer { status: answer.status, count: found.alerts }, text)
        },
    )
}

/// Judges a batch in which the host has marked the plain records.
#[unsafe(no_mangle)]
extern "C" fn tocsin_detect_marked(ptr: i32, len: i32, marks: i32, count: i32) -> i32 {
    answer(|detector, text| match (argument(ptr, len), argument(marks, count.saturating_mul(4))) {
        (Some(batch), Some(marks)) => detector.detect_marked(batch, marks.as_chunks().0, text),
        _ => Answer::refused(Status::BadArgument, OUTSIDE, text),
    })
}

/// Says why a rule does or doesn't select the records of a batch.
#[unsafe(no_mangle)]
extern "C" fn tocsin_explain(rule: i32, rule_len: i32, ptr: i32, len: i32) -> i32 {
    answer(|detector, text| match (argument(rule, rule_len), argument(ptr, len)) {
        (Some(rule), Some(batch)) => detector.explain(rule, batch, text),
        _ => Answer::refused(Status::BadArgument, OUTSIDE, text),
    })
}

/// How records are recognised by their first bytes.
#[unsafe(no_mangle)]
extern "C" fn tocsin_record_keys() -> i32 {
    answer(|detector, text| detector.record_keys(text))
}

/// What a rule's author may write.
#[unsafe(no_mangle)]
extern "C" fn tocsin_vocabulary() -> i32 {
    answer(|detector, text| detector.vocabulary(text))
}

/// Runs the tests of a rule document.
#[unsafe(no_mangle)]
extern "C" fn tocsin_test(ptr: i32, len: i32) -> i32 {
    answer(|detector, text| match argument(ptr, len) {
        Some(run) => detector.test(run, text),
        None => Answer::refused(Status::BadArgument, OUTSIDE, text),
    })
}

/// Reads each record of a batch whole.
#[unsafe(no_mangle)]
extern "C" fn tocsin_read(ptr: i32, len: i32) -> i32 {
    answer(|detector, text| match argument(ptr, len) {
        Some(batch) => detector.read(batch, text),
        None => Answer::refused(Status::BadArgument, OUTSIDE, text),
    })
}

/// Counts over a batch how often each rule, and each node of its query, was true.
#[unsafe(no_mangle)]
extern "C" fn tocsin_coverage(ptr: i32, len: i32) -> i32 {
    answer(|detector, text| match argument(ptr, len) {
        Some(batch) => detector.coverage(batch, text),
        None => Answer::refused(Status::BadArgument, OUTSIDE, text),
    })
}

/// The bytes a host points at, if they lie in what it has reserved.
pub(super) fn argument<'a>(ptr: i32, len: i32) -> Option<&'a [u8]> {
    let (ptr, len) = (ptr.cast_unsigned() as usize, len.cast_unsigned() as usize);
    if len == 0 {
        return Some(&[]);
    }
    if !reservations::holds(ptr, len) {
        return None;
    }
    // SAFETY: the range lies inside one live reservation, so inside the memory and not at address 0. It is
    // the host's, so nothing here writes to it or takes it back during the call.
    Some(unsafe { std::slice::from_raw_parts(ptr as *const u8, len) })
}

/// Runs one call and publishes its answer in the header.
fn answer(call: impl FnOnce(&mut Detector, &mut Vec<u8>) -> Answer) -> i32 {
    forget_errors();
    guest::answer(call, |answer, text| publish(answer, text))
}

/// Gives back what the last answer's errors took: this call may need it.
fn forget_errors() {
    ERRORS.set(Cow::Borrowed(&[]));
}

/// Writes the header and gives its address.
fn publish(answer: Answer, text: &[u8]) -> i32 {
    HEADER.with(|header| {
        header.status.set(answer.status as u32);
        header.ptr.set(text.as_ptr() as u32);
        header.len.set(text.len() as u32);
        header.count.set(answer.count);
        std::ptr::from_ref(header) as i32
    })
}
