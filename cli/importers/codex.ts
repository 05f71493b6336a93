/**
 * Codex CLI's rollout files: a session is an episode, its function calls are the steps, what a
 * person asked first is the task.
 *
 * @module
 */

import type { Step } from "../../client/step.ts";
import { omitUndefined } from "../omit-undefined.ts";
import {
  idOf,
  jsonLines,
  line,
  object,
  objects,
  textOf,
  timeOf,
  TimeSpan,
  ToolCalls,
  wordOf,
  type Importer,
  type Json,
  type Line,
  type Unmapped,
} from "./importer.ts";

/** Text that the program puts in the user's mouth. */
const PUT_IN =
  /^\s*<(environment_context|user_instructions|turn_aborted|permissions|skills)|^# AGENTS\.md/;
const CALLS = ["function_call", "custom_tool_call", "local_shell_call"];

export const codex: Importer = {
  reads: "rollout files of Codex CLI (~/.codex/sessions)",
  files: /^rollout-.*\.jsonl$/,
  *read(text, name, unmapped) {
    const session = new Session(unmapped);
    for (const entry of jsonLines(text, unmapped)) session.read(entry);
    const episode = session.episode(name);
    if (episode) yield episode;
    else unmapped.note("sessions without a prompt of a person");
  },
};

class Session {
  readonly #unmapped: Unmapped;
  readonly #calls = new ToolCalls();
  readonly #span = new TimeSpan();
  #task: string | null = null;
  #meta: Json = {};
  #model: unknown;

  constructor(unmapped: Unmapped) {
    this.#unmapped = unmapped;
  }

  read(entry: Json): void {
    const payload = object(entry["payload"]);
    const at = timeOf(entry["timestamp"]);
    this.#span.include(at);
    switch (entry["type"]) {
      case "session_meta":
        this.#meta = payload;
        return;
      case "turn_context":
        this.#model = payload["model"] ?? this.#model;
        return;
      case "event_msg":
        // What is shown repeats what was said; only tokens are nowhere else.
        if (payload["type"] === "token_count")
          this.#unmapped.note("token counts, which are of whole turns");
        return;
      case "response_item":
        return this.#item(payload, at);
      default:
        this.#unmapped.note(`entries of the type ${String(entry["type"])}`);
    }
  }

  #item(item: Json, at: string | undefined): void {
    const type = String(item["type"]);
    if (CALLS.includes(type)) {
      const action = object(item["action"]);
      const tool = wordOf(item["name"] ?? action["type"], "shell");
      const parameters = parsed(item["arguments"] ?? item["input"] ?? action);
      this.#calls.add(item["call_id"] ?? item["id"], { tool, parameters }, at);
    } else if (type.endsWith("_call_output"))
      this.#calls.end(item["call_id"], resultOf(item["output"]), at);
    else if (type === "message") {
      if (item["role"] === "user") this.#prompt(item["content"]);
    } else this.#unmapped.note(`items of the type ${type}`);
  }

  /** The first prompt of a person is the task. */
  #prompt(content: unknown): void {
    const said = textOf(objects(content).filter((block) => typeof block["text"] === "string"));
    if (this.#task === null && said.trim() !== "" && !PUT_IN.test(said)) this.#task = said;
  }

  /** null: nobody asked for anything. @param name in place of an id that the file does not say */
  episode(name: string): Line | null {
    if (this.#task === null) return null;
    const { id, cwd, cli_version: version } = this.#meta;
    const session = wordOf(id, name);
    const metadata = omitUndefined({ session, cwd, version, model: this.#model });
    return line(
      {
        id: idOf("codex", session),
        task: this.#task,
        context: { tags: ["codex"] },
        metadata: metadata as Record<string, string>,
        steps: this.#calls.steps,
        ...omitUndefined({ started_at: this.#span.first, ended_at: this.#span.last }),
      },
      this.#unmapped,
    );
  }
}

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
