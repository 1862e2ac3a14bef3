//! What JSON is, where it breaks, and where strings end.

use super::*;

fn read(text: &[u8]) -> Result<usize, JsonError> {
    let mut reader = Reader::new(text, 0);
    while reader.next()?.is_some() {}
    Ok(reader.position())
}

#[test]
fn what_json_is() {
    for good in [
        r#"{}"#,
        r#"[]"#,
        r#"{"a":[1,-2.5e+3,{"b":null}],"c":"\u00e9\n"}"#,
        "0",
        "\"x\"",
        " [ true , false ] ",
    ] {
        assert!(read(good.as_bytes()).is_ok(), "{good}");
    }
}

#[test]
fn where_json_breaks() {
    for (bad, offset) in [
        ("{", 1),
        ("{\"a\"}", 4),
        ("{\"a\":}", 5),
        ("[1,]", 3),
        ("{\"a\":1,}", 7),
        ("[1}", 2),
        ("01", 2),
        ("-", 1),
        ("1.", 2),
        ("\"a", 2),
        ("\"\\x\"", 1),
        ("\"\\u12g4\"", 1),
        ("tru", 3),
        ("nul}", 0),
        ("", 0),
    ] {
        // `01` is a zero with something after it, which is the caller's affair.
        match read(bad.as_bytes()) {
            Err(error) => assert_eq!(error.offset, offset, "{bad}"),
            Ok(end) => assert_eq!((bad, end), ("01", 1)),
        }
    }
}

#[test]
fn a_string_goes_on_to_the_byte_that_stops_it() {
    for (byte, stops) in [
        (b'"', true),
        (b'\\', true),
        (b'\n', true),
        (0, false),
        (b'\t', false),
        (0x1f, false),
        (b' ', false),
        (b'!', false),
        (b'#', false),
        (0x82, false),
        (0xa2, false),
        (0xff, false),
    ] {
        for (length, at) in (1..40).flat_map(|length| (0..length).map(move |at| (length, at))) {
            let mut text = vec![b'a'; length];
            text[at] = byte;
            let end = if stops { at } else { length };
            assert_eq!(plain_end(&text, 0), end, "{byte} at {at} of {length}");
            text.push(b'"');
            assert_eq!(plain_end(&text, 0), end, "{byte} at {at} of {length}, quote");
        }
    }
}

#[test]
fn depth_costs_a_bit_a_level() {
    let deep = [b'['; 100_000];
    let error = read(&deep).unwrap_err();
    assert_eq!((error.offset, error.fault), (100_000, Fault::CutOff));
}
