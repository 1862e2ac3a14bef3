"""The component in wasmtime: alerts of a file of records on standard output, errors on standard error.

python alerts.py tocsin-component.wasm records.ndjson
python alerts.py --raised composed.wasm records.ndjson     the composed component: how many alerts
"""

import sys
from pathlib import Path

from wasmtime import Engine, Store
from wasmtime.component import Component, Linker

DETECTOR = "tocsin:detector/detector@1.0.0"


def main(arguments: list[str]) -> int:
    raised = arguments[0] == "--raised"
    file, records = arguments[-2:]
    engine = Engine()
    store = Store(engine)
    instance = Linker(engine).instantiate(store, Component.from_file(engine, file))

    def call(name: str, *given: bytes):
        inside = None if raised else instance.get_export_index(store, DETECTOR)
        function = instance.get_func(store, instance.get_export_index(store, name, inside))
        answer = function(store, *given)
        function.post_return(store)
        return answer

    batch = Path(records).read_bytes()
    if raised:
        print(call("raised", batch))
        return 0
    # Twice: the second answer doesn't depend on what the instance has seen.
    call("alerts", batch)
    answer = call("alerts", batch)
    sys.stdout.write(answer.alerts)
    sys.stderr.write(answer.errors)
    return 1 if answer.errors else 0


sys.exit(main(sys.argv[1:]))
