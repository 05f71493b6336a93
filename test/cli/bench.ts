/**
 * The running service that commands are tried on, with a `memory-cli` that has its keys.
 *
 * @module
 */

import { Cli, type Ended } from "../support/processes/cli.ts";
import { Sqld } from "../support/processes/sqld.ts";
import { ADMIN_TOKEN, Service } from "../support/service/service.ts";

export class CliBench {
  readonly database: Sqld;
  readonly service: Service;
  readonly cli: Cli;

  private constructor(database: Sqld, service: Service, cli: Cli) {
    this.database = database;
    this.service = service;
    this.cli = cli;
  }

  static async open(): Promise<CliBench> {
    const database = await Sqld.start();
    const service = await Service.start(database.url, {}, { hasOAuth: true });
    const cli = new Cli({
      MEMORY_URL: service.url,
      MEMORY_KEY: await service.key("cli"),
      MEMORY_ADMIN_TOKEN: ADMIN_TOKEN,
      MEMORY_NAMESPACE: "cli",
    });
    return new CliBench(database, service, cli);
  }

  async close(): Promise<void> {
    this.cli.remove();
    await this.service.remove();
    await this.database.remove();
  }

  /** Runs a command that must end with 0, for its JSON. */
  ok(...args: string[]): Promise<Ended> {
    return this.cli.ok(...args);
  }

  /** @returns the id of a new episode */
  async started(task = "cancel the flight of Ms Kim"): Promise<string> {
    return String(
      (await this.ok("episode", "create", "--task", task, "--domain", "airline")).json.id,
    );
  }

  /** @returns the id of an episode that succeeded in two steps */
  async completed(task?: string): Promise<string> {
    const id = await this.started(task);
    const found = ["--tool", "find_booking", "--output", "found", "--latency-ms", "12"];
    await this.ok("episode", "log-step", id, ...found);
    await this.ok("episode", "log-step", id, "--tool", "cancel_booking", "--output", "done");
    await this.ok("episode", "complete", id, "--verdict", "cancelled");
    return id;
  }
}

/** Each command by its name, with what it must do. */
export type Tried = Readonly<Record<string, (bench: CliBench) => Promise<void>>>;
