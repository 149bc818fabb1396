/** How many are in each, and how much of each is in the others. */
import { html } from "app/ui/html.js";
import { post } from "app/api.js";
import { ChartFrame } from "app/charts/frame.js";
import { useAsked } from "app/ui/asked.js";
import { Asked } from "app/ui/kit.js";
import { percent, size } from "app/ui/words.js";

export function Sizes({ audiences }) {
  const body = { audiences: audiences.map((one) => one.id) };
  const asked = useAsked((signal) => post("/v1/overlap", body, { signal }), [body.audiences.join()]);
  return html`<${Asked} of=${asked}>${(told) => html`<${Table} audiences=${audiences} told=${told} call=${["POST", "/v1/overlap", body]} />`}<//>`;
}

function Table({ audiences, told, call }) {
  const people = new Map(told.sizes.map((one) => [one.audience, one.people]));
  const share = (from, other) => {
    const pair = told.pairs.find((one) => (one.first === from && one.second === other) || (one.first === other && one.second === from));
    return pair && (pair.first === from ? pair.share_of_first : pair.share_of_second);
  };
  const columns = [["name", "Audience", undefined, false], ["people", "People", undefined, true], ...audiences.map((one) => [one.id, `also in ${one.name}`, percent, true])];
  const rows = audiences.map((one) => ({ id: one.id, name: one.name, people: size(people.get(one.id)), ...Object.fromEntries(audiences.map((other) => [other.id, other === one ? null : share(one.id, other.id)])) }));
  return html`<${ChartFrame} title="Sizes" columns=${columns} rows=${rows} call=${call}>
    <div class="scroll-x" tabindex="0" role="region" aria-label="Sizes"><table class="folds"><thead><tr>${columns.map(([key, words, , numeric]) => html`<th key=${key} scope="col" class=${numeric ? "num" : ""}>${words}</th>`)}</tr></thead>
      <tbody>${rows.map((row) => html`<tr key=${row.id}><th scope="row">${row.name}</th><td class="num" data-label="People"><b>${row.people}</b></td>
        ${audiences.map((one) => html`<td key=${one.id} class=${one.id === row.id ? "num self" : "num"} data-label=${`also in ${one.name}`}>${row[one.id] === null ? "–" : percent(row[one.id])}</td>`)}</tr>`)}</tbody></table></div><//>`;
}
