/** Tables of what the house did: columns by name, older rows on request, the newest asked for again while something moves. */
import { html, useEffect, useState } from "app/ui/html.js";
import { get } from "app/api.js";
import { useAsked } from "app/ui/asked.js";
import { Asked, Empty, ProblemNote } from "app/ui/kit.js";

const PAGE = 50;

/**
 * Pages of a list that goes back by `before`: `{ items, asked, older }`, `older` null at its end. `moving(items)` says
 * whether to ask for the newest page again soon.
 */
export function useLog(path, query, { moving = () => false, page = PAGE } = {}) {
  const words = JSON.stringify(query);
  const [behind, setBehind] = useState({ items: [], next: undefined, problem: null });
  const [busy, setBusy] = useState(false);
  const asked = useAsked((signal) => get(path, { ...query, limit: page }, { signal }), [path, words]);
  useEffect(() => setBehind({ items: [], next: undefined, problem: null }), [path, words]);
  const newest = asked.data?.items || [];
  const active = moving(newest);
  useEffect(() => {
    if (!active) return undefined;
    const clock = setInterval(asked.again, 1000);
    return () => clearInterval(clock);
  }, [active, asked.again]);
  const known = new Set(newest.map((one) => one.id));
  const next = behind.next === undefined ? asked.data?.next_before : behind.next;
  const older = next ? async () => {
    setBusy(true);
    try {
      const told = await get(path, { ...query, limit: page, before: next });
      setBehind({ items: [...behind.items, ...told.items], next: told.next_before, problem: null });
    } catch (problem) {
      setBehind({ ...behind, problem });
    }
    setBusy(false);
  } : null;
  return { items: [...newest, ...behind.items.filter((one) => !known.has(one.id))], asked, older, busy, problem: behind.problem };
}

/** `columns` is [[words, draw(row), kind?], …], kind "num" for numbers and "wide" for what small screens leave out. */
export function Table({ label, columns, rows, keyOf = (row) => row.id, empty = "Nothing yet" }) {
  if (!rows.length) return html`<${Empty} title=${empty} />`;
  const kinds = { num: "num", wide: "wide-only" };
  return html`<div class="scroll-x" tabindex="0" role="region" aria-label=${label}><table class="folds">
    <thead><tr>${columns.map(([words, , kind]) => html`<th key=${words} scope="col" class=${kinds[kind] || ""}>${words}</th>`)}</tr></thead>
    <tbody>${rows.map((row) => html`<tr key=${keyOf(row)}>${columns.map(([words, draw, kind]) => html`<td key=${words} class=${kinds[kind] || ""} data-label=${words}>${draw(row)}</td>`)}</tr>`)}</tbody></table></div>`;
}

/** A log as a table with its button for older rows. */
export function LogTable({ log, ...table }) {
  return html`<${Asked} of=${log.asked} lines=${6}>${() => html`<${Table} rows=${log.items} ...${table} />
    <${ProblemNote} problem=${log.problem} />
    ${log.older && html`<div class="row older"><button type="button" class="small" disabled=${log.busy} onClick=${log.older}>${log.busy ? "Asking…" : "Show older"}</button></div>`}`}<//>`;
}
