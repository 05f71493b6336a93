/**
 * Takes shards over when the number of instances changes. The new home of an episode or a namespace
 * asks the old one for it before it serves it; the old one keeps its copy until the new one has it.
 * A shard is read slice by slice, each bounded in bytes, and stored (elsewhere → adopted), and then
 * dropped at its old home (adopted → done). Each step may be repeated. What nobody asks for is
 * offered by its old home (`offers.ts`). The owner of the table `claims`: how far this instance has
 * taken each shard over in the running change.
 *
 * @module
 */

import { homeOf } from "../../../memory/rendezvous.ts";
import type { Outbox } from "../../outbox/outbox.ts";
import type { LocalSql } from "../../../storage/index.ts";
import {
  homeTextOfShard,
  type Shard,
  type ShardCursor,
  type ShardSlice,
} from "../../shared/instance/placement.ts";
import { instanceName } from "../../shared/objects.ts";
import type { Part } from "../../shared/context.ts";
import { Moved } from "../../shared/refusals.ts";
import type { InstanceContext } from "../context.ts";
import type { EpisodeRows } from "../episodes/store/episode-rows.ts";
import type { CachedRows } from "../episodes/store/cached-rows.ts";
import type { TaskFailures } from "../episodes/tasks/task-failures.ts";
import type { ShardRows } from "./shard-rows.ts";

const CLAIMS_SCHEMA: readonly string[] = [
  `CREATE TABLE IF NOT EXISTS claims (
    shard TEXT PRIMARY KEY, version INTEGER NOT NULL, stage TEXT NOT NULL) STRICT`,
];

/**
 * elsewhere: its old home has it; where this is stored, some slices are here. adopted: all of it is
 * here, and the old home may not have dropped it yet. done: the old home has dropped it, or never
 * had it.
 */
type ClaimState = "elsewhere" | "adopted" | "done";

interface RebalanceDeps {
  context: InstanceContext;
  outbox: Outbox;
  rows: ShardRows;
  episodes: EpisodeRows;
  cached: CachedRows;
  failures: TaskFailures;
  knowledge: {
    /** A namespace came here from another instance; called in the transaction that ends it. */
    adopted: (namespace: string, from: number) => void;
  };
}

export class Rebalance implements Part {
  readonly schema = CLAIMS_SCHEMA;
  readonly #deps: RebalanceDeps;
  readonly #sql: LocalSql;
  readonly #taking = new Map<string, Promise<void>>();

  constructor(deps: RebalanceDeps) {
    this.#deps = deps;
    this.#sql = deps.context.sql;
  }

  /**
   * Makes sure that the shard is here, if this is its home. Throws when its old home is out of
   * reach, and `Moved` when the number of instances changed meanwhile.
   */
  async ensureHere(shard: Shard): Promise<void> {
    const from = this.#oldHome(shard);
    if (from === null) return;
    const { version } = this.#deps.context.control().topology;
    if (this.#stateOf(shard, version) === "done") return;

    const name = nameOfShard(shard);
    let taking = this.#taking.get(name);
    if (!taking) {
      taking = this.#take(shard, from, version).finally(() => this.#taking.delete(name));
      this.#taking.set(name, taking);
    }
    await taking;
  }

  /** Whether the shard is here, if this is its home. */
  isHere(shard: Shard): boolean {
    if (this.#oldHome(shard) === null) return true;
    return this.#stateOf(shard, this.#deps.context.control().topology.version) === "done";
  }

  /** A shard that begins here has nothing to claim. In the transaction that begins it. */
  begin(shard: Shard): void {
    if (this.#oldHome(shard) === null) return;
    this.#setState(shard, this.#deps.context.control().topology.version, "done");
  }

  /**
   * At the old home: the shard is at its new one. Returns the number of the last batch that may
   * still carry it.
   */
  drop(shard: Shard): number {
    this.#deps.context.transaction(() => {
      this.forget(shard);
      this.#sql.run("DELETE FROM claims WHERE shard = ?", nameOfShard(shard));
    });
    return this.#deps.outbox.lastBatch();
  }

  /** Drops what is here of a shard; in a transaction. */
  forget(shard: Shard): void {
    const { rows, failures } = this.#deps;
    rows.drop(shard);
    if (shard.kind === "episode") failures.forgetEpisode(shard.namespace, shard.id);
  }

  /**
   * The number of instances changed, or a change of it is over. What is here of shards that were not
   * taken over in full is no copy of them: their old homes have them, or had nothing left to do and
   * dropped them, and then the database has them. In a transaction.
   */
  topologyChanged(): void {
    const { topology } = this.#deps.context.control();
    const ongoing = topology.previous === null ? null : topology.version;
    const text = "SELECT shard FROM claims WHERE stage = 'elsewhere' AND version IS NOT ?";
    const parts = this.#sql.all<{ shard: string }>(text, ongoing);
    for (const { shard } of parts) {
      this.forget(JSON.parse(shard) as Shard);
      this.#sql.run("DELETE FROM claims WHERE shard = ?", shard);
    }
    const event = { event: "handover_part_forgotten", level: "info", count: parts.length } as const;
    if (parts.length > 0) this.#deps.context.log(event);
  }

  async #take(shard: Shard, from: number, version: number): Promise<void> {
    const { context, outbox } = this.#deps;
    const { transaction, ask } = context;
    // Once adopted it is never dropped again: the old home may have dropped it already, and have
    // nothing left.
    if (this.#stateOf(shard, version) === "elsewhere") {
      // Rows left from an earlier time as its home are older than those that come.
      transaction(() => this.forget(shard));
      let after: ShardCursor | null = null;
      do {
        const slice: ShardSlice = await ask(from, "shard_read", { shard, after });
        transaction(() => this.#adopt(shard, slice, { after, version, from }));
        after = slice.next;
      } while (after !== null);
    }

    const last = await ask(from, "shard_drop", { shard });
    transaction(() => {
      outbox.fenceOff(instanceName(from), last);
      this.#setState(shard, version, "done");
      // Those of earlier changes are of no use.
      this.#sql.run("DELETE FROM claims WHERE version < ?", version);
    });
  }

  /** Stores a slice; in a transaction. */
  #adopt(
    shard: Shard,
    slice: ShardSlice,
    { after, version, from }: { after: ShardCursor | null; version: number; from: number },
  ): void {
    const { context, rows, knowledge } = this.#deps;
    const { topology } = context.control();
    // The number of instances changed again while the old home answered, or all was handed over.
    if (topology.version !== version || topology.previous === null)
      throw new Moved(nameOfShard(shard));
    if (after === null) this.#setState(shard, version, "elsewhere");
    if (slice.isGone) this.forget(shard);
    rows.store(slice);
    if (slice.next !== null) return;
    if (shard.kind === "namespace") knowledge.adopted(shard.namespace, from);
    // An episode counts as being here when all of it is.
    if (shard.kind === "episode") this.#hold(shard.namespace, shard.id);
    this.#setState(shard, version, "adopted");
  }

  #hold(namespace: string, id: string): void {
    const size = this.#deps.episodes.size(namespace, id);
    if (size) this.#deps.cached.hold(namespace, id, size.record + size.steps);
  }

  /** @param version of the topology that the change leads to */
  #stateOf(shard: Shard, version: number): ClaimState {
    const text = "SELECT stage FROM claims WHERE shard = ? AND version = ?";
    const [claim] = this.#sql.all<{ stage: ClaimState }>(text, nameOfShard(shard), version);
    return claim?.stage ?? "elsewhere";
  }

  #setState(shard: Shard, version: number, state: ClaimState): void {
    const text = "INSERT OR REPLACE INTO claims (shard, version, stage) VALUES (?, ?, ?)";
    this.#sql.run(text, nameOfShard(shard), version, state);
  }

  /** The instance that the shard moves from to here in the running change; null: it does not. */
  #oldHome(shard: Shard): number | null {
    const { topology } = this.#deps.context.control();
    if (topology.previous === null) return null;
    const home = homeTextOfShard(shard);
    const { index } = this.#deps.context.place();
    const before = homeOf(home, topology.previous);
    return before === index || homeOf(home, topology.count) !== index ? null : before;
  }
}

/** A shard's name: the same shard has the same. */
export function nameOfShard(shard: Shard): string {
  return JSON.stringify(shard);
}

/** Takes over what an earlier release kept under another column; after the tables are made. */
export function migrateClaims(sql: LocalSql): void {
  const text = "SELECT sql FROM sqlite_master WHERE type = 'table' AND name = 'claims'";
  const [made] = sql.all<{ sql: string }>(text);
  if (!made || !/\bunit\b/.test(made.sql)) return;
  sql.run("ALTER TABLE claims RENAME COLUMN unit TO shard");
}
