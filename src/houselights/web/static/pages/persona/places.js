/** Where they live: cities as points, as large as their share and as warm as their index. */
import { html } from "app/ui/html.js";
import { all } from "app/api.js";
import { COLUMNS, rowOf } from "app/charts/insight.js";
import { ChartFrame } from "app/charts/frame.js";
import { Drawing, basics } from "app/charts/plot.js";
import { useAsked } from "app/ui/asked.js";
import { Asked } from "app/ui/kit.js";
import { percent, times } from "app/ui/words.js";
import { facetsNow, insights } from "app/pages/persona/question.js";

async function places(audience, baseline, signal) {
  const facet = (await facetsNow()).find((one) => one.role === "city");
  if (!facet) return null;
  const [traits, told] = await Promise.all([all(`/v1/facets/${facet.key}/traits`), insights(audience, baseline, { facets: [facet.key], rank: "overlap", limit: 1000 }, signal)]);
  const where = new Map(traits.map((trait) => [trait.key, trait.attributes]));
  const ground = traits.map((trait) => trait.attributes).filter((point) => Number.isFinite(point.latitude));
  const rows = told.rows.map((row) => ({ ...row, ...where.get(row.key) })).filter((row) => Number.isFinite(row.latitude));
  return { rows, ground, call: told.call, coverage: told.coverage };
}

export function Places({ audience, baseline }) {
  const asked = useAsked((signal) => places(audience, baseline, signal), [audience, JSON.stringify(baseline)]);
  return html`<section class="section on-screen" aria-label="Places"><header><h2>Where they live</h2></header>
    <${Asked} of=${asked} lines=${6}>${(told) => (told && told.rows.length ? html`<${PlaceMap} told=${told} />` : html`<p class="quiet">No places are known of them.</p>`)}<//></section>`;
}

function PlaceMap({ told }) {
  const columns = [...COLUMNS, ["country", "Country", undefined, false], ["latitude", "Latitude"], ["longitude", "Longitude"]];
  const draw = (Plot, width, colour) => Plot.plot(basics(width, Math.round(width * 0.46), {
    marginBottom: 4,
    x: { axis: null, domain: [-170, 180] },
    y: { axis: null, domain: [-56, 75] },
    r: { range: [1.5, Math.max(10, width / 60)] },
    marks: [
      Plot.dot(told.ground, { x: "longitude", y: "latitude", r: 1, fill: colour["line-2"], fillOpacity: 0.45 }),
      Plot.dot(told.rows, { x: "longitude", y: "latitude", r: "share", fill: (row) => (!row.reliable ? colour.grey : row.index >= 1 ? colour.more : colour.less), fillOpacity: 0.7, stroke: colour.card, title: (row) => `${row.name}: ${percent(row.share, 2)}, ${times(row.index)}` }),
    ],
  }));
  const top = told.rows.slice(0, 3).map((row) => `${row.name} ${percent(row.share)}`).join(", ");
  return html`<${ChartFrame} title="Cities" columns=${columns} rows=${told.rows} call=${told.call} note=${`Most of them: ${top}`}>
    <${Drawing} draw=${draw} deps=${[told]} label=${`Map of cities. Most people: ${top}`} /><//>`;
}
