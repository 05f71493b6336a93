import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PUBLIC_NETWORK } from "../../scripts/serve/server.ts";
import { loadMiniflare, modulesOf } from "../../scripts/start/runtime.ts";

interface Runtime {
  ready: Promise<URL>;
  dispatchFetch(url: string): Promise<{ text(): Promise<string> }>;
  dispose(): Promise<void>;
}
interface Miniflare {
  Miniflare: new (options: unknown) => Runtime;
  convertV4MiniflareOptions: (options: object) => unknown;
}

/** Asks the address of `?url` by the binding, and by the Worker's own way out. */
const WORKER = `export default {
  async fetch(request, env) {
    const url = new URL(request.url).searchParams.get("url");
    const asked = async (way) => {
      try { return (await way(url)).status; } catch (error) { return String(error); }
    };
    const binding = await asked((url) => env.PUBLIC_NETWORK.fetch(url));
    return Response.json({ binding, own: await asked((url) => fetch(url)) });
  },
};`;

let reached = 0;
const receiver = createServer((_request, response) => {
  reached += 1;
  response.writeHead(204).end();
});
let runtime: Runtime;

beforeAll(async () => {
  await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
  const root = join(import.meta.dirname, "../..");
  const { Miniflare, convertV4MiniflareOptions } = loadMiniflare(
    modulesOf(root, process.env),
  ) as Miniflare;
  runtime = new Miniflare(
    convertV4MiniflareOptions({
      modules: true,
      script: WORKER,
      compatibilityDate: "2026-01-01",
      serviceBindings: { PUBLIC_NETWORK },
      cf: false,
    }),
  );
  await runtime.ready;
}, 30_000);
afterAll(async () => {
  await runtime.dispose();
  receiver.close();
});

describe("the way out of webhooks on a server of one's own", () => {
  it.each(["127.0.0.1", "localhost"])(
    "does not lead to what %s resolves to, which the Worker itself reaches",
    async (host) => {
      reached = 0;
      const { port } = receiver.address() as AddressInfo;
      const url = encodeURIComponent(`http://${host}:${port}/`);
      const answer = await runtime.dispatchFetch(`http://worker/?url=${url}`);
      const { binding, own } = JSON.parse(await answer.text()) as Record<string, unknown>;
      expect([typeof binding, own, reached]).toEqual(["string", 204, 1]);
    },
  );
});
