/**
 * What is wanted of `setup`: what the command line says, checked, before anything is done.
 *
 * @module
 */

import {
  JURISDICTIONS,
  LOCATIONS,
  oneOf,
  type Jurisdiction,
  type Location,
} from "../../src/contract/cluster/placement.ts";
import { CliError } from "../exit.ts";
import type { Values } from "../spec.ts";
import { deploymentOf, type Deployment } from "./config.ts";
import { configOf, type Config } from "./program-path.ts";
import { rulesFor, USUAL_RETENTION, type Rule } from "./protection.ts";

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const BINDING = /^[A-Z][A-Z0-9_]{0,63}$/;

export interface Wanted {
  config: Config;
  deployment: Deployment;
  /** The profile of this machine that the keys are saved in. */
  profile: string;
  /** The namespace that the first key is for. */
  namespace: string;
  /** Where the database is; null: it is asked for, unless the service has it. */
  databaseUrl: string | null;
  /** The database's name at Turso, whose own program is asked; null: it is not. */
  turso: string | null;
  /** Near which Durable Objects and buckets are made; null: where the platform likes. */
  location: Location | null;
  /** In which Durable Objects are kept; null: anywhere. */
  jurisdiction: Jurisdiction | null;
  /** Bindings of KV namespaces that are wanted beside what `wrangler.toml` has. */
  kv: readonly string[];
  /** Rules that keep backups in their bucket; none: they are not wanted. */
  rules: readonly Rule[];
  /** Where the service answers; null: where wrangler says that it deployed to. */
  url: string | null;
  isSmoked: boolean;
  /** How long the service may take to be ready, ms. */
  readyMs: number;
}

/**
 * Throws `CliError` that names the option and its bound.
 *
 * @param global options that every command has
 */
export function wantedOf(
  values: Values,
  global: { url?: string; namespace?: string; profile?: string },
): Wanted {
  const text = (name: string): string | null => (values[name] as string | undefined) ?? null;
  const environment = text("env");
  const config = configOf(text("config") ?? undefined);
  const deployment = deploymentOf(config.path, environment);
  const profile = global.profile ?? environment ?? "production";
  if (!NAME.test(profile))
    throw new CliError("--profile must be 1 to 64 letters, digits, dots, dashes or underscores.");
  const [databaseUrl, turso] = [text("databaseUrl"), text("turso")];
  if (databaseUrl !== null && !isDatabaseUrl(databaseUrl))
    throw new CliError(
      "--database-url must be an http(s):// or libsql:// address, without a password in it.",
    );
  if (turso !== null && !/^[a-z0-9][a-z0-9-]{0,63}$/.test(turso))
    throw new CliError("--turso must be 1 to 64 lower-case letters, digits or dashes.");
  const kv = (values["kv"] as string[] | undefined) ?? [];
  for (const binding of kv)
    if (!BINDING.test(binding))
      throw new CliError("--kv must be 1 to 64 capitals, digits or underscores: OAUTH_KV.");
  return {
    config,
    deployment,
    profile,
    namespace: global.namespace ?? "default",
    databaseUrl,
    turso,
    location: oneOf(LOCATIONS, text("location") ?? ""),
    jurisdiction: oneOf(JURISDICTIONS, text("jurisdiction") ?? ""),
    kv: [...new Set(kv)],
    rules: values["protect"] === true ? usualRules() : [],
    url: global.url ?? null,
    isSmoked: values["smoke"] !== false,
    readyMs: values["readyWithin"] as number,
  };
}

/** An address that the service takes for its database, without a password in it. */
export function isDatabaseUrl(text: string): boolean {
  return /^(?:https?|libsql):\/\/[^\s@]+$/.test(text);
}

/** Days that `--protect` and `backup protect` lock for, and after which the platform deletes. */
export const LOCK_DAYS = 7;
export const EXPIRE_DAYS = 400;

function usualRules(): Rule[] {
  return rulesFor(LOCK_DAYS, EXPIRE_DAYS, USUAL_RETENTION);
}
