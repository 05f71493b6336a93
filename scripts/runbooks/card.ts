/**
 * The card of the seven scenarios: which alert announces each, which page mends it, and in which
 * time. One list; the drills and the tables of docs/runbooks/README.md come from it, and that of all alerts
 * from their rules.
 *
 * @module
 */

export interface Scenario {
  name: string;
  title: string;
  priority: "P0" | "P1" | "P2";
  /** Mean time to recover that is aimed at, minutes. */
  target_min: number;
  alert: string;
  page: string;
  /** The heading in the page. */
  section: string;
  /** How the step begins that `memory-cli diagnose` names meanwhile; the section by default. */
  diagnosed?: string;
}

export const SCENARIOS: readonly Scenario[] = [
  {
    name: "service-down",
    title: "Service down",
    priority: "P0",
    target_min: 5,
    alert: "MemoryServiceDown",
    page: "RB-001",
    section: "Service down",
    diagnosed: "Step 4: Start Service",
  },
  {
    name: "high-error-rate",
    title: "High error rate",
    priority: "P1",
    target_min: 10,
    alert: "HighStorageErrorRate",
    page: "RB-004",
    section: "Alert HighStorageErrorRate",
  },
  {
    name: "storage-full",
    title: "Storage full",
    priority: "P1",
    target_min: 15,
    alert: "StorageFull",
    page: "RB-006",
    section: "Storage Full",
  },
  {
    name: "cache-degraded",
    title: "Cache degraded",
    priority: "P2",
    target_min: 30,
    alert: "LowCacheHitRate",
    page: "RB-004",
    section: "Alert LowCacheHitRate",
  },
  {
    name: "slow-queries",
    title: "Slow queries",
    priority: "P2",
    target_min: 30,
    alert: "SlowQueries",
    page: "RB-005",
    section: "Slow Episode Creation",
  },
  {
    name: "circuit-breaker-open",
    title: "Circuit breaker open",
    priority: "P1",
    target_min: 10,
    alert: "CircuitBreakerOpen",
    page: "RB-004",
    section: "Alert CircuitBreakerOpen",
  },
  {
    name: "memory-leak",
    title: "Memory leak",
    priority: "P1",
    target_min: 20,
    alert: "MemoryLeak",
    page: "RB-005",
    section: "High Memory Usage",
  },
];

/** The link that GitHub makes of a heading. */
const anchor = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^a-z0-9 -]/g, "")
    .replaceAll(" ", "-");

export function cardTable(): string {
  const rows = SCENARIOS.map(
    ({ title, priority, target_min, alert, page, section, name }) =>
      `| ${title} | ${priority} | < ${target_min} min | \`${alert}\` | [${page}, ${section}](${page}.md#${anchor(section)}) | \`npm run drill ${name}\` |`,
  );
  return [
    "| scenario | priority | MTTR target | alert | what mends it | drill |",
    "|---|---|---|---|---|---|",
    ...rows,
  ].join("\n");
}

/**
 * Every alert of a rule file, with its priority, how long it waits, what it says and its page.
 *
 * @param rules the text of rule files
 */
export function alertTable(rules: string): string {
  const alerts = rules.split(/^ +- alert: /m).slice(1);
  const rows = alerts.map((text) => {
    const of = (pattern: RegExp): string => pattern.exec(text)?.[1] ?? "";
    const name = of(/^(\w+)/);
    const says = of(/description: (.*)/).replaceAll(/\{\{.*?\}\}/g, "…");
    const page = of(/runbook_url: docs\/runbooks\/(RB-\d+)\.md/);
    return `| \`${name}\` | ${of(/priority: (\w+)/)} | ${of(/for: (\w+)/)} | ${says} | [${page}](${page}.md) |`;
  });
  return [
    "| alert | priority | waits | what it means | page |",
    "|---|---|---|---|---|",
    ...rows,
  ].join("\n");
}

/**
 * Puts a text between `<!-- name -->` and `<!-- /name -->`. Throws when the page has no such place.
 */
export function insert(page: string, name: string, text: string): string {
  const [open, close] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [from, to] = [page.indexOf(open), page.indexOf(close)];
  if (from < 0 || to < from) throw new Error(`the page has no ${open} … ${close}`);
  return `${page.slice(0, from + open.length)}\n${text}\n${page.slice(to)}`;
}
