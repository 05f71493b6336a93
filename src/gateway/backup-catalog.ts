/**
 * The backups in the bucket, as operators see them. Only reads; what changes them is a job.
 *
 * @module
 */

import {
  BackupFault,
  createBackupKeys,
  findBackup,
  getVerdict,
  listBackups,
  r2Store,
  type BackupPlace,
  type Loaded,
} from "../backup/index.ts";
import type { BackupView } from "../contract/backups/answers.ts";
import type { CommandResult, Failure } from "../contract/call.ts";
import type { Deployment } from "../env.ts";
import { R2Fault, R2NotAsked } from "../durable/shared/r2.ts";

/** When it may be worth asking R2 again after it failed, s. */
const R2_RETRY_AFTER_S = 10;

export interface BackupList {
  /** Newest first. */
  backups: BackupView[];
  /** Objects in the place of a manifest that are none. */
  unreadable: { object: string; problem: string }[];
}

export class BackupCatalog {
  readonly #bucket: R2Bucket;
  readonly #backupKeys: Deployment["backupKeys"];

  constructor(bucket: R2Bucket, backupKeys: Deployment["backupKeys"]) {
    this.#bucket = bucket;
    this.#backupKeys = backupKeys;
  }

  /** The newest `limit` backups. */
  list(limit: number): Promise<CommandResult<BackupList>> {
    return unlessR2Fails(async () => {
      const place = await this.#place();
      const { backups, faults } = await listBackups(place, summaryOf);
      const newest = backups.toReversed().slice(0, limit);
      return good({
        backups: await Promise.all(newest.map((summary) => viewOf(place, summary))),
        unreadable: faults.map(({ object, message }) => ({
          object,
          problem: message.slice(object.length + 2),
        })),
      });
    });
  }

  /** One backup, or why there is none. */
  get(id: string): Promise<CommandResult<BackupView>> {
    return unlessR2Fails(async () => {
      try {
        const place = await this.#place();
        const backup = await findBackup(place, id);
        if (backup) return good(await viewOf(place, summaryOf(backup)));
      } catch (error) {
        if (!(error instanceof BackupFault)) throw error;
        return bad({ code: "conflict", detail: error.message });
      }
      return bad({ code: "not_found", detail: `There is no backup ${id}.` });
    });
  }

  async #place(): Promise<BackupPlace> {
    return { store: r2Store(this.#bucket), keys: await createBackupKeys(this.#backupKeys) };
  }
}

/** That R2 fails, or is not asked, is an answer and no bug. */
export async function unlessR2Fails<T>(
  work: () => Promise<CommandResult<T>>,
): Promise<CommandResult<T>> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof R2Fault || error instanceof R2NotAsked)) throw error;
    const retry_after_s =
      error instanceof R2NotAsked
        ? Math.max(1, Math.ceil(error.retryAfterMs / 1_000))
        : R2_RETRY_AFTER_S;
    return bad({ code: "not_ready", detail: `${error.message}.`, retry_after_s });
  }
}

const good = <T>(value: T): CommandResult<T> => ({ ok: true, value });
const bad = (error: Failure): CommandResult<never> => ({ ok: false, error });

type Summary = Omit<BackupView, "verified"> & { sha256: string };

/** All that is shown of a manifest; its chunks, which may be many, are not kept. */
function summaryOf({ manifest, sha256, trust }: Loaded): Summary {
  const {
    id,
    kind,
    started_at,
    finished_at,
    parent,
    watermark,
    scope,
    chunks,
    schema_version,
    written_by,
  } = manifest;
  const sum = (of: (chunk: (typeof chunks)[number]) => number): number =>
    chunks.reduce((total, chunk) => total + of(chunk), 0);
  return {
    id,
    kind,
    // Among the first: memory-cli shows as many as a line holds.
    authentic: trust.authentic,
    started_at,
    finished_at,
    parent: parent?.id ?? null,
    watermark: watermark?.at ?? null,
    scope,
    rows: sum(({ rows }) => rows),
    objects: chunks.length + 1,
    bytes: sum(({ bytes }) => bytes),
    stored_bytes: sum(({ stored }) => stored),
    encrypted: manifest.encryption !== null,
    authentic_reason: trust.reason,
    schema_version,
    written_by,
    instances: chunks.reduce((count, { instance }) => Math.max(count, (instance ?? -1) + 1), 0),
    sha256,
  };
}

async function viewOf(place: BackupPlace, { sha256, ...summary }: Summary): Promise<BackupView> {
  const verdict = await getVerdict(place, summary.id, sha256);
  return { ...summary, verified: verdict && { at: verdict.at, ok: verdict.ok } };
}
