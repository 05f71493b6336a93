/**
 * The conversation of a trace, out of what each call of a model was given and answered. Most repeat
 * all that was said before; some hold only what is new. Pure.
 *
 * @module
 */

import { readChat, type Chat, type ChatCall } from "../../calls/calls.ts";
import { eventsOf } from "../../calls/messages.ts";
import { resultOf } from "../../calls/results.ts";
import { jsonOf, type Json } from "../../calls/values.ts";

/** @param parts the messages of each call, the earliest first */
export function conversationOf(parts: readonly (readonly Json[])[]): Chat {
  const whole: Chat = { prompt: null, calls: [], strays: 0 };
  const byId = new Map<string, ChatCall[]>();
  for (const messages of parts) {
    const chat = readChat(messages);
    whole.prompt ??= chat.prompt;
    const seen = new Map<string, number>();
    for (const call of chat.calls) {
      const id = call.id ?? `\0${call.tool}`;
      const place = seen.get(id) ?? 0;
      seen.set(id, place + 1);
      const known = byId.get(id) ?? [];
      byId.set(id, known);
      const same = known[place];
      if (same && isSame(same, call)) same.result ??= call.result;
      else {
        known.push(call);
        whole.calls.push(call);
      }
    }
    if (chat.strays > 0) answerStrays(messages, byId);
  }
  return whole;
}

const isSame = (a: ChatCall, b: ChatCall): boolean =>
  a.tool === b.tool && jsonOf(a.parameters) === jsonOf(b.parameters);

/** Results whose calls an earlier part has: of those that wait, the oldest gets it. */
function answerStrays(messages: readonly Json[], byId: ReadonlyMap<string, ChatCall[]>): void {
  const here = new Set<string>();
  for (const event of messages.flatMap(eventsOf)) {
    if (event.type === "prompt") continue;
    const id = event.id ?? `\0${event.tool}`;
    if (event.type === "call") here.add(id);
    else if (!here.has(id)) {
      const call = byId.get(id)?.find(({ result }) => result === null);
      if (call) call.result = resultOf(event.content, event.verdict);
    }
  }
}
