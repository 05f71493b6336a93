import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, it } from "vitest";
import { openDatabase } from "../../src/storage/index.ts";

it("a request to the database carries the traceparent of what asks, and none when nobody asks", async () => {
  const seen: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    seen.push(request.headers["traceparent"] as string | undefined);
    response.writeHead(503).end();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  let traceparent: string | null = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  const database = openDatabase({
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    authToken: null,
    timeoutMs: () => 2_000,
    traceparent: () => traceparent,
  });
  const ask = (): Promise<unknown> => database.all("SELECT 1").catch(() => undefined);
  await ask();
  const asked = seen.length;
  traceparent = null;
  await ask();
  server.closeAllConnections();
  server.close();
  expect(asked).toBeGreaterThan(0);
  expect(new Set(seen.slice(0, asked))).toEqual(
    new Set(["00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"]),
  );
  expect(new Set(seen.slice(asked))).toEqual(new Set([undefined]));
});
