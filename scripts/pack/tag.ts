/**
 * `node scripts/pack/tag.ts vX.Y.Z`: ends with 1 unless that is the version of every manifest, and
 * the changelog says what is in it.
 *
 * @module
 */

import { join } from "node:path";
import { versionsOf } from "./versions.ts";

const [tag = ""] = process.argv.slice(2);
const wrong = Object.entries(versionsOf(join(import.meta.dirname, "../.."))).filter(
  ([, version]) => `v${version}` !== tag,
);
for (const [file, version] of wrong)
  console.error(`${file} says ${version || "nothing"}, the tag is ${tag}`);
process.exitCode = wrong.length > 0 ? 1 : 0;
