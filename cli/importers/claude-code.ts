/**
 * Claude Code's session files: a session is an episode, its tool calls are the steps.
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
  short,
  textOf,
  timeOf,
  type Importer,
  type Json,
  wordOf,
} from "./importer.ts";

/** Text that the program puts in the user's mouth. */
const PUT_IN =
  /^\s*(<(command-name|command-message|local-command|system-reminder|bash-)|Caveat: The messages below|This session is being continued|\[Request interrupted)/;

export const claudeCode: Importer = {
  reads: "session files of Claude Code (~/.claude/projects)",
  files: /\.jsonl$/,
  *read(text, name, unmapped) {
    const messages = [...jsonLines(text, unmapped)].filter(({ type }) => {
      if (type === "user" || type === "assistant") return true;
      unmapped.note(`entries of the type ${String(type)}`);
      return false;
    });
    const sessions = Map.groupBy(messages, (entry) => wordOf(entry["sessionId"], name));
    for (const [session, entries] of sessions) {
      const steps: Step[] = [];
      const open = new Map<string, { step: Step; at: number }>();
      let task: string | null = null;
      let [first, last, model] = [undefined, undefined, undefined] as (string | undefined)[];
      let about: Json = {};
      for (const entry of entries) {
        const { type } = entry;
        if (entry["isSidechain"] === true) {
          unmapped.note("messages of sub-agents");
          continue;
        }
        const at = timeOf(entry["timestamp"]);
        first ??= at;
        last = at ?? last;
        about = {
          ...about,
          ...given({ cwd: entry["cwd"], gitBranch: entry["gitBranch"], version: entry["version"] }),
        };
        const message = object(entry["message"]);
        const { content } = message;
        if (type === "assistant" && typeof message["model"] === "string") model = message["model"];
        const said = textOf(
          typeof content === "string"
            ? content
            : objects(content).filter((block) => block["type"] === "text"),
        );
        if (
          type === "user" &&
          task === null &&
          entry["isMeta"] !== true &&
          said.trim() !== "" &&
          !PUT_IN.test(said)
        )
          task = said;
        for (const block of objects(content)) {
          if (block["type"] === "tool_use") {
            const step: Step = {
              tool: wordOf(block["name"], "unknown"),
              action: short(said).slice(0, 1_000),
              parameters: block["input"] ?? {},
              ...given({ at }),
            };
            steps.push(step);
            open.set(String(block["id"]), { step, at: Date.parse(at ?? "") });
          } else if (block["type"] === "tool_result") {
            const called = open.get(String(block["tool_use_id"]));
            if (!called) continue;
            const output = textOf(block["content"]);
            called.step.result =
              block["is_error"] === true
                ? { type: "error", message: output }
                : { type: "success", output };
            const took = Date.parse(at ?? "") - called.at;
            if (took >= 0) called.step.latency_ms = took;
          } else if (block["type"] === "thinking") unmapped.note("thinking blocks");
          else if (block["type"] === "image") unmapped.note("images");
        }
      }
      if (task === null) {
        unmapped.note("sessions without a prompt of a person");
        continue;
      }
      const metadata = {
        session,
        ...(given({
          cwd: about["cwd"],
          git_branch: about["gitBranch"],
          version: about["version"],
          model,
        }) as Record<string, string>),
      };
      yield line(
        {
          id: idOf("claude-code", session),
          task,
          context: { tags: ["claude-code"] },
          metadata,
          steps,
          ...given({ started_at: first, ended_at: last }),
        },
        unmapped,
      );
    }
  },
};
