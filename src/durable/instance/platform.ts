/**
 * What an instance is given by whatever it runs on, the platform's Durable Object or a test:
 * storage, database, Coordinator, other instances, clock.
 *
 * @module
 */

import type { SecretPattern } from "../../contract/redaction.ts";
import type { SettingOverrides } from "../../contract/settings.ts";
import type { Ablations } from "../../memory/ablations.ts";
import type { Database } from "../../storage/index.ts";
import type { WriteLeaseSource } from "../outbox/write-lease.ts";
import type { Control, KeyNews, KeyRecord } from "../shared/control.ts";
import type { WebhooksDeps } from "../webhooks/webhooks.ts";
import type { InstanceRpc } from "../shared/instance/protocol.ts";
import type { InstanceNote, InstanceReport } from "../shared/coordinator.ts";
import type { ObjectStorage } from "../shared/context.ts";
import type { Embedder } from "./knowledge/vectors/embedder.ts";
import type { UsageDataset } from "./status/usage-sink.ts";

/** What an instance asks of the Coordinator. Each throws when it is out of reach. */
export interface CoordinatorPort extends WriteLeaseSource {
  /** The present control document. */
  control(): Promise<Control>;
  /** Which deployment this is. */
  deployment(): Promise<string>;
  /**
   * All API keys, or that they are those of the version that is known here; null: none is. A
   * Coordinator of an earlier release answers with all of them, whatever is known.
   */
  keys(known: string | null): Promise<KeyNews | KeyRecord[]>;
  /** Takes a report; answers with the version of the control document that is in force. */
  report(report: InstanceReport): Promise<number>;
  /** Puts into the timeline what a caller had done here. */
  note(note: InstanceNote): Promise<void>;
  /** Nothing of a topology before this version is left at the instance. */
  handedOver(instance: number, topologyVersion: number): Promise<void>;
}

export interface InstancePlatform {
  storage: ObjectStorage;
  /** Settings of the deployment, below those that are set at run time. */
  defaults: SettingOverrides;
  /** What the deployment takes for a secret, beside what everybody does. */
  secretPatterns: readonly SecretPattern[];
  /** How many instances there are, until the Coordinator is heard. */
  instanceCount: number;
  /** The version of the service. */
  release: string;
  /** manual: the database's migrations wait for an operator. */
  migrations: "auto" | "manual";
  /** The database, without any guard. @param options are asked with each request */
  openDatabase: (options: {
    timeoutMs: () => number;
    traceparent: () => string | null;
  }) => Database;
  /** A new connection each time: one that broke must not be used again. */
  coordinator: () => CoordinatorPort;
  instance: (index: number) => InstanceRpc;
  /** Parts of recall and advice that are left out. */
  ablations: Ablations;
  /** Makes semantic vectors; null: there are none. */
  embedder: Embedder | null;
  /** As `WebhooksDeps`. */
  publicNetwork?: WebhooksDeps["publicNetwork"];
  /** Takes what namespaces use, for reports; undefined: nothing does. */
  usageDataset?: UsageDataset | undefined;
  /** ms since the epoch. */
  now: () => number;
  /** 0…1. */
  random: () => number;
  wait: (ms: number) => Promise<void>;
}
