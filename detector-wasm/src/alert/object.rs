//! In: keys and values. Out: a JSON object. Objects and values that hold nothing are left out.

use std::fmt::Display;

use crate::record::write;

/// An object that is being written.
pub(super) struct Object<'o> {
    out: &'o mut Vec<u8>,
    empty: bool,
}

impl<'o> Object<'o> {
    /// Begins an object.
    pub(super) fn open(out: &'o mut Vec<u8>) -> Object<'o> {
        out.push(b'{');
        Object { out, empty: true }
    }

    /// Ends it.
    pub(super) fn close(self) {
        self.out.push(b'}');
    }

    /// Appends a key; the caller appends its value to what this returns.
    #[inline]
    pub(super) fn key(&mut self, key: &str) -> &mut Vec<u8> {
        if !self.empty {
            self.out.push(b',');
        }
        self.empty = false;
        write::text(key, self.out);
        self.out.push(b':');
        self.out
    }

    /// A text.
    #[inline]
    pub(super) fn text(&mut self, key: &str, value: &str) {
        write::text(value, self.key(key));
    }

    /// A text, if there is one and it isn't empty.
    pub(super) fn some(&mut self, key: &str, value: Option<impl AsRef<str>>) {
        if let Some(value) = value.as_ref().map(AsRef::as_ref).filter(|value| !value.is_empty()) {
            self.text(key, value);
        }
    }

    /// A number or a truth value.
    pub(super) fn plain(&mut self, key: &str, value: impl Display) {
        self.key(key).extend_from_slice(value.to_string().as_bytes());
    }

    /// A list of texts.
    pub(super) fn texts(&mut self, key: &str, texts: &[String]) {
        write::list(texts, self.key(key), |text, out| write::text(text, out));
    }

    /// An object, unless it gets no members.
    pub(super) fn object(&mut self, key: &str, fill: impl FnOnce(&mut Object<'_>)) {
        self.container(key, b"{", b"}", fill);
    }

    /// A list of one object, unless that gets no members.
    pub(super) fn list_of_one(&mut self, key: &str, fill: impl FnOnce(&mut Object<'_>)) {
        self.container(key, b"[{", b"}]", fill);
    }

    /// A list of objects, one for each item; those that get no members are left out, and so is the
    /// list if none remains.
    pub(super) fn objects<T>(
        &mut self,
        key: &str,
        items: impl IntoIterator<Item = T>,
        mut fill: impl FnMut(T, &mut Object<'_>),
    ) {
        let (start, empty) = (self.out.len(), self.empty);
        let out = self.key(key);
        let first = out.len();
        for item in items {
            let before = out.len();
            out.extend_from_slice(if before == first { b"[{" } else { b",{" });
            let mut object = Object { out, empty: true };
            fill(item, &mut object);
            if object.empty {
                out.truncate(before);
            } else {
                out.push(b'}');
            }
        }
        if out.len() == first {
            out.truncate(start);
            self.empty = empty;
        } else {
            out.push(b']');
        }
    }

    /// Members that have been written already, without the braces around them.
    pub(super) fn members(&mut self, members: &[u8]) {
        if members.is_empty() {
            return;
        }
        if !self.empty {
            self.out.push(b',');
        }
        self.empty = false;
        self.out.extend_from_slice(members);
    }

    fn container(
        &mut self,
        key: &str,
        open: &[u8],
        close: &[u8],
        fill: impl FnOnce(&mut Object<'_>),
    ) {
        let (start, empty) = (self.out.len(), self.empty);
        let out = self.key(key);
        out.extend_from_slice(open);
        let mut object = Object { out, empty: true };
        fill(&mut object);
        if object.empty {
            self.out.truncate(start);
            self.empty = empty;
        } else {
            self.out.extend_from_slice(close);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Object;

    #[test]
    fn what_holds_nothing_is_left_out() {
        let mut out = Vec::new();
        let mut object = Object::open(&mut out);
        object.object("none", |none| none.object("deeper", |_| {}));
        object.some("empty", Some(""));
        object.objects("list", [0, 1, 2], |item, one| {
            if item != 1 {
                one.plain("n", item);
            }
        });
        object.objects("no list", [0], |_, _| {});
        object.list_of_one("one", |one| one.text("t", "\""));
        object.members(b"");
        object.members(b"\"m\":1");
        object.plain("p", true);
        object.close();
        let expected = r#"{"list":[{"n":0},{"n":2}],"one":[{"t":"\""}],"m":1,"p":true}"#;
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }
}
