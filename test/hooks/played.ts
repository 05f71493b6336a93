/**
 * Sessions of agents as their hooks tell them: the JSON that each agent documents, played through
 * the commands that `memory-cli hooks install` has put into the agent's settings.
 *
 * @module
 */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { performance } from "node:perf_hooks";

/** What a hook is handed. */
export type Payload = Record<string, unknown> & { hook_event_name: string };

/** What came of a hook. */
export interface Played {
  exit: number;
  out: string;
  ms: number;
}

/** A session of Claude Code: each call is a command of a shell, and says what came of it. */
export class ClaudeSession {
  readonly id: string;
  #calls = 0;

  constructor(id: string) {
    this.id = id;
  }

  event(hook_event_name: string, more: Record<string, unknown> = {}): Payload {
    return {
      session_id: this.id,
      transcript_path: `/home/dev/.claude/projects/-home-dev-shop/${this.id}.jsonl`,
      cwd: "/home/dev/shop",
      permission_mode: "default",
      hook_event_name,
      ...more,
    };
  }

  start(source = "startup"): Payload {
    return this.event("SessionStart", { source, model: "claude-sonnet-4-6" });
  }

  prompt(prompt: string): Payload {
    return this.event("UserPromptSubmit", { prompt });
  }

  /** @param error absent: it went well */
  bash(command: string, output: string, error?: string, more = {}): Payload[] {
    this.#calls += 1;
    const call = {
      tool_name: "Bash",
      tool_input: { command, description: "Run a command" },
      tool_use_id: `toolu_${this.id}_${this.#calls}`,
      ...more,
    };
    const before = this.event("PreToolUse", call);
    if (error !== undefined)
      return [before, this.event("PostToolUseFailure", { ...call, error, is_interrupt: false })];
    const tool_response = { stdout: output, stderr: "", interrupted: false, isImage: false };
    return [before, this.event("PostToolUse", { ...call, tool_response })];
  }

  stop(): Payload {
    return this.event("Stop", { stop_hook_active: false, last_assistant_message: "Done." });
  }

  end(reason = "prompt_input_exit"): Payload {
    return this.event("SessionEnd", { reason });
  }
}

/** The command that is installed for an event, as the agent would run it. */
export function installedCommand(file: string, event: string): string {
  const { hooks } = JSON.parse(readFileSync(file, "utf8")) as {
    hooks: Record<string, { command?: string; hooks?: { command: string }[] }[]>;
  };
  const entry = hooks[event]?.at(-1);
  const command = entry?.command ?? entry?.hooks?.[0]?.command;
  if (command === undefined) throw new Error(`no hook for ${event} in ${file}`);
  return command;
}

/** Runs an agent's hook: a shell, and the JSON by a pipe. */
export async function play(
  command: string,
  payload: Payload,
  env: Record<string, string>,
): Promise<Played> {
  const began = performance.now();
  const child = spawn("/bin/sh", ["-c", command], {
    env,
    cwd: env["HOME"],
    stdio: ["pipe", "pipe", "ignore"],
  });
  let out = "";
  child.stdout.on("data", (part: Buffer) => (out += part.toString()));
  child.stdin.end(JSON.stringify(payload));
  const [exit] = (await once(child, "close")) as [number | null];
  return { exit: exit ?? -1, out, ms: performance.now() - began };
}

/** The environment of an agent in a fresh home. */
export function agentEnv(home: string, more: Record<string, string>): Record<string, string> {
  const { PATH = "", NODE_COMPILE_CACHE = "" } = process.env;
  return { PATH, HOME: home, XDG_CACHE_HOME: join(home, ".cache"), NODE_COMPILE_CACHE, ...more };
}
