/**
 * `npm run openapi`: writes the files that are made of the contract.
 *
 * @module
 */

import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import packageJson from "../package.json" with { type: "json" };
import { generatedFiles } from "./openapi/files.ts";

const ROOT = join(import.meta.dirname, "..");
const files = generatedFiles(packageJson.version);
for (const [path, text] of Object.entries(files)) {
  mkdirSync(dirname(join(ROOT, path)), { recursive: true });
  writeFileSync(join(ROOT, path), text);
}
console.log(`Written: ${Object.keys(files).join(", ")}`);
