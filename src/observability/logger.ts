/**
 * Writes log events: one JSON object a line, for `wrangler tail`. What an error says may hold text of
 * a user, and is written without its secrets.
 *
 * @module
 */

import { redactText } from "../memory/redaction/index.ts";
import { EVENTS, LEVELS, type Level, type Log, type LogEvent } from "./log-events.ts";

const RULES = { mode: "redact", own: [] } as const;

/** The trace's id in a W3C traceparent; null: there is none, or it is not valid. */
export function traceIdOf(traceparent: string | null): string | null {
  const id = /^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}(-.*)?$/.exec(
    traceparent ?? "",
  )?.[1];
  return id === undefined || /^0+$/.test(id) ? null : id;
}

/**
 * A log that writes events of this level or above. An event has the level that its declaration
 * gives it, unless it comes with another.
 *
 * @param threshold the least level that is written, asked for at each event
 * @param common fields of every line, read at each event; null and undefined are left out
 * @param keep takes each line that is written
 */
export function logger(
  threshold: () => Level,
  common: () => Record<string, unknown>,
  keep: (line: string) => void = () => undefined,
): Log {
  return (given) => {
    const { level = levelOf(given), ...event } = given;
    if (LEVELS.indexOf(level) < LEVELS.indexOf(threshold())) return;

    const own = Object.entries(common()).filter(
      ([, value]) => value !== null && value !== undefined,
    );
    const said = "reason" in event ? { reason: withoutSecrets(event.reason) } : {};
    const line = JSON.stringify({ ...event, ...said, level, ...Object.fromEntries(own) });
    keep(line);
    if (level === "error") console.error(line);
    else if (level === "warn") console.warn(line);
    else console.log(line);
  };
}

function withoutSecrets(reason: unknown): unknown {
  return typeof reason === "string" ? redactText(reason, RULES).value : reason;
}

/** The level that its declaration gives an event; info where that depends. */
function levelOf({ event }: LogEvent): Level {
  const { level } = EVENTS[event];
  return level === "depends" ? "info" : level;
}
