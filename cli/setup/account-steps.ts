/**
 * The steps of `setup` in the account: who is logged in, buckets, KV namespaces, the lock on the
 * backups.
 *
 * @module
 */

import { appendFileSync } from "node:fs";
import type { Finding } from "../commands/checks/checklist.ts";
import { CliError, EXIT } from "../exit.ts";
import { deploymentOf, type Deployment, type Resource } from "./config.ts";
import {
  bucketCreate,
  bucketInfo,
  jurisdictionOf,
  KV_LIST,
  kvCreate,
  kvTitle,
  WHO,
} from "./lines.ts";
import { failed } from "./programs.ts";
import { protect, protectCommands } from "./protection.ts";
import { runs, type SetupContext, type Step } from "./step.ts";

export function accountStep({ programs }: SetupContext): Step {
  return {
    name: "account",
    actions: [runs(WHO)],
    async run() {
      if ((await programs.run(WHO)).code !== 0)
        throw new CliError(
          "Nobody is logged in at Cloudflare. Run: npx wrangler login (or set CLOUDFLARE_API_TOKEN)",
          EXIT.auth,
        );
      return "logged in";
    },
  };
}

/** The buckets that the deployment has. */
export function bucketsOf({ resources }: Deployment): Resource[] {
  return resources.filter(({ kind }) => kind === "R2 bucket");
}

export function bucketSteps(context: SetupContext): Step[] {
  const { programs, wanted } = context;
  return bucketsOf(context.wanted.deployment).map((bucket): Step => {
    const [info, create] = [bucketInfo(bucket), bucketCreate(bucket, wanted.location)];
    return {
      name: `bucket ${bucket.binding}`,
      actions: [runs(info), runs(create, { when: "it is not there" })],
      async run() {
        const looked = await programs.run(info);
        if (looked.code === 0) return `${bucket.name} is there`;
        if (!isMissing(looked.stderr + looked.stdout)) throw failed(info, looked);
        await programs.must(create);
        return `${bucket.name} is made`;
      },
    };
  });
}

/** Whether the platform says that there is no such bucket, and not that it cannot be asked. */
function isMissing(said: string): boolean {
  return said.includes("code: 10006") || said.includes("bucket does not exist");
}

export function kvSteps(context: SetupContext): Step[] {
  return context.wanted.kv.map((binding): Step => ({
    name: `KV ${binding}`,
    actions: [
      { does: `look for the binding ${binding} in ${context.wanted.config.path}` },
      runs(KV_LIST, { when: "it is not there" }),
      runs(kvCreate(context.wanted.deployment, binding), {
        when: "no namespace has its title",
      }),
      { does: `add it to ${context.wanted.config.path}`, when: "it is not there" },
    ],
    run: () => addKv(context, binding),
  }));
}

async function addKv({ programs, wanted }: SetupContext, binding: string): Promise<Finding> {
  const { deployment } = wanted;
  const config = wanted.config.path;
  const now = deploymentOf(config, deployment.environment);
  const isBound = now.resources.some(
    (resource) => resource.kind === "KV namespace" && resource.binding === binding,
  );
  if (isBound) return `${binding} is bound in ${config}`;
  const title = kvTitle(deployment, binding);
  const found = await kvId(programs, title);
  if (found === null) await programs.must(kvCreate(deployment, binding));
  const id = found ?? (await kvId(programs, title));
  if (id === null) throw new CliError(`The namespace ${title} was made and is not listed.`);
  const table = deployment.environment === null ? "" : `env.${deployment.environment}.`;
  appendFileSync(config, `\n[[${table}kv_namespaces]]\nbinding = "${binding}"\nid = "${id}"\n`);
  return `${title} is bound as ${binding} in ${config}: commit it`;
}

/** The id of the namespace with a title; null: there is none. */
async function kvId(programs: SetupContext["programs"], title: string): Promise<string | null> {
  const { stdout } = await programs.must(KV_LIST);
  const list = jsonList(stdout) as { id?: unknown; title?: unknown }[];
  const id = list.find((one) => one.title === title)?.id;
  // It goes into a file that is read again: nothing but what ids are made of.
  return typeof id === "string" && /^[0-9a-f]{32}$/.test(id) ? id : null;
}

/** A list that a program prints as JSON, after what else it prints. Throws `CliError`. */
export function jsonList(text: string): unknown[] {
  try {
    const value: unknown = JSON.parse(text.slice(Math.max(0, text.indexOf("["))));
    if (Array.isArray(value)) return value;
  } catch {
    // Said below, with what it is about.
  }
  throw new CliError("wrangler printed no list: is it another version? npx wrangler --version");
}

export function protectSteps(context: SetupContext): Step[] {
  const { programs, wanted } = context;
  if (wanted.rules.length === 0) return [];
  return bucketsOf(context.wanted.deployment).map((bucket): Step => {
    const [name, where] = [bucket.name ?? "", jurisdictionOf(bucket)];
    return {
      name: `protect ${bucket.binding}`,
      actions: protectCommands(name, wanted.rules, where).map((line) => runs(line)),
      async run() {
        const done = await protect(programs, name, wanted.rules, where);
        const made = done.filter(({ became }) => became !== "there").length;
        return `${done.length} rules, ${made} of them new`;
      },
    };
  });
}
