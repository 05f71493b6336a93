/**
 * `npm run dashboards`: writes ops/grafana/*.json, ready to import. A test sees that files and code
 * agree, and that every query uses metrics that exist.
 *
 * @module
 */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { DASHBOARDS } from "./dashboards/pages.ts";

for (const [name, dashboard] of Object.entries(DASHBOARDS)) {
  const file = join(import.meta.dirname, `../ops/grafana/${name}.json`);
  writeFileSync(file, `${JSON.stringify(dashboard, null, 2)}\n`);
}
