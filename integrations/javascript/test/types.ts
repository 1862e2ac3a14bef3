// Compiles if the types say what the package does. Nothing here runs.

import { ConfigurationError, Detector, DetectorError } from "tocsin-detector";
import type { Alert, AlertFrame, Answer, Detection } from "tocsin-detector";
import init, { tocsin_javascript_detect } from "tocsin-detector/glue/web";
import { createGlue } from "tocsin-detector/glue/factory";

export async function typed(): Promise<void> {
  const detector: Detector = await Detector.load(new Uint8Array());
  await Detector.load(fetch("tocsin.wasm"));
  const { alerts, errors, summary }: Detection = detector.detect("{}");
  const first: AlertFrame<Alert> | undefined = alerts[0];
  const severity: "low" | "medium" | "high" | "critical" | undefined = first?.alert.rule.severity;
  const time: number | null | undefined = first?.time;
  const offset: number | undefined = errors[0]?.offset;
  const records: number = summary.records;

  detector.configure({ options: { format: "text" } });
  const line: string | undefined = detector.detect<string>("{}").alerts[0]?.alert;
  try {
    detector.configure({ add: [{ name: "a.toml", text: "" }] });
  } catch (error) {
    if (error instanceof ConfigurationError) console.log(error.diagnostics[0]?.line);
    else if (error instanceof DetectorError) console.log(error.status, error.answer?.count);
  }
  const answer: Answer = detector.raw.detect(new ArrayBuffer(0));
  const hash: string | null = detector.describe().module.sha256;
  detector.configure({ options: { facts: true, only_rules: ["my-rule"], now: Date.now(), logsource: { product: "aws" } } });
  const user: string | undefined = detector.detect("{}").alerts[0]?.facts?.user;
  console.log(user, first?.offset, severity, time, offset, records, line, answer.text.length, hash);

  // @ts-expect-error a detector is loaded, not made
  new Detector();
  // @ts-expect-error there is no such format
  detector.configure({ options: { format: "xml" } });
  // @ts-expect-error a record is text, not an object
  detector.detect({ eventName: "StopConfigurationRecorder" });

  await init({ module_or_path: "tocsin.wasm" });
  const bytes: Uint8Array = tocsin_javascript_detect(new Uint8Array());
  createGlue().initSync({ module: bytes as Uint8Array<ArrayBuffer> });
}
