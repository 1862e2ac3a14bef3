//! What a driver is asked and what it replies; `drivers/README.md` says it for those who write one.

use super::Answer;

/// A call on a driver.
#[derive(Debug)]
pub(super) enum Request<'a> {
    /// Compile a module; the reply's status is its number.
    Load {
        module: &'a [u8],
    },
    /// Start an instance of a module; the reply's status is its number.
    Start {
        module: u32,
    },
    /// The instance isn't needed any more.
    End {
        instance: u32,
    },
    /// The calls of `docs/abi.md`.
    Describe {
        instance: u32,
    },
    Configure {
        instance: u32,
        document: &'a [u8],
    },
    Detect {
        instance: u32,
        batch: &'a [u8],
    },
    Explain {
        instance: u32,
        rule: &'a str,
        batch: &'a [u8],
    },
    Ask {
        instance: u32,
        export: &'a str,
        argument: &'a [u8],
    },
}

impl Request<'_> {
    pub(super) fn write(&self) -> Vec<u8> {
        let (kind, number, first, second): (u8, u32, &[u8], &[u8]) = match self {
            Request::Load { module } => (b'l', 0, module, &[]),
            Request::Start { module } => (b's', *module, &[], &[]),
            Request::End { instance } => (b'e', *instance, &[], &[]),
            Request::Describe { instance } => (b'd', *instance, &[], &[]),
            Request::Configure { instance, document } => (b'c', *instance, document, &[]),
            Request::Detect { instance, batch } => (b'j', *instance, batch, &[]),
            Request::Explain { instance, rule, batch } => (b'x', *instance, rule.as_bytes(), batch),
            Request::Ask { instance, export, argument } => {
                (b'o', *instance, export.as_bytes(), argument)
            }
        };
        let mut bytes = vec![kind];
        bytes.extend(number.to_le_bytes());
        bytes.extend((first.len() as u32).to_le_bytes());
        bytes.extend(first);
        bytes.extend(second);
        bytes
    }

    /// Reads what [`Request::write`] has written.
    #[cfg(feature = "wamr")]
    pub(super) fn read(bytes: &[u8]) -> Result<Request<'_>, String> {
        let (kind, rest) = bytes.split_first().ok_or("an empty request")?;
        let (number, rest) = integer(rest)?;
        let (size, rest) = integer(rest)?;
        let (first, second) = rest.split_at_checked(size as usize).ok_or("a short request")?;
        let name = || std::str::from_utf8(first).map_err(|error| error.to_string());
        Ok(match kind {
            b'l' => Request::Load { module: first },
            b's' => Request::Start { module: number },
            b'e' => Request::End { instance: number },
            b'd' => Request::Describe { instance: number },
            b'c' => Request::Configure { instance: number, document: first },
            b'j' => Request::Detect { instance: number, batch: first },
            b'x' => Request::Explain { instance: number, rule: name()?, batch: second },
            b'o' => Request::Ask { instance: number, export: name()?, argument: second },
            other => return Err(format!("no request begins with {other}")),
        })
    }
}

/// What a driver says to a request: an answer, or in words why there is none.
pub(super) struct Reply(pub(super) Result<Answer, String>);

impl Reply {
    pub(super) fn read(bytes: &[u8]) -> Result<Reply, String> {
        let (failed, rest) = bytes.split_first().ok_or("the driver's reply is empty")?;
        let (status, rest) = integer(rest)?;
        let (count, text) = integer(rest)?;
        Ok(Reply(match failed {
            0 => Ok(Answer { status, count, text: text.to_vec() }),
            _ => Err(String::from_utf8_lossy(text).into_owned()),
        }))
    }

    #[cfg(feature = "wamr")]
    pub(super) fn write(&self) -> Vec<u8> {
        let (failed, status, count, text) = match &self.0 {
            Ok(answer) => (0, answer.status, answer.count, &*answer.text),
            Err(reason) => (1, 0, 0, reason.as_bytes()),
        };
        let mut bytes = vec![failed];
        bytes.extend(status.to_le_bytes());
        bytes.extend(count.to_le_bytes());
        bytes.extend(text);
        bytes
    }
}

fn integer(bytes: &[u8]) -> Result<(u32, &[u8]), String> {
    let (integer, rest) = bytes.split_first_chunk::<4>().ok_or("a message is cut off")?;
    Ok((u32::from_le_bytes(*integer), rest))
}
