import { createHmac } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { MemoryEvent } from "../../../src/contract/events/answers.ts";
import type { WebhookRecord } from "../../../src/durable/shared/control.ts";
import { Webhooks, type NewEvent } from "../../../src/durable/webhooks/webhooks.ts";
import { newSecret, signatureOf } from "../../../src/durable/webhooks/signature.ts";
import { Meter } from "../../../src/observability/index.ts";
import { uuidv7 } from "../../../src/memory/id.ts";
import { openLocal, type NodeSql } from "../../support/node-sql.ts";

const SECRET = newSecret();
const completed: NewEvent = {
  type: "episode.completed",
  namespace: "n",
  data: { episode_id: "e-1", outcome: "success" },
};

/** A receiver that answers as it is told, and notes what it got. */
class Receiver {
  readonly got: { headers: IncomingMessage["headers"]; body: string }[] = [];
  answer: (response: ServerResponse) => void = (response) => response.writeHead(204).end();
  readonly #server: Server;

  constructor() {
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        this.got.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
        this.answer(response);
      });
    });
  }

  async open(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

class Bench {
  now = Date.parse("2026-01-02T00:00:00.000Z");
  isPrivateAllowed = true;
  readonly logged: string[] = [];
  readonly meter = new Meter();
  /** Called before each transaction; what it throws, that throws. */
  beforeTransaction: () => void = () => undefined;
  readonly sql: NodeSql = openLocal([]);
  readonly webhooks: Webhooks;
  hooks: WebhookRecord[] = [];

  constructor() {
    let ids = 0;
    this.webhooks = new Webhooks({
      sql: this.sql,
      transaction: (work) => {
        this.beforeTransaction();
        return this.sql.transaction(work);
      },
      meter: this.meter,
      onRollback: (undo) => this.sql.onRollback(undo),
      now: () => this.now,
      log: (fields) => void this.logged.push(fields.event),
      webhooks: () => this.hooks,
      isPrivateAllowed: () => this.isPrivateAllowed,
      uuid: (at) =>
        uuidv7(
          at,
          Uint8Array.from({ length: 10 }, (_, i) => (i === 9 ? ++ids : 0)),
        ),
      random: () => 0,
      wake: () => undefined,
    });
    for (const statement of this.webhooks.schema) this.sql.run(statement);
  }

  counted(name: "memory_webhook_dropped_total" | "memory_webhook_dead_total"): number {
    const found = this.meter.samples().find((sample) => sample.name === name);
    return found && "value" in found ? found.value : 0;
  }

  emit(told: NewEvent = completed): void {
    this.sql.transaction(() => this.webhooks.emit(told));
  }

  /** Lets the time pass until something is due, and sends it. */
  async next(): Promise<number | null> {
    const at = this.webhooks.nextAt();
    if (at === null) return null;
    const waited = Math.max(0, at - this.now);
    this.now += waited;
    await this.webhooks.flush(this.now);
    return waited;
  }
}

let receiver: Receiver;
let bench: Bench;
beforeEach(async () => {
  receiver = new Receiver();
  bench = new Bench();
  const url = await receiver.open();
  bench.hooks = [hookTo(url)];
});
afterEach(() => receiver.close());

function hookTo(url: string, more: Partial<WebhookRecord> = {}): WebhookRecord {
  const created_at = "2026-01-01T00:00:00.000Z";
  return { id: "wh-1", url, types: null, namespaces: ["*"], created_at, secret: SECRET, ...more };
}

describe("a webhook", () => {
  it("is sent once, signed as Standard Webhooks have it", async () => {
    bench.emit();
    await bench.next();
    const [{ headers, body } = { headers: {}, body: "" }] = receiver.got;
    const event = JSON.parse(body) as MemoryEvent;
    expect(event).toMatchObject({ ...completed, timestamp: "2026-01-02T00:00:00.000Z" });
    expect(headers).toMatchObject({
      "content-type": "application/json",
      "webhook-id": event.id,
      "webhook-timestamp": String(bench.now / 1_000),
    });
    const signed = `${String(headers["webhook-id"])}.${String(headers["webhook-timestamp"])}.${body}`;
    const key = Buffer.from(SECRET.slice("whsec_".length), "base64");
    const expected = createHmac("sha256", key).update(signed).digest("base64");
    expect(headers["webhook-signature"]).toBe(`v1,${expected}`);
    expect(await bench.next()).toBeNull();
    expect(receiver.got).toHaveLength(1);
  });

  it("has the signature that the standard's own example has", async () => {
    // https://github.com/standard-webhooks/standard-webhooks, the libraries' test.
    const signed = {
      id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
      timestamp: 1614265330,
      body: '{"test": 2432232314}',
    };
    const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    expect(await signatureOf(secret, signed)).toBe(
      "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    );
  });

  it("is sent again, with growing waits and the same id, until it is taken", async () => {
    let answers = 0;
    receiver.answer = (response) => response.writeHead(++answers < 4 ? 500 : 200).end("x");
    bench.emit();
    const waits = [];
    for (let wait = await bench.next(); wait !== null; wait = await bench.next()) waits.push(wait);
    expect(waits).toEqual([0, 5_000, 30_000, 120_000]);
    expect(new Set(receiver.got.map(({ headers }) => headers["webhook-id"])).size).toBe(1);
    expect(bench.webhooks.dead(10)).toEqual([]);
  });

  it("is set aside after a day in vain, and sent when somebody asks for it", async () => {
    receiver.answer = (response) => response.writeHead(503).end();
    bench.emit();
    const begun = bench.now;
    while ((await bench.next()) !== null);
    expect(receiver.got).toHaveLength(10);
    expect((bench.now - begun) / 3_600_000).toBeGreaterThan(20);
    expect(bench.webhooks.dead(10)).toEqual([
      expect.objectContaining({ webhook: "wh-1", tries: 10, error: "it answered 503" }),
    ]);
    receiver.answer = (response) => response.writeHead(200).end();
    expect(bench.webhooks.retry()).toBe(1);
    await bench.next();
    expect([receiver.got.length, bench.webhooks.dead(10)]).toEqual([11, []]);
  });

  it("is set aside at once where the receiver says that it is gone", async () => {
    receiver.answer = (response) => response.writeHead(410).end();
    bench.emit();
    await bench.next();
    expect(bench.webhooks.dead(10)).toHaveLength(1);
    expect(bench.counted("memory_webhook_dead_total")).toBe(1);
  });

  it("follows no redirect", async () => {
    const other = new Receiver();
    const location = await other.open();
    receiver.answer = (response) => response.writeHead(307, { Location: location }).end();
    bench.emit();
    await bench.next();
    expect(other.got).toEqual([]);
    expect(bench.webhooks.nextAt()).toBe(bench.now + 5_000);
    other.close();
  });

  it("gives up a receiver that hangs, and one that is not there", { timeout: 20_000 }, async () => {
    receiver.answer = () => undefined;
    bench.hooks.push(hookTo("http://127.0.0.1:9", { id: "wh-2" }));
    bench.emit();
    const begun = Date.now();
    await bench.next();
    expect(Date.now() - begun).toBeLessThan(12_000);
    expect(bench.webhooks.nextAt()).toBe(bench.now + 5_000);
  });

  it("is not sent to an address that was public when it was added, and is not any more", async () => {
    bench.emit();
    bench.isPrivateAllowed = false;
    await bench.next();
    expect(receiver.got).toEqual([]);
  });

  it("is told what it asks for alone", async () => {
    const [{ url } = hookTo("")] = bench.hooks;
    bench.hooks = [
      hookTo(url, { id: "wh-a", namespaces: ["n"], types: ["lesson.added"] }),
      hookTo(url, { id: "wh-b", namespaces: ["other"] }),
    ];
    bench.emit();
    bench.emit({ ...completed, type: "lesson.added" });
    bench.emit({ ...completed, type: "backup", namespace: null });
    while ((await bench.next()) !== null);
    expect(receiver.got.map(({ body }) => (JSON.parse(body) as MemoryEvent).type)).toEqual([
      "lesson.added",
    ]);
  });

  it("is taken back with the transaction of what it tells", async () => {
    const work = (): void => {
      bench.webhooks.emit(completed);
      throw new Error("taken back");
    };
    expect(() => bench.sql.transaction(work)).toThrow("taken back");
    expect(bench.webhooks.nextAt()).toBeNull();
    expect(bench.webhooks.events("n", "", 10).events).toEqual([]);
    expect(await bench.next()).toBeNull();
  });

  it("survives the object: what was not taken is sent by the next one", async () => {
    receiver.answer = (response) => response.writeHead(500).end();
    bench.emit();
    await bench.next();
    const rows = bench.sql.all("SELECT due_at FROM webhook_deliveries");
    expect(rows).toEqual([{ due_at: bench.now + 5_000 }]);
  });

  it("is noted by itself: what the storage refuses of one is tried again later, the others are done", async () => {
    bench.emit();
    bench.emit();
    bench.emit();
    let refusals = 1;
    bench.beforeTransaction = () => {
      if (refusals-- > 0) throw new Error("database or disk is full");
    };
    const begun = bench.now;
    await bench.webhooks.flush(begun);
    const waiting = () => bench.sql.all("SELECT count(*) AS n FROM webhook_deliveries");
    expect([receiver.got.length, waiting(), bench.logged]).toEqual([
      3,
      [{ n: 1 }],
      ["webhook_failed"],
    ]);
    // Not at once: a storage that refuses for long would make a receiver hear it without end.
    expect(bench.webhooks.nextAt()).toBe(begun + 15_000);
    bench.webhooks.onAlarm(begun + 14_999);
    expect(receiver.got.length).toBe(3);
    await bench.next();
    expect([receiver.got.length, waiting()]).toEqual([4, [{ n: 0 }]]);
    const ids = receiver.got.map(({ headers }) => headers["webhook-id"]);
    expect(new Set(ids).size).toBe(3);
    expect(bench.webhooks.nextAt()).toBeNull();
  });

  it("goes nowhere when it was removed", async () => {
    bench.emit();
    bench.hooks = [];
    await bench.next();
    expect(bench.sql.all("SELECT count(*) AS n FROM webhook_deliveries")).toEqual([{ n: 0 }]);
  });

  it("waits in a bounded number of rows", () => {
    bench.sql.transaction(() => {
      for (let i = 0; i < 5_010; i++) bench.webhooks.emit(completed);
    });
    expect(bench.sql.all("SELECT count(*) AS n FROM webhook_deliveries")).toEqual([{ n: 5_000 }]);
    expect(bench.logged).toEqual(Array(10).fill("webhook_dropped"));
    expect(bench.counted("memory_webhook_dropped_total")).toBe(10);
  });

  it("is tried by a test that says whether it arrived", async () => {
    const [hook = hookTo("")] = bench.hooks;
    expect(await bench.webhooks.test(hook)).toEqual({ delivered: true, status: 204, error: null });
    receiver.answer = (response) => response.writeHead(404).end();
    expect(await bench.webhooks.test(hook)).toEqual({
      delivered: false,
      status: 404,
      error: "it answered 404",
    });
    expect(bench.webhooks.nextAt()).toBeNull();
  });
});

describe("the events of a namespace", () => {
  it("are told behind an id, in order, and those of no other namespace", () => {
    bench.hooks = [];
    const before = "0";
    bench.emit();
    bench.emit({ ...completed, namespace: "other" });
    bench.now += 5;
    bench.emit({ ...completed, type: "lesson.added" });
    const { events, hasGap } = bench.webhooks.events("n", before, 10);
    expect(events.map(({ type }) => type)).toEqual(["episode.completed", "lesson.added"]);
    expect(hasGap).toBe(true);
    const after = bench.webhooks.events("n", events[0]?.id ?? "", 10);
    expect(after).toEqual({ events: events.slice(1), hasGap: false });
  });

  it("are a bounded number, and what is gone is said", () => {
    bench.hooks = [];
    bench.emit();
    const [first] = bench.webhooks.events("n", "", 10).events;
    for (let i = 0; i < 1_001; i++) {
      bench.now += 1;
      bench.emit();
    }
    const { events, hasGap } = bench.webhooks.events("n", first?.id ?? "", 5_000);
    expect([events.length, hasGap]).toEqual([1_000, true]);
  });
});
