//! A body as it comes in, no more of it than allowed and no slower; or thrown away, up to a bound.

use std::time::Duration;

use http_body_util::BodyExt;
use hyper::body::{Body, Incoming};

use crate::in_flight::{NoRoom, Room};

/// What is still read of a body that was refused: a sender that finds its connection reset never sees why.
const MOST_THROWN_AWAY: u64 = 4 << 20;
const LONGEST_THROWN_AWAY: Duration = Duration::from_secs(5);

/// Why there is no body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BodyError {
    /// It has more bytes than allowed.
    TooLarge,
    /// The tenant or the whole host holds as many bytes as it may.
    NoRoom(NoRoom),
    /// It came too slowly.
    Slow,
    /// The sender has gone.
    Gone,
}

/// Reads a body. Room is taken as its bytes come in: a client that only announces many takes none.
pub async fn read(
    mut body: Incoming,
    length: Option<u64>,
    most: usize,
    timeout: Duration,
    room: &mut Room,
) -> Result<Vec<u8>, (BodyError, Option<Incoming>)> {
    if length.is_some_and(|length| length > most as u64) {
        return Err((BodyError::TooLarge, Some(body)));
    }
    if let Err(error) = room.fits(length.unwrap_or(0)) {
        return Err((BodyError::NoRoom(error), Some(body)));
    }
    let mut bytes =
        Vec::with_capacity(usize::try_from(length.unwrap_or(0)).unwrap_or(0).min(1 << 20));
    let read = async {
        while let Some(frame) = body.frame().await {
            let Ok(frame) = frame else { return Err(BodyError::Gone) };
            let Some(data) = frame.data_ref() else { continue };
            if bytes.len() + data.len() > most {
                return Err(BodyError::TooLarge);
            }
            room.grow(data.len() as u64).map_err(BodyError::NoRoom)?;
            bytes.extend_from_slice(data);
        }
        Ok(())
    };
    match tokio::time::timeout(timeout, read).await {
        Ok(Ok(())) => Ok(bytes),
        Ok(Err(BodyError::Gone)) => Err((BodyError::Gone, None)),
        Ok(Err(error)) => Err((error, Some(body))),
        Err(_) => Err((BodyError::Slow, None)),
    }
}

/// Reads on and throws away. Says whether the connection can be used again.
pub async fn throw_away(mut body: Incoming) -> bool {
    if body.is_end_stream() {
        return true;
    }
    let mut thrown = 0;
    let read = async {
        while let Some(frame) = body.frame().await {
            let Ok(frame) = frame else { return false };
            thrown += frame.data_ref().map_or(0, |data| data.len() as u64);
            if thrown > MOST_THROWN_AWAY {
                return false;
            }
        }
        true
    };
    tokio::time::timeout(LONGEST_THROWN_AWAY, read).await.unwrap_or(false)
}
