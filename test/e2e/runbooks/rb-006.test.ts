import { itRuns } from "../../support/runbook.ts";

itRuns("RB-006");
