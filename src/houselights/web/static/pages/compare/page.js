/** Two to four audiences side by side: how they overlap, what separates them, and what they share. */
import { html, useState } from "app/ui/html.js";
import { get } from "app/api.js";
import { useAsked } from "app/ui/asked.js";
import { Asked, Empty } from "app/ui/kit.js";
import { AudiencePicker } from "app/ui/picker.js";
import { go, to } from "app/ui/route.js";
import { UpSet } from "app/pages/persona/overlap.js";
import { Apart } from "app/pages/compare/apart.js";
import { Shared } from "app/pages/compare/shared.js";
import { Sizes } from "app/pages/compare/sizes.js";
import { facetsNow } from "app/pages/persona/question.js";

const MOST = 4;
const GROUPS = [["demographics", "Demographics"], ["interests", "Interests and intent"], ["affinities", "Affinities"], ["shopping", "Bought and watched"]];
const HOLDS = {
  demographics: (facet) => facet.discovery === "Demographics" || ["country", "ethnicity", "marital_status"].includes(facet.role),
  interests: (facet) => facet.discovery && facet.discovery !== "Demographics",
  affinities: (facet) => ["affinity", "personality"].includes(facet.role),
  shopping: (facet) => facet.role === "purchase_category" || facet.role?.startsWith("video_"),
};

export default function Compare({ query }) {
  const ids = query.getAll("with").flatMap((one) => one.split(",")).filter(Boolean).slice(0, MOST);
  const found = useAsked((signal) => Promise.all(ids.map((id) => get(`/v1/audiences/${id}`, {}, { signal }))), [ids.join()]);
  const facets = useAsked(() => facetsNow(), []);
  const [about, setAbout] = useState("interests");
  const set = (next) => go("/compare", { with: next.join(",") });
  return html`<header><div><h1>Compare</h1><p>Two to four audiences beside one another.</p></div></header>
    <${Asked} of=${found} lines=${4}>${(audiences) => html`
      <div class="row">${audiences.map((one) => html`<span class="chip" key=${one.id}><a href=${to(`/persona/${one.id}`)}>${one.name}</a>
          <button type="button" class="plain" aria-label=${`Leave out ${one.name}`} onClick=${() => set(ids.filter((id) => id !== one.id))}>×</button></span>`)}
        ${ids.length < MOST && html`<${AudiencePicker} label=${ids.length ? "Add another audience" : "Choose an audience"} except=${ids} choose=${(one) => set([...ids, one.id])} autofocus=${!ids.length} />`}</div>
      ${audiences.length < 2 ? html`<${Empty} title="Choose at least two">Then you see who is in both, what separates them and what they share.<//>` : html`
        <section class="section" aria-label="Size and overlap"><header><h2>How they overlap</h2></header>
          <div class="stack"><${Sizes} audiences=${audiences} /><${UpSet} chosen=${audiences} /></div></section>
        <section class="section" aria-label="Apart and shared"><header><h2>What separates them, and what they share</h2>
          <label class="field">About<select value=${about} onChange=${(event) => setAbout(event.currentTarget.value)}>${GROUPS.map(([key, words]) => html`<option key=${key} value=${key}>${words}</option>`)}</select></label></header>
          <${Asked} of=${facets}>${(all) => {
            const chosen = all.filter(HOLDS[about]).map((facet) => facet.key);
            return chosen.length ? html`<div class="stack"><${Apart} audiences=${audiences} facets=${chosen} /><${Shared} audiences=${audiences} facets=${chosen} /></div>` : html`<p class="quiet">Nothing of the kind is known here.</p>`;
          }}<//></section>`}`}<//>`;
}
