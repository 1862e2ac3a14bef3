#!/usr/bin/env bash
# A real rsyslogd with this folder's configuration, its paths moved into a folder of the test's own:
# records go in by file and by TCP, and the alerts must be those that `tocsin scan` prints for them.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
source "$here/../common.sh"
need rsyslogd rsyslog

examples=$here/../../examples
mkdir -p "$work/in" "$work/out" "$work/spool" "$work/bin"
# omprog starts its programs without a PATH.
sed "s|^exec tocsin |exec '$tocsin' |" "$here/tocsin-omprog" >"$work/bin/tocsin-omprog"
chmod +x "$work/bin/tocsin-omprog"
port=$(free_port)
{
    echo "global(workDirectory=\"$work/spool\")"
    sed -e "s|/var/log/cloudtrail|$work/in|" \
        -e "s|/usr/local/bin/tocsin-omprog /var/log/tocsin|$work/bin/tocsin-omprog $work/out|" \
        -e "s|port=\"5514\"|port=\"$port\"|" "$here/tocsin.conf"
} >"$work/rsyslog.conf"

rsyslogd -N1 -f "$work/rsyslog.conf" 2>"$work/checked" || { cat "$work/checked"; exit 1; }
rsyslogd -n -f "$work/rsyslog.conf" -i "$work/pid" >"$work/log" 2>&1 &
stop_at_exit $!

alerts=$work/out/alerts.ndjson
cp "$examples/recorder.ndjson" "$work/in/first.ndjson"
"$tocsin" scan "$examples/recorder.ndjson" | sort >"$work/expected"
expect "records in a file" same_lines "$alerts" "$work/expected"

# More lines in the same file; the first is far longer than rsyslog's own limit would let it be.
stop=$(head -n 1 "$examples/recorder.ndjson")
long=${stop/\"userName\":\"alice\"/\"userName\":\"alice\",\"note\":\"$(printf 'x%.0s' $(seq 200000))\"}
{ printf '%s\n' "$long"; printf '{"cut": "off\n'; } >>"$work/in/first.ndjson"
printf '%s\n' "$long" | "$tocsin" scan - | sort - "$work/expected" -o "$work/expected"
expect "a record of 200 KB" same_lines "$alerts" "$work/expected"
expect "what can't be read is reported" grep -q "the record is cut off" "$work/out/problems.log"

# With a tab between two tokens.
stop=${stop/,/,$'\t'}
send_tcp "$port" "$stop"
printf '%s\n' "$stop" | "$tocsin" scan - | sort - "$work/expected" -o "$work/expected"
expect "a record over TCP" same_lines "$alerts" "$work/expected"
