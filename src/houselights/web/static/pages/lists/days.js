/** The list day by day: how many were on it, who came and who went. */
import { html, useState } from "app/ui/html.js";
import { get } from "app/api.js";
import { ChartFrame } from "app/charts/frame.js";
import { Drawing, basics } from "app/charts/plot.js";
import { useAsked } from "app/ui/asked.js";
import { Asked } from "app/ui/kit.js";
import { count } from "app/ui/words.js";

const SPANS = [[30, "30 days"], [90, "90 days"], [365, "a year"]];
const iso = (date) => date.toISOString().slice(0, 10);
const number = (counted) => counted.exact ?? counted.band.low;
const COLUMNS = [["day", "Day", undefined, false], ["members", "On it", count], ["added", "Came", count], ["removed", "Taken off", count], ["expired", "Too long on it", count]];

export function Days({ id, turn }) {
  const [back, setBack] = useState(30);
  const asked = useAsked(async (signal) => {
    const { as_of: now } = await get(`/v1/audiences/${id}/members/count`, {}, { signal });
    const end = new Date(now);
    const query = { start: iso(new Date(end - back * 86_400_000)), end: iso(end) };
    const path = `/v1/audiences/${id}/members/history`;
    const told = await get(path, query, { signal });
    const rows = told.days.map((one) => ({ day: one.day, ...Object.fromEntries(["members", "added", "removed", "expired"].map((name) => [name, number(one[name])])) }));
    return { rows, path: `${path}?${new URLSearchParams(query)}`, banded: told.days.some((one) => one.members.exact === null || one.members.exact === undefined) };
  }, [id, back, turn]);
  return html`<section class="section" aria-label="Day by day"><header><h2>Day by day</h2>
      <label class="row small">The last <select aria-label="How far back" value=${back} onChange=${(event) => setBack(Number(event.currentTarget.value))}>${SPANS.map(([days, words]) => html`<option key=${days} value=${days}>${words}</option>`)}</select></label></header>
    <${Asked} of=${asked} lines=${5}>${(told) => html`<${ChartFrame} title="People on the list" columns=${COLUMNS} rows=${told.rows} call=${["GET", told.path]}
      note=${told.banded ? "In bands: the low end of each is drawn." : "At the end of each day, in UTC. Bars: who came, and who went or had been on it for too long."}>
      ${told.rows.some((row) => row.members || row.added || row.removed || row.expired) ? html`<${Drawn} rows=${told.rows} />` : html`<p class="quiet">Nobody was on this list in that time.</p>`}<//>`}<//></section>`;
}

function Drawn({ rows }) {
  const days = rows.map((row) => ({ ...row, date: new Date(`${row.day}T00:00:00Z`), gone: -(row.removed + row.expired) }));
  const last = rows[rows.length - 1];
  const line = [...days, { ...last, date: new Date(Date.parse(`${last.day}T00:00:00Z`) + 86_400_000) }];
  const draw = (Plot, width, colour) => Plot.plot(basics(width, 200, {
    marginLeft: 56,
    marginRight: 20,
    marginBottom: 40,
    x: { type: "utc", label: null, ticks: Math.max(2, Math.floor(width / 110)) },
    y: { label: null, ticks: 4, tickFormat: "~s", grid: true },
    marks: [
      Plot.rectY(days, { x: "date", y: "added", interval: "day", fill: colour["more-wash"] }),
      Plot.rectY(days, { x: "date", y: "gone", interval: "day", fill: colour["less-wash"] }),
      Plot.ruleY([0], { stroke: colour["line-2"] }),
      Plot.lineY(line, { x: "date", y: "members", stroke: colour.ink, strokeWidth: 2, curve: "step-after" }),
    ],
  }));
  return html`<div><div class="legend"><span><i class="line"></i>on it</span><span><i class="more"></i>came</span><span><i class="less"></i>went</span></div>
    <${Drawing} draw=${draw} deps=${[rows]} height=${200} label=${`${count(last.members)} people on the list on ${last.day}`} /></div>`;
}
