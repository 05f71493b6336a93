/**
 * What the deployment sets, on a server of one's own: in goes an environment, out come the variables
 * of the Worker. A secret may be in a file, named by its variable with `_FILE` behind it, as Docker
 * and systemd hand over secrets. Nothing else of the environment reaches the Worker.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import { SETTING_NAMES } from "../../src/contract/settings.ts";

/** As in `src/env.ts`. */
const VARIABLES = [
  "TURSO_DATABASE_URL",
  "TURSO_AUTH_TOKEN",
  "ADMIN_TOKEN",
  "ADMIN_TOKENS",
  "BACKUP_KEY",
  "INSTANCE_COUNT",
  "MIGRATIONS",
  "METRICS_OPEN",
  "SENTRY_DSN",
  "CORS_ORIGINS",
  "REDACTION_PATTERNS",
  "EMBEDDING_MODEL",
  "EMBEDDINGS_URL",
  "EMBEDDINGS_KEY",
  "OAUTH_ORIGIN",
  ...SETTING_NAMES.map((name) => name.toUpperCase()),
];

/** @throws when a file that is named cannot be read, or a variable is given in both ways */
export function variablesOf(env: Readonly<NodeJS.ProcessEnv>): Record<string, string> {
  const variables: Record<string, string> = {};
  for (const name of VARIABLES) {
    const [value, file] = [env[name], env[`${name}_FILE`]];
    if (value && file) throw new Error(`${name} and ${name}_FILE are both set; set one of them`);
    if (value) variables[name] = value;
    else if (file) variables[name] = readFileSync(file, "utf8").trim();
  }
  return variables;
}
