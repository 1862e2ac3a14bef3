//! Protobuf's wire format, as far as OTLP needs it: the fields of a message, where they stand in the request.
//!
//! Nothing is copied and nothing recurs, so a request takes no more memory than its bytes, however it nests.

/// A field's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field<'b> {
    /// A number of up to 64 bits.
    Number(u64),
    /// A text, bytes, or a message.
    Bytes(&'b [u8]),
}

/// Bytes that are no message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WireError {
    /// A field reaches beyond the end of its message.
    #[error("a field ends beyond its message")]
    CutOff,
    /// A number of more than 64 bits.
    #[error("a number has more than 64 bits")]
    Number,
    /// A kind of field that doesn't exist, or is no longer used.
    #[error("field {0} is of no known kind")]
    WireType(u64),
}

/// The fields of a message, in the order in which they stand there. Ends behind the first error.
#[derive(Debug, Clone, Copy)]
pub struct Fields<'b>(&'b [u8]);

impl<'b> Fields<'b> {
    /// The fields of a message.
    pub fn of(message: &'b [u8]) -> Fields<'b> {
        Fields(message)
    }

    /// The next field of this number that holds bytes; what stands before it is passed over.
    pub fn next_bytes(&mut self, number: u64) -> Result<Option<&'b [u8]>, WireError> {
        for field in self.by_ref() {
            if let (found, Field::Bytes(bytes)) = field?
                && found == number
            {
                return Ok(Some(bytes));
            }
        }
        Ok(None)
    }

    fn varint(&mut self) -> Result<u64, WireError> {
        let mut number = 0_u64;
        for shift in (0..64).step_by(7) {
            let (first, rest) = self.0.split_first().ok_or(WireError::CutOff)?;
            self.0 = rest;
            let bits = u64::from(first & 0x7f);
            if shift == 63 && bits > 1 {
                return Err(WireError::Number);
            }
            number |= bits << shift;
            if first & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err(WireError::Number)
    }

    fn take(&mut self, length: u64) -> Result<&'b [u8], WireError> {
        let length = usize::try_from(length).map_err(|_| WireError::CutOff)?;
        let (taken, rest) = self.0.split_at_checked(length).ok_or(WireError::CutOff)?;
        self.0 = rest;
        Ok(taken)
    }

    fn field(&mut self) -> Result<(u64, Field<'b>), WireError> {
        let key = self.varint()?;
        let number = key >> 3;
        let value = match key & 7 {
            0 => Field::Number(self.varint()?),
            1 => Field::Number(little_endian(self.take(8)?)),
            2 => {
                let length = self.varint()?;
                Field::Bytes(self.take(length)?)
            }
            5 => Field::Number(little_endian(self.take(4)?)),
            _ => return Err(WireError::WireType(number)),
        };
        match number {
            0 => Err(WireError::WireType(0)),
            _ => Ok((number, value)),
        }
    }
}

impl<'b> Iterator for Fields<'b> {
    type Item = Result<(u64, Field<'b>), WireError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let field = self.field();
        if field.is_err() {
            self.0 = &[];
        }
        Some(field)
    }
}

fn little_endian(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_field_is_read() {
        let message =
            [&b"\x08\xac\x02"[..], b"\x12\x02hi", b"\x19\x01\0\0\0\0\0\0\x80", b"\x25\x07\0\0\0"]
                .concat();
        let fields: Vec<_> = Fields::of(&message).map(Result::unwrap).collect();
        assert_eq!(
            fields,
            [
                (1, Field::Number(300)),
                (2, Field::Bytes(b"hi")),
                (3, Field::Number(1 << 63 | 1)),
                (4, Field::Number(7)),
            ]
        );
    }

    #[test]
    fn what_is_no_message_is_an_error_and_the_end() {
        for (bytes, expected) in [
            (&b"\x12\x05hi"[..], WireError::CutOff),
            (b"\x08", WireError::CutOff),
            (b"\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", WireError::Number),
            (b"\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", WireError::Number),
            (b"\x0b", WireError::WireType(1)),
            (b"\x02\x00", WireError::WireType(0)),
            (b"\x12\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", WireError::CutOff),
        ] {
            let fields: Vec<_> = Fields::of(bytes).collect();
            assert_eq!(fields, [Err(expected)], "{bytes:?}");
        }
    }
}
