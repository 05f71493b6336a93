/**
 * Defines what each instance has a pushed copy of, so that no request waits for the Coordinator,
 * which owns it: the control document, which is the same for every instance (settings, modes,
 * orders to the circuit breakers, how many instances there are), and how a stored one is read; and
 * the records of the API keys. Plain data.
 *
 * @module
 */

import type { KeyView } from "../../contract/access/answers.ts";
import type { RestoreMark } from "../../contract/backups/restore.ts";
import type { BreakerCommand } from "../../contract/cluster/requests.ts";
import type { WebhookView } from "../../contract/events/answers.ts";
import type { SettingOverrides } from "../../contract/settings.ts";

/** How many instances there are. While `previous` is set, instances still hand over what moved. */
export interface Topology {
  /** Rises by one with each change of the count. */
  version: number;
  count: number;
  previous: number | null;
}

/** A mode that an operator switched on. */
export interface Mode {
  message: string;
  since: string;
  by: string;
  /** When it ends by itself, RFC 3339; null, or absent from an earlier release: it does not. */
  until?: string | null;
}

/**
 * Whether the mode is in force at this time, ms since the epoch. The Coordinator switches off what
 * has ended; nobody who knows the mode waits for that.
 */
export function isInForce(mode: Mode | null, now: number): mode is Mode {
  if (mode === null) return false;
  return (mode.until ?? null) === null || Date.parse(String(mode.until)) > now;
}

/** What an operator wants of circuit breakers. Each of them carries it out once. */
export interface BreakerOrder extends BreakerCommand {
  id: number;
}

export interface Control {
  /** Rises by one with each change of anything. */
  version: number;
  settings: SettingOverrides;
  maintenance: Mode | null;
  degraded: Mode | null;
  topology: Topology;
  /** The newest orders. */
  orders: BreakerOrder[];
  /** The restore that has the database for itself: nobody else asks it. */
  restore: RestoreMark | null;
  /** Where what happens is sent. */
  webhooks: WebhookRecord[];
  /** Until when most instances count as having found the database down, ms; null: they have not. */
  cluster: { turso: number | null };
}

export function initialControl(count: number): Control {
  return {
    version: 0,
    settings: {},
    maintenance: null,
    degraded: null,
    topology: { version: 1, count, previous: null },
    orders: [],
    restore: null,
    webhooks: [],
    cluster: { turso: null },
  };
}

/** Fields that documents of earlier releases lack, or have by another name. */
type StoredControl = Omit<Control, "cluster" | "restore" | "webhooks"> &
  Partial<Pick<Control, "restore" | "cluster" | "webhooks">> & { fleet?: Control["cluster"] };

/**
 * A document as it is stored. Release 0.1, to which a deployment may be rolled back, does not start
 * without `fleet`.
 */
export function serializeControl(control: Control): string {
  return JSON.stringify({ ...control, fleet: { ...control.cluster, r2: null } });
}

/** A document as it was stored or sent, by whichever release. @param json of a document */
export function parseControl(json: string): Control {
  const { fleet, ...stored } = JSON.parse(json) as StoredControl;
  const { turso } = stored.cluster ?? fleet ?? { turso: null };
  const { restore = null, webhooks = [] } = stored;
  return { ...stored, cluster: { turso }, restore, webhooks };
}

/**
 * A document, as it is stored, without the secrets that webhooks sign with: for what leaves the
 * object. @param json of a document
 */
export function withoutSecrets(json: string): string {
  const { webhooks = [], ...control } = JSON.parse(json) as StoredControl;
  const shown = webhooks.map(({ secret: _secret, ...webhook }) => webhook);
  return JSON.stringify({ ...control, webhooks: shown });
}

/** A webhook with the secret that it signs with. */
export interface WebhookRecord extends WebhookView {
  secret: string;
}

/** A key as it is kept: its hash, never the key. */
export interface KeyRecord extends Omit<KeyView, "last_used_at"> {
  /** SHA-256 in hex. */
  hash: string;
}

/** What the Coordinator answers an instance that asks whether there are other keys than it has. */
export interface KeyNews {
  /** Names what the Coordinator has; another one after each change, and after each start. */
  version: string;
  /** All of them; null: they are those of the version that the instance has. */
  keys: KeyRecord[] | null;
}
