/**
 * `key …`, `profile …`
 *
 * @module
 */

import { readFileSync } from "node:fs";
import type { Body } from "../../../client/index.ts";
import { columns, listed, told, viewed, type App } from "../../app.ts";
import { CliError } from "../../exit.ts";
import { cell, table, type Shown } from "../../terminal/output.ts";
import { repeated, time } from "../../parse.ts";
import { profilePath, readProfiles, writeProfiles, type Profile } from "../../profile.ts";
import { askSecret, confirm, readStdin } from "../../terminal/prompt.ts";
import { option, type CommandSpec, type Values } from "../../spec.ts";

const NAME = [["<name>", "the profile"]] as const;

/** A secret from where it may come from: a pipe, a file, or a prompt. */
async function secretOf({ stdin, keyFile }: Values, what: string): Promise<string> {
  const secret =
    stdin === true
      ? (await readStdin()).trim()
      : typeof keyFile === "string"
        ? readFileSync(keyFile, "utf8").trim()
        : await askSecret(
            `${what}: `,
            `There is no terminal to ask for the ${what}: pipe it with --stdin, or name its file with --key-file.`,
          );
  if (!/^\S{1,500}$/.test(secret)) throw new CliError(`The ${what} is empty or has spaces in it.`);
  return secret;
}

async function addProfile(app: App, name: string, values: Values): Promise<Shown> {
  const { url, namespace } = app.options;
  const file = readProfiles();
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
    const secret = await secretOf(values, admin ? "ADMIN_TOKEN" : "key");
    if (admin) profile.admin_token = secret;
    else profile.key = secret;
  }
  writeProfiles({ current: file.current ?? name, profiles: { ...file.profiles, [name]: profile } });
  return told(
    { name, url: address, file: profilePath() },
    `profile ${name} is in ${profilePath()}`,
  );
}

const has = (secret: string | undefined): string => (secret === undefined ? "no" : "yes");

export const ACCESS: readonly CommandSpec[] = [
  {
    name: "key create",
    summary: "make a key; it is shown once",
    options: [
      option("--name <name>", "whose it is", { required: true }),
      option("--scope <scope>", "what it may; again for more (default: read and write)", {
        choices: ["read", "write", "admin"],
        parse: repeated,
      }),
      option(
        "--allow <namespace>",
        "where it may, * for everywhere; again for more (default: that of -n)",
        {
          parse: repeated,
        },
      ),
      option("--expires-in <time>", '"90d"; never when not given', { parse: time }),
    ],
    examples: [
      "memory-cli key create --name agent -n my-agent",
      "memory-cli key create --name ci --scope read --allow staging --expires-in 90d",
      "memory-cli key create --name agent -n a --format json | jq -r .key",
    ],
    async run(app, _args, { name, scope, allow, expiresIn }) {
      const own = app.target.namespace;
      const namespaces = (allow as string[] | undefined) ?? (own === undefined ? undefined : [own]);
      if (namespaces === undefined)
        throw new CliError("Say where it may be used: --allow NAMESPACE, or -n NAMESPACE");
      const body = {
        name,
        scopes: scope ?? ["read", "write"],
        namespaces,
        ...(typeof expiresIn === "number"
          ? { expires_at: new Date(Date.now() + expiresIn).toISOString() }
          : {}),
      } as Body<"createKey">;
      const made = await (await app.admin()).call("createKey", { body });
      return told(
        made,
        (colors) =>
          `${colors.bold(made.key)}\n${colors.dim(`id ${made.id}, ${made.scopes.join("+")} in ${made.namespaces.join(", ")}. It is not shown again.`)}`,
      );
    },
  },
  {
    name: "key list",
    summary: "list keys, without their secrets",
    examples: ["memory-cli key list"],
    run: async (app) =>
      listed(await (await app.admin()).call("listKeys"), "keys", [
        ["ID", (row) => row["id"]],
        ["NAME", (row) => row["name"]],
        ["SCOPES", (row) => (row["scopes"] as string[]).join(" ")],
        ["NAMESPACES", (row) => (row["namespaces"] as string[]).join(" ")],
        ["CREATED", (row) => String(row["created_at"]).slice(0, 10)],
        [
          "EXPIRES",
          (row) => (row["expires_at"] === null ? "never" : cell(row["expires_at"]).slice(0, 10)),
        ],
        [
          "REVOKED",
          (row) => (row["revoked_at"] === null ? "" : cell(row["revoked_at"]).slice(0, 10)),
        ],
      ]),
  },
  {
    name: "key revoke",
    summary: "revoke a key; every instance knows when this ends",
    args: [["<id>", "its id, not the key"]],
    options: [option("-y, --yes", "do not ask")],
    examples: ["memory-cli key revoke ID --yes"],
    async run(app, [id = ""], { yes }) {
      await confirm(`Revoke the key ${id}?`, yes === true);
      return viewed(await (await app.admin()).call("revokeKey", { params: { id } }));
    },
  },
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
    async run() {
      const { current, profiles } = readProfiles();
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
    async run(_app, [name = ""]) {
      const file = readProfiles();
      if (!file.profiles[name])
        throw new CliError(
          `There is no profile "${name}". Known: ${Object.keys(file.profiles).join(", ") || "none yet"}`,
        );
      writeProfiles({ ...file, current: name });
      return told({ current: name }, `profile ${name} is used from now on`);
    },
  },
  {
    name: "profile show",
    summary: "what is used now, and where it is from",
    examples: ["memory-cli profile show", "memory-cli profile show --profile production"],
    async run(app) {
      const { name, source, url, namespace, key, admin_token } = app.target;
      return viewed({
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
    async run(_app, [name = ""], { yes }) {
      const file = readProfiles();
      const { [name]: gone, ...profiles } = file.profiles;
      if (!gone) throw new CliError(`There is no profile "${name}".`);
      await confirm(`Forget the profile ${name} and its keys?`, yes === true);
      writeProfiles({ current: file.current === name ? null : file.current, profiles });
      return told({ removed: name }, `profile ${name} is forgotten`);
    },
  },
];
