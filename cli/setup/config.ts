/**
 * What `wrangler.toml` says a deployment needs: a name, bindings, secrets. It reads the part of TOML
 * that this file is written in (tables, lists of tables, texts on one line) and leaves everything
 * else to wrangler, which reads the file anyway.
 *
 * @module
 */

import { existsSync, readFileSync } from "node:fs";
import { CliError } from "../exit.ts";

/** Longer than any configuration, bytes. */
const CONFIG_BYTES = 1_000_000;

/** What platform and service call a binding's kind. */
export type ResourceKind =
  | "Durable Object"
  | "Workflow"
  | "R2 bucket"
  | "KV namespace"
  | "Analytics Engine dataset"
  | "Workers AI"
  | "version metadata"
  | "assets"
  | "variable"
  | "secret";

/** Something that a deployment has or needs. */
export interface Resource {
  kind: ResourceKind;
  /** As the Worker knows it: `BACKUPS`. */
  binding: string;
  /** As the account knows it: a bucket's name, a class, a namespace's id; null: it has none. */
  name: string | null;
  /** Of a bucket: where it must stay; null: anywhere. */
  jurisdiction: string | null;
}

export interface Deployment {
  /** null: what stands at the top. */
  environment: string | null;
  /** Of the Worker. */
  name: string;
  resources: readonly Resource[];
}

/** A table of the file: its path, and the texts in it. */
interface Table {
  path: string;
  values: Readonly<Record<string, string>>;
}

const KINDS: Readonly<Record<string, { kind: ResourceKind; name: string }>> = {
  "durable_objects.bindings": { kind: "Durable Object", name: "class_name" },
  workflows: { kind: "Workflow", name: "name" },
  r2_buckets: { kind: "R2 bucket", name: "bucket_name" },
  kv_namespaces: { kind: "KV namespace", name: "id" },
  analytics_engine_datasets: { kind: "Analytics Engine dataset", name: "dataset" },
  ai: { kind: "Workers AI", name: "" },
  version_metadata: { kind: "version metadata", name: "" },
  assets: { kind: "assets", name: "directory" },
};

/** Tables that wrangler takes from the top where an environment has none of its own. */
const INHERITED: ReadonlySet<string> = new Set(["assets"]);

/**
 * The deployment of one environment. Throws `CliError` when the file is not there, or has no such
 * environment.
 *
 * @param environment null: what stands at the top
 */
export function deploymentOf(file: string, environment: string | null): Deployment {
  return readDeployment(readConfig(file), environment);
}

/** The file's text. Throws `CliError`. */
function readConfig(file: string): string {
  if (!existsSync(file))
    throw new CliError(
      `There is no ${file}: run this in a checkout of memory-service, or name it with --config.`,
    );
  const text = readFileSync(file, "utf8");
  if (text.length > CONFIG_BYTES)
    throw new CliError(`${file} has more than ${CONFIG_BYTES} characters.`);
  return text;
}

function readDeployment(text: string, environment: string | null): Deployment {
  const tables = tablesOf(text);
  const prefix = environment === null ? "" : `env.${environment}.`;
  const top = valuesAt(tables, "");
  const own = environment === null ? top : valuesAt(tables, `env.${environment}`);
  if (!own) {
    const known = tables.flatMap(({ path }) => /^env\.([\w-]{1,64})$/.exec(path)?.[1] ?? []);
    throw new CliError(
      `wrangler.toml has no environment "${environment}". There are: ${known.join(", ") || "none"}.`,
    );
  }
  const base = top?.["name"] ?? "memory-service";
  const name = own["name"] ?? `${base}-${environment}`;

  const found = tables.flatMap(({ path, values }): Resource[] => {
    const isOwn = path.startsWith(prefix) && (environment !== null || !path.startsWith("env."));
    const table = isOwn ? path.slice(prefix.length) : path;
    if (!isOwn && !INHERITED.has(path)) return [];
    return resourcesOf(table, values);
  });
  return { environment, name, resources: found };
}

function resourcesOf(table: string, values: Table["values"]): Resource[] {
  if (table === "vars") return Object.keys(values).map((binding) => resource("variable", binding));
  if (table === "secrets") {
    const names = (values["required"] ?? "").match(/\w+/g) ?? [];
    return names.map((binding) => resource("secret", binding));
  }
  const known = KINDS[table];
  if (!known) return [];
  const binding = table === "durable_objects.bindings" ? values["name"] : values["binding"];
  if (binding === undefined) return [];
  const jurisdiction = values["jurisdiction"] ?? null;
  return [{ ...resource(known.kind, binding), name: values[known.name] ?? null, jurisdiction }];
}

function resource(kind: ResourceKind, binding: string): Resource {
  return { kind, binding, name: null, jurisdiction: null };
}

function valuesAt(tables: readonly Table[], path: string): Table["values"] | undefined {
  return tables.find((table) => table.path === path)?.values;
}

/** The tables in their order; what stands before the first has the path "". */
function tablesOf(text: string): Table[] {
  let values: Record<string, string> = {};
  const tables: Table[] = [{ path: "", values }];
  for (const raw of text.split("\n")) {
    const line = raw.trim();
    if (line.startsWith("[")) {
      const path = line.slice(0, line.indexOf("]")).replaceAll("[", "").trim();
      values = {};
      tables.push({ path, values });
      continue;
    }
    const at = line.indexOf("=");
    if (at < 1 || line.startsWith("#")) continue;
    values[line.slice(0, at).trim()] = textOf(line.slice(at + 1).trim());
  }
  return tables;
}

/** A value without its quotes, or as it stands. */
function textOf(value: string): string {
  const quote = value[0];
  if (quote !== '"' && quote !== "'") return value;
  const end = value.indexOf(quote, 1);
  return end < 0 ? value : value.slice(1, end);
}
