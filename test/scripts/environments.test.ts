import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, describe, expect, it } from "vitest";
import { deploymentOf, type Resource } from "../../cli/setup/config.ts";
import packageJson from "../../package.json" with { type: "json" };
import { fencedOf } from "../support/documents.ts";
import { Cli } from "../support/processes/cli.ts";

const ROOT = join(import.meta.dirname, "../..");
const CONFIG = join(ROOT, "wrangler.toml");
const ENVIRONMENTS = ["production", "staging"] as const;
const home = mkdtempSync(join(tmpdir(), "memory-environments-"));
const cli = new Cli({});
afterAll(() => {
  cli.remove();
  rmSync(home, { recursive: true, force: true });
});

const top = deploymentOf(CONFIG, null);
const nameless = (resources: readonly Resource[]): string[] =>
  resources.map(({ kind, binding }) => `${kind} ${binding}`).toSorted();

/** Tables of the configuration without their names, of the top or of an environment. */
function tables(environment: string | null): string[] {
  const prefix = environment === null ? "" : `env.${environment}.`;
  const found = readFileSync(CONFIG, "utf8").matchAll(
    /^\[{1,2}([\w.]+)\]{1,2}\n((?:[^[#\n].*\n)*)/gm,
  );
  return [...found].flatMap(([, path = "", body = ""]) => {
    const isOwn =
      environment === null
        ? !path.startsWith("env.")
        : path.startsWith(prefix) && path !== `env.${environment}`;
    const lines = body
      .trim()
      .split("\n")
      .filter((line) => !/^(?:bucket_)?name = .*memory/.test(line));
    return isOwn ? [`${path.slice(prefix.length)}: ${lines.join(", ")}`] : [];
  });
}

/** Tables that wrangler takes from the top. */
const INHERITED = /^(?:alias|observability|limits|migrations|triggers|assets)\b/;

/** What wrangler says of a deployment that it does not make. */
async function dryRun(words: readonly string[]): Promise<string> {
  const wrangler = join(ROOT, "node_modules/wrangler/bin/wrangler.js");
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [wrangler, "deploy", "--dry-run", ...words],
    { cwd: ROOT, env: { ...process.env, CI: "1", NO_COLOR: "1", WRANGLER_WRITE_LOGS: "false" } },
  );
  return stdout;
}

describe.each(ENVIRONMENTS)("the environment %s", (environment) => {
  it("has what the top has, names apart", () => {
    const own = deploymentOf(CONFIG, environment);
    expect(nameless(own.resources)).toEqual(nameless(top.resources));
    expect(tables(environment).toSorted()).toEqual(
      tables(null)
        .filter((table) => !INHERITED.test(table))
        .toSorted(),
    );
  });

  it("is what wrangler would deploy", async () => {
    const stdout = await dryRun(["--env", environment, "--outdir", join(home, environment)]);
    const { resources } = deploymentOf(CONFIG, environment);
    for (const { kind, binding, name } of resources.filter((one) => one.kind !== "secret")) {
      const isNamed = kind === "Durable Object" || kind === "Workflow" || kind === "R2 bucket";
      const shown = kind === "Workflow" ? "JobWorkflow" : name;
      expect(stdout).toContain(isNamed ? `env.${binding} (${shown})` : `env.${binding}`);
    }
    const bound = [...stdout.matchAll(/^env\.(\w+)/gm)].flatMap(([, binding]) => binding ?? []);
    expect(bound.toSorted()).toEqual(
      resources
        .filter(({ kind }) => kind !== "secret")
        .map(({ binding }) => binding)
        .toSorted(),
    );
  });
});

describe("the classes of Durable Objects", () => {
  const text = readFileSync(CONFIG, "utf8");
  const page = readFileSync(join(ROOT, "docs/deploying.md"), "utf8");
  const [exported] = fencedOf(page).filter(({ language }) => language === "toml");
  const migrations = /\[\[migrations\]\]\n(?:.+\n)+\n/g;

  it("may be declared as exports instead, as docs/deploying.md has it: the same classes", async () => {
    const made = [...text.matchAll(/new_sqlite_classes = \[(.*)\]/g)].flatMap(
      ([, names = ""]) => names.match(/\w+/g) ?? [],
    );
    const declared = [...(exported?.text ?? "").matchAll(/^\[exports\.(\w+)\]$/gm)];
    expect(declared.map(([, name]) => name)).toEqual(made);
    const changed = text
      .replaceAll(migrations, "")
      .replace("[[workflows]]", `${exported?.text}\n\n[[workflows]]`)
      .replaceAll("./", `${ROOT}/`)
      .replace('main = "', `main = "${ROOT}/`);
    expect(changed).not.toContain("migrations");
    const file = join(home, "exports.toml");
    writeFileSync(file, changed);
    for (const of of ["", "staging"]) {
      const stdout = await dryRun(["--config", file, "--env", of, "--outdir", join(home, "out")]);
      expect(stdout).toContain("env.MEMORY_INSTANCE (MemoryInstance)");
    }
  });

  it("are not declared in both ways: wrangler refuses", async () => {
    const file = join(home, "both.toml");
    const both = text.replace("[[workflows]]", `${exported?.text}\n\n[[workflows]]`);
    writeFileSync(file, both.replace('main = "', `main = "${ROOT}/`));
    await expect(dryRun(["--config", file, "--outdir", join(home, "out")])).rejects.toThrow(
      /exports.*migrations|migrations.*exports/is,
    );
  });
});

describe("names", () => {
  it("of production are those of the top, and of staging are its own", () => {
    const named = (environment: string | null): string[] => {
      const { name, resources } = deploymentOf(CONFIG, environment);
      const ofAccount = resources.filter(({ kind }) => kind === "R2 bucket" || kind === "Workflow");
      return [name, ...ofAccount.flatMap(({ name: own }) => own ?? [])];
    };
    expect(named("production")).toEqual(named(null));
    expect(named("staging").filter((name) => named(null).includes(name))).toEqual([]);
    expect(named("staging").every((name) => name.includes("staging"))).toBe(true);
  });
});

describe("everything that wrangler.toml needs", () => {
  const needed = top.resources.map(({ binding }) => binding);
  const example = readFileSync(join(ROOT, ".dev.vars.example"), "utf8");
  const asked = [...example.matchAll(/^(\w+)=/gm)].flatMap(([, name]) => name ?? []);

  it("is named by a dry run of setup", async () => {
    const { json } = await cli.ok("setup", "--dry-run", "--config", CONFIG);
    expect(json.resources.map(({ binding }: Resource) => binding)).toEqual(needed);
    const [given] = (json.steps as { step: string; actions: { stdin?: string[] }[] }[])
      .filter(({ step }) => step === "secrets")
      .flatMap(({ actions }) => actions.flatMap(({ stdin }) => (stdin ? [stdin] : [])));
    const secrets = top.resources.filter(({ kind }) => kind === "secret");
    expect(given).toEqual(expect.arrayContaining(secrets.map(({ binding }) => binding)));
    expect(given?.toSorted()).toEqual(asked.toSorted());
  });

  it("is described for the Deploy button, with the secrets that it asks for, and nothing else", () => {
    const described = packageJson.cloudflare.bindings;
    expect(Object.keys(described).toSorted()).toEqual(
      [...new Set([...needed, ...asked])].toSorted(),
    );
    for (const { description } of Object.values(described))
      expect(description).toMatch(/^.{20,}\.$/);
  });

  it("has no secret with a value in the example", () => {
    expect([...example.matchAll(/^\w+="(.*?)"/gm)].map(([, value]) => value)).toEqual(
      asked.map(() => ""),
    );
  });
});
