/** The audit log: who learned or changed what, newest first, by client and by what they did. */
import { html, useState } from "app/ui/html.js";
import { get } from "app/api.js";
import { useAsked } from "app/ui/asked.js";
import { instant } from "app/ui/words.js";
import { LogTable, useLog } from "app/pages/operations/table.js";

export function Audit() {
  const [action, setAction] = useState("");
  const [client, setClient] = useState("");
  const clients = useAsked((signal) => get("/v1/clients", {}, { signal }), []);
  const known = clients.data?.items || [];
  const names = new Map(known.map((one) => [one.id, one.name]));
  const log = useLog("/v1/audit", { action: action.trim(), client });
  const columns = [
    ["At", (one) => html`<span class="nowrap">${instant(one.at)}</span>`],
    ["Who", (one) => (one.client ? names.get(one.client) || one.client : "command line")],
    ["What", (one) => html`<code>${one.action}</code>`],
    ["About", (one) => one.subject || "–"],
    ["Details", (one) => Object.keys(one.details).length > 0 && html`<details><summary>${Object.keys(one.details).join(", ")}</summary><pre>${JSON.stringify(one.details, null, 2)}</pre></details>`],
  ];
  return html`<div class="card stack"><div class="row">
      <input class="grow" type="search" aria-label="Actions that begin with" placeholder="Actions that begin with, such as client." value=${action} onInput=${(event) => setAction(event.currentTarget.value)} />
      <select aria-label="Client" value=${client} onChange=${(event) => setClient(event.currentTarget.value)}><option value="">Everybody</option>${known.map((one) => html`<option key=${one.id} value=${one.id}>${one.name}</option>`)}</select></div>
    <${LogTable} log=${log} label="Audit log" columns=${columns} empty="No entry is like that" /></div>`;
}
