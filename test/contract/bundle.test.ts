import { join } from "node:path";
import { build } from "esbuild";
import { beforeAll, describe, expect, it } from "vitest";
import { DOCS } from "../../scripts/openapi/docs.ts";

const ROOT = join(import.meta.dirname, "../..");

/** Descriptions shorter than this may stand in code for other reasons. */
const DESCRIPTION_MIN = 60;

let worker: string;
/** Files whose code runs before the first request is answered. */
let loadedAtStart: string[];

beforeAll(async () => {
  // What is imported when it is first needed becomes a file of its own.
  const { outputFiles, metafile } = await build({
    entryPoints: [join(ROOT, "src/worker.ts")],
    absWorkingDir: ROOT,
    bundle: true,
    splitting: true,
    format: "esm",
    target: "es2024",
    conditions: ["workerd", "worker", "browser"],
    external: ["cloudflare:*", "node:*"],
    outdir: "bundle",
    write: false,
    metafile: true,
    logLevel: "silent",
  });
  worker = outputFiles.map(({ text }) => text).join("\n");
  const outputs = Object.values(metafile.outputs);
  const waiting = outputs.filter(({ entryPoint }) => entryPoint === "src/worker.ts");
  const loaded = new Set(waiting);
  for (let output = waiting.pop(); output; output = waiting.pop()) {
    for (const { path, kind } of output.imports) {
      const imported = metafile.outputs[path];
      if (kind !== "import-statement" || !imported || loaded.has(imported)) continue;
      loaded.add(imported);
      waiting.push(imported);
    }
  }
  loadedAtStart = [...loaded].flatMap(({ inputs }) =>
    Object.entries(inputs).flatMap(([file, { bytesInOutput }]) =>
      bytesInOutput > 0 ? [file] : [],
    ),
  );
});

describe("the Worker", () => {
  it("evaluates the requests of the contract when it starts, and nothing of its answers", () => {
    const contract = loadedAtStart.filter((file) => file.startsWith("src/contract/"));
    expect(contract).toContain("src/contract/recall/requests.ts");
    const answers = contract.filter((file) =>
      /(answers|answer-fields|record|views)\.ts$/.test(file),
    );
    expect(answers, "import types only from these: import type { … }").toEqual([]);
  });

  it("holds no documentation of routes", () => {
    const descriptions = Object.values(DOCS).flatMap(({ description = "" }) =>
      description.length >= DESCRIPTION_MIN ? [description] : [],
    );
    expect(descriptions.length).toBeGreaterThan(20);
    const held = descriptions.filter((text) => worker.includes(text.slice(0, DESCRIPTION_MIN)));
    expect(held, "a RouteDoc must be a plain literal: see src/contract/route.ts").toEqual([]);
  });
});
