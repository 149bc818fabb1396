/** Where they live: cities as points, as large as their share and as warm as their index. */
import { html } from "app/ui/html.js";
import { all, get } from "app/api.js";
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
  const [land, traits, told] = await Promise.all([get("/web/places/land.json"), all(`/v1/facets/${facet.key}/traits`), insights(audience, baseline, { facets: [facet.key], rank: "overlap", limit: 1000 }, signal)]);
  const where = new Map(traits.map((trait) => [trait.key, trait.attributes]));
  const rows = told.rows.map((row) => ({ ...row, ...where.get(row.key) })).filter((row) => Number.isFinite(row.latitude));
  return { rows, land, call: told.call, coverage: told.coverage };
}

export function Places({ audience, baseline }) {
  const asked = useAsked((signal) => places(audience, baseline, signal), [audience, JSON.stringify(baseline)]);
  return html`<section class="section on-screen" aria-label="Places"><header><h2>Where they live</h2></header>
    <${Asked} of=${asked} lines=${6}>${(told) => (told && told.rows.length ? html`<${PlaceMap} told=${told} />` : html`<p class="quiet">No places are known of them.</p>`)}<//></section>`;
}

/** The largest places whose names can stand beside one another. */
function apart(rows, width) {
  const found = [];
  for (const row of rows.slice(0, 30)) {
    const near = (other) => Math.abs(row.longitude - other.longitude) * (width / 350) < 4 * (row.name.length + other.name.length) && Math.abs(row.latitude - other.latitude) * (width / 350) < 18;
    if (!found.some(near)) found.push(row);
  }
  return found.slice(0, width < 600 ? 3 : 7);
}

function PlaceMap({ told }) {
  const columns = [...COLUMNS, ["country", "Country", undefined, false], ["latitude", "Latitude"], ["longitude", "Longitude"]];
  const some = told.rows.filter((row) => row.share > 0);
  const ink = (colour) => (row) => (!row.reliable ? colour.grey : row.index >= 1 ? colour["more-wash"] : colour["less-wash"]);
  const draw = (Plot, width, colour) => Plot.plot(basics(width, Math.round(width * 0.46), {
    marginBottom: 4,
    x: { axis: null, domain: [-170, 180] },
    y: { axis: null, domain: [-56, 75] },
    r: { range: [0, Math.max(9, width / 64)] },
    marks: [
      Plot.dot(told.land, { x: "0", y: "1", r: Math.max(1, width / 560), fill: colour.line }),
      Plot.dot(some, { x: "longitude", y: "latitude", r: "share", fill: ink(colour), fillOpacity: (row) => (row.reliable ? 0.75 : 0.4), title: (row) => `${row.name}: ${percent(row.share, 2)}, ${times(row.index)}` }),
      Plot.text(apart(some, width), { x: "longitude", y: "latitude", text: "name", dy: -12, fill: colour.ink, stroke: colour.card, strokeWidth: 4, fontSize: 12 }),
    ],
  }));
  const top = told.rows.slice(0, 3).map((row) => `${row.name} ${percent(row.share)}`).join(", ");
  return html`<${ChartFrame} title="Cities" columns=${columns} rows=${told.rows} call=${told.call} note=${`Most of them: ${top}`}>
    <div class="legend"><span>circle: share of the audience</span><span><i class="more"></i>more often than the baseline</span><span><i class="less"></i>less often</span><span><i class="grey"></i>not sure enough to say</span></div>
    <${Drawing} draw=${draw} deps=${[told]} label=${`Map of cities. Most people: ${top}`} /><//>`;
}
