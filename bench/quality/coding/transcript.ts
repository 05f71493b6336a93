/**
 * A coding session in the shape of Claude Code's session files: an entry a line.
 *
 * @module
 */

import type { CodingEpisode } from "./session.ts";

const BEGAN = Date.parse("2026-03-02T09:00:00.000Z");
const DAY_MS = 86_400_000;
const STEP_MS = 7_000;

/** The lines of the file. The same session gives the same bytes. */
export function transcriptOf(session: CodingEpisode, cwd: string): string {
  const began = BEGAN + (session.task_id % 28) * DAY_MS;
  const sessionId = `00000000-0000-4000-8000-${String(session.task_id).padStart(12, "0")}`;
  const common = { isSidechain: false, userType: "external", cwd, sessionId, version: "2.0.14" };
  const entries: Record<string, unknown>[] = [];
  const add = (type: "user" | "assistant", message: unknown): void => {
    const uuid = `${session.id}-${entries.length}`;
    const parentUuid = entries.at(-1)?.["uuid"] ?? null;
    const timestamp = new Date(began + entries.length * STEP_MS).toISOString();
    entries.push({ parentUuid, ...common, gitBranch: "main", type, message, uuid, timestamp });
  };
  add("user", { role: "user", content: session.task });
  for (const { n, tool, args, result, ok } of session.steps) {
    const id = `toolu_${session.task_id}_${n}`;
    add("assistant", {
      model: "claude-sonnet-4-5",
      role: "assistant",
      content: [{ type: "tool_use", id, name: tool, input: args }],
      stop_reason: "tool_use",
    });
    const answer = { type: "tool_result", tool_use_id: id, content: result, is_error: !ok };
    add("user", { role: "user", content: [answer] });
  }
  const said = session.outcome.success ? "Done; it passes now." : "I could not get it to pass.";
  add("assistant", { role: "assistant", content: [{ type: "text", text: said }] });
  return `${entries.map((entry) => JSON.stringify(entry)).join("\n")}\n`;
}
