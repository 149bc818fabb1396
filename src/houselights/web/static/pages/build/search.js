/** Finds what an audience can be made of: traits, audiences, lists, and words that people wrote. */
import { html } from "app/ui/html.js";
import { get } from "app/api.js";
import { Picker } from "app/ui/picker.js";
import { fresh } from "app/pages/build/tree.js";

const MADE = ["custom", "combined", "lookalike"];

/** Answer what is called like `words`, by kind: traits, audiences that are no traits, lists, and the words themselves. */
async function search(words, facets, signal) {
  const wanted = words.trim();
  const called = (kind, limit) => get("/v1/audiences", { name: wanted ? `*${wanted}*` : undefined, kind, status: "active", order: "newest", limit }, { signal });
  const [traits, audiences, lists] = await Promise.all([wanted ? get("/v1/traits", { q: wanted, limit: 12 }, { signal }) : { items: [] }, called(MADE, 6), called(["advertiser"], 4)]);
  const made = [...traits.items.map((trait) => asTrait(trait, facets)), ...audiences.items.map((one) => asAudience(one, "Audiences")), ...lists.items.map((one) => asAudience(one, "Lists"))];
  return wanted ? [...made, asWords(wanted)] : made;
}

function asTrait(trait, facets) {
  const facet = facets.find((one) => one.key === trait.facet);
  return {
    key: `${trait.facet}/${trait.key}`,
    group: "Traits",
    what: facet?.name || trait.facet,
    name: trait.name,
    below: trait.path.slice(0, -1).join(" › "),
    make: () => ({ id: fresh(), kind: "trait", facet: trait.facet, any_of: [{ key: trait.key, name: trait.name }] }),
  };
}

function asAudience(one, group) {
  return { key: one.id, group, what: "", name: one.name, below: one.category, make: () => ({ id: fresh(), kind: "audience", audience: one.id, name: one.name }) };
}

function asWords(wanted) {
  return { key: "words", group: "Words", what: "", name: `wrote “${wanted}”`, below: "in a bio or a post", make: () => ({ id: fresh(), kind: "mentions", fields: ["bio", "post"], phrases: [wanted], within_days: null }) };
}

export function PeoplePicker({ facets, label, choose }) {
  const show = (option) => html`<span class="grow">${option.name} ${option.below && html`<span class="quiet small">${option.below}</span>`}</span>${option.what && html`<span class="badge">${option.what}</span>`}`;
  return html`<${Picker} label=${label} find=${(words, signal) => search(words, facets, signal)} show=${show} keyOf=${(one) => one.key} groupOf=${(one) => one.group} choose=${(option) => choose(option.make())} />`;
}
