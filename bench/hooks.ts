/**
 * What a hook costs the agent that waits for it, beside an empty process of Node in the same run:
 * `npm run bench:hooks [-- ROUNDS]`. The package's own files, through a shell as agents do it; hooks
 * that only record and hooks that ask, with the service there and without. Ends with 1 when a hook's
 * p95 is more than three times that of the empty process, which is 150 ms where that takes 50.
 *
 * @module
 */

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  agentEnv,
  ClaudeSession,
  installedCommand,
  play,
  type Payload,
} from "../test/hooks/played.ts";
import { ROOT } from "./support/bundle.ts";
import { World } from "./support/world.ts";

const ROUNDS = Number(process.argv[2] ?? 60);
/** Of the hook by the empty process, at p95. */
const RATIO_MAX = 3;
const GOAL_MS = 150;
/** Nobody listens here. */
const NOWHERE = "http://127.0.0.1:9";

const folder = mkdtempSync(join(tmpdir(), "memory-bench-hooks-"));
execFileSync(process.execPath, [join(ROOT, "scripts/pack.ts"), folder], { stdio: "inherit" });
const world = await World.start({ INSTANCE_COUNT: "1" });

/** ms of each kind of process. */
const took = new Map<string, number[]>();
const EMPTY = "an empty process";

async function timed(what: string, command: string, payload: Payload, env: Environment) {
  const { ms, exit } = await play(command, payload, env);
  if (exit !== 0) throw new Error(`${what} ended with ${exit}`);
  took.set(what, [...(took.get(what) ?? []), ms]);
}
type Environment = Record<string, string>;

const quantile = (values: readonly number[], share: number): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length * share)] ?? 0;

/** A call of a tool, before and after it; each in a process of its own. */
async function round(session: ClaudeSession, at: number, envs: Record<string, Environment>) {
  for (const [where, env] of Object.entries(envs)) {
    const settings = join(env["HOME"] ?? "", ".claude/settings.json");
    for (const payload of session.bash(`npm test ${at}`, "12 passed")) {
      const event = payload.hook_event_name;
      const kind = event === "PreToolUse" ? "asks" : "only records";
      await timed(`a hook that ${kind}, ${where}`, installedCommand(settings, event), payload, env);
    }
    await timed(EMPTY, `${JSON.stringify(process.execPath)} -e 0`, session.stop(), env);
  }
}

function environment(name: string, url: string): Environment {
  const env = agentEnv(join(folder, name), { MEMORY_URL: url, MEMORY_KEY: world.key });
  const bin = join(ROOT, "dist/package/cli/bin.js");
  execFileSync(process.execPath, [bin, "hooks", "install", "claude-code"], { env });
  return env;
}

try {
  const envs = {
    "with the service": environment("there", world.runtime.urls.service),
    "without it": environment("away", NOWHERE),
  };
  const session = new ClaudeSession("bench");
  for (const env of Object.values(envs)) {
    const settings = join(env["HOME"] ?? "", ".claude/settings.json");
    const prompt = session.prompt("make the tests pass");
    await play(installedCommand(settings, prompt.hook_event_name), prompt, env);
  }
  // The first rounds read the code, which is then kept compiled.
  for (let at = -2; at < ROUNDS; at++) {
    if (at === 0) took.clear();
    await round(session, at, envs);
  }
} finally {
  await world.remove();
  rmSync(folder, { recursive: true, force: true });
}

const figure = (values: readonly number[], share: number): string => {
  const ms = quantile(values, share);
  const ratio = ms / quantile(took.get(EMPTY) ?? [], share);
  return `p${share * 100} ${ms.toFixed(0).padStart(4)} ms (${ratio.toFixed(2)})`;
};
for (const [what, values] of took) {
  const [p95, empty] = [quantile(values, 0.95), quantile(took.get(EMPTY) ?? [], 0.95)];
  const isSlow = p95 / empty > RATIO_MAX;
  if (isSlow) process.exitCode = 1;
  const verdict = isSlow ? "MISSED" : p95 > GOAL_MS ? `good, over ${GOAL_MS} ms` : "good";
  console.log(`${what.padEnd(42)} ${figure(values, 0.5)}  ${figure(values, 0.95)}  ${verdict}`);
}
console.log(`In brackets: by the empty process; at p95 at most ${RATIO_MAX}.`);
