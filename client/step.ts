/**
 * Steps, cut to what the service takes: an agent's tool may return anything.
 *
 * @module
 */

import type { Operations } from "./schema.ts";

export type Step = Exclude<Operations["logSteps"]["body"], { steps: unknown }>;

/** UTF-8 bytes of an output or a message, and of parameters as JSON (`step_output_max`). */
const BYTES_MAX = 65_536;
const NAME_MAX = 200;
const TEXT_MAX = 10_000;

/** The step as it fits; cut: something was left out, and `metadata.cut` says so. */
export function fitting(step: Step): { step: Step; cut: boolean } {
  let cut = false;
  const bytes = (text: string): string => {
    const short = shortened(text.replaceAll("\0", "\uFFFD"));
    if (short.length < text.length) cut = true;
    return short;
  };
  const characters = (text: string, max: number): string => {
    if (text.length > max) cut = true;
    return text.slice(0, max).toWellFormed().replaceAll("\0", "\uFFFD");
  };
  const fit: Step = { ...step, tool: characters(step.tool || "unknown", NAME_MAX) };
  if (step.action !== undefined) fit.action = characters(step.action, TEXT_MAX);
  if (step.parameters !== undefined) {
    const json = plain(step.parameters).replaceAll("\\u0000", "\\ufffd");
    if (new TextEncoder().encode(json).length <= BYTES_MAX)
      fit.parameters = JSON.parse(json) as unknown;
    else {
      cut = true;
      fit.parameters = { cut: json.slice(0, TEXT_MAX).toWellFormed() };
    }
  }
  if (step.result?.type === "success")
    fit.result = { type: "success", output: bytes(step.result.output ?? "") };
  if (step.result?.type === "error")
    fit.result = { type: "error", message: bytes(step.result.message) };
  if (typeof fit.latency_ms === "number") fit.latency_ms = Math.max(0, fit.latency_ms);
  if (cut) fit.metadata = { ...step.metadata, cut: "true" };
  return { step: fit, cut };
}

/** The longest beginning that has at most BYTES_MAX bytes, without half a character. */
function shortened(text: string): string {
  const whole = text.toWellFormed();
  const { read } = new TextEncoder().encodeInto(whole, new Uint8Array(BYTES_MAX));
  return whole.slice(0, read);
}

/**
 * JSON of anything: what JSON does not know is said as text, and what refers to itself is left out.
 */
export function plain(value: unknown): string {
  const above: object[] = [];
  const json = JSON.stringify(value, function (this: unknown, _key, item: unknown) {
    if (typeof item === "bigint") return String(item);
    if (typeof item === "function" || typeof item === "symbol") return `[${typeof item}]`;
    if (typeof item !== "object" || item === null) return item;
    while (above.length > 0 && above.at(-1) !== this) above.pop();
    if (above.includes(item)) return "[circular]";
    above.push(item);
    return item;
  });
  return json ?? "null";
}
