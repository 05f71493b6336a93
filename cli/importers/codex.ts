/**
 * Codex CLI's rollout files: a session is an episode, its function calls are the steps.
 *
 * @module
 */

import type { Step } from "../../client/step.ts";
import {
  given,
  idOf,
  jsonLines,
  line,
  object,
  objects,
  textOf,
  timeOf,
  type Importer,
  type Json,
  wordOf,
} from "./importer.ts";

/** Text that the program puts in the user's mouth. */
const PUT_IN =
  /^\s*<(environment_context|user_instructions|turn_aborted|permissions|skills)|^# AGENTS\.md/;
const CALLS = ["function_call", "custom_tool_call", "local_shell_call"];

export const codex: Importer = {
  reads: "rollout files of Codex CLI (~/.codex/sessions)",
  files: /^rollout-.*\.jsonl$/,
  *read(text, name, unmapped) {
    const steps: Step[] = [];
    const open = new Map<string, { step: Step; at: number }>();
    let task: string | null = null;
    let [first, last] = [undefined, undefined] as (string | undefined)[];
    let meta: Json = {};
    let model: unknown;
    for (const entry of jsonLines(text, unmapped)) {
      const payload = object(entry["payload"]);
      const at = timeOf(entry["timestamp"]);
      first ??= at;
      last = at ?? last;
      if (entry["type"] === "session_meta") meta = payload;
      else if (entry["type"] === "turn_context") model = payload["model"] ?? model;
      else if (entry["type"] === "event_msg") {
        // What is shown repeats what was said; only tokens are nowhere else.
        if (payload["type"] === "token_count")
          unmapped.note("token counts, which are of whole turns");
      } else if (entry["type"] !== "response_item")
        unmapped.note(`entries of the type ${String(entry["type"])}`);
      else if (CALLS.includes(String(payload["type"]))) {
        const action = object(payload["action"]);
        const step: Step = {
          tool: wordOf(payload["name"] ?? action["type"], "shell"),
          parameters: parsed(payload["arguments"] ?? payload["input"] ?? action),
          ...given({ at }),
        };
        steps.push(step);
        open.set(String(payload["call_id"] ?? payload["id"]), { step, at: Date.parse(at ?? "") });
      } else if (String(payload["type"]).endsWith("_call_output")) {
        const called = open.get(String(payload["call_id"]));
        if (!called) continue;
        called.step.result = resultOf(payload["output"]);
        const took = Date.parse(at ?? "") - called.at;
        if (took >= 0) called.step.latency_ms = took;
      } else if (payload["type"] === "message") {
        const said = textOf(
          objects(payload["content"]).filter((block) => typeof block["text"] === "string"),
        );
        if (payload["role"] === "user" && task === null && said.trim() !== "" && !PUT_IN.test(said))
          task = said;
      } else unmapped.note(`items of the type ${String(payload["type"])}`);
    }
    if (task === null) return unmapped.note("sessions without a prompt of a person");
    const session = wordOf(meta["id"], name);
    const metadata = given({
      session,
      cwd: meta["cwd"],
      version: meta["cli_version"],
      model,
    }) as Record<string, string>;
    yield line(
      {
        id: idOf("codex", session),
        task,
        context: { tags: ["codex"] },
        metadata,
        steps,
        ...given({ started_at: first, ended_at: last }),
      },
      unmapped,
    );
  },
};

function parsed(value: unknown): unknown {
  if (typeof value !== "string") return value ?? {};
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return { input: value };
  }
}

/** A command says its exit code, in JSON or in its first lines. */
function resultOf(output: unknown): NonNullable<Step["result"]> {
  const said = parsed(output);
  const inner = object(said);
  const text = typeof inner["output"] === "string" ? inner["output"] : textOf(output);
  const code =
    object(inner["metadata"])["exit_code"] ??
    /^(?:Process exited with code|Exit code:) (-?\d+)/m.exec(text)?.[1];
  const failed = (code !== undefined && Number(code) !== 0) || inner["success"] === false;
  return failed ? { type: "error", message: text } : { type: "success", output: text };
}
