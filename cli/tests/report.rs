//! The page of `--format html` in a browser: it works without a network, is accessible, and runs nothing that a record
//! wrote.
//!
//! Chromium shows it; axe-core, which npm brings, looks for what keeps people out. What isn't there is skipped by name,
//! and missing in CI.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::path::{Path, PathBuf};
use std::process::Command;

use common::transcript::here;
use common::{Folder, tocsin};

/// A report about ordinary and hostile records.
fn report() -> String {
    let ran = tocsin()
        .args(["scan", "--quiet", "--format", "html", "--rules", "rules", "logs"])
        .current_dir(here("tests/transcripts/trail"))
        .output()
        .unwrap();
    String::from_utf8(ran.stdout).unwrap()
}

fn missing(what: &str) {
    assert!(std::env::var("CI").as_deref() != Ok("true"), "missing in CI: {what}");
    eprintln!("skipped: {what} isn't there");
}

/// A browser in the path.
fn chromium() -> Option<&'static str> {
    let found = ["chromium", "google-chrome", "chrome"].into_iter().find(|name| {
        Command::new(name).arg("--version").output().is_ok_and(|ran| ran.status.success())
    });
    if found.is_none() {
        missing("Chromium");
    }
    found
}

/// The page as it is when its scripts have run.
fn dom(browser: &str, folder: &Path, page: &str) -> String {
    let path = folder.join("page.html");
    std::fs::write(&path, page).unwrap();
    let ran = Command::new(browser)
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=20000"])
        .arg(format!("--user-data-dir={}", folder.join("profile").display()))
        .args(["--dump-dom", &format!("file://{}", path.display())])
        .output()
        .unwrap();
    String::from_utf8(ran.stdout).unwrap()
}

/// axe-core's script.
fn axe(folder: &Path) -> Option<String> {
    let kept = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("axe.min.js");
    if let Ok(text) = std::fs::read_to_string(&kept) {
        return Some(text);
    }
    let ran = Command::new("npm")
        .args(["install", "--silent", "--no-audit", "--no-fund", "axe-core@4"])
        .current_dir(folder)
        .output();
    let text = std::fs::read_to_string(folder.join("node_modules/axe-core/axe.min.js"));
    match (ran, text) {
        (Ok(_), Ok(text)) => {
            std::fs::write(kept, &text).unwrap();
            Some(text)
        }
        _ => {
            missing("npm, or a registry that has axe-core");
            None
        }
    }
}

/// The page with a script more, which its policy would forbid.
fn with_script(page: &str, script: &str) -> String {
    let begin = page.find("<meta http-equiv=\"Content-Security-Policy\"").unwrap();
    let end = begin + page[begin..].find('>').unwrap() + 1;
    let without = format!("{}{}", &page[..begin], &page[end..]);
    without.replace("</body>", &format!("<script>{script}</script></body>"))
}

#[test]
fn the_page_loads_nothing_and_holds_no_markup_of_a_record() {
    let page = report();
    for external in ["src=\"http", "@import", "url(", "<link", "<img", "<iframe", "fetch("] {
        assert!(!page.contains(external), "{external}");
    }
    assert!(page.contains("&lt;img src=x onerror=alert(1)&gt;"));
    assert_eq!(page.matches("<script>").count(), 1, "its own");
    assert!(!page.contains('\u{202e}') && !page.contains('\u{1b}'));
}

#[test]
fn its_script_runs_under_its_policy_and_no_other_does() {
    let Some(browser) = chromium() else { return };
    let folder = Folder::new();
    let page = report().replace("</body>", "<script>document.title = 'owned'</script></body>");
    let dom = dom(browser, folder.path(), &page);
    assert!(dom.contains("<button type=\"button\">Severity</button>"), "{dom}");
    assert!(dom.contains("<title>Tocsin: "), "a script that somebody wrote into it has run");
}

#[test]
fn rows_are_sorted_and_searched_for() {
    let Some(browser) = chromium() else { return };
    let folder = Folder::new();
    let script = r#"{
        const cells = (column) => [...document.querySelectorAll('#alerts tbody tr:not([hidden])')]
          .map((row) => row.cells[column].textContent);
        const said = [];
        const button = document.querySelectorAll('#alerts thead button')[1];
        button.click();
        said.push(cells(1)[0], button.closest('th').getAttribute('aria-sort'));
        button.click();
        said.push(cells(1)[0], button.closest('th').getAttribute('aria-sort'));
        const input = document.getElementById('filter');
        input.value = 'ROOT';
        input.dispatchEvent(new Event('input'));
        said.push(cells(3).join(), document.getElementById('shown').textContent);
        document.title = said.join('|');
    }"#;
    let dom = dom(browser, folder.path(), &with_script(&report(), script));
    let title = &dom[dom.find("<title>").unwrap() + 7..dom.find("</title>").unwrap()];
    assert_eq!(title, "low|ascending|critical|descending|root|1 of 18 shown");
}

#[test]
fn the_page_is_accessible() {
    let Some(browser) = chromium() else { return };
    let folder = Folder::new();
    let Some(axe) = axe(folder.path()) else { return };
    let script = format!(
        "{axe}\n{}",
        r#"
        axe.run(document).then((found) => {
          const text = found.violations.map((one) =>
            `${one.id}: ${one.help}: ${one.nodes.map((node) => node.html).slice(0, 3).join(' ')}`);
          document.documentElement.dataset.axe = `checked ${found.passes.length}`;
          document.body.textContent = 'VIOLATIONS ' + text.join('\n') + ' END';
        });
        "#
    );
    let dom = dom(browser, folder.path(), &with_script(&report(), &script));
    let checked = dom.contains("data-axe=\"checked ");
    assert!(checked, "axe has run");
    let found = &dom[dom.find("VIOLATIONS ").unwrap() + 11..dom.find(" END").unwrap()];
    assert_eq!(found, "");
}
