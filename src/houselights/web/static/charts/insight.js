/** Insights as rows of a chart, and the two ways to draw them: in their own order, or ranked by what stands out. */
import { html } from "app/ui/html.js";
import { Drawing, basics } from "app/charts/plot.js";
import { ChartFrame } from "app/charts/frame.js";
import { count, percent, times } from "app/ui/words.js";

const yes = (value) => (value ? "yes" : "no");
export const COLUMNS = [
  ["name", "", undefined, false], ["share", "Share", percent], ["baseline", "Baseline", percent], ["index", "Index", times],
  ["low", "Low", times], ["high", "High", times], ["people", "People", count], ["reliable", "Reliable", yes, false],
];

/** One insight of `/v1/insights` as a flat row. */
export function rowOf(insight) {
  return {
    name: insight.subject.name,
    path: insight.subject.path,
    facet: insight.subject.facet,
    key: insight.subject.key,
    id: insight.subject.id,
    share: insight.overlap,
    baseline: insight.universe_share,
    index: insight.affinity,
    low: insight.affinity_interval.low,
    high: insight.affinity_interval.high,
    people: insight.both,
    reliable: insight.reliable,
  };
}

const shown = (row) => row.index !== null && row.index > 0;
const clamp = (value, low, high) => Math.max(low, Math.min(high, value));

const at = (row) => `${row.facet ?? ""}/${row.key ?? row.id ?? row.name}`; // two cities may have one name
const words = (row) => [row.path?.join(" › ") || row.name, `${percent(row.share)} of the audience, ${percent(row.baseline)} of the baseline`, `index ${times(row.index)}${row.low === null || row.high === null ? "" : `, 95 % interval ${times(row.low)} to ${times(row.high)}`}`, row.reliable ? "" : "not sure enough to say"].filter(Boolean).join("\n");

/** Diverging bars: how much more (right) or less (left) often than in the baseline, with the 95 % interval. */
export function Bars({ rows, label }) {
  const drawn = rows.filter(shown);
  const ends = drawn.flatMap((row) => [row.index, row.low || row.index, row.high || row.index]);
  const reach = clamp(Math.max(1.6, ...ends.map((end) => Math.max(end, 1 / end))), 1.6, 64);
  const draw = (Plot, width, colour) => {
    const left = Math.min(168, Math.max(84, Math.round(width * 0.36)));
    const right = 104;
    const ink = (row) => (!row.reliable ? colour.grey : row.index >= 1 ? colour["more-wash"] : colour["less-wash"]);
    const fit = (value) => clamp(value, 1 / reach, reach);
    const short = (name) => (name.length * 7.3 > left - 10 ? `${name.slice(0, Math.floor((left - 24) / 7.3))}…` : name);
    return Plot.plot(basics(width, drawn.length * 30 + 30, {
      marginLeft: left,
      marginRight: right,
      x: { type: "log", domain: [1 / reach, reach], label: null, ticks: [1.001 / reach, 1, 0.999 * reach], tickFormat: (value) => `${value.toFixed(value < 1 ? 2 : 1)}×`, grid: false },
      y: { domain: drawn.map(at), axis: null, padding: 0.28 },
      marks: [
        Plot.text(drawn, { y: at, frameAnchor: "left", dx: -8, textAnchor: "end", text: (row) => short(row.name), title: words, fill: colour.ink }),
        Plot.barX(drawn, { x1: () => 1, x2: (row) => fit(row.index), y: at, fill: ink, rx: 2, title: words }),
        Plot.ruleX([1], { stroke: colour["line-2"] }),
        Plot.link(drawn.filter((row) => row.low !== null && row.high !== null), { x1: (row) => fit(row.low || 1 / reach), x2: (row) => fit(row.high), y: at, stroke: colour.ink, strokeOpacity: 0.75, strokeWidth: 1.5 }),
        Plot.text(drawn, { y: at, frameAnchor: "right", dx: right - 4, textAnchor: "end", fill: (row) => (row.reliable ? colour.ink : colour["ink-3"]), text: (row) => `${percent(row.share, row.share < 0.1 ? 1 : 0)} · ${row.index.toFixed(row.index < 10 ? 1 : 0)}×` }),
      ],
    }));
  };
  return html`<${Drawing} draw=${draw} deps=${[rows]} label=${label} />`;
}

/** A chart of insights with everything around it. */
export function InsightChart({ title, rows, call, note, empty = "Nothing can be said here: too few people, or nobody has a known value." }) {
  const drawn = rows.filter(shown);
  const first = [...drawn].sort((a, b) => b.index - a.index)[0];
  const said = first ? `${title}: ${first.name} stands out most, ${percent(first.share)} of the audience, ${times(first.index)} the baseline` : title;
  return html`<${ChartFrame} title=${title} columns=${COLUMNS} rows=${rows} call=${call} note=${note}>
    ${drawn.length ? html`<${Bars} rows=${rows} label=${said} />` : html`<p class="quiet">${empty}</p>`}
  <//>`;
}
