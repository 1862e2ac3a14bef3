// The function's entry: the module is compiled and started once, while Lambda starts the process.
import { fromEnvironment } from "./handler.js";

export const handler = await fromEnvironment();
