/**
 * `npm run bench:learning [-- FOLDER] [--quick] [--write] [--order=SEED]`: what learning is worth.
 * Runs of seven tenths of the tasks are imported, the others are asked about, through HTTP. Beside
 * it what counting alone gives. Each part is left out in turn.
 *
 * @module
 */

import { ABLATIONS } from "../../src/memory/ablations.ts";
import type { AdviceView, RecallView } from "../../src/contract/recall/answers.ts";
import type { Service } from "../../test/support/service/service.ts";
import { Sqld } from "../../test/support/processes/sqld.ts";
import { leaveOut, startAblatable } from "./ablatable-service.ts";
import { mostFrequent, naiveBayes, ngram } from "./baselines.ts";
import { runSets } from "./data.ts";
import { auc, f1 } from "./measures.ts";
import { inOrder } from "./order.ts";
import { patiently } from "./patience.ts";
import { printTable, QUICK } from "./report.ts";
import { tauEpisodeLine, type TauEpisode } from "./tau.ts";

/** Share of the tasks, lowest numbers first, that is learned from. */
const LEARNED = 0.7;
/**
 * A tool this probable is predicted: for the best F1 the threshold is half of it (Z. C. Lipton et
 * al., 2014).
 */
const PREDICTED = 0.3;
/** Votes of the three nearest successes that predict a tool. */
const NEAREST = 3;
const AGREED = 2;
const CONCURRENCY = 8;
const RECENT_MAX = 50;
const MESSAGE_MAX = 10_000;
const AT = "2026-01-01T00:00:00.000Z";
/**
 * By convention, a tool whose name begins so changes nothing; only the measure knows this, the
 * memory does not.
 */
const READS =
  /^(?:get|find|list|search|read|check|lookup|show|query|calculate|think|transfer)(?:_|$)/;

const writes = (tools: readonly string[]): Set<string> =>
  new Set(tools.filter((tool) => !READS.test(tool)));

interface Question {
  run: TauEpisode;
  done: number;
}

function bodyOf({ run, done }: Question): Record<string, unknown> {
  const recent_steps = run.steps.slice(Math.max(0, done - RECENT_MAX), done).map((step) => ({
    tool: step.tool,
    parameters: step.args,
    result: step.result === null ? "unknown" : step.ok === false ? "error" : "success",
    ...(step.result === null ? {} : { message: step.result.slice(0, MESSAGE_MAX) }),
  }));
  return {
    task: run.task,
    context: { domain: run.domain, tags: [run.agent_variant] },
    recent_steps,
  };
}

async function parallel<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const answers: R[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let i = next++; i < items.length; i = next++) answers[i] = await work(items[i] as T);
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
  return answers;
}

async function measure(
  service: Service,
  key: string,
  asked: readonly TauEpisode[],
): Promise<{ next: number; f1: { micro: number; macro: number }; auc: number }> {
  const advise = async (question: Question): Promise<AdviceView> => {
    const answer = await patiently(() =>
      service.call("POST", "/v1/advise", { key, body: bodyOf(question) }),
    );
    if (answer.status !== 200) throw new Error(`no advice: ${answer.text}`);
    return answer.body as AdviceView;
  };
  const steps = asked
    .filter((run) => run.outcome.success === true)
    .flatMap((run) => run.steps.map((_, done): Question => ({ run, done })));
  const predictions = await parallel(steps, advise);
  const right = predictions.filter(({ next_tools }, i) => {
    const question = steps[i];
    return (
      question !== undefined && next_tools[0]?.tool === question.run.steps[question.done]?.tool
    );
  });
  const tasks = [...new Map(asked.map((run) => [run.task_id, run])).values()];
  const begun = await parallel(tasks, async (run) => ({
    run,
    advice: await advise({ run, done: 0 }),
  }));
  const sets = begun.map(({ run, advice }) => ({
    said: writes(
      advice.expected_tools.flatMap(({ tool, probability }) =>
        probability >= PREDICTED ? tool : [],
      ),
    ),
    expected: writes(run.expected_tools ?? []),
  }));
  const ended = await parallel(asked, async (run) => {
    const { outlook } = await advise({ run, done: run.steps.length });
    return { score: outlook?.success ?? 0.5, good: run.outcome.success === true };
  });
  return { next: right.length / steps.length, f1: f1(sets), auc: auc(ended) };
}

/**
 * The write tools that two of the three most similar successful episodes use, as recall shows them.
 */
async function nearest(
  service: Service,
  key: string,
  asked: readonly TauEpisode[],
): Promise<{ micro: number; macro: number }> {
  const tasks = [...new Map(asked.map((run) => [run.task_id, run])).values()];
  const sets = await parallel(tasks, async (run) => {
    const body = { task: run.task, limit: 50, include: ["episodes"] };
    const { episodes } = (await service.call("POST", "/v1/recall", { key, body }))
      .body as RecallView;
    const best = episodes.filter(({ outcome }) => outcome === "success").slice(0, NEAREST);
    const votes = best.flatMap(({ tools }) => [...new Set(tools)]);
    const agreed = votes.filter((tool) => votes.filter((other) => other === tool).length >= AGREED);
    return { said: writes(agreed), expected: writes(run.expected_tools ?? []) };
  });
  return f1(sets);
}

const database = await Sqld.start();
const service = await startAblatable(database.url);
try {
  for (const [i, { name, runs }] of runSets().entries()) {
    const tasks = [...new Set(runs.map((run) => run.task_id))].sort((a, b) => a - b);
    const border = tasks[Math.floor(LEARNED * tasks.length)] ?? Number.POSITIVE_INFINITY;
    const [learned, asked] = [
      runs.filter((run) => run.task_id < border),
      runs.filter((run) => run.task_id >= border),
    ];
    const key = await service.key(`runs-${i}`);
    const lines = inOrder(learned, (run) => run.task_id).map((run) => ({
      ...tauEpisodeLine(run),
      started_at: AT,
      ended_at: AT,
    }));
    const failed = (await service.import(key, lines)).filter(({ status }) => status === "error");
    if (failed.length > 0) throw new Error(`not imported: ${JSON.stringify(failed[0])}`);

    const good = learned.filter((run) => run.outcome.success === true);
    const steps = asked
      .filter((run) => run.outcome.success === true)
      .flatMap(({ steps: own }) =>
        own.map((step, at) => ({ before: own.slice(0, at).map((one) => one.tool), step })),
      );
    const accuracy = (guess: (before: readonly string[]) => string | undefined): number =>
      steps.filter(({ before, step }) => guess(before) === step.tool).length / steps.length;
    const counts = new Map<string, number>();
    for (const run of good)
      for (const { tool } of run.steps) counts.set(tool, (counts.get(tool) ?? 0) + 1);
    const frequent = mostFrequent(counts);
    const memory = await measure(service, key, asked);
    printTable(
      "next-tool",
      `${name}: next tool over ${steps.length} steps of successful runs`,
      ["", "accuracy"],
      [
        ["random tool", 1 / Math.max(1, counts.size)],
        ["most frequent tool", accuracy(() => frequent)],
        ...[2, 3, 4].map((n) => [`${n}-gram with back-off`, accuracy(ngram(good, n))]),
        ["memory", memory.next],
      ],
    );
    const voted = await nearest(service, key, asked);
    printTable(
      "write-tools",
      `${name}: write tools of ${new Set(asked.map((run) => run.task_id)).size} tasks`,
      ["", "F1 (all together)", "F1 (mean of tasks)"],
      [
        [`${AGREED} of the ${NEAREST} nearest successes`, voted.micro, voted.macro],
        ["memory", memory.f1.micro, memory.f1.macro],
      ],
    );
    const bayes = naiveBayes(learned);
    const scored = asked.map((run) => ({ score: bayes(run), good: run.outcome.success === true }));
    printTable(
      "outcome",
      `${name}: outcome of ${asked.length} runs after the last step`,
      ["", "AUC"],
      [
        ["chance", 0.5],
        ["naive Bayes over tools and pairs", auc(scored)],
        ["memory", memory.auc],
      ],
    );
    if (QUICK) continue;
    const rows: (string | number)[][] = [["all parts", memory.next, memory.f1.micro, memory.auc]];
    for (const part of ABLATIONS.filter((name) => name.startsWith("advise_"))) {
      await leaveOut(service, [part]);
      const without = await measure(service, key, asked);
      rows.push([`without ${part}`, without.next, without.f1.micro, without.auc]);
    }
    await leaveOut(service, []);
    const heads = ["parts", "next tool", "write tools F1", "outcome AUC"];
    printTable("advise-parts", `${name}: what each part of advice is worth`, heads, rows);
  }
} finally {
  await service.remove();
  await database.remove();
}
