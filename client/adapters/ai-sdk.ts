/**
 * Vercel AI SDK: the calls of a step that is over. It is not imported.
 *
 * @module
 */

import { resultOf, sentResult } from "../calls/results.ts";
import { object, objects, wordOf } from "../calls/values.ts";
import type { Recording } from "../record.ts";
import { quietly } from "../recording/words.ts";

/** Characters of what the agent said beside a call, which tell what the call was for. */
const ACTION_MAX = 1_000;

/**
 * For `onStepEnd` (`onStepFinish` before version 7), when the tools are not wrapped: logs the calls
 * of a step with their results.
 *
 * @example
 * generateText({ model, prompt, tools, onStepEnd: recordAiStep(run) })
 */
export function recordAiStep(recording: Recording): (step: object) => void {
  return (step) => quietly(() => logStep(recording, step));
}

function logStep(recording: Recording, step: object): void {
  const { toolCalls, toolResults, content, text } = object(step);
  const results = [
    ...objects(toolResults),
    ...objects(content).filter((part) => part["type"] === "tool-error"),
  ];
  for (const call of objects(toolCalls)) {
    const result = results.find((one) => one["toolCallId"] === call["toolCallId"]);
    const failed = result?.["type"] === "tool-error";
    const said = failed ? result["error"] : (result?.["output"] ?? result?.["result"]);
    const came = said instanceof Error ? said.message : said;
    recording.log({
      tool: wordOf(call["toolName"], "unknown"),
      action: typeof text === "string" ? text.slice(0, ACTION_MAX) : "",
      parameters: call["input"] ?? call["args"] ?? {},
      result: result ? sentResult(resultOf(came, failed ? "error" : "ended")) : null,
    });
  }
}
