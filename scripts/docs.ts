/**
 * `npm run docs`: writes docs/metrics.md and docs/logs.md from the lists in the code, the table of
 * scopes in docs/access.md from the routes, the bounds in docs/security.md, and the tables of alerts
 * in docs/runbooks/README.md from their rules. A test sees that they agree.
 *
 * @module
 */

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { accessTable } from "./docs/access.ts";
import { limitsTable } from "./docs/limits.ts";
import { logsPage, metricsPage } from "./docs/pages.ts";
import { alertTable, cardTable, insert } from "./runbooks/card.ts";
import { appendixTable } from "./runbooks/recorded/appendix.ts";
import { readRecord } from "./runbooks/recorded/printed.ts";
import { rowTable } from "./runbooks/rows.ts";
import { runnable } from "./runbooks/walk.ts";

const root = join(import.meta.dirname, "..");
const docs = join(root, "docs");
writeFileSync(join(docs, "metrics.md"), metricsPage());
writeFileSync(join(docs, "logs.md"), logsPage());
const access = join(docs, "access.md");
writeFileSync(access, insert(readFileSync(access, "utf8"), "routes", accessTable()));

const security = join(docs, "security.md");
writeFileSync(security, insert(readFileSync(security, "utf8"), "limits", `\n${limitsTable()}\n`));

const rules = ["alerts.yml", "monitoring.yml"]
  .map((file) => readFileSync(join(docs, "../ops/prometheus", file), "utf8"))
  .join("\n");
const runbooks = join(docs, "runbooks/README.md");
const card = insert(readFileSync(runbooks, "utf8"), "card", cardTable());
const alerts = insert(card, "alerts", alertTable(rules));
const record = readRecord(root);
const rows = insert(alerts, "rows", rowTable(runnable(), record));
writeFileSync(runbooks, insert(rows, "appendix", appendixTable(runnable(), record)));
