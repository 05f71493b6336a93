/**
 * Learning curves as one SVG: a panel for each set, the memory beside its baseline. Pure; the same
 * curves give the same bytes.
 *
 * @module
 */

import type { Curve, CurvePoint } from "./curve.ts";

const PANEL = { width: 300, height: 220, left: 44, right: 16, top: 46, bottom: 40 };
const COLUMNS = 3;
const LEGEND_HEIGHT = 34;
const COLORS = { ink: "#1f2328", quiet: "#656d76", rule: "#d8dee4", memory: "#0969da" };

export function curvesSvg(curves: readonly Curve[]): string {
  const rows = Math.ceil(curves.length / COLUMNS);
  const [width, height] = [COLUMNS * PANEL.width, rows * PANEL.height + LEGEND_HEIGHT];
  const panels = curves.map((curve, i) => {
    const x = (i % COLUMNS) * PANEL.width;
    const y = Math.floor(i / COLUMNS) * PANEL.height + LEGEND_HEIGHT;
    return `<g transform="translate(${x} ${y})">${panel(curve)}</g>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="system-ui, sans-serif" font-size="11" role="img">`,
    "<title>Learning curves: a figure by the number of episodes learned, for each set</title>",
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    legend(),
    ...panels,
    "</svg>\n",
  ].join("\n");
}

function legend(): string {
  return [
    `<line x1="44" y1="18" x2="68" y2="18" stroke="${COLORS.memory}" stroke-width="2"/>`,
    text(74, 22, "memory", COLORS.ink),
    `<line x1="136" y1="18" x2="160" y2="18" stroke="${COLORS.quiet}" stroke-width="2" stroke-dasharray="4 3"/>`,
    text(166, 22, "its baseline, named in each panel", COLORS.ink),
  ].join("");
}

function panel({ set, figure, memory, baseline }: Curve): string {
  const { width, height, left, right, top, bottom } = PANEL;
  const counts = memory.map(({ episodes }) => Math.log2(episodes));
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  const x = ({ episodes }: Pick<CurvePoint, "episodes">): number =>
    left + ((Math.log2(episodes) - least) / (most - least || 1)) * (width - left - right);
  const y = (value: number): number => top + (1 - value) * (height - top - bottom);
  const parts = [
    text(left, 18, set, COLORS.ink, 'font-weight="600" font-size="13"'),
    text(left, 34, `${figure}; beside ${baseline.name}`, COLORS.quiet),
  ];
  for (const value of [0, 0.25, 0.5, 0.75, 1]) {
    const at = y(value).toFixed(1);
    parts.push(
      `<line x1="${left}" y1="${at}" x2="${width - right}" y2="${at}" stroke="${COLORS.rule}"/>`,
      text(left - 6, y(value) + 4, value.toFixed(2), COLORS.quiet, 'text-anchor="end"'),
    );
  }
  for (const point of memory)
    parts.push(
      text(
        x(point),
        height - bottom + 16,
        shortCount(point.episodes),
        COLORS.quiet,
        'text-anchor="middle"',
      ),
    );
  parts.push(
    text(
      (left + width - right) / 2,
      height - 8,
      "episodes learned",
      COLORS.quiet,
      'text-anchor="middle"',
    ),
  );

  const line = (points: readonly CurvePoint[], style: string): string => {
    const path = points.map((point) => `${x(point).toFixed(1)},${y(point.value).toFixed(1)}`);
    return `<polyline points="${path.join(" ")}" fill="none" stroke-width="2" ${style}/>`;
  };
  parts.push(
    line(baseline.points, `stroke="${COLORS.quiet}" stroke-dasharray="4 3"`),
    line(memory, `stroke="${COLORS.memory}"`),
  );
  for (const point of memory)
    parts.push(
      `<circle cx="${x(point).toFixed(1)}" cy="${y(point.value).toFixed(1)}" r="3" fill="${COLORS.memory}"><title>${point.episodes}: ${point.value.toFixed(3)}</title></circle>`,
    );
  return parts.join("");
}

function text(x: number, y: number, words: string, color: string, more = ""): string {
  const safe = words.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" fill="${color}" ${more}>${safe}</text>`;
}

function shortCount(count: number): string {
  return count >= 1_000 ? `${Number((count / 1_000).toFixed(1))}k` : String(count);
}
