#!/usr/bin/env bash
# The handler over every form of event, with the module of the command; S3, SQS and SNS by their real clients
# against moto's server, where both can be had.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
source "$here/../common.sh"
need node nodejs
cp -R "$here" "$work/function"
cp -R "$here/../javascript" "$work/javascript"
cd "$work/function"
TOCSIN=$tocsin ./build.sh
rm -rf node_modules
python=${TOCSIN_PYTHON:-python3}
moto=$("$python" -c 'import moto.server, sys; print(sys.executable)' 2>/dev/null || true)
kept=${TOCSIN_LAMBDA_PACKAGES:-$HOME/.cache/tocsin/lambda-test}
[ -e "$kept/ready" ] && moto=$kept/bin/python
if [ -z "$moto" ] && [ "${CI:-}" = true ]; then
    "$python" -m venv "$kept" && "$kept/bin/pip" -q --disable-pip-version-check install 'moto[server,s3,sqs,sns]' && touch "$kept/ready"
    moto=$kept/bin/python
fi
if [ -n "$moto" ] && npm install --silent --no-audit --no-fund; then
    port=$(free_port)
    "$moto" -m moto.server -p "$port" >"$work/log.moto" 2>&1 &
    stop_at_exit $!
    answers() { python3 -c "import urllib.request; urllib.request.urlopen('http://127.0.0.1:$port/moto-api/')" 2>/dev/null; }
    expect "moto's server" answers
    export MOTO=http://127.0.0.1:$port
    # Without its native HTTP client, which takes minutes to build.
    npm install --silent --no-audit --no-fund --no-save --ignore-scripts aws-lambda-ric@3.3.0
    export RIC=$PWD/node_modules/aws-lambda-ric
else
    echo "aws-lambda: S3, SQS, SNS and the runtime interface client skipped, moto's server isn't installed (pip install 'moto[server,s3,sqs,sns]')"
fi
mkdir -p node_modules
cp -R build/node_modules/tocsin-detector node_modules/
node --test >"$work/log.tests" || { cat "$work/log.tests"; exit 1; }
grep -E '^# (pass|fail|skipped)' "$work/log.tests"
node --input-type=module -e "
    process.env.MODULE = '$work/function/build/tocsin.wasm';
    const { handler } = await import('$work/function/build/index.js');
    const record = { eventVersion: '1.08', eventSource: 'config.amazonaws.com', eventName: 'StopConfigurationRecorder' };
    const answer = await handler({ 'detail-type': 'AWS API Call via CloudTrail', source: 'aws.config', detail: record });
    if (answer.alerts !== 2) throw new Error(JSON.stringify(answer));
" >/dev/null
echo "aws-lambda: the built function answers: ok"
