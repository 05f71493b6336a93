/**
 * The running service that commands are tried on.
 *
 * @module
 */

import { expect } from "vitest";
import { Cli, type Ended } from "../support/processes/cli.ts";
import { ADMIN_TOKEN, Service } from "../support/service/service.ts";
import { Sqld } from "../support/processes/sqld.ts";

interface Bench {
  database: Sqld;
  service: Service;
  cli: Cli;
  key: string;
  /** The paths that the service's document has. */
  paths: string[];
}

/** Filled by `open`. */
export const bench = {} as Bench;

export async function open(): Promise<void> {
  bench.database = await Sqld.start();
  bench.service = await Service.start(bench.database.url);
  const { url } = bench.service;
  const key = (bench.key = await bench.service.key("cli"));
  bench.cli = new Cli({
    MEMORY_URL: url,
    MEMORY_KEY: key,
    MEMORY_ADMIN_TOKEN: ADMIN_TOKEN,
    MEMORY_NAMESPACE: "cli",
  });
  bench.paths = Object.keys(
    (await bench.service.call("GET", "/openapi.json")).body.paths as object,
  );
}

export async function close(): Promise<void> {
  bench.cli.remove();
  await bench.service.remove();
  await bench.database.remove();
}

export const ok = (...args: string[]): Promise<Ended> => bench.cli.ok(...args);
export async function started(task = "cancel the flight of Ms Kim"): Promise<string> {
  return String((await ok("episode", "create", "--task", task, "--domain", "airline")).json.id);
}
export async function completed(task?: string): Promise<string> {
  const id = await started(task);
  await ok(
    "episode",
    "log-step",
    id,
    "--tool",
    "find_booking",
    "--output",
    "found",
    "--latency-ms",
    "12",
  );
  await ok("episode", "log-step", id, "--tool", "cancel_booking", "--output", "done");
  await ok("episode", "complete", id, "--verdict", "cancelled");
  return id;
}

/** What a command does where the service has its routes; where not, it must say so. */
export function needs(
  path: string,
  works: () => Promise<void>,
  ...command: string[]
): () => Promise<void> {
  return async () => {
    if (bench.paths.includes(path)) return works();
    console.log(
      `this service has no ${path}: "memory-cli ${command.join(" ")}" is only tested to say so`,
    );
    const ended = await bench.cli.run(command);
    expect([ended.exit, ended.err]).toEqual([4, expect.stringContaining("There is no route")]);
  };
}
