/**
 * `audit`, `config …`, `maintenance …`, `degraded …`, `breaker …`
 *
 * @module
 */

import type { Answer, Body, Query } from "../../../client/index.ts";
import { omitUndefined } from "../../../client/runs/omit-undefined.ts";
import { type App } from "../../app.ts";
import { CliError } from "../../exit.ts";
import { cell, table, type Column, type Row, type Shown } from "../../terminal/output.ts";
import { time, whole } from "../../parse.ts";
import { option, type CommandSpec } from "../../spec.ts";
import { fleetShown, lastsText } from "./storage.ts";
import { shownList, shownText, columns } from "../../terminal/shown.ts";

type Config = Answer<"getConfig">;

const settingColumns: readonly Column[] = [
  ["SETTING", (row) => row["name"]],
  ["VALUE", (row) => row["value"]],
  ["FROM", (row) => row["source"]],
  [
    "BOUNDS",
    (row) =>
      row["choices"]
        ? (row["choices"] as string[]).join(" | ")
        : row["min"] === undefined
          ? "true | false"
          : `${cell(row["min"])} … ${cell(row["max"])} ${cell(row["unit"])}`,
  ],
  ["MEANING", (row) => row["meaning"]],
];

function settingsShown(data: Config, names: readonly string[]): Shown {
  const rows = Object.entries(data.settings).map(([name, view]) => ({ name, ...(view as Row) }));
  const unknown = names.filter((name) => !rows.some((row) => row.name === name));
  if (unknown.length > 0)
    throw new CliError(
      `There is no setting ${unknown.join(", ")}. All of them: memory-cli config list`,
    );
  const wanted = names.length === 0 ? rows : rows.filter((row) => names.includes(row.name));
  return {
    data:
      names.length === 0
        ? data
        : Object.fromEntries(wanted.map(({ name, ...view }) => [name, view])),
    text: (colors, width) => table(wanted, settingColumns, colors, width),
  };
}

/** What the text of a value means: a number, true or false, or a word. */
function settingValue(text: string): number | boolean | string {
  if (text === "true" || text === "false") return text === "true";
  return text.trim() !== "" && !Number.isNaN(Number(text)) ? Number(text) : text;
}

async function configure(app: App, settings: Record<string, unknown>, by: unknown): Promise<Shown> {
  const headers = typeof by === "string" ? { "X-Actor": by } : {};
  const body = { settings } as Body<"setConfig">;
  const data = await (await app.admin()).call("setConfig", { body }, { headers });
  return settingsShown(data, Object.keys(settings));
}

type ModeBody = Body<"setMaintenance">;

/** Whole seconds, at least one. */
const seconds = (ms: number): number => Math.max(1, Math.round(ms / 1_000));

const by = option("--by <name>", "who does it, for the history");

function modeCommands(name: "maintenance" | "degraded", on: string, off: string): CommandSpec[] {
  const operation = name === "maintenance" ? "setMaintenance" : "setDegraded";
  const set = async (app: App, body: ModeBody, who: unknown): Promise<Shown> => {
    const headers = typeof who === "string" ? { "X-Actor": who } : {};
    const fleet = await (await app.admin()).call(operation, { body }, { headers });
    return fleetShown(fleet, `${name} is ${body.enabled ? "on" : "off"}`);
  };
  return [
    {
      name: `${name} on`,
      summary: on,
      options: [
        option("--message <text>", "what to tell those who ask"),
        option("--for <time>", "it ends by itself after this; at most 24h", { parse: time }),
        by,
      ],
      examples: [
        `memory-cli ${name} on --message "Scheduled maintenance"`,
        `memory-cli ${name} on --for 30m`,
      ],
      run: (app, _args, { message, for: lasts, by: who }) => {
        const ttl = typeof lasts === "number" ? { ttl_seconds: seconds(lasts) } : {};
        const said = typeof message === "string" ? { message } : {};
        return set(app, { enabled: true, ...said, ...ttl }, who);
      },
    },
    {
      name: `${name} off`,
      summary: off,
      options: [by],
      examples: [`memory-cli ${name} off`],
      run: (app, _args, { by: who }) => set(app, { enabled: false }, who),
    },
    {
      name: `${name} status`,
      summary: "whether it is on",
      examples: [`memory-cli ${name} status`],
      async run(app) {
        const mode = (await (await app.admin()).call("listInstances"))[name];
        return shownText(
          { enabled: mode !== null, ...mode },
          mode ? `on ${lastsText(mode)} by ${mode.by}: ${mode.message}` : "off",
        );
      },
    },
  ];
}

const breakerOptions = [
  option("--instance <n>", "only at this one", { parse: whole(0, 63) }),
  option("--reason <text>", "why, for the others"),
  by,
];

async function order(
  app: App,
  operation: "resetBreaker" | "openBreaker" | "disableBreaker",
  backend: string,
  values: Row,
): Promise<Shown> {
  const { instance, reason, ttl, by: who } = values;
  const body = {
    backend,
    ...(instance === undefined ? {} : { instance }),
    ...(reason === undefined ? {} : { reason }),
    ...(typeof ttl === "number" ? { ttl_seconds: seconds(ttl) } : {}),
  } as Body<"openBreaker">;
  const headers = typeof who === "string" ? { "X-Actor": who } : {};
  return fleetShown(await (await app.admin()).call(operation, { body }, { headers }));
}

const BACKEND = [["[backend]", "turso (default) or r2"]] as const;

export const CONTROL: readonly CommandSpec[] = [
  {
    name: "config list",
    summary: "every setting with its bounds and its meaning",
    examples: ["memory-cli config list", "memory-cli config list --format yaml"],
    run: async (app) => settingsShown(await (await app.admin()).call("getConfig"), []),
  },
  {
    name: "config get",
    summary: "one setting, or some",
    args: [["<name...>", "the settings"]],
    examples: [
      "memory-cli config get cache_max_size",
      "memory-cli config get log_level --format json",
    ],
    run: async (app, names) => settingsShown(await (await app.admin()).call("getConfig"), names),
  },
  {
    name: "config set",
    summary: "change a setting while the service runs",
    args: [
      ["<name>", "the setting"],
      ["<value>", "its value"],
    ],
    options: [by],
    examples: [
      "memory-cli config set cache_max_size 2000",
      "memory-cli config set log_level debug --by ana",
    ],
    notes: "Every instance has it when this ends.",
    run: (app, [name = "", value = ""], { by: who }) =>
      configure(app, { [name]: settingValue(value) }, who),
  },
  {
    name: "config unset",
    summary: "back to what the deployment says",
    args: [["<name...>", "the settings"]],
    options: [by],
    examples: ["memory-cli config unset cache_max_size"],
    run: (app, names, { by: who }) =>
      configure(app, Object.fromEntries(names.map((name) => [name, null])), who),
  },
  {
    name: "config history",
    summary: "who changed what, and when; without OAuth grants, which `audit` has",
    examples: ["memory-cli config history"],
    async run(app) {
      const { audit } = await (await app.admin()).call("getConfig");
      return shownList(audit, "audit", columns("at", "by", "what", "from", "to"));
    },
  },
  {
    name: "audit",
    summary: "all of the audit, by pages: settings, modes, keys, jobs, OAuth grants",
    options: [
      option("--what <what>", "only changes of this: api_key, oauth_grant, a setting's name"),
      option("--limit <count>", "at most so many", { parse: whole(1, 200), default: 50 }),
      option("--cursor <cursor>", "go on from there"),
    ],
    examples: ["memory-cli audit", "memory-cli audit --what oauth_grant --limit 200"],
    async run(app, _args, { what, limit, cursor }) {
      const query = omitUndefined({ what, limit, cursor }) as Query<"listAudit">;
      const page = await (await app.admin()).call("listAudit", { query });
      return shownList(page, "audit", columns("at", "by", "what", "from", "to"));
    },
  },
  ...modeCommands(
    "maintenance",
    "nothing new begins; what runs goes on (RB-002)",
    "let episodes begin again",
  ),
  ...modeCommands(
    "degraded",
    "spare the database: read from the instances, write into their outboxes (RB-004)",
    "use the database again",
  ),
  {
    name: "breaker status",
    summary: "the state of each circuit breaker",
    examples: ["memory-cli breaker status"],
    async run(app) {
      const { instances } = await (await app.admin()).call("listInstances");
      const own = instances.map((one): Row =>
        "error" in one
          ? (one as Row)
          : { instance: one.instance, backend: "turso", ...one.breakers.turso },
      );
      // R2 has one breaker, whichever instance it is read of.
      const r2 = instances.flatMap((one) => ("error" in one ? [] : [one.breakers.r2]))[0];
      const rows = r2 ? [...own, { instance: "coordinator", backend: "r2", ...r2 }] : own;
      return shownList(
        rows,
        "",
        columns("instance", "backend", "state", "calls", "failed", "slow", "until", "reason"),
      );
    },
  },
  {
    name: "breaker reset",
    summary: "close it (RB-004)",
    args: BACKEND,
    options: breakerOptions,
    examples: ["memory-cli breaker reset turso", "memory-cli breaker reset turso --instance 2"],
    run: (app, [backend = "turso"], values) => order(app, "resetBreaker", backend, values),
  },
  {
    name: "breaker open",
    summary: "force it open, for a drill",
    args: BACKEND,
    options: [
      ...breakerOptions,
      option("--ttl <time>", "it ends by itself after this", { parse: time }),
    ],
    examples: ["memory-cli breaker open turso --ttl 10m --reason drill"],
    run: (app, [backend = "turso"], values) => order(app, "openBreaker", backend, values),
  },
  {
    name: "breaker disable",
    summary: "let everything pass it",
    args: BACKEND,
    options: [
      ...breakerOptions,
      option("--ttl <time>", "it ends by itself after this", { parse: time }),
    ],
    examples: ["memory-cli breaker disable turso --ttl 10m"],
    run: (app, [backend = "turso"], values) => order(app, "disableBreaker", backend, values),
  },
];
