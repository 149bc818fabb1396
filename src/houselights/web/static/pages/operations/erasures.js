/** Erasures: who asked to be forgotten, how far that is, and what was looked into afterwards. */
import { html } from "app/ui/html.js";
import { get } from "app/api.js";
import { Asked } from "app/ui/kit.js";
import { useAsked } from "app/ui/asked.js";
import { count, instant } from "app/ui/words.js";
import { State } from "app/pages/lists/uploads.js";
import { Table } from "app/pages/operations/table.js";

const LOOK = { done: "good", rewritten: "lamp" };
const COLUMNS = [
  ["Asked for", (one) => instant(one.requested_at)],
  ["State", (one) => html`<${State} state=${one.state} look=${LOOK[one.state]} />${one.error && html`<div class="wrong-note small">${one.error}</div>`}`],
  ["Of", (one) => one.scope],
  ["People", (one) => count(one.people), "num"],
  ["Ended", (one) => instant(one.finished_at)],
  ["Proof", (one) => one.proof && html`<details><summary>What was looked into</summary><pre class="proof">${JSON.stringify(one.proof, null, 2)}</pre></details>`],
];

export function Erasures() {
  const asked = useAsked((signal) => get("/v1/erasures", { limit: 200 }, { signal }), []);
  return html`<div class="card"><${Asked} of=${asked} lines=${4}>${(told) => html`<${Table} label="Erasures" columns=${COLUMNS} rows=${told.items} empty="Nobody asked to be forgotten" />`}<//></div>`;
}
