/**
 * Who uses the service: what the instances counted, summed up, the first of it by a measure, with
 * the names of the keys. Pure.
 *
 * @module
 */

import type { KeyView } from "../../../contract/access/answers.ts";
import type { NamespaceQuotas, UsageView } from "../../../contract/watching/answers.ts";
import type { QuotaUsed } from "../../shared/instance/quotas.ts";
import { mergedShares, type UsageShare } from "../../shared/instance/usage.ts";

/** An instance's share, or which one has no answer. */
type Answer = { value: UsageShare } | { instance: number };

/** @param keys all that are known, with their names */
export function usageView(
  answers: readonly Answer[],
  keys: readonly Pick<KeyView, "id" | "name" | "revoked_at">[],
  { over, by, limit }: Pick<UsageView, "over" | "by"> & { limit: number },
): UsageView {
  const shares = answers.flatMap((answer) => ("value" in answer ? [answer.value] : []));
  const all = mergedShares(shares, by, limit);
  const quotas = new Map((all.quotas ?? []).map((one) => [one.namespace, quotasOf(one)]));
  const known = new Map(keys.map((key) => [key.id, key]));
  return {
    over,
    by,
    namespaces: all.namespaces.rows.map(({ name, ...counts }) => ({
      namespace: name,
      ...counts,
      quotas: quotas.get(name) ?? null,
    })),
    keys: all.keys.rows.map(({ name: key, ...counts }) => {
      const { name = null, revoked_at = null } = known.get(key) ?? {};
      return { key, name, revoked_at, ...counts };
    }),
    others: { namespaces: all.namespaces.others, keys: all.keys.others },
    silent: answers.flatMap((answer) => ("value" in answer ? [] : [answer.instance])),
  };
}

function quotasOf({ used, limits }: QuotaUsed): NamespaceQuotas {
  return {
    episodes: { used: used.episodes, limit: limits.episodes },
    bytes: { used: limits.bytes === null ? null : used.bytes, limit: limits.bytes },
  };
}
