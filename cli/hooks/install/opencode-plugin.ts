/**
 * The plugin's text for opencode: its hooks become the JSON that `memory-cli hook` reads. It needs
 * nothing but Node's own modules, and nothing in it throws into the agent.
 *
 * @module
 */

import type { Place } from "./installer.ts";

export function openCodePlugin({ command, profile }: Place): string {
  const named = profile === "" ? [] : ["--profile", profile];
  return `// Records sessions in memory-service; made by: memory-cli hooks install opencode
import { spawn } from "node:child_process";

const COMMAND = ${JSON.stringify(command)};
const MORE = ${JSON.stringify(["--agent", "opencode", ...named])};
const WAIT_MS = 1000;

/** What the memory says to an event; null: nothing. Never throws. */
function tell(event, payload) {
  return new Promise((done) => {
    try {
      const [program, ...args] = COMMAND;
      const child = spawn(program, [...args, "hook", event, ...MORE], {
        stdio: ["pipe", "pipe", "ignore"],
      });
      const timer = setTimeout(() => done(null), WAIT_MS);
      let text = "";
      child.stdout.on("data", (part) => (text += part));
      child.stdin.on("error", () => undefined);
      child.on("error", () => done(null));
      child.on("close", () => {
        clearTimeout(timer);
        try {
          done(JSON.parse(text).context ?? null);
        } catch {
          done(null);
        }
      });
      child.stdin.end(JSON.stringify({ hook_event_name: event, ...payload }));
    } catch {
      done(null);
    }
  });
}

export const MemoryPlugin = async ({ directory }) => ({
  "chat.message": async ({ sessionID }, { parts }) => {
    const texts = parts.filter((part) => part.type === "text" && !part.synthetic);
    const prompt = texts.map((part) => part.text).join("\\n");
    await tell("userPromptSubmit", { session_id: sessionID, cwd: directory, prompt });
  },
  "tool.execute.before": async ({ tool, sessionID, callID }, { args }) => {
    const call = { tool_name: tool, tool_use_id: callID, tool_input: args };
    await tell("preToolUse", { session_id: sessionID, ...call });
  },
  "tool.execute.after": async ({ tool, sessionID, callID, args }, output) => {
    const code = output.metadata?.exit ?? output.metadata?.exitCode;
    const response = { output: output.output, exitCode: code };
    const call = { tool_name: tool, tool_use_id: callID, tool_input: args };
    const said = await tell("postToolUse", {
      session_id: sessionID,
      ...call,
      tool_response: response,
    });
    if (said) output.output += "\\n\\n" + said;
  },
  event: async ({ event: { type, properties } }) => {
    const session_id = properties?.sessionID ?? properties?.info?.id;
    if (type === "session.idle") await tell("stop", { session_id });
    if (type === "session.error") await tell("stop", { session_id, status: "error" });
    if (type === "session.deleted") await tell("sessionEnd", { session_id });
    const part = properties?.part;
    if (type !== "message.part.updated" || part?.type !== "tool") return;
    if (part.state?.status !== "error") return;
    await tell("postToolUseFailure", {
      session_id: part.sessionID,
      tool_name: part.tool,
      tool_use_id: part.callID,
      tool_input: part.state.input,
      error: part.state.error,
    });
  },
});
`;
}
