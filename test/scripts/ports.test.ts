import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ownProcess, takenPorts, takenWords, type WantedPort } from "../../scripts/start/ports.ts";
import { freePort } from "../support/processes/free-port.ts";

let folder: string;
let server: Server;
let service: WantedPort;
let database: WantedPort;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "memory-ports-"));
  server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  service = { port, what: "service", variable: "MEMORY_PORT" };
  database = { port: await freePort(), what: "database", variable: "MEMORY_DB_PORT" };
});
afterEach(() => {
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

describe("a port that is taken", () => {
  it("is told from one that is free", async () => {
    expect(await takenPorts([service, database])).toEqual([service]);
    expect(takenWords([], null)).toBeNull();
  });

  it("is named with the other one, in one line that says how to choose others", () => {
    expect(takenWords([service], null)).toBe(
      `Port ${service.port} (service) is in use. Stop what uses it, or choose another: MEMORY_PORT=PORT npm start`,
    );
    expect(takenWords([service, database], null)).toBe(
      `Ports ${service.port} (service) and ${database.port} (database) are in use. Stop what uses them, or choose others: MEMORY_PORT=PORT MEMORY_DB_PORT=PORT npm start`,
    );
  });

  it("is this folder's own service's where its process runs at the same address", () => {
    const url = `http://127.0.0.1:${service.port}`;
    writeFileSync(join(folder, "url"), url);
    expect(ownProcess(folder, url)).toBeNull();
    writeFileSync(join(folder, "start.pid"), String(process.pid));
    expect(ownProcess(folder, url)).toBe(process.pid);
    expect(ownProcess(folder, `http://127.0.0.1:${database.port}`)).toBeNull();
    expect(takenWords([service], process.pid)).toContain("this folder's own service");
    // No process has a number beyond what systems give.
    writeFileSync(join(folder, "start.pid"), "2147483646");
    expect(ownProcess(folder, url)).toBeNull();
    writeFileSync(join(folder, "start.pid"), "nobody");
    expect(ownProcess(folder, url)).toBeNull();
  });
});
