import { itRuns } from "./runbook.ts";

itRuns("appendix");
