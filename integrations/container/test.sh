#!/usr/bin/env bash
# Builds the container and scans a record in it, without network and without rights. Skipped where nothing builds one.
set -euo pipefail
cd "$(dirname "$0")/../.."
docker=
for candidate in docker podman; do
    if command -v $candidate >/dev/null && $candidate info >/dev/null 2>&1; then docker=$candidate; break; fi
done
# In CI, too: its machine may itself be a container, in which none runs.
if [ -z "$docker" ]; then
    echo "skipped: no builder of containers is running"
    exit 0
fi
$docker build -q -f integrations/container/Dockerfile -t tocsin-test . >/dev/null
alerts=$($docker run --rm -i --network none --read-only --cap-drop ALL tocsin-test scan --format text < examples/recorder.ndjson)
test "$(wc -l <<<"$alerts")" = 5
test "$($docker inspect -f '{{.Config.User}}' tocsin-test)" = 65532:65532
echo "container: scans as a user without rights"
