/**
 * Writes sessions as chats.
 *
 * @module
 */

import { isError, timeAt, type Json, type Maker, type ModelSession, type Writer } from "./model.ts";

/** A chat, as messages of OpenAI: what failed says so by its text. */
export function openAiMessages({ prompt, turns }: ModelSession, maker: Maker): Json[] {
  const messages: Json[] = [{ role: "user", content: prompt }];
  for (const turn of turns) {
    const tool_calls = turn.map(({ id, tool, parameters }) => ({
      id,
      type: "function",
      function: { name: tool, arguments: JSON.stringify(parameters) },
    }));
    messages.push({ role: "assistant", content: null, tool_calls });
    for (const call of maker.resultsOf(turn))
      messages.push({
        role: "tool",
        tool_call_id: call.id,
        content: isError(call) ? `Error: ${call.output}` : call.output,
      });
  }
  return messages;
}

/** A chat, as messages of Anthropic. */
export function anthropicMessages({ prompt, turns }: ModelSession, maker: Maker): Json[] {
  const messages: Json[] = [{ role: "user", content: [{ type: "text", text: prompt }] }];
  for (const turn of turns) {
    const uses = turn.map(({ id, tool, parameters }) => ({
      type: "tool_use",
      id,
      name: tool,
      input: parameters,
    }));
    messages.push({ role: "assistant", content: [{ type: "text", text: "So." }, ...uses] });
    const results = maker.resultsOf(turn).map((call) => ({
      type: "tool_result",
      tool_use_id: call.id,
      content: isError(call) ? `Error: ${call.output}` : call.output,
      is_error: isError(call),
    }));
    messages.push({ role: "user", content: results });
  }
  return messages;
}

export const langgraph: Writer = (session, maker) => {
  const types: Record<string, string> = { user: "human", assistant: "ai", tool: "tool" };
  const messages = openAiMessages(session, maker).map(({ role, tool_calls, ...message }) => ({
    ...message,
    type: types[String(role)],
    ...(tool_calls ? { additional_kwargs: { tool_calls } } : {}),
  }));
  const state = (count: number): Json => ({
    thread_id: session.name,
    values: { messages: messages.slice(0, count) },
    created_at: timeAt(count),
  });
  const states = [state(1), state(Math.ceil(messages.length / 2)), state(messages.length)];
  return { "history.jsonl": maker.withOddLines(maker.shuffled(maker.repeated(states))) };
};

export const openaiBatch: Writer = (session, maker) => ({
  "batch.jsonl": maker.withOddLines(
    maker.repeated([
      {
        custom_id: session.name,
        method: "POST",
        body: { messages: openAiMessages(session, maker) },
      },
    ]),
  ),
});
export const anthropicBatch: Writer = (session, maker) => ({
  "batch.jsonl": maker.withOddLines([
    { custom_id: session.name, params: { messages: anthropicMessages(session, maker) } },
  ]),
});
