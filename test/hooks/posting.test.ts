import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { afterEach, describe, expect, it } from "vitest";
import { post, type Reply } from "../../cli/hooks/posting.ts";

/** Past the bound on an answer. */
const TOO_LONG = 1_048_577;

let server: Server | undefined;

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

/** The address of a server that answers so. */
async function serving(listener: RequestListener): Promise<string> {
  const one = createServer(listener);
  server = one;
  await new Promise<void>((done) => void one.listen(0, "127.0.0.1", done));
  return `http://127.0.0.1:${(one.address() as AddressInfo).port}`;
}

function asking(url: string, timeoutMs = 10_000): Promise<Reply> {
  const target = { url, namespace: "ns", name: "test", source: "test" };
  return post({ target, key: "mk_1", path: "v1/advise", body: { task: "é" }, timeoutMs });
}

describe("a hook's question", () => {
  it("is sent with its key and namespace, and its answer comes back", async () => {
    const url = await serving((request, response) => {
      const { method, url: path, headers } = request;
      const { authorization, "x-memory-namespace": namespace } = headers;
      const seen = { method, path, authorization, namespace };
      void text(request).then((body) => response.end(JSON.stringify({ ...seen, body })));
    });
    const reply = await asking(`${url}/`);
    expect(JSON.parse("text" in reply ? reply.text : "")).toEqual({
      method: "POST",
      path: "/v1/advise",
      authorization: "Bearer mk_1",
      namespace: "ns",
      body: '{"task":"é"}',
    });
  });

  it.each([401, 429, 503, 302])("is not answered by a %i", async (status) => {
    const url = await serving((_, response) => void response.writeHead(status).end("no"));
    expect(await asking(url)).toEqual({ silence: `the service answered ${status}` });
  });

  it("is not answered by what nobody would read", async () => {
    const url = await serving((_, response) => void response.end("x".repeat(TOO_LONG)));
    expect(await asking(url)).toEqual({
      silence: "the service answered with more than 1048576 bytes",
    });
  });

  it("is given up when the answer is late, at its beginning or in its middle", async () => {
    const silent = await serving(() => undefined);
    const late = { silence: "the service did not answer within 50 ms", isLate: true };
    expect(await asking(silent, 50)).toEqual(late);
    server?.closeAllConnections();
    const halting = await serving((_, response) => void response.write("half"));
    expect(await asking(halting, 50)).toEqual(late);
  });

  it("throws when nobody is there, and when the answer is cut", async () => {
    const cutting = await serving((_, response) => {
      response.writeHead(200, { "Content-Length": 100 });
      response.write("half", () => response.destroy());
    });
    await expect(asking(cutting)).rejects.toThrow("");
    await expect(asking("http://127.0.0.1:9")).rejects.toThrow("ECONNREFUSED");
  });
});
