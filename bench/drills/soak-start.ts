/**
 * `npm run bench:soak -- --minutes 12 --rate 40`: `npm start` under a constant load. Prints the
 * memory of each of its processes and the disk use of its data over time, how they grow an hour
 * over the last half of the load, and what is left after a pause and a collection of garbage. Linux
 * only.
 *
 * @module
 */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { freePort } from "../../test/support/processes/free-port.ts";
import { until } from "../../test/support/processes/until.ts";
import { collectGarbage, descendants, residentBytes } from "./soak-processes.ts";
import { ask, reach } from "../support/client.ts";

const ROOT = join(import.meta.dirname, "../..");
const AGENTS = 8;
const STEPS = 5;
const SAMPLE_MS = 15_000;
const PAUSE_MS = 20_000;
const MB = 1_000_000;

/** What is measured: a process by what its command has, or a directory of the data. */
const PROCESSES: Readonly<Record<string, RegExp>> = {
  "npm start": /scripts\/start\.ts/,
  sqld: /sqld /,
  server: /scripts\/serve\.ts/,
  "workerd, service": /workerd .*entry=127\.0\.0\.1:0/,
};
const DIRECTORIES: Readonly<Record<string, RegExp>> = {
  "disk, database": /^db\/.*\/data$/,
  "disk, database's logs": /^db\/(?!.*\/data$)/,
  "disk, instances": /^worker\/v3\/do\//,
  "disk, rest of the Worker": /^worker\/(?!v3\/do\/)/,
  "disk, logs": /\.log(\.1)?$/,
};

type Sample = Record<string, number>;

const { values } = parseArgs({
  options: { minutes: { type: "string", default: "12" }, rate: { type: "string", default: "40" } },
});
const minutes = Number(values.minutes);
const rate = Number(values.rate);

function sample(root: number, data: string): Sample {
  const processes = [{ pid: root, command: "scripts/start.ts" }, ...descendants(root)];
  const memory = Object.entries(PROCESSES).map(([name, pattern]): [string, number] => [
    name,
    processes
      .filter(({ command }) => pattern.test(command))
      .reduce((sum, { pid }) => sum + residentBytes(pid), 0),
  ]);
  const files = (readdirSync(data, { recursive: true }) as string[]).map((file) => ({
    file,
    bytes: statSync(join(data, file), { throwIfNoEntry: false })?.size ?? 0,
  }));
  const disk = Object.entries(DIRECTORIES).map(([name, pattern]): [string, number] => [
    name,
    files.filter(({ file }) => pattern.test(file)).reduce((sum, { bytes }) => sum + bytes, 0),
  ]);
  return Object.fromEntries([...memory, ...disk]);
}

/** Bytes an hour, by the straight line that fits the samples best. */
function growth(samples: readonly Sample[], name: string): number {
  const points = samples.map((one, i) => ({ x: (i * SAMPLE_MS) / 3_600_000, y: one[name] ?? 0 }));
  const mean = (of: (point: { x: number; y: number }) => number): number =>
    points.reduce((sum, point) => sum + of(point), 0) / points.length;
  const [x, y] = [mean((point) => point.x), mean((point) => point.y)];
  const spread = mean((point) => (point.x - x) ** 2);
  return spread === 0 ? 0 : mean((point) => (point.x - x) * (point.y - y)) / spread;
}

/** An agent's runs, one request after the other, no more often than its share of the rate. */
async function agent(
  url: string,
  key: string,
  isOver: () => boolean,
  counted: () => void,
): Promise<void> {
  const paced = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const begun = performance.now();
    const answer = await ask<T>(method, url + path, {
      key,
      ...(body === undefined ? {} : { body }),
    });
    counted();
    await sleep(Math.max(0, (AGENTS / rate) * 1_000 - (performance.now() - begun)));
    return answer;
  };
  for (let n = 0; !isOver(); n++) {
    const task = `Refund order ${n % 500} of a customer whose parcel was lost in depot ${n % 37}`;
    const { id } = await paced<{ id: string }>("POST", "/v1/episodes", {
      task,
      context: { domain: `shop-${n % 5}` },
    });
    for (let step = 0; step < STEPS; step++) {
      const result = {
        type: "success",
        output: `order ${n}, line ${step}: ${"paid and shipped; ".repeat(20)}`,
      };
      await paced("POST", `/v1/episodes/${id}/steps`, { tool: `tool_${(n + step) % 12}`, result });
    }
    await paced("POST", `/v1/episodes/${id}/complete`, {
      outcome: { type: "success", verdict: "refunded" },
    });
    await paced("GET", `/v1/episodes/${id}`);
    await paced("POST", "/v1/recall", { task });
  }
}

function line(name: string, cells: readonly string[]): string {
  return [name.padEnd(26), ...cells.map((cell) => cell.padStart(11))].join("");
}
const mb = (bytes: number): string => (bytes / MB).toFixed(0);

const data = mkdtempSync(join(tmpdir(), "memory-soak-"));
const [port, databasePort] = [await freePort(), await freePort()];
const env = {
  MEMORY_DATA_DIR: data,
  MEMORY_PORT: String(port),
  MEMORY_DB_PORT: String(databasePort),
};
const service = spawn(process.execPath, ["scripts/start.ts"], {
  cwd: ROOT,
  env: { ...process.env, ...env },
  stdio: ["ignore", "ignore", "inherit"],
});
const root = service.pid ?? 0;
const url = `http://127.0.0.1:${port}`;
try {
  await until("npm start is ready", () => existsSync(join(data, "local-key")), 90_000);
  const key = readFileSync(join(data, "local-key"), "utf8").trim();
  let requests = 0;
  let isOver = false;
  const samples: Sample[] = [sample(root, data)];
  const begun = Date.now();
  const load = Promise.all(
    Array.from({ length: AGENTS }, () =>
      agent(
        url,
        key,
        () => isOver,
        () => (requests += 1),
      ),
    ),
  );
  void load.catch(() => undefined);
  while (Date.now() - begun < minutes * 60_000) {
    await Promise.race([sleep(SAMPLE_MS), load]);
    const now = sample(root, data);
    samples.push(now);
    const figures = Object.entries(now).map(([name, bytes]) => `${name} ${mb(bytes)}`);
    console.log(
      `${((Date.now() - begun) / 60_000).toFixed(1)} min, ${requests} requests, MB: ${figures.join("; ")}`,
    );
  }
  isOver = true;
  await load;
  const seconds = (Date.now() - begun) / 1_000;

  await sleep(PAUSE_MS);
  const paused = sample(root, data);
  const isolates: string[] = [];
  for (const { pid, command } of descendants(root)) {
    if (!command.includes("workerd ")) continue;
    for (const { isolate, bytes } of await collectGarbage(pid))
      isolates.push(`${isolate} ${mb(bytes)}`);
  }
  await sleep(5_000);
  const collected = sample(root, data);
  await reach("GET", `${url}/health/ready`);

  const half = samples.slice(samples.length >> 1);
  console.log(
    `\n${requests} requests in ${seconds.toFixed(0)} s (${(requests / seconds).toFixed(0)}/s); MB\n`,
  );
  console.log(line("", ["at first", "half way", "at the end", "an hour", "paused", "collected"]));
  for (const name of [...Object.keys(PROCESSES), ...Object.keys(DIRECTORIES)]) {
    const cells = [samples[0], half[0], samples.at(-1)].map((one) => mb(one?.[name] ?? 0));
    console.log(
      line(name, [
        ...cells,
        mb(growth(half, name)),
        mb(paused[name] ?? 0),
        mb(collected[name] ?? 0),
      ]),
    );
  }
  console.log(
    `\n"an hour": growth by the second half of the load. Left after collection, MB: ${isolates.join("; ")}.`,
  );
} finally {
  const gone = once(service, "exit");
  service.kill("SIGTERM");
  await gone;
  rmSync(data, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
}
