/** What audiences share: traits that surely stand out in every one of them, against everybody. */
import { html } from "app/ui/html.js";
import { ChartFrame } from "app/charts/frame.js";
import { Drawing, basics } from "app/charts/plot.js";
import { useAsked } from "app/ui/asked.js";
import { Asked } from "app/ui/kit.js";
import { named, times } from "app/ui/words.js";
import { insights } from "app/pages/persona/question.js";

const MOST = 12;

async function shared(audiences, facets, signal) {
  const answers = await Promise.all(audiences.map((one) => insights(one.id, null, { facets, rank: "lower_bound", limit: 400, minimum_affinity: 1.05 }, signal)));
  const [first, ...others] = answers.map((told) => new Map(told.rows.filter((row) => row.reliable).map((row) => [`${row.facet}/${row.key}`, row])));
  const rows = [...first].filter(([key]) => others.every((each) => each.has(key))).map(([key, row]) => {
    const each = [row, ...others.map((one) => one.get(key))];
    return { name: row.name, weakest: Math.min(...each.map((one) => one.low ?? one.index)), ...Object.fromEntries(audiences.map((one, at) => [one.id, each[at].index])) };
  });
  return { rows: rows.sort((a, b) => b.weakest - a.weakest).slice(0, MOST), call: answers.map((told) => told.call) };
}

export function Shared({ audiences, facets }) {
  const asked = useAsked((signal) => shared(audiences, facets, signal), [audiences.map((one) => one.id).join(), facets.join()]);
  const columns = [["name", "", named, false], ...audiences.map((one) => [one.id, one.name, times])];
  return html`<${Asked} of=${asked} lines=${5}>${(told) => html`<${ChartFrame} title="What they share" columns=${columns} rows=${told.rows} call=${told.call} note="Surely more frequent than among everybody, in each of them; ranked by the weakest.">
    ${told.rows.length ? html`<${Dots} rows=${told.rows} audiences=${audiences} />` : html`<p class="quiet">Nothing of this kind stands out in all of them.</p>`}<//>`}<//>`;
}

const SYMBOLS = ["circle", "square", "triangle", "diamond"];

function Dots({ rows, audiences }) {
  const points = rows.flatMap((row) => audiences.map((one, at) => ({ name: row.name, index: row[one.id], at })));
  const draw = (Plot, width, colour) => Plot.plot(basics(width, rows.length * 26 + 40, {
    marginLeft: Math.min(200, width * 0.34),
    x: { type: "log", label: null, ticks: 4, tickFormat: (value) => `${value}×`, grid: true },
    y: { domain: rows.map((row) => row.name), label: null, tickSize: 0 },
    marks: [
      Plot.ruleX([1], { stroke: colour["line-2"] }),
      Plot.dot(points, { x: "index", y: "name", r: 6, symbol: (point) => SYMBOLS[point.at], fill: (point) => [colour.more, colour.less, colour.ink, colour.grey][point.at], stroke: colour.card }),
    ],
    symbol: { type: "identity" },
  }));
  return html`<div><div class="legend">${audiences.map((one, at) => html`<span key=${one.id}><span aria-hidden="true">${["●", "■", "▲", "◆"][at]}</span> ${one.name}</span>`)}</div>
    <${Drawing} draw=${draw} deps=${[rows]} label=${`What they share: ${rows.slice(0, 3).map((row) => row.name).join(", ")}`} /></div>`;
}
