/**
 * What was learned: `recall`, `advise`, `playbook`, `pattern …`, `heuristic …`, `feedback`,
 * `quality`, `stats`.
 *
 * @module
 */

import type { Body } from "../../../client/index.ts";
import { PATTERN_KINDS } from "../../../client/schema.ts";
import { CliError } from "../../exit.ts";
import { details, safe, type Row } from "../../terminal/output.ts";
import { repeated, share, whole } from "../../parse.ts";
import { option, type CommandSpec, type OptionSpec, type Values } from "../../spec.ts";
import { contextOf } from "../../task-context.ts";
import { shownList, shownFields } from "../../terminal/shown.ts";
import { shownWords, wordsOptions, wordsQuery } from "./words.ts";
import { omitUndefined } from "../../../client/runs/omit-undefined.ts";

const TASK = [["<task...>", "what is to be done"]] as const;
const aboutOptions: readonly OptionSpec[] = [
  option("--domain <name>", "the domain"),
  option("--language <name>", "the programming language"),
  option("--framework <name>", "the framework"),
  option(
    "--step <tool[:result]>",
    "a step taken already: TOOL, TOOL:success, TOOL:error, TOOL:timeout; again for more",
    { parse: repeated },
  ),
  option("--episode <id>", "the running episode: its own steps are used where none is named"),
];

type RecentStep = NonNullable<Body<"recall">["recent_steps"]>[number];

function recentSteps({ step }: Values): RecentStep[] {
  return ((step ?? []) as string[]).map((text) => {
    const [, tool = text, result = "unknown"] =
      /^(.*):(success|error|timeout|unknown)$/.exec(text) ?? [];
    return { tool, result: result as NonNullable<RecentStep["result"]> };
  });
}

const patternColumns = [
  ["ID", (row: Row) => row["id"]],
  ["KIND", (row: Row) => row["kind"]],
  ["POLARITY", (row: Row) => row["polarity"]],
  ["CONFIDENCE", (row: Row) => row["confidence"]],
  ["LIFT", (row: Row) => row["lift"]],
  ["EPISODES", (row: Row) => (row["support"] as Row)["episodes"]],
  ["DESCRIPTION", (row: Row) => row["description"]],
] as const;

export const KNOWLEDGE: readonly CommandSpec[] = [
  {
    name: "recall",
    summary: "what helps with a new task",
    args: TASK,
    options: [
      ...aboutOptions,
      option("--limit <count>", "at most so many of each kind", { parse: whole(1, 50) }),
      option("--include <kind>", "only these kinds; again for more", {
        choices: ["episodes", "patterns", "heuristics", "playbook", "lessons"],
        parse: repeated,
      }),
      ...wordsOptions,
    ],
    examples: [
      "memory-cli recall cancel a flight and refund it",
      "memory-cli recall 'change a flight' --domain airline --step get_reservation:success",
    ],
    async run(app, words, values) {
      const { limit, include, maxTokens } = values;
      const body = omitUndefined({
        task: words.join(" "),
        context: contextOf(values),
        recent_steps: recentSteps(values),
        episode_id: values["episode"],
        limit,
        include,
        max_tokens: maxTokens,
      }) as Body<"recall">;
      return shownWords(app, {
        data: (memory) => memory.recall(body),
        words: (memory) => memory.text.recall(body, wordsQuery(values)),
      });
    },
  },
  {
    name: "advise",
    summary: "what to do next, at the moment of action",
    args: TASK,
    options: [
      ...aboutOptions,
      option("--next-tool <name>", "the tool that is about to be called"),
      option("--error <text>", "the error that just came"),
      option("--only-line", "only what stands out, in one line, or nothing"),
      ...wordsOptions,
    ],
    examples: [
      "memory-cli advise change a flight --step get_reservation:success --next-tool update_flight",
      "memory-cli advise change a flight --step update_flight:error --error 'no seat left'",
    ],
    async run(app, words, values) {
      const { nextTool, error, onlyLine } = values;
      const body = omitUndefined({
        task: words.join(" "),
        context: contextOf(values),
        recent_steps: recentSteps(values),
        episode_id: values["episode"],
        next_tool: nextTool,
        error,
        only_line: onlyLine,
      }) as Body<"advise">;
      if (onlyLine) {
        const data = await (await app.memory()).advise(body);
        return { data, text: () => safe(data.line ?? "") };
      }
      return shownWords(app, {
        data: (memory) => memory.advise(body),
        words: (memory) => memory.text.advise(body, wordsQuery(values)),
      });
    },
  },
  {
    name: "playbook",
    summary: "the steps that similar runs succeeded with",
    args: TASK,
    options: [...aboutOptions, ...wordsOptions],
    examples: ["memory-cli playbook change a flight --domain airline"],
    async run(app, words, values) {
      const body = omitUndefined({
        task: words.join(" "),
        context: contextOf(values),
        recent_steps: recentSteps(values),
        episode_id: values["episode"],
      }) as Body<"playbook">;
      return shownWords(app, {
        data: (memory) => memory.playbook(body),
        words: (memory) => memory.text.playbook(body, wordsQuery(values)),
      });
    },
  },
  {
    name: "pattern list",
    summary: "list patterns",
    options: [
      option("--kind <kind>", "only of this kind", { choices: PATTERN_KINDS }),
      option("--polarity <polarity>", "only these", { choices: ["do", "avoid", "neutral"] }),
      option("--tool <name>", "only about this tool"),
      option("--min-support <count>", "only seen in so many episodes", { parse: whole(0) }),
      option("--limit <count>", "at most so many", { parse: whole(1, 200), default: 20 }),
      option("--cursor <cursor>", "go on from there"),
    ],
    examples: [
      "memory-cli pattern list --polarity avoid",
      "memory-cli pattern list --tool update_flight --format yaml",
    ],
    async run(app, _args, { kind, polarity, tool, minSupport, limit, cursor }) {
      const query = omitUndefined({
        kind,
        polarity,
        tool,
        min_support: minSupport,
        limit,
        cursor,
      } as Values);
      return shownList(await (await app.memory()).patterns.list(query), "patterns", patternColumns);
    },
  },
  {
    name: "pattern view",
    summary: "view a pattern with its evidence",
    args: [["<id>", "the pattern"]],
    examples: ["memory-cli pattern view ID"],
    run: async (app, [id = ""]) => shownFields(await (await app.memory()).patterns.get(id)),
  },
  {
    name: "heuristic list",
    summary: "list heuristics",
    options: [
      option("--limit <count>", "at most so many", { parse: whole(1, 200), default: 20 }),
      option("--cursor <cursor>", "go on from there"),
    ],
    examples: ["memory-cli heuristic list"],
    async run(app, _args, { limit, cursor }) {
      return shownList(
        await (await app.memory()).heuristics.list(omitUndefined({ limit, cursor } as Values)),
        "heuristics",
        [
          ["POLARITY", (row) => row["polarity"]],
          ["CONFIDENCE", (row) => row["confidence"]],
          ["LIFT", (row) => row["lift"]],
          ["WHEN", (row) => row["condition"]],
          ["THEN", (row) => row["action"]],
        ],
      );
    },
  },
  {
    name: "feedback",
    summary: "say whether what was recalled helped",
    args: [
      ["<recall>", "the recall"],
      ["[used...]", "the items that were used"],
    ],
    options: [
      option("--helped", "it helped"),
      option("--hindered", "it did not", { conflicts: "helped" }),
      option("--rating <0..1>", "how much", { parse: share }),
    ],
    examples: [
      "memory-cli feedback RECALL EPISODE PATTERN --helped --rating 0.8",
      "memory-cli feedback RECALL --hindered",
    ],
    async run(app, [recall_id = "", ...used], { helped, hindered, rating }) {
      if (helped !== true && hindered !== true) throw new CliError("Say --helped or --hindered.");
      const body = {
        recall_id,
        used,
        helpful: helped === true,
        ...omitUndefined({ rating }),
      } as Body<"giveFeedback">;
      return shownFields(await (await app.memory()).feedback(body));
    },
  },
  {
    name: "quality",
    summary: "how runs ended by week, and how well what is said about them comes true",
    options: [option("--weeks <count>", "the last so many", { parse: whole(1, 52), default: 12 })],
    examples: [
      "memory-cli quality --weeks 4",
      "memory-cli quality > quality.md",
      "memory-cli quality --format json | jq '.weeks[-1].scores.total'",
    ],
    async run(app, _args, { weeks }) {
      const query = { weeks: Number(weeks) };
      return shownWords(app, {
        data: (memory) => memory.quality(query),
        words: (memory) => memory.text.quality(query),
      });
    },
  },
  {
    name: "stats",
    summary: "counts and rates of the namespace",
    examples: ["memory-cli stats", "memory-cli stats -n my-agent --format json | jq .success_rate"],
    run: async (app) => {
      const data = await (await app.memory()).stats();
      return { data, text: (colors) => details(data as unknown as Row, colors) };
    },
  },
];
