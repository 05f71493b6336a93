/**
 * What helps at the moment of action: what comes next, what to avoid, which recovery worked, how it
 * will probably end.
 *
 * @module
 */

import {
  baseRates,
  expectTools,
  isArchived,
  likeTemplates,
  maskError,
  nextToolLookups,
  predictOutcome,
  predictNextTools,
  viewPattern,
  type BaseRates,
  type LearningSettings,
} from "../../../memory/learning/index.ts";
import type {
  AdviceView,
  AdviseInput,
  NextToolView,
  RecoveryView,
} from "../../../contract/operations.ts";
import { similarEpisodes, situationOf } from "./recall.ts";
import type { Source } from "./source.ts";

/**
 * Episodes that advice is made from: what is usual in a run tells even where its task is another.
 */
const EPISODES = 300;
const NEXT_MAX = 5;
const EXPECTED_MAX = 20;
const AVOID_MAX = 10;
const RECOVERIES_MAX = 5;
/** The prediction is asked for this many tools, so that a proposed one has a rank. */
const RANKED = 50;
/**
 * A proposed tool that has less than this share of the likeliest one's probability is unusual here.
 */
const UNUSUAL = 0.2;

const UNTRUSTED = [
  "next_tools[].tool",
  "expected_tools[].tool",
  "avoid[].tool",
  "avoid[].why",
  "recoveries[].tool",
  "recoveries[].error",
  "recoveries[].path",
];

export async function adviseFrom(
  source: Source,
  input: AdviseInput,
  now: number,
  settings: LearningSettings,
): Promise<Omit<AdviceView, "recall_id">> {
  const similar = await similarEpisodes(source, input.task, EPISODES);
  const situation = situationOf(input);
  const expected = expectTools(input.task, similar, source.parts);
  const rows = await source.patternsAfter("tool_sequence", nextToolLookups(input.recent_steps));
  const ranked = predictNextTools(
    situation,
    rows,
    similar,
    expected,
    now,
    settings,
    source.parts,
    RANKED,
  );
  const base = baseRates(await source.domains(), now, settings);
  const avoid = await choicesToAvoid(source, input, base, now, settings);
  return {
    next_tools: ranked.slice(0, NEXT_MAX),
    expected_tools: expected.tools
      .slice(0, EXPECTED_MAX)
      .map(({ tool, probability, episodes }) => ({ tool, probability, episodes })),
    avoid,
    recoveries: await waysOut(source, input, base, now, settings),
    proposed: judge(input.next_tool, ranked, avoid),
    outlook: predictOutcome(situation, similar, source.parts),
    untrusted: UNTRUSTED,
    served_by: source.servedBy,
    degraded: source.degraded,
  };
}

function judge(
  tool: string | null,
  ranked: readonly NextToolView[],
  avoid: AdviceView["avoid"],
): AdviceView["proposed"] {
  if (tool === null) return null;
  const at = ranked.findIndex((next) => next.tool === tool);
  const probability = ranked[at]?.probability ?? 0;
  const bad = avoid.some((choice) => choice.tool === tool);
  const usual = probability > 0 && probability >= UNUSUAL * (ranked[0]?.probability ?? 0);
  const verdict = bad ? "avoid" : usual ? "usual" : "unusual";
  return { tool, probability, rank: at < 0 ? null : at + 1, verdict };
}

/** Choices after the last result that ended badly, and calls that only failed again. */
async function choicesToAvoid(
  source: Source,
  { recent_steps: recent }: AdviseInput,
  base: BaseRates,
  now: number,
  settings: LearningSettings,
): Promise<AdviceView["avoid"]> {
  const last = recent.at(-1);
  if (!last) return [];
  const choices = await source.patternsAfter("decision_point", [
    `${last.tool}\u001f${last.result}`,
  ]);
  const learned = choices.flatMap((row) => {
    const view = viewPattern(row, base, now, settings);
    if (view.polarity !== "avoid" || isArchived(view) || row.content.kind !== "decision_point")
      return [];
    const { success, failure } = view.support;
    const rate = Math.round((100 * success) / (success + failure));
    const why = `after ${last.tool} (${last.result}), ${rate} % of the runs that chose it succeeded`;
    return [
      {
        tool: row.content.next_tool,
        why,
        pattern_id: row.id,
        episodes: view.episodes,
        worst: view.lift,
      },
    ];
  });
  const sorted = learned
    .sort((a, b) => a.worst - b.worst || (a.pattern_id < b.pattern_id ? -1 : 1))
    .map(({ worst: _worst, ...choice }) => choice);
  return [...repeatedFailure(recent), ...sorted].slice(0, AVOID_MAX);
}

/** The same tool that failed twice in a row with the same error. */
function repeatedFailure(recent: AdviseInput["recent_steps"]): AdviceView["avoid"] {
  const [before, last] = recent.slice(-2);
  if (
    !before ||
    !last ||
    before.tool !== last.tool ||
    last.result === "success" ||
    last.result === "unknown"
  )
    return [];
  if (
    before.result !== last.result ||
    maskError(before.message ?? "") !== maskError(last.message ?? "")
  )
    return [];
  return [
    {
      tool: last.tool,
      why: "it failed twice in a row in the same way",
      pattern_id: null,
      episodes: [],
    },
  ];
}

/**
 * Recoveries from the error: of its template first, then of templates that are like it, of this
 * tool.
 */
async function waysOut(
  source: Source,
  { recent_steps: recent, error }: AdviseInput,
  base: BaseRates,
  now: number,
  settings: LearningSettings,
): Promise<RecoveryView[]> {
  const last = recent.at(-1);
  const failed = last?.result === "error" || last?.result === "timeout";
  const message =
    error ?? (failed ? (last.result === "timeout" ? "timeout" : (last.message ?? null)) : null);
  if (!last || message === null) return [];
  const known = (await source.recoveriesOf(last.tool)).flatMap((row) =>
    row.content.kind === "error_recovery"
      ? [{ row, error: row.content.error, path: row.content.path }]
      : [],
  );
  return likeTemplates(maskError(message), known)
    .map(({ item, likeness }): RecoveryView => {
      const { polarity, confidence, support, episodes } = viewPattern(
        item.row,
        base,
        now,
        settings,
      );
      const { error: template, path } = item;
      const pattern_id = item.row.id;
      return {
        pattern_id,
        tool: last.tool,
        error: template,
        likeness,
        path,
        polarity,
        confidence,
        support,
        episodes,
      };
    })
    .filter(({ support }) => !isArchived({ support }))
    .sort(
      (a, b) =>
        b.likeness - a.likeness ||
        b.confidence - a.confidence ||
        (a.pattern_id < b.pattern_id ? -1 : 1),
    )
    .slice(0, RECOVERIES_MAX);
}
