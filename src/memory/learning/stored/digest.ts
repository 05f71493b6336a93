/**
 * Digests as bytes, a row each: packed tightly, and read as far as they are looked at. Pure.
 *
 * A digest's numbers come first, then its path, its document for the search, and its texts; which
 * patterns it contributed to is beside them, because it need not be computed to be shown.
 *
 * @module
 */

import type { Context } from "../../../contract/episodes/record.ts";
import {
  COMPLEXITIES,
  OUTCOME_TYPES,
  STATUSES,
  TASK_TYPES,
  type OutcomeType,
  type Status,
  type TaskType,
} from "../../../contract/vocabulary.ts";
import { PackedReader, PackedWriter } from "../../../util/packed.ts";
import {
  contentHashes,
  FIELDS,
  readDocument,
  writeDocument,
  type IndexedDocument,
} from "../../search/index.ts";
import { shapesOf, withShapes } from "../texts/task-terms.ts";
import type { Digest, EpisodeDigest, PathStep, RecallGroup } from "../types.ts";
import { plainStep, readPath, writePath, type Intern } from "./path.ts";

export type { Intern };

/**
 * One number has, from the lowest: that a recall was used, the format, and above it the group of a
 * hold-out. Rows of before there were any of these have none.
 */
const FORMAT_SCALE = 2;
const GROUP_SCALE = 32;
/** Fields that the documents of format 0 have. */
const FORMER_FIELDS = 5;

/** How many fields the document of a digest has. */
function fieldsIn(format: number): number {
  return format === 0 ? FORMER_FIELDS : FIELDS.length;
}

/** What is kept of a digest beside itself. */
export interface Learned {
  /** What a search finds and scores it by. */
  document: IndexedDocument;
  /** The numbers of the patterns that it contributes to, in the order of its contributions. */
  patterns: readonly number[];
}

/** The digest with what is kept beside it; `StoredDigest` reads it. */
export function packDigest(
  digest: Digest,
  { document, patterns }: Learned,
): Uint8Array<ArrayBuffer> {
  const writer = new PackedWriter();
  const format = digest.format ?? 0;
  writer
    .uint(digest.version)
    .uint(TASK_TYPES.indexOf(digest.task_type))
    .uint(STATUSES.indexOf(digest.status))
    .uint(digest.outcome === null ? 0 : OUTCOME_TYPES.indexOf(digest.outcome) + 1)
    .uint(digest.success)
    .uint(digest.failure)
    .uint(digest.reward === null ? 0 : digest.reward + 1)
    .int(digest.ended_at)
    .int(digest.ended_at - digest.started_at)
    .uint(flagsOf(digest))
    .uint(digest.omitted?.steps ?? 0)
    .uint(shapesOf(digest.task));

  writer.uint(patterns.length);
  for (const pattern of patterns) writer.uint(pattern);
  packed(writer, (own) => writePath(own, digest.path, format));
  packed(writer, (own) => writeDocument(own, document, fieldsIn(format)));
  writeTexts(writer, digest);
  return writer.done();
}

/** Writes a part behind its length, so that it can be passed over. */
function packed(writer: PackedWriter, write: (own: PackedWriter) => void): void {
  const own = new PackedWriter();
  write(own);
  const bytes = own.done();
  writer.uint(bytes.length).bytes(bytes);
}

function writeTexts(writer: PackedWriter, digest: Digest): void {
  const { context } = digest;
  writer
    .text(digest.task)
    .text(context.domain)
    .text(context.language ?? "")
    .text(context.framework ?? "")
    .uint(COMPLEXITIES.indexOf(context.complexity));
  for (const list of [context.tags, digest.tags, digest.insights]) {
    writer.uint(list.length);
    for (const text of list) writer.text(text);
  }
  writer.uint(digest.summary === null ? 0 : 1).text(digest.summary ?? "");
  // At the end, where a release that knows nothing of it does not read.
  if (digest.archived) writer.uint(1);
}

/** A digest that was packed. What is not asked for is not read. */
export class StoredDigest implements EpisodeDigest {
  readonly namespace: string;
  readonly episode_id: string;
  readonly version: number;
  readonly task_type: TaskType;
  readonly status: Status;
  readonly outcome: OutcomeType | null;
  readonly success: number;
  readonly failure: number;
  readonly reward: number | null;
  readonly started_at: number;
  readonly ended_at: number;
  readonly used_recall: boolean;
  readonly format: number;
  readonly recall_group: RecallGroup | undefined;
  readonly omitted: { steps: number } | undefined;
  /** The numbers of the patterns that it contributes to, in the order of its contributions. */
  readonly patterns: readonly number[];
  readonly #bytes: Uint8Array;
  readonly #intern: Intern;
  readonly #shapes: number;
  readonly #pathAt: number;
  readonly #documentAt: number;
  readonly #textsAt: number;
  #path: readonly PathStep[] | null = null;
  #document: IndexedDocument | null = null;
  #terms: Uint32Array | null = null;
  #texts: Texts | null = null;

  constructor(
    { namespace, episode_id }: Pick<Digest, "namespace" | "episode_id">,
    bytes: Uint8Array,
    intern: Intern,
  ) {
    const reader = new PackedReader(bytes);
    this.namespace = namespace;
    this.episode_id = episode_id;
    this.#bytes = bytes;
    this.#intern = intern;
    this.version = reader.uint();
    this.task_type = TASK_TYPES[reader.uint()] ?? "other";
    this.status = STATUSES[reader.uint()] ?? "completed";
    const outcome = reader.uint();
    this.outcome = outcome === 0 ? null : (OUTCOME_TYPES[outcome - 1] ?? null);
    this.success = reader.uint();
    this.failure = reader.uint();
    const reward = reader.uint();
    this.reward = reward === 0 ? null : reward - 1;
    this.ended_at = reader.int();
    this.started_at = this.ended_at - reader.int();
    const flags = reader.uint();
    this.used_recall = flags % FORMAT_SCALE === 1;
    this.format = Math.floor((flags % GROUP_SCALE) / FORMAT_SCALE);
    this.recall_group = groupOfCode(Math.floor(flags / GROUP_SCALE));
    const omitted = reader.uint();
    this.omitted = omitted === 0 ? undefined : { steps: omitted };
    this.#shapes = reader.uint();
    this.patterns = Array.from({ length: reader.uint() }, () => reader.uint());
    const pathLength = reader.uint();
    this.#pathAt = reader.at;
    reader.skip(pathLength);
    const documentLength = reader.uint();
    this.#documentAt = reader.at;
    reader.skip(documentLength);
    this.#textsAt = reader.at;
  }

  /** As `packDigest` made it. */
  get packed(): Uint8Array {
    return this.#bytes;
  }

  /** Bytes that it takes in memory, about, when what questions look at in all runs was read. */
  get bytes(): number {
    return OBJECT_BYTES + 4 * this.#bytes.length;
  }

  get path(): readonly PathStep[] {
    this.#path ??= readPath(this.#bytes, this.#pathAt, this.#intern, this.format);
    return this.#path;
  }

  get document(): IndexedDocument {
    this.#document ??= readDocument(
      new PackedReader(this.#bytes, this.#documentAt),
      fieldsIn(this.format),
    );
    return this.#document;
  }

  get terms(): Uint32Array {
    this.#terms ??= withShapes(contentHashes(this.document), this.#shapes);
    return this.#terms;
  }

  get task(): string {
    return this.#readTexts().task;
  }

  get context(): Context {
    return this.#readTexts().context;
  }

  get tags(): string[] {
    return this.#readTexts().tags;
  }

  get insights(): string[] {
    return this.#readTexts().insights;
  }

  get summary(): string | null {
    return this.#readTexts().summary;
  }

  get archived(): true | undefined {
    return this.#readTexts().archived;
  }

  /** The digest as it goes to another instance. */
  unpacked(): Digest {
    return {
      namespace: this.namespace,
      episode_id: this.episode_id,
      version: this.version,
      ...this.#readTexts(),
      task_type: this.task_type,
      status: this.status,
      outcome: this.outcome,
      success: this.success,
      failure: this.failure,
      reward: this.reward,
      started_at: this.started_at,
      ended_at: this.ended_at,
      path: this.path.map(plainStep),
      ...(this.omitted ? { omitted: this.omitted } : {}),
      ...(this.used_recall ? { used_recall: true } : {}),
      ...(this.format > 0 ? { format: this.format } : {}),
      ...(this.recall_group ? { recall_group: this.recall_group } : {}),
    };
  }

  #readTexts(): Texts {
    this.#texts ??= readTexts(new PackedReader(this.#bytes, this.#textsAt), this.#intern);
    return this.#texts;
  }
}

function flagsOf({ used_recall, format = 0, recall_group }: Digest): number {
  return (used_recall ? 1 : 0) + FORMAT_SCALE * format + GROUP_SCALE * codeOfGroup(recall_group);
}

/** Twice the per cent of the hold-out, and one more if it was held out; 0: no group. */
function codeOfGroup(group: RecallGroup | undefined): number {
  return group ? 2 * group.percent + (group.held_out ? 1 : 0) : 0;
}

function groupOfCode(code: number): RecallGroup | undefined {
  return code === 0 ? undefined : { percent: code >> 1, held_out: code % 2 === 1 };
}

/** What the objects of a digest take beside what they hold, bytes. */
const OBJECT_BYTES = 600;

type Texts = Pick<Digest, "task" | "context" | "tags" | "insights" | "summary" | "archived">;

function readTexts(reader: PackedReader, intern: Intern): Texts {
  const task = intern(reader.text());
  const domain = intern(reader.text());
  const language = intern(reader.text()) || null;
  const framework = intern(reader.text()) || null;
  const complexity = COMPLEXITIES[reader.uint()] ?? "moderate";
  const list = (): string[] => Array.from({ length: reader.uint() }, () => intern(reader.text()));
  const [contextTags, tags, insights] = [list(), list(), list()];
  const hasSummary = reader.uint() === 1;
  const summary = reader.text();
  return {
    task,
    context: { domain, language, framework, complexity, tags: contextTags },
    tags,
    insights,
    summary: hasSummary ? summary : null,
    ...(reader.isAtEnd ? {} : { archived: true }),
  };
}
