/**
 * Writes sessions as traces of runs.
 *
 * @module
 */

import { isError, timeAt, type Json, type Writer } from "./model.ts";

export const langsmith: Writer = ({ name, prompt, turns }, maker) => {
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

export const otel: Writer = ({ name, prompt, turns }, maker) => {
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

export const openaiAgents: Writer = ({ name, prompt, turns }, maker) => {
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
