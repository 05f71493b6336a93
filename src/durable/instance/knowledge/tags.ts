/**
 * Gives the tags of namespaces in the search index, and remembers those of the last thousand.
 *
 * @module
 */

import { namespaceTag } from "../../../memory/text/index.ts";
import { BoundedMap } from "../../../util/bounded-map.ts";

/** Namespaces whose tags are kept: an instance serves few at a time. */
const KEPT_TAGS_MAX = 1_000;

export class NamespaceTags {
  readonly #tags = new BoundedMap<string, string>(KEPT_TAGS_MAX);

  /** As `namespaceTag`. */
  async of(namespace: string): Promise<string> {
    const kept = this.#tags.get(namespace);
    if (kept) return kept;
    const tag = await namespaceTag(namespace);
    this.#tags.set(namespace, tag);
    return tag;
  }
}
