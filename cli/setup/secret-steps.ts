/**
 * The steps of `setup` about secrets: what the Worker has already stays as it is; what is missing is
 * asked for or made. What is made is noted in a file of its owner's before the Worker gets it. No
 * value is printed, and none is a word of a command line.
 *
 * @module
 */

import { randomBytes } from "node:crypto";
import { selectOne } from "../commands/checks/database.ts";
import type { Finding } from "../commands/checks/checklist.ts";
import { CliError } from "../exit.ts";
import { readProfiles, profilePath } from "../profile.ts";
import { askLine, askSecret } from "../terminal/prompt.ts";
import { jsonList } from "./account-steps.ts";
import { secretBulk, secretList, tursoCreate, tursoShow, tursoToken } from "./lines.ts";
import { failed, type CommandLine } from "./programs.ts";
import { isDatabaseUrl } from "./wanted.ts";
import { runs, type Action, type SetupContext, type Step } from "./step.ts";

const URL_NAME = "TURSO_DATABASE_URL";
const TOKEN_NAME = "TURSO_AUTH_TOKEN";
/** Bytes of what is drawn by lot; BACKUP_KEY has as many by its format. */
const SECRET_BYTES = 32;

/** What the Worker has. */
export function secretListStep(context: SetupContext): Step {
  const { programs, wanted, found } = context;
  const line = secretList(wanted.deployment);
  return {
    name: "secrets there",
    actions: [runs(line)],
    async run() {
      const ended = await programs.run(line);
      if (ended.code !== 0) {
        // Only then: what cannot be read might be there, and must not be made anew.
        const said = ended.stderr + ended.stdout;
        if (!said.includes(`"${wanted.deployment.name}"`) || !said.includes("not found"))
          throw failed(line, ended);
        return `there is no Worker ${wanted.deployment.name} yet`;
      }
      const names = (jsonList(ended.stdout) as { name?: unknown }[]).map(({ name }) =>
        String(name),
      );
      found.secrets = new Set(names);
      return names.length === 0 ? "none" : names.toSorted().join(", ");
    },
  };
}

/** The database's address and token. */
export function databaseStep(context: SetupContext): Step {
  const { turso } = context.wanted;
  const when = `the Worker has no ${URL_NAME}`;
  const actions: Action[] =
    turso === null
      ? [{ does: "ask for its address and token, and ask it for SELECT 1", when }]
      : [
          runs(tursoShow(turso), { when }),
          runs(tursoCreate(turso), { when: "it is not there" }),
          runs(tursoToken(turso), { when }),
          { does: "ask it for SELECT 1", when },
        ];
  return {
    name: "database",
    actions,
    async run(): Promise<Finding> {
      if (context.found.secrets.has(URL_NAME))
        return `the Worker has ${URL_NAME}; another one: npx wrangler secret put ${URL_NAME}`;
      const database =
        turso === null ? await askedDatabase(context) : await databaseAtTurso(context, turso);
      const answer = await selectOne(database);
      context.found.database = database;
      return answer;
    },
  };
}

async function askedDatabase({ app, wanted }: SetupContext): Promise<Record<string, string>> {
  const missing = "Say where the database is: --database-url URL, or --turso NAME.";
  const given = app.io.env[URL_NAME];
  const url =
    wanted.databaseUrl ??
    (given || (await askLine(app.io, "Address of the database (libsql://…)", "", missing)));
  if (!isDatabaseUrl(url))
    throw new CliError(
      "The database's address must be http(s):// or libsql://, without a password.",
    );
  const token = app.io.env[TOKEN_NAME] ?? (await askedToken({ app }));
  return { [URL_NAME]: url, ...(token === "" ? {} : { [TOKEN_NAME]: token }) };
}

/** The token; "" where the database needs none, or nobody can be asked. */
async function askedToken({ app }: Pick<SetupContext, "app">): Promise<string> {
  if (app.io.stdin.isTTY !== true) return "";
  return askSecret(app.io, `${TOKEN_NAME} (nothing when it needs none): `, "");
}

async function databaseAtTurso(
  { programs }: SetupContext,
  name: string,
): Promise<Record<string, string>> {
  const looked = await programs.run(tursoShow(name));
  if (looked.code !== 0) await programs.must(tursoCreate(name));
  const shown = looked.code === 0 ? looked : await programs.must(tursoShow(name));
  const url = lastLine(shown.stdout, tursoShow(name));
  const token = lastLine((await programs.must(tursoToken(name))).stdout, tursoToken(name));
  return { [URL_NAME]: url, [TOKEN_NAME]: token };
}

/** What a program printed last, which is what it was asked for. Throws `CliError`. */
function lastLine(text: string, [program, ...words]: CommandLine): string {
  const line = text.trim().split("\n").at(-1)?.trim() ?? "";
  if (line === "" || line.includes(" "))
    throw new CliError(`${program} ${words.slice(0, 2).join(" ")} printed no value.`);
  return line;
}

/** Gives the Worker what it has not. */
export function secretStep(context: SetupContext): Step {
  const { programs, wanted, found } = context;
  const { location, jurisdiction } = wanted;
  const stdin = [
    URL_NAME,
    TOKEN_NAME,
    "ADMIN_TOKEN",
    "BACKUP_KEY",
    ...(location === null ? [] : ["DATABASE_LOCATION"]),
    ...(jurisdiction === null ? [] : ["JURISDICTION"]),
  ];
  const line = secretBulk(wanted.deployment);
  return {
    name: "secrets",
    actions: [
      { does: `note what is made in ${context.notes.path}`, when: "it was not made before" },
      runs(line, { when: "the Worker has not all of them", stdin }),
    ],
    async run() {
      const all: Record<string, string> = {
        ...found.database,
        ...(location === null ? {} : { DATABASE_LOCATION: location }),
        ...(jurisdiction === null ? {} : { JURISDICTION: jurisdiction }),
        ...made(context),
      };
      const missing = Object.entries(all).filter(([name]) => !found.secrets.has(name));
      if (missing.length === 0) return "the Worker has them all";
      await programs.must(line, JSON.stringify(Object.fromEntries(missing)));
      found.secrets = new Set([...found.secrets, ...missing.map(([name]) => name)]);
      return `given: ${missing.map(([name]) => name).join(", ")}`;
    },
  };
}

/** What is drawn by lot, of those that the Worker has not: as given, as noted, or new and noted. */
function made({ app, notes, wanted, found }: SetupContext): Record<string, string> {
  const { env } = app.io;
  const noted = notes.read();
  const profile = readProfiles(profilePath(env)).profiles[wanted.profile];
  const secrets = {
    ADMIN_TOKEN:
      env["ADMIN_TOKEN"] || noted.ADMIN_TOKEN || profile?.admin_token || drawn("base64url"),
    BACKUP_KEY: env["BACKUP_KEY"] || noted.BACKUP_KEY || drawn("hex"),
  };
  const missing = Object.entries(secrets).filter(([name]) => !found.secrets.has(name));
  const taken = Object.fromEntries(missing);
  if (missing.length > 0) notes.add(taken);
  return taken;
}

function drawn(as: "hex" | "base64url"): string {
  return randomBytes(SECRET_BYTES).toString(as);
}
