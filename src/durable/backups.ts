/**
 * What operators ask about backups and jobs, at the Worker: the store is read here, everything else is the Coordinator's.
 *
 * @module
 */

import {
  BackupFault,
  findBackup,
  getVerdict,
  listBackups,
  r2Store,
  type Loaded,
  type ObjectStore,
} from "../backup/index.ts";
import type { Env } from "../env.ts";
import type { BackupView, JobKind } from "../memory/jobs.ts";
import type { Failure, Result } from "../memory/operations.ts";
import type { CoordinatorRpc, Work, WorkName } from "./protocol.ts";

export function createBackups(env: Env, coordinator: () => CoordinatorRpc) {
  const store = r2Store(env.BACKUPS);
  const work = <N extends WorkName>(name: N, input: Work[N]["input"]): Promise<Result<Work[N]["output"]>> =>
    coordinator().work(name, input);
  return {
    start: (kind: JobKind, params: Record<string, unknown>, key: string, by: string) =>
      work("start", { kind, params, key, by }),
    jobs: (limit: number) => work("jobs", { limit }),
    job: (id: string) => work("job", { id }),
    cancel: (id: string, release: boolean, by: string) => work("cancel", { id, release, by }),
    async list(
      limit: number,
    ): Promise<Result<{ backups: BackupView[]; unreadable: { object: string; problem: string }[] }>> {
      const { backups, faults } = await listBackups(store);
      const newest = backups.toReversed().slice(0, limit);
      return good({
        backups: await Promise.all(newest.map((loaded) => viewOf(store, loaded))),
        unreadable: faults.map(({ object, message }) => ({ object, problem: message.slice(object.length + 2) })),
      });
    },
    async get(id: string): Promise<Result<BackupView>> {
      try {
        const found = await findBackup(store, id);
        if (found) return good(await viewOf(store, found));
      } catch (error) {
        if (!(error instanceof BackupFault)) throw error;
        return bad({ code: "conflict", detail: error.message });
      }
      return bad({ code: "not_found", detail: `There is no backup ${id}.` });
    },
  };
}

const good = <T>(value: T): Result<T> => ({ ok: true, value, namespace: "", durability: "none", replayed: false });
const bad = (error: Failure): Result<never> => ({ ok: false, error });

async function viewOf(store: ObjectStore, { manifest, sha256 }: Loaded): Promise<BackupView> {
  const { id, kind, started_at, finished_at, parent, watermark, scope, chunks, schema_version, written_by } = manifest;
  const sum = (of: (chunk: (typeof chunks)[number]) => number): number =>
    chunks.reduce((total, chunk) => total + of(chunk), 0);
  const verdict = await getVerdict(store, id, sha256);
  return {
    id,
    kind,
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
    schema_version,
    written_by,
    verified: verdict && { at: verdict.at, ok: verdict.ok },
  };
}
