/**
 * Sixty-four real instances, which no object asks all by itself: what operators see of them, and the
 * time that it takes, which is printed and not judged: it is this machine's.
 */

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Sqld } from "../../support/processes/sqld.ts";
import { until } from "../../support/processes/until.ts";
import { ADMIN_TOKEN, Service, type Answer } from "../../support/service/service.ts";

const COUNT = 64;
const REPETITIONS = 5;

let database: Sqld;
let service: Service;

beforeAll(async () => {
  database = await Sqld.start();
  service = await Service.start(database.url, { INSTANCE_COUNT: String(COUNT) });
});
afterAll(async () => {
  await service.remove();
  await database.remove();
});

const admin = (method: string, path: string, body?: unknown): Promise<Answer> =>
  service.call(method, path, { key: ADMIN_TOKEN, ...(body === undefined ? {} : { body }) });

/** Prints how long the repetitions took, and answers with the last answer. */
async function timed(
  what: string,
  ask: (repetition: number) => Promise<Answer>,
  pauseMs = 0,
): Promise<Answer> {
  const times: number[] = [];
  let answer: Answer | null = null;
  for (let repetition = 0; repetition < REPETITIONS; repetition++) {
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
    const begun = performance.now();
    answer = await ask(repetition);
    times.push(Math.round(performance.now() - begun));
  }
  console.info(`${what}, ${COUNT} instances: ${times.join(", ")} ms`);
  if (answer === null) throw new Error("nothing was asked");
  return answer;
}

const ALL = Array.from({ length: COUNT }, (_, index) => index);

describe(`${COUNT} instances`, () => {
  it("have a changed setting when the change is answered", async () => {
    const changed = await timed("a setting, to all", (repetition) =>
      admin("PUT", "/admin/config", { settings: { cache_max_size: 1_000 + repetition } }),
    );
    expect(changed.status).toBe(200);
    const { instances } = (await timed("their state", () => admin("GET", "/admin/instances"))).body;
    expect(instances.map(({ instance }: { instance: number }) => instance)).toEqual(ALL);
    const versions = instances.map((each: { control_version: number }) => each.control_version);
    expect(new Set(versions)).toEqual(new Set([changed.body.version]));
  });

  it("are all in the metrics, each with its own series", async () => {
    const { text } = await timed("metrics", () => admin("GET", "/metrics"));
    const up = [...text.matchAll(/^memory_instance_up\{instance="(\d+)"\} 1$/gm)];
    expect(up.map(([, instance]) => Number(instance)).sort((a, b) => a - b)).toEqual(ALL);
    expect(text).toMatch(/^memory_instances 64$/m);
  });

  it("are ready", async () => {
    // The first small write makes the tables.
    await until("the service is ready", async () => {
      const { body } = await admin("GET", "/health/ready");
      return body.status === "healthy";
    });
    // What is found is shown again for a second.
    const { body } = await timed("readiness", () => admin("GET", "/health/ready"), 1_100);
    expect(body.checks).toContainEqual(
      expect.objectContaining({ name: "instances", message: `${COUNT} of ${COUNT} answer` }),
    );
  });

  it("serve a namespace whose episodes are everywhere", async () => {
    const key = await service.key("everywhere");
    const ids: string[] = [];
    for (let number = 0; number < 40; number++) {
      const started = await service.call("POST", "/v1/episodes", {
        key,
        body: { task: `task ${number}` },
      });
      ids.unshift(started.body.id);
    }
    const listed = await timed("a list", () =>
      service.call("GET", "/v1/episodes?limit=100", { key }),
    );
    expect(listed.status, listed.text).toBe(200);
    expect(listed.body.episodes.map(({ id }: { id: string }) => id)).toEqual(ids);
  });
});
