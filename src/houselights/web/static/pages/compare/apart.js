/** What separates audiences: each beside all of them together, ranked by what surely sets it apart. */
import { html } from "app/ui/html.js";
import { InsightChart } from "app/charts/insight.js";
import { useAsked } from "app/ui/asked.js";
import { Asked } from "app/ui/kit.js";
import { insights } from "app/pages/persona/question.js";

const ROWS = 8;

export function Apart({ audiences, facets }) {
  const together = { or: audiences.map((one) => ({ audience: one.id })) };
  return html`<div class="cards wide">${audiences.map((one) => html`<${One} key=${one.id} audience=${one} together=${together} facets=${facets} />`)}</div>`;
}

function One({ audience, together, facets }) {
  const asked = useAsked((signal) => insights(audience.id, together, { facets, rank: "lower_bound", limit: ROWS }, signal), [audience.id, JSON.stringify(together), facets.join()]);
  return html`<${Asked} of=${asked} lines=${5}>${(told) => html`<${InsightChart} title=${audience.name} rows=${told.rows} call=${told.call} note="beside all of the chosen together" />`}<//>`;
}
