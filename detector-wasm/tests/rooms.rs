//! In: the detector's source and the pages about it. Out: whether the rooms keep to what the pages promise.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The rooms, each before those that may know it.
const ROOMS: [&str; 16] = [
    "pattern",
    "sort",
    "record",
    "event",
    "source",
    "query",
    "rule",
    "prefilter",
    "alert",
    "place",
    "explain",
    "reading",
    "coverage",
    "detect",
    "rule_test",
    "abi",
];

/// Imports of a later room, by file, that are known.
const KNOWN: [(&str, &str); 1] = [("record/frame.rs", "source")];

/// Words of AWS that stand in one folder alone.
const AWS: [&str; 20] = [
    "aws",
    "amazon",
    "cloudtrail",
    "\"eventname",
    "eventsource",
    "eventtime",
    "\"eventid",
    "eventversion",
    "useridentity",
    "requestparameters",
    "responseelements",
    "recipientaccountid",
    "sourceipaddress",
    "\"useragent\"",
    "errorcode",
    "\"records\"",
    "logevents",
    "managementevent",
    "tlsdetails",
    "additionaleventdata",
];

/// Files outside that folder whose text names AWS: the crate's page with its example, and the rules that
/// are embedded.
const MAY_NAME_AWS: [&str; 2] = ["lib.rs", "rule/embedded.rs"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// The files of the detector by their name below `src`, tests left out, and their text without tests.
fn sources() -> Vec<(String, String)> {
    let src = root().join("detector-wasm/src");
    let mut found = Vec::new();
    files(&src, &mut found);
    found.sort();
    let named = found.into_iter().map(|path| {
        let name = path.strip_prefix(&src).unwrap().to_str().unwrap().replace('\\', "/");
        let text = fs::read_to_string(&path).unwrap();
        let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default().to_owned();
        (name, code)
    });
    let is_test = |name: &str| {
        name.ends_with("tests.rs") || name.contains("tests/") || name.ends_with("docs_check.rs")
    };
    named.filter(|(name, _)| !is_test(name)).collect()
}

#[test]
fn only_the_folder_of_cloudtrail_names_aws() {
    let mut named = Vec::new();
    for (name, code) in sources() {
        if name.starts_with("source/cloudtrail/") || MAY_NAME_AWS.contains(&name.as_str()) {
            continue;
        }
        for (number, line) in code.lines().enumerate() {
            let line = line.to_lowercase();
            // The name of the folder itself is no key of a record.
            if name == "source/mod.rs" && line.contains("cloudtrail") {
                continue;
            }
            if let Some(word) = AWS.iter().find(|word| line.contains(**word)) {
                named.push(format!("{name}:{}: {word}", number + 1));
            }
        }
    }
    assert!(named.is_empty(), "move it to source/cloudtrail:\n{}", named.join("\n"));
}

#[test]
fn no_room_imports_a_later_one() {
    let place = |room: &str| ROOMS.iter().position(|known| *known == room);
    let mut wrong = Vec::new();
    let mut rooms = BTreeSet::new();
    for (name, code) in sources() {
        let room = name.split(['/', '.']).next().unwrap_or_default();
        let Some(own) = place(room) else { continue };
        rooms.insert(room.to_owned());
        for piece in code.split("crate::").skip(1) {
            let other = piece.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap();
            let known = KNOWN.contains(&(name.as_str(), other));
            if place(other).is_some_and(|other| other > own) && !known {
                wrong.push(format!("{name} imports {other}"));
            }
        }
    }
    assert_eq!(rooms.len(), ROOMS.len(), "a room is gone or renamed: {rooms:?}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_language_knows_another_and_what_they_share_knows_none() {
    let languages = ["kql", "logpresso", "sigma"];
    // The questions of all languages stand in one list; the room's own page names its modules.
    let may_name_them = ["query/test.rs", "query/mod.rs"];
    let mut wrong = Vec::new();
    for (name, code) in sources() {
        let Some(inside) = name.strip_prefix("query/") else { continue };
        let own = inside.split('/').next().unwrap_or_default();
        for language in languages.into_iter().filter(|language| *language != own) {
            let named = ["query::", "super::"].map(|from| format!("{from}{language}::"));
            let names = named.iter().any(|named| code.contains(named));
            if names && !may_name_them.contains(&name.as_str()) {
                wrong.push(format!("{name} knows {language}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The file that the modules of a path lead to, and the items that are left of it.
fn resolve(path: &str) -> Option<(PathBuf, Vec<String>)> {
    let mut parts = path.split("::");
    let mut folder = root().join(parts.next()?).join("src");
    let mut file = [folder.join("lib.rs"), folder.join("main.rs")].into_iter().find(|f| f.exists());
    let mut items = Vec::new();
    for part in parts {
        let (module, inside) =
            (folder.join(format!("{part}.rs")), folder.join(part).join("mod.rs"));
        if items.is_empty() && (module.exists() || inside.exists()) {
            file = Some(if module.exists() { module } else { inside });
            folder = folder.join(part);
        } else {
            items.push(part.to_owned());
        }
    }
    Some((file?, items))
}

/// Whether a file defines an item.
fn defines(text: &str, item: &str) -> bool {
    let kinds = ["fn", "struct", "enum", "trait", "type", "static", "const"];
    kinds.iter().any(|kind| {
        let begins = format!("{kind} {item}");
        text.match_indices(&begins).any(|(at, _)| {
            text[at + begins.len()..].starts_with(|c: char| !c.is_alphanumeric() && c != '_')
        })
    })
}

#[test]
fn every_path_of_the_architecture_page_exists() {
    let page = fs::read_to_string(root().join("docs/architecture.md")).unwrap();
    let crates = ["detector-wasm", "boundary", "wire", "host", "cli"];
    let mut checked = 0;
    let mut wrong = Vec::new();
    for code in page.split('`').skip(1).step_by(2) {
        let first = code.split([':', '/']).next().unwrap_or_default();
        if !crates.contains(&first) || code.contains(' ') {
            continue;
        }
        checked += 1;
        let exists = if code.contains("::") {
            resolve(code).is_some_and(|(file, items)| {
                let text = fs::read_to_string(file).unwrap();
                items.iter().all(|item| defines(&text, item))
            })
        } else {
            root().join(code).exists()
        };
        if !exists {
            wrong.push(code);
        }
    }
    assert!(checked > 30, "the page names its paths: {checked}");
    assert!(wrong.is_empty(), "docs/architecture.md names what isn't there: {wrong:?}");
}
