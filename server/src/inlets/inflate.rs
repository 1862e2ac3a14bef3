//! A body as it was sent in, the bytes that its sender compressed out, never more than a limit.
//!
//! What a body is compressed with says its header; where that says nothing, its first bytes do: there are
//! shippers that compress and don't say so.

use std::io::Read;

/// Why a body can't be inflated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InflateError {
    /// It is larger than what the tenant may send.
    #[error("the body has more than {limit} bytes after inflating")]
    TooLarge {
        /// The bytes allowed.
        limit: usize,
    },
    /// It isn't what its header says, or it is cut off.
    #[error("the body isn't {encoding}: {reason}")]
    Broken {
        /// The name of the encoding.
        encoding: &'static str,
        /// The decoder's message.
        reason: String,
    },
    /// An encoding that isn't supported.
    #[error("the Content-Encoding `{0}` isn't read here; gzip, zstd, deflate and snappy are")]
    Unknown(String),
}

const GZIP: [u8; 2] = [0x1f, 0x8b];
const ZSTD: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
/// How a stream of snappy frames begins; blocks have no such mark.
const SNAPPY_FRAMES: [u8; 10] = *b"\xff\x06\x00\x00sNaPpY";

/// Encodings one around another that are taken off; no shipper applies more than one.
const MOST_LAYERS: usize = 2;

/// Inflates a body. `encoding` is the value of its header `Content-Encoding`, if it has one.
///
/// # Errors
/// [`InflateError`] says what is wrong with it.
pub fn inflate(
    body: Vec<u8>,
    encoding: Option<&str>,
    limit: usize,
) -> Result<Vec<u8>, InflateError> {
    let named = encoding.unwrap_or_default().split(',').map(str::trim);
    let named: Vec<String> = named
        .map(str::to_ascii_lowercase)
        .filter(|name| !name.is_empty() && name != "identity")
        .collect();
    if named.len() > MOST_LAYERS {
        return Err(InflateError::Unknown(encoding.unwrap_or_default().to_owned()));
    }
    if body.is_empty() {
        return Ok(body);
    }
    let mut body = body;
    if named.is_empty() {
        let inflated = match body.as_slice() {
            bytes if bytes.starts_with(&GZIP) => Some(gzip(bytes, limit)),
            bytes if bytes.starts_with(&ZSTD) => Some(zstd(bytes, limit)),
            _ => None,
        };
        body = match inflated {
            Some(Ok(inflated)) => inflated,
            // Nobody has said that it is compressed: a log's writer who begins a line so must not have the whole
            // body refused, which some shippers repeat for ever.
            Some(Err(InflateError::Broken { .. })) | None => body,
            Some(Err(error)) => return Err(error),
        };
    }
    // The last one was applied last.
    for name in named.iter().rev() {
        body = match name.as_str() {
            "gzip" | "x-gzip" => gzip(&body, limit)?,
            "zstd" => zstd(&body, limit)?,
            "deflate" | "zlib" => deflate(&body, limit)?,
            "snappy" | "x-snappy-framed" => snappy(&body, limit)?,
            _ => return Err(InflateError::Unknown(name.clone())),
        };
    }
    match body.len() > limit {
        true => Err(InflateError::TooLarge { limit }),
        false => Ok(body),
    }
}

/// All members of a gzip file, if that is what the bytes are, and of what is cut off or has something else behind it
/// what there is.
pub fn gunzip_what_there_is(bytes: Vec<u8>, limit: usize) -> Result<Vec<u8>, InflateError> {
    if !bytes.starts_with(&GZIP) {
        return Ok(bytes);
    }
    let decoder = flate2::bufread::MultiGzDecoder::new(bytes.as_slice());
    match read_until_broken("gzip", decoder, bytes.len(), limit)? {
        (inflated, Some(broken)) if inflated.is_empty() => Err(broken),
        (inflated, _) => Ok(inflated),
    }
}

fn gzip(bytes: &[u8], limit: usize) -> Result<Vec<u8>, InflateError> {
    read("gzip", flate2::bufread::MultiGzDecoder::new(bytes), bytes.len(), limit)
}

fn zstd(bytes: &[u8], limit: usize) -> Result<Vec<u8>, InflateError> {
    let broken = |error: std::io::Error| InflateError::Broken {
        encoding: "zstd",
        reason: error.to_string(),
    };
    let mut decoder = zstd::stream::read::Decoder::with_buffer(bytes).map_err(broken)?;
    // A window is memory that the sender chooses: 8 MiB are what every decoder must have.
    decoder.window_log_max(27).map_err(broken)?;
    read("zstd", decoder, bytes.len(), limit)
}

/// Two formats have this name, and both are sent: with zlib's header, and without.
fn deflate(bytes: &[u8], limit: usize) -> Result<Vec<u8>, InflateError> {
    let has_header = match bytes {
        [method, flags, ..] => {
            method & 0x0f == 8 && u16::from_be_bytes([*method, *flags]).is_multiple_of(31)
        }
        _ => false,
    };
    if has_header {
        read("deflate", flate2::bufread::ZlibDecoder::new(bytes), bytes.len(), limit)
    } else {
        read("deflate", flate2::bufread::DeflateDecoder::new(bytes), bytes.len(), limit)
    }
}

fn snappy(bytes: &[u8], limit: usize) -> Result<Vec<u8>, InflateError> {
    if bytes.starts_with(&SNAPPY_FRAMES) {
        return read("snappy", snap::read::FrameDecoder::new(bytes), bytes.len(), limit);
    }
    let broken =
        |error: snap::Error| InflateError::Broken { encoding: "snappy", reason: error.to_string() };
    // A block says its size itself; it is asked before so much is reserved.
    if snap::raw::decompress_len(bytes).map_err(broken)? > limit {
        return Err(InflateError::TooLarge { limit });
    }
    snap::raw::Decoder::new().decompress_vec(bytes).map_err(broken)
}

fn read(
    encoding: &'static str,
    reader: impl Read,
    size: usize,
    limit: usize,
) -> Result<Vec<u8>, InflateError> {
    match read_until_broken(encoding, reader, size, limit)? {
        (_, Some(broken)) => Err(broken),
        (inflated, None) => Ok(inflated),
    }
}

/// Whatever can be inflated, and what is wrong with the rest if something is.
fn read_until_broken(
    encoding: &'static str,
    reader: impl Read,
    size: usize,
    limit: usize,
) -> Result<(Vec<u8>, Option<InflateError>), InflateError> {
    let mut inflated = Vec::with_capacity(size.saturating_mul(4).min(limit).min(1 << 20));
    // One byte more than allowed shows what is too large.
    let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    let read = reader.take(most).read_to_end(&mut inflated);
    if inflated.len() > limit {
        return Err(InflateError::TooLarge { limit });
    }
    let broken =
        |error: std::io::Error| InflateError::Broken { encoding, reason: error.to_string() };
    Ok((inflated, read.err().map(broken)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    const TEXT: &[u8] = b"{\"eventName\":\"StopLogging\"}\n{\"eventName\":\"StopLogging\"}\n";

    fn gz(text: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    fn samples() -> Vec<(&'static str, Vec<u8>)> {
        let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
        zlib.write_all(TEXT).unwrap();
        let mut raw = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
        raw.write_all(TEXT).unwrap();
        let mut frames = snap::write::FrameEncoder::new(Vec::new());
        frames.write_all(TEXT).unwrap();
        vec![
            ("gzip", gz(TEXT)),
            ("gzip", [gz(&TEXT[..20]), gz(&TEXT[20..])].concat()),
            ("zstd", zstd::encode_all(TEXT, 1).unwrap()),
            ("deflate", zlib.finish().unwrap()),
            ("deflate", raw.finish().unwrap()),
            ("snappy", frames.into_inner().unwrap()),
            ("snappy", snap::raw::Encoder::new().compress_vec(TEXT).unwrap()),
            ("identity", TEXT.to_vec()),
            ("", TEXT.to_vec()),
        ]
    }

    #[test]
    fn every_encoding_is_read_and_none_beyond_the_limit() {
        for (name, sent) in samples() {
            assert_eq!(inflate(sent.clone(), Some(name), TEXT.len()).unwrap(), TEXT, "{name}");
            let too_large = inflate(sent, Some(name), TEXT.len() - 1).unwrap_err();
            assert_eq!(too_large, InflateError::TooLarge { limit: TEXT.len() - 1 }, "{name}");
        }
    }

    #[test]
    fn what_no_header_names_is_known_by_its_first_bytes() {
        assert_eq!(inflate(gz(TEXT), None, 1000).unwrap(), TEXT);
        assert_eq!(inflate(zstd::encode_all(TEXT, 1).unwrap(), None, 1000).unwrap(), TEXT);
    }

    #[test]
    fn what_is_cut_off_is_an_error_and_what_is_empty_is_not() {
        for (name, sent) in samples().into_iter().filter(|(name, _)| name.len() > 1) {
            let cut = sent[..sent.len() - 5].to_vec();
            let inflated = inflate(cut, Some(name), 1000);
            assert!(name == "identity" || inflated.is_err(), "{name}: {inflated:?}");
            assert_eq!(inflate(Vec::new(), Some(name), 1000).unwrap(), b"");
        }
        for line in [&b"\x1f\x8b\n{}"[..], b"\x28\xb5\x2f\xfd\n{}"] {
            assert_eq!(inflate(line.to_vec(), None, 1000).unwrap(), line);
        }
        assert_eq!(inflate(gz(b""), None, 1000).unwrap(), b"");
        assert!(matches!(inflate(gz(TEXT), Some("br"), 1000), Err(InflateError::Unknown(_))));
    }

    #[test]
    fn a_bomb_takes_no_more_memory_than_the_limit() {
        let bomb = gz(&vec![b' '; 50 << 20]);
        assert!(bomb.len() < 1 << 20);
        assert!(matches!(inflate(bomb, None, 1 << 20), Err(InflateError::TooLarge { .. })));
    }
}
