/**
 * Tool calls in the messages of the usual libraries, as steps: OpenAI (chat completions and
 * responses), Anthropic, Vercel AI SDK, LangChain. It reads the shapes of their messages; none of
 * them is imported.
 *
 * @module
 */

import { readChat } from "../calls/calls.ts";
import { sentResult } from "../calls/results.ts";
import { jsonOf, type Json } from "../calls/values.ts";
import type { Step } from "../step.ts";

/** The steps of a conversation's messages: a call whose answer is not there yet is left out. */
export function stepsOf(messages: readonly object[]): Step[] {
  return newCalls(messages, new Set());
}

/**
 * As `stepsOf`, without the calls that were seen; those it returns are seen from now on. A call is
 * known by its id, and by what it was given and answered, for ids recur: so a conversation may be
 * given whole each time, or only what is new of it.
 */
export function newCalls(messages: readonly object[], seen: Set<string>): Step[] {
  const here = new Map<string, number>();
  return readChat(messages as readonly Json[]).calls.flatMap(({ id, ...call }) => {
    if (call.result === null) return [];
    const result = sentResult(call.result);
    const content = jsonOf([id, call.tool, call.parameters, call.result]);
    const ordinal = here.get(content) ?? 0;
    here.set(content, ordinal + 1);
    const key = `${hashOf(content)}:${ordinal}`;
    if (seen.has(key)) return [];
    seen.add(key);
    return [{ ...call, result }];
  });
}

/** 53 bits of a text: enough to tell the calls of one conversation apart. */
function hashOf(text: string): string {
  let [high, low] = [0xdeadbeef, 0x41c6ce57];
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    high = Math.imul(high ^ unit, 2_654_435_761);
    low = Math.imul(low ^ unit, 1_597_334_677);
  }
  return `${(high ^ (high >>> 16)) >>> 0}.${(low ^ (low >>> 13)) >>> 11}.${text.length}`;
}
