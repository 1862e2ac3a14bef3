//! Keys as a module describes them, for the tests.

use std::borrow::Cow::Borrowed;

use tocsin_wire::RecordKeys;

pub(crate) static KEYS: RecordKeys = RecordKeys {
    usual: Borrowed(r#"{"eventVersion":"1."#),
    records: Borrowed(&[Borrowed("eventVersion"), Borrowed("eventName")]),
    lists: Borrowed(&[Borrowed("Records"), Borrowed("logEvents"), Borrowed("Events")]),
    lists_of_large: Borrowed(&[]),
    texts: Borrowed(&[Borrowed("message"), Borrowed("log")]),
    beside: Borrowed(&[Borrowed("event"), Borrowed("detail")]),
    foreign: Borrowed(&[
        (Borrowed("eventVersion"), Borrowed("2.")),
        (Borrowed("eventName"), Borrowed("Object")),
        (Borrowed("eventSource"), Borrowed("aws:")),
    ]),
};
