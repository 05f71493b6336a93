/**
 * The licences of what the package's files hold of others, as those ask for.
 *
 * @module
 */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export interface Manifest {
  version: string;
  license?: string;
  dependencies?: Record<string, string>;
}

/** Packages with what they need, by their names. @param modules the folder that they are in */
export function withDependencies(modules: string, names: Iterable<string>): Map<string, Manifest> {
  const packages = new Map<string, Manifest>();
  const wanted = [...names];
  for (let name = wanted.pop(); name !== undefined; name = wanted.pop()) {
    const file = join(modules, name, "package.json");
    if (packages.has(name) || !existsSync(file)) continue;
    const manifest = JSON.parse(readFileSync(file, "utf8")) as Manifest;
    packages.set(name, manifest);
    wanted.push(...Object.keys(manifest.dependencies ?? {}));
  }
  return packages;
}

/** Name, version, licence and its text, of each. @param modules the folder that they are in */
export function licences(modules: string, packages: ReadonlyMap<string, Manifest>): string {
  return [...packages]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, { version, license }]) => {
      const folder = join(modules, name);
      const file = readdirSync(folder).find((one) => /^licen[cs]e/i.test(one));
      const text =
        file === undefined ? "" : `\n${readFileSync(join(folder, file), "utf8").trim()}\n`;
      return `${name} ${version} (${license ?? "see its page"})\n${text}`;
    })
    .join("\n---\n\n");
}
