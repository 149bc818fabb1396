/** Connections: where clients send their lists to. Clients make them through the rooms. */
import { html } from "app/ui/html.js";
import { get } from "app/api.js";
import { Asked } from "app/ui/kit.js";
import { useAsked } from "app/ui/asked.js";
import { useSession } from "app/ui/session.js";
import { instant } from "app/ui/words.js";
import { Table } from "app/pages/operations/table.js";
import { useClients } from "app/pages/operations/who.js";

export function Connections() {
  const { person } = useSession();
  const asked = useAsked((signal) => get("/v1/connections", {}, { signal }), []);
  const nameOf = useClients();
  const accounts = new Map(person.accounts.map((one) => [one.id, one.name]));
  const place = (id) => (id ? accounts.get(id) || id : "–");
  const columns = [
    ["Connection", (one) => html`<code>${one.id}</code> ${one.is_default && html`<span class="badge lamp">default</span>`}`],
    ["Client", (one) => nameOf(one.client)],
    ["Advertiser", (one) => place(one.advertiser)],
    ["Clean room", (one) => place(one.cleanroom)],
    ["Made", (one) => instant(one.created_at), "wide"],
  ];
  return html`<div class="card"><${Asked} of=${asked} lines=${4}>${(told) => html`<${Table} label="Connections" columns=${columns} rows=${told.items} keyOf=${(one) => `${one.client}/${one.id}`} empty="No client has a connection yet" />`}<//></div>`;
}
