/** Who they are: one chart for each plain question about a person, against the baseline. */
import { html } from "app/ui/html.js";
import { InsightChart } from "app/charts/insight.js";
import { useAsked } from "app/ui/asked.js";
import { Asked } from "app/ui/kit.js";
import { percent } from "app/ui/words.js";
import { facetsNow, insights } from "app/pages/persona/question.js";

export const ROLES = ["age", "gender", "education", "income", "home_ownership", "marital_status", "children_count", "ethnicity"];

/** Answer the charts' rows by facet, in the order of ROLES and of the traits; of several currencies the commonest. */
export async function demographics(audience, baseline, signal) {
  const known = (await facetsNow()).filter((facet) => ROLES.includes(facet.role));
  if (!known.length) return [];
  const answers = await Promise.all(known.map(async (facet) => ({ facet, ...(await insights(audience, baseline, { facets: [facet.key], limit: 200 }, signal)) })));
  const weight = (answer) => answer.rows.reduce((sum, row) => sum + (row.people ?? row.share), 0) * (answer.coverage ?? 1);
  return ROLES.flatMap((role) => answers.filter((answer) => answer.facet.role === role && answer.rows.length).sort((a, b) => weight(b) - weight(a)).slice(0, 1));
}

const byBand = (a, b) => (parseFloat(a.key) || 0) - (parseFloat(b.key) || 0);

/** Rows in the order people expect: bands ascending, the rest by share. */
export function ordered(answer) {
  return [...answer.rows].sort(answer.facet.unit ? byBand : (a, b) => b.share - a.share);
}

export function Demographics({ asked }) {
  return html`<section class="section" aria-label="Demographics"><header><h2>Who they are</h2>
      <div class="legend"><span>bar: the index, how many times as often as in the baseline</span><span>thin line: its 95 % interval, where exact counts may be seen</span><span>beside it: share of the audience · index</span><span><i class="more"></i>more often</span><span><i class="less"></i>less often</span><span><i class="grey"></i>not sure enough to say</span></div></header>
    <${Asked} of=${asked} lines=${8}>${(answers) => !answers.length ? html`<p class="quiet">Nothing of the kind is known of them.</p>` : html`<div class="cards">${answers.map((answer) => html`<${InsightChart}
      key=${answer.facet.key} title=${answer.facet.name} rows=${ordered(answer)} call=${answer.call}
      note=${answer.coverage === null ? "" : `${percent(answer.coverage, 0)} of them have a known value`} />`)}</div>`}<//>
  </section>`;
}

/** Ask for the demographics once; the hero says the same numbers in words. */
export function useDemographics(audience, baseline) {
  return useAsked((signal) => demographics(audience, baseline, signal), [audience, JSON.stringify(baseline)]);
}
