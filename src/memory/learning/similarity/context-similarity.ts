/**
 * Computes how alike two contexts are in domain, language, framework and tags. Pure.
 *
 * @module
 */

import type { Context } from "../../../contract/episodes/record.ts";

/** The given parts of a context, as texts that are equal where contexts agree. */
function contextFeatures(context: Partial<Context>): Set<string> {
  const { domain, language, framework, tags = [] } = context;
  const named = Object.entries({ domain, language, framework }).flatMap(([name, value]) =>
    value ? [`${name}=${value.toLowerCase()}`] : [],
  );
  return new Set([...named, ...tags.map((tag) => `tag=${tag}`)]);
}

/** The features of contexts, each made once: many episodes have the same context. */
export class ContextFeatures {
  readonly #features = new Map<string, ReadonlySet<string>>();

  /** The same set for the same context. */
  of(context: Partial<Context>): ReadonlySet<string> {
    const { domain, language, framework, tags = [] } = context;
    const key = [domain, language, framework, ...tags].join("\u0000");
    const features = this.#features.get(key) ?? contextFeatures(context);
    this.#features.set(key, features);
    return features;
  }
}

/**
 * Share of the features of either context that both have, 0…1; 0 when neither has any.
 *
 * @param a made by `ContextFeatures`, like b
 */
export function contextSimilarity(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  let shared = 0;
  for (const feature of a) if (b.has(feature)) shared += 1;
  const all = a.size + b.size - shared;
  return all === 0 ? 0 : shared / all;
}
