/**
 * A store of LangGraph in the memory: what agents put there are facts, which recall shows to others.
 * LangGraph is not imported; this is a `BaseStore` by its form.
 *
 * - A fact's domain is the item's namespace, joined by `/`: a recall with that domain shows it, one
 *   with another does not.
 * - A namespace of the memory has 1,000 facts of 1,000 characters at most; what is too large is
 *   refused, as `MemoryError`.
 * - A search with a query finds by words, the best first; without one the newest come first.
 *
 * @module
 */

import type { MemoryClient } from "../client.ts";
import type { Lesson } from "../schema.ts";
import { factOf, itemOf, placeOf, type Item, type Place, type Value } from "./items.ts";
import { fits, namespacesIn, type Filter, type NamespacesQuery } from "./matching.ts";

interface SearchOptions {
  filter?: Filter;
  limit?: number;
  offset?: number;
  query?: string;
}

interface GetOperation {
  namespace: string[];
  key: string;
}
interface PutOperation extends GetOperation {
  value: Value | null;
}
interface SearchOperation extends SearchOptions {
  namespacePrefix: string[];
}
type Operation = GetOperation | PutOperation | SearchOperation | NamespacesQuery;

/** Items asked for at once; a namespace of the memory has no more than ten times as many. */
const PAGE = 100;
const SEARCH_LIMIT = 10;

interface Found {
  lesson: Lesson;
  place: Place;
}

/**
 * @example
 * const graph = builder.compile({ store: new MemoryStore(memory) });
 */
export class MemoryStore {
  readonly #client: MemoryClient;

  constructor(client: MemoryClient) {
    this.#client = client;
  }

  async get(namespace: string[], key: string): Promise<Item | null> {
    const [found] = await this.#at(namespace, key, "active");
    return found ? itemOf(found.lesson, found.place) : null;
  }

  async search(namespacePrefix: string[], options: SearchOptions = {}): Promise<Item[]> {
    const { filter = {}, limit = SEARCH_LIMIT, offset = 0, query = "" } = options;
    const path = namespacePrefix;
    const items: Item[] = [];
    for await (const { lesson, place } of this.#all("active", query.trim())) {
      const isUnder = path.every((label, i) => label === place.namespace[i]);
      if (isUnder) items.push(itemOf(lesson, place));
    }
    if (query.trim() === "") items.sort((a, b) => b.updatedAt.getTime() - a.updatedAt.getTime());
    return items.filter(({ value }) => fits(value, filter)).slice(offset, offset + limit);
  }

  /** Stores, or replaces. @param index is for stores with vectors, and not used */
  async put(namespace: string[], key: string, value: Value, _index?: unknown): Promise<void> {
    const fact = factOf(namespace, key, value);
    const [found, ...others] = await this.#at(namespace, key, "all");
    const isSame = found?.lesson.source === fact.source;
    for (const { lesson } of isSame ? others : [found, ...others].flatMap((one) => one ?? []))
      await this.#client.lessons.delete(lesson.id);
    if (!isSame) return this.#add(namespace.join("/"), fact, key);
    if (found.lesson.text !== fact.text)
      await this.#client.lessons.amend(found.lesson.id, { text: fact.text });
  }

  async delete(namespace: string[], key: string): Promise<void> {
    for (const { lesson } of await this.#at(namespace, key, "all"))
      await this.#client.lessons.delete(lesson.id);
  }

  async listNamespaces(
    options: {
      prefix?: string[];
      suffix?: string[];
      maxDepth?: number;
      limit?: number;
      offset?: number;
    } = {},
  ): Promise<string[][]> {
    const { prefix, suffix, ...rest } = options;
    const matchConditions = [
      ...(prefix ? [{ matchType: "prefix", path: prefix } as const] : []),
      ...(suffix ? [{ matchType: "suffix", path: suffix } as const] : []),
    ];
    return this.#namespaces({ ...rest, matchConditions });
  }

  /** The operations one after the other, each with what it answers. */
  async batch<Op extends readonly unknown[]>(operations: Op): Promise<never> {
    const answers: unknown[] = [];
    for (const operation of operations) answers.push(await this.#run(operation as Operation));
    // What each answers follows from what it is, as LangGraph's type of this method says.
    return answers as never;
  }

  start(): void {}
  stop(): void {}

  async #run(operation: Operation): Promise<unknown> {
    if ("namespacePrefix" in operation) return this.search(operation.namespacePrefix, operation);
    if (!("key" in operation)) return this.#namespaces(operation);
    const { namespace, key } = operation;
    if (!("value" in operation)) return this.get(namespace, key);
    if (operation.value === null) return this.delete(namespace, key);
    return this.put(namespace, key, operation.value);
  }

  /** A fact that says what another item says would be that one: it gets a domain of its own. */
  async #add(
    domain: string,
    { text, source }: { text: string; source: string },
    key: string,
  ): Promise<void> {
    const said = { text, source, kind: "fact" } as const;
    const first = await this.#client.lessons.add({ ...said, applies_to: { domain } });
    if (first.source === source) return;
    await this.#client.lessons.add({ ...said, applies_to: { domain: `${domain}#${key}` } });
  }

  async #namespaces(query: NamespacesQuery): Promise<string[][]> {
    const all: string[][] = [];
    for await (const { place } of this.#all("active", "")) all.push(place.namespace);
    return namespacesIn(all, query);
  }

  async #at(namespace: readonly string[], key: string, state: "active" | "all"): Promise<Found[]> {
    const wanted = JSON.stringify([key, ...namespace]);
    const found: Found[] = [];
    for await (const one of this.#all(state, ""))
      if (JSON.stringify([one.place.key, ...one.place.namespace]) === wanted) found.push(one);
    return found;
  }

  /** Facts that are items, those that a query fits best first. */
  async *#all(state: "active" | "all", query: string): AsyncGenerator<Found, void, undefined> {
    const asked = { kind: "fact", state, limit: PAGE } as const;
    for await (const lesson of this.#client.lessons.each(query ? { ...asked, q: query } : asked)) {
      const place = placeOf(lesson);
      if (place) yield { lesson, place };
    }
  }
}
