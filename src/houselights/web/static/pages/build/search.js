/** Finds what an audience can be made of: traits, audiences, and words that people wrote. */
import { html } from "app/ui/html.js";
import { get } from "app/api.js";
import { Picker } from "app/ui/picker.js";
import { fresh } from "app/pages/build/tree.js";

/** Answer what is called like `words`: traits first, then audiences that are no traits, then the words themselves. */
async function search(words, facets, signal) {
  const wanted = words.trim();
  if (!wanted) {
    const page = await get("/v1/audiences", { kind: ["custom", "combined", "advertiser", "lookalike"], status: "active", limit: 8 }, { signal });
    return page.items.map(asAudience);
  }
  const [traits, audiences] = await Promise.all([
    get("/v1/traits", { q: wanted, limit: 12 }, { signal }),
    get("/v1/audiences", { name: `*${wanted}*`, kind: ["custom", "combined", "advertiser", "lookalike"], status: "active", limit: 6 }, { signal }),
  ]);
  return [...traits.items.map((trait) => asTrait(trait, facets)), ...audiences.items.map(asAudience), { key: "words", what: "words", name: `wrote “${wanted}”`, below: "in a bio or a post", make: () => ({ id: fresh(), kind: "mentions", fields: ["bio", "post"], phrases: [wanted], within_days: null }) }];
}

function asTrait(trait, facets) {
  const facet = facets.find((one) => one.key === trait.facet);
  return {
    key: `${trait.facet}/${trait.key}`,
    what: facet?.name || trait.facet,
    name: trait.name,
    below: trait.path.slice(0, -1).join(" › "),
    make: () => ({ id: fresh(), kind: "trait", facet: trait.facet, any_of: [{ key: trait.key, name: trait.name }] }),
  };
}

function asAudience(one) {
  return { key: one.id, what: "audience", name: one.name, below: one.category, make: () => ({ id: fresh(), kind: "audience", audience: one.id, name: one.name }) };
}

export function PeoplePicker({ facets, label, choose }) {
  const show = (option) => html`<span class="grow">${option.name} ${option.below && html`<span class="quiet small">${option.below}</span>`}</span><span class="badge">${option.what}</span>`;
  return html`<${Picker} label=${label} find=${(words, signal) => search(words, facets, signal)} show=${show} keyOf=${(one) => one.key} choose=${(option) => choose(option.make())} />`;
}
