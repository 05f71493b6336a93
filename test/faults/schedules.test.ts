/**
 * Random schedules of client operations and faults, each with a seed. After each the world heals,
 * and the database must hold exactly what was acknowledged.
 */
import { env } from "cloudflare:workers";
import fc from "fast-check";
import { expect, it, vi } from "vitest";
import { schedule } from "./commands.ts";
import { World } from "./world.ts";

const { FAULT_SEED, FAULT_RUNS } = env as unknown as { FAULT_SEED: string; FAULT_RUNS: string };
const first = Number(FAULT_SEED);
const runs = Number(FAULT_RUNS);
/** Lines of the service's log that the report of a failure shows. */
const HEARD_SHOWN = 300;
let worlds = 0;
let done = 0;
// What each request and each fault logs would hide the one line that matters.
const say = console.log;
let heard: string[] = [];
for (const level of ["log", "warn", "error"] as const) {
  vi.spyOn(console, level).mockImplementation(
    (line: unknown) => void heard.push(`${Date.now() % 100_000} ${String(line)}`),
  );
}

async function run(commands: Iterable<fc.AsyncCommand<object, World>>): Promise<void> {
  worlds += 1;
  const world = new World(`w${worlds}-${crypto.randomUUID().slice(0, 8)}`);
  await world.heal();
  heard = [];
  try {
    await fc.asyncModelRun(() => ({ model: {}, real: world }), commands);
    done += world.log.length;
    await world.heal();
    await compare(world);
  } catch (error) {
    const last = heard.slice(-HEARD_SHOWN).join("\n");
    throw new Error(
      `${String(error)}\n${world.log.join("\n")}\n${await world.autopsy()}\n${last}`,
      { cause: error },
    );
  }
}

/** The database holds what was acknowledged, and nothing else. */
async function compare(world: World): Promise<void> {
  const episodes = await world.stored<{
    id: string;
    status: string;
    step_count: number;
    tags: string;
  }>(
    "SELECT id, status, step_count, tags FROM episodes WHERE namespace = ? ORDER BY id",
    world.namespace,
  );
  const alive = world.acknowledged
    .filter((episode) => !episode.deleted)
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  expect(episodes).toEqual(
    alive.map(({ id, status, tools, tags }) => ({
      id,
      status,
      step_count: tools.length,
      tags: JSON.stringify(tags),
    })),
  );
  const steps = await world.stored<{ episode_id: string; number: number; tool: string }>(
    "SELECT episode_id, number, json_extract(body, '$.tool') AS tool FROM steps WHERE namespace = ? ORDER BY 1, 2",
    world.namespace,
  );
  expect(steps).toEqual(
    alive.flatMap(({ id, tools }) =>
      tools.map((tool, i) => ({ episode_id: id, number: i + 1, tool })),
    ),
  );
  // A question or a deletion may have begun to load it after the world was healed.
  expect(await world.allLearned()).toEqual(
    alive.filter(({ status }) => status === "completed").map(({ id }) => id),
  );
}

it(
  `${runs} schedules from seed ${first} lose nothing, double nothing, and break no order`,
  { timeout: 6 * 3_600_000 },
  async () => {
    for (let seed = first; seed < first + runs; seed++) {
      try {
        await fc.assert(fc.asyncProperty(schedule, run), {
          seed,
          numRuns: 1,
          endOnFailure: runs > 1,
        });
      } catch (error) {
        throw new Error(
          `Replay it: FAULT_SEED=${seed} FAULT_RUNS=1 npm run test:faults\n${String(error)}`,
          {
            cause: error,
          },
        );
      }
    }
    say(
      `${runs} schedules, ${done} operations and faults, ${(await new World("").door("/state")).faults} broken answers`,
    );
  },
);
