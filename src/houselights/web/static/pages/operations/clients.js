/** Clients: software with credentials. Made with scopes, turned away for good; a secret is shown once. */
import { html, useState } from "app/ui/html.js";
import { get, post } from "app/api.js";
import { Asked, CopyButton, Dialog, ProblemNote, toast } from "app/ui/kit.js";
import { useAsked } from "app/ui/asked.js";
import { useSession } from "app/ui/session.js";
import { day } from "app/ui/words.js";
import { Table } from "app/pages/operations/table.js";

const SCOPES = [
  ["audiences:read", "list and read audiences, facets and traits"], ["audiences:write", "create, change and archive audiences"], ["insights:read", "ask for sizes, overlaps and demographics"],
  ["counts:exact", "see exact counts, however small"], ["profiles:read", "see single people"], ["imports:write", "bring people in"], ["operator", "manage clients, read the audit log"],
];
const isPerson = (client) => client.client_id.startsWith("person:");

export function Clients() {
  const asked = useAsked((signal) => get("/v1/clients", {}, { signal }), []);
  const [dialog, setDialog] = useState(null);
  const close = () => setDialog(null);
  const columns = [
    ["Name", (one) => html`<b>${one.name}</b><div class="quiet small"><code>${one.client_id}</code></div>`],
    ["Scopes", (one) => html`<span class="row tight">${one.scopes.map((scope) => html`<span key=${scope} class="badge">${scope}</span>`)}</span>`],
    ["Made", (one) => day(one.created_at), "wide"],
    ["State", (one) => (one.disabled ? html`<span class="badge bad">turned away</span>` : html`<button type="button" class="small" aria-label=${`Turn away ${one.name}`} onClick=${() => setDialog({ disable: one })}>Turn away</button>`)],
  ];
  return html`<div class="card stack"><div class="row apart"><p class="quiet">Software that may ask this house. People who sign in have a page of their own.</p><button type="button" class="primary" onClick=${() => setDialog({ make: true })}>Make a client</button></div>
      <${Asked} of=${asked} lines=${6}>${(told) => html`<${Table} label="Clients" columns=${columns} rows=${told.items.filter((one) => !isPerson(one))} empty="There are no clients yet" />`}<//></div>
    <${Dialog} title=${dialog?.made ? "The client is made" : "Make a client"} open=${Boolean(dialog?.make || dialog?.made)} onClose=${close}>
      ${dialog?.made ? html`<${Once} made=${dialog.made} close=${close} />` : html`<${NewClient} done=${(made) => { setDialog({ made }); asked.again(); }} />`}<//>
    <${Dialog} title="Turn a client away" open=${Boolean(dialog?.disable)} onClose=${close}>
      ${dialog?.disable && html`<${Disable} client=${dialog.disable} done=${() => { close(); asked.again(); }} />`}<//>`;
}

/** Asks before a client is turned away; also for people, who are clients underneath. */
export function Disable({ client, done }) {
  const [problem, setProblem] = useState(null);
  const disable = async () => {
    try {
      await post(`/v1/clients/${client.id}/disable`);
      toast(`${client.name} is turned away`);
      done();
    } catch (refused) {
      setProblem(refused);
    }
  };
  return html`<div class="stack"><p>“${client.name}” is turned away at once and for good: what it was given to sign in with ends.</p>
    <${ProblemNote} problem=${problem} /><div class="row"><button type="button" class="danger" onClick=${disable}>Turn away</button></div></div>`;
}

function NewClient({ done }) {
  const { person, may } = useSession();
  const [problem, setProblem] = useState(null);
  const submit = async (event) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setProblem(null);
    const redirect_uris = form.get("redirects").split(/\s+/).filter(Boolean);
    try {
      done(await post("/v1/clients", { name: form.get("name"), scopes: form.getAll("scope"), accounts: form.getAll("account"), redirect_uris, token: form.has("token") }));
    } catch (refused) {
      setProblem(refused);
    }
  };
  return html`<form class="stack" onSubmit=${submit}>
    <label class="field">Name<input name="name" required maxlength="255" autofocus /></label>
    <fieldset class="stack tight"><legend>What it may do</legend>${SCOPES.filter(([scope]) => may(scope)).map(([scope, words]) => html`<label class="check" key=${scope}><input type="checkbox" name="scope" value=${scope} /><span><code>${scope}</code> <span class="quiet small">${words}</span></span></label>`)}</fieldset>
    ${person.accounts.length > 0 && html`<fieldset class="stack tight"><legend>Accounts it may act for</legend>${person.accounts.map((one) => html`<label class="check" key=${one.id}><input type="checkbox" name="account" value=${one.id} />${one.name}</label>`)}</fieldset>`}
    <label class="field">Redirect addresses, if people sign in through it<input name="redirects" placeholder="https://…/back" /></label>
    <label class="check"><input type="checkbox" name="token" checked />Also make a bearer token that lives until the client is turned away</label>
    <${ProblemNote} problem=${problem} /><div class="row"><button class="primary">Make the client</button></div></form>`;
}

function Once({ made, close }) {
  const secrets = [["Client id", made.client_id], ["Secret", made.secret], ...(made.token ? [["Bearer token", made.token]] : [])];
  return html`<div class="stack"><p><b>Copy these now.</b> They are shown once; only their hashes are kept.</p>
    <dl class="secrets">${secrets.map(([words, value]) => html`<div key=${words}><dt>${words}</dt><dd class="row"><code class="grow">${value}</code><${CopyButton} text=${value}>Copy<//></dd></div>`)}</dl>
    <div class="row"><button type="button" class="primary" onClick=${close}>I have them</button></div></div>`;
}
