/** The audiences of the workspace: search, filter, open. */
import { html, useState } from "app/ui/html.js";
import { get } from "app/api.js";
import { Asked, Empty } from "app/ui/kit.js";
import { useAsked } from "app/ui/asked.js";
import { to } from "app/ui/route.js";
import { day } from "app/ui/words.js";

const KINDS = [["", "All kinds"], ["custom", "Custom"], ["combined", "Combined"], ["advertiser", "Lists"], ["lookalike", "Look-alike"], ["reference", "Reference"]];

export default function Audiences() {
  const [words, setWords] = useState("");
  const [kind, setKind] = useState("");
  const found = useAsked((signal) => get("/v1/audiences", { name: words, kind, limit: 100 }, { signal }), [words, kind], { wait: 80 });
  return html`<header><div><h1>Audiences</h1><p>Named rules over people. Open one to see who they are.</p></div>
      <a class="button primary" href=${to("/build")}>Build an audience</a></header>
    <div class="card stack">
      <div class="row">
        <input class="grow" type="search" aria-label="Search audiences" placeholder="Search by name" value=${words} onInput=${(event) => setWords(event.currentTarget.value)} />
        <select aria-label="Kind" value=${kind} onChange=${(event) => setKind(event.currentTarget.value)}>${KINDS.map(([key, said]) => html`<option key=${key} value=${key}>${said}</option>`)}</select>
      </div>
      <${Asked} of=${found} lines=${8}>${(page) => (page.items.length ? html`<div class="scroll-x"><table>
        <caption class="visually-hidden">Audiences, oldest first</caption>
        <thead><tr><th scope="col">Name</th><th scope="col">Kind</th><th scope="col" class="wide-only">Category</th><th scope="col" class="wide-only">Changed</th></tr></thead>
        <tbody>${page.items.map((one) => html`<tr key=${one.id}><td><a href=${to(`/persona/${one.id}`)}>${one.name}</a></td>
          <td><span class="badge">${one.kind}</span></td><td class="quiet wide-only">${[one.category, ...one.path].join(" › ")}</td><td class="quiet wide-only">${day(one.updated_at)}</td></tr>`)}</tbody>
      </table></div>
      <p class="quiet small">${page.items.length} of ${page.total}${page.total > page.items.length ? "; search to narrow them down" : ""}</p>` : html`<${Empty} title="No audience is like that">Another word may find it.<//>`)}<//>
    </div>`;
}
