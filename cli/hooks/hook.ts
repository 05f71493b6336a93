/**
 * `memory-cli hook EVENT`: what an agent calls when something happens. The agent's JSON comes in by
 * the standard input, and is appended to the spool; out comes, seldom, a line for the agent. It
 * never fails the agent: it always ends with 0, in time, and says nothing where it has nothing to
 * say.
 *
 * @module
 */

import { spawn } from "node:child_process";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { MemoryClient, MemoryError } from "../../client/index.ts";
import { object, wordOf } from "../../client/calls/values.ts";
import { resolveTarget, type Target } from "../profile.ts";
import type { Io } from "../terminal/io.ts";
import { mayAsk, wordsFor } from "./asking.ts";
import { storable } from "./bounded.ts";
import { AGENTS, type Agent, type HookEvent } from "./event.ts";
import { eventsOf } from "./payloads.ts";
import { spokenTo } from "./speaking.ts";
import { Spool } from "./spool.ts";

/** What a whole hook may take, from the start of its process, ms. */
const BUDGET_MS = 150;
/**
 * What is left of it for what the process does not see, its start in a shell and its end, and the
 * least that a question is worth, ms.
 */
const RESERVE_MS = 40;
const QUESTION_MS_MIN = 15;
/** Bytes of a hook's JSON. */
const INPUT_BYTES_MAX = 32 * 1_048_576;
/** A session that goes on is sent so often, and one whose turn has ended at once, ms. */
const SENT_EVERY_MS = 30_000;

/** Runs a hook. Never throws. @param args what stands behind `hook` */
export async function hook(args: readonly string[], io: Io): Promise<void> {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      strict: false,
      options: { agent: { type: "string" }, profile: { type: "string", short: "p" } },
    });
    const agent = AGENTS.find((one) => one === (values["agent"] ?? "claude-code"));
    if (agent === undefined) return;
    const payload = object(JSON.parse(await input(io)));
    const profile = wordOf(values["profile"], "");
    const target = resolveTarget(profile === "" ? {} : { profile }, io.env);
    await take({ agent, io, target, profile }, eventsOf(agent, payload, positionals[0] ?? ""));
  } catch (error) {
    // The agent goes on without its memory.
    if (io.env["MEMORY_HOOK_DEBUG"]) io.stderr.write(`memory-cli hook: ${String(error)}\n`);
  }
}

interface Hook {
  agent: Agent;
  io: Io;
  target: Target;
  /** Empty: the one in use. */
  profile: string;
}

async function take(context: Hook, events: readonly HookEvent[]): Promise<void> {
  const { agent, io, target } = context;
  if (events.length === 0) return;
  const spool = Spool.of(target, io.env);
  const at = new Date().toISOString();
  const stored = events.map(storable);
  for (const event of stored) spool.append(agent, { ...event, at });
  const last = stored.at(-1);
  if (!last) return;
  sendLater(context, spool, last);
  const words = await asked(context, spool, last);
  if (words !== null) io.stdout.write(JSON.stringify(words));
}

/** The answer for the agent, in its form; null: nothing. */
async function asked(
  { agent, io, target }: Hook,
  spool: Spool,
  event: HookEvent,
): Promise<object | null> {
  const say = spokenTo(agent, event);
  const now = Date.now();
  const budgetMs = Number(io.env["MEMORY_HOOK_BUDGET_MS"]) || BUDGET_MS;
  const timeoutMs = Math.floor(budgetMs - RESERVE_MS - performance.now());
  if (say === null || timeoutMs < QUESTION_MS_MIN || !mayAsk(spool, now)) return null;
  const { url, namespace, key = target.admin_token } = target;
  if (key === undefined) return null;
  const named = namespace === undefined ? {} : { namespace };
  const memory = new MemoryClient({ url, key, ...named, timeoutMs, retries: 0 });
  const late = new Promise<null>((done) => setTimeout(() => done(null), timeoutMs).unref());
  const path = spool.pathOf(agent, event.session);
  try {
    const words = await Promise.race([wordsFor(memory, event, path), late]);
    return words === null ? null : say(words);
  } catch (error) {
    if (error instanceof MemoryError && error.code === "network") spool.stamp("away", now);
    return null;
  }
}

/** Starts a process that sends, and outlives this one. */
function sendLater({ io, profile }: Hook, spool: Spool, { type }: HookEvent): void {
  const now = Date.now();
  const isDue = ["stop", "end", "verdict"].includes(type);
  if (!isDue && now - spool.stampedAt("sending") < SENT_EVERY_MS) return;
  spool.stamp("sending", now);
  const bin = join(import.meta.dirname, import.meta.url.endsWith(".ts") ? "../bin.js" : "bin.js");
  const named = profile === "" ? [] : ["--profile", profile];
  const child = spawn(process.execPath, [bin, "hooks", "send", "--quiet", ...named], {
    detached: true,
    stdio: "ignore",
    env: io.env as NodeJS.ProcessEnv,
  });
  child.on("error", () => undefined);
  child.unref();
}

async function input({ stdin }: Io): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of stdin) {
    parts.push(Buffer.from(part as Uint8Array));
    bytes += (part as Uint8Array).length;
    if (bytes > INPUT_BYTES_MAX) throw new Error(`more than ${INPUT_BYTES_MAX} bytes`);
  }
  return Buffer.concat(parts).toString("utf8");
}
