/**
 * The knowledge of an instance on Node's SQLite, with a database beside it.
 *
 * @module
 */

import type { KnowledgeDeps } from "../../src/durable/instance/knowledge/deps.ts";
import type { Embedder } from "../../src/durable/instance/knowledge/vectors/embedder.ts";
import { Knowledge, KNOWLEDGE_SCHEMA } from "../../src/durable/instance/knowledge/index.ts";
import { LearnedNamespaces } from "../../src/durable/instance/knowledge/learned/namespaces.ts";
import type { CompletionView } from "../../src/contract/episodes/answers.ts";
import { makeDigest } from "../../src/memory/learning/index.ts";
import type { Digest, DomainRow, PatternRow } from "../../src/memory/learning/types.ts";
import type { Outcome, Step } from "../../src/contract/episodes/record.ts";
import { NO_ABLATIONS } from "../../src/memory/ablations.ts";
import { Meter } from "../../src/observability/index.ts";
import {
  SCHEMA,
  upsertRow,
  valuesOf,
  type Database,
  type Row,
  type SqlValue,
} from "../../src/storage/index.ts";
import {
  CURATED_SCHEMA,
  FIRST_SCHEMA,
  NAMESPACE_SETTINGS_SCHEMA,
  VECTORS_SCHEMA,
} from "../../src/storage/migrations/first-schema.ts";
import { episodeOf } from "./episodes.ts";
import { asDatabase, openLocal, type NodeSql } from "./node-sql.ts";

export const NOW = Date.parse("2026-01-02T00:00:00.000Z");
export const success: Outcome = { type: "success", verdict: "done", artifacts: [] };
export const failure: Outcome = { type: "failure", reason: "wrong order", details: null };

/** The tables of the database. */
export const DATABASE_SCHEMA: readonly string[] = [
  ...FIRST_SCHEMA,
  ...VECTORS_SCHEMA,
  ...CURATED_SCHEMA,
  NAMESPACE_SETTINGS_SCHEMA,
];

export interface KnowledgeOptions {
  capacity?: number;
  embedder?: Embedder | null;
  /** The instance's own storage. */
  sql?: NodeSql;
  database?: NodeSql;
  isHome?: () => boolean;
  cacheBytes?: number;
  publishSeconds?: number;
  /** By default the time stands still. */
  now?: () => number;
  /** Runs before each request to the database; what it throws, that throws. */
  beforeDatabase?: (sql: string, args: readonly SqlValue[]) => void | Promise<void>;
  askDigests?: KnowledgeDeps["askDigests"];
  isDirty?: KnowledgeDeps["isDirty"];
  lessonsQuota?: number;
  quotaRefusals?: KnowledgeDeps["quotaRefusals"];
  log?: KnowledgeDeps["log"];
}

export interface OpenKnowledge {
  knowledge: Knowledge;
  sql: NodeSql;
  learned: LearnedNamespaces;
  /** As a completion does. */
  learn: (digest: Digest) => CompletionView["patterns"];
  /** As a deletion does. */
  forget: (namespace: string, episode: string) => void;
  /** Does what the alarm does until there is nothing left. */
  settle: () => Promise<void>;
}

export function openKnowledge(options: KnowledgeOptions = {}): OpenKnowledge {
  const sql = options.sql ?? openLocal([...SCHEMA, ...KNOWLEDGE_SCHEMA]);
  const database = watched(options.database ?? openLocal(DATABASE_SCHEMA), options.beforeDatabase);
  const now = options.now ?? (() => NOW);
  const learned = new LearnedNamespaces({
    sql,
    onRollback: (undo) => sql.onRollback(undo),
    cacheBytes: () => options.cacheBytes ?? 10_000_000,
    now,
  });
  let ids = 0;
  const knowledge = new Knowledge({
    sql,
    transaction: (work) => sql.transaction(work),
    learned,
    isHome: options.isHome ?? (() => true),
    markAllDirty: () => undefined,
    isDirty: options.isDirty ?? (() => false),
    database,
    publish: (statements) => database.write(statements),
    askDigests:
      options.askDigests ?? (() => Promise.reject(new Error("there is no other instance"))),
    uuid: () => `recall-${++ids}`,
    now,
    wake: () => undefined,
    ablations: NO_ABLATIONS,
    capacity: () => options.capacity ?? 1_000,
    publishSeconds: () => options.publishSeconds ?? 0,
    emit: () => undefined,
    meter: new Meter(),
    settings: () => ({
      quota_episodes: 0,
      quota_bytes: 0,
      quota_lessons: options.lessonsQuota ?? 0,
    }),
    quotaRefusals: options.quotaRefusals ?? { add: () => undefined },
    embedder: options.embedder ?? null,
    log: options.log ?? (() => undefined),
  });
  const { learning, loading, formerTables } = knowledge;
  return {
    knowledge,
    sql,
    learned,
    learn: (digest) => sql.transaction(() => learning.learn(digest, now())),
    forget: (namespace, episode) =>
      sql.transaction(() => learning.forget(namespace, episode, now())),
    async settle() {
      for (let rounds = 0; rounds < 200; rounds++) {
        const isLoading = (loading.nextAt() ?? Number.POSITIVE_INFINITY) <= now();
        const isUpgraded = formerTables.nextAt(now()) === null;
        if (isUpgraded && !isLoading && learning.nextAt(now()) === null) return;
        formerTables.onAlarm(now());
        if (isLoading) await loading.onAlarm(now());
        learning.onAlarm();
      }
      throw new Error("there is always something left to do");
    },
  };
}

function watched(
  database: NodeSql,
  before: KnowledgeOptions["beforeDatabase"] = () => undefined,
): Database {
  const open = asDatabase(database);
  return {
    all: async <T extends Row>(sql: string, ...args: SqlValue[]): Promise<T[]> => {
      await before(sql, args);
      return open.all<T>(sql, ...args);
    },
    write: async (statements) => {
      for (const { sql, args } of statements) await before(sql, args ?? []);
      return open.write(statements);
    },
  };
}

/** The database has this episode, which ended, with these steps. */
export function storeEpisode(
  database: NodeSql,
  record: ReturnType<typeof episodeOf>,
  steps: readonly Step[],
): void {
  const { namespace, id, task, version, step_count } = record;
  const [startedAt, endedAt] = [Date.parse(record.started_at), Date.parse(record.ended_at ?? "")];
  const row = { namespace, id, status: record.status, outcome: "success", domain: "d", task };
  const more = { task_type: "other", tags: "[]", started_at: startedAt, ended_at: endedAt };
  const values = { ...row, ...more, updated_at: endedAt, version, step_count };
  const body = JSON.stringify(record);
  database.run(upsertRow("episodes"), ...valuesOf("episodes", { ...values, body }));
  for (const step of steps)
    database.run(upsertRow("steps"), namespace, id, step.number, JSON.stringify(step));
}

export function digestOfSteps(
  id: string,
  task: string,
  outcome: Outcome | null,
  steps: readonly Step[],
): Digest {
  return makeDigest(episodeOf(id, outcome, { task, step_count: steps.length }), steps);
}

export interface EverythingLearned {
  /** The ids of the patterns that each episode shows, behind its own. */
  shows: string[][];
  digests: Digest[];
  relevances: unknown[];
  patterns: PatternRow[];
  domains: DomainRow[];
  /** Of digests, and of patterns that a search finds. */
  counts: number[];
  /** The documents that hold each term. */
  postings: unknown[];
}

/** Everything that a namespace has learned, whatever numbers things have and wherever they are. */
export function everythingLearned(
  { learned, sql }: Pick<OpenKnowledge, "learned" | "sql">,
  namespace: string,
): EverythingLearned | null {
  const open = learned.of(namespace);
  if (!open) return null;
  sql.transaction(() => learned.checkpoint(open));
  const digests = [...open.digests.newest(null)].map(({ digest }) => digest.unpacked());
  const { index, read } = open.searched;
  const postings = [...index.beginningWith("")]
    .map((term) => [
      term,
      read(index.find(term).all())
        .map(({ kind, id }) => `${kind} ${id}`)
        .sort(),
    ])
    .filter(([, documents]) => documents && documents.length > 0);
  const shows = [...open.digests.newest(null)].map(({ digest }) => [
    digest.episode_id,
    ...open.patterns
      .byNumbers(digest.patterns)
      .map(({ row }) => row.id)
      .sort(),
  ]);
  return {
    shows: shows.sort(([a], [b]) => (String(a) < String(b) ? -1 : 1)),
    digests: digests.sort((a, b) => (a.episode_id < b.episode_id ? -1 : 1)),
    relevances: sql.all("SELECT episode, relevance FROM learned_digests ORDER BY episode"),
    patterns: [...open.patterns.listed({ episodes: 0, isPromoted: false, after: null })],
    domains: [...open.domains.values()].sort((a, b) => (a.domain < b.domain ? -1 : 1)),
    counts: [open.episodes, open.searched.count("pattern")],
    postings: postings.sort(([a], [b]) => (String(a) < String(b) ? -1 : 1)),
  };
}
