import { beforeEach, describe, expect, it } from "vitest";
import type { LocalSql } from "../../../../src/storage/index.ts";
import { trueCredentials } from "../../../support/credentials.ts";
import { NodeInstances } from "../../../support/instances.ts";

const CREDENTIALS = trueCredentials(11, 200);

let cluster: NodeInstances;
beforeEach(() => {
  cluster = new NodeInstances(1);
});

const TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'";

/** Every value of every table, as text. */
function contentsOf(sql: LocalSql): string {
  return sql
    .all<{ name: string }>(TABLES)
    .flatMap(({ name }) => sql.all(`SELECT * FROM "${name}"`))
    .flatMap((row): unknown[] => Object.values(row))
    .map((value) =>
      value instanceof Uint8Array ? Buffer.from(value).toString("latin1") : String(value),
    )
    .join("\n");
}

describe("secrets that clients send", () => {
  it("are stored nowhere, whatever they come in, and counted by their kind", async () => {
    const [some, other] = [CREDENTIALS.slice(0, 100), CREDENTIALS.slice(100)];
    const measures = { latency_ms: null, tokens: null };
    for (const [i, { text }] of some.entries()) {
      const id = await cluster.start(`task ${i}: ${text}`);
      const base = { tool: "bash", ...measures, metadata: { note: text.slice(0, 2_000) } };
      const output = { type: "success" as const, output: text };
      const message = { type: "error" as const, message: text };
      const steps = [
        { ...base, action: text, parameters: { command: text }, result: output },
        { ...base, action: "", parameters: { list: [text] }, result: message },
      ];
      await cluster.do("episode.steps", { id, steps });
      await cluster.do("episode.tags.add", { id, tags: [text.slice(0, 200)] });
      const outcome = { type: "failure" as const, reason: text, details: text };
      await cluster.do("episode.complete", { id, outcome, recall_id: null });
    }
    for (const { text } of other) {
      await cluster.do("recall", {
        task: text,
        context: {},
        limit: 5,
        include: ["episodes"],
        recent_steps: [{ tool: "bash", result: "error", message: text }],
        max_tokens: null,
      });
    }
    await cluster.flush();

    const kept = contentsOf(cluster.local(0)) + contentsOf(cluster.stored);
    expect(kept).toContain("[REDACTED:password]");
    expect(CREDENTIALS.filter(({ secret }) => kept.includes(secret))).toEqual([]);
    for (const kind of ["password", "api_key", "private_key", "cookie", "private", "jwt"])
      expect(await cluster.counted(0, "memory_redacted_total", { kind })).toBeGreaterThan(0);
  });

  it("are refused in a write where that is set, and in no question; private parts are not", async () => {
    cluster = new NodeInstances(1, { redaction: "block" });
    const { text } = CREDENTIALS[2] ?? { text: "" };
    await expect(cluster.start(text)).rejects.toThrow("secret_found: This looks like a secret");
    const id = await cluster.start("mind <private>that</private>");
    const episode = JSON.parse((await cluster.do("episode.get", { id })).json) as { task: string };
    expect(episode.task).toBe("mind [REDACTED:private]");
    const found = await cluster.do("search", { q: text, limit: 5, cursor: null });
    expect(found.items.length).toBeLessThanOrEqual(1);
  });

  it("are refused in a namespace that asks for it, at every instance, and in no other", async () => {
    cluster = new NodeInstances(3);
    const { text } = CREDENTIALS[2] ?? { text: "" };
    // Every instance has asked what the namespace wants.
    const started = await Promise.all(Array.from({ length: 60 }, () => cluster.start(text)));
    expect(new Set(started.map((id) => cluster.homeOf(id))).size).toBe(3);
    await cluster.do("namespace.set", { changes: { redaction: "block" } });
    cluster.now += 10_000;
    for (let n = 0; n < 60; n++)
      await expect(cluster.start(text)).rejects.toThrow("secret_found: This looks like a secret");
    await cluster.start(text, { namespace: "another" });
    await cluster.do("namespace.set", { changes: { redaction: null } });
    cluster.now += 10_000;
    await cluster.start(text);
  });

  it("are never kept by a namespace where the deployment takes them out", async () => {
    const { text, secret } = CREDENTIALS[3] ?? { text: "", secret: "" };
    cluster = new NodeInstances(1, { redaction: "off" });
    await cluster.do("namespace.set", { changes: { redaction: "redact" } });
    cluster.now += 10_000;
    const id = await cluster.start(text);
    expect((await cluster.do("episode.get", { id })).json).not.toContain(secret);
    cluster = new NodeInstances(1, { redaction: "block" });
    await cluster.do("namespace.set", { changes: { redaction: "redact" } });
    cluster.now += 10_000;
    await expect(cluster.start(text)).rejects.toThrow("secret_found");
  });

  it("are refused as before while the namespace's home is out of reach, or else taken out", async () => {
    cluster = new NodeInstances(2);
    const { text, secret } = CREDENTIALS[3] ?? { text: "", secret: "" };
    const home = cluster.homeOf("ns:n");
    const ids = await Promise.all(Array.from({ length: 60 }, () => cluster.start()));
    const away = ids.filter((id) => cluster.homeOf(id) !== home);
    expect(away.length).toBeGreaterThan(0);
    await cluster.do("namespace.set", { changes: { redaction: "block" } });
    const tagAway = (call = {}) =>
      Promise.all(away.map((id) => cluster.do("episode.tags.add", { id, tags: [text] }, call)));
    cluster.now += 10_000;
    await expect(tagAway()).rejects.toThrow("secret_found");

    cluster.beforeCall = (to, _name, _input, from) => {
      if (to === home && from !== "outside") throw new Error("out of reach");
    };
    cluster.now += 10_000;
    await expect(tagAway()).rejects.toThrow("secret_found");
    cluster.restart(1 - home);
    const answers = await tagAway();
    expect(JSON.stringify(answers)).not.toContain(secret);
    expect(JSON.stringify(answers)).toContain("[REDACTED");
  });

  it("are taken out, as the deployment does, while the namespace's home does not answer", async () => {
    cluster = new NodeInstances(2);
    const { text, secret } = CREDENTIALS[3] ?? { text: "", secret: "" };
    const home = cluster.homeOf("ns:n");
    cluster.beforeCall = (_to, name, _input, from) =>
      name === "redaction" && from !== "outside" ? new Promise(() => undefined) : undefined;
    for (;;) {
      const id = await cluster.start(text);
      if (cluster.homeOf(id) === home) continue;
      expect((await cluster.do("episode.get", { id })).json).not.toContain(secret);
      break;
    }
  });

  it("are kept where that is set, but what is private", async () => {
    cluster = new NodeInstances(1, { redaction: "off" });
    const { text, secret } = CREDENTIALS[3] ?? { text: "", secret: "" };
    const id = await cluster.start(`${text} <private>away</private>`);
    const { json } = await cluster.do("episode.get", { id });
    expect(json).toContain(secret);
    expect(json).not.toContain("away");
  });
});
