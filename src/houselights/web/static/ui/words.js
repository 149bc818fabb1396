/** How numbers, bands, times and counts are written everywhere. */
const whole = new Intl.NumberFormat("en");
const short = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });
const when = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" });
const date = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium" });
const unbroken = (text) => text.replaceAll(" ", "\u00a0"); // a date is read at one go

export const count = (number) => (number === null || number === undefined ? "–" : whole.format(number));
export const brief = (number) => (number === null || number === undefined ? "–" : short.format(number));
export const percent = (share, digits = 1) => (share === null || share === undefined ? "–" : `${(share * 100).toFixed(digits)} %`);
export const times = (factor) => (factor === null || factor === undefined ? "–" : `${factor.toFixed(2)}×`);
/** An index beside a bar, where there is room for two or three digits. */
export const index = (factor) => `${factor.toFixed(factor < 1 ? 2 : factor < 10 ? 1 : 0)}×`;
export const instant = (text) => (text ? unbroken(when.format(new Date(text))) : "–");
export const day = (text) => (text ? unbroken(date.format(new Date(text))) : "–");

/** How long something took: "8 s", "3 min 20 s", "1 h 5 min". */
export function span(seconds) {
  const all = Math.max(0, Math.round(seconds));
  const [hours, minutes, rest] = [Math.floor(all / 3600), Math.floor((all % 3600) / 60), all % 60];
  if (hours) return `${hours} h ${minutes} min`;
  return minutes ? `${minutes} min ${rest} s` : `${rest} s`;
}

/** The name of a trait; a band of numbers as people write it: "30,000–49,999", and "1" for "1-1". */
export function named(name) {
  const found = /^(\d+)(?:-(\d+)| and over)$/.exec(name || "");
  if (!found) return name;
  if (!found[2]) return `${whole.format(found[1])} and over`;
  return found[1] === found[2] ? found[1] : `${whole.format(found[1])}–${whole.format(found[2])}`;
}

/** A size: the exact number for those who may see it, else its band in words. */
export function size(answer) {
  if (!answer) return "–";
  if (answer.exact !== null && answer.exact !== undefined) return count(answer.exact);
  return band(answer.band);
}

/** A band in words: "10 K–50 K", "fewer than 10 K", "100 M or more". */
export function band(range) {
  if (!range) return "–";
  if (range.high === null || range.high === undefined) return `${brief(range.low)} or more`;
  return range.low ? `${brief(range.low)}–${brief(range.high)}` : `fewer than ${brief(range.high)}`;
}

/** "1 person", "2 people". */
export const people = (number) => `${count(number)} ${number === 1 ? "person" : "people"}`;

/** Rows of objects as CSV, RFC 4180, below a line of `titles`; cells that a spreadsheet would take for a formula are quoted with an apostrophe. */
export function csv(columns, rows, titles = columns) {
  const cell = (value) => {
    const text = value === null || value === undefined ? "" : String(value);
    const safe = typeof value === "string" && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
    return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  return [titles, ...rows.map((row) => columns.map((name) => row[name]))].map((cells) => cells.map(cell).join(",")).join("\r\n") + "\r\n";
}
