/**
 * `memory-cli episode …`
 *
 * @module
 */

import type { Body, StepToLog } from "../../../client/index.ts";
import { CliError } from "../../exit.ts";
import { pairs, repeated, whole, jsonOf } from "../../parse.ts";
import { option, type CommandSpec, type Values } from "../../spec.ts";
import { contextOf, contextOptions } from "../../task-context.ts";
import { EPISODE_LINES } from "./episode-lines.ts";
import { END_LESSONS, endLessonsOf } from "./lessons.ts";
import { completed, viewedEpisode } from "./episode-views.ts";
import { ARCHIVE_COMMANDS } from "./lists/archive.ts";
import { EPISODE_LISTS } from "./lists/episode-lists.ts";
import { OUTCOMES, TASK_TYPES } from "./lists/conditions.ts";
import { shownList, shownText } from "../../terminal/shown.ts";
import { readPipe } from "../../terminal/prompt.ts";
import { omitUndefined } from "../../../client/runs/omit-undefined.ts";
import { shownWords, wordsOptions, wordsQuery } from "./words.ts";

const ID = [["<id>", "the episode"]] as const;

function outcomeOf(values: Values): Body<"completeEpisode">["outcome"] {
  const {
    outcome: type,
    verdict,
    reason,
    details: more,
    artifact,
    completed: done,
    failed,
    signal,
  } = values;
  const fields: Record<string, Record<string, unknown>> = {
    success: { verdict, artifacts: artifact },
    partial_success: { verdict, completed: done, failed },
    failure: { reason, details: more },
    abstained: { reason, signals: signal },
  };
  return {
    type,
    ...omitUndefined(fields[String(type)] ?? {}),
  } as Body<"completeEpisode">["outcome"];
}

function resultOf(values: Values): StepToLog["result"] {
  const { output, error, timedOut } = values as {
    output?: string;
    error?: string;
    timedOut?: boolean;
  };
  if (error !== undefined) return { type: "error", message: error };
  if (timedOut) return { type: "timeout" };
  return output === undefined ? null : { type: "success", output };
}

export const EPISODES: readonly CommandSpec[] = [
  {
    name: "episode create",
    summary: "start an episode",
    options: [
      option("--task <text>", "what is to be done", { required: true }),
      option("--type <type>", "the kind of task", { choices: TASK_TYPES }),
      ...contextOptions,
      option("--tag <tag>", "a tag; again for more", { parse: repeated }),
      option("--metadata <name=value>", "a note; again for more", { parse: pairs }),
      option("--wait", "until it is in the database"),
    ],
    examples: [
      'memory-cli episode create --task "test recovery"',
      'memory-cli episode create --task "Fix the flaky test" --type debugging --domain ci --language typescript --tag urgent',
      "ID=$(memory-cli episode create --task t --format json | jq -r .id)",
    ],
    async run(app, _args, values) {
      const { task, type, tag, metadata, wait } = values;
      const body = omitUndefined({
        task,
        task_type: type,
        context: contextOf(values),
        tags: tag,
        metadata,
      });
      const made = await (
        await app.memory()
      ).episodes.start(body as Body<"startEpisode">, { waitStored: wait === true });
      return shownText(
        made,
        `${made.id}  ${made.status}, ${made.durability}, namespace ${made.namespace}`,
      );
    },
  },
  ...EPISODE_LISTS,
  {
    name: "episode view",
    summary: "view an episode with its steps",
    args: ID,
    examples: ["memory-cli episode view 0197a1b2-c3d4-7e5f-8a6b-7c8d9e0f1a2b"],
    run: async (app, [id = ""]) => viewedEpisode(await (await app.memory()).episodes.get(id)),
  },
  {
    name: "episode amend",
    summary: "amend an episode",
    args: ID,
    options: [
      option("--task <text>", "another task"),
      option("--type <type>", "another kind", { choices: TASK_TYPES }),
      ...contextOptions,
      option("--tag <tag>", "these tags in place of the old; again for more", { parse: repeated }),
      option("--metadata <name=value>", "these notes in place of the old; again for more", {
        parse: pairs,
      }),
      option("--if-version <version>", "only if it has not changed since", { parse: whole(1) }),
    ],
    examples: [
      "memory-cli episode amend ID --domain billing --tag vip",
      "memory-cli episode amend ID --task 'Refund' --if-version 3",
    ],
    async run(app, [id = ""], values) {
      const { task, type, tag, metadata, ifVersion } = values;
      const context = contextOf(values);
      const body = omitUndefined({
        task,
        task_type: type,
        tags: tag,
        metadata,
        context: Object.keys(context).length > 0 ? context : undefined,
      });
      if (Object.keys(body).length === 0)
        throw new CliError("Say what is to be amended: --task, --type, --domain, --tag, …");
      const options = typeof ifVersion === "number" ? { ifMatch: ifVersion } : {};
      return viewedEpisode(
        await (await app.memory()).episodes.amend(id, body as Body<"amendEpisode">, options),
      );
    },
  },
  {
    name: "episode log-step",
    summary: "log a step",
    args: ID,
    options: [
      option("--tool <name>", "the tool that was called"),
      option("--action <text>", "what it was to do"),
      option("--parameters <json>", "what it was given"),
      option("--output <text>", "it succeeded, with this"),
      option("--error <text>", "it failed, with this", { conflicts: "output" }),
      option("--timed-out", "it did not answer in time", { conflicts: "output" }),
      option("--latency-ms <ms>", "how long it took", { parse: whole(0) }),
      option("--tokens <count>", "what it cost", { parse: whole(0) }),
      option("--number <n>", "its number; the next one by default", { parse: whole(1, 1_000) }),
      option("--stdin", "one step or a list of them as JSON from a pipe"),
    ],
    examples: [
      `memory-cli episode log-step ID --tool search --parameters '{"q":"flight"}' --output "3 found" --latency-ms 120`,
      'memory-cli episode log-step ID --tool book --error "no seat left"',
      "jq '.steps' run.json | memory-cli episode log-step ID --stdin",
    ],
    async run(app, [id = ""], values) {
      const { tool, action, parameters, latencyMs, tokens, number, stdin } = values;
      let body: unknown;
      if (stdin === true) {
        const read = jsonOf(await readPipe(app.io), "What comes in");
        body = Array.isArray(read) ? { steps: read } : read;
      } else {
        if (tool === undefined)
          throw new CliError("Name the tool: --tool NAME, or give steps as JSON: --stdin");
        const parsed =
          typeof parameters === "string" ? jsonOf(parameters, "--parameters") : undefined;
        body = omitUndefined({
          number,
          tool,
          action,
          parameters: parsed,
          result: resultOf(values),
          latency_ms: latencyMs,
          tokens,
        });
      }
      const logged = await (await app.memory()).episodes.log(id, body as Body<"logSteps">);
      const { accepted, duplicates, last_number } = logged;
      return shownText(
        logged,
        `${accepted} logged${duplicates > 0 ? `, ${duplicates} there already` : ""}; last step ${last_number}`,
      );
    },
  },
  {
    name: "episode complete",
    summary: "complete an episode",
    args: ID,
    options: [
      option("--outcome <outcome>", "how it went", { choices: OUTCOMES, default: "success" }),
      option("--verdict <text>", "of a success, whole or in part"),
      option("--artifact <what>", "what came of it; again for more", { parse: repeated }),
      option("--completed <what>", "of a partial success; again for more", { parse: repeated }),
      option("--failed <what>", "of a partial success; again for more", { parse: repeated }),
      option("--reason <text>", "of a failure, or why it abstained"),
      option("--details <text>", "of a failure"),
      option("--signal <what>", "why it abstained; again for more", { parse: repeated }),
      option("--recall-id <id>", "the recall that it used"),
      END_LESSONS,
    ],
    examples: [
      'memory-cli episode complete ID --verdict "rebooked"',
      'memory-cli episode complete ID --outcome failure --reason "The fare cannot be changed"',
      "memory-cli episode complete ID --outcome partial_success --completed flight --failed seat",
    ],
    async run(app, [id = ""], values) {
      const { recallId } = values;
      const body = {
        outcome: outcomeOf(values),
        ...omitUndefined({ recall_id: recallId, lessons: endLessonsOf(values) }),
      } as Body<"completeEpisode">;
      return completed(await (await app.memory()).episodes.complete(id, body));
    },
  },
  {
    name: "episode fail",
    summary: "close an episode that its agent left",
    args: ID,
    options: [
      option("--reason <text>", "why", { required: true }),
      option("--details <text>", "more of it"),
    ],
    examples: ['memory-cli episode fail ID --reason "The agent crashed"'],
    async run(app, [id = ""], { reason, details: more }) {
      const body = omitUndefined({ reason, details: more }) as Body<"failEpisode">;
      return completed(await (await app.memory()).episodes.fail(id, body));
    },
  },
  {
    name: "episode delete",
    summary: "delete an episode everywhere",
    args: ID,
    options: [option("-y, --yes", "do not ask")],
    examples: ["memory-cli episode delete ID --yes"],
    async run(app, [id = ""], { yes }) {
      await app.confirm(`Delete the episode ${id} everywhere?`, yes === true);
      await (await app.memory()).episodes.delete(id);
      return shownText({ id, deleted: true }, `${id} is deleted`);
    },
  },
  ...ARCHIVE_COMMANDS,
  {
    name: "episode search",
    summary: "full-text search over episodes and patterns",
    args: [["<query...>", "words"]],
    options: [
      option("--archived <which>", "archived episodes: only those, or any; none by default", {
        choices: ["only", "any"],
      }),
      option("--limit <count>", "at most so many", { parse: whole(1, 200), default: 10 }),
      option("--cursor <cursor>", "go on from there"),
    ],
    examples: [
      "memory-cli episode search cancel flight",
      "memory-cli episode search 'seat locked' --limit 3 --format json",
    ],
    async run(app, words, { archived, limit, cursor }) {
      const asked = { q: words.join(" "), archived, limit, cursor };
      const query = omitUndefined(asked) as { q: string };
      return shownList(await (await app.memory()).search(query), "results", [
        ["SCORE", (row) => Number(row["score"]).toFixed(3)],
        ["KIND", (row) => row["kind"]],
        ["ID", (row) => row["id"]],
        ["OUTCOME", (row) => row["outcome"]],
        ["MATCHED", (row) => (row["matched_terms"] as string[]).join(" ")],
        ["TASK", (row) => row["task"]],
      ]);
    },
  },
  {
    name: "episode checkpoint",
    summary: "save a checkpoint mid-task",
    args: ID,
    options: [
      option("--reason <text>", "why", { required: true }),
      option("--note <text>", "for whoever goes on"),
      option("--state <json>", "what it needs"),
    ],
    examples: [`memory-cli episode checkpoint ID --reason "shift ends" --state '{"left":2}'`],
    async run(app, [id = ""], { reason, note, state }) {
      const parsed = typeof state === "string" ? jsonOf(state, "--state") : undefined;
      const body = omitUndefined({ reason, note, state: parsed }) as Body<"checkpointEpisode">;
      const made = await (await app.memory()).episodes.checkpoint(id, body);
      return shownText(made, `checkpoint ${made.id} after step ${made.step_number}`);
    },
  },
  {
    name: "episode handoff",
    summary: "what another agent needs to go on",
    args: ID,
    options: [
      option("--checkpoint <id>", "from this checkpoint; the last one by default"),
      ...wordsOptions,
    ],
    examples: ["memory-cli episode handoff ID --format json > pack.json"],
    async run(app, [id = ""], values) {
      const query = omitUndefined({ checkpoint_id: values["checkpoint"] } as Values);
      return shownWords(app, {
        data: (memory) => memory.episodes.handoff(id, query),
        words: (memory) => memory.text.handoff(id, { ...query, ...wordsQuery(values) }),
      });
    },
  },
  ...EPISODE_LINES,
];
