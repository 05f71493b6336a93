import { itRuns } from "./runbook.ts";

itRuns("RB-005");
