/**
 * What a schedule is made of: what clients do, what they check, and what goes wrong meanwhile.
 *
 * @module
 */

import fc from "fast-check";
import { expect } from "vitest";
import type { Acknowledged, World } from "./world.ts";

type Command = fc.AsyncCommand<object, World>;

function command(text: string, run: (world: World) => Promise<void>): Command {
  return {
    check: () => true,
    run: async (_model, world) => {
      world.log.push(text);
      // Among what the service says, for the report of a failure.
      console.log(`> ${text}`);
      await run(world);
    },
    toString: () => text,
  };
}

/** The episode that a number picks among those that are there. */
function pick(world: World, n: number): Acknowledged | null {
  const alive = world.acknowledged.filter((episode) => !episode.deleted);
  return alive[n % Math.max(1, alive.length)] ?? null;
}

const nth = fc.nat(9);
const tool = fc.constantFrom("find", "read", "send");

const start = fc.nat(999).map((n) =>
  command(`start ${n}`, async (world) => {
    const task = `task ${n}`;
    const answer = await world.ask("POST", "/v1/episodes", { task });
    if (!answer) return;
    expect(answer.status).toBe(201);
    const id = String(answer.body.id);
    world.acknowledged.push({
      id,
      task,
      tools: [],
      tags: [],
      status: "in_progress",
      deleted: false,
    });
  }),
);

const step = fc.tuple(nth, fc.array(tool, { minLength: 1, maxLength: 4 })).map(([n, tools]) =>
  command(`step ${n} ${tools.join("+")}`, async (world) => {
    const episode = pick(world, n);
    if (!episode) return;
    const steps = tools.map((name, i) => ({
      number: episode.tools.length + i + 1,
      tool: name,
      result: { type: "success", output: "o" },
    }));
    const answer = await world.ask("POST", `/v1/episodes/${episode.id}/steps`, { steps });
    if (!answer) return;
    if (episode.status === "completed") return expect(answer.body.code).toBe("episode_ended");
    expect(answer.status, JSON.stringify(answer.body)).toBe(201);
    episode.tools.push(...tools);
    expect(answer.body.last_number).toBe(episode.tools.length);
  }),
);

const tag = fc.tuple(nth, fc.constantFrom("a", "b", "c")).map(([n, name]) =>
  command(`tag ${n} ${name}`, async (world) => {
    const episode = pick(world, n);
    if (!episode) return;
    const answer = await world.ask("POST", `/v1/episodes/${episode.id}/tags`, { tags: [name] });
    if (!answer) return;
    expect(answer.status).toBe(200);
    episode.tags = [...new Set([...episode.tags, name])];
  }),
);

const complete = nth.map((n) =>
  command(`complete ${n}`, async (world) => {
    const episode = pick(world, n);
    if (!episode) return;
    const answer = await world.ask("POST", `/v1/episodes/${episode.id}/complete`, {
      outcome: { type: "success" },
    });
    if (!answer) return;
    expect(answer.status, JSON.stringify(answer.body)).toBe(200);
    episode.status = "completed";
  }),
);

const remove = nth.map((n) =>
  command(`delete ${n}`, async (world) => {
    const episode = pick(world, n);
    if (!episode) return;
    const answer = await world.ask("DELETE", `/v1/episodes/${episode.id}`);
    if (!answer) return;
    // A repetition of a deletion whose answer was lost finds nothing.
    expect([204, 404]).toContain(answer.status);
    episode.deleted = true;
  }),
);

const get = nth.map((n) =>
  command(`get ${n}`, async (world) => {
    const episode = world.acknowledged[n % Math.max(1, world.acknowledged.length)];
    if (!episode) return;
    const answer = await world.ask("GET", `/v1/episodes/${episode.id}`);
    if (!answer) return;
    if (episode.deleted) return expect(answer.status).toBe(404);
    expect(answer.status, `${episode.id}: ${JSON.stringify(answer.body)}`).toBe(200);
    expect(answer.body.steps.map((one: { tool: string }) => one.tool)).toEqual(episode.tools);
    expect([answer.body.status, answer.body.tags]).toEqual([episode.status, episode.tags]);
  }),
);

const list = fc.constant(null).map(() =>
  command("list", async (world) => {
    const answer = await world.ask("GET", "/v1/episodes?limit=200");
    if (!answer) return;
    const listed = (
      answer.body.episodes as { id: string; status: string; step_count: number }[]
    ).map(({ id, status, step_count }) => `${id} ${status} ${step_count}`);
    const expected = world.acknowledged
      .filter((episode) => !episode.deleted)
      .map(({ id, status, tools }) => `${id} ${status} ${tools.length}`);
    // Without the database a list says that it may not be all; what it shows is right.
    if (answer.body.degraded) for (const line of listed) expect(expected).toContain(line);
    else expect(listed.sort()).toEqual(expected.sort());
  }),
);

/** The database never has a later step without an earlier one, nor a step twice. */
const peek = fc.constant(null).map(() =>
  command("look into the database", async (world) => {
    const rows = await world
      .stored<{ episode_id: string; number: number }>(
        "SELECT episode_id, number FROM steps WHERE namespace = ? ORDER BY episode_id, number",
        world.namespace,
      )
      .catch(() => []);
    for (const [id, steps] of Map.groupBy(rows, (row) => row.episode_id)) {
      const episode = world.acknowledged.find((episode) => episode.id === id);
      if (episode && !episode.deleted)
        expect(steps.map((one) => one.number)).toEqual(steps.map((_, i) => i + 1));
    }
  }),
);

const fault = fc
  .constantFrom(
    "pass",
    "pass",
    "cut",
    "drop_reply",
    "garble",
    "truncate",
    "garbage",
    "stall",
    "throttle",
    "late&delay=150",
    "late&delay=400",
    "pass&delay=100",
  )
  .map((kind) =>
    command(
      `connection: ${kind}`,
      async (world) => void (await world.door(`/fault?fault=${kind}`)),
    ),
  );

const kill = fc
  .constant(null)
  .map(() => command("kill the database", async (world) => void (await world.door("/kill"))));
const restart = fc
  .constant(null)
  .map(() => command("start the database", async (world) => void (await world.door("/start"))));
const evict = fc
  .nat(3)
  .map((index) => command(`evict instance ${index}`, (world) => world.evict(index)));
const abort = fc.constant(null).map(() => command("abort every object", (world) => world.abort()));
const alarm = fc
  .nat(3)
  .map((index) => command(`alarm of instance ${index}`, (world) => world.fireAlarm(index)));
const wait = fc
  .integer({ min: 1, max: 120 })
  .map((ms) => command(`wait ${ms} ms`, async () => scheduler.wait(ms)));
const resize = fc
  .constantFrom(1, 2, 4)
  .map((count) => command(`${count} instances`, (world) => world.resize(count)));
/** An abort in the middle of a request, which the client then repeats. */
const torn = fc.tuple(nth, tool).map(([n, name]) =>
  command(`abort while a step of ${n} is logged`, async (world) => {
    const episode = pick(world, n);
    if (!episode || episode.status === "completed") return;
    const body = {
      number: episode.tools.length + 1,
      tool: name,
      result: { type: "success", output: "o" },
    };
    const asked = world.ask("POST", `/v1/episodes/${episode.id}/steps`, body);
    await world.abort();
    const answer = await asked;
    if (!answer) return;
    expect(answer.status, JSON.stringify(answer.body)).toBe(201);
    episode.tools.push(name);
  }),
);

/** Client operations come often, faults now and then. */
export const schedule = fc.commands(
  [
    start,
    start,
    step,
    step,
    step,
    step,
    tag,
    complete,
    remove,
    get,
    get,
    get,
    list,
    peek,
    fault,
    fault,
    alarm,
    wait,
  ].concat([kill, restart, restart, evict, abort, torn, resize]) as fc.Arbitrary<Command>[],
  { maxCommands: 40, size: "max" },
);
