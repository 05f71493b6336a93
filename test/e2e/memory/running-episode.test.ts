import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AdviceView, RecallView } from "../../../src/contract/recall/answers.ts";
import { Service } from "../../support/service/service.ts";
import { Sqld } from "../../support/processes/sqld.ts";

let database: Sqld;
let service: Service;
let key: string;

beforeAll(async () => {
  database = await Sqld.start();
  // The home of an episode and that of its namespace may be different instances.
  service = await Service.start(database.url, { INSTANCE_COUNT: "3" });
  key = await service.key("running");
});
afterAll(async () => {
  await service.remove();
  await database.remove();
});

const call = (path: string, body: unknown) => service.call("POST", path, { key, body });
/** What an answer says, without what the time of asking moves in its last digits. */
const shown = (answer: Partial<RecallView & AdviceView>) => ({
  next: answer.next_tools?.map(({ tool, why }) => [tool, why]),
  avoid: answer.avoid,
  episodes: answer.episodes?.map(({ id }) => id),
  playbook: answer.playbook?.steps.map(({ tool }) => tool),
});
const TASK = "return the lamp of the order";

async function ran(tools: readonly string[], outcome: object | null): Promise<string> {
  const { id } = (await call("/v1/episodes", { task: TASK })).body as { id: string };
  const steps = tools.map((tool) => ({ tool, result: { type: "success", output: "a lamp" } }));
  expect((await call(`/v1/episodes/${id}/steps`, { steps })).status).toBe(201);
  if (outcome) expect((await call(`/v1/episodes/${id}/complete`, { outcome })).status).toBe(200);
  return id;
}

describe("the running episode", () => {
  it("is advised from its own steps, as if they had been sent along", async () => {
    for (let i = 0; i < 4; i++)
      await ran(["find_order", "check_order", "return_item"], { type: "success", verdict: "done" });
    const id = await ran(["find_order", "check_order"], null);
    const recent_steps = ["find_order", "check_order"].map((tool) => ({
      tool,
      result: "success",
      message: "a lamp",
      parameters: null,
    }));
    for (const route of ["advise", "recall", "playbooks"]) {
      const named = await call(`/v1/${route}`, { task: TASK, episode_id: id });
      const sent = await call(`/v1/${route}`, { task: TASK, recent_steps });
      expect(named.status, named.text).toBe(200);
      expect(shown(named.body)).toEqual(shown(sent.body));
    }
    const { body } = await call("/v1/advise", { task: TASK, episode_id: id });
    expect(body.next_tools[0]).toMatchObject({ tool: "return_item" });
    expect(body.line).toBeNull();
  });

  it("counts what it was foretold, once it has ended", async () => {
    const id = await ran(["find_order"], null);
    await call("/v1/advise", { task: TASK, episode_id: id });
    const forecasts = async (): Promise<number> =>
      (await service.call("GET", "/v1/stats", { key })).body.calibration.outcome.forecasts;
    const before = await forecasts();
    await call(`/v1/episodes/${id}/complete`, { outcome: { type: "success", verdict: "done" } });
    expect(await forecasts()).toBe(before + 1);
  });

  it("must be there, and of this namespace", async () => {
    const stranger = await service.key("stranger");
    const id = await ran(["find_order"], null);
    for (const episode_id of ["no-such-episode", id]) {
      const body = { task: TASK, episode_id };
      const answer = await service.call("POST", "/v1/advise", { key: stranger, body });
      expect([answer.status, answer.body.code]).toEqual([404, "not_found"]);
    }
  });
});

describe("the character U+0000", () => {
  it("in the output of a tool is taken as U+FFFD, and said", async () => {
    const { id } = (await call("/v1/episodes", { task: TASK })).body as { id: string };
    const steps = [{ tool: "cat", result: { type: "success", output: "a\0b" } }];
    const logged = await call(`/v1/episodes/${id}/steps`, { steps });
    expect(logged.status, logged.text).toBe(201);
    expect(logged.headers.get("Memory-Replaced-Characters")).toBe("1");
    const { body } = await service.call("GET", `/v1/episodes/${id}`, { key });
    expect(body.steps[0].result.output).toBe("a\ufffdb");
  });

  it("in a line of an import is counted in its answer, and refuses no other line", async () => {
    const line = (task: string) => ({
      type: "episode",
      task,
      outcome: { type: "success", verdict: "done" },
    });
    const answers = await service.import(key, [line("odd \0 task"), line("plain task")]);
    expect(answers.map(({ status }) => status)).toEqual(["created", "created"]);
    expect(answers[0]).toMatchObject({ replaced: 1 });
    expect(answers[1]).not.toHaveProperty("replaced");
  });
});
