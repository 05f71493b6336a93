/**
 * The Grafana dashboards, as the JSON that Grafana imports. Pure: rows of panels in, a dashboard
 * out.
 *
 * @module
 */

import { others } from "./others.ts";
import { OVERVIEW } from "./overview.ts";
import type { Panel, Row } from "./panel.ts";
import { RESOURCES } from "./resources.ts";

type Json = Record<string, unknown>;

interface Dashboard extends Json {
  panels: PanelJson[];
}

interface PanelJson extends Json {
  type: string;
  title: string;
  gridPos: { x: number; y: number; w: number; h: number };
  targets?: { expr: string }[];
}

/** Grafana's grid. */
const COLUMNS = 24;
const PANEL_WIDTH = 8;
const HEIGHTS = { timeseries: 8, stat: 4, table: 4 } as const;

/** The viewer's choice, which a dashboard from a file has like one that was imported. */
const SOURCE = { type: "prometheus", uid: "${datasource}" } as const;

function dashboard(uid: string, description: string, rows: readonly Row[]): Dashboard {
  return {
    uid,
    title: uid,
    description,
    tags: ["memory-service"],
    schemaVersion: 38,
    version: 1,
    editable: true,
    refresh: "30s",
    time: { from: "now-6h", to: "now" },
    timezone: "utc",
    graphTooltip: 1,
    links: [
      {
        type: "dashboards",
        title: "memory-service",
        tags: ["memory-service"],
        asDropdown: true,
        includeVars: true,
        keepTime: true,
      },
    ],
    templating: { list: [sourceVariable(), instanceVariable()] },
    annotations: { list: [INCIDENTS, ALERTS] },
    panels: laidOut(rows),
  };
}

/** By which the viewer chooses the Prometheus; the default one at first. */
function sourceVariable(): Json {
  return {
    name: "datasource",
    label: "Prometheus",
    type: "datasource",
    query: "prometheus",
    refresh: 1,
    hide: 0,
    includeAll: false,
    multi: false,
    current: { selected: true, text: "default", value: "default" },
  };
}

/** A mark over all panels while the query has a value. */
const annotation = (name: string, iconColor: string, expr: string, titleFormat: string): Json => ({
  name,
  enable: true,
  hide: false,
  iconColor,
  datasource: SOURCE,
  expr,
  step: "60s",
  titleFormat,
  useValueForTime: false,
});

const INCIDENTS = annotation(
  "Incidents",
  "orange",
  "sum by (kind) (increase(memory_incidents_total[1m])) > 0",
  "{{kind}}",
);
const ALERTS = annotation(
  "Alerts",
  "red",
  'max by (alertname) (ALERTS{alertstate="firing", alertname!="Watchdog"}) > 0',
  "{{alertname}}",
);

/** By which the viewer chooses instances. */
function instanceVariable(): Json {
  const query = "label_values(memory_instance_up, instance)";
  return {
    name: "instance",
    label: "Instance",
    type: "query",
    datasource: SOURCE,
    query: { query, refId: "instances" },
    definition: query,
    refresh: 2,
    includeAll: true,
    multi: true,
    allValue: ".*",
    current: { selected: true, text: ["All"], value: ["$__all"] },
    sort: 3,
  };
}

/** Panels from left to right, in a new line where there is no room, each row under its title. */
function laidOut(rows: readonly Row[]): PanelJson[] {
  const made: PanelJson[] = [];
  let y = 0;
  for (const row of rows) {
    made.push(rowTitle(row, made.length + 1, y));
    y += 1;
    let x = 0;
    let height = 0;
    for (const panel of row.panels) {
      const { kind = "timeseries", width = PANEL_WIDTH } = panel;
      const h = HEIGHTS[kind];
      if (x + width > COLUMNS) [x, y, height] = [0, y + height, 0];
      const gridPos = { x, y, w: width, h };
      made.push({ id: made.length + 1, ...panelOf(panel), gridPos });
      x += width;
      height = Math.max(height, h);
    }
    y += height;
  }
  return made;
}

function rowTitle({ title }: Row, id: number, y: number): PanelJson {
  const gridPos = { x: 0, y, w: COLUMNS, h: 1 };
  return { id, type: "row", title, collapsed: false, gridPos, panels: [] };
}

function panelOf(panel: Panel): { type: string; title: string } & Json {
  const { title, description, queries, kind = "timeseries" } = panel;
  return {
    type: kind,
    title,
    description,
    datasource: SOURCE,
    fieldConfig: { defaults: fieldDefaults(panel), overrides: [] },
    options: OPTIONS[kind],
    targets: queries.map(([expr, legendFormat], i) => ({
      refId: String.fromCodePoint(65 + i),
      datasource: SOURCE,
      expr,
      legendFormat,
      ...(kind === "timeseries" ? {} : { instant: true, range: false }),
    })),
  };
}

function fieldDefaults({ unit, red, kind = "timeseries" }: Panel): Json {
  const steps = [
    { color: "green", value: null },
    ...(red === undefined ? [] : [{ color: "red", value: red }]),
  ];
  const custom = {
    lineWidth: 1,
    fillOpacity: 8,
    showPoints: "never",
    spanNulls: false,
    thresholdsStyle: { mode: red === undefined ? "off" : "line" },
  };
  return {
    unit,
    min: unit === "dateTimeFromNow" ? null : 0,
    thresholds: { mode: "absolute", steps },
    ...(kind === "timeseries" ? { custom } : {}),
  };
}

const OPTIONS = {
  timeseries: {
    legend: { displayMode: "list", placement: "bottom" },
    tooltip: { mode: "multi", sort: "desc" },
  },
  stat: {
    colorMode: "background",
    graphMode: "none",
    reduceOptions: { calcs: ["lastNotNull"], fields: "", values: false },
  },
  table: { showHeader: true },
} as const;

export const DASHBOARDS = {
  "memory-overview": dashboard(
    "memory-overview",
    "Whether memory-service is well, what it does, and what happened.",
    OVERVIEW,
  ),
  "memory-system-resources": dashboard(
    "memory-system-resources",
    "What memory-service uses: database, outboxes, caches, space.",
    [...RESOURCES, ...others([...OVERVIEW, ...RESOURCES])],
  ),
};
