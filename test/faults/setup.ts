/**
 * The database of the fault suite, the proxy before it, and a door through which tests in the
 * runtime break them.
 *
 * @module
 */

import { once } from "node:events";
import { createServer } from "node:http";
import { FaultProxy, type Fault } from "../support/processes/fault-proxy.ts";
import { Sqld } from "../support/processes/sqld.ts";

export default async function setup(): Promise<() => Promise<void>> {
  const database = await Sqld.start();
  const proxy = await FaultProxy.start(
    database.port,
    Number(process.env["MEMORY_FAULT_PROXY_PORT"]),
  );
  let running = true;
  const door = createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://door");
    const work = async (): Promise<string> => {
      if (url.pathname === "/fault") {
        proxy.fault = (url.searchParams.get("fault") ?? "pass") as Fault;
        proxy.delayMs = Number(url.searchParams.get("delay") ?? 0);
      } else if (url.pathname === "/kill") {
        running = false;
        await database.kill();
      } else if (url.pathname === "/start" && !running) {
        running = true;
        await database.start();
      }
      return JSON.stringify({ url: database.url, faults: proxy.faults });
    };
    work().then(
      (body) => response.end(body),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });
  // A connection that this side closes while the other uses it again would look like a fault of the
  // service.
  door.keepAliveTimeout = 3_600_000;
  door.listen(Number(process.env["MEMORY_FAULT_DOOR_PORT"]), "127.0.0.1");
  await once(door, "listening");
  return async () => {
    door.close();
    await proxy.remove();
    await database.remove();
  };
}
