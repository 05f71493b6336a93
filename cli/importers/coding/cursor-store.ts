/**
 * Conversations out of Cursor's own storage (`state.vscdb`): a conversation names its messages, a
 * message is a bubble that holds what was said, or a call with its result.
 *
 * @module
 */

import { resultOf, type CallResult } from "../../../client/calls/results.ts";
import {
  argumentsOf,
  object,
  objects,
  parsed,
  wordOf,
  type Json,
} from "../../../client/calls/values.ts";
import type { ImportEvent } from "../../../client/runs/events.ts";
import type { Notes } from "../../../client/runs/notes.ts";
import type { Item } from "../reading/json.ts";
import { timeOf } from "../../../client/runs/values.ts";

/** Keys of conversations, and of their bubbles. */
export const STORED = ["composerData:", "bubbleId:"] as const;
const ACTION_MAX = 1_000;
const PERSON = 1;

/** @param items pairs of a key and a value, which is JSON */
export function* storedConversations(items: Iterable<Item>, notes: Notes): Generator<ImportEvent> {
  const conversations = new Map<string, Json>();
  const bubbles = new Map<string, Json>();
  for (const { value } of items) {
    const key = wordOf(value["key"], "");
    const held = object(parsed(value["value"]));
    const [kind, conversation = "", bubble = ""] = key.split(":");
    if (kind === "composerData") conversations.set(conversation, held);
    else bubbles.set(`${conversation}:${bubble}`, held);
  }

  for (const [run, conversation] of conversations) {
    const { createdAt, lastUpdatedAt, name, modelConfig, fullConversationHeadersOnly } =
      conversation;
    // Older versions hold the bubbles themselves.
    const headers = objects(fullConversationHeadersOnly ?? conversation["conversation"]);
    if (headers.length === 0) continue;
    yield {
      type: "about",
      run,
      metadata: { session: run, name, model: object(modelConfig)["modelName"] },
      started_at: timeOf(createdAt),
      ended_at: timeOf(lastUpdatedAt),
    };
    for (const header of headers) {
      const bubble = bubbles.get(`${run}:${wordOf(header["bubbleId"], "")}`) ?? header;
      if (bubble === header && header["text"] === undefined && !header["toolFormerData"])
        notes.note("messages that the storage names and does not have");
      else yield* bubbleEvents(run, bubble);
    }
  }
}

function* bubbleEvents(run: string, bubble: Json): Generator<ImportEvent> {
  const at = timeOf(bubble["createdAt"]);
  const text = wordOf(bubble["text"], "").trim();
  yield { type: "seen", run, at };
  if (bubble["type"] === PERSON && text !== "") yield { type: "prompt", run, text };
  const called = object(bubble["toolFormerData"]);
  const tool = wordOf(called["name"], "");
  if (tool === "") return;
  yield {
    type: "call",
    run,
    id: null,
    tool,
    action: text.slice(0, ACTION_MAX),
    parameters: argumentsOf(called["rawArgs"] ?? called["params"]),
    at,
    result: resultIn(called),
  };
}

/** null: it has not ended. */
function resultIn({ status, result, error, userDecision }: Json): CallResult | null {
  const held = parsed(result);
  const said = typeof held === "string" ? held : (result ?? "");
  if (status === "error" || status === "cancelled" || userDecision === "rejected") {
    const { clientVisibleErrorMessage, modelVisibleErrorMessage } = object(parsed(error));
    return resultOf(
      modelVisibleErrorMessage ?? clientVisibleErrorMessage ?? (said || status),
      "error",
    );
  }
  if (status !== "completed") return null;
  const { exitCode, exitCodeV2 } = object(held);
  const code = exitCodeV2 ?? exitCode;
  return resultOf(said, typeof code === "number" && code !== 0 ? "error" : "ended");
}
