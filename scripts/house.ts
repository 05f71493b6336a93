/**
 * `npm run house`: prints how the source is built, in figures; with a directory, that of another
 * checkout. What must hold of them is in `test/house.test.ts`, and in the lint rules on functions,
 * parameters, files and import circles.
 *
 * @module
 */

import { join } from "node:path";
import { figuresOf } from "./house/figures.ts";

const root = process.argv[2] ?? join(import.meta.dirname, "..");
for (const { what, value, where } of figuresOf(root, "src", "src/durable"))
  console.log(`${String(value).padStart(8)}  ${what}${where ? ` (${where})` : ""}`);
