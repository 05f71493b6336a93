/**
 * `npm run pack`: the package that users install: the client, compiled with its types and without a
 * dependency, and the CLI and its hooks in a file each. The Worker is not in it: it is deployed from
 * a checkout.
 *
 * @module
 */

import { execFileSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { build, type BuildOptions } from "esbuild";
import packageJson from "../package.json" with { type: "json" };
import { bomOf } from "./packages/bom.ts";
import { lockedPackages } from "./packages/lock.ts";

const ROOT = join(import.meta.dirname, "..");
const DIST = join(ROOT, "dist");
const [destination = ROOT] = process.argv.slice(2);

rmSync(DIST, { recursive: true, force: true });
execFileSync(join(ROOT, "node_modules/.bin/tsc"), ["-p", "tsconfig.package.json"], {
  cwd: ROOT,
  stdio: "inherit",
});
const bundled = {
  absWorkingDir: ROOT,
  bundle: true,
  platform: "node",
  target: "node22",
  minifySyntax: true,
} as const satisfies BuildOptions;
const { metafile } = await build({
  ...bundled,
  entryPoints: [join(ROOT, "cli/main.ts")],
  outdir: join(DIST, "cli"),
  format: "esm",
  metafile: true,
  // What is written for CommonJS asks for Node's own modules by require.
  banner: {
    js: 'import { createRequire } from "node:module";\nconst require = createRequire(import.meta.url);',
  },
});
// An agent waits for its hooks: they load nothing else, and CommonJS in half the time of modules.
await build({
  ...bundled,
  entryPoints: [join(ROOT, "cli/hook.ts")],
  outfile: join(DIST, "cli/hook.cjs"),
  format: "cjs",
  minifyWhitespace: true,
  define: { "import.meta.dirname": "__dirname", "import.meta.url": "__filename" },
});

/** Packages that are in the CLI's file. */
const bundledNames = new Set(
  Object.keys(metafile.inputs).flatMap(
    (path) => /^(?:.*\/)?node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? [],
  ),
);

/** The licences of what the CLI's file holds, as those ask for. */
function licences(): string {
  return [...bundledNames]
    .sort()
    .map((name) => {
      const folder = join(ROOT, "node_modules", name);
      const { version, license } = JSON.parse(
        readFileSync(join(folder, "package.json"), "utf8"),
      ) as Record<string, string>;
      const file = readdirSync(folder).find((one) => /^licen[cs]e/i.test(one));
      const text =
        file === undefined ? "" : `\n${readFileSync(join(folder, file), "utf8").trim()}\n`;
      return `${name} ${version} (${license})\n${text}`;
    })
    .join("\n---\n\n");
}

const { name, version, description, license } = packageJson;
const manifest = {
  name,
  version,
  description,
  license,
  type: "module",
  engines: { node: ">=22.18" },
  bin: { "memory-cli": "cli/bin.cjs" },
  exports: {
    "./client": { types: "./client/index.d.ts", default: "./client/index.js" },
    "./openapi.json": "./openapi.json",
    "./package.json": "./package.json",
  },
  sideEffects: false,
};
writeFileSync(join(DIST, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
writeFileSync(join(DIST, "THIRD-PARTY-LICENSES.txt"), licences());
// A package is there once at the top, where the bundler finds it.
const held = lockedPackages().filter(
  ({ name: one, path }) => bundledNames.has(one) && path === `node_modules/${one}`,
);
writeFileSync(join(DIST, "sbom.cdx.json"), bomOf(packageJson, held));
for (const [from, to] of [
  ["cli/bin.cjs", "cli/bin.cjs"],
  ["cli/bin.js", "cli/bin.js"],
  ["docs/openapi.json", "openapi.json"],
  ["docs/client.md", "README.md"],
  ["LICENSE", "LICENSE"],
] as const) {
  if (existsSync(join(ROOT, from))) copyFileSync(join(ROOT, from), join(DIST, to));
}
mkdirSync(destination, { recursive: true });
execFileSync("npm", ["pack", DIST, "--pack-destination", destination, "--silent"], {
  cwd: ROOT,
  stdio: "inherit",
});
