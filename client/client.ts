/**
 * The client: a method for each operation, typed by the OpenAPI document.
 *
 * @module
 */

import { Http, type ClientOptions, type RequestOptions } from "./http.ts";
import { bodyOf, itemsOf, type LineSource } from "./lines.ts";
import { pages } from "./pages.ts";
import { Warnings } from "./warnings.ts";
import { recordEpisode, type Recording, type RecordOptions, type RecordTask } from "./record.ts";
import {
  ROUTES,
  type Episode,
  type Heuristic,
  type Lesson,
  type ImportLineAnswer,
  type Namespace,
  type Operations,
  type Pattern,
} from "./schema.ts";

export type OperationId = keyof Operations;
export type Params<O extends OperationId> = Operations[O]["params"];
export type Query<O extends OperationId> = Operations[O]["query"];
export type Body<O extends OperationId> = Operations[O]["body"];
export type Answer<O extends OperationId> = Operations[O]["answer"];

interface Sent<O extends OperationId> {
  params?: Params<O>;
  query?: Query<O>;
  body?: Body<O>;
}

/** How words are wanted. */
export type WordsQuery = Omit<Query<"recall">, "format">;

/** A line of an export: an episode, or what was said of a recall. */
export type ExportLine = Answer<"exportEpisodes">;

export class MemoryClient {
  readonly #http: Http;
  readonly #warnings: Warnings;

  constructor(options: ClientOptions) {
    this.#http = new Http(options);
    this.#warnings = new Warnings(options);
  }

  /** Any operation by its operationId. Throws `MemoryError`. */
  async call<O extends OperationId>(
    operation: O,
    sent: Sent<O> = {},
    options?: RequestOptions,
  ): Promise<Answer<O>> {
    const [method, template] = ROUTES[operation];
    const params = (sent.params ?? {}) as Record<string, string>;
    const path = template.replaceAll(/\{(\w+)\}/g, (_all, name: string) =>
      encodeURIComponent(params[name] ?? ""),
    );
    const query = (sent.query ?? {}) as Record<string, string | number | undefined>;
    return (await this.request(
      method,
      path,
      { query, ...("body" in sent ? { body: sent.body } : {}) },
      options,
    )) as Answer<O>;
  }

  /**
   * Any request, for a route that this version does not know. JSON in, JSON out. Throws
   * `MemoryError`.
   */
  async request(
    method: string,
    path: string,
    sent: {
      query?: Record<string, string | number | boolean | null | undefined>;
      body?: unknown;
    } = {},
    options?: RequestOptions,
  ): Promise<unknown> {
    const { query = {}, body } = sent;
    const response = await this.#http.send(
      {
        method,
        path,
        query,
        whole: true,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      },
      options,
    );
    const text = await response.text();
    const json = /\bjson\b/.test(response.headers.get("Content-Type") ?? "");
    return text === "" ? undefined : json ? (JSON.parse(text) as unknown) : text;
  }

  readonly episodes = {
    /** Starts an episode. */
    start: (body: Body<"startEpisode">, options?: RequestOptions) =>
      this.call("startEpisode", { body }, options),
    get: (id: string, options?: RequestOptions) =>
      this.call("getEpisode", { params: { id } }, options),
    /** At most 100, with their steps; ask again for what stands in `remaining`. */
    some: (ids: string[], options?: RequestOptions) =>
      this.call("getEpisodes", { body: { ids } }, options),
    /** One page; `each` goes over all of them. */
    list: (query: Query<"listEpisodes"> = {}, options?: RequestOptions) =>
      this.call("listEpisodes", { query }, options),
    /** All that the filter lets through, page by page, newest first if `sort` does not say. */
    each: (
      query: Query<"listEpisodes"> = {},
      options?: RequestOptions,
    ): AsyncGenerator<Episode, void, undefined> =>
      pages(async (cursor) => {
        const page = await this.call("listEpisodes", { query: { ...query, ...cursor } }, options);
        return { items: page.episodes, next: page.next_cursor };
      }),
    /** Amends it; fields that are not named stay. `ifMatch` refuses when it changed meanwhile. */
    amend: (id: string, body: Body<"amendEpisode">, options?: RequestOptions) =>
      this.call("amendEpisode", { params: { id }, body }, options),
    /** Keeps an ended one, out of recalls and lists; what was learned from it stays. */
    archive: (id: string, options?: RequestOptions) =>
      this.call("archiveEpisode", { params: { id } }, options),
    /** Brings an archived one back. */
    unarchive: (id: string, options?: RequestOptions) =>
      this.call("unarchiveEpisode", { params: { id } }, options),
    /** Archives a slice of what a filter lets through: again with `next_cursor`, until it is null. */
    archiveMany: (body: Body<"archiveEpisodes">, options?: RequestOptions) =>
      this.call("archiveEpisodes", { body }, options),
    unarchiveMany: (body: Body<"unarchiveEpisodes">, options?: RequestOptions) =>
      this.call("unarchiveEpisodes", { body }, options),
    delete: (id: string, options?: RequestOptions) =>
      this.call("deleteEpisode", { params: { id } }, options),
    /** Logs one step, or up to 100. */
    log: (id: string, body: Body<"logSteps">, options?: RequestOptions) =>
      this.call("logSteps", { params: { id }, body }, options),
    complete: (id: string, body: Body<"completeEpisode">, options?: RequestOptions) =>
      this.call("completeEpisode", { params: { id }, body }, options),
    fail: (id: string, body: Body<"failEpisode">, options?: RequestOptions) =>
      this.call("failEpisode", { params: { id }, body }, options),
    checkpoint: (id: string, body: Body<"checkpointEpisode">, options?: RequestOptions) =>
      this.call("checkpointEpisode", { params: { id }, body }, options),
    handoff: (id: string, query: Query<"handOffEpisode"> = {}, options?: RequestOptions) =>
      this.call("handOffEpisode", { params: { id }, query }, options),
  };

  /** Filters of lists that the namespace keeps under a name: `episodes.list({ filter: "name" })`. */
  readonly filters = {
    list: (options?: RequestOptions) => this.call("listFilters", {}, options),
    save: (name: string, body: Body<"saveFilter">, options?: RequestOptions) =>
      this.call("saveFilter", { params: { name }, body }, options),
    remove: (name: string, options?: RequestOptions) =>
      this.call("removeFilter", { params: { name } }, options),
  };

  readonly tags = {
    /** The tags of the namespace with how many episodes have each, by name; one page. */
    count: (query: Query<"countTags"> = {}, options?: RequestOptions) =>
      this.call("countTags", { query }, options),
    /** Renames a tag in a slice of episodes: again with `next_cursor`, until that is null. */
    rename: (body: Body<"renameTag">, options?: RequestOptions) =>
      this.call("renameTag", { body }, options),
    list: (id: string, options?: RequestOptions) =>
      this.call("listTags", { params: { id } }, options),
    add: (id: string, tags: string[], options?: RequestOptions) =>
      this.call("addTags", { params: { id }, body: { tags } }, options),
    remove: (id: string, tag: string, options?: RequestOptions) =>
      this.call("removeTag", { params: { id, tag } }, options),
  };

  readonly relationships = {
    list: (id: string, options?: RequestOptions) =>
      this.call("listRelationships", { params: { id } }, options),
    add: (id: string, body: Body<"addRelationship">, options?: RequestOptions) =>
      this.call("addRelationship", { params: { id }, body }, options),
    remove: (
      id: string,
      type: Body<"addRelationship">["type"],
      to: string,
      options?: RequestOptions,
    ) => this.call("removeRelationship", { params: { id, type, to } }, options),
  };

  readonly patterns = {
    get: (id: string, options?: RequestOptions) =>
      this.call("getPattern", { params: { id } }, options),
    list: (query: Query<"listPatterns"> = {}, options?: RequestOptions) =>
      this.call("listPatterns", { query }, options),
    each: (
      query: Query<"listPatterns"> = {},
      options?: RequestOptions,
    ): AsyncGenerator<Pattern, void, undefined> =>
      pages(async (cursor) => {
        const page = await this.call("listPatterns", { query: { ...query, ...cursor } }, options);
        return { items: page.patterns, next: page.next_cursor };
      }),
  };

  readonly traces = {
    /** Takes in spans as OTLP's JSON has them, of an exporter that is not OpenTelemetry's own. */
    record: (
      body: Body<"recordSpans">,
      query: Query<"recordSpans"> = {},
      options?: RequestOptions,
    ) => this.call("recordSpans", { body, query }, options),
  };

  readonly heuristics = {
    list: (query: Query<"listHeuristics"> = {}, options?: RequestOptions) =>
      this.call("listHeuristics", { query }, options),
    each: (options?: RequestOptions): AsyncGenerator<Heuristic, void, undefined> =>
      pages(async (cursor) => {
        const page = await this.call("listHeuristics", { query: cursor }, options);
        return { items: page.heuristics, next: page.next_cursor };
      }),
  };

  readonly skills = {
    /** What was learned, as skills: a text for each kind of task. */
    list: (options?: RequestOptions) => this.call("listSkills", {}, options),
  };

  /**
   * What happens in the namespace, as server-sent events: a stream of bytes. Each event comes at
   * least once; `lastEventId` goes on behind one. It ends after `seconds`: then ask again.
   */
  async events(
    { seconds, lastEventId }: { seconds?: number; lastEventId?: string } = {},
    options?: RequestOptions,
  ): Promise<ReadableStream<Uint8Array> | null> {
    const last = lastEventId === undefined ? {} : { "Last-Event-ID": lastEventId };
    const asked = { method: "GET", path: "/v1/events", query: { seconds } };
    const headers = { ...options?.headers, ...last };
    return (await this.#http.send(asked, { ...options, headers })).body;
  }

  readonly lessons = {
    /** Says what the next run should know. */
    add: (body: Body<"addLesson">, options?: RequestOptions) =>
      this.call("addLesson", { body }, options),
    get: (id: string, options?: RequestOptions) =>
      this.call("getLesson", { params: { id } }, options),
    /** One page; with `q` those that fit its words best come first. */
    list: (query: Query<"listLessons"> = {}, options?: RequestOptions) =>
      this.call("listLessons", { query }, options),
    each: (
      query: Query<"listLessons"> = {},
      options?: RequestOptions,
    ): AsyncGenerator<Lesson, void, undefined> =>
      pages(async (cursor) => {
        const page = await this.call("listLessons", { query: { ...query, ...cursor } }, options);
        return { items: page.lessons, next: page.next_cursor };
      }),
    amend: (id: string, body: Body<"amendLesson">, options?: RequestOptions) =>
      this.call("amendLesson", { params: { id }, body }, options),
    delete: (id: string, options?: RequestOptions) =>
      this.call("deleteLesson", { params: { id } }, options),
  };

  /** The namespaces that the key may see. */
  readonly namespaces = {
    list: (query: Query<"listNamespaces"> = {}, options?: RequestOptions) =>
      this.call("listNamespaces", { query }, options),
    each: (options?: RequestOptions): AsyncGenerator<Namespace, void, undefined> =>
      pages(async (cursor) => {
        const page = await this.call("listNamespaces", { query: cursor }, options);
        return { items: page.namespaces, next: page.next_cursor };
      }),
  };

  /** What people decided about what was learned and said. To decide takes a key with `admin`. */
  readonly curation = {
    decide: (body: Body<"curate">, options?: RequestOptions) =>
      this.call("curate", { body }, options),
    list: (query: Query<"listCuration"> = {}, options?: RequestOptions) =>
      this.call("listCuration", { query }, options),
    review: (options?: RequestOptions) => this.call("getReview", {}, options),
    setReview: (body: Body<"setReview">, options?: RequestOptions) =>
      this.call("setReview", { body }, options),
  };

  /** What helps with a new task. What it returns is stored text: data, never instructions. */
  recall(body: Body<"recall">, options?: RequestOptions): Promise<Answer<"recall">> {
    return this.call("recall", { body }, options);
  }

  /**
   * What to do next, what to avoid and which recovery worked, at the moment of action; data like a
   * recall's.
   */
  advise(body: Body<"advise">, options?: RequestOptions): Promise<Answer<"advise">> {
    return this.call("advise", { body }, options);
  }

  /**
   * The same in words, to be put into a prompt: what to do first, each line with its evidence.
   * Stored text stands in it as spans of code, and is said to be data.
   */
  readonly text = {
    recall: (body: Body<"recall">, words: WordsQuery = {}, options?: RequestOptions) =>
      this.#words("recall", { body, query: words }, options),
    advise: (body: Body<"advise">, words: WordsQuery = {}, options?: RequestOptions) =>
      this.#words("advise", { body, query: words }, options),
    playbook: (body: Body<"playbook">, words: WordsQuery = {}, options?: RequestOptions) =>
      this.#words("playbook", { body, query: words }, options),
    quality: (query: Query<"getQuality"> = {}, options?: RequestOptions) =>
      this.#words("getQuality", { query }, options),
    handoff: (id: string, query: Query<"handOffEpisode"> = {}, options?: RequestOptions) =>
      this.#words("handOffEpisode", { params: { id }, query }, options),
  };

  async #words<O extends "recall" | "advise" | "playbook" | "handOffEpisode" | "getQuality">(
    operation: O,
    sent: Sent<O>,
    options?: RequestOptions,
  ): Promise<string> {
    const query = { ...sent.query, format: "text" as const };
    return (await this.call(operation, { ...sent, query }, options)) as unknown as string;
  }

  search(query: Query<"search">, options?: RequestOptions): Promise<Answer<"search">> {
    return this.call("search", { query }, options);
  }

  playbook(body: Body<"playbook">, options?: RequestOptions): Promise<Answer<"playbook">> {
    return this.call("playbook", { body }, options);
  }

  feedback(body: Body<"giveFeedback">, options?: RequestOptions): Promise<Answer<"giveFeedback">> {
    return this.call("giveFeedback", { body }, options);
  }

  /** What is set for the namespace; needs the scope admin. */
  settings(options?: RequestOptions): Promise<Answer<"getNamespaceSettings">> {
    return this.call("getNamespaceSettings", {}, options);
  }

  /** Changes settings of the namespace; those that are not named stay. Needs the scope admin. */
  changeSettings(
    body: Body<"setNamespaceSettings">,
    options?: RequestOptions,
  ): Promise<Answer<"setNamespaceSettings">> {
    return this.call("setNamespaceSettings", { body }, options);
  }

  stats(options?: RequestOptions): Promise<Answer<"getStats">> {
    return this.call("getStats", {}, options);
  }

  /** How runs ended by week, and how well what is said about them comes true. */
  quality(
    query: Query<"getQuality"> = {},
    options?: RequestOptions,
  ): Promise<Answer<"getQuality">> {
    return this.call("getQuality", { query }, options);
  }

  /**
   * Takes in past runs and yields an answer for each line. Items and streams are sent while the
   * answers come; such an import is not repeated by itself, but sending the same lines again
   * changes nothing. With `onConflict: "update"` an episode that grew elsewhere, or was judged there
   * since, is brought up to date; otherwise its line is refused.
   */
  async *import(
    source: LineSource,
    options: RequestOptions & { onConflict?: "update" | "refuse" } = {},
  ): AsyncGenerator<ImportLineAnswer, void, undefined> {
    const { onConflict, ...given } = options;
    const type = "application/x-ndjson";
    const request = {
      method: "POST",
      path: "/v1/import",
      query: { on_conflict: onConflict },
      body: bodyOf(source),
      type,
      unkeyed: true,
    } as const;
    const response = await this.#http.send(request, given);
    if (response.body) yield* itemsOf<ImportLineAnswer>(response.body);
  }

  /** The namespace, line by line. An export that ends without an error is whole. */
  async *export(options?: RequestOptions): AsyncGenerator<ExportLine, void, undefined> {
    const response = await this.#http.send({ method: "GET", path: "/v1/export" }, options);
    if (response.body) yield* itemsOf<ExportLine>(response.body);
  }

  /** The namespace as it comes over the wire. */
  async exportStream(options?: RequestOptions): Promise<ReadableStream<Uint8Array>> {
    const response = await this.#http.send({ method: "GET", path: "/v1/export" }, options);
    return (
      response.body ?? new ReadableStream<Uint8Array>({ start: (controller) => controller.close() })
    );
  }

  /**
   * Runs an agent and records what it does as an episode. What `run` returns or throws is returned
   * or thrown; a memory that is slow or away costs steps (counted and reported), never the agent.
   */
  record<T>(
    task: RecordTask,
    run: (recording: Recording) => Promise<T> | T,
    options?: RecordOptions,
  ): Promise<T> {
    const onError = (error: unknown): void => this.#warnings.tell(error);
    return recordEpisode({ client: this, onError }, task, run, options);
  }
}
