#!/usr/bin/env python3
"""What `tocsin serve` takes: processor time beside `scan`, small requests, many tenants, and what a tenant at its
limits costs the others.

    cargo build --release --features tocsin-cli/serve
    benches/serve.py target/release/tocsin TRAIL.ndjson [--tenants N] [--rsigma PROGRAM] [--only NAME]

TRAIL.ndjson are records of CloudTrail, a line each. Prints one line a measurement. Times are the process's own
(user and system), so that other work on the machine changes them little. With rsigma (`cargo install rsigma`) its
daemon gets the same small requests, with the rule that raises the same alerts.
"""
import argparse
import atexit
import concurrent.futures
import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request

PACK = pathlib.Path(__file__).resolve().parent.parent / "rules/pack"
STOPPED = pathlib.Path(__file__).resolve().parent / "peers/recorder-stopped.yml"
TICK = os.sysconf("SC_CLK_TCK")


def cpu(pid: int) -> float:
    """Seconds of processor that a process has taken."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def pss(pid: int) -> float:
    """MB of memory, shared pages counted in parts."""
    text = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text()
    return int(re.search(r"^Pss:\s+(\d+)", text, re.M)[1]) / 1024


class Server:
    def __init__(self, tocsin: str, folder: pathlib.Path, configuration: str) -> None:
        path = folder / "serve.toml"
        path.write_text('[server]\nlisten = "127.0.0.1:0"\n' + configuration)
        began, before = time.monotonic(), os.times()
        self.process = subprocess.Popen(
            [tocsin, "serve", "--config", str(path)], stderr=subprocess.PIPE, text=True
        )
        for line in self.process.stderr:
            if found := re.match(r"listening on (\S+?):(\d+)", line):
                break
        else:
            raise SystemExit("the server ended")
        atexit.register(self.process.kill)
        self.started, self.host, self.port = time.monotonic() - began, found[1], int(found[2])
        # What it logs is read away, so that it never waits.
        subprocess.Popen(["cat"], stdin=self.process.stderr, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def post(self, token: str, bodies: list[bytes]) -> tuple[int, int]:
        """Sends bodies on one connection; the records and alerts of the answers."""
        connection = http.client.HTTPConnection(self.host, self.port)
        records = alerts = 0
        for body in bodies:
            connection.request("POST", "/v1/records", body, {"Authorization": f"Bearer {token}"})
            answer = connection.getresponse()
            counts = json.loads(answer.read())
            assert answer.status == 200, (answer.status, counts)
            records, alerts = records + counts["records"], alerts + counts["alerts"]
        return records, alerts

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()


def token(tocsin: str) -> tuple[str, str]:
    lines = subprocess.check_output([tocsin, "serve", "token"], text=True, stderr=subprocess.DEVNULL).split()
    return lines[1], lines[3]


def beside_scan(tocsin: str, trail: bytes, folder: pathlib.Path) -> None:
    """The same records through scan and over loopback, enough of them to make the start little."""
    bodies, body, size = [], [], 0
    for line in trail.splitlines(keepends=True):
        body.append(line)
        size += len(line)
        if size >= 8 << 20:
            bodies.append(b"".join(body))
            body, size = [], 0
    bodies.append(b"".join(body))
    bodies *= max(1, (256 << 20) // len(trail))
    path = folder / "trail.ndjson"
    path.write_bytes(b"".join(bodies))
    rules = folder / "tenants/a/pack"
    shutil.copytree(PACK, rules)
    before = os.times()
    subprocess.run([tocsin, "scan", "--rules", str(PACK), str(path)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    after = os.times()
    scan = after.children_user + after.children_system - before.children_user - before.children_system
    secret, fingerprint = token(tocsin)
    server = Server(tocsin, folder, f'[tenants.a]\ntokens = ["{fingerprint}"]\nrules = ["pack"]\n[tenants.a.limits]\nbytes_per_second = "4G"\nburst = "4G"\n')
    begun = cpu(server.process.pid)
    # Each body is another one to the server, which else answers it from memory.
    records, alerts = server.post(secret, [body + b"\n" * (n + 1) for n, body in enumerate(bodies)])
    took = cpu(server.process.pid) - begun
    size = sum(map(len, bodies)) / 1e6
    print(
        f"NDJSON, {size:.0f} MB, {records} records, the pack, {alerts} alerts: scan {scan:.2f} s, serve {took:.2f} s of "
        f"processor, {took / scan:.2f} times; {pss(server.process.pid):.0f} MB Pss"
    )
    server.stop()


def small_requests(tocsin: str, trail: bytes, folder: pathlib.Path, rsigma: str | None) -> None:
    """Requests of 100 records, of which two raise an alert."""
    quiet = [line for line in trail.splitlines() if b'"Get' in line or b'"List' in line or b'"Describe' in line]
    raising = {
        "eventVersion": "1.09",
        "userIdentity": {"type": "IAMUser", "arn": "arn:aws:iam::111122223333:user/alice", "userName": "alice"},
        "eventTime": "2026-02-03T04:05:06Z",
        "eventSource": "config.amazonaws.com",
        "eventName": "StopConfigurationRecorder",
        "awsRegion": "eu-central-1",
        "recipientAccountId": "111122223333",
    }
    bodies = []
    for request in range(4000):
        lines = [quiet[(request * 98 + n) % len(quiet)] for n in range(98)]
        for n in range(2):
            lines.append(json.dumps({**raising, "eventID": f"{request:08}-bbbb-4bbb-8bbb-{n:012}"}).encode())
        bodies.append(b"\n".join(lines))
    secret, fingerprint = token(tocsin)
    server = Server(tocsin, folder, f'[tenants.a]\ntokens = ["{fingerprint}"]\n[tenants.a.limits]\nbytes_per_second = "4G"\nburst = "4G"\n')
    for at_once, part in ((1, bodies[:2000]), (8, bodies[2000:])):
        begun, clock = cpu(server.process.pid), time.monotonic()
        with concurrent.futures.ThreadPoolExecutor(at_once) as senders:
            counts = list(senders.map(lambda n: server.post(secret, part[n::at_once]), range(at_once)))
        records, alerts = (sum(column) for column in zip(*counts))
        took, clock = cpu(server.process.pid) - begun, time.monotonic() - clock
        print(
            f"{len(part)} requests of 100 records, {at_once} at once, {alerts} alerts kept before their answers: {took:.2f} s "
            f"of processor, {records / took:.0f} records a second of it; {clock:.1f} s in all"
        )
    server.stop()
    if rsigma:
        daemon(rsigma, bodies[:2000], folder)


def daemon(rsigma: str, bodies: list[bytes], folder: pathlib.Path) -> None:
    """The same requests to rsigma's daemon, which answers before it has judged and keeps nothing."""
    port, out = 18497, folder / "rsigma.ndjson"
    command = [rsigma, "engine", "daemon", "-r", str(STOPPED), "--input", "http", "--api-addr", f"127.0.0.1:{port}"]
    process = subprocess.Popen(
        [*command, "--output", f"file://{out}", "--include-event"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    atexit.register(process.kill)
    for _ in range(100):
        time.sleep(0.1)
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz").read()
            break
        except OSError:
            pass
    begun, clock = cpu(process.pid), time.monotonic()
    connection = http.client.HTTPConnection("127.0.0.1", port)
    accepted = 0
    for body in bodies:
        connection.request("POST", "/api/v1/events", body)
        accepted += json.loads(connection.getresponse().read())["accepted"]
    wanted = 2 * len(bodies)
    while out.read_bytes().count(b"\n") < wanted and time.monotonic() - clock < 120:
        time.sleep(0.05)
    took, clock = cpu(process.pid) - begun, time.monotonic() - clock
    alerts = out.read_bytes().count(b"\n")
    version = subprocess.check_output([rsigma, "--version"], text=True).strip()
    print(
        f"{version.splitlines()[0]}, its daemon, the same {accepted} records, {alerts} alerts: {took:.2f} s of processor, "
        f"{accepted / took:.0f} records a second of it; {clock:.1f} s in all"
    )
    process.kill()


RULE = """[rule]
rule_id = "own-{tenant}-{rule}"
name = "Own rule {rule} of {tenant}"
description = "d"
severity = "low"
risk_score = 1
type = "query"
language = "kuery"
query = 'event.action: Event{tenant}x{rule} and source.address: 10.{rule}.*'
"""


def tenants(tocsin: str, folder: pathlib.Path, count: int) -> None:
    """Tenants with ten rules of their own each, beside the built-in ones."""
    configuration, first = "", None
    for tenant in range(count):
        secret, fingerprint = token(tocsin) if tenant % 100 == 0 else (secret, "")
        rules = folder / f"tenants/t{tenant}/rules"
        rules.mkdir(parents=True)
        for rule in range(10):
            (rules / f"{rule}.toml").write_text(RULE.format(tenant=tenant, rule=rule))
        tokens = f'tokens = ["{fingerprint}"]\n' if fingerprint else ""
        first = first or secret
        configuration += f'[tenants.t{tenant}]\n{tokens}rules = ["rules"]\n'
    server = Server(tocsin, folder, configuration)
    took, idle = cpu(server.process.pid), pss(server.process.pid)
    print(f"{count} tenants with ten rules of their own: start {server.started:.2f} s, {took:.2f} s of processor; {idle:.0f} MB Pss")
    begun, clock = cpu(server.process.pid), time.monotonic()
    time.sleep(10)
    spent = (cpu(server.process.pid) - begun) / (time.monotonic() - clock)
    print(f"the same, idle: {spent * 100:.1f} % of a processor")
    server.stop()


# It multiplies what its author wrote by what a record holds.
COSTLY = """title: Costly
id: 5f0c0e3b-8f6c-4d3a-9a3e-0d8a2c1f7b61
logsource: {product: aws, service: cloudtrail}
detection:
  agent: {userAgent|re: '(a{1,30}){30}b'}
  condition: agent
level: low
"""


def latencies(server: Server, secret: str, bodies: list[bytes], seconds: float) -> list[float]:
    """A request every 20 ms, whatever the last one took; milliseconds from when each was due."""
    connection = http.client.HTTPConnection(server.host, server.port)
    due, end, taken = time.monotonic(), time.monotonic() + seconds, []
    while due < end:
        time.sleep(max(0.0, due - time.monotonic()))
        body = bodies[len(taken) % len(bodies)] + b"\n" * (len(taken) // len(bodies))
        connection.request("POST", "/v1/records", body, {"Authorization": f"Bearer {secret}"})
        answer = connection.getresponse()
        assert answer.status == 200, answer.read()
        answer.read()
        taken.append((time.monotonic() - due) * 1000)
        due += 0.02
    return taken


def percentile(values: list[float], of_hundred: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * of_hundred / 100))]


HOG = """
import http.client, sys, time
host, port, secret, seed = sys.argv[1], int(sys.argv[2]), sys.argv[3], int(sys.argv[4])
record = '{"eventVersion":"1.08","eventName":"GetUser","userAgent":"b%s"}' % ("a" * 2000)
body = "\\n".join([record] * 2000).encode()
connection, number = http.client.HTTPConnection(host, port), 0
while True:
    number += 1
    try:
        connection.request("POST", "/v1/records", body + b" " * (number * 8 + seed), {"Authorization": f"Bearer {secret}"})
        answer = connection.getresponse()
        answer.read()
        if answer.status != 200:
            time.sleep(0.5)
    except OSError:
        connection.close()
"""


def neighbour(tocsin: str, trail: bytes, folder: pathlib.Path) -> None:
    """Requests of a tenant, alone and beside one that sends all it may of what takes longest."""
    (folder / "tenants/hog").mkdir(parents=True)
    (folder / "tenants/hog/costly.yml").write_text(COSTLY)
    (good, good_print), (bad, bad_print) = token(tocsin), token(tocsin)
    lines = trail.splitlines()
    bodies = [b"\n".join(lines[n : n + 100]) for n in range(0, len(lines) - 100, 100)]
    for limits in ("", '[tenants.hog.limits]\nbytes_per_second = "1M"\nburst = "8M"\nsteps = 2000000000\n'):
        server = Server(
            tocsin, folder,
            f'[tenants.good]\ntokens = ["{good_print}"]\n[tenants.hog]\ntokens = ["{bad_print}"]\nrules = ["costly.yml"]\n{limits}',
        )
        latencies(server, good, bodies, 2)
        alone, beside, shares = [], [], []
        for _ in range(3):
            alone += latencies(server, good, bodies, 10)
            hogs = [
                subprocess.Popen(["nice", "-n", "19", sys.executable, "-c", HOG, server.host, str(server.port), bad, str(seed)])
                for seed in range(4)
            ]
            time.sleep(1)
            begun, clock = cpu(server.process.pid), time.monotonic()
            beside += latencies(server, good, bodies, 10)
            shares.append((cpu(server.process.pid) - begun) / (time.monotonic() - clock))
            for hog in hogs:
                hog.kill()
                hog.wait()
            time.sleep(3)
        p50, p99 = percentile(alone, 50), percentile(alone, 99)
        own50, own99 = percentile(beside, 50), percentile(beside, 99)
        what = "1 MB/s, 2,000,000,000 steps" if limits else "the default limits"
        print(
            f"a tenant's requests of 100 records, alone: p50 {p50:.1f} ms, p99 {p99:.1f}; beside one at {what}, which has the "
            f"server take {sum(shares) / len(shares):.2f} processors: p50 {own50:.1f}, p99 {own99:.1f}"
        )
        server.stop()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tocsin")
    parser.add_argument("trail", type=pathlib.Path)
    parser.add_argument("--tenants", type=int, default=1000)
    parser.add_argument("--rsigma")
    parser.add_argument("--only", choices=["scan", "small", "neighbour", "tenants"])
    asked = parser.parse_args()
    trail = asked.trail.read_bytes()
    sys.stdout.reconfigure(line_buffering=True)
    measures = {
        "scan": lambda folder: beside_scan(asked.tocsin, trail, folder),
        "small": lambda folder: small_requests(asked.tocsin, trail, folder, asked.rsigma),
        "neighbour": lambda folder: neighbour(asked.tocsin, trail, folder),
        "tenants": lambda folder: tenants(asked.tocsin, folder, asked.tenants),
    }
    for name, measure in measures.items():
        if asked.only in (None, name):
            with tempfile.TemporaryDirectory() as folder:
                measure(pathlib.Path(folder))


main()
