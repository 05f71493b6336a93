/**
 * OpenAI Agents SDK: the tools that a runner's agents call. It is not imported.
 *
 * @module
 */

import { argumentsOf, object, wordOf } from "../calls/values.ts";
import type { Recording } from "../record.ts";
import type { OpenCall } from "../recording/open-call.ts";
import { quietly } from "../recording/words.ts";

interface Emitter {
  on: (event: never, listener: never) => unknown;
}

/**
 * Logs each tool that the runner's agents call, with its result, until the run that is recorded is
 * over. Take a runner for each recording. Returns the runner.
 *
 * @example
 * await recordRunner(run, new Runner()).run(agent, "Cancel order 7");
 */
export function recordRunner<R extends Emitter>(recording: Recording, runner: R): R {
  const open = new Map<unknown, OpenCall[]>();
  const on = (event: string, listener: (...args: unknown[]) => void): void => {
    const guarded = (...args: unknown[]): void => quietly(() => listener(...args));
    runner.on(event as never, guarded as never);
  };
  on("agent_tool_start", (_context, _agent, tool, details) => {
    const { callId, arguments: given } = object(object(details)["toolCall"]);
    const name = wordOf(object(tool)["name"], "unknown");
    const call = recording.begin(name, argumentsOf(given));
    open.set(callId, [...(open.get(callId) ?? []), call]);
  });
  on("agent_tool_end", (_context, _agent, _tool, result, details) => {
    const { callId } = object(object(details)["toolCall"]);
    const [call, ...others] = open.get(callId) ?? [];
    if (others.length > 0) open.set(callId, others);
    else open.delete(callId);
    // A tool that threw gives a text that says so.
    call?.answered(result, "unsaid");
  });
  return runner;
}
