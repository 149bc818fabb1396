/** The frame of a chart: its title, and the same numbers as a drawing, a table, a CSV file and a call of the API. */
import { html, useId, useState } from "app/ui/html.js";
import { asCurl } from "app/api.js";
import { CopyButton, save } from "app/ui/kit.js";
import { csv } from "app/ui/words.js";

/**
 * `columns` is [[name, words, format?, numeric?], …] over `rows`; `call` is [method, path, body], the question whose answer this is, or
 * several of them; `children` the drawing; `note` a line below it.
 */
export function ChartFrame({ title, columns, rows, call, children, note, level = 3 }) {
  const [asTable, setAsTable] = useState(false);
  const id = useId();
  const file = `${title.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-")}.csv`;
  const calls = call && (Array.isArray(call[0]) ? call : [call]);
  // What is known by an id is called by its name in a file: ids say nothing to whoever opens it.
  const asFile = () => csv(columns.map(([name]) => name), rows, columns.map(([name, words]) => (/^\d+$/.test(name) ? words : name)));
  const Heading = `h${level}`;
  return html`<figure class="chart card" aria-labelledby=${id}>
    <header><${Heading} id=${id}>${title}<//>
      <div class="row no-print chart-tools">
        <button type="button" class="small plain" aria-pressed=${asTable} onClick=${() => setAsTable(!asTable)}>Table</button>
        <button type="button" class="small plain" onClick=${() => save(file, asFile())}>CSV</button>
        ${call && html`<${CopyButton} text=${() => calls.map((one) => asCurl(...one)).join("\n")} what=${calls.length > 1 ? "The calls are on the clipboard" : "The call is on the clipboard"}>API call<//>`}
      </div></header>
    ${asTable ? html`<${ChartTable} title=${title} columns=${columns} rows=${rows} />` : children}
    ${note && html`<figcaption class="quiet small">${note}</figcaption>`}
  </figure>`;
}

function ChartTable({ title, columns, rows }) {
  return html`<div class="scroll-x" tabindex="0" role="region" aria-label=${`${title}, as a table`}><table>
    <thead><tr>${columns.map(([name, words, , numeric]) => html`<th key=${name} scope="col" class=${numeric === false ? "" : "num"}>${words}</th>`)}</tr></thead>
    <tbody>${rows.map((row, at) => html`<tr key=${at} class=${row.reliable === false ? "unreliable" : ""}>
      ${columns.map(([name, , format, numeric]) => html`<td key=${name} class=${numeric === false ? "" : "num"}>${format ? format(row[name]) : row[name] ?? "–"}</td>`)}</tr>`)}</tbody>
  </table></div>`;
}
