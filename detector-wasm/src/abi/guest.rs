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
            // Enough for any answer that has no room.
            if guest.text.try_reserve(REASON_BYTES).is_err() || !room::is_there_for(room::CALL) {
                guest.text.clear();
                return read(Answer { status: Status::LimitExceeded, count: 0 }, &mut guest.text);
            }
            let answer = call(&mut guest.detector, &mut guest.text);
            read(answer, &mut guest.text)
        }
        // One thread and no way back into the module: can't happen, and need not trap if it does.
        Err(_) => read(Answer { status: Status::Internal, count: 0 }, &mut Vec::new()),
    })
}
