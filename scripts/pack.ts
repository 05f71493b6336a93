/**
 * `npm run pack [-- FOLDER]`: what is published, put into a folder (`dist/published` by default).
 * The npm package: the client, compiled with its types and without a dependency, the CLI and its
 * hooks in a file each, and the service for one machine; beside it `server.json` for the MCP
 * registry, and the bundle (`.mcpb`) for desktop clients. A deployment is made from a checkout.
 *
 * @module
 */

import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build, type BuildOptions } from "esbuild";
import packageJson from "../package.json" with { type: "json" };
import { bomOf } from "./packages/bom.ts";
import { lockedPackages } from "./packages/lock.ts";
import { licences, withDependencies } from "./pack/licences.ts";
import { bundleManifest, npmManifest, serverJson } from "./pack/manifests.ts";
import { packServer, runtimeVersions } from "./pack/server.ts";
import { zip } from "./pack/zip.ts";

const ROOT = join(import.meta.dirname, "..");
/** The package as it lies in a folder of its own, so that what `wrangler` puts into dist is not in it. */
const DIST = join(ROOT, "dist/package");
const [destination = join(ROOT, "dist/published")] = process.argv.slice(2);

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
await build({
  ...bundled,
  entryPoints: [join(ROOT, "cli/service.ts")],
  outfile: join(DIST, "cli/service.cjs"),
  format: "cjs",
  banner: { js: "#!/usr/bin/env node" },
  define: { "import.meta.dirname": "__dirname" },
});

const inCli = Object.keys(metafile.inputs).flatMap(
  (path) => /^(?:.*\/)?node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? [],
);
const { name, version, description, license } = packageJson;
const about = { name, version, description, license };
// Which repository this is, only its platform knows.
const repository = process.env["GITHUB_REPOSITORY"] || null;
await packServer(ROOT, join(DIST, "server"));
const json = (value: object): string => `${JSON.stringify(value, null, 2)}\n`;
const manifest = npmManifest(about, repository, runtimeVersions(ROOT));
writeFileSync(join(DIST, "package.json"), json(manifest));
const held = withDependencies(join(ROOT, "node_modules"), [
  ...inCli,
  ...Object.keys(packageJson.dependencies),
]);
writeFileSync(join(DIST, "THIRD-PARTY-LICENSES.txt"), licences(join(ROOT, "node_modules"), held));
// A package is there once at the top, where the bundler finds it.
const listed = lockedPackages().filter(
  ({ name: one, path }) => held.has(one) && path === `node_modules/${one}`,
);
writeFileSync(join(DIST, "sbom.cdx.json"), bomOf(packageJson, listed));
for (const [from, to] of [
  ["cli/bin.cjs", "cli/bin.cjs"],
  ["cli/bin.js", "cli/bin.js"],
  ["docs/client.md", "README.md"],
  ["LICENSE", "LICENSE"],
] as const)
  copyFileSync(join(ROOT, from), join(DIST, to));
// Programs read it: half of it is white space.
const api = JSON.parse(readFileSync(join(ROOT, "docs/openapi.json"), "utf8")) as object;
writeFileSync(join(DIST, "openapi.json"), JSON.stringify(api));
chmodSync(join(DIST, "cli/service.cjs"), 0o755);

mkdirSync(destination, { recursive: true });
writeFileSync(join(destination, "server.json"), json(serverJson(about, repository)));
const inBundle = [
  "cli/bin.cjs",
  "cli/main.js",
  "cli/hook.cjs",
  "LICENSE",
  "THIRD-PARTY-LICENSES.txt",
];
const files = inBundle.map((path) => ({ name: path, bytes: readFileSync(join(DIST, path)) }));
// Its modules are read as such by what stands beside them.
const types = { name: "package.json", bytes: Buffer.from(json({ name, version, type: "module" })) };
const bundle = {
  name: "manifest.json",
  bytes: Buffer.from(json(bundleManifest(about, repository))),
};
writeFileSync(join(destination, `${name}-${version}.mcpb`), zip([bundle, types, ...files]));
const packed = execFileSync("npm", ["pack", DIST, "--pack-destination", destination, "--silent"], {
  cwd: ROOT,
  encoding: "utf8",
});
console.log(join(destination, packed.trim()));
