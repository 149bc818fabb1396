/** Insights as rows of a chart, and the two ways to draw them: in their own order, or ranked by what stands out. */
import { html } from "app/ui/html.js";
import { Drawing, basics } from "app/charts/plot.js";
import { ChartFrame } from "app/charts/frame.js";
import { count, index, named, percent, times } from "app/ui/words.js";

const yes = (value) => (value ? "yes" : "no");
export const COLUMNS = [
  ["name", "", named, false], ["share", "Share", percent], ["baseline", "Baseline", percent], ["index", "Index", times],
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
const words = (row) => [row.path?.join(" › ") || named(row.name), `${percent(row.share)} of the audience, ${percent(row.baseline)} of the baseline`, `index ${times(row.index)}${row.low === null || row.high === null ? "" : `, 95 % interval ${times(row.low)} to ${times(row.high)}`}`, row.reliable ? "" : "not sure enough to say"].filter(Boolean).join("\n");

/** A name on one line or two of so many letters each, cut only where even two are too few. */
export function lines(name, most) {
  const found = [""];
  for (const word of name.match(/[^ –]+(–| +|$)/g) || [name]) {
    const last = found[found.length - 1];
    if (!last || (last + word).trimEnd().length <= most) found[found.length - 1] = last + word;
    else found.push(word);
  }
  const two = (found.length > 2 ? [found[0], found.slice(1).join("")] : found).map((one) => one.trimEnd());
  return two.map((one) => (one.length > most ? `${one.slice(0, most - 1).trimEnd()}…` : one)).join("\n");
}

/** Where the axis ends: as far as the furthest end reaches, at a number one can read. */
const ENDS = [2, 3, 5, 10, 20, 50, 100];
const tick = (value) => `${value >= 1 ? Math.round(value) : Number(value.toPrecision(1))}×`;

/** Diverging bars: how much more (right) or less (left) often than in the baseline, with the 95 % interval. */
export function Bars({ rows, label }) {
  const drawn = rows.filter(shown);
  const ends = drawn.flatMap((row) => [row.index, row.low || row.index, row.high || row.index]);
  const furthest = Math.max(1, ...ends.map((end) => Math.max(end, 1 / end)));
  const reach = ENDS.find((end) => end >= furthest * 0.98) || ENDS[ENDS.length - 1];
  const draw = (Plot, width, colour) => {
    const left = Math.min(176, Math.max(84, Math.round(width * 0.36)));
    const right = 108;
    const letters = Math.floor((left - 12) / 7.6);
    const ink = (row) => (!row.reliable ? colour.grey : row.index >= 1 ? colour["more-wash"] : colour["less-wash"]);
    const fit = (value) => clamp(value, 1 / reach, reach);
    return Plot.plot(basics(width, drawn.length * 34 + 30, {
      marginLeft: left,
      marginRight: right,
      x: { type: "log", domain: [1 / reach, reach], axis: null },
      y: { domain: drawn.map(at), axis: null, padding: 0.28 },
      marks: [
        Plot.text(drawn, { y: at, frameAnchor: "left", dx: -8, textAnchor: "end", lineHeight: 1.05, text: (row) => lines(named(row.name), letters), title: words, fill: colour.ink }),
        Plot.barX(drawn, { x1: () => 1, x2: (row) => fit(row.index), y: at, fill: ink, rx: 2, title: words }),
        Plot.ruleX([1 / reach, reach], { stroke: colour.line }),
        Plot.ruleX([1], { stroke: colour["line-2"] }),
        Plot.text([1 / reach, 1, reach], { x: (end) => end, frameAnchor: "bottom", dy: 16, text: tick, fill: colour["ink-2"], fontSize: 12 }),
        Plot.link(drawn.filter((row) => row.low !== null && row.high !== null), { x1: (row) => fit(row.low || 1 / reach), x2: (row) => fit(row.high), y: at, stroke: colour.ink, strokeOpacity: 0.75, strokeWidth: 1.5 }),
        Plot.text(drawn, { y: at, frameAnchor: "right", dx: right - 4, textAnchor: "end", fill: (row) => (row.reliable ? colour.ink : colour["ink-3"]), text: (row) => `${percent(row.share, row.share < 0.1 ? 1 : 0)} · ${index(row.index)}` }),
      ],
    }));
  };
  return html`<${Drawing} draw=${draw} deps=${[rows]} label=${label} />`;
}

/** A chart of insights with everything around it. */
export function InsightChart({ title, rows, call, note, empty = "Nothing can be said here: too few people, or nobody has a known value." }) {
  const drawn = rows.filter(shown);
  const first = [...drawn].sort((a, b) => b.index - a.index)[0];
  const said = first ? `${title}: ${named(first.name)} stands out most, ${percent(first.share)} of the audience, ${times(first.index)} the baseline` : title;
  return html`<${ChartFrame} title=${title} columns=${COLUMNS} rows=${rows} call=${call} note=${note}>
    ${drawn.length ? html`<${Bars} rows=${rows} label=${said} />` : html`<p class="quiet">${empty}</p>`}
  <//>`;
}
