#!/usr/bin/env bash
# kcat and rsyslog against a broker that speaks Kafka's protocol: the mock cluster inside librdkafka, which
# kcat opens for itself and other clients on this machine can use. Records go into one topic, and the
# other must hold the alerts that `tocsin scan` prints for them.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
source "$here/../common.sh"
need kcat kcat
need rsyslogd rsyslog rsyslog-kafka
[ -e /usr/lib/x86_64-linux-gnu/rsyslog/imkafka.so ] || [ -e /usr/lib/aarch64-linux-gnu/rsyslog/imkafka.so ] ||
    { [ "${CI:-}" = true ] && apt-get install -y -q rsyslog-kafka >/dev/null; } ||
    { echo "kafka: skipped, rsyslog-kafka isn't installed"; exit 0; }

examples=$here/../../examples
mkdir -p "$work/out" "$work/spool" "$work/bin"

# The broker lives as long as this producer waits for its input.
mkfifo "$work/hold"
kcat -P -b unused:9092 -t unused -X test.mock.num.brokers=1 -d mock <"$work/hold" >/dev/null 2>"$work/log.broker" &
stop_at_exit $!
exec 9>"$work/hold"
has_started() { grep -qE '127\.0\.0\.1:[0-9]+' "$work/log.broker"; }
expect "a mock broker" has_started
BROKERS=$(grep -oE '127\.0\.0\.1:[0-9]+' "$work/log.broker" | head -n 1)
export BROKERS

produce() { kcat -P -b "$BROKERS" -t "$1" -l "$2" 2>>"$work/log.produce"; }
consume() { kcat -C -b "$BROKERS" -t "$1" -o beginning -e -q 2>>"$work/log.consume" | sort >"$2"; }
holds() { consume "$1" "$work/got" && cmp -s "$work/got" "$2"; }

"$tocsin" scan "$examples/recorder.ndjson" | sort >"$work/expected"

produce cloudtrail "$examples/recorder.ndjson"
TOCSIN=$tocsin TOPIC=cloudtrail ALERTS=tocsin-alerts GROUP=by-kcat setsid sh "$here/kcat.sh" 2>"$work/log.kcat" &
stop_at_exit $!
expect "kcat: records in the topic" holds tocsin-alerts "$work/expected"
head -n 1 "$examples/recorder.ndjson" >"$work/more"
produce cloudtrail "$work/more"
"$tocsin" scan "$work/more" | sort - "$work/expected" -o "$work/expected"
expect "kcat: one more" holds tocsin-alerts "$work/expected"

sed "s|^exec tocsin |exec '$tocsin' |" "$here/../rsyslog/tocsin-omprog" >"$work/bin/tocsin-omprog"
chmod +x "$work/bin/tocsin-omprog"
{
    echo "global(workDirectory=\"$work/spool\")"
    sed -e "s|127.0.0.1:9092|$BROKERS|" -e "s|/usr/local/bin/tocsin-omprog|$work/bin/tocsin-omprog|" \
        -e "s|/var/log/tocsin|$work/out|" -e "s|/var/spool/rsyslog|$work/spool|" \
        -e 's|topic="tocsin-alerts"|topic="alerts-by-rsyslog"|' "$here/rsyslog.conf"
} >"$work/rsyslog.conf"
rsyslogd -N1 -f "$work/rsyslog.conf" 2>"$work/checked" || { cat "$work/checked"; exit 1; }
rsyslogd -n -f "$work/rsyslog.conf" -i "$work/pid" >"$work/log.rsyslog" 2>&1 &
stop_at_exit $!
expect "rsyslog: records in the topic" holds alerts-by-rsyslog "$work/expected"
