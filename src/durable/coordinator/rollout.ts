/**
 * Changes of the number of instances, one after the other: which instances have handed over all
 * that the running change moves, and which count comes after it. The only place that reads or
 * writes the table `rollout`; the topology itself is in the control document.
 *
 * @module
 */

import type { Topology } from "../shared/control.ts";
import type { LocalSql } from "../../storage/index.ts";

const SCHEMA = `CREATE TABLE IF NOT EXISTS rollout (
  one INTEGER PRIMARY KEY CHECK (one = 1), body TEXT NOT NULL) STRICT`;

interface Stored {
  /** What INSTANCE_COUNT said when it was last taken over, and when that was deployed. */
  env_count: number;
  deployed_at: string;
  /** The count that comes after the running change. */
  wanted: number | null;
  /** Instances that have handed over all of the running change. */
  settled: number[];
  /** The most instances there ever were. */
  widest?: number;
}

interface RolloutPorts {
  sql: LocalSql;
  /** Of the deployment that this object was first made by. */
  envCount: number;
  topology: () => Topology;
  /**
   * Puts a topology into the control document, in one transaction with `store`.
   *
   * @param resized the count was and is, for the audit; null: only the hand-over ended
   */
  change: (
    next: Topology,
    by: string,
    resized: { from: number; to: number } | null,
    store: () => void,
  ) => void;
}

export class Rollout {
  readonly #ports: RolloutPorts;
  #stored: Stored;

  constructor(ports: RolloutPorts) {
    this.#ports = ports;
    ports.sql.run(SCHEMA);
    const [row] = ports.sql.all<{ body: string }>("SELECT body FROM rollout");
    this.#stored = row
      ? (JSON.parse(row.body) as Stored)
      : { env_count: ports.envCount, deployed_at: "", wanted: null, settled: [] };
    // A later deployment is compared with this one.
    if (!row) this.#keep({});
  }

  /** Every instance that may hold something. */
  get instanceCount(): number {
    const { count, previous } = this.#ports.topology();
    return Math.max(count, previous ?? 0);
  }

  /** Every instance that may know keys: one that is out of use now may be used again. */
  get maxInstanceCount(): number {
    return Math.max(this.#stored.widest ?? 0, this.instanceCount);
  }

  /**
   * What a deployment with this INSTANCE_COUNT may use. A newer deployment with another count
   * changes it; an older one that still runs beside it does not change it back.
   */
  adopt(envCount: number, deployedAt: string): Topology {
    const { env_count, deployed_at } = this.#stored;
    const isNewer = deployedAt === "" || deployed_at === "" || deployedAt > deployed_at;
    if (envCount !== env_count && isNewer) {
      this.#keep({ env_count: envCount, deployed_at: deployedAt });
      this.resize(envCount, "deployment");
    }
    return this.#ports.topology();
  }

  /** Changes the number of instances; while a change runs, after it. */
  resize(count: number, by: string): Topology {
    const topology = this.#ports.topology();
    if (topology.previous !== null) {
      this.#keep({ wanted: count });
      return topology;
    }
    if (count === topology.count) return topology;

    const next = { version: topology.version + 1, count, previous: topology.count };
    const widest = Math.max(this.maxInstanceCount, count);
    this.#ports.change(next, by, { from: topology.count, to: count }, () =>
      this.#keep({ settled: [], wanted: null, widest }),
    );
    return next;
  }

  /**
   * Notes that an instance has handed over all that the topology of this version moves. True: every
   * instance has, and the change is done.
   */
  settled(instance: number, version: number): boolean {
    const topology = this.#ports.topology();
    if (topology.previous === null || version !== topology.version) return false;
    // One that was in use long ago may be awake too; the change does not wait for it, nor is it
    // done because of it.
    if (instance >= this.instanceCount) return false;

    const settled = [...new Set([...this.#stored.settled, instance])];
    if (settled.length < this.instanceCount) {
      this.#keep({ settled });
      return false;
    }
    const { wanted } = this.#stored;
    this.#ports.change({ ...topology, previous: null }, "coordinator", null, () =>
      this.#keep({ settled }),
    );
    if (wanted !== null) this.resize(wanted, "coordinator");
    return true;
  }

  #keep(changes: Partial<Stored>): void {
    this.#stored = { ...this.#stored, ...changes };
    this.#ports.sql.run(
      "INSERT OR REPLACE INTO rollout (one, body) VALUES (1, ?)",
      JSON.stringify(this.#stored),
    );
  }
}
