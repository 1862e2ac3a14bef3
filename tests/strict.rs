//! In: a script. Out: whether its alerts are those that it has when every byte of every record is read.

use std::fmt::Debug;

use serde_json::Value;

use crate::frames::{self, Frame};
use crate::runtimes::{Answer, Native, Runtime};
use crate::script::{Call, Script};

/// Holds the native run to one with the option `strict`, in which nothing is passed over: the same
/// alerts, and the same answer where strict reading finds nothing wrong.
///
/// # Errors
/// The first difference.
pub fn same(script: &Script) -> Result<(), String> {
    let mut guest = Native.start(&script.module)?;
    guest.configure(br#"{"options": {"strict": true}}"#)?;
    for (place, (call, default)) in script.calls.iter().zip(script.native()?).enumerate() {
        match call {
            Call::Configure(document) => {
                let strict = strictly(document);
                guest.configure(strict.as_deref().unwrap_or(document))?;
            }
            Call::Detect(batch) => {
                let strict = guest.detect(batch)?;
                compare(default, &strict, batch)
                    .map_err(|error| format!("call {place}: {error}"))?;
            }
            Call::Describe | Call::Explain(..) | Call::Ask(..) => {}
        }
    }
    Ok(())
}

/// A configuration with this option more, if it has any: otherwise those before it stay.
fn strictly(document: &[u8]) -> Option<Vec<u8>> {
    let mut document: Value = serde_json::from_slice(document).ok()?;
    document.get_mut("options")?.as_object_mut()?.insert("strict".into(), Value::Bool(true));
    Some(document.to_string().into_bytes())
}

fn compare(default: &Answer, strict: &Answer, batch: &[u8]) -> Result<(), String> {
    // What isn't frames says that the batch or the module is too large, whatever is read.
    let (Ok(found), Ok(all)) =
        (frames::read(default, batch.len()), frames::read(strict, batch.len()))
    else {
        return equal("answers", &default, &strict);
    };
    let alerts = |frames: &[Frame]| -> Vec<String> {
        let alerts = frames.iter().filter_map(|frame| match frame {
            Frame::Alert { rule, alert, .. } => Some(format!("{rule} {alert}")),
            Frame::Error { .. } => None,
        });
        alerts.collect()
    };
    equal("alerts", &alerts(&found.frames), &alerts(&all.frames))?;
    match all.frames.iter().any(|frame| matches!(frame, Frame::Error { .. })) {
        true => Ok(()),
        false => equal("answers", &default, &strict),
    }
}

fn equal<T: PartialEq + Debug>(what: &str, default: &T, strict: &T) -> Result<(), String> {
    let shown = |value: &T| format!("{value:?}").chars().take(2_000).collect::<String>();
    match default == strict {
        true => Ok(()),
        false => Err(format!("{what}\n  strict  {}\n  default {}", shown(strict), shown(default))),
    }
}
