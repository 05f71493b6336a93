/**
 * What agents and people say: `lesson …`; and what people decide about it and about what was
 * learned: `curation …`.
 *
 * @module
 */

import type { Body, Query } from "../../../client/index.ts";
import { omitUndefined } from "../../../client/runs/omit-undefined.ts";
import { repeated, whole } from "../../parse.ts";
import { option, type CommandSpec, type OptionSpec, type Values } from "../../spec.ts";
import { safe, type Row, type Shown } from "../../terminal/output.ts";
import { shownFields, shownList, shownText } from "../../terminal/shown.ts";

const KINDS = ["do", "avoid", "fact"] as const;
const STATES = ["active", "pending", "superseded", "banned", "rejected", "all"] as const;
const ITEMS = ["lesson", "pattern", "heuristic", "playbook"] as const;
const ACTIONS = ["pin", "unpin", "ban", "unban", "edit", "approve", "reject", "clear"] as const;
const LESSON = ["<id>", "the lesson"] as const;

const targetOptions: readonly OptionSpec[] = [
  option("--tool <name>", "a tool that it is about; again for more", { parse: repeated }),
  option("--domain <name>", "the domain that it applies in"),
  option("--tag <tag>", "a tag that it applies to; again for more", { parse: repeated }),
  option("--task <text>", "a task that it applies to"),
];
const pageOptions: readonly OptionSpec[] = [
  option("--limit <count>", "at most so many", { parse: whole(1, 200), default: 20 }),
  option("--cursor <cursor>", "go on from there"),
];

/** What a lesson applies to. */
interface LessonTarget {
  applies_to: { tools: readonly string[]; domain: string | null };
}

/** What the options say a lesson applies to; undefined: nothing. */
function targetOf({ tool: tools, domain, tag: tags, task }: Values): object | undefined {
  const target = omitUndefined({ tools, domain, tags, task });
  return Object.keys(target).length > 0 ? target : undefined;
}

/** Of a command that ends an episode. */
export const END_LESSONS: OptionSpec = option(
  "--lesson <[kind:]text>",
  "what the next run should know: do:TEXT, avoid:TEXT, fact:TEXT; again for more",
  { parse: repeated },
);

/** The lessons that `END_LESSONS` names; undefined: none. */
export function endLessonsOf({ lesson }: Values): Body<"completeEpisode">["lessons"] {
  return (lesson as string[] | undefined)?.map((given) => {
    const kind = KINDS.find((one) => given.startsWith(`${one}:`));
    return { text: (kind ? given.slice(kind.length + 1) : given).trim(), kind: kind ?? "do" };
  });
}

/** Where a lesson is shown, in words: by its words, by the tools that it is about, in its domain. */
function whereShown({ applies_to: { tools, domain } }: LessonTarget): string {
  const about = tools.length > 0 ? `${tools.join(", ")}, or another tool` : "a tool";
  const only = domain === null ? "" : `, in the domain ${domain} alone`;
  return safe(
    `Shown with tasks that share its words, before ${about} that its words name, and with a playbook that has one of these${only}.`,
  );
}

const evidenceOf = (row: Row): Row => row["evidence"] as Row;
const lessonColumns = [
  ["ID", (row: Row) => row["id"]],
  ["KIND", (row: Row) => row["kind"]],
  ["STATE", (row: Row) => row["state"]],
  ["SAID", (row: Row) => evidenceOf(row)["said"]],
  ["USED", (row: Row) => evidenceOf(row)["used"]],
  ["RATE", (row: Row) => evidenceOf(row)["rate"]],
  ["TEXT", (row: Row) => row["text"]],
] as const;
const curationColumns = [
  ["KIND", (row: Row) => row["kind"]],
  ["ID", (row: Row) => row["id"]],
  ["PINNED", (row: Row) => row["pinned"]],
  ["BANNED", (row: Row) => row["banned"]],
  ["REVIEW", (row: Row) => row["review"]],
  ["EDITED", (row: Row) => row["text"] !== null],
  ["WHAT", (row: Row) => row["text"] ?? row["description"]],
] as const;

export const LESSONS: readonly CommandSpec[] = [
  {
    name: "lesson add",
    summary: "say what the next run should know",
    args: [["<text...>", "one sentence"]],
    options: [
      option("--kind <kind>", "what it is", { choices: KINDS, default: "do" }),
      ...targetOptions,
      option("--supersedes <id>", "the lesson whose place it takes"),
      option("--source <text>", "who or what says it"),
    ],
    examples: [
      "memory-cli lesson add Ask for the fare class before you change a flight --tool update_flight",
      "memory-cli lesson add 'Deploys go through Argo CD' --kind fact --supersedes ID",
    ],
    async run(app, words, values) {
      const { kind, supersedes, source } = values;
      const applies_to = targetOf(values);
      const body = omitUndefined({ text: words.join(" "), kind, applies_to, supersedes, source });
      const lesson = await (await app.memory()).lessons.add(body as Body<"addLesson">);
      const fields = shownFields(lesson);
      const text: Shown["text"] = (colors, width) =>
        `${fields.text(colors, width)}\n${whereShown(lesson)}`;
      return { data: lesson, text };
    },
  },
  {
    name: "lesson list",
    summary: "list or search lessons",
    args: [["[words...]", "words that they should fit"]],
    options: [
      option("--state <state>", "only those that stand so", { choices: STATES }),
      option("--kind <kind>", "only of this kind", { choices: KINDS }),
      option("--tool <name>", "only about this tool"),
      ...pageOptions,
    ],
    examples: ["memory-cli lesson list flight", "memory-cli lesson list --state pending"],
    async run(app, words, { state, kind, tool, limit, cursor }) {
      const q = words.length === 0 ? undefined : words.join(" ");
      const query = omitUndefined({ q, state, kind, tool, limit, cursor }) as Query<"listLessons">;
      return shownList(await (await app.memory()).lessons.list(query), "lessons", lessonColumns);
    },
  },
  {
    name: "lesson view",
    summary: "view a lesson with its evidence",
    args: [LESSON],
    examples: ["memory-cli lesson view ID"],
    run: async (app, [id = ""]) => shownFields(await (await app.memory()).lessons.get(id)),
  },
  {
    name: "lesson amend",
    summary: "change a lesson",
    args: [LESSON],
    options: [
      option("--text <text>", "other words"),
      option("--kind <kind>", "what it is", { choices: KINDS }),
      ...targetOptions,
      option("--supersedes <id>", "the lesson whose place it takes"),
    ],
    examples: ["memory-cli lesson amend ID --text 'Ask for the fare class first'"],
    async run(app, [id = ""], values) {
      const { text, kind, supersedes } = values;
      const changes = omitUndefined({ text, kind, applies_to: targetOf(values), supersedes });
      const body = changes as Body<"amendLesson">;
      return shownFields(await (await app.memory()).lessons.amend(id, body));
    },
  },
  {
    name: "lesson delete",
    summary: "delete a lesson",
    args: [LESSON],
    options: [option("-y, --yes", "do not ask")],
    examples: ["memory-cli lesson delete ID --yes"],
    async run(app, [id = ""], { yes }) {
      await app.confirm(`Delete the lesson ${id}?`, yes === true);
      await (await app.memory()).lessons.delete(id);
      return shownText({ id, deleted: true }, `${id} is deleted`);
    },
  },
  {
    name: "curation decide",
    summary: "pin, ban, edit, approve or reject what was learned or said",
    args: [
      ["<kind>", ITEMS.join(", ")],
      ["<id>", "the item"],
      ["<action>", ACTIONS.join(", ")],
    ],
    options: [
      option("--text <text>", "the words that edit gives it; without them its own again"),
      option("--reason <text>", "why"),
    ],
    examples: [
      "memory-cli curation decide pattern ID ban --reason 'it was the old system'",
      "memory-cli curation decide lesson ID edit --text 'Ask for the fare class first'",
    ],
    notes: "It needs a key with the scope admin for that namespace.",
    async run(app, [kind, id, action], { text, reason }) {
      const body = omitUndefined({ kind, id, action, text, reason }) as Body<"curate">;
      return shownFields(await (await app.memory()).curation.decide(body));
    },
  },
  {
    name: "curation list",
    summary: "list what people decided, banned items included",
    options: [
      option("--kind <kind>", "only about these", { choices: ITEMS }),
      option("--state <state>", "only those that are so", {
        choices: ["pinned", "banned", "edited", "approved", "rejected"],
      }),
      ...pageOptions,
    ],
    examples: ["memory-cli curation list --state banned"],
    async run(app, _args, { kind, state, limit, cursor }) {
      const query = omitUndefined({ kind, state, limit, cursor }) as Query<"listCuration">;
      return shownList(await (await app.memory()).curation.list(query), "items", curationColumns);
    },
  },
  {
    name: "curation review",
    summary: "whether the namespace shows only what a person approved",
    args: [["[mode]", "off or required; without it, what holds now"]],
    examples: ["memory-cli curation review", "memory-cli curation review required"],
    notes: "To change it takes a key with the scope admin for that namespace.",
    async run(app, [mode]) {
      const memory = await app.memory();
      if (mode === undefined) return shownFields(await memory.curation.review());
      const body = { learning_review: mode } as Body<"setReview">;
      return shownFields(await memory.curation.setReview(body));
    },
  },
];
