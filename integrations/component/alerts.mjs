// The component in Node, by what `jco transpile` makes of it: alerts of a file of records on standard output,
// errors on standard error.
//
// node alerts.mjs FOLDER/tocsin.js records.ndjson
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const [, , transpiled, records] = process.argv;
const { detector } = await import(pathToFileURL(transpiled));
const { alerts, errors } = detector.alerts(readFileSync(records));
process.stdout.write(alerts);
process.stderr.write(errors);
process.exitCode = errors ? 1 : 0;
