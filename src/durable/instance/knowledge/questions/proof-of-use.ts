/**
 * Counts the proof of use: what recalls showed, what of it was used, what of that helped; and how
 * episodes ended that used a recall, beside those that did not. Each rate has its 95 % bounds.
 * Reads only.
 *
 * @module
 */

import type { StatsView, UseView } from "../../../../contract/knowledge/answers.ts";
import { wilsonInterval } from "../../../../memory/statistics.ts";
import type { Source } from "../source.ts";

/** Items of recalls, by what they are. */
type Kind = keyof StatsView["use"];
type ShownRow = Record<Kind, number>;
type UsedRow = { kind: Kind; used: number; helped: number };

/**
 * Shown items of every kept recall. A record of before heuristics were counted apart has them among
 * its patterns.
 */
const SHOWN_SQL = `SELECT total(json_array_length(body, '$.episodes')) AS episodes,
  total(coalesce(json_extract(body, '$.plain'), json_array_length(body, '$.patterns'))) AS patterns,
  total(json_array_length(coalesce(json_extract(body, '$.heuristics'), '[]'))) AS heuristics,
  total(json_array_length(body, '$.playbook') > 0) AS playbooks,
  total(json_array_length(coalesce(json_extract(body, '$.lessons'), '[]'))) AS lessons
  FROM recalls WHERE namespace = ?`;

/** Used items by the form of their ids; helped in thousandths of a use. */
const USED_SQL = `SELECT CASE WHEN substr(u.value, 1, 2) = 'h-' THEN 'heuristics'
    WHEN substr(u.value, 1, 3) = 'pb-' THEN 'playbooks'
    WHEN substr(u.value, 1, 7) = 'lesson-' THEN 'lessons'
    WHEN EXISTS (SELECT 1 FROM json_each(f.body, '$.episodes') e WHERE e.value = u.value)
    THEN 'episodes' ELSE 'patterns' END AS kind,
  count(*) AS used, sum(json_extract(f.body, '$.helpful')) AS helped
  FROM feedback f, json_each(f.body, '$.used') u WHERE f.namespace = ? GROUP BY 1`;

export function countUse(source: Source): Pick<StatsView, "use" | "recall_effect"> {
  const { sql, namespace } = source;
  const [shown] = sql.all<ShownRow>(SHOWN_SQL, namespace);
  const used = sql.all<UsedRow>(USED_SQL, namespace);
  const view = (kind: Kind): UseView => {
    const row = used.find((one) => one.kind === kind);
    const [uses, helped] = [row?.used ?? 0, (row?.helped ?? 0) / 1000];
    return { shown: shown?.[kind] ?? 0, used: uses, helped, ...rateOf(helped, uses) };
  };

  return {
    use: {
      episodes: view("episodes"),
      patterns: view("patterns"),
      heuristics: view("heuristics"),
      playbooks: view("playbooks"),
      lessons: view("lessons"),
    },
    recall_effect: recallEffect(source),
  };
}

/** Episodes, and thousandths of judged ones and of successes. */
interface Sum {
  episodes: number;
  judged: number;
  success: number;
}

function recallEffect(source: Source): StatsView["recall_effect"] {
  const all: Sum = { episodes: 0, judged: 0, success: 0 };
  const using: Sum = { episodes: 0, judged: 0, success: 0 };
  for (const { buckets, with_recall } of source.domains()) {
    for (const bucket of buckets) add(all, bucket);
    if (with_recall) add(using, with_recall);
  }
  const view = ({ episodes, judged, success }: Sum) => ({
    episodes,
    ...rateOf(success / 1000, judged / 1000),
  });

  return {
    with_recall: view(using),
    without_recall: view({
      episodes: all.episodes - using.episodes,
      judged: all.judged - using.judged,
      success: all.success - using.success,
    }),
  };
}

function add(sum: Sum, more: { episodes: number; success: number; failure: number }): void {
  sum.episodes += more.episodes;
  sum.judged += more.success + more.failure;
  sum.success += more.success;
}

/** The share that is good, with its 95 % Wilson bounds; null where nothing was counted. */
function rateOf(good: number, total: number): Pick<UseView, "rate" | "low" | "high"> {
  if (total <= 0) return { rate: null, low: null, high: null };
  const [low, high] = wilsonInterval(good, total);
  return { rate: good / total, low, high };
}
