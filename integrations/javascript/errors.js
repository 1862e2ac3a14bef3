// In: what a module answers when it can't do as asked. Out: exceptions.

/** The module refuses a call, or can't be used. */
export class DetectorError extends Error {
  /**
   * @param {string} message
   * @param {{ status?: number, answer?: object, cause?: unknown }} details
   */
  constructor(message, { status, answer, cause } = {}) {
    super(message, { cause });
    this.name = "DetectorError";
    this.status = status;
    this.answer = answer;
  }
}

/** The rules or options hold errors; what was configured before still holds. */
export class ConfigurationError extends DetectorError {
  constructor(diagnostics, details) {
    super(summary(diagnostics), details);
    this.name = "ConfigurationError";
    this.diagnostics = diagnostics;
  }
}

/** The first error in full, the others as a number. */
function summary(diagnostics) {
  const errors = diagnostics.filter((diagnostic) => diagnostic.severity !== "warning");
  const first = errors[0];
  if (first === undefined) return "the rules can't be used as they are";
  const hint = first.hint ? `; ${first.hint}` : "";
  const others = errors.length > 1 ? ` (and ${errors.length - 1} more)` : "";
  return `${first.document}:${first.line}:${first.column}: ${first.message}${hint}${others}`;
}
