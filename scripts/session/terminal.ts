/**
 * A picture of a terminal, made of the text that it shows: light or dark, in the colours of what the
 * demo says. Pure, and the same for the same text.
 *
 * @module
 */

export interface Theme {
  paper: string;
  edge: string;
  ink: string;
  good: string;
  bad: string;
  said: string;
}

export const THEMES = {
  light: {
    paper: "#ffffff",
    edge: "#d0d7de",
    ink: "#1f2328",
    good: "#116329",
    bad: "#a40e26",
    said: "#0550ae",
  },
  dark: {
    paper: "#0d1117",
    edge: "#30363d",
    ink: "#e6edf3",
    good: "#56d364",
    bad: "#ff7b72",
    said: "#79c0ff",
  },
} as const satisfies Record<string, Theme>;

const COLUMN_PX = 7.83;
const LINE_PX = 19;
const FONT_PX = 13;
const MARGIN_PX = 18;

const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

/** How a line is written: its scenes in bold, its marks and what the memory says in a colour. */
function span(line: string, theme: Theme): string {
  const [, indent = "", mark = "", rest = ""] = /^( *)(✓|✗|memory:|\$|)(.*)$/.exec(line) ?? [];
  const colour = { "✓": theme.good, "✗": theme.bad, "memory:": theme.said, $: theme.good }[mark];
  const isTitle = /^\d {2}/.test(line);
  const marked = colour === undefined ? mark : `<tspan fill="${colour}">${mark}</tspan>`;
  const text = `${indent}${marked}${escaped(rest)}`;
  return isTitle ? `<tspan font-weight="bold">${text}</tspan>` : text;
}

/** @param label what it shows, for who does not see it */
export function terminalSvg(text: string, theme: Theme, label: string): string {
  const lines = text.trimEnd().split("\n");
  const columns = Math.max(...lines.map((line) => line.length));
  const width = Math.ceil(columns * COLUMN_PX + 2 * MARGIN_PX);
  const height = lines.length * LINE_PX + 2 * MARGIN_PX;
  const rows = lines.map((line, row) => {
    const y = MARGIN_PX + (row + 1) * LINE_PX - 5;
    return `<text x="${MARGIN_PX}" y="${y}" xml:space="preserve">${span(line, theme)}</text>`;
  });
  const box = `x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8"`;
  const font = "ui-monospace,SFMono-Regular,Menlo,Consolas,DejaVu Sans Mono,monospace";
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escaped(label)}">
<rect ${box} fill="${theme.paper}" stroke="${theme.edge}"/>
<g font-family="${font}" font-size="${FONT_PX}" fill="${theme.ink}">
${rows.filter((_, row) => lines[row] !== "").join("\n")}
</g>
</svg>
`;
}
