/**
 * `npm run coding:make`: makes the coding sessions in `test/fixtures/coding` again. A seed decides
 * everything: what is committed is what comes out.
 *
 * @module
 */

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { codingFiles } from "./files.ts";

const FOLDER = join(import.meta.dirname, "../../../test/fixtures/coding");

for (const [name, text] of codingFiles()) {
  const path = join(FOLDER, name);
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, text);
}
