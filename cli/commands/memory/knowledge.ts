/**
 * What was learned: `recall`, `advise`, `playbook`, `pattern …`, `heuristic …`, `feedback`,
 * `stats`.
 *
 * @module
 */

import type { Answer, Body } from "../../../client/index.ts";
import { PATTERN_KINDS } from "../../../client/schema.ts";
import { CliError } from "../../exit.ts";
import { cell, details, safe, type Colors, type Row, type Shown } from "../../terminal/output.ts";
import { repeated, share, whole } from "../../parse.ts";
import { option, type CommandSpec, type OptionSpec, type Values } from "../../spec.ts";
import { contextOf } from "./episodes.ts";
import { shownList, shownFields } from "../../terminal/shown.ts";
import { omitUndefined } from "../../omit-undefined.ts";

const NOTHING = "Nothing that was learned helps with this yet.";
const HELD_OUT =
  "By lot this is answered nothing: the namespace measures what its memory is worth.";

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
];

type RecentStep = NonNullable<Body<"recall">["recent_steps"]>[number];

function recentSteps({ step }: Values): RecentStep[] {
  return ((step ?? []) as string[]).map((text) => {
    const [, tool = text, result = "unknown"] =
      /^(.*):(success|error|timeout|unknown)$/.exec(text) ?? [];
    return { tool, result: result as NonNullable<RecentStep["result"]> };
  });
}

const percent = (value: number): string => `${Math.round(value * 100)} %`;

type PlaybookView = NonNullable<Answer<"playbook">["playbook"]>;

function playbookLines(playbook: PlaybookView, colors: Colors): string[] {
  const lines = [
    colors.bold(
      `Playbook, confidence ${percent(playbook.confidence)}, from ${playbook.based_on.length} runs`,
    ),
  ];
  for (const step of playbook.steps) {
    lines.push(
      `  ${step.order}. ${safe(step.tool)}  ${colors.dim(`taken by ${percent(step.support)}`)}`,
    );
    for (const { description } of step.pitfalls)
      lines.push(colors.yellow(`     pitfall: ${safe(description)}`));
  }
  for (const caution of playbook.when_not_to_apply)
    lines.push(colors.yellow(`  not when: ${safe(caution)}`));
  return lines;
}

type NextTool = Answer<"recall">["next_tools"][number];

function nextLines(tools: readonly NextTool[], colors: Colors): string[] {
  if (tools.length === 0) return [];
  const lines = tools.map(
    ({ tool, probability, why }) =>
      `  ${percent(probability).padStart(5)}  ${safe(tool)}  ${colors.dim(safe(why))}`,
  );
  return [colors.bold("Next"), ...lines];
}

function recalled(data: Answer<"recall">): Shown {
  return {
    data,
    text: (colors) => {
      const lines = [
        colors.dim(
          `recall ${data.recall_id}, served by the ${data.served_by}${data.degraded ? ", degraded" : ""}`,
        ),
      ];
      lines.push(...nextLines(data.next_tools, colors));
      if (data.episodes.length > 0) lines.push(colors.bold("Episodes"));
      for (const one of data.episodes) {
        const outcome = one.warning
          ? colors.red("failed ")
          : one.outcome === null
            ? colors.dim("open   ")
            : colors.green("success");
        lines.push(
          `  ${one.score.toFixed(2)}  ${outcome}  ${safe(one.task).slice(0, 90)}  ${colors.dim(one.id)}`,
        );
      }
      if (data.patterns.length > 0) lines.push(colors.bold("Patterns"));
      for (const one of data.patterns) {
        const polarity =
          one.polarity === "avoid" ? colors.red("avoid") : colors.green(one.polarity.padEnd(5));
        lines.push(
          `  ${polarity}  ${safe(one.description)}  ${colors.dim(`lift ${cell(one.lift)}`)}`,
        );
      }
      if (data.heuristics.length > 0) lines.push(colors.bold("Heuristics"));
      for (const one of data.heuristics)
        lines.push(`  when ${safe(one.condition)} then ${safe(one.action)}`);
      if (data.playbook) lines.push(...playbookLines(data.playbook, colors));
      if (lines.length === 1) lines.push(data.held_out ? HELD_OUT : NOTHING);
      return lines.join("\n");
    },
  };
}

function advised(data: Answer<"advise">): Shown {
  return {
    data,
    text: (colors) => {
      const { proposed, outlook } = data;
      const lines = nextLines(data.next_tools, colors);
      if (proposed) {
        const verdict = proposed.verdict === "usual" ? colors.green : colors.yellow;
        const place = proposed.rank === null ? "never seen here" : `number ${proposed.rank} here`;
        lines.push(`${safe(proposed.tool)}: ${verdict(proposed.verdict)}, ${place}`);
      }
      if (data.avoid.length > 0) lines.push(colors.bold("Avoid"));
      for (const { tool, why } of data.avoid)
        lines.push(`  ${colors.red(safe(tool))}  ${safe(why)}`);
      if (data.recoveries.length > 0) lines.push(colors.bold("Ways out"));
      for (const { error, path, confidence } of data.recoveries) {
        lines.push(
          `  ${safe(path.join(", "))}  ${colors.dim(`after ${safe(error)}, confidence ${percent(confidence)}`)}`,
        );
      }
      if (outlook)
        lines.push(`Outlook: ${percent(outlook.success)}, usual ${percent(outlook.base_rate)}`);
      if (lines.length === 0) lines.push(data.held_out ? HELD_OUT : NOTHING);
      const origin = `recall ${data.recall_id}, served by the ${data.served_by}${data.degraded ? ", degraded" : ""}`;
      return [colors.dim(origin), ...lines].join("\n");
    },
  };
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
        choices: ["episodes", "patterns", "heuristics", "playbook"],
        parse: repeated,
      }),
      option("--max-tokens <count>", "how long the answer may be", { parse: whole(100) }),
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
        limit,
        include,
        max_tokens: maxTokens,
      });
      return recalled(await (await app.memory()).recall(body as Body<"recall">));
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
    ],
    examples: [
      "memory-cli advise change a flight --step get_reservation:success --next-tool update_flight",
      "memory-cli advise change a flight --step update_flight:error --error 'no seat left'",
    ],
    async run(app, words, values) {
      const { nextTool, error } = values;
      const body = omitUndefined({
        task: words.join(" "),
        context: contextOf(values),
        recent_steps: recentSteps(values),
        next_tool: nextTool,
        error,
      });
      return advised(await (await app.memory()).advise(body as Body<"advise">));
    },
  },
  {
    name: "playbook",
    summary: "the steps that similar runs succeeded with",
    args: TASK,
    options: aboutOptions,
    examples: ["memory-cli playbook change a flight --domain airline"],
    async run(app, words, values) {
      const body = {
        task: words.join(" "),
        context: contextOf(values),
        recent_steps: recentSteps(values),
      };
      const data = await (await app.memory()).playbook(body);
      return {
        data,
        text: (colors) =>
          data.playbook
            ? playbookLines(data.playbook, colors).join("\n")
            : "There is no playbook for this yet.",
      };
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
    name: "stats",
    summary: "counts and rates of the namespace",
    examples: ["memory-cli stats", "memory-cli stats -n my-agent --format json | jq .success_rate"],
    run: async (app) => {
      const data = await (await app.memory()).stats();
      return { data, text: (colors) => details(data as unknown as Row, colors) };
    },
  },
];
