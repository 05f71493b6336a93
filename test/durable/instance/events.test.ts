import { describe, expect, it } from "vitest";
import type { MemoryEvent } from "../../../src/contract/events/answers.ts";
import type { WebhookRecord } from "../../../src/durable/shared/control.ts";
import { startBody } from "../../../src/contract/episodes/requests.ts";
import { NodeInstances } from "../../support/instances.ts";

const HOOK: WebhookRecord = {
  id: "wh-1",
  url: "https://hooks.example.invalid/",
  types: null,
  namespaces: ["n"],
  created_at: "2026-01-01T00:00:00.000Z",
  secret: "whsec_AAAA",
};

/** Episodes that are completed, each of a tool that always succeeds. */
async function complete(instances: NodeInstances, id: string): Promise<void> {
  const started = startBody.parse({ task: "water the garden", context: { domain: "d" } });
  await instances.do("episode.start", { ...started, id });
  const outcome = { type: "success" as const, verdict: "done", artifacts: [] };
  await instances.do("episode.complete", { id, outcome, recall_id: null, lessons: [] });
}

async function eventsOf(instances: NodeInstances, namespace = "n"): Promise<MemoryEvent[]> {
  const call = { namespace };
  return (await instances.do("events.list", { after: "", limit: 100 }, call)).events;
}

describe("an instance", () => {
  it("tells of an episode that was completed, once, and to its namespace alone", async () => {
    const instances = new NodeInstances(3);
    await complete(instances, "e-1");
    const outcome = { type: "success" as const, verdict: "done", artifacts: [] };
    const again = { id: "e-1", outcome, recall_id: null, lessons: [] };
    await instances.do("episode.complete", again);
    expect(await eventsOf(instances)).toEqual([
      expect.objectContaining({
        type: "episode.completed",
        namespace: "n",
        data: expect.objectContaining({ episode_id: "e-1", outcome: "success" }),
      }),
    ]);
    expect(await eventsOf(instances, "other")).toEqual([]);
    expect(JSON.stringify(await eventsOf(instances))).not.toContain("garden");
  });

  it("tells of a lesson that is new, and of none that was said before", async () => {
    const instances = new NodeInstances(2);
    const applies_to = { tools: [], domain: null, tags: [], task: null };
    const said = { kind: "do" as const, applies_to, supersedes: null, source: "" };
    for (let time = 0; time < 2; time++)
      await instances.do("lessons.add", { ...said, text: "Water the garden at dusk." });
    const types = (await eventsOf(instances)).map(({ type }) => type);
    expect(types).toEqual(["lesson.added"]);
  });

  it("writes what a webhook is to be sent in the transaction of what it tells", async () => {
    const instances = new NodeInstances(1);
    instances.control = { ...instances.control, webhooks: [HOOK] };
    await complete(instances, "e-1");
    const rows = instances
      .local(0)
      .all<{ webhook: string; namespace: string; type: string; body: string }>(
        "SELECT webhook, namespace, type, body FROM webhook_deliveries",
      );
    expect(rows).toEqual([
      expect.objectContaining({ webhook: "wh-1", namespace: "n", type: "episode.completed" }),
    ]);
    await instances.do("namespace.erase", { name: "n" });
    expect(instances.local(0).all("SELECT 1 FROM webhook_deliveries")).toEqual([]);
  });
});
