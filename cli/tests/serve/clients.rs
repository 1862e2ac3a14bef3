//! Real senders of others against the server, where they are installed.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::server::{Server, Token, folder, record, tenant, token};

/// A process that ends with its test.
pub struct Process(Child);

impl Process {
    pub fn start(command: &mut Command, log: &Path) -> Process {
        let log = std::fs::File::create(log).unwrap();
        let errors = log.try_clone().unwrap();
        Process(command.stdin(Stdio::null()).stdout(log).stderr(errors).spawn().unwrap())
    }

    pub fn kill(mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Says what is missing; in CI that is a failure.
pub fn missing(what: &str) {
    assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "missing in CI: {what}");
    eprintln!("skipped: {what} isn't here");
}

/// The path of an installed program.
pub fn installed(name: &str) -> Option<PathBuf> {
    let mut places: Vec<PathBuf> =
        std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()).collect();
    places.push("/usr/sbin".into());
    places.into_iter().map(|place| place.join(name)).find(|path| path.is_file())
}

/// The numbers of the records that alerts hold, once there are as many alerts.
fn numbers(server: &Server, alerts: usize) -> BTreeSet<usize> {
    let of = |alert: &String| {
        let alert: serde_json::Value = serde_json::from_str(alert).unwrap();
        let id = alert["event"]["eventID"].as_str().unwrap().to_owned();
        id.rsplit('-').next().unwrap().parse().unwrap()
    };
    server.alerts("a", alerts).iter().map(of).collect()
}

/// A file of records, a line each.
fn trail(folder: &Path, records: usize) -> PathBuf {
    let path = folder.join("trail.ndjson");
    let lines: String = (0..records).map(|number| record(number) + "\n").collect();
    std::fs::write(&path, lines).unwrap();
    path
}

#[test]
fn syslog_ng_sends_lines_lists_and_events() {
    let Some(program) = installed("syslog-ng") else { return missing("syslog-ng") };
    for (path, scheme, form) in [
        ("/v1/records", "Bearer", "body(\"$MSG\") delimiter(\"\\n\")"),
        (
            "/v1/records",
            "Bearer",
            "body-prefix(\"[\") body-suffix(\"]\") body(\"$MSG\") delimiter(\",\")",
        ),
        (
            "/services/collector/event",
            "Splunk",
            "body('{\"time\":$S_UNIXTIME,\"host\":\"$HOST\",\"sourcetype\":\"aws:cloudtrail\",\"event\":$MSG}')",
        ),
    ] {
        let (folder, token) = (folder(), token());
        let server = Server::start(folder.path(), &tenant("a", &token));
        let configuration = format!(
            "@version: 3.38\nsource s {{ file(\"{}\" flags(no-parse) read-old-records(yes) follow-freq(1)); }};\n\
             destination d {{ http(url(\"http://{}{path}\") method(\"POST\") headers(\"Authorization: {scheme} {}\")\n\
             {form} batch-lines(10) batch-timeout(500)); }};\nlog {{ source(s); destination(d); }};\n",
            trail(folder.path(), 25).display(),
            server.address,
            token.token
        );
        let place = folder.path().join("s.conf");
        std::fs::write(&place, configuration).unwrap();
        let file = |name: &str| folder.path().join(name);
        let mut command = Command::new(&program);
        command
            .args(["-F", "--no-caps", "--stderr", "-f"])
            .arg(&place)
            .arg("-R")
            .arg(file("persist"));
        command.arg("-c").arg(file("ctl")).arg("-p").arg(file("pid"));
        let _process = Process::start(&mut command, &file("syslog-ng.log"));
        assert_eq!(numbers(&server, 50), (0..25).collect(), "{path} {form}");
    }
}

#[test]
fn splunk_handler_sends_events() {
    let python = std::env::var("TOCSIN_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let has = Command::new(&python).args(["-c", "import splunk_handler"]).output();
    if !has.is_ok_and(|output| output.status.success()) {
        return missing("the Python package splunk-handler");
    }
    let (folder, token) = (folder(), token());
    let server = Server::start(folder.path(), &tenant("a", &token));
    let script = "import logging, sys\nfrom splunk_handler import SplunkHandler\n\
        handler = SplunkHandler(host='127.0.0.1', port=int(sys.argv[1]), token=sys.argv[2], index='main',\n    \
        protocol='http', flush_interval=1.0)\n\
        logger = logging.getLogger('trail')\nlogger.setLevel(logging.INFO)\nlogger.addHandler(handler)\n\
        for line in open(sys.argv[3]): logger.info(line.rstrip('\\n').replace('%', '%%'))\nlogging.shutdown()\n";
    let port = server.address.port().to_string();
    let path = trail(folder.path(), 25);
    let output = Command::new(&python)
        .args(["-c", script, &port, &token.token])
        .arg(&path)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(numbers(&server, 50), (0..25).collect());
}

/// Splunk's own client for Node, its record as it is and in the form that it has by default.
#[test]
fn splunk_logging_sends_events() {
    let packages = Path::new(env!("CARGO_TARGET_TMPDIR")).join("splunk-logging");
    if !packages.join("node_modules/splunk-logging").exists() {
        let installed = Command::new("npm")
            .args(["install", "--silent", "--no-audit", "--no-fund", "--prefix"])
            .arg(&packages)
            .arg("splunk-logging@0.11.1")
            .output();
        if !installed.is_ok_and(|output| output.status.success()) {
            return missing("the npm package splunk-logging");
        }
    }
    let (folder, token) = (folder(), token());
    let server = Server::start(folder.path(), &tenant("a", &token));
    let script = "const { Logger } = require('splunk-logging');\n\
        const [url, token, file] = process.argv.slice(1);\n\
        const client = (format) => {\n\
          const logger = new Logger({ token, url, maxBatchCount: 5 });\n\
          if (format) logger.eventFormatter = format;\n\
          logger.error = (error) => { console.error(error); process.exitCode = 1; };\n\
          return logger;\n\
        };\n\
        const clients = [client((message) => message), client()];\n\
        const lines = require('fs').readFileSync(file, 'utf8').trimEnd().split('\\n');\n\
        lines.forEach((line, place) => clients[place % 5 ? 0 : 1].send({ message: JSON.parse(line) }));\n\
        clients.forEach((logger) => logger.flush(() => {}));\n";
    let output = Command::new("node")
        .args(["-e", script, &format!("http://{}", server.address), &token.token])
        .arg(trail(folder.path(), 25))
        .current_dir(&packages)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(numbers(&server, 50), (0..25).collect());
}

/// The configuration of the Collector that `docs/serve.md` advises, here with places of a test's own.
fn collector(folder: &Path, server: &Server, token: &Token, more: &str) -> String {
    let storage = folder.join("storage");
    std::fs::create_dir_all(&storage).unwrap();
    format!(
        "extensions: {{file_storage: {{directory: {}}}}}\n\
         receivers: {{file_log: {{include: [{}], start_at: beginning, storage: file_storage, retry_on_failure: {{enabled: true}}{more}}}}}\n\
         exporters: {{otlp_http: {{endpoint: \"http://{}\", headers: {{Authorization: \"Bearer {}\"}}, \
         retry_on_failure: {{initial_interval: 1s, max_elapsed_time: 0s}}, sending_queue: {{storage: file_storage, block_on_overflow: true}}}}}}\n\
         service: {{extensions: [file_storage], telemetry: {{metrics: {{level: none}}}}, pipelines: {{logs: {{receivers: [file_log], exporters: [otlp_http]}}}}}}\n",
        storage.display(),
        folder.join("trail.ndjson").display(),
        server.address,
        token.token
    )
}

/// The Collector takes minutes to build, so it is used where `TOCSIN_OTELCOL` names one: it needs the components
/// file_log, otlp_http and file_storage.
#[test]
fn the_collector_loses_nothing_when_both_sides_are_killed() {
    let Some(program) = std::env::var_os("TOCSIN_OTELCOL") else {
        eprintln!("skipped: TOCSIN_OTELCOL names no OpenTelemetry Collector");
        return;
    };
    let (folder, token) = (folder(), token());
    trail(folder.path(), 3000);
    let server = Server::start(folder.path(), &tenant("a", &token));
    let address = server.address;
    let file = |name: &str| folder.path().join(name);
    let configuration = collector(folder.path(), &server, &token, "");
    std::fs::write(file("collector.yaml"), configuration).unwrap();
    let start = |log: &str| {
        let mut command = Command::new(&program);
        Process::start(command.arg("--config").arg(file("collector.yaml")), &file(log))
    };
    let first = start("first.log");
    server.alerts("a", 500);
    // The server dies under it, then the Collector while the server is away.
    server.kill();
    std::thread::sleep(std::time::Duration::from_millis(1500));
    first.kill();
    let _second = start("second.log");
    std::thread::sleep(std::time::Duration::from_secs(1));
    let again = Server::with_address(folder.path(), address, &tenant("a", &token));
    let found = crate::server::wait_for(|| {
        let found = numbers(&again, 0);
        (found.len() == 3000).then_some(found)
    });
    assert_eq!(found, (0..3000).collect());
    for log in ["first.log", "second.log"] {
        let said = std::fs::read_to_string(file(log)).unwrap();
        assert!(!said.contains("Dropping data") && !said.contains("Permanent error"), "{said}");
    }
}

#[test]
fn the_collectors_parsed_records_are_the_same_records() {
    let Some(program) = std::env::var_os("TOCSIN_OTELCOL") else {
        eprintln!("skipped: TOCSIN_OTELCOL names no OpenTelemetry Collector");
        return;
    };
    for more in [
        "",
        ", operators: [{type: json_parser, parse_to: body}]",
        ", operators: [{type: json_parser}]",
    ] {
        for encoding in ["proto", "json"] {
            let (folder, token) = (folder(), token());
            trail(folder.path(), 25);
            let server = Server::start(folder.path(), &tenant("a", &token));
            let configuration = collector(folder.path(), &server, &token, more).replace(
                "otlp_http: {endpoint",
                &format!("otlp_http: {{encoding: {encoding}, endpoint"),
            );
            let place = folder.path().join("collector.yaml");
            std::fs::write(&place, configuration).unwrap();
            let mut command = Command::new(&program);
            let log = folder.path().join("collector.log");
            let _process = Process::start(command.arg("--config").arg(&place), &log);
            assert_eq!(numbers(&server, 50), (0..25).collect(), "{more} {encoding}");
            // Answers that it doesn't read show in its log.
            let said = std::fs::read_to_string(&log).unwrap();
            assert!(
                !said.contains("error parsing") && !said.contains("Exporting failed"),
                "{said}"
            );
        }
    }
}
