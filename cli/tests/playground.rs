//! `tocsin playground` as far as it goes without a browser: its files, its server, and a build without the page.
//! What the page does is tested in `playground/test`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Stdio};

use common::{Folder, tocsin};

/// A server that ends with its test.
struct Served {
    child: Child,
    address: String,
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The server, if this build has the page; else checks that the command says how to get it.
fn serve(arguments: &[&str]) -> Option<Served> {
    let mut child = tocsin()
        .args(["playground", "--port", "0"])
        .args(arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    if let Some(address) = line.trim().strip_prefix("http://") {
        return Some(Served { child, address: address.trim_end_matches('/').to_owned() });
    }
    let output = child.wait_with_output().unwrap();
    let problem = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{problem}");
    assert!(problem.contains("npm --prefix playground run build"), "{problem}");
    assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "missing in CI: the playground's page");
    println!("skipped: this build has no page");
    None
}

/// An answer's head and body.
fn request(served: &Served, line: &str, host: &str) -> (String, Vec<u8>) {
    let mut stream = TcpStream::connect(&served.address).unwrap();
    write!(stream, "{line} HTTP/1.1\r\nHost: {host}\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let end = answer.windows(4).position(|end| end == b"\r\n\r\n").unwrap();
    let body = answer.split_off(end + 4);
    (String::from_utf8(answer).unwrap(), body)
}

#[test]
fn the_page_is_served_with_its_policy_and_the_commands_own_module() {
    let Some(served) = serve(&[]) else { return };
    let (head, page) = request(&served, "GET /", &served.address);
    assert!(head.starts_with("HTTP/1.1 200 OK\r\nContent-Type: text/html"), "{head}");
    assert!(String::from_utf8(page).unwrap().contains("<title>Tocsin playground</title>"));
    for header in [
        "Content-Security-Policy: default-src 'none'; script-src 'self' 'wasm-unsafe-eval';",
        "X-Content-Type-Options: nosniff",
        "Referrer-Policy: no-referrer",
        "Cache-Control: no-cache",
    ] {
        assert!(head.contains(header), "{header} in {head}");
    }
    let (head, module) = request(&served, "GET /tocsin.wasm?again", &served.address);
    assert!(head.contains("Content-Type: application/wasm"), "{head}");
    assert_eq!(module, tocsin_host::EMBEDDED_MODULE);
    assert!(request(&served, "HEAD /", &served.address).1.is_empty());
}

#[test]
fn only_this_machines_names_are_answered_and_only_files_of_the_page() {
    let Some(served) = serve(&[]) else { return };
    let own = served.address.as_str();
    for (line, host, status) in [
        ("GET /", "rebound.example", "421"),
        ("GET /", "127.0.0.1:1", "421"),
        ("GET /../Cargo.toml", own, "404"),
        ("GET /etc/passwd", own, "404"),
        ("POST /", own, "405"),
    ] {
        let (head, body) = request(&served, line, host);
        assert!(head.starts_with(&format!("HTTP/1.1 {status} ")), "{line} {host}: {head}");
        assert!(body.is_empty());
    }
}

#[test]
fn the_modules_are_written_without_the_page() {
    let folder = Folder::new();
    let out = folder.path().join("modules");
    assert!(tocsin().args(["playground", "--modules"]).arg(&out).status().unwrap().success());
    assert_eq!(std::fs::read(out.join("tocsin.wasm")).unwrap(), tocsin_host::EMBEDDED_MODULE);
    assert_eq!(std::fs::read(out.join("rewrite.wasm")).unwrap(), tocsin_host::REWRITE_MODULE);
}

#[test]
fn a_module_that_isnt_one_is_refused() {
    let folder = Folder::new();
    let file = folder.file("module.wasm", b"[rule]\n");
    let output = tocsin().args(["playground", "--module"]).arg(&file).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("not a WebAssembly module"));
}
