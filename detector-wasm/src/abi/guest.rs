//! In: a call from any face of the module. Out: what that face makes of the answer.
//!
//! The module has one detector, whichever face reaches it: what one configures, all judge with.

use std::cell::RefCell;

use crate::{Answer, Detector, Status, room};

/// Bytes that the reason of a refusal takes, roughly.
const REASON_BYTES: usize = 1 << 10;

/// The module's whole state: the detector, and the text of the last answer.
struct Guest {
    detector: Detector,
    text: Vec<u8>,
}

thread_local! {
    static GUEST: RefCell<Option<Guest>> = const { RefCell::new(None) };
}

/// Runs `call`, then `read` on its answer and the answer's text. The text stays where it is until the
/// next call, whose answer takes its place; `read` may also take it away.
pub(super) fn answer<R>(
    call: impl FnOnce(&mut Detector, &mut Vec<u8>) -> Answer,
    read: impl FnOnce(Answer, &mut Vec<u8>) -> R,
) -> R {
    GUEST.with(|guest| match guest.try_borrow_mut() {
        Ok(mut guest) => {
            let guest =
                guest.get_or_insert_with(|| Guest { detector: Detector::new(), text: Vec::new() });
            guest.text.clear();
            if !has_room(&mut guest.text) {
                // The last answer may have been large.
                guest.text = Vec::new();
            }
            if !has_room(&mut guest.text) {
                return read(Answer { status: Status::LimitExceeded, count: 0 }, &mut guest.text);
            }
            let answer = call(&mut guest.detector, &mut guest.text);
            read(answer, &mut guest.text)
        }
        // One thread and no way back into the module: can't happen, and need not trap if it does.
        Err(_) => read(Answer { status: Status::Internal, count: 0 }, &mut Vec::new()),
    })
}

/// Whether a call has what it takes in any case, and an answer that says that there is no room for more.
fn has_room(text: &mut Vec<u8>) -> bool {
    text.try_reserve(REASON_BYTES).is_ok() && room::is_there_for(room::CALL)
}
