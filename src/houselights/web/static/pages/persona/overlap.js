/** This audience laid over others: an UpSet plot, in which every region is a column. */
import { html } from "app/ui/html.js";
import { get, post } from "app/api.js";
import { ChartFrame } from "app/charts/frame.js";
import { Drawing, basics } from "app/charts/plot.js";
import { useAsked } from "app/ui/asked.js";
import { Asked, ProblemNote } from "app/ui/kit.js";
import { AudiencePicker } from "app/ui/picker.js";
import { brief, count, size } from "app/ui/words.js";

const MOST = 6;
const LETTER = 7.6; // pixels, about

/** `over` are the ids of the others, as the address has them; `choose(ids)` changes them. */
export function Overlaps({ audience, over, choose }) {
  const asked = useAsked((signal) => Promise.all(over.map((id) => get(`/v1/audiences/${id}`, {}, { signal }))), [over.join()]);
  const others = (asked.data || []).filter((one) => over.includes(one.id));
  const chosen = [audience, ...others];
  return html`<section class="section on-screen" aria-label="Overlap"><header><h2>Beside other audiences</h2></header>
    <div class="stack"><div class="row">
      ${others.map((one) => html`<button key=${one.id} type="button" class="small" onClick=${() => choose(over.filter((each) => each !== one.id))}>${one.name} <span aria-label="remove">×</span></button>`)}
      ${over.length < MOST - 1 && html`<${AudiencePicker} label="Add an audience to lay over" except=${[audience.id, ...over]} choose=${(one) => choose([...over, one.id])} />`}</div>
    <${ProblemNote} problem=${asked.problem} />
    ${others.length ? html`<${UpSet} chosen=${chosen} />` : html`<p class="quiet">Choose one to five others to see who is in which.</p>`}</div></section>`;
}

/** The regions of two to six audiences, largest first. */
export function UpSet({ chosen, title = "Who is in which" }) {
  const body = { audiences: chosen.map((one) => one.id) };
  const asked = useAsked((signal) => post("/v1/overlap", body, { signal }), [body.audiences.join()]);
  return html`<${Asked} of=${asked} lines=${6}>${(told) => html`<${Regions} chosen=${chosen} told=${told} call=${["POST", "/v1/overlap", body]} title=${title} />`}<//>`;
}

function Regions({ chosen, told, call, title }) {
  const name = new Map(chosen.map((one) => [one.id, one.name]));
  // Without exact counts a bar is as long as the low end of its band, which is said beside it.
  const exact = (told.regions || []).every((region) => region.people.exact !== null);
  const rows = (told.regions || [])
    .map((region) => ({ inside: region.inside, in: region.inside.map((id) => name.get(id)).join(" + "), people: region.people.exact ?? region.people.band.low, band: size(region.people) }))
    .filter((region) => !exact || region.people > 0)
    .sort((a, b) => b.people - a.people);
  const names = chosen.map((one) => one.name);
  const draw = (Plot, width, colour) => {
    const left = Math.min(Math.max(110, width * 0.3), Math.max(...names.map((text) => text.length)) * LETTER + 16);
    const shown = rows.slice(0, Math.max(4, Math.floor((width - left) / 34)));
    const at = (row) => row.in;
    const x = { type: "band", domain: shown.map(at), axis: null, padding: 0.3 };
    width = Math.min(width, left + shown.length * 110); // a few bars need no whole page
    const short = (text) => (text.length * LETTER > left - 14 ? `${text.slice(0, Math.floor((left - 14) / LETTER) - 1)}…` : text);
    const bars = Plot.plot(basics(width, 150, { marginLeft: left, marginBottom: 4, marginTop: 18, x, y: { axis: null }, marks: [
      Plot.barY(shown, { x: at, y: "people", fill: (row) => (row.inside.includes(chosen[0].id) ? colour["more-wash"] : colour.grey), rx: 2 }),
      Plot.text(shown, { x: at, y: "people", dy: -8, text: (row) => (exact ? (row.people < 10_000 ? count : brief)(row.people) : ""), title: (row) => `${row.in}: ${row.band}`, fill: colour.ink }),
    ] }));
    const cells = shown.flatMap((row) => chosen.map((one) => ({ x: at(row), y: one.name, on: row.inside.includes(one.id) })));
    const dots = Plot.plot(basics(width, names.length * 26 + 8, { marginLeft: left, marginTop: 0, marginBottom: 4, x, y: { domain: names, label: null, tickFormat: short, tickSize: 0 }, marks: [
      Plot.dot(cells, { x: "x", y: "y", r: 6, fill: (cell) => (cell.on ? colour.ink : colour.line) }),
    ] }));
    const both = document.createElement("div");
    both.append(bars, dots);
    return both;
  };
  const columns = [["in", "In all of, and no other", undefined, false], exact ? ["people", "People", count] : ["band", "People"]];
  return html`<${ChartFrame} title=${title} columns=${columns} rows=${rows} call=${call} note=${`Coloured: people who are in ${chosen[0].name}.${exact ? "" : " You see bands: a bar is the low end of its band."}`}>
    <${Drawing} draw=${draw} deps=${[told]} label=${`${title}: ${rows.slice(0, 3).map((row) => `${row.in}, ${row.band}`).join("; ")}`} /><//>`;
}
