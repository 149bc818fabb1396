/** Uploads of everybody, or of one's own client for those who are no operators. */
import { html, useState } from "app/ui/html.js";
import { all } from "app/api.js";
import { Asked, ProblemNote } from "app/ui/kit.js";
import { useAsked } from "app/ui/asked.js";
import { Uploads } from "app/pages/lists/uploads.js";
import { useLog } from "app/pages/operations/table.js";

const STATES = [["", "All states"], ["waiting", "Waiting"], ["succeeded", "Succeeded"], ["partial", "Partial"], ["failed", "Failed"]];

export function AllUploads() {
  const [state, setState] = useState("");
  const names = useAsked(async () => new Map((await all("/v1/audiences", { kind: "advertiser" })).map((one) => [one.id, one.name])), []);
  const log = useLog("/v1/uploads", { state }, { moving: (items) => items.some((one) => one.state === "waiting") });
  return html`<div class="card stack"><div class="row"><select aria-label="State" value=${state} onChange=${(event) => setState(event.currentTarget.value)}>${STATES.map(([key, words]) => html`<option key=${key} value=${key}>${words}</option>`)}</select></div>
    <${Asked} of=${log.asked} lines=${6}>${() => html`<${Uploads} items=${log.items} names=${names.data || new Map()} /><${ProblemNote} problem=${log.problem} />
      ${log.older && html`<div class="row older"><button type="button" class="small" disabled=${log.busy} onClick=${log.older}>Show older</button></div>`}`}<//></div>`;
}
