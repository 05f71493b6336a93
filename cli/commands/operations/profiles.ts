/**
 * `memory-cli profile …`: where services are and which keys they take, in a file of this machine.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import type { App } from "../../app.ts";
import { CliError } from "../../exit.ts";
import { profilePath, readProfiles, writeProfiles, type Profile } from "../../profile.ts";
import { option, type CommandSpec, type Values } from "../../spec.ts";
import type { Io } from "../../terminal/io.ts";
import { table, type Shown } from "../../terminal/output.ts";
import { askSecret, readPipe } from "../../terminal/prompt.ts";
import { columns, shownFields, shownText } from "../../terminal/shown.ts";

const NAME = [["<name>", "the profile"]] as const;

/** A secret from where it may come from: a pipe, a file, or a prompt. */
async function secretOf(io: Io, { stdin, keyFile }: Values, what: string): Promise<string> {
  const secret =
    stdin === true
      ? (await readPipe(io)).trim()
      : typeof keyFile === "string"
        ? readFileSync(keyFile, "utf8").trim()
        : await askSecret(
            io,
            `${what}: `,
            `There is no terminal to ask for the ${what}: pipe it with --stdin, or name its file with --key-file.`,
          );
  if (!/^\S{1,500}$/.test(secret)) throw new CliError(`The ${what} is empty or has spaces in it.`);
  return secret;
}

async function addProfile(app: App, name: string, values: Values): Promise<Shown> {
  const { url, namespace } = app.options;
  const path = profilePath(app.io.env);
  const file = readProfiles(path);
  const before = file.profiles[name];
  const address = url ?? before?.url;
  if (address === undefined) throw new CliError("Say where the service is: --url URL");
  const profile: Profile = {
    ...before,
    url: address,
    ...(namespace === undefined ? {} : { namespace }),
  };
  if (values["key"] !== false) {
    const admin = values["admin"] === true;
    const secret = await secretOf(app.io, values, admin ? "ADMIN_TOKEN" : "key");
    if (admin) profile.admin_token = secret;
    else profile.key = secret;
  }
  const profiles = { ...file.profiles, [name]: profile };
  writeProfiles(path, { current: file.current ?? name, profiles });
  return shownText({ name, url: address, file: path }, `profile ${name} is in ${path}`);
}

const has = (secret: string | undefined): string => (secret === undefined ? "no" : "yes");

export const PROFILES: readonly CommandSpec[] = [
  {
    name: "profile add",
    summary: "save where a service is, and a key for it",
    args: NAME,
    options: [
      option("--admin", "the secret is the ADMIN_TOKEN, and is kept beside the key"),
      option("--stdin", "the secret comes by a pipe"),
      option("--key-file <file>", "the secret is in a file", { conflicts: "stdin" }),
      option("--no-key", "without a secret"),
    ],
    examples: [
      "memory-cli profile add production --url https://memory.example.com -n my-agent",
      "pass memory/admin | memory-cli profile add production --admin --stdin",
    ],
    notes: "The file is for its owner only (0600). A key is never taken from the command line.",
    run: (app, [name = ""], values) => addProfile(app, name, values),
  },
  {
    name: "profile list",
    summary: "list profiles",
    examples: ["memory-cli profile list"],
    async run(app) {
      const { current, profiles } = readProfiles(profilePath(app.io.env));
      const rows = Object.entries(profiles).map(([name, { url, namespace, key, admin_token }]) => ({
        current: name === current ? "*" : "",
        name,
        url,
        namespace: namespace ?? null,
        key: has(key),
        admin_token: has(admin_token),
      }));
      return {
        data: { profiles: rows },
        text: (colors, width) =>
          table(
            rows,
            columns("current", "name", "url", "namespace", "key", "admin_token"),
            colors,
            width,
          ),
      };
    },
  },
  {
    name: "profile use",
    summary: "use a profile from now on",
    args: NAME,
    examples: ["memory-cli profile use production"],
    async run(app, [name = ""]) {
      const path = profilePath(app.io.env);
      const file = readProfiles(path);
      if (!file.profiles[name])
        throw new CliError(
          `There is no profile "${name}". There are: ${Object.keys(file.profiles).join(", ") || "none yet"}`,
        );
      writeProfiles(path, { ...file, current: name });
      return shownText({ current: name }, `profile ${name} is used from now on`);
    },
  },
  {
    name: "profile show",
    summary: "what is used now, and where it is from",
    examples: ["memory-cli profile show", "memory-cli profile show --profile production"],
    async run(app) {
      const { name, source, url, namespace, key, admin_token } = app.target;
      return shownFields({
        name,
        source,
        url,
        namespace: namespace ?? null,
        key: has(key),
        admin_token: has(admin_token),
      });
    },
  },
  {
    name: "profile remove",
    summary: "forget a profile",
    args: NAME,
    options: [option("-y, --yes", "do not ask")],
    examples: ["memory-cli profile remove staging --yes"],
    async run(app, [name = ""], { yes }) {
      const path = profilePath(app.io.env);
      const file = readProfiles(path);
      const { [name]: gone, ...profiles } = file.profiles;
      if (!gone) throw new CliError(`There is no profile "${name}".`);
      await app.confirm(`Forget the profile ${name} and its keys?`, yes === true);
      const current = file.current === name ? null : file.current;
      writeProfiles(path, { current, profiles });
      return shownText({ removed: name }, `profile ${name} is forgotten`);
    },
  },
];
