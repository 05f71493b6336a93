import { StatementSync } from "node:sqlite";
import { expect, it, vi } from "vitest";
import { recallBody } from "../../../../src/contract/recall/requests.ts";
import { NodeInstances } from "../../../support/instances.ts";

/** What a question reads and writes beside what it looks up of namespaces that do not fit in memory. */
const STATEMENTS_MAX = 6;

it("a recall asks its storage a few times, and looks for what is due once a second", async () => {
  const instances = new NodeInstances(1);
  for (let n = 0; n < 5; n++) {
    const id = await instances.start(`paint the fence ${n}`);
    await instances.step(id, "paint");
    await instances.complete(id);
  }
  await instances.flush();
  await instances.instance(0).alarm();
  const recall = (): Promise<unknown> =>
    instances.do("recall", recallBody.parse({ task: "paint the fence" }));
  await recall();

  const ran = (["iterate", "all"] as const).map((name) => vi.spyOn(StatementSync.prototype, name));
  const asked = async (): Promise<string[]> => {
    for (const spy of ran) spy.mockClear();
    await recall();
    return ran.flatMap(({ mock }) => mock.contexts.map((one) => (one as StatementSync).sourceSQL));
  };
  const isAboutWhatIsDue = (text: string): boolean => /FROM (?:outbox|pending_tasks)\b/.test(text);
  try {
    const soon = await asked();
    expect(soon.length).toBeLessThanOrEqual(STATEMENTS_MAX);
    expect(soon.filter(isAboutWhatIsDue)).toEqual([]);
    instances.now += 1_000;
    expect((await asked()).some(isAboutWhatIsDue)).toBe(true);
    expect((await asked()).some(isAboutWhatIsDue)).toBe(false);
  } finally {
    for (const spy of ran) spy.mockRestore();
  }
});
