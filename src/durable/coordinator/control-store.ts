/**
 * The Coordinator's hand on the control document: every change is validated, audited, stored and
 * pushed.
 *
 * @module
 */

import {
  parseSetting,
  SETTING_NAMES,
  SETTINGS,
  settingsOf,
  type SettingName,
  type SettingOverrides,
  type Settings,
} from "../../contract/settings.ts";
import type { RestoreMark } from "../../contract/jobs.ts";
import type { AuditEntry, ConfigView } from "../../contract/operations.ts";
import type { LocalSql } from "../../storage/index.ts";
import {
  BACKENDS,
  initialControl,
  type BreakerOrder,
  type Control,
  type Mode,
  type Topology,
} from "../shared/control.ts";
import { clusterIsDown, type ClusterReport } from "./monitoring/cluster.ts";
import type { InstanceReport } from "../shared/protocol.ts";
import { Refused } from "../shared/refusals.ts";
import { isoTime } from "../../util/time.ts";

const CONTROL_SCHEMA: readonly string[] = [
  `CREATE TABLE IF NOT EXISTS control (one INTEGER PRIMARY KEY CHECK (one = 1), body TEXT NOT NULL) STRICT`,
  `CREATE TABLE IF NOT EXISTS audit (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, by TEXT NOT NULL, what TEXT NOT NULL,
    before TEXT NOT NULL, after TEXT NOT NULL) STRICT`,
  // What the deployment wants, and who is done with handing over.
  `CREATE TABLE IF NOT EXISTS rollout (one INTEGER PRIMARY KEY CHECK (one = 1), body TEXT NOT NULL) STRICT`,
];

/** Entries of the audit that are kept. */
const AUDIT_MAX = 10_000;
const AUDIT_SHOWN = 100;
/** Orders that an instance which was away still gets. */
const ORDERS_MAX = 50;
/** How long a finding of the cluster holds, ms. */
const CLUSTER_DOWN_MS = 5_000;

interface Rollout {
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

export class ControlStore {
  readonly #sql: LocalSql;
  readonly #transaction: <T>(work: () => T) => T;
  readonly #defaults: SettingOverrides;
  readonly #now: () => number;
  readonly #changed: (by: string, what: string, from: unknown, to: unknown) => void;
  #control: Control;
  #rollout: Rollout;
  readonly #reports = new Map<number, InstanceReport & { at: number }>();

  constructor(
    sql: LocalSql,
    transaction: <T>(work: () => T) => T,
    defaults: SettingOverrides,
    envCount: number,
    now: () => number,
    changed: (by: string, what: string, from: unknown, to: unknown) => void = () => undefined,
  ) {
    this.#sql = sql;
    this.#transaction = transaction;
    this.#defaults = defaults;
    this.#now = now;
    this.#changed = changed;
    for (const statement of CONTROL_SCHEMA) sql.run(statement);
    const [control] = sql.all<{ body: string }>("SELECT body FROM control");
    const [rollout] = sql.all<{ body: string }>("SELECT body FROM rollout");
    this.#control = control
      ? (JSON.parse(control.body) as Control)
      : { ...initialControl(envCount), version: 1 };
    this.#rollout = rollout
      ? (JSON.parse(rollout.body) as Rollout)
      : { env_count: envCount, deployed_at: "", wanted: null, settled: [] };
    if (!control) this.#store();
  }

  get control(): Control {
    return this.#control;
  }

  /** Every instance that may hold something. */
  get instanceCount(): number {
    return Math.max(this.#control.topology.count, this.#control.topology.previous ?? 0);
  }

  /** Every instance that may know keys: one that is out of use now may be used again. */
  get maxInstanceCount(): number {
    return Math.max(this.#rollout.widest ?? 0, this.instanceCount);
  }

  get settings(): Settings {
    return settingsOf(this.#defaults, this.#control.settings);
  }

  config(): ConfigView {
    const settings = settingsOf(this.#defaults, this.#control.settings);
    return {
      version: this.#control.version,
      settings: Object.fromEntries(
        SETTING_NAMES.map((name) => {
          const rule = SETTINGS[name];
          const source =
            name in this.#control.settings
              ? "override"
              : name in this.#defaults
                ? "deployment"
                : "default";
          return [name, { value: settings[name], source, ...rule }];
        }),
      ) as ConfigView["settings"],
      audit: this.#entries(),
    };
  }

  /**
   * Sets, or with null takes back, settings; all or none. Throws `Refused` that names the first one
   * at fault.
   */
  configure(changes: Readonly<Record<string, unknown>>, by: string): void {
    const next: Record<string, unknown> = { ...this.#control.settings };
    for (const [name, value] of Object.entries(changes)) {
      if (!(SETTING_NAMES as string[]).includes(name)) {
        throw new Refused("validation_failed", `settings.${name}: is not a setting`, {
          path: `settings.${name}`,
        });
      }
      if (value === null) delete next[name];
      else {
        const parsed = parseSetting(name as SettingName, value);
        if (!parsed.ok) {
          throw new Refused("validation_failed", `settings.${name}: ${parsed.problem}`, {
            path: `settings.${name}`,
          });
        }
        next[name] = parsed.value;
      }
    }
    this.#change({ settings: next as SettingOverrides }, by, (before) =>
      Object.keys(changes).map((name) => [
        name,
        before.settings[name as SettingName] ?? null,
        next[name] ?? null,
      ]),
    );
  }

  /** Writes down a change of what is not in the control document. */
  audit(by: string, what: string, from: unknown, to: unknown): void {
    this.#transaction(() => this.#write(by, [[what, from, to]]));
    this.#changed(by, what, from ?? null, to ?? null);
  }

  mode(
    name: "maintenance" | "degraded",
    enabled: boolean,
    message: string,
    by: string,
  ): Mode | null {
    const since = isoTime(this.#now());
    const mode = enabled ? { message, since: this.#control[name]?.since ?? since, by } : null;
    this.#change({ [name]: mode }, by, (before) => [[name, before[name], mode]]);
    return mode;
  }

  /** Gives the database to a restore, or takes it back. */
  restore(mark: RestoreMark | null, by: string): void {
    this.#change({ restore: mark }, by, (before) => [["restore", before.restore ?? null, mark]]);
  }

  order(order: Omit<BreakerOrder, "id">, by: string): BreakerOrder {
    const known = this.#control.orders;
    const numbered = { ...order, id: (known.at(-1)?.id ?? 0) + 1 };
    this.#change({ orders: [...known, numbered].slice(-ORDERS_MAX) }, by, () => [
      ["circuit_breaker", null, numbered],
    ]);
    return numbered;
  }

  /** What an instance found. True: the cluster's finding changed. */
  report(report: InstanceReport): boolean {
    const now = this.#now();
    this.#reports.set(report.instance, { ...report, at: now });
    let changed = false;
    for (const backend of BACKENDS) {
      const seen = [...this.#reports.values()].map(({ breakers, at }): ClusterReport => ({
        state: breakers[backend],
        at,
      }));
      const known = this.#control.cluster[backend];
      const down = clusterIsDown(seen, now);
      if (down && (known === null || known <= now)) {
        this.#change(
          { cluster: { ...this.#control.cluster, [backend]: now + CLUSTER_DOWN_MS } },
          "fleet",
          () => [],
        );
        changed = true;
      } else if (!down && known !== null && known <= now) {
        this.#change({ cluster: { ...this.#control.cluster, [backend]: null } }, "fleet", () => []);
      }
    }
    return changed;
  }

  /**
   * What a deployment with this INSTANCE_COUNT may use. A newer deployment with another count
   * changes it; an older one that still runs beside it does not change it back.
   */
  adopt(envCount: number, deployedAt: string): Topology {
    const { env_count, deployed_at } = this.#rollout;
    if (
      envCount !== env_count &&
      (deployedAt === "" || deployed_at === "" || deployedAt > deployed_at)
    ) {
      this.#rollout = { ...this.#rollout, env_count: envCount, deployed_at: deployedAt };
      this.#store();
      this.resize(envCount, "deployment");
    }
    return this.#control.topology;
  }

  /** Changes the number of instances, after a running change. */
  resize(count: number, by: string): Topology {
    const { topology } = this.#control;
    if (topology.previous !== null) {
      this.#rollout = { ...this.#rollout, wanted: count };
      this.#store();
      return topology;
    }
    if (count === topology.count) return topology;
    this.#rollout = {
      ...this.#rollout,
      settled: [],
      wanted: null,
      widest: Math.max(this.maxInstanceCount, count),
    };
    const next = { version: topology.version + 1, count, previous: topology.count };
    this.#change({ topology: next }, by, () => [["instance_count", topology.count, count]]);
    return next;
  }

  /** An instance has handed over all that moved. True: every one has, or the next change began. */
  settle(instance: number, version: number): boolean {
    const { topology } = this.#control;
    if (topology.previous === null || version !== topology.version) return false;
    // One that was in use long ago may be awake too; the change does not wait for it, nor is it
    // done because of it.
    if (instance >= this.instanceCount) return false;
    const settled = [...new Set([...this.#rollout.settled, instance])];
    this.#rollout = { ...this.#rollout, settled };
    if (settled.length < this.instanceCount) {
      this.#store();
      return false;
    }
    const { wanted } = this.#rollout;
    this.#change({ topology: { ...topology, previous: null } }, "coordinator", () => []);
    if (wanted !== null) this.resize(wanted, "coordinator");
    return true;
  }

  #change(
    changes: Partial<Control>,
    by: string,
    audited: (before: Control) => readonly (readonly [string, unknown, unknown])[],
  ): void {
    const before = this.#control;
    this.#control = { ...before, ...changes, version: before.version + 1 };
    this.#transaction(() => {
      this.#store();
      this.#write(by, audited(before));
    });
    for (const [what, from, to] of audited(before))
      this.#changed(by, what, from ?? null, to ?? null);
  }

  #write(
    by: string,
    changes: readonly (readonly [what: string, from: unknown, to: unknown])[],
  ): void {
    for (const [what, from, to] of changes) {
      this.#sql.run(
        "INSERT INTO audit (at, by, what, before, after) VALUES (?, ?, ?, ?, ?)",
        this.#now(),
        by,
        what,
        JSON.stringify(from ?? null),
        JSON.stringify(to ?? null),
      );
    }
    this.#sql.run("DELETE FROM audit WHERE seq <= (SELECT max(seq) FROM audit) - ?", AUDIT_MAX);
  }

  #store(): void {
    this.#sql.run(
      "INSERT OR REPLACE INTO control (one, body) VALUES (1, ?)",
      JSON.stringify(this.#control),
    );
    this.#sql.run(
      "INSERT OR REPLACE INTO rollout (one, body) VALUES (1, ?)",
      JSON.stringify(this.#rollout),
    );
  }

  #entries(): AuditEntry[] {
    return this.#sql
      .all<{ at: number; by: string; what: string; before: string; after: string }>(
        "SELECT at, by, what, before, after FROM audit ORDER BY seq DESC LIMIT ?",
        AUDIT_SHOWN,
      )
      .map(({ at, by, what, before, after }) => ({
        at: isoTime(at),
        by,
        what,
        from: JSON.parse(before) as unknown,
        to: JSON.parse(after) as unknown,
      }));
  }
}
