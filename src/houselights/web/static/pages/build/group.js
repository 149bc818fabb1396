/** Groups and items of the builder as one sees and moves them, by mouse or keys. */
import { html, useState } from "app/ui/html.js";
import { changed, group, moved, stepped } from "app/pages/build/tree.js";
import { PeoplePicker } from "app/pages/build/search.js";
import { added } from "app/pages/build/tree.js";

const HOWS = [["all", "all of"], ["any", "any of"], ["none", "none of"]];
const WAYS = { ArrowUp: "up", ArrowDown: "down", ArrowLeft: "out", ArrowRight: "in" };
const KIND = "application/x-houselights-node";

/** One group: how its items go together, the items, and a box to add another. `edit(tree => tree)` changes the tree. */
export function Group({ node, edit, facets, depth = 0, wrong, words = "People who match" }) {
  const [over, setOver] = useState(false);
  const drop = (event) => {
    event.preventDefault();
    event.stopPropagation();
    setOver(false);
    const id = event.dataTransfer.getData(KIND);
    if (id) edit((tree) => moved(tree, id, node.id, place(event)));
  };
  return html`<section class=${`group how-${node.how} ${over ? "over" : ""} ${wrong === node.id ? "wrong" : ""}`} aria-label=${`${HOWS.find(([how]) => how === node.how)[1]}, ${node.items.length} conditions`}
      onDragOver=${(event) => { event.preventDefault(); event.stopPropagation(); setOver(true); }} onDragLeave=${() => setOver(false)} onDrop=${drop}>
    <header class="row"><span class="quiet">${depth ? "" : words}</span>
      <div class="how" role="group" aria-label="How these go together">${HOWS.map(([how, said]) => html`<button key=${how} type="button" class="small" aria-pressed=${node.how === how}
        onClick=${() => edit((tree) => changed(tree, node.id, (one) => ({ ...one, how })))}>${said}</button>`)}</div>
      <span class="grow"></span>
      <button type="button" class="small plain" onClick=${() => edit((tree) => changed(tree, node.id, (one) => ({ ...one, items: [...one.items, group("any")] })))}>Add a group</button>
      ${depth > 0 && html`<button type="button" class="icon small plain" aria-label="Remove this group" onClick=${() => edit((tree) => changed(tree, node.id, () => null))}>×</button>`}
    </header>
    <ul class="items">${node.items.map((item) => html`<li key=${item.id} data-item=${item.id}>${item.kind === "group"
      ? html`<${Movable} item=${item} edit=${edit} label="Group"><${Group} node=${item} edit=${edit} facets=${facets} depth=${depth + 1} wrong=${wrong} /><//>`
      : html`<${Movable} item=${item} edit=${edit} label=${said(item, facets)} wrong=${wrong === item.id}><${Condition} item=${item} edit=${edit} facets=${facets} /><//>`}</li>`)}</ul>
    <${PeoplePicker} facets=${facets} label=${depth ? "Add to this group" : "Add a trait, audience or words"} choose=${(item) => edit((tree) => added(tree, node.id, item))} />
  </section>`;
}

function place(event) {
  const items = [...event.currentTarget.querySelectorAll(":scope > .items > li")];
  const at = items.findIndex((item) => event.clientY < item.getBoundingClientRect().top + item.offsetHeight / 2);
  return at < 0 ? Infinity : at;
}

/** What can be taken hold of: dragged by its handle, or moved with Alt and the arrow keys while the handle has the focus. */
function Movable({ item, edit, label, wrong, children }) {
  const keys = (event) => {
    if (event.key === "Delete" || event.key === "Backspace") {
      event.preventDefault();
      edit((tree) => changed(tree, item.id, () => null));
    } else if (event.altKey && WAYS[event.key]) {
      event.preventDefault();
      edit((tree) => stepped(tree, item.id, WAYS[event.key]));
      requestAnimationFrame(() => document.querySelector(`[data-handle="${item.id}"]`)?.focus());
    }
  };
  return html`<div class=${wrong ? "movable wrong" : "movable"}>
    <button type="button" class="handle plain" draggable="true" data-handle=${item.id} aria-label=${`Move: ${label}`} title="Drag, or Alt and arrow keys; Delete removes" onKeyDown=${keys}
      onDragStart=${(event) => { event.stopPropagation(); event.dataTransfer.setData(KIND, item.id); event.dataTransfer.effectAllowed = "move"; }}>⠿</button>
    <div class="grow">${children}</div></div>`;
}

/** A condition in words. */
export function said(item, facets) {
  const facet = facets.find((one) => one.key === item.facet)?.name || item.facet;
  if (item.kind === "trait") return `${facet}: ${item.any_of.map((one) => one.name).join(" or ")}`;
  if (item.kind === "audience") return `In “${item.name}”`;
  if (item.kind === "mentions") return `Wrote ${item.phrases.map((one) => `“${one}”`).join(" or ")}${item.within_days ? ` in the last ${item.within_days} days` : ""}`;
  return JSON.stringify(item.rule);
}

function Condition({ item, edit, facets }) {
  const remove = () => edit((tree) => changed(tree, item.id, () => null));
  const facet = facets.find((one) => one.key === item.facet);
  const without = (key) => edit((tree) => changed(tree, item.id, (one) => (one.any_of.length === 1 ? null : { ...one, any_of: one.any_of.filter((each) => each.key !== key) })));
  return html`<div class="condition row">
    ${item.kind === "trait" && html`<span class="quiet">${facet?.name || item.facet}</span>${item.any_of.map((one) => html`<span key=${one.key} class="chip">${one.name}
      <button type="button" class="plain" aria-label=${`Remove ${one.name}`} onClick=${() => without(one.key)}>×</button></span>`)}`}
    ${item.kind === "audience" && html`<span class="quiet">in audience</span><span class="chip">${item.name}</span>`}
    ${item.kind === "mentions" && html`<span class="quiet">wrote</span>${item.phrases.map((one) => html`<span key=${one} class="chip">“${one}”</span>`)}
      <label class="check small">in the last <input class="days" type="number" min="1" aria-label="Days" value=${item.within_days || ""} placeholder="any" onChange=${(event) => { const days = Number(event.currentTarget.value) || null; edit((tree) => changed(tree, item.id, (one) => ({ ...one, within_days: days }))); }} /> days</label>`}
    ${item.kind === "rule" && html`<span class="quiet">rule</span><code class="grow">${JSON.stringify(item.rule)}</code>`}
    <span class="grow"></span>
    ${item.kind !== "trait" && html`<button type="button" class="icon small plain" aria-label=${`Remove ${said(item, facets)}`} onClick=${remove}>×</button>`}
  </div>`;
}
