/** What stands out: ranked by the low end of the interval, so that a few people by chance do not come first. */
import { html, useState } from "app/ui/html.js";
import { InsightChart } from "app/charts/insight.js";
import { useAsked } from "app/ui/asked.js";
import { Asked, Tabs } from "app/ui/kit.js";
import { facetsNow, insights } from "app/pages/persona/question.js";

/** Groups of facets, in the order of the page: the words on the tab, and which facets belong there. */
const GROUPS = [
  { title: "Interests and intent", holds: (facet) => facet.discovery && facet.discovery !== "Demographics" },
  { title: "Bought", holds: (facet) => facet.role === "purchase_category" || facet.key === "product_line" },
  { title: "Watched", holds: (facet) => facet.role?.startsWith("video_") },
  { title: "Affinities", holds: (facet) => facet.role === "affinity" },
  { title: "Follows", holds: (facet) => facet.role === "follows" },
  { title: "Work", holds: (facet) => ["job_title", "employer", "occupation"].includes(facet.role) },
  { title: "Personality", holds: (facet) => facet.role === "personality" },
];

function Ranked({ audience, baseline, facet }) {
  const asked = useAsked((signal) => insights(audience, baseline, { facets: [facet.key], rank: "lower_bound", limit: 10 }, signal), [audience, JSON.stringify(baseline), facet.key]);
  return html`<${Asked} of=${asked} lines=${6}>${(told) => html`<${InsightChart} title=${facet.name} rows=${told.rows} call=${told.call}
    note=${told.total > told.rows.length ? `the first ${told.rows.length} of ${told.total}` : ""} />`}<//>`;
}

export function StandOut({ audience, baseline }) {
  const facets = useAsked(() => facetsNow(), []);
  const [chosen, choose] = useState(GROUPS[0].title);
  return html`<section class="section" aria-label="What stands out"><header><h2>What stands out</h2>
      <p class="quiet small">Ranked by the low end of the 95 % interval: large, and surely so.</p></header>
    <${Asked} of=${facets}>${(known) => {
      const groups = GROUPS.map((group) => ({ ...group, facets: known.filter(group.holds) })).filter((group) => group.facets.length);
      const now = groups.find((group) => group.title === chosen) || groups[0];
      if (!now) return html`<p class="quiet">This workspace has no interests, purchases or follows to compare with.</p>`;
      return html`<div class="stack"><${Tabs} label="What to compare with" tabs=${groups.map((group) => [group.title, group.title])} chosen=${now.title} choose=${choose} />
        <div class="cards wide">${now.facets.map((facet) => html`<${Ranked} key=${facet.key} audience=${audience} baseline=${baseline} facet=${facet} />`)}</div></div>`;
    }}<//>
  </section>`;
}
