/** Groups and items of the builder as one sees and moves them, by mouse or keys. */
import { html, useState } from "app/ui/html.js";
import { toast } from "app/ui/kit.js";
import { Condition, said } from "app/pages/build/condition.js";
import { PeoplePicker } from "app/pages/build/search.js";
import { added, changed, group, moved, stepped } from "app/pages/build/tree.js";

const HOWS = [["all", "all of"], ["any", "any of"], ["some", "at least"], ["none", "none of"]];
const WAYS = { ArrowUp: "up", ArrowDown: "down", ArrowLeft: "out", ArrowRight: "in" };
const MOVES = [["up", "Up"], ["down", "Down"], ["out", "Out of the group"], ["in", "Into a group"]];
const KIND = "application/x-houselights-node";

/** One group: how its items go together, the items, and a box to add another. `edit(tree => tree)` changes the tree. */
export function Group({ node, edit, facets, depth = 0, wrong, words = "People who match" }) {
  const [over, setOver] = useState(false);
  const drop = (event) => {
    event.preventDefault();
    event.stopPropagation();
    setOver(false);
    const id = event.dataTransfer.getData(KIND);
    const at = place(event);
    if (id) edit((tree) => moved(tree, id, node.id, at));
  };
  const choose = (item) => edit((tree) => {
    const next = added(tree, node.id, item);
    if (next === tree) toast(`${said(item, facets)} is there already`);
    return next;
  });
  const set = (more) => edit((tree) => changed(tree, node.id, (one) => ({ ...one, ...more })));
  return html`<section class=${`group how-${node.how} ${over ? "over" : ""} ${wrong === node.id ? "wrong" : ""}`} data-node=${node.id} aria-label=${`${HOWS.find(([how]) => how === node.how)[1]}${node.how === "some" ? ` ${node.k} of` : ""}, ${node.items.length} conditions`}
      onDragOver=${(event) => { event.preventDefault(); event.stopPropagation(); setOver(true); }} onDragLeave=${() => setOver(false)} onDrop=${drop}>
    <header class="row"><span class="quiet">${depth ? "" : words}</span>
      <div class="how" role="group" aria-label="How these go together">${HOWS.map(([how, words]) => html`<button key=${how} type="button" class="small" aria-pressed=${node.how === how}
        onClick=${() => node.how === how || set({ how })}>${words}</button>`)}</div>
      ${node.how === "some" && html`<label class="check small"><input class="days" type="number" min="1" max=${Math.max(1, node.items.length)} aria-label="How many at least" value=${node.k}
        onInput=${(event) => { const k = Number(event.currentTarget.value); if (Number.isInteger(k) && k > 0) set({ k }); }} /> of these</label>`}
      <span class="grow"></span>
      <button type="button" class="small plain" onClick=${() => edit((tree) => changed(tree, node.id, (one) => ({ ...one, items: [...one.items, group("any")] })))}>Add a group</button>
      ${depth > 0 && html`<button type="button" class="icon small plain" aria-label="Remove this group" onClick=${() => edit((tree) => changed(tree, node.id, () => null))}>×</button>`}
    </header>
    ${node.items.length === 0 && html`<p class="quiet small hint">${depth ? "Nothing is in this group yet, so it says nothing. Add to it, drag a condition here, or remove it." : "Everyone, until you add what they have in common."}</p>`}
    ${node.how === "some" && node.items.length > 0 && node.k > node.items.length && html`<p class="small hint wrong-words">Nobody can match ${node.k} of ${node.items.length}.</p>`}
    <ul class="items">${node.items.map((item) => html`<li key=${item.id} data-item=${item.id}>${item.kind === "group"
      ? html`<${Movable} item=${item} edit=${edit} label=${said(item, facets)}><${Group} node=${item} edit=${edit} facets=${facets} depth=${depth + 1} wrong=${wrong} /><//>`
      : html`<${Movable} item=${item} edit=${edit} label=${said(item, facets)} wrong=${wrong === item.id}><${Condition} item=${item} edit=${edit} facets=${facets} /><//>`}</li>`)}</ul>
    <${PeoplePicker} facets=${facets} label=${depth ? "Add to this group" : "Add a trait, audience or words"} choose=${choose} />
  </section>`;
}

function place(event) {
  const items = [...event.currentTarget.querySelectorAll(":scope > .items > li")];
  const at = items.findIndex((item) => event.clientY < item.getBoundingClientRect().top + item.offsetHeight / 2);
  return at < 0 ? Infinity : at;
}

/**
 * What can be taken hold of: dragged by its handle, or moved with Alt and the arrow keys while the handle has the focus.
 * Pressed, the handle has a button for each way, for fingers: they can neither drag nor hold Alt.
 */
function Movable({ item, edit, label, wrong, children }) {
  const [open, setOpen] = useState(false);
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
    <button type="button" class="handle plain" draggable="true" data-handle=${item.id} aria-label=${`Move: ${label}`} aria-expanded=${open} title="Drag, or Alt and arrow keys; Delete removes; press for buttons" onKeyDown=${keys} onClick=${() => setOpen(!open)}
      onDragStart=${(event) => { event.stopPropagation(); event.dataTransfer.setData(KIND, item.id); event.dataTransfer.effectAllowed = "move"; }}>⠿</button>
    <div class="grow">${open && html`<div class="row moves" role="group" aria-label=${`Move ${label}`}>${MOVES.map(([way, words]) => html`<button key=${way} type="button" class="small" onClick=${() => edit((tree) => stepped(tree, item.id, way))}>${words}</button>`)}</div>`}${children}</div></div>`;
}
