/** One condition of the builder: what it says, and what of it can be changed in place. */
import { html } from "app/ui/html.js";
import { post } from "app/api.js";
import { useAsked } from "app/ui/asked.js";
import { changed } from "app/pages/build/tree.js";

const HOW = { all: "all of", any: "any of", none: "none of" };
const SHORT = 90;

/** A condition, or a group, in a few words. */
export function said(item, facets) {
  const words = full(item, facets);
  return words.length > SHORT ? `${words.slice(0, SHORT - 1)}…` : words;
}

function full(item, facets) {
  if (item.kind === "group") return `${item.how === "some" ? `at least ${item.k} of` : HOW[item.how]} (${item.items.map((one) => full(one, facets)).join("; ") || "nothing"})`;
  const facet = facets.find((one) => one.key === item.facet)?.name || item.facet;
  if (item.kind === "trait") return `${facet}: ${item.any_of.map((one) => one.name).join(" or ")}`;
  if (item.kind === "audience") return `In “${item.name}”`;
  if (item.kind === "mentions") return `Wrote ${item.phrases.map((one) => `“${one}”`).join(" or ")}${item.within_days ? ` in the last ${item.within_days} days` : ""}`;
  return KINDS[Object.keys(item.rule)[0]] || "a rule";
}

const KINDS = { follows: "Follows accounts", listed: "On a list", where: "An expression", everyone: "Everyone", nobody: "Nobody" };

/** A node this builder cannot edit, in the server's English; Rule JSON has it in full. */
function Told({ rule }) {
  const asked = useAsked((signal) => post("/v1/explain", { rule }, { signal }), [JSON.stringify(rule)]);
  const english = asked.data?.english.replace(/^People /, "").replace(/\.$/, "");
  return html`<span class="grow" title="Rule JSON shows and changes all of it">${english || html`<code>${JSON.stringify(rule)}</code>`}</span>`;
}

export function Condition({ item, edit, facets }) {
  const remove = () => edit((tree) => changed(tree, item.id, () => null));
  const facet = facets.find((one) => one.key === item.facet);
  const without = (key) => edit((tree) => changed(tree, item.id, (one) => (one.any_of.length === 1 ? null : { ...one, any_of: one.any_of.filter((each) => each.key !== key) })));
  return html`<div class="condition row">
    ${item.kind === "trait" && html`<span class="quiet">${facet?.name || item.facet}</span>${item.any_of.map((one) => html`<span key=${one.key} class="chip">${one.name}
      <button type="button" class="plain" aria-label=${`Remove ${one.name}`} onClick=${() => without(one.key)}>×</button></span>`)}`}
    ${item.kind === "audience" && html`<span class="quiet">in audience</span><span class="chip">${item.name}</span>`}
    ${item.kind === "mentions" && html`<span class="quiet">wrote</span>${item.phrases.map((one) => html`<span key=${one} class="chip">“${one}”</span>`)}
      <label class="check small">in the last <input class="days" type="number" min="1" aria-label="Days" value=${item.within_days || ""} placeholder="any" onInput=${(event) => { const days = Math.max(0, Math.round(Number(event.currentTarget.value))) || null; edit((tree) => changed(tree, item.id, (one) => ({ ...one, within_days: days }))); }} /> days</label>`}
    ${item.kind === "rule" && html`<${Told} rule=${item.rule} />`}
    <span class="grow"></span>
    ${item.kind !== "trait" && html`<button type="button" class="icon small plain" aria-label=${`Remove ${said(item, facets)}`} onClick=${remove}>×</button>`}
  </div>`;
}
