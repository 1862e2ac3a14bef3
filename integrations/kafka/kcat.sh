#!/bin/sh
# Records from one Kafka topic, alerts to another, with kcat on both sides of one `tocsin scan -`.
#
#   BROKERS=kafka-1:9092,kafka-2:9092 ./kcat.sh
#
# TOPIC and ALERTS name the topics, GROUP the consumer group: start the script on several machines and
# they share the topic's partitions. KCAT_CONFIG may name a file with further settings of librdkafka, such
# as security.protocol and sasl.password.
#
# Offsets are committed by time, not when an alert has been written: after a crash the records of the
# last seconds may be judged twice or not at all. An alert's id is the same each time, so a store that keeps
# one document for each id sees no double; to lose none, set enable.auto.commit=false and reset offsets.
set -eu
brokers=${BROKERS:?say which brokers: BROKERS=host:9092}
tocsin=${TOCSIN:-tocsin}

# -u: each record at once. -q: nothing but records on standard output.
kcat -b "$brokers" -G "${GROUP:-tocsin}" -u -q -X auto.offset.reset=earliest -f '%s\n' \
    "${TOPIC:-cloudtrail}" |
    "$tocsin" scan - |
    # A producer for each alert: one that stays open (kcat 1.7) reads its pipe in blocks, and an alert
    # would wait for the next dozen.
    while IFS= read -r alert; do
        printf '%s\n' "$alert" | kcat -P -b "$brokers" -t "${ALERTS:-tocsin-alerts}"
    done
