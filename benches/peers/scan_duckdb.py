"""A peer: NDJSON or gzip files of CloudTrail in, eventIDs of stopped recorders out, by DuckDB with columns given."""

import sys

import duckdb

FIELDS = "eventName VARCHAR, eventSource VARCHAR, errorCode VARCHAR, eventID VARCHAR"
WHERE = ("eventName = 'StopConfigurationRecorder' AND eventSource = 'config.amazonaws.com' "
         "AND errorCode IS NULL")


def main():
    paths = sys.argv[1:]
    duckdb.execute("SET threads = 1")
    if paths[0].endswith(".gz"):
        source = (f"(SELECT unnest(Records, recursive := true) FROM read_json({paths!r}, "
                  f"columns = {{Records: 'STRUCT({FIELDS})[]'}}, maximum_object_size = 64000000))")
    else:
        columns = ", ".join("{}: '{}'".format(*field.split()) for field in FIELDS.split(", "))
        source = f"read_json({paths!r}, format = 'newline_delimited', columns = {{{columns}}})"
    for (event_id,) in duckdb.execute(f"SELECT eventID FROM {source} WHERE {WHERE}").fetchall():
        print(event_id)


main()
