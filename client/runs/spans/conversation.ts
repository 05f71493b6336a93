/**
 * The conversation of a trace, out of what each call of a model was given and answered. Most repeat
 * all that was said before; some hold only what is new. What stood before the question that the
 * trace is about is of earlier traces: its calls are none of this one. Pure.
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
    const earlier = new Set<ChatCall>();
    if (whole.prompt === null && chat.prompt !== null) {
      const from = lastAskedAt(messages);
      whole.prompt = readChat(messages.slice(from)).prompt;
      const before = readChat(messages.slice(0, from)).calls.length;
      for (const call of chat.calls.slice(0, before)) earlier.add(call);
    }
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
        if (!earlier.has(call)) whole.calls.push(call);
      }
    }
    if (chat.strays > 0) answerStrays(messages, byId);
  }
  return whole;
}

/** The message in which a person asked last; 0: nobody did. */
function lastAskedAt(messages: readonly Json[]): number {
  const isAsked = (message: Json): boolean =>
    eventsOf(message).some(({ type }) => type === "prompt");
  return Math.max(messages.findLastIndex(isAsked), 0);
}

const isSame = (a: ChatCall, b: ChatCall): boolean =>
  a.tool === b.tool && jsonOf(a.parameters) === jsonOf(b.parameters);

/**
 * Results whose calls an earlier part has: of those that wait, the oldest gets it. Some name a
 * result otherwise than its call: then it is of the only call that waits.
 */
function answerStrays(messages: readonly Json[], byId: ReadonlyMap<string, ChatCall[]>): void {
  const here = new Set<string>();
  for (const event of messages.flatMap(eventsOf)) {
    if (event.type === "prompt") continue;
    const id = event.id ?? `\0${event.tool}`;
    if (event.type === "call") here.add(id);
    else if (!here.has(id)) {
      const call = byId.has(id)
        ? byId.get(id)?.find(({ result }) => result === null)
        : onlyWaiting([...byId.values()].flat(), id);
      if (call) call.result = resultOf(event.content, event.verdict);
    }
  }
}

/** Of all calls, or of those of the tool that the id begins with, the one without a result. */
function onlyWaiting(calls: readonly ChatCall[], id: string): ChatCall | undefined {
  const waiting = calls.filter(({ result }) => result === null);
  const named = waiting.filter(({ tool }) => id.startsWith(tool));
  const [first, ...others] = named.length > 0 ? named : waiting;
  return others.length === 0 ? first : undefined;
}
