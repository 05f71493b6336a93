/**
 * LangChain and LangGraph: callbacks that log tools. They are not imported.
 *
 * @module
 */

import { answerIn } from "../calls/messages.ts";
import { argumentsOf, object, wordOf } from "../calls/values.ts";
import type { Recording } from "../record.ts";
import type { OpenCall } from "../recording/open-call.ts";
import { quietly } from "../recording/words.ts";

/** What LangChain asks of a handler that logs tools. */
export interface ToolCallbacks {
  /** In the agent's own time, so that the order of steps is that of the calls. */
  awaitHandlers: true;
  handleToolStart: (
    tool: object,
    input: string,
    runId: string,
    parentRunId?: string,
    tags?: string[],
    metadata?: Record<string, unknown>,
    runName?: string,
  ) => void;
  handleToolEnd: (output: unknown, runId: string) => void;
  handleToolError: (error: unknown, runId: string) => void;
}

/**
 * Logs each tool's call with its result.
 *
 * @example
 * await graph.invoke(inputs, { callbacks: [recordCallbacks(run)] });
 */
export function recordCallbacks(recording: Recording): ToolCallbacks {
  const open = new Map<string, OpenCall>();
  const end = (runId: string, how: (call: OpenCall) => void): void => {
    const call = open.get(runId);
    open.delete(runId);
    if (call) quietly(() => how(call));
  };
  return {
    awaitHandlers: true,
    handleToolStart: (tool, input, runId, _parentRunId, _tags, _metadata, runName) => {
      quietly(() => {
        const { name, id } = object(tool);
        const last = Array.isArray(id) ? (id.at(-1) as unknown) : undefined;
        const called = wordOf(runName ?? name ?? last, "unknown");
        open.set(runId, recording.begin(called, argumentsOf(input)));
      });
    },
    handleToolEnd: (output, runId) =>
      end(runId, (call) => {
        const message = answerIn(output);
        if (message) call.answered(message.content, message.verdict);
        else call.returned(output);
      }),
    handleToolError: (error, runId) => end(runId, (call) => call.failed(error)),
  };
}
