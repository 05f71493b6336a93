/**
 * Every command that `setup` runs, as data: a dry run prints them, and a run runs these and no
 * others.
 *
 * @module
 */

import type { Deployment, Resource } from "./config.ts";
import type { CommandLine } from "./programs.ts";

/** Places that R2 knows, of those that Durable Objects know. */
const BUCKET_LOCATIONS: ReadonlySet<string> = new Set([
  "wnam",
  "enam",
  "weur",
  "eeur",
  "apac",
  "oc",
]);

/** Who is logged in; fails when nobody is. */
export const WHO: CommandLine = ["wrangler", "whoami", "--json"];

/** Words that name the environment. */
function environmentOf({ environment }: Deployment): string[] {
  return environment === null ? [] : ["--env", environment];
}

/** Words that name a bucket's jurisdiction. */
export function jurisdictionOf({ jurisdiction }: Resource): string[] {
  return jurisdiction === null ? [] : ["--jurisdiction", jurisdiction];
}

/** Fails when the bucket is not there. */
export function bucketInfo(bucket: Resource): CommandLine {
  const where = jurisdictionOf(bucket);
  return ["wrangler", "r2", "bucket", "info", bucket.name ?? "", "--json", ...where];
}

/** @param location near which it is made; null: where the platform likes */
export function bucketCreate(bucket: Resource, location: string | null): CommandLine {
  const near = location !== null && BUCKET_LOCATIONS.has(location) ? ["--location", location] : [];
  const where = jurisdictionOf(bucket);
  return ["wrangler", "r2", "bucket", "create", bucket.name ?? "", ...near, ...where];
}

/** Prints the account's KV namespaces as JSON. */
export const KV_LIST: CommandLine = ["wrangler", "kv", "namespace", "list"];

/** The title that a KV namespace has in the account. */
export function kvTitle({ name }: Deployment, binding: string): string {
  return `${name}-${binding}`;
}

export function kvCreate(deployment: Deployment, binding: string): CommandLine {
  return ["wrangler", "kv", "namespace", "create", kvTitle(deployment, binding)];
}

/** Prints the names of the Worker's secrets as JSON; fails while there is no such Worker. */
export function secretList(deployment: Deployment): CommandLine {
  return ["wrangler", "secret", "list", "--format", "json", ...environmentOf(deployment)];
}

/** Takes secrets as JSON by its standard input; makes the Worker when there is none. */
export function secretBulk(deployment: Deployment): CommandLine {
  return ["wrangler", "secret", "bulk", ...environmentOf(deployment)];
}

export function deploy(deployment: Deployment): CommandLine {
  return ["wrangler", "deploy", ...environmentOf(deployment)];
}

/** Prints the database's address; fails when it is not there. */
export function tursoShow(database: string): CommandLine {
  return ["turso", "db", "show", database, "--url"];
}

export function tursoCreate(database: string): CommandLine {
  return ["turso", "db", "create", database];
}

/** Prints a token for it. */
export function tursoToken(database: string): CommandLine {
  return ["turso", "db", "tokens", "create", database];
}
