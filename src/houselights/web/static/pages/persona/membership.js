/** Who came and went: the members an audience had at the end of each day, where somebody kept a log of them. */
import { html } from "app/ui/html.js";
import { get } from "app/api.js";
import { ChartFrame } from "app/charts/frame.js";
import { Drawing, basics } from "app/charts/plot.js";
import { useAsked } from "app/ui/asked.js";
import { Asked } from "app/ui/kit.js";
import { count, size } from "app/ui/words.js";

const DAYS = 90;
const NAMES = ["members", "added", "removed", "expired"];
const iso = (date) => date.toISOString().slice(0, 10);

/** Days as rows: for each of NAMES a number, and `…_told`, how it is said to this person. */
async function history(id, signal) {
  const { as_of: now } = await get(`/v1/audiences/${id}/members/count`, {}, { signal });
  const query = { start: iso(new Date(new Date(now) - (DAYS - 1) * 86_400_000)), end: iso(new Date(now)) };
  const path = `/v1/audiences/${id}/members/history`;
  const { days } = await get(path, query, { signal });
  const rows = days.map((one) => Object.fromEntries([["day", one.day], ...NAMES.flatMap((name) => [[name, one[name].exact ?? one[name].band.low], [`${name}_told`, size(one[name])]])]));
  const exact = days.every((one) => one.members.exact !== null);
  return { rows, exact, happened: rows.some((row) => NAMES.some((name) => row[name] > 0)), call: ["GET", `${path}?${new URLSearchParams(query)}`] };
}

export function Membership({ id }) {
  const asked = useAsked((signal) => history(id, signal), [id]);
  return html`<section class="section on-screen" aria-label="Membership"><header><h2>Who came and went</h2></header>
    <${Asked} of=${asked} lines=${5}>${(told) => (told.happened ? html`<${Chart} told=${told} />`
      : html`<p class="quiet">${told.exact ? `No log of its members covers the last ${DAYS} days: who is in it follows from its rule at every moment.` : `No log of its members covers the last ${DAYS} days, or too few people came and went to be told.`}</p>`)}<//></section>`;
}

function Chart({ told }) {
  const { rows, exact } = told;
  const last = rows[rows.length - 1];
  const days = rows.map((row) => ({ ...row, date: new Date(`${row.day}T00:00:00Z`), gone: -(row.removed + row.expired) }));
  const words = (row) => `${row.day}: ${row.members_told} members, ${row.added_told} came, ${row.removed_told} taken off, ${row.expired_told} expired`;
  const draw = (Plot, width, colour) => Plot.plot(basics(width, 220, {
    marginLeft: 56,
    marginRight: 20,
    marginTop: 12,
    x: { type: "utc", label: null, ticks: Math.max(2, Math.floor(width / 120)) },
    y: { label: null, ticks: 4, tickFormat: "~s", grid: true, zero: true },
    marks: [
      Plot.rectY(days, { x: "date", y: "added", interval: "day", fill: colour["more-wash"], title: words }),
      Plot.rectY(days, { x: "date", y: "gone", interval: "day", fill: colour["less-wash"], title: words }),
      Plot.ruleY([0], { stroke: colour["line-2"] }),
      Plot.lineY(days, { x: "date", y: "members", stroke: colour.ink, strokeWidth: 2, curve: "step-after" }),
    ],
  }));
  const columns = [["day", "Day", undefined, false], ...[["members", "Members"], ["added", "Came"], ["removed", "Taken off"], ["expired", "Expired"]].map(([name, title]) => (exact ? [name, title, count] : [`${name}_told`, title]))];
  return html`<${ChartFrame} title="Members by day" columns=${columns} rows=${rows} call=${told.call} note=${`At the end of each day, in UTC.${exact ? "" : " You see bands: what is drawn is the low end of each."}`}>
    <div class="legend"><span><i class="ink"></i>members</span><span><i class="more"></i>came</span><span><i class="less"></i>went, or had been on it for too long</span></div>
    <${Drawing} draw=${draw} deps=${[rows]} height=${220} label=${`${last.members_told} members on ${last.day}`} /><//>`;
}
