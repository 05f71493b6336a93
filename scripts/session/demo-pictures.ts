/**
 * `npm run session`, its pictures: docs/demo-light.svg and docs/demo-dark.svg, of what docs/trying.md
 * says that the demo prints. A test sees that they agree.
 *
 * @module
 */

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { demoText, THEMES, pictureOf } from "./recorded.ts";

const docs = join(import.meta.dirname, "../../docs");
const text = demoText(readFileSync(join(docs, "trying.md"), "utf8"));
for (const name of Object.keys(THEMES) as (keyof typeof THEMES)[])
  writeFileSync(join(docs, `demo-${name}.svg`), pictureOf(text, name));
