/** Uploads and what became of them, as a table; here and among the operations. */
import { html } from "app/ui/html.js";
import { Empty } from "app/ui/kit.js";
import { count, instant } from "app/ui/words.js";

const LOOK = { succeeded: "good", failed: "bad", partial: "lamp", waiting: "" };

export const State = ({ state, look = LOOK[state] }) => html`<span class=${`badge ${look || ""}`}>${state}</span>`;

export function Uploads({ items, names = null }) {
  if (!items.length) return html`<${Empty} title="No uploads yet">What is sent appears here, with what became of it.<//>`;
  return html`<div class="scroll-x" tabindex="0" role="region" aria-label="Uploads"><table>
    <caption class="visually-hidden">Uploads, newest first</caption>
    <thead><tr><th scope="col">Received</th><th scope="col">State</th>${names && html`<th scope="col">Lists</th>`}<th scope="col" class="num">Records</th><th scope="col" class="num">Valid</th><th scope="col" class="num">Matched</th><th scope="col">What went wrong</th></tr></thead>
    <tbody>${items.map((one) => html`<tr key=${one.id}><td>${instant(one.received_at)}</td><td><${State} state=${one.state} /></td>
      ${names && html`<td>${one.audiences.map((id) => names.get(id) || id).join(", ") || "–"}</td>`}
      <td class="num">${count(one.received)}</td><td class="num">${one.state === "waiting" ? "…" : count(one.processed)}</td><td class="num">${one.state === "waiting" ? "…" : count(one.matched)}</td>
      <td class="quiet">${[one.error, ...one.targets.filter((target) => target.error).map((target) => `${target.name}: ${target.error}`)].filter(Boolean).join("; ")}</td></tr>`)}</tbody></table></div>`;
}
