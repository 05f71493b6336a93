/**
 * The context that the parts of an instance are given: its storage, its way to the database and to
 * the other instances, the settings and topology in force, its clock.
 *
 * @module
 */

import type { Settings } from "../../contract/settings.ts";
import type { Meter } from "../../observability/index.ts";
import type { MigratedDatabase, SqlValue, TableName } from "../../storage/index.ts";
import type { EpisodeChange } from "../outbox/outbox-rows.ts";
import type { NewEvent } from "../webhooks/webhooks.ts";
import type { PartContext } from "../shared/context.ts";
import type { InstanceNote } from "../shared/coordinator.ts";
import type { Control } from "../shared/control.ts";
import type {
  InternalInput,
  InternalOperationName,
  InternalOutput,
  Place,
  SingleOperationName,
} from "../shared/instance/protocol.ts";

export interface InstanceContext extends PartContext {
  database: MigratedDatabase;
  /** As they are now: they may change at run time. */
  settings: () => Settings;
  control: () => Control;
  uuid: (now: number) => string;
  place: () => Place;
  /**
   * How many instances may hold something: those of an earlier topology count until they have
   * handed over.
   */
  instanceCount: () => number;
  /** The number of the instance that a home text hashes to. */
  homeOf: (text: string) => number;
  /** Whether this home text hashes to this instance now: ask again after every wait. */
  isHome: (home: string) => boolean;
  /**
   * Marks a row for the outbox; in the transaction that changes it, after the change. Throws
   * `Moved` when its home is elsewhere by now.
   */
  markDirty: (table: TableName, key: readonly SqlValue[]) => void;
  /** Like `markDirty`, for an episode and steps that were added to it. */
  markEpisode: (change: EpisodeChange) => void;
  /** Whether the database does not have the row as it is. */
  isDirty: (table: TableName, key: readonly SqlValue[]) => boolean;
  /** Tells streams and webhooks what happened; in the transaction of what it tells. */
  emit: (event: NewEvent) => void;
  /** Puts into the timeline what a caller had done here. Never throws. */
  note: (note: InstanceNote) => Promise<void>;
  /** Asks an instance, this one included. Throws `Refused`, or an Error when it is out of reach. */
  ask: <N extends InternalOperationName>(
    instance: number,
    name: N,
    input: InternalInput<N>,
  ) => Promise<InternalOutput<N>>;
  /**
   * Asks every instance, this one included; answers that can be merged come together. Throws as
   * `ask` when one does not answer.
   */
  askAll: <N extends SingleOperationName>(
    name: N,
    input: InternalInput<N>,
  ) => Promise<InternalOutput<N>[]>;
  /** Asks the home of what the input is about, this instance included. Throws as `ask`. */
  askHome: <N extends InternalOperationName>(
    name: N,
    input: InternalInput<N>,
  ) => Promise<InternalOutput<N>>;
  /** Sees to it that the alarm fires at this time or before, ms since the epoch. */
  wake: (at: number) => void;
  /** What is counted in a transaction is taken back with it. */
  meter: Meter;
}
