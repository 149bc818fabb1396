/** Uploads and what became of them, as a table; here and among the operations. */
import { html } from "app/ui/html.js";
import { Empty } from "app/ui/kit.js";
import { count, instant } from "app/ui/words.js";
import { Table } from "app/pages/operations/table.js";

const LOOK = { succeeded: "good", failed: "bad", partial: "lamp", waiting: "" };

export const State = ({ state, look = LOOK[state] }) => html`<span class=${`badge ${look || ""}`}>${state}</span>`;

const LIMBO = "waiting";
const wrong = (one) => [one.error, ...one.targets.filter((target) => target.error).map((target) => `${target.name}: ${target.error}`)].filter(Boolean).join("; ");
const done = (one, number) => (one.state === LIMBO ? "…" : count(number));

export function Uploads({ items, names = null }) {
  if (!items.length) return html`<${Empty} title="No uploads yet">What is sent appears here, with what became of it.<//>`;
  const columns = [
    ["Received", (one) => instant(one.received_at)],
    ["State", (one) => html`<${State} state=${one.state} />`],
    ...(names ? [["Lists", (one) => one.audiences.map((id) => names.get(id) || id).join(", ") || "–"]] : []),
    ["Records", (one) => count(one.received), "num"],
    ["Valid", (one) => done(one, one.processed), "num"],
    ["Matched", (one) => done(one, one.matched), "num"],
    ["What went wrong", (one) => html`<span class="quiet">${wrong(one) || "–"}</span>`],
  ];
  return html`<${Table} label="Uploads" columns=${columns} rows=${items} />`;
}
