/**
 * Says whether an agent hears what a hook says, and in which form, as its documentation has it.
 * Pure.
 *
 * @module
 */

import type { Agent, HookEvent } from "./event.ts";

/** Moments at which something may be said, by the name that Claude Code and Codex have for them. */
function momentOf(event: HookEvent): string | null {
  if (event.type === "prompt") return "UserPromptSubmit";
  if (event.type === "call") return "PreToolUse";
  if (event.type !== "result" || event.result?.type !== "error") return null;
  return "PostToolUse";
}

/** How words are handed over; null: the agent does not listen here. */
export function spokenTo(agent: Agent, event: HookEvent): ((words: string) => object) | null {
  const moment = momentOf(event);
  if (moment === null) return null;
  switch (agent) {
    case "claude-code": {
      const hookEventName = moment === "PostToolUse" ? "PostToolUseFailure" : moment;
      return (additionalContext) => ({ hookSpecificOutput: { hookEventName, additionalContext } });
    }
    case "codex":
      return (additionalContext) => ({
        hookSpecificOutput: { hookEventName: moment, additionalContext },
      });
    case "cursor":
      // Before a call its hooks may allow or deny only.
      return moment === "PostToolUse" ? (additional_context) => ({ additional_context }) : null;
    case "opencode":
      return moment === "PostToolUse" ? (context) => ({ context }) : null;
  }
}
