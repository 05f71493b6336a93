import { describe, expect, it } from "vitest";
import { MemoryClient, MemoryError } from "../../client/index.ts";

type Reply = Response | Error | "hang";

/** A service that answers one reply after another, and what it was asked. */
function scripted(...replies: Reply[]): {
  client: (more?: object) => MemoryClient;
  asked: Request[];
} {
  const asked: Request[] = [];
  const send = async (request: Request): Promise<Response> => {
    asked.push(request);
    const reply = replies[asked.length - 1];
    if (reply === undefined) throw new Error("asked too often");
    if (reply === "hang") {
      await new Promise((_, reject) => {
        request.signal.addEventListener("abort", () => reject(new Error("aborted")));
      });
    }
    if (reply instanceof Error) throw reply;
    return reply as Response;
  };
  const client = (more: object = {}): MemoryClient =>
    new MemoryClient({ url: "http://memory.test/", key: "mk_1", fetch: send, ...more });
  return { client, asked };
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}
const ok = (body: unknown = { id: "e1" }): Response => Response.json(body);
const problem = (status: number, code: string, headers: Record<string, string> = {}): Response =>
  new Response(JSON.stringify({ code, detail: `it is ${code}`, request_id: "r1", status }), {
    status,
    headers: { "Content-Type": "application/problem+json", ...headers },
  });

describe("a client is refused", () => {
  it.each([
    [undefined, "url is missing: is MEMORY_URL, or where else it comes from, set?"],
    ["", "url is missing: is MEMORY_URL, or where else it comes from, set?"],
    ["memory.test", 'url must begin with http:// or https://, and is "memory.test"'],
  ])("with the address %j", (url, words) => {
    // What `process.env` says is not what the type of an address says.
    expect(() => new MemoryClient({ url: url as string })).toThrow(words);
  });
});

describe("the client repeats", () => {
  it.each([
    ["a broken connection", new TypeError("fetch failed")],
    ["a full service", problem(503, "overloaded", { "Retry-After": "0" })],
    ["too many requests", problem(429, "rate_limited", { "Retry-After": "0" })],
    ["a request in flight", problem(409, "idempotency_in_flight", { "Retry-After": "0" })],
    [
      "a gateway's error",
      new Response("bad gateway", { status: 502, headers: { "Retry-After": "0" } }),
    ],
  ])("after %s, under the same idempotency key", async (_what, failure) => {
    const { client, asked } = scripted(failure, ok());
    const told: number[] = [];
    const memory = client({ onRetry: ({ attempt }: { attempt: number }) => told.push(attempt) });
    expect(await memory.episodes.start({ task: "t" })).toEqual({ id: "e1" });
    const keys = asked.map((request) => request.headers.get("Idempotency-Key"));
    expect(keys).toHaveLength(2);
    expect(keys[0]).toMatch(/^[0-9a-f-]{36}$/);
    expect(keys[1]).toBe(keys[0]);
    expect(told).toEqual([1]);
  });

  it("after an answer that breaks off, or does not end in time", async () => {
    const broken = new ReadableStream<Uint8Array>({
      pull(controller) {
        controller.error(new TypeError("terminated"));
      },
    });
    const endless = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(new TextEncoder().encode('{"id":'));
      },
    });
    const { client, asked } = scripted(new Response(broken), new Response(endless), ok());
    const codes: string[] = [];
    const onRetry = ({ error }: { error: MemoryError }) => codes.push(error.code);
    const memory = client({ timeoutMs: 20, onRetry });
    expect(await memory.episodes.get("e1")).toEqual({ id: "e1" });
    expect([asked.length, codes]).toEqual([3, ["network", "timeout"]]);
  });

  it.each([
    ["what is not valid", problem(400, "validation_failed")],
    ["a key that is unknown", problem(401, "unauthenticated")],
    ["a conflict", problem(409, "episode_ended")],
    ["an error of the service", problem(500, "internal")],
    [
      "a maintenance that lasts longer than it waits",
      problem(503, "maintenance", { "Retry-After": "60" }),
    ],
  ])("not after %s", async (_what, failure) => {
    const { client, asked } = scripted(failure, ok());
    await expect(client().episodes.start({ task: "t" })).rejects.toBeInstanceOf(MemoryError);
    expect(asked).toHaveLength(1);
  });

  it("gives up after its tries, and says what the service said", async () => {
    const busy = (): Response => problem(503, "overloaded", { "Retry-After": "0" });
    const { client, asked } = scripted(busy(), busy(), busy());
    const failed = await client({ retries: 2 })
      .stats()
      .catch((error: unknown) => error);
    expect(failed).toMatchObject({
      code: "overloaded",
      status: 503,
      requestId: "r1",
      retryAfterMs: 0,
      attempts: 3,
    });
    expect(asked).toHaveLength(3);
  });

  it("takes a delete as done whose answer was lost", async () => {
    const { client } = scripted(new TypeError("reset"), problem(404, "not_found"));
    await expect(client().episodes.delete("e1")).resolves.toBeUndefined();
    const first = scripted(problem(404, "not_found"));
    await expect(first.client().episodes.delete("e1")).rejects.toMatchObject({ code: "not_found" });
  });
});

describe("the client", () => {
  it("ends a try that takes too long, and a call that is called off", async () => {
    const { client } = scripted("hang", "hang");
    await expect(client({ timeoutMs: 20, retries: 0 }).stats()).rejects.toMatchObject({
      code: "timeout",
      status: 0,
    });
    const off = new AbortController();
    const waiting = client().stats({ signal: off.signal });
    off.abort(new Error("no longer needed"));
    await expect(waiting).rejects.toThrow("no longer needed");
  });

  it("sends the key, the namespace and what the call asks for", async () => {
    const { client, asked } = scripted(ok());
    const options = { waitStored: true, ifMatch: 3, namespace: "b" };
    await client({ namespace: "a", key: async () => "mk_2" }).episodes.amend(
      "a/b",
      { tags: [] },
      options,
    );
    const [request] = asked;
    expect(request?.url).toBe("http://memory.test/v1/episodes/a%2Fb");
    expect(Object.fromEntries(request?.headers ?? [])).toMatchObject({
      authorization: "Bearer mk_2",
      "x-memory-namespace": "b",
      prefer: "wait=stored",
      "if-match": '"3"',
      "content-type": "application/json",
    });
    expect(request?.headers.has("idempotency-key")).toBe(false);
  });

  it("says what an answer is that is not of the service", async () => {
    const { client } = scripted(new Response("<h1>Blocked</h1>", { status: 403 }));
    await expect(client().stats()).rejects.toMatchObject({
      code: "unexpected",
      status: 403,
      message: "403 <h1>Blocked</h1>",
    });
  });

  it("goes through pages until the last", async () => {
    const page = (ids: string[], next_cursor: string | null): Response =>
      ok({ episodes: ids.map((id) => ({ id })), next_cursor, degraded: false });
    const { client, asked } = scripted(page(["a", "b"], "c1"), page(["c"], null));
    const seen: string[] = [];
    for await (const { id } of client().episodes.each({ tag: "x" })) seen.push(id);
    expect(seen).toEqual(["a", "b", "c"]);
    expect(new URL(asked[1]?.url ?? "").search).toBe("?tag=x&cursor=c1");
  });

  it("reads lines however they are cut, and fails when they break off", async () => {
    const bytes = new TextEncoder().encode('{"line":1,"id":"ü"}\n{"line":2}\n');
    const pieces = (whole: boolean): ReadableStream<Uint8Array> =>
      new ReadableStream({
        start(controller) {
          for (const byte of bytes) controller.enqueue(Uint8Array.of(byte));
          if (whole) controller.close();
          else controller.error(new TypeError("terminated"));
        },
      });
    const { client } = scripted(new Response(pieces(true)), new Response(pieces(false)));
    const memory = client();
    expect(await all(memory.export())).toEqual([{ line: 1, id: "ü" }, { line: 2 }]);
    await expect(all(memory.export())).rejects.toThrow("terminated");
  });
});
