//! Many tenants, ten of which do what they can to harm the others.

use std::io::Write;
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::isolation::module;
use crate::server::{Server, Token, folder, record, request, tenant, token};

/// Tenants in all; `TOCSIN_HOSTILE_TENANTS` asks for more: 200 take a minute to load in a build for debugging.
fn tenants() -> usize {
    number("TOCSIN_HOSTILE_TENANTS", 40)
}

/// What each hostile tenant does, again and again.
const HOSTILE: [&str; 10] = [
    "loops",
    "loops",
    "grows",
    "grows",
    "garbage",
    "garbage",
    "alerts",
    "alerts",
    "reads slowly",
    "writes slowly",
];

/// Rounds of each good tenant; `TOCSIN_HOSTILE_ROUNDS` asks for more.
fn rounds() -> usize {
    number("TOCSIN_HOSTILE_ROUNDS", 5)
}

/// Alerts of a hostile tenant's request; `TOCSIN_HOSTILE_ALERTS` asks for more: 35,000 are 100 MB.
fn alerts() -> usize {
    number("TOCSIN_HOSTILE_ALERTS", 2000)
}

fn number(name: &str, usual: usize) -> usize {
    std::env::var(name).ok().and_then(|number| number.parse().ok()).unwrap_or(usual)
}

/// As many steps as the default, or fewer: a build for debugging is slow enough.
fn steps() -> String {
    match number("TOCSIN_HOSTILE_STEPS", 500_000_000) {
        0 => String::new(),
        steps => format!("steps = {steps}\n"),
    }
}

#[test]
fn ten_hostile_tenants_harm_none_of_the_others() {
    let folder = folder();
    let tenants = tenants();
    let tokens: Vec<Token> = (0..tenants).map(|_| token()).collect();
    let mut configuration = String::new();
    for (number, own) in tokens.iter().enumerate() {
        let name = format!("t{number}");
        configuration += &tenant(&name, own);
        match HOSTILE.get(number) {
            Some(&"loops") => {
                configuration += &module(folder.path(), &name, "(loop (br 0)) i32.const 16")
            }
            Some(&"grows") => {
                let grows = "(loop (drop (memory.grow (i32.const 100))) (br 0)) i32.const 16";
                configuration += &module(folder.path(), &name, grows);
            }
            _ => {}
        }
        configuration += &format!("[tenants.{name}.limits]\n{}", steps());
    }
    let server = Server::start(folder.path(), &configuration);
    let (stop, next) = (AtomicBool::new(false), AtomicUsize::new(HOSTILE.len()));
    let (good, rounds) = (tenants - HOSTILE.len(), rounds());
    let times = std::thread::scope(|threads| {
        for (number, what) in HOSTILE.iter().enumerate() {
            let (server, own, stop) = (&server, &tokens[number], &stop);
            threads.spawn(move || {
                let mut round = 0;
                while !stop.load(Ordering::Relaxed) {
                    harm(server, own, what, round);
                    round += 1;
                }
            });
        }
        let senders: Vec<_> = (0..4)
            .map(|_| {
                let (server, tokens, next) = (&server, &tokens, &next);
                threads.spawn(move || {
                    let mut times = Vec::new();
                    loop {
                        let turn = next.fetch_add(1, Ordering::Relaxed) - HOSTILE.len();
                        if turn >= good * rounds {
                            return times;
                        }
                        let own = HOSTILE.len() + turn % good;
                        let began = Instant::now();
                        let answer =
                            server.post("/v1/records", &tokens[own], record(turn).as_bytes());
                        times.push(began.elapsed());
                        let counts = answer.json();
                        assert_eq!(
                            (answer.status, counts["alerts"].as_u64()),
                            (200, Some(2)),
                            "t{own}: {counts}"
                        );
                    }
                })
            })
            .collect();
        let times = senders.into_iter().flat_map(|sender| sender.join().unwrap()).collect();
        stop.store(true, Ordering::Relaxed);
        times
    });
    for number in HOSTILE.len()..tenants {
        let name = format!("t{number}");
        assert_eq!(server.alerts(&name, 2 * rounds).len(), 2 * rounds, "{name}");
    }
    let page = server.admin("GET", "/metrics");
    for number in HOSTILE.len()..tenants {
        let refused = format!("tocsin_refused_requests_total{{tenant=\"t{number}\"");
        assert!(!page.text().contains(&refused), "t{number} was refused");
    }
    report(times, server.id());
}

/// Figures for people; nothing is asserted of them.
fn report(mut times: Vec<Duration>, id: u32) {
    times.sort();
    let at = |part: f64| times[((times.len() - 1) as f64 * part) as usize];
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
    let peak = status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or_default();
    println!(
        "{} requests: median {:?}, 99 of 100 within {:?}, the longest {:?}; {peak}",
        times.len(),
        at(0.5),
        at(0.99),
        at(1.0)
    );
}

/// A round of harm. Whether it has an answer, and which, is no matter.
fn harm(server: &Server, own: &Token, what: &str, round: usize) {
    let bearer = format!("Bearer {}", own.token);
    let headers = [("Authorization", bearer.as_str())];
    let Ok(mut stream) = TcpStream::connect(server.address) else { return };
    let _ = stream.set_read_timeout(Some(Duration::from_secs(2)));
    let _ = stream.set_write_timeout(Some(Duration::from_secs(2)));
    let mut send = |bytes: &[u8]| {
        let _ = stream.write_all(bytes);
    };
    let body = match what {
        "garbage" => {
            (0..1_000_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect()
        }
        "alerts" | "reads slowly" => (0..alerts() / 2)
            .map(|number| record(round * 100_000 + number) + "\n")
            .collect::<String>()
            .into_bytes(),
        _ => record(round).into_bytes(),
    };
    match what {
        "reads slowly" => {
            send(&request("POST", "/v1/records?alerts=inline", &headers, &body));
            std::thread::sleep(Duration::from_secs(1));
        }
        "writes slowly" => {
            let whole = request("POST", "/v1/records", &headers, &vec![b' '; 8 << 20]);
            send(&whole[..whole.len() / 2]);
            std::thread::sleep(Duration::from_millis(500));
        }
        _ => {
            send(&request("POST", "/v1/records", &headers, &body));
            let _ = crate::server::read_answer(&mut stream);
        }
    }
}
