/**
 * Which deployment this is: an id that is made once and kept. A Coordinator that lost its storage
 * finds it again at the instances, which keep it too; where none has one, it makes a new one. That
 * is safe when it should have been found: the database refuses a deployment that it does not know,
 * until an operator lets it take the database over. The only place that reads or writes the table
 * `deployment`.
 *
 * @module
 */

import type { Jurisdiction } from "../../../contract/cluster/placement.ts";
import { newDeploymentId } from "../../shared/deployment/jurisdiction.ts";
import type { CoordinatorContext } from "../context.ts";
import { ASK_MS, type Instances } from "../instances.ts";

const SCHEMA = `CREATE TABLE IF NOT EXISTS deployment (
  one INTEGER PRIMARY KEY CHECK (one = 1), id TEXT NOT NULL, since INTEGER NOT NULL) STRICT`;

/** How often instances that do not answer are asked, and the wait between, ms. */
const TRIES = 3;
const WAIT_MS = 2_000;

interface IdentityPorts extends Pick<CoordinatorContext, "sql" | "now" | "uuid" | "wait" | "log"> {
  instances: Pick<Instances, "everywhere">;
  /** In which jurisdiction all objects of the deployment are; null: anywhere. */
  env: { jurisdiction: Jurisdiction | null };
}

export class DeploymentIdentity {
  readonly #ports: IdentityPorts;
  #id: string | null;
  #finding: Promise<string> | null = null;

  constructor(ports: IdentityPorts) {
    this.#ports = ports;
    ports.sql.run(SCHEMA);
    this.#id = ports.sql.all<{ id: string }>("SELECT id FROM deployment")[0]?.id ?? null;
  }

  /** The id; found or made first when this object has none. */
  async id(): Promise<string> {
    if (this.#id !== null) return this.#id;
    this.#finding ??= this.#find().finally(() => {
      this.#finding = null;
    });
    return this.#finding;
  }

  async #find(): Promise<string> {
    const { sql, now, uuid, log, env } = this.#ports;
    const found = await this.#foundAtInstances();
    const id = found ?? newDeploymentId(env.jurisdiction, uuid());
    sql.run("INSERT OR REPLACE INTO deployment (one, id, since) VALUES (1, ?, ?)", id, now());
    this.#id = id;
    log({ event: "deployment_known", deployment: id, found: found !== null });
    return id;
  }

  /** null: no instance has one. */
  async #foundAtInstances(): Promise<string | null> {
    const { instances, wait } = this.#ports;
    for (let tries = 1; ; tries++) {
      const answers = await instances.everywhere("deployment", { id: null }, ASK_MS);
      const ids = answers.flatMap((answer) => ("value" in answer ? (answer.value?.id ?? []) : []));
      const isComplete = answers.every((answer) => "value" in answer);
      if (ids[0] !== undefined) return ids[0];
      if (isComplete || tries >= TRIES) return null;
      await wait(WAIT_MS);
    }
  }
}
