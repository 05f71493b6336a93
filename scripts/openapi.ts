/**
 * `npm run openapi`: writes what is made of the route table: `docs/openapi.json` and the client's
 * types.
 *
 * @module
 */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import packageJson from "../package.json" with { type: "json" };
import { documentText, typesText } from "./openapi-files.ts";

const ROOT = join(import.meta.dirname, "..");
writeFileSync(join(ROOT, "docs/openapi.json"), documentText(packageJson.version));
writeFileSync(join(ROOT, "client/schema.ts"), typesText(packageJson.version));
console.log("Written: docs/openapi.json, client/schema.ts");
