/**
 * The tool calls of a chat, each with its own result, however often an id recurs. Pure.
 *
 * @module
 */

import type { ChatEvent } from "./events.ts";
import { eventsOf, isMessage } from "./messages.ts";
import { Pairing } from "./pairing.ts";
import { resultOf, type CallResult } from "./results.ts";
import type { Json } from "./values.ts";

export interface ChatCall {
  id: string | null;
  tool: string;
  action: string;
  parameters: unknown;
  /** null: nothing answered it. */
  result: CallResult | null;
}

export interface Chat {
  /** What was asked first; null: nothing was. */
  prompt: string | null;
  /** In the order in which they were made. */
  calls: ChatCall[];
  /** Results that no call was waiting for. */
  strays: number;
}

export function readChat(messages: readonly Json[]): Chat {
  const chat: Chat = { prompt: null, calls: [], strays: 0 };
  const pairing = new Pairing<ChatCall>();
  for (const message of messages) {
    // Of items of responses nothing says what is one turn.
    if (isMessage(message)) pairing.endTurn();
    for (const event of eventsOf(message)) take(chat, pairing, event);
  }
  return chat;
}

/** What was asked last; null: nothing was. */
export function lastAsked(messages: readonly Json[]): string | null {
  const asked = messages.flatMap(eventsOf).findLast(({ type }) => type === "prompt");
  return asked?.type === "prompt" ? asked.text : null;
}

function take(chat: Chat, pairing: Pairing<ChatCall>, event: ChatEvent): void {
  if (event.type === "prompt") {
    chat.prompt ??= event.text;
    pairing.endTurn();
    return;
  }

  // Calls of the oldest shape have no id: the answer names the tool.
  const id = event.id ?? `\0${event.tool}`;
  if (event.type === "call") {
    const { type: _type, ...made } = event;
    const call: ChatCall = { ...made, result: null };
    chat.calls.push(call);
    pairing.arm(id, call);
    return;
  }
  const call = pairing.use(id);
  if (call) call.result = resultOf(event.content, event.verdict);
  else chat.strays += 1;
}
