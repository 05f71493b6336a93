/**
 * What operators ask about backups and jobs, at the Worker: the store is read here, everything else
 * is the Coordinator's.
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
import { deploymentOf, type Env } from "../env.ts";
import type { BackupView, JobKind } from "../contract/jobs.ts";
import type { Failure, Result } from "../contract/operations.ts";
import type { CoordinatorRpc, Work, WorkName } from "../durable/shared/protocol.ts";

export function createBackups(env: Env, coordinator: () => CoordinatorRpc) {
  const place = async (): Promise<BackupPlace> => {
    const { backupKey } = deploymentOf(env);
    return {
      store: r2Store(env.BACKUPS),
      keys: backupKey ? await createBackupKeys(backupKey) : null,
    };
  };
  const work = <N extends WorkName>(
    name: N,
    input: Work[N]["input"],
  ): Promise<Result<Work[N]["output"]>> => coordinator().work(name, input);
  return {
    start: (kind: JobKind, params: Record<string, unknown>, key: string, by: string) =>
      work("start", { kind, params, key, by }),
    jobs: (limit: number) => work("jobs", { limit }),
    job: (id: string) => work("job", { id }),
    cancel: (id: string, release: boolean, by: string) => work("cancel", { id, release, by }),
    async list(
      limit: number,
    ): Promise<
      Result<{ backups: BackupView[]; unreadable: { object: string; problem: string }[] }>
    > {
      const bucket = await place();
      const { backups, faults } = await listBackups(bucket, summaryOf);
      const newest = backups.toReversed().slice(0, limit);
      return good({
        backups: await Promise.all(newest.map((summary) => viewOf(bucket, summary))),
        unreadable: faults.map(({ object, message }) => ({
          object,
          problem: message.slice(object.length + 2),
        })),
      });
    },
    async get(id: string): Promise<Result<BackupView>> {
      try {
        const bucket = await place();
        const found = await findBackup(bucket, id);
        if (found) return good(await viewOf(bucket, summaryOf(found)));
      } catch (error) {
        if (!(error instanceof BackupFault)) throw error;
        return bad({ code: "conflict", detail: error.message });
      }
      return bad({ code: "not_found", detail: `There is no backup ${id}.` });
    },
  };
}

const good = <T>(value: T): Result<T> => ({
  ok: true,
  value,
  namespace: "",
  durability: "none",
  replayed: false,
});
const bad = (error: Failure): Result<never> => ({ ok: false, error });

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
    sha256,
  };
}

async function viewOf(place: BackupPlace, { sha256, ...summary }: Summary): Promise<BackupView> {
  const verdict = await getVerdict(place, summary.id, sha256);
  return { ...summary, verified: verdict && { at: verdict.at, ok: verdict.ok } };
}
