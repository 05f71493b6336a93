/**
 * `npm run house`: prints how the source is built, in figures. What must hold of them is in
 * `test/house.test.ts`, and in the lint rules on functions, parameters, files and import circles.
 *
 * @module
 */

import { join } from "node:path";
import { figuresOf } from "./house/figures.ts";

for (const { what, value, where } of figuresOf(
  join(import.meta.dirname, ".."),
  "src",
  "src/durable",
))
  console.log(`${String(value).padStart(8)}  ${what}${where ? ` (${where})` : ""}`);
