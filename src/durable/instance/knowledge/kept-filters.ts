/**
 * The filters of lists that a namespace keeps under a name, at its home: bounded in number. Their
 * rows are the settings' business.
 *
 * @module
 */

import type { SavedFilterView } from "../../../contract/filters/answers.ts";
import type { KeptFilter } from "../../../contract/filters/requests.ts";
import { LIMITS } from "../../../contract/limits.ts";
import type { Input } from "../../../contract/operations.ts";
import { isoTime } from "../../../util/time.ts";
import { Refused } from "../../shared/refusals.ts";
import type { OperationHandlers, OperationScope } from "../handlers.ts";
import type { NamespaceSettings } from "./namespace-settings.ts";

interface KeptFiltersDeps {
  settings: NamespaceSettings;
  now: () => number;
  /** Makes the namespace one that is here; in a transaction. Throws `Moved`. */
  begin: (namespace: string) => void;
}

export class KeptFilters {
  readonly #deps: KeptFiltersDeps;

  constructor(deps: KeptFiltersDeps) {
    this.#deps = deps;
  }

  /** All of them, by name. Throws `DatabaseError` when they are not here, and `Moved`. */
  list(namespace: string): Promise<SavedFilterView[]> {
    return this.#deps.settings.filters(namespace);
  }

  /** One of them. Throws as `list`, and `Refused` when there is none. */
  async get(namespace: string, name: string): Promise<KeptFilter> {
    const found = (await this.list(namespace)).find((one) => one.name === name);
    if (found) return found.filter;
    throw noFilter(name);
  }

  /** Throws as `list`, and `Refused` when there are too many. */
  async save(
    { name, filter }: Input<"filters.save">,
    { namespace, commit }: OperationScope,
  ): Promise<SavedFilterView> {
    const { settings, begin, now } = this.#deps;
    const others = (await this.list(namespace)).filter((one) => one.name !== name);
    if (others.length >= LIMITS.filters_max) {
      const detail = `A namespace keeps at most ${LIMITS.filters_max} filters.`;
      throw new Refused("limit_exceeded", detail, { path: "name" });
    }
    return commit(() => {
      const at = now();
      begin(namespace);
      settings.keepFilter(namespace, name, filter, at);
      return { name, filter, updated_at: isoTime(at) };
    });
  }

  /** Throws as `get`. */
  async remove(
    { name }: Input<"filters.remove">,
    { namespace, commit }: OperationScope,
  ): Promise<{ deleted: true }> {
    const { settings, now } = this.#deps;
    await this.get(namespace, name);
    return commit(() => {
      settings.keepFilter(namespace, name, null, now());
      return { deleted: true as const };
    });
  }
}

/** The operations on them. */
export function filterOperations(filters: KeptFilters) {
  return {
    "filters.list": async (_input, { namespace }) => ({ filters: await filters.list(namespace) }),
    "filters.save": (input, scope) => filters.save(input, scope),
    "filters.remove": (input, scope) => filters.remove(input, scope),
  } satisfies Partial<OperationHandlers>;
}

function noFilter(name: string): Refused {
  const detail = `The namespace keeps no filter ${name}.`;
  return new Refused("not_found", detail, { path: "filter" });
}
