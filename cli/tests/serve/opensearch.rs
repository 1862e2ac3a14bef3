//! A real OpenSearch as a receiver of alerts, where Maven and Java are installed.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::clients::{Process, installed, missing};
use crate::server::{Server, folder, read_answer, record, request, tenant, token, wait_for};

/// A node over a folder: what it stored outlives it.
struct Node {
    address: SocketAddr,
    process: Process,
}

impl Node {
    fn start(class_path: &str, home: &Path, address: SocketAddr) -> Node {
        let source = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/serve/opensearch_node/OpenSearchNode.java");
        let mut command = Command::new("java");
        command
            .args(["-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", class_path])
            .args([&source, home])
            .arg(address.port().to_string());
        let log = home.with_extension("log");
        let node = Node { address, process: Process::start(&mut command, &log) };
        let begun = Instant::now();
        while node.get("/").is_none() {
            let said = || std::fs::read_to_string(&log).unwrap_or_default();
            assert!(begun.elapsed() < Duration::from_secs(120), "it doesn't start: {}", said());
            std::thread::sleep(Duration::from_millis(200));
        }
        node
    }

    /// The answer to a request, if there is one.
    fn get(&self, path: &str) -> Option<serde_json::Value> {
        let mut stream = TcpStream::connect(self.address).ok()?;
        std::io::Write::write_all(&mut stream, &request("GET", path, &[], b"")).ok()?;
        Some(read_answer(&mut stream)?.json())
    }

    /// How many documents there are.
    fn count(&self) -> u64 {
        self.get("/alerts/_refresh");
        let found = self.get("/alerts/_count").unwrap();
        found["count"].as_u64().unwrap_or(0)
    }

    fn kill(self) {
        self.process.kill();
    }
}

/// The class path of a node; Maven keeps the jars in its own folder.
fn class_path() -> Option<String> {
    installed("java")?;
    let maven = installed("mvn")?;
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("opensearch");
    std::fs::create_dir_all(&folder).unwrap();
    let (pom, out) = (folder.join("pom.xml"), folder.join("class-path"));
    std::fs::write(&pom, include_str!("opensearch_node/pom.xml")).unwrap();
    let mut command = Command::new(maven);
    command.args(["-q", "-B", "-ntp", "-f"]).arg(&pom).arg("dependency:build-classpath");
    command.arg(format!("-Dmdep.outputFile={}", out.display())).stdin(Stdio::null());
    // Who has no network has no jars; a download may break off once.
    let is_there = (0..2).any(|_| command.output().unwrap().status.success());
    is_there.then(|| std::fs::read_to_string(out).unwrap())
}

/// A record whose parameters are of another type in each, which no learnt mapping takes.
fn odd(number: usize) -> String {
    let parameters = ["\"text\"", "7", "{\"a\":{\"b\":[1,\"two\",null]}}", "[{\"a\":1},\"b\"]"];
    let more = format!(
        "{{\"x\":{},\"key{number}\":true,\"dotted.key.{number}\":{{}}}}",
        parameters[number % parameters.len()]
    );
    record(number).replace("\"awsRegion\"", &format!("\"requestParameters\":{more},\"awsRegion\""))
}

#[test]
fn opensearch_holds_each_alert_once() {
    let Some(class_path) = class_path() else { return missing("OpenSearch, by Maven and Java") };
    let (folder, token) = (folder(), token());
    let home = folder.path().join("opensearch");
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let node = Node::start(&class_path, &home, address);
    let configuration = format!(
        "[outbound]\nallow = [\"127.0.0.1\"]\n{}[tenants.a.outlets.siem]\ntype = \"bulk\"\nurl = \"http://{address}\"\n\
         index = \"alerts\"\ntemplate = \"opensearch\"\n",
        tenant("a", &token)
    );
    let server = Server::start(folder.path(), &configuration);
    let body = |numbers: std::ops::Range<usize>| -> String {
        numbers.map(|number| odd(number) + "\n").collect()
    };
    let send = |body: &str| server.post("/v1/records", &token, body.as_bytes()).json();
    // More records than a learnt mapping has room for fields.
    assert_eq!(send(&body(0..700))["alerts"], 1400);
    wait_for(|| (node.count() == 1400).then_some(()));
    let mapping = node.get("/alerts/_mapping").unwrap();
    let record = &mapping["alerts"]["mappings"]["properties"]["record"];
    assert_eq!(record["type"], "flat_object", "{mapping}");
    let query = "/alerts/_search?size=0&q=record.requestParameters.x:text";
    let found = node.get(query).unwrap();
    assert_eq!(found["hits"]["total"]["value"], 350, "what a record holds is found: {found}");

    // Its documents again, behind a new begin of the body, which is none that the server knows: no more documents.
    assert_eq!(send(&format!("\n{}", body(600..701)))["alerts"], 202);
    wait_for(|| (node.count() == 1402).then_some(()));

    // While it is away alerts wait.
    node.kill();
    assert_eq!(send(&body(701..800))["alerts"], 198);
    let node = Node::start(&class_path, &home, address);
    wait_for(|| (node.count() == 1600).then_some(()));
    let metrics = server.admin("GET", "/metrics");
    let dead = metrics.text().lines().filter(|line| line.contains("dead")).collect::<Vec<_>>();
    assert!(dead.iter().all(|line| line.starts_with('#') || line.ends_with(" 0")), "{dead:?}");
}
