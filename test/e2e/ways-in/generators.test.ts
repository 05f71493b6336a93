/** The document, in the hands of programs that make clients of it. */

import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import openapi from "../../../docs/openapi.json" with { type: "json" };
import { hasPython, python } from "../../support/processes/python.ts";
import { Sqld } from "../../support/processes/sqld.ts";
import { Service } from "../../support/service/service.ts";

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, "../../..");
const DOCUMENT = join(ROOT, "docs/openapi.json");
const GENERATORS = join(ROOT, "test/generators/node_modules");

let folder: string;
let database: Sqld;
let service: Service;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "memory-generated-"));
  database = await Sqld.start();
  service = await Service.start(database.url);
});
afterAll(async () => {
  await service.remove();
  await database.remove();
  rmSync(folder, { recursive: true, force: true });
});

/** What the compiler says of a program in a folder; nothing when it is right. */
async function compiled(place: string, program: string): Promise<string> {
  const compilerOptions = {
    strict: true,
    noEmit: true,
    target: "es2022",
    module: "esnext",
    moduleResolution: "bundler",
    lib: ["es2022", "dom", "dom.iterable"],
    types: [],
  };
  writeFileSync(join(place, "program.ts"), program);
  const config = { compilerOptions, files: ["program.ts"] };
  writeFileSync(join(place, "tsconfig.json"), JSON.stringify(config));
  const tsc = join(ROOT, "node_modules/.bin/tsc");
  const { stdout } = await run(tsc, ["-p", place]).catch(
    (error: unknown) => error as { stdout: string },
  );
  return stdout;
}

it("the document names each shape once, so that no generator makes up names", () => {
  const inline: string[] = [];
  const walk = (value: unknown, path: string, isRoot: boolean): void => {
    if (typeof value !== "object" || value === null) return;
    const { type, properties } = value as { type?: unknown; properties?: object };
    if (!isRoot && type === "object" && Object.keys(properties ?? {}).length > 0) inline.push(path);
    for (const [key, one] of Object.entries(value))
      if (!/^examples?$/.test(key)) walk(one, `${path}/${key}`, false);
  };
  const { schemas } = openapi.components;
  for (const [name, schema] of Object.entries(schemas)) walk(schema, name, true);
  walk(openapi.paths, "", false);
  expect(inline).toEqual([]);
  const spelled = Object.keys(schemas).map((name) => name.toLowerCase());
  expect(new Set(spelled).size).toBe(spelled.length);
});

it("openapi-typescript makes types of it, in which what has a default may be left out", async () => {
  const place = join(folder, "openapi-typescript");
  mkdirSync(place);
  const cli = join(GENERATORS, "openapi-typescript/bin/cli.js");
  await run(process.execPath, [cli, DOCUMENT, "-o", join(place, "api.d.ts")]);
  const program = `import type { components, operations } from "./api.d.ts";
    type Body = operations["startEpisode"]["requestBody"]["content"]["application/json"];
    export const body: Body = { task: "t" };
    // @ts-expect-error a task is text
    export const wrong: Body = { task: 1 };
    export const kind: components["schemas"]["LessonKind"] = "do";
    export const lines: operations["importEpisodes"]["requestBody"]["content"]["application/x-ndjson"] = "{}";`;
  expect(await compiled(place, program)).toBe("");
});

it("openapi-ts of Hey API makes a client of it, which works", async () => {
  const place = join(folder, "hey");
  const cli = join(GENERATORS, "@hey-api/openapi-ts/bin/run.js");
  await run(process.execPath, [cli, "-i", DOCUMENT, "-o", join(place, "api"), "--silent"], {
    cwd: folder,
  });
  const program = `import { completeEpisode, exportEpisodes, getEpisode, importEpisodes, logSteps, startEpisode } from "./api";
    import { createClient } from "./api/client";
    export async function use(baseUrl: string, auth: string) {
      const client = createClient({ baseUrl, auth, throwOnError: true });
      const { data: { id } } = await startEpisode({ client, throwOnError: true, body: { task: "dig" } });
      const step = { tool: "spade", result: { type: "success", output: "a hole" } } as const;
      await logSteps({ client, path: { id }, body: { steps: [step] } });
      await completeEpisode({ client, path: { id }, body: { outcome: { type: "success" } } });
      const { data } = await getEpisode({ client, throwOnError: true, path: { id } });
      const exported = await exportEpisodes({ client, throwOnError: true, parseAs: "text" });
      const imported = await importEpisodes({ client, throwOnError: true, parseAs: "text",
        body: exported.data, bodySerializer: null });
      const refused = await getEpisode({ client, throwOnError: false, path: { id: "none" } });
      const code: string | undefined = refused.error?.code;
      return { tools: data.steps.map(({ tool }) => tool), outcome: data.outcome?.type, code,
        imported: imported.data };
    }`;
  expect(await compiled(place, program)).toBe("");

  const outfile = join(place, "program.mjs");
  const entryPoints = [join(place, "program.ts")];
  await build({ entryPoints, outfile, bundle: true, format: "esm", platform: "node" });
  const { use } = (await import(/* @vite-ignore */ outfile)) as {
    use: (url: string, key: string) => Promise<Record<string, unknown>>;
  };
  expect(await use(service.url, await service.key("hey"))).toEqual({
    tools: ["spade"],
    outcome: "success",
    code: "not_found",
    imported: expect.stringContaining('"status":"duplicate"'),
  });
});

describe.runIf(hasPython())("openapi-python-client", () => {
  it("makes a client of it, of which all is there, and which works", async () => {
    const place = join(folder, "python");
    const config = join(folder, "openapi-python-client.yaml");
    // It knows neither the media type of lines nor that of protobuf.
    const overrides = {
      "application/x-ndjson": "application/octet-stream",
      "application/x-protobuf": "application/octet-stream",
    };
    writeFileSync(config, JSON.stringify({ content_type_overrides: overrides, post_hooks: [] }));
    const args = ["generate", "--meta", "none", "--config", config, "--path", DOCUMENT];
    const made = await python("openapi-python-client", [...args, "--output-path", place]);
    expect(made).toEqual({ exit: 0, out: expect.not.stringMatching(/warning|duplicate/i) });

    const program = `import importlib, pkgutil, sys
import python
names = [m.name for m in pkgutil.walk_packages(python.__path__, "python.") if importlib.import_module(m.name)]
from python import AuthenticatedClient
from python.api.episodes import complete_episode, get_episode, start_episode
from python.api.import_and_export import export_episodes, import_episodes
from python.models import CompleteEpisodeBody, StartEpisodeBody
from python.models import CompleteEpisodeBodyOutcomeSuccess as Success
client = AuthenticatedClient(base_url=sys.argv[1], token=sys.argv[2])
started = start_episode.sync(client=client, body=StartEpisodeBody(task="dig"))
done = complete_episode.sync(started.id, client=client, body=CompleteEpisodeBody(outcome=Success(type_="success")))
read = get_episode.sync(started.id, client=client)
print(len(names) > 300, read.task, read.outcome.type_)
`;
    writeFileSync(join(folder, "use.py"), program);
    const key = await service.key("generated");
    const used = await python("python", ["use.py", service.url, key], { cwd: folder });
    expect(used).toEqual({ exit: 0, out: "True dig success\n" });
  });
});
