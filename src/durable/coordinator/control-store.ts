/**
 * The control document: settings, modes, orders to the circuit breakers, the number of instances,
 * and the hold of a restore. Every change is validated, raises the version, and is stored and
 * audited (who changed what, when, from what to what) in one transaction; pushing it to the
 * instances is the caller's. The only place that reads or writes the table `control`.
 *
 * @module
 */

import type { Deployment } from "../../env.ts";
import type { PartContext } from "../shared/context.ts";
import type { RestoreMark } from "../../contract/backups/restore.ts";
import type { AuditView, ConfigView } from "../../contract/cluster/answers.ts";
import type { AuditQuery, BreakerCommand, ModeChange } from "../../contract/cluster/requests.ts";
import {
  parseSetting,
  SETTING_NAMES,
  type SettingName,
  type SettingOverrides,
  SETTINGS,
  type Settings,
  settingsOf,
} from "../../contract/settings.ts";
import { AuditLog, type Change } from "./monitoring/audit-log.ts";
import { Rollout } from "./rollout.ts";
import {
  type BreakerOrder,
  type Control,
  initialControl,
  parseControl,
  serializeControl,
  type Topology,
  type WebhookRecord,
} from "../shared/control.ts";
import type { InstanceReport } from "../shared/coordinator.ts";
import { Refused } from "../shared/refusals.ts";
import type { BreakerState } from "../../resilience/index.ts";
import { isoTime, isoTimeOrNull } from "../../util/time.ts";

const SCHEMA = `CREATE TABLE IF NOT EXISTS control (
  one INTEGER PRIMARY KEY CHECK (one = 1), body TEXT NOT NULL) STRICT`;

/** Entries of the audit in a view of the settings; none about grants, which anybody may make. */
const AUDIT_VIEWED = 100;
/** Orders that an instance which was away still gets. */
const ORDERS_KEPT = 50;
/** How long the instances' finding that the database is down holds, ms. */
const CLUSTER_DOWN_MS = 5_000;

export interface ControlStorePorts extends Pick<PartContext, "sql" | "transaction" | "now"> {
  deployment: Pick<Deployment, "defaults" | "instanceCount">;
  /** Called after each audited change. */
  changed: (by: string, what: string, from: unknown, to: unknown) => void;
}

/**
 * What a Coordinator begins with that has none: where it lost its storage, the instances have heard
 * of a version by number, and every version from this time is newer than all that were counted.
 */
function firstControl(envCount: number, now: number): Control {
  const control = initialControl(envCount);
  return { ...control, version: now, topology: { ...control.topology, version: now } };
}

export class ControlStore {
  readonly #ports: ControlStorePorts;
  readonly #audit: AuditLog;
  readonly #rollout: Rollout;
  #control: Control;
  /** What each instance reported last. */
  readonly #reports = new Map<number, InstanceReport & { at: number }>();

  constructor(ports: ControlStorePorts) {
    const { sql, now } = ports;
    const envCount = ports.deployment.instanceCount;
    this.#ports = ports;
    this.#audit = new AuditLog(sql, now);
    sql.run(SCHEMA);
    const [row] = sql.all<{ body: string }>("SELECT body FROM control");
    this.#control = row ? parseControl(row.body) : firstControl(envCount, now());
    this.#rollout = new Rollout({
      sql,
      envCount,
      topology: () => this.#control.topology,
      change: (topology, by, resized, store) =>
        this.#change(
          { topology },
          by,
          () => (resized ? [["instance_count", resized.from, resized.to]] : []),
          store,
        ),
    });
    if (!row) this.#store();
  }

  get control(): Control {
    return this.#control;
  }

  /** Every instance that may hold something. */
  get instanceCount(): number {
    return this.#rollout.instanceCount;
  }

  /** Every instance that may know keys: one that is out of use now may be used again. */
  get maxInstanceCount(): number {
    return this.#rollout.maxInstanceCount;
  }

  /** A page of the audit. Throws `Refused` for a cursor that is no earlier page's. */
  listAudit(query: AuditQuery): AuditView {
    return this.#audit.list(query);
  }

  get settings(): Settings {
    return settingsOf(this.#ports.deployment.defaults, this.#control.settings);
  }

  config(): ConfigView {
    const { settings } = this;
    const sourceOf = (name: SettingName) =>
      name in this.#control.settings
        ? "override"
        : name in this.#ports.deployment.defaults
          ? "deployment"
          : "default";
    return {
      version: this.#control.version,
      settings: Object.fromEntries(
        SETTING_NAMES.map((name) => [
          name,
          { value: settings[name], source: sourceOf(name), ...SETTINGS[name] },
        ]),
      ) as ConfigView["settings"],
      audit: this.#audit.newest(AUDIT_VIEWED),
    };
  }

  /**
   * Sets, or with null takes back, settings; all or none. Throws `Refused` that names the first one
   * at fault.
   */
  configure(changes: Readonly<Record<string, unknown>>, by: string): void {
    const next: Record<string, unknown> = { ...this.#control.settings };
    for (const [name, value] of Object.entries(changes)) {
      const setting = settingOf(name, value);
      if (setting === null) delete next[name];
      else next[name] = setting;
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
    this.#ports.transaction(() => this.#audit.write(by, [[what, from, to]]));
    this.#ports.changed(by, what, from ?? null, to ?? null);
  }

  /** Switches a mode on, or off. One that is on already keeps its beginning. */
  setMode({ name, enabled, message, by, until = null }: ModeChange): void {
    const since = this.#control[name]?.since ?? isoTime(this.#ports.now());
    const mode = enabled ? { message, since, by, until: isoTimeOrNull(until) } : null;
    this.#change({ [name]: mode }, by, (before) => [[name, before[name], mode]]);
  }

  /** Gives the database to a restore, or takes it back. */
  setRestore(mark: RestoreMark | null, by: string): void {
    this.#change({ restore: mark }, by, (before) => [["restore", before.restore, mark]]);
  }

  /** The audit has the addresses, and no secret. */
  setWebhooks(webhooks: WebhookRecord[], by: string): void {
    const urls = (some: readonly WebhookRecord[]): string[] => some.map(({ url }) => url);
    this.#change({ webhooks }, by, (before) => [
      ["webhooks", urls(before.webhooks), urls(webhooks)],
    ]);
  }

  /** Numbers an order to the circuit breakers, and keeps it for the instances. */
  addOrder(order: BreakerCommand, by: string): BreakerOrder {
    const { orders } = this.#control;
    const numbered = { ...order, id: (orders.at(-1)?.id ?? 0) + 1 };
    this.#change({ orders: [...orders, numbered].slice(-ORDERS_KEPT) }, by, () => [
      ["circuit_breaker", null, numbered],
    ]);
    return numbered;
  }

  /**
   * Takes what an instance found. True: with it, most instances find the database down, and every
   * instance is to be told.
   */
  takeReport(report: InstanceReport): boolean {
    const now = this.#ports.now();
    this.#reports.set(report.instance, { ...report, at: now });

    const until = this.#control.cluster.turso;
    if (until !== null && until > now) return false;
    const states = [...this.#reports.values()].map(({ breakers, at }) => ({
      state: breakers.turso,
      at,
    }));
    const isDown = clusterIsDown(states, now);
    if (isDown) this.#change({ cluster: { turso: now + CLUSTER_DOWN_MS } }, "fleet", () => []);
    else if (until !== null) this.#change({ cluster: { turso: null } }, "fleet", () => []);
    return isDown;
  }

  /** See `Rollout.adopt`. */
  adoptTopology(envCount: number, deployedAt: string): Topology {
    return this.#rollout.adopt(envCount, deployedAt);
  }

  /** See `Rollout.resize`. */
  resize(count: number, by: string): Topology {
    return this.#rollout.resize(count, by);
  }

  /** See `Rollout.settled`. */
  topologySettled(instance: number, version: number): boolean {
    return this.#rollout.settled(instance, version);
  }

  /** @param also is stored in the same transaction */
  #change(
    changes: Partial<Control>,
    by: string,
    audited: (before: Control) => readonly Change[],
    also: () => void = () => undefined,
  ): void {
    const before = this.#control;
    const entries = audited(before);
    this.#control = { ...before, ...changes, version: before.version + 1 };
    this.#ports.transaction(() => {
      this.#store();
      also();
      this.#audit.write(by, entries);
    });
    for (const [what, from, to] of entries) this.#ports.changed(by, what, from ?? null, to ?? null);
  }

  #store(): void {
    this.#ports.sql.run(
      "INSERT OR REPLACE INTO control (one, body) VALUES (1, ?)",
      serializeControl(this.#control),
    );
  }
}

/** The setting's value, null to take it back. Throws `Refused` that names the setting. */
function settingOf(name: string, value: unknown): unknown {
  const path = `settings.${name}`;
  if (!(SETTING_NAMES as string[]).includes(name))
    throw new Refused("validation_failed", `${path}: is not a setting`, { path });
  if (value === null) return null;

  const parsed = parseSetting(name as SettingName, value);
  if (!parsed.ok) throw new Refused("validation_failed", `${path}: ${parsed.problem}`, { path });
  return parsed.value;
}

interface ClusterReport {
  state: BreakerState;
  at: number;
}

/** A report older than this says nothing, ms. */
const FRESH_MS = 15_000;
/** Instances that must have found it down, whatever the cluster's size. */
const QUORUM_MIN = 2;

/**
 * True when at least two, and at least half of the instances that reported lately, opened by
 * themselves.
 */
function clusterIsDown(reports: Iterable<ClusterReport>, now: number): boolean {
  let [fresh, down] = [0, 0];
  for (const { state, at } of reports) {
    if (now - at > FRESH_MS) continue;
    fresh += 1;
    if (state === "open" || state === "half_open") down += 1;
  }
  return down >= Math.max(QUORUM_MIN, Math.ceil(fresh / 2));
}
