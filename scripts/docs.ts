/**
 * `npm run docs`: writes docs/metrics.md and docs/logs.md from the lists in the code. A test sees
 * that they agree.
 *
 * @module
 */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { logsPage, metricsPage } from "./docs/pages.ts";

const docs = join(import.meta.dirname, "../docs");
writeFileSync(join(docs, "metrics.md"), metricsPage());
writeFileSync(join(docs, "logs.md"), logsPage());
