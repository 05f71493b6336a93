/**
 * Proof of use: what was shown, what of it was used, what of that helped; and how episodes ended
 * that used a recall.
 *
 * @module
 */

import type { StatsView, UseView } from "../../../contract/operations.ts";
import { wilsonInterval } from "../../../memory/statistics.ts";
import type { Source } from "./source.ts";

interface Shown {
  episodes: number;
  patterns: number;
  heuristics: number;
  playbooks: number;
}
interface Used {
  kind: keyof Shown;
  used: number;
  helped: number;
}

/**
 * Shown items of every kept recall. A record of before heuristics were counted apart has them among
 * its patterns.
 */
const SHOWN = `SELECT total(json_array_length(body, '$.episodes')) AS episodes,
  total(coalesce(json_extract(body, '$.plain'), json_array_length(body, '$.patterns'))) AS patterns,
  total(json_array_length(coalesce(json_extract(body, '$.heuristics'), '[]'))) AS heuristics,
  total(json_array_length(body, '$.playbook') > 0) AS playbooks
  FROM recalls WHERE namespace = ?`;

/** Used items by what their ids say they are; helped in thousandths of a use. */
const USED = `SELECT CASE WHEN substr(u.value, 1, 2) = 'h-' THEN 'heuristics' WHEN substr(u.value, 1, 3) = 'pb-' THEN 'playbooks'
    WHEN EXISTS (SELECT 1 FROM json_each(f.body, '$.episodes') e WHERE e.value = u.value) THEN 'episodes' ELSE 'patterns' END AS kind,
  count(*) AS used, sum(json_extract(f.body, '$.helpful')) AS helped
  FROM feedback f, json_each(f.body, '$.used') u WHERE f.namespace = ? GROUP BY 1`;

export async function countUse(
  source: Source,
  namespace: string,
): Promise<Pick<StatsView, "use" | "recall_effect">> {
  const [shown] = (await source.one((reader) =>
    reader.all(SHOWN, namespace),
  )) as unknown as Shown[];
  const used = (await source.one((reader) => reader.all(USED, namespace))) as unknown as Used[];
  const view = (kind: keyof Shown): UseView => {
    const row = used.find((one) => one.kind === kind);
    const [uses, helped] = [row?.used ?? 0, (row?.helped ?? 0) / 1000];
    return { shown: shown?.[kind] ?? 0, used: uses, helped, ...bounds(helped, uses) };
  };
  let [all, allSuccess, some, someSuccess, someEpisodes, allEpisodes] = [0, 0, 0, 0, 0, 0];
  for (const { buckets, with_recall } of await source.domains()) {
    for (const bucket of buckets) {
      all += bucket.success + bucket.failure;
      allSuccess += bucket.success;
      allEpisodes += bucket.episodes;
    }
    some += (with_recall?.success ?? 0) + (with_recall?.failure ?? 0);
    someSuccess += with_recall?.success ?? 0;
    someEpisodes += with_recall?.episodes ?? 0;
  }
  return {
    use: {
      episodes: view("episodes"),
      patterns: view("patterns"),
      heuristics: view("heuristics"),
      playbooks: view("playbooks"),
    },
    recall_effect: {
      with_recall: { episodes: someEpisodes, ...bounds(someSuccess / 1000, some / 1000) },
      without_recall: {
        episodes: allEpisodes - someEpisodes,
        ...bounds((allSuccess - someSuccess) / 1000, (all - some) / 1000),
      },
    },
  };
}

function bounds(good: number, total: number): Pick<UseView, "rate" | "low" | "high"> {
  if (total <= 0) return { rate: null, low: null, high: null };
  const [low, high] = wilsonInterval(good, total);
  return { rate: good / total, low, high };
}
