/**
 * Sessions made from a model, and written as each format writes them: with ids that recur, lines
 * that repeat or are split, results that are missing, and odd records between. What an import gives
 * is held to the model.
 *
 * @module
 */

import type { Source } from "../../cli/importers/index.ts";
import { jsonl } from "./reading.ts";

type Json = Record<string, unknown>;

export interface ModelCall {
  id: string;
  tool: string;
  parameters: Json;
  /** missing: nothing answered it. */
  result: "success" | "error" | "missing";
  output: string;
}

/** A prompt and what the agent did; each turn's calls are made before their results come. */
export interface ModelSession {
  name: string;
  prompt: string;
  turns: ModelCall[][];
}

/** 0…1, the same for the same seed (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export class Maker {
  readonly random: () => number;
  #calls = 0;

  constructor(seed: number) {
    this.random = randomOf(seed);
  }

  below = (count: number): number => Math.floor(this.random() * count);
  chance = (share: number): boolean => this.random() < share;

  session(name: string): ModelSession {
    const turns = Array.from({ length: 1 + this.below(6) }, () => this.#turn());
    return { name, prompt: `do ${name}`, turns };
  }

  /** Ids are of a small pool: they recur from turn to turn, and in a turn. */
  #turn(): ModelCall[] {
    const calls = Array.from({ length: 1 + this.below(4) }, () => this.#call());
    const isAlone = ({ id }: ModelCall): boolean =>
      calls.filter((one) => one.id === id).length === 1;
    // Of two calls with one id nobody could say which of them was not answered.
    for (const call of calls) if (isAlone(call) && this.chance(0.2)) call.result = "missing";
    return calls;
  }

  #call(): ModelCall {
    this.#calls += 1;
    const n = this.#calls;
    return {
      id: `call_${this.below(4)}`,
      tool: ["read", "edit", "shell"][this.below(3)] ?? "read",
      parameters: { n, path: `f${n}.ts` },
      result: this.chance(0.3) ? "error" : "success",
      output: `out ${n}`,
    };
  }

  /** The results of a turn, in another order; those of one id keep theirs. */
  resultsOf(turn: readonly ModelCall[]): ModelCall[] {
    const queues = [...Map.groupBy(turn, ({ id }) => id).values()].map((calls) => [...calls]);
    const results: ModelCall[] = [];
    while (queues.some((queue) => queue.length > 0)) {
      const open = queues.filter((queue) => queue.length > 0);
      const next = open[this.below(open.length)]?.shift();
      if (next && next.result !== "missing") results.push(next);
    }
    return results;
  }

  /** Each line once, or now and then twice. */
  repeated(lines: readonly Json[]): Json[] {
    return lines.flatMap((line) => (this.chance(0.2) ? [line, line] : [line]));
  }

  /** Lines with some between that say nothing, or are none. */
  withOddLines(lines: readonly Json[]): string {
    const odd = [
      "nonsense\n",
      "[1]\n",
      "42\n",
      '{"silly":"this"}\n',
      "\n",
      '{"type":7,"message":[]}\n',
    ];
    return lines
      .map((line) => `${this.chance(0.2) ? odd[this.below(odd.length)] : ""}${jsonl(line)}`)
      .join("");
  }

  shuffled<T>(items: readonly T[]): T[] {
    return items
      .map((item) => ({ item, key: this.random() }))
      .sort((a, b) => a.key - b.key)
      .map(({ item }) => item);
  }
}

const timeAt = (second: number): string =>
  new Date(1_772_359_200_000 + second * 1_000).toISOString();
const isError = ({ result }: ModelCall): boolean => result === "error";

/** Writes a session as the files of a format. */
export type Writer = (session: ModelSession, maker: Maker) => Record<string, string>;

const claudeCode: Writer = ({ name, prompt, turns }, maker) => {
  let uuids = 0;
  const entry = (type: string, message: Json): Json => {
    uuids += 1;
    // Only the first line says the session, now and then.
    const known = uuids === 1 || maker.chance(0.7) ? { sessionId: name } : {};
    return { type, uuid: `u${uuids}`, ...known, timestamp: timeAt(uuids), message };
  };
  const lines = [entry("user", { role: "user", content: prompt })];
  for (const [i, turn] of turns.entries()) {
    const use = ({ id, tool, parameters }: ModelCall): Json => ({
      type: "tool_use",
      id,
      name: tool,
      input: parameters,
    });
    const message = { role: "assistant", id: `m${i}`, model: "m" };
    const blocks = [{ type: "text", text: "So." }, ...turn.map(use)];
    if (maker.chance(0.5)) lines.push(entry("assistant", { ...message, content: blocks }));
    else
      for (const block of blocks) {
        lines.push(entry("assistant", { ...message, content: [block] }));
        if (maker.chance(0.2)) lines.push(entry("assistant", { ...message, content: [block] }));
      }
    for (const call of maker.resultsOf(turn)) {
      const marked = isError(call) ? { is_error: true } : {};
      const result = { type: "tool_result", tool_use_id: call.id, content: call.output, ...marked };
      lines.push(entry("user", { role: "user", content: [result] }));
    }
  }
  return { [`${name}.jsonl`]: maker.withOddLines(maker.repeated(lines)) };
};

const codex: Writer = ({ name, prompt, turns }, maker) => {
  let second = 0;
  const line = (type: string, payload: Json): Json => ({
    timestamp: timeAt((second += 1)),
    type,
    payload,
  });
  const lines = [
    line("session_meta", { id: name, cwd: "/w" }),
    line("response_item", {
      type: "message",
      role: "user",
      content: [{ type: "input_text", text: "<environment_context>\nx\n</environment_context>" }],
    }),
    line("response_item", {
      type: "message",
      role: "user",
      content: [{ type: "input_text", text: prompt }],
    }),
  ];
  for (const turn of turns) {
    for (const { id, tool, parameters } of turn)
      lines.push(
        line("response_item", {
          type: "function_call",
          call_id: id,
          name: tool,
          arguments: JSON.stringify(parameters),
        }),
      );
    // Written when the model has answered.
    lines.push(line("event_msg", { type: "token_count", info: null }));
    for (const call of maker.resultsOf(turn)) {
      const code = isError(call) ? 1 : 0;
      const output = JSON.stringify({ output: call.output, metadata: { exit_code: code } });
      lines.push(line("response_item", { type: "function_call_output", call_id: call.id, output }));
    }
  }
  return { [`rollout-${name}.jsonl`]: maker.withOddLines(lines) };
};

const opencode: Writer = ({ name, prompt, turns }, maker) => {
  const padded = (n: number): string => String(n).padStart(5, "0");
  const files: Json[] = [{ id: name, directory: "/w", title: "t", time: {} }];
  let parts = 0;
  const message = (n: number, role: string): Json => ({
    id: `msg_${padded(n)}`,
    sessionID: name,
    role,
  });
  const part = (n: number, more: Json): Json => ({
    id: `prt_${padded((parts += 1))}`,
    messageID: `msg_${padded(n)}`,
    sessionID: name,
    ...more,
  });
  files.push(message(0, "user"), part(0, { type: "text", text: prompt }));
  for (const [i, turn] of turns.entries()) {
    files.push(message(i + 1, "assistant"));
    for (const { id, tool, parameters, result, output } of turn) {
      const ended =
        result === "success" ? { status: "completed", output } : { status: "error", error: output };
      const state = result === "missing" ? { status: "running" } : ended;
      files.push(
        part(i + 1, { type: "tool", callID: id, tool, state: { input: parameters, ...state } }),
      );
    }
  }
  const all = maker.shuffled(maker.repeated(files));
  return Object.fromEntries(all.map((file, i) => [`${name}/${i}.json`, JSON.stringify(file)]));
};

const cursor: Writer = ({ name, prompt, turns }, maker) => {
  const lines: Json[] = [
    {
      type: "user",
      message: { content: [{ type: "text", text: `<user_query>${prompt}</user_query>` }] },
    },
  ];
  for (const turn of turns) {
    // A stream tells a call when it begins, and again when it ends.
    for (const call of turn) {
      const call_id = `${call.id}-${String(call.parameters["n"])}`;
      const args = { args: call.parameters };
      const result = isError(call)
        ? { error: { message: call.output } }
        : { success: { content: call.output } };
      lines.push({
        type: "tool_call",
        subtype: "started",
        call_id,
        tool_call: { [`${call.tool}ToolCall`]: args },
      });
      if (call.result !== "missing")
        lines.push({
          type: "tool_call",
          subtype: "completed",
          call_id,
          tool_call: { [`${call.tool}ToolCall`]: { ...args, result } },
        });
    }
  }
  return { [`${name}.jsonl`]: maker.withOddLines(lines) };
};

const langsmith: Writer = ({ name, prompt, turns }, maker) => {
  const run = (id: string, second: number, more: Json): Json => ({
    id,
    trace_id: name,
    parent_run_id: name,
    start_time: timeAt(second).replace("Z", ""),
    end_time: timeAt(second),
    ...more,
  });
  const runs = turns.flat().map((call, i) => {
    const ended = isError(call)
      ? { status: "error", error: call.output }
      : { status: "success", outputs: { output: call.output } };
    const pending = { status: "pending", end_time: null };
    return run(`${name}-${i}`, i + 1, {
      run_type: "tool",
      name: call.tool,
      inputs: call.parameters,
      ...(call.result === "missing" ? pending : ended),
    });
  });
  const root = run(name, 0, {
    parent_run_id: null,
    run_type: "chain",
    name: "agent",
    inputs: { input: prompt },
    status: "pending",
    end_time: null,
  });
  const all = maker.shuffled(maker.repeated([root, ...runs]));
  const cut = maker.below(all.length);
  return {
    "a.jsonl": maker.withOddLines(all.slice(0, cut)),
    "b.jsonl": maker.withOddLines(all.slice(cut)),
  };
};

const otel: Writer = ({ name, prompt, turns }, maker) => {
  const attributes = (values: Json): Json[] =>
    Object.entries(values).map(([key, value]) => ({ key, value: { stringValue: String(value) } }));
  const nano = (second: number): string => `${1_772_359_200 + second}000000000`;
  const span = (spanId: string, second: number, values: Json, more: Json = {}): Json => ({
    traceId: name,
    spanId,
    parentSpanId: spanId === "root" ? "" : "root",
    name: "s",
    startTimeUnixNano: nano(second),
    endTimeUnixNano: nano(second),
    attributes: attributes(values),
    ...more,
  });
  const messages = JSON.stringify([{ role: "user", parts: [{ type: "text", content: prompt }] }]);
  const root = span("root", 0, {
    "gen_ai.operation.name": "invoke_agent",
    "gen_ai.input.messages": messages,
  });
  const tools = turns.flat().map((call, i) => {
    const values = {
      "gen_ai.operation.name": "execute_tool",
      "gen_ai.tool.name": call.tool,
      "gen_ai.tool.call.arguments": JSON.stringify(call.parameters),
    };
    if (call.result === "missing") return span(`${i}`, i + 1, values);
    if (isError(call))
      return span(`${i}`, i + 1, values, { status: { code: 2, message: call.output } });
    return span(`${i}`, i + 1, { ...values, "gen_ai.tool.call.result": call.output });
  });
  const all = maker.shuffled(maker.repeated([root, ...tools]));
  const cut = maker.below(all.length);
  const file = (spans: Json[]): string =>
    JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] });
  return { "a.json": file(all.slice(0, cut)), "b.json": file(all.slice(cut)) };
};

const openaiAgents: Writer = ({ name, prompt, turns }, maker) => {
  const span = (id: string, second: number, span_data: Json, error: unknown = null): Json => ({
    object: "trace.span",
    id,
    trace_id: name,
    started_at: timeAt(second),
    ended_at: timeAt(second),
    span_data,
    error,
  });
  const asked = span("g", 0, { type: "generation", input: [{ role: "user", content: prompt }] });
  const spans = turns.flat().map((call, i) => {
    const data = { type: "function", name: call.tool, input: JSON.stringify(call.parameters) };
    if (isError(call)) return span(`${i}`, i + 1, data, { message: call.output, data: null });
    return span(`${i}`, i + 1, { ...data, output: call.result === "missing" ? null : call.output });
  });
  const trace = { object: "trace", id: name, workflow_name: "w" };
  return {
    "trace.jsonl": maker.withOddLines(maker.shuffled(maker.repeated([trace, asked, ...spans]))),
  };
};

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

const langgraph: Writer = (session, maker) => {
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

const openaiBatch: Writer = (session, maker) => ({
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
const anthropicBatch: Writer = (session, maker) => ({
  "batch.jsonl": maker.withOddLines([
    { custom_id: session.name, params: { messages: anthropicMessages(session, maker) } },
  ]),
});

export const WRITERS: Partial<Record<Source, Writer>> = {
  "claude-code": claudeCode,
  codex,
  opencode,
  cursor,
  langsmith,
  otel,
  "openai-agents": openaiAgents,
  langgraph,
  "openai-batch": openaiBatch,
  "anthropic-batch": anthropicBatch,
};
