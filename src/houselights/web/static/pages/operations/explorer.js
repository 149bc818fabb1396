/** The API explorer: one page for each room of the house, every operation with what it takes and a command to paste. */
import { html, useMemo, useState } from "app/ui/html.js";
import { get } from "app/api.js";
import { useAsked } from "app/ui/asked.js";
import { Asked, CopyButton, Empty } from "app/ui/kit.js";
import { to } from "app/ui/route.js";
import { count } from "app/ui/words.js";
import { commandOf, operationsOf } from "app/pages/operations/documents.js";

export function Explorer({ parts }) {
  const rooms = useAsked((signal) => get("/v1/rooms", {}, { signal }), []);
  return html`<${Asked} of=${rooms} lines=${8}>${(told) => {
    const room = told.items.find((one) => one.name === parts[0]) || told.items[0];
    return html`<div class="stack"><nav class="row" aria-label="Rooms">${told.items.map((one) => html`<a key=${one.name} class="button small" href=${to(`/operations/api/${one.name}`)} aria-current=${one === room ? "page" : undefined}>${one.name}</a>`)}</nav>
      <${Room} key=${room.name} room=${room} /></div>`;
  }}<//>`;
}

function Room({ room }) {
  const [words, setWords] = useState("");
  const asked = useAsked((signal) => get(room.document, {}, { signal }), [room.document]);
  const operations = useMemo(() => (asked.data ? operationsOf(asked.data) : []), [asked.data]);
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  const found = operations.filter((one) => wanted.every((word) => `${one.method} ${one.path} ${one.summary} ${one.tag}`.toLowerCase().includes(word)));
  const tags = [...new Set(found.map((one) => one.tag))];
  return html`<${Asked} of=${asked} lines=${8}>${(document) => html`<div class="card stack">
    <div class="row apart"><div><h2>${document.info.title}</h2><p class="quiet small">${count(operations.length)} operations · version ${document.info.version} · <a href=${room.document}>OpenAPI document</a></p></div></div>
    <input type="search" aria-label="Search operations" placeholder="Search by method, path or words" value=${words} onInput=${(event) => setWords(event.currentTarget.value)} />
    ${tags.length === 0 && html`<${Empty} title="No operation is like that" />`}
    ${tags.map((tag) => html`<section key=${tag} aria-label=${tag}><h3 class="tag">${tag}</h3>
      ${found.filter((one) => one.tag === tag).map((one) => html`<${Operation} key=${one.id} operation=${one} />`)}</section>`)}</div>`}<//>`;
}

const code = (text) => text.split("`").map((piece, at) => (at % 2 ? html`<code>${piece}</code>` : piece));

function Operation({ operation }) {
  const [open, setOpen] = useState(false);
  return html`<details class="operation" onToggle=${(event) => setOpen(event.currentTarget.open)}>
    <summary><span class=${`method is-${operation.method.toLowerCase()}`}>${operation.method}</span><code>${operation.path}</code><span class="quiet small">${code(operation.summary)}</span></summary>
    ${open && html`<div class="stack inside">
      ${operation.about.map((text, at) => html`<p key=${at}>${code(text)}</p>`)}
      ${operation.parameters.length > 0 && html`<div class="scroll-x" tabindex="0" role="region" aria-label="Parameters"><table><thead><tr><th scope="col">Parameter</th><th scope="col">In</th><th scope="col">Type</th><th scope="col">What</th></tr></thead>
        <tbody>${operation.parameters.map((each) => html`<tr key=${`${each.place} ${each.name}`}><td><code>${each.name}</code>${each.required && html` <span class="badge lamp">needed</span>`}</td><td>${each.place}</td><td class="quiet">${each.type}</td><td>${code(each.about)}</td></tr>`)}</tbody></table></div>`}
      ${operation.body && html`<div><h4>Body, for example</h4><pre tabindex="0">${typeof operation.body.value === "string" ? operation.body.value : JSON.stringify(operation.body.value, null, 2)}</pre></div>`}
      <div><div class="row apart"><h4>Command</h4><${CopyButton} text=${() => commandOf(operation)} what="The command is on the clipboard">Copy<//></div><pre tabindex="0" class="command">${commandOf(operation)}</pre></div>
      <dl class="replies small">${operation.replies.map(([status, about]) => html`<div key=${status}><dt><code>${status}</code></dt><dd class="quiet">${code(about)}</dd></div>`)}</dl></div>`}
  </details>`;
}
