"""A peer: NDJSON or gzip files of CloudTrail in, eventIDs of stopped recorders out, by json or orjson."""

import gzip
import sys


def hit(record):
    return (record.get("eventName") == "StopConfigurationRecorder"
            and record.get("eventSource") == "config.amazonaws.com"
            and record.get("errorCode") is None)


def main():
    library, *paths = sys.argv[1:]
    loads = __import__(library).loads
    for path in paths:
        if path.endswith(".gz"):
            with gzip.open(path) as stream:
                records = loads(stream.read())["Records"]
            for record in records:
                if hit(record):
                    print(record["eventID"])
            continue
        with open(path, "rb") as lines:
            for line in lines:
                record = loads(line)
                if hit(record):
                    print(record["eventID"])


main()
