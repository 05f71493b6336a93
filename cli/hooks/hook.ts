/**
 * `memory-cli hook EVENT`: what an agent calls when something happens. The agent's JSON is appended
 * to the spool; out comes, seldom, a line for the agent. It never fails the agent: it always ends
 * with 0, in time, and says nothing where it has nothing to say. Of its code only what writes to the
 * spool is loaded at once: most events need no more.
 *
 * @module
 */

import { join } from "node:path";
import { parseArgs } from "node:util";
import { object, wordOf } from "../../client/calls/values.ts";
import { resolveTarget, type Target } from "../profile.ts";
import type { Io } from "../terminal/io.ts";
import type { Said } from "./asking.ts";
import { storable } from "./bounded.ts";
import { BUDGET_NAME, budgetOf } from "./budget.ts";
import { AGENTS, type Agent, type HookEvent } from "./event.ts";
import { eventsOf } from "./payloads.ts";
import { spokenTo } from "./speaking.ts";
import { Spool } from "./spool.ts";

/**
 * What is left of its budget for what the process does not see, its start in a shell and its end, and the
 * least that a question is worth, ms.
 */
const RESERVE_MS = 40;
const QUESTION_MS_MIN = 15;
/** How long a service that did not answer is not asked again, ms. */
const AWAY_MS = 30_000;
/** A session that goes on is sent so often, and one whose turn has ended at once, ms. */
const SENT_EVERY_MS = 30_000;

/**
 * Runs a hook. Never throws.
 *
 * @param args what stands behind `hook`
 * @param input reads the agent's JSON
 * @returns what the agent is to hear, as it reads it; null: nothing
 */
export async function hook(
  args: readonly string[],
  io: Pick<Io, "env" | "stderr">,
  input: () => Promise<string>,
): Promise<string | null> {
  const explain = (words: string): void => {
    if (io.env["MEMORY_HOOK_DEBUG"]) io.stderr.write(`memory-cli hook: ${words}\n`);
  };
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      strict: false,
      options: { agent: { type: "string" }, profile: { type: "string", short: "p" } },
    });
    const agent = AGENTS.find((one) => one === (values["agent"] ?? "claude-code"));
    if (agent === undefined) {
      explain(`--agent must be one of ${AGENTS.join(", ")}`);
      return null;
    }
    const payload = object(JSON.parse(await input()));
    const profile = wordOf(values["profile"], "");
    const target = resolveTarget(profile === "" ? {} : { profile }, io.env, "ignored");
    const events = eventsOf(agent, payload, positionals[0] ?? "");
    const said = await take({ agent, env: io.env, target, profile }, events);
    if ("words" in said) return JSON.stringify(said.words);
    explain(said.silence);
    return null;
  } catch (error) {
    // The agent goes on without its memory.
    explain(String(error));
    return null;
  }
}

interface Hook {
  agent: Agent;
  env: Io["env"];
  target: Target;
  /** Empty: the one in use. */
  profile: string;
}

/** What the agent hears, in its form; or why nothing, for a person who wonders. */
type Heard = { words: object } | { silence: string };

async function take(context: Hook, events: readonly HookEvent[]): Promise<Heard> {
  const { agent, env, target } = context;
  const stored = events.map(storable);
  const last = stored.at(-1);
  if (!last) return { silence: "nothing of it is recorded" };
  const spool = Spool.of(target, env);
  const at = new Date().toISOString();
  let isRecorded = true;
  for (const event of stored) isRecorded = spool.append(agent, { ...event, at }) && isRecorded;
  await sendLater(context, spool, last);
  const heard = await asked(context, spool, last);
  if ("words" in heard) return heard;
  const fate = isRecorded ? "recorded" : `not recorded, ${spool.folder} has no room for it`;
  return { silence: `${fate}; ${heard.silence}` };
}

async function asked({ agent, env, target }: Hook, spool: Spool, event: HookEvent): Promise<Heard> {
  const say = spokenTo(agent, event);
  if (say === null) return { silence: `${agent} hears nothing at this moment` };
  const now = Date.now();
  if (now - spool.stampedAt("away") <= AWAY_MS)
    return {
      silence: `${target.url} could not be reached, and is left alone for ${AWAY_MS / 1_000} s`,
    };
  const said = await inTime({ target, env, event, path: spool.pathOf(agent, event.session) });
  if ("text" in said) {
    spool.noteAsk(false);
    return { words: say(said.text) };
  }
  spool.noteAsk("isLate" in said);
  if ("isAway" in said) spool.stamp("away", now);
  return said;
}

interface Moment {
  target: Target;
  env: Io["env"];
  event: HookEvent;
  path: string;
}

/** Asks while the budget lasts, which began with the process. */
async function inTime({ env, ...question }: Moment): Promise<Said> {
  const budgetMs = budgetOf(env);
  const timeoutMs = (): number => Math.floor(budgetMs - RESERVE_MS - performance.now());
  if (timeoutMs() < QUESTION_MS_MIN)
    return {
      silence: `too little is left of ${budgetMs} ms to ask in (${BUDGET_NAME})`,
      isLate: true,
    };
  const { ask } = await import("./asking.ts");
  return ask({ ...question, timeoutMs: Math.max(1, timeoutMs()) });
}

/** Starts a process that sends, and outlives this one. */
async function sendLater({ env, profile }: Hook, spool: Spool, { type }: HookEvent): Promise<void> {
  const now = Date.now();
  const isDue = ["stop", "end", "verdict"].includes(type);
  if (!isDue && now - spool.stampedAt("sending") < SENT_EVERY_MS) return;
  spool.stamp("sending", now);
  const bin = join(import.meta.dirname, import.meta.url.endsWith(".ts") ? "../bin.cjs" : "bin.cjs");
  const named = profile === "" ? [] : ["--profile", profile];
  const { spawn } = await import("node:child_process");
  const child = spawn(process.execPath, [bin, "hooks", "send", "--quiet", ...named], {
    detached: true,
    stdio: "ignore",
    // Nothing of the agent's folder decides where it is sent, as nothing did here.
    cwd: spool.folder,
    env: { ...env, MEMORY_DATA_DIR: "" } as NodeJS.ProcessEnv,
  });
  child.on("error", () => undefined);
  child.unref();
}
