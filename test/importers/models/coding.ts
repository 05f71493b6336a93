/**
 * Writes sessions as agents that write code keep them.
 *
 * @module
 */

import { isError, timeAt, type Json, type ModelCall, type Writer } from "./model.ts";

export const claudeCode: Writer = ({ name, prompt, turns }, maker) => {
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

export const codex: Writer = ({ name, prompt, turns }, maker) => {
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

export const opencode: Writer = ({ name, prompt, turns }, maker) => {
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

export const cursor: Writer = ({ name, prompt, turns }, maker) => {
  const lines: Json[] = [
    {
      type: "user",
      message: { content: [{ type: "text", text: `<user_query>${prompt}</user_query>` }] },
    },
  ];
  for (const turn of turns) {
    // A stream has a call when it begins, and again when it ends.
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
