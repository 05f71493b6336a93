/**
 * `memory-cli hooks …` and `memory-cli hook`: sessions of agents are recorded by themselves.
 *
 * @module
 */

import { homedir } from "node:os";
import { join } from "node:path";
import type { App } from "../../app.ts";
import { CliError, EXIT } from "../../exit.ts";
import { BUDGET_NAME, budgetOf } from "../../hooks/budget.ts";
import { AGENTS, type Agent } from "../../hooks/event.ts";
import { hook } from "../../hooks/hook.ts";
import { pipedInput } from "../../hooks/input.ts";
import { INSTALLERS } from "../../hooks/install/index.ts";
import type { Place } from "../../hooks/install/installer.ts";
import { sendSpool } from "../../hooks/sending.ts";
import { Spool, spools } from "../../hooks/spool.ts";
import { option, type CommandSpec } from "../../spec.ts";
import type { Io } from "../../terminal/io.ts";
import { bytes as bytesWords, counted, safe, type Shown } from "../../terminal/output.ts";

/** How long a service that is away is waited for, ms. */
const PATIENCE_MS = 120_000;
const AGENT: readonly [string, string] = ["<agent>", AGENTS.join(", ")];

function agentOf(name: string | undefined): Agent {
  const agent = AGENTS.find((one) => one === name);
  if (agent === undefined) throw new CliError(`Agents with hooks are ${AGENTS.join(", ")}.`);
  return agent;
}

function placeOf(app: App): Place {
  const { env } = app.io;
  const bin = join(
    import.meta.dirname,
    import.meta.url.endsWith(".ts") ? "../../bin.cjs" : "bin.cjs",
  );
  const home = env["HOME"] || homedir();
  return { env, home, command: [process.execPath, bin], profile: app.options.profile ?? "" };
}

function install(app: App, name: string | undefined): Shown {
  const agent = agentOf(name);
  const place = placeOf(app);
  const notes = INSTALLERS[agent].install(place);
  const { file } = INSTALLERS[agent].status(place);
  const files = INSTALLERS[agent].files(place);
  const lines = files.map(({ path, what }) => `Installed: ${path} (${what})`);
  const out = `To take it out again: memory-cli hooks uninstall ${agent}`;
  return {
    data: { agent, file, files, notes },
    text: () => [...lines, ...notes, out].join("\n"),
  };
}

function uninstall(app: App, name: string | undefined): Shown {
  const agent = agentOf(name);
  const place = placeOf(app);
  INSTALLERS[agent].uninstall(place);
  const { file } = INSTALLERS[agent].status(place);
  const files = INSTALLERS[agent].files(place);
  const lines = files.map(({ path, what }) => `Taken out of ${path}: ${what}`);
  return { data: { agent, file, files }, text: () => lines.join("\n") };
}

function status(app: App): Shown {
  const place = placeOf(app);
  const agents = AGENTS.map((agent) => ({ agent, ...INSTALLERS[agent].status(place) }));
  const waiting = spools(app.io.env).map(({ spool, url, namespace }) => {
    const sessions = spool.sessions();
    const unsent = sessions.filter(({ bytes, sent }) => bytes > sent);
    return {
      url,
      namespace,
      sessions: sessions.length,
      unsent: unsent.length,
      unsent_bytes: unsent.reduce((sum, { bytes, sent }) => sum + bytes - sent, 0),
      refused: sessions.flatMap(({ refused }) => refused ?? []),
      dropped: spool.dropped(),
      asks: spool.asks(),
    };
  });
  return {
    data: { agents, spool: waiting },
    text: (colors) =>
      [
        ...agents.map(({ agent, file, present, missing }) => {
          const state = present.length === 0 ? "no hooks" : `${present.length} hooks in ${file}`;
          const gone = present.length > 0 && missing.length > 0;
          const lost = gone ? colors.yellow(`  missing: ${missing.join(", ")}`) : "";
          return `${agent.padEnd(12)} ${state}${lost}`;
        }),
        ...waiting.flatMap(({ url, namespace, sessions, unsent, ...more }) => [
          `to ${safe(url)} ${safe(namespace ?? "(the key's namespace)")}: ${counted(sessions, "session")}, ${unsent} not sent yet (${bytesWords(more.unsent_bytes)})`,
          ...more.refused.map((why) => colors.red(`  refused: ${safe(why)}`)),
          ...(more.dropped > 0
            ? [colors.red(`  no room for ${counted(more.dropped, "event")}`)]
            : []),
          ...lateLines(more.asks, app.io.env).map(colors.yellow),
        ]),
      ].join("\n"),
  };
}

/** That the memory is asked in vain, and what one does about it. */
function lateLines({ asked, late }: ReturnType<Spool["asks"]>, env: Io["env"]): string[] {
  if (late === 0) return [];
  const budget = `${budgetOf(env)} ms from the start of the hook's process`;
  return [
    `  too late: ${late} of the last ${counted(asked, "question")} to the memory, and nothing was said (${budget})`,
    `  for more time: ${BUDGET_NAME}=${2 * budgetOf(env)} where the agent runs`,
  ];
}

async function send(app: App): Promise<Shown> {
  const spool = Spool.of(app.target, app.io.env);
  const patienceMs = app.options.quiet === true ? PATIENCE_MS : 0;
  const report = await sendSpool(spool, await app.memory(), patienceMs);
  const { created, updated, duplicate, refused, error } = report;
  return {
    data: report,
    text: (colors) =>
      [
        `${created} new, ${updated} updated, ${duplicate} there already, ${refused.length} refused`,
        ...refused.map((why) => colors.red(`  ${safe(why)}`)),
        ...(error === null ? [] : [colors.red(`  not all was sent: ${safe(error)}`)]),
      ].join("\n"),
    exit: error !== null ? EXIT.unavailable : refused.length > 0 ? EXIT.failed : EXIT.ok,
  };
}

export const HOOKS: readonly CommandSpec[] = [
  {
    name: "hooks install",
    summary: "record the sessions of an agent by its hooks",
    args: [AGENT],
    examples: [
      "memory-cli hooks install claude-code",
      "memory-cli hooks install codex --profile work",
    ],
    notes: "Its settings keep what else is in them. A profile that is named is used by the hooks.",
    run: (app, [agent]) => Promise.resolve(install(app, agent)),
  },
  {
    name: "hooks status",
    summary: "which agents are recorded, and what waits to be sent",
    examples: ["memory-cli hooks status"],
    run: (app) => Promise.resolve(status(app)),
  },
  {
    name: "hooks uninstall",
    summary: "take the hooks out of an agent again",
    args: [AGENT],
    examples: ["memory-cli hooks uninstall claude-code"],
    run: (app, [agent]) => Promise.resolve(uninstall(app, agent)),
  },
  {
    name: "hooks send",
    summary: "send what hooks recorded and the service does not have",
    examples: ["memory-cli hooks send"],
    notes: "Hooks start it by themselves. With --quiet it waits for a service that is away.",
    run: (app) => send(app),
  },
  {
    name: "hook",
    summary: "what agents call: records the event that comes by a pipe",
    args: [["<event>", "the event's name"]],
    options: [option("--agent <agent>", "whose event it is", { choices: AGENTS, required: true })],
    examples: ["memory-cli hook PostToolUse --agent claude-code < event.json"],
    notes: "It never fails: it ends with 0, and prints nothing but what the agent is to hear.",
    async run(app, [event = ""], { agent }) {
      const { profile } = app.options;
      const named = profile === undefined ? [] : ["--profile", profile];
      const { io } = app;
      const words = await hook([event, "--agent", String(agent), ...named], io, () =>
        pipedInput(io.stdin),
      );
      if (words !== null) io.stdout.write(words);
      return EXIT.ok;
    },
  },
];
