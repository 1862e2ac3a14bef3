// In: raw answers. Out: values, or the exceptions that they stand for.

import { ConfigurationError, DetectorError } from "./errors.js";

const OK = 0;
const BAD_BATCH = 2;
const BAD_CONFIGURATION = 3;
const LIMIT_EXCEEDED = 4;

const decoder = new TextDecoder();

/** The one JSON object of an answer to `describe` or `configure`. */
export function object(answer) {
  const value = parse(decoder.decode(answer.text), answer);
  if (answer.status === OK) return value;
  if (answer.status === BAD_CONFIGURATION) {
    throw new ConfigurationError(value.diagnostics, { status: answer.status, answer });
  }
  throw refused(answer, value);
}

/** The frames of an answer to `detect` or `explain`, by their kinds. */
export function frames(answer, kind) {
  const all = Array.from(lines(answer.text), (line) => parse(decoder.decode(line), answer));
  // Frames come with the status of a limit, too: an error among them names each record that had no room.
  const isWhole = answer.status === OK || answer.status === BAD_BATCH;
  const isAnswered = isWhole || (answer.status === LIMIT_EXCEEDED && "summary" in (all.at(-1) ?? {}));
  if (!isAnswered) throw refused(answer, all[0]);
  const [found, errors, moreErrors] = [[], [], []];
  let summary;
  for (const frame of all) {
    if (kind in frame) found.push(frame);
    else if ("error" in frame) errors.push({ record: frame.record, ...frame.error });
    else if ("errors" in frame) moreErrors.push(frame.errors);
    else if ("summary" in frame) summary = frame.summary;
    else throw new DetectorError("the answer has a frame of an unknown kind", { answer });
  }
  return { found, errors, moreErrors, summary };
}

/** The lines of a text. As a whole it may be longer than a string can be. */
function* lines(text) {
  for (let from = 0; from < text.length; ) {
    const end = text.indexOf(10, from);
    const to = end === -1 ? text.length : end;
    if (to > from) yield text.subarray(from, to);
    from = to + 1;
  }
}

function parse(text, answer) {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new DetectorError("the answer isn't JSON", { status: answer.status, answer, cause });
  }
}

function refused(answer, value) {
  const reason = value?.reason ?? "a limit was reached";
  return new DetectorError(reason, { status: answer.status, answer });
}
