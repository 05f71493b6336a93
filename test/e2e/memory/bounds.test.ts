import { once } from "node:events";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ADMIN_TOKEN, Service, type Answer } from "../../support/service/service.ts";
import { Sqld } from "../../support/processes/sqld.ts";
import { until } from "../../support/processes/until.ts";

let database: Sqld;
let service: Service;
let key: string;

beforeAll(async () => {
  database = await Sqld.start();
  service = await Service.start(database.url, { INSTANCE_COUNT: "1" });
  key = await service.key("*");
});
afterAll(async () => {
  await service.remove();
  await database.remove();
});

const inNamespace = (namespace: string, more: Record<string, string> = {}) => ({
  "X-Memory-Namespace": namespace,
  ...more,
});
const storageBytes = async (): Promise<number> => {
  const { body } = await service.call("GET", "/admin/instances", { key: ADMIN_TOKEN });
  return body.instances.reduce(
    (sum: number, one: { storage_bytes: number }) => sum + one.storage_bytes,
    0,
  );
};

describe("what a request leaves", () => {
  it("is nothing for a read, whatever its Idempotency-Key: a reader cannot fill the storage", async () => {
    const headers = inNamespace("reads");
    for (let i = 0; i < 20; i++) {
      const task = `a task with many words ${"that is recalled ".repeat(500)} ${i}`;
      await service
        .call("POST", "/v1/episodes", { key, headers, body: { task } })
        .then(async ({ body }) => {
          const outcome = { type: "success" };
          await service.call("POST", `/v1/episodes/${body.id}/complete`, {
            key,
            headers,
            body: { outcome },
          });
        });
    }
    const reader = await service.key("reads", ["read"]);
    const recall = (i: number): Promise<Answer> =>
      service.call("POST", "/v1/recall", {
        key: reader,
        headers: { "Idempotency-Key": `recall-${i}` },
        body: { task: "a task with many words", limit: 50 },
      });
    const first = await recall(0);
    expect(first.text.length).toBeGreaterThan(100_000);
    const before = await storageBytes();
    for (let i = 0; i < 100; i++) {
      const answer = await recall(i);
      expect(answer.status).toBe(200);
      expect(answer.headers.has("Idempotency-Replayed")).toBe(false);
    }
    // The recalls themselves are remembered, by ids: their answers have a hundred times as many
    // bytes.
    expect((await storageBytes()) - before).toBeLessThan(first.text.length * 20);
    expect((await recall(0)).body.recall_id).not.toBe(first.body.recall_id);
  });

  it("is, for a write, of one namespace: the same Idempotency-Key begins another episode in another", async () => {
    const start = (namespace: string): Promise<Answer> =>
      service.call("POST", "/v1/episodes", {
        key,
        headers: inNamespace(namespace, { "Idempotency-Key": "shared" }),
        body: { task: "t" },
      });
    const [one, other] = [await start("left"), await start("right")];
    expect([one.status, other.status]).toEqual([201, 201]);
    expect(one.body.id).not.toBe(other.body.id);
    expect((await start("left")).body.id).toBe(one.body.id);
    const tag = (namespace: string, id: string): Promise<Answer> =>
      service.call("POST", `/v1/episodes/${id}/tags`, {
        key,
        headers: inNamespace(namespace, { "Idempotency-Key": "shared" }),
        body: { tags: ["x"] },
      });
    expect((await tag("right", other.body.id)).status).toBe(422);
  });
});

describe("an upload", () => {
  /** Sends the beginning of a body and hangs up. */
  async function hangUp(secret: string, sent: number): Promise<void> {
    const { hostname, port } = new URL(service.url);
    const socket = connect(Number(port), hostname);
    await once(socket, "connect");
    const head = [
      "POST /v1/recall HTTP/1.1",
      `Host: ${hostname}`,
      `Authorization: Bearer ${secret}`,
      "Content-Type: application/json",
      "Content-Length: 50000",
      "",
      "",
    ];
    socket.write(head.join("\r\n"));
    await new Promise<void>((resolve) => {
      socket.write("x".repeat(sent), () => resolve());
    });
    socket.destroy();
  }

  it("that is cut off is no bug, whoever cut it", async () => {
    for (const secret of [key, "nonsense"])
      for (const sent of [0, 100, 40_000]) await hangUp(secret, sent);
    await until(
      "all of them are answered",
      () => (service.log().match(/"status":499/g)?.length ?? 0) >= 1,
    );
    expect(service.log()).not.toContain("request_failed");
    const { text } = await service.call("GET", "/metrics", { key: ADMIN_TOKEN });
    expect(text).not.toMatch(/memory_http_requests_total\{[^}]*status="500"/);
  });

  /**
   * The status of the answer. Whoever is answered before all of the body was sent may find the
   * connection reset and the answer lost (RFC 9112 §9.6), or the development server in between says
   * so in its own words, which are no problem document: then the request is made again.
   */
  async function statusOf(init: () => RequestInit, tries = 10): Promise<number> {
    let lost: unknown = "the development server answered";
    try {
      const answer = await fetch(`${service.url}/v1/recall`, { method: "POST", ...init() });
      if (answer.headers.get("Content-Type") === "application/problem+json") return answer.status;
    } catch (error) {
      const { cause } = error as { cause?: { code?: string } };
      if (!["ECONNRESET", "EPIPE"].includes(cause?.code ?? "")) throw error;
      lost = error;
    }
    if (tries === 0) throw lost;
    return statusOf(init, tries - 1);
  }

  it("of somebody without a valid key is refused, however large it is and whether its length is known or not", async () => {
    const body = JSON.stringify({ task: "t", recent_steps: "x".repeat(7_000_000) });
    const headers = { Authorization: "Bearer nonsense", "Content-Type": "application/json" };
    expect(await statusOf(() => ({ headers, body }))).toBe(401);
    const stream = () => ({ headers, body: new Blob([body]).stream(), duplex: "half" });
    expect(await statusOf(stream as () => RequestInit)).toBe(401);
    const reader = { ...headers, Authorization: `Bearer ${await service.key("a", ["metrics"])}` };
    expect(await statusOf(() => ({ headers: reader, body }))).toBe(403);
  });
});

describe("a caller in a hurry", () => {
  it("is told that its time was too short, not that the database is out of reach", async () => {
    // An episode that no instance has: only the database can say that it does not exist.
    const codes = new Set<string>();
    for (let i = 0; i < 30; i++) {
      const answer = await service.call("GET", `/v1/episodes/unknown-${i}`, {
        key,
        headers: { "Request-Timeout": "1" },
      });
      codes.add(`${answer.status} ${answer.body.code}`);
      if (answer.status === 408)
        expect(answer.body.detail).toContain("within the 1 ms that Request-Timeout allows");
    }
    codes.delete("404 not_found");
    expect([...codes]).toEqual(["408 deadline_exceeded"]);
  });
});

describe("what everybody may see", () => {
  it("is whether all is well, and not what is found", async () => {
    const bare = await service.call("GET", "/health/ready");
    for (const check of bare.body.checks) expect(Object.keys(check)).toEqual(["name", "status"]);
    const reader = await service.key("a", ["read"]);
    for (const secret of [reader, "nonsense"]) {
      const { body } = await service.call("GET", "/health/ready", { key: secret });
      expect(body.checks[0]).not.toHaveProperty("message");
    }
    const watcher = await service.key("a", ["metrics"]);
    for (const secret of [watcher, ADMIN_TOKEN]) {
      const { body } = await service.call("GET", "/health/ready", { key: secret });
      expect(body.checks[0].message).toEqual(expect.any(String));
      expect(body.status).toBe(bare.body.status);
    }
  });

  it("is which methods a path knows", async () => {
    const answer = await service.call("OPTIONS", "/v1/recall");
    expect([answer.status, answer.headers.get("Allow")]).toEqual([204, "POST, OPTIONS"]);
    expect(answer.headers.has("Access-Control-Allow-Origin")).toBe(false);
  });
});

describe("keys", () => {
  it("are in the audit and in the timeline, with who made and revoked them, and without what they are", async () => {
    const headers = { "X-Actor": "erika" };
    const body = { name: "audited", scopes: ["read"], namespaces: ["a"] };
    const made = await service.call("POST", "/admin/keys", { key: ADMIN_TOKEN, headers, body });
    const { id } = made.body;
    await service.call("DELETE", `/admin/keys/${id}`, { key: ADMIN_TOKEN, headers });
    await service.call("DELETE", `/admin/keys/${id}`, { key: ADMIN_TOKEN, headers });
    const config = await service.call("GET", "/admin/config", { key: ADMIN_TOKEN });
    const entries = config.body.audit.filter(
      (entry: { to: { id?: string } }) => entry.to?.id === id,
    );
    expect(entries).toMatchObject([
      {
        what: "api_key",
        by: "root (erika)",
        from: { revoked_at: null },
        to: { revoked_at: expect.any(String) },
      },
      {
        what: "api_key",
        by: "root (erika)",
        from: null,
        to: { name: "audited", scopes: ["read"] },
      },
    ]);
    const timeline = await service.call("GET", "/admin/incidents?since=1h", { key: ADMIN_TOKEN });
    const incidents = timeline.body.incidents.filter(
      ({ detail }: { detail: { to?: { id?: string } } }) => detail.to?.id === id,
    );
    expect(
      incidents.map(({ kind, title }: { kind: string; title: string }) => [kind, title]),
    ).toEqual([
      ["keys", `key ${id} (audited) made: read in a (root (erika))`],
      ["keys", `key ${id} (audited) revoked: read in a (root (erika))`],
    ]);
    for (const text of [config.text, timeline.text, service.log()])
      expect(text).not.toContain(made.body.key);
    expect(config.text + timeline.text).not.toMatch(/"hash"/);
  });
});

describe("what cannot be kept as it is", () => {
  const refused = async (
    body: string | Uint8Array<ArrayBuffer>,
    type = "application/json",
  ): Promise<string> => {
    const path = type === "application/json" ? "/v1/episodes" : "/v1/import";
    const response = await fetch(service.url + path, {
      method: "POST",
      body,
      headers: { Authorization: `Bearer ${key}`, "Content-Type": type },
    });
    return `${response.status} ${await response.text()}`;
  };
  const broken = Uint8Array.from([
    ...new TextEncoder().encode('{"type":"episode","task":"'),
    0xff,
    0x22,
    0x7d,
  ]);

  it("is refused and named: __proto__, bytes that are no character, a parameter twice", async () => {
    expect(await refused('{"task":"t","metadata":{"__proto__":"x"}}')).toMatch(
      /^400 .*metadata.*__proto__/,
    );
    expect(await refused('{"task":"t","context":{"__proto__":{"domain":"x"}}}')).toMatch(
      /^400 .*context.*__proto__/,
    );
    expect(await refused(broken)).toMatch(/^400 .*UTF-8/);
    expect(await refused(broken, "application/x-ndjson")).toMatch(/^200 .*"error".*UTF-8/);
    const twice = await service.call("GET", "/v1/episodes?limit=1&limit=2", { key });
    expect([twice.status, twice.body.errors]).toEqual([
      400,
      [{ path: "limit", message: "is given more than once" }],
    ]);
    const cursor = await service.call("GET", "/v1/episodes?cursor=%00", { key });
    expect([cursor.status, cursor.body.errors[0].path]).toEqual([400, "cursor"]);
  });

  it("an answer to a bad body is short", async () => {
    const keys = Array.from({ length: 200_000 }, (_, i) => `"key_${i}":1`).join(",");
    const answer = await service.call("POST", "/v1/episodes", { key, body: `{${keys}}` });
    expect([answer.status, answer.body.errors.length]).toEqual([400, 50]);
    expect(answer.text.length).toBeLessThan(32_768);
  });

  it("is, of a recall's steps, more than a megabyte of them", async () => {
    const step = { tool: "t", message: "m", parameters: { text: "x".repeat(60_000) } };
    const recall = (count: number): Promise<Answer> =>
      service.call("POST", "/v1/recall", {
        key,
        body: { task: "t", recent_steps: Array.from({ length: count }, () => step) },
      });
    expect((await recall(17)).status).toBe(200);
    const large = await recall(18);
    expect([large.status, large.body.errors[0].path]).toEqual([400, "recent_steps"]);
    expect(large.body.errors[0].message).toContain("1048576");
  });

  it("fits into an address when the document says so, in any script", async () => {
    for (const char of ["a", "漢", "\u0e01"]) {
      const q = encodeURIComponent(char.repeat(1_500));
      expect((await service.call("GET", `/v1/search?q=${q}`, { key })).status).toBe(200);
      expect((await service.call("GET", `/v1/episodes?text=${q}`, { key })).status).toBe(200);
    }
    expect((await service.call("GET", `/v1/search?q=${"a".repeat(1_501)}`, { key })).status).toBe(
      400,
    );
  });
});

describe("the Model Context Protocol", () => {
  it("says that a resource is unknown, or its address none, and not that something broke here", async () => {
    const read = async (uri: string): Promise<{ code: number; message: string }> => {
      const message = { jsonrpc: "2.0", id: 1, method: "resources/read", params: { uri } };
      const { text } = await service.call("POST", "/mcp", { key, body: message });
      const json = text.startsWith("{") ? text : (text.split("data: ")[1] ?? "");
      return (JSON.parse(json) as { error: { code: number; message: string } }).error;
    };
    for (const uri of [
      "memory://episodes/unknown",
      "memory://patterns/unknown",
      "memory://nothing",
      "not a uri",
    ]) {
      expect((await read(uri)).code, uri).toBe(-32602);
    }
    expect((await read("memory://episodes/%ff")).code).toBe(-32602);
    expect((await read("memory://episodes/unknown")).message).toContain("not_found");
  });
});
