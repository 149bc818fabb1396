/** How numbers, bands, times and counts are written everywhere. */
const whole = new Intl.NumberFormat("en");
const short = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });
const when = new Intl.DateTimeFormat("en", { dateStyle: "medium", timeStyle: "short" });

const date = new Intl.DateTimeFormat("en", { dateStyle: "medium" });

export const count = (number) => (number === null || number === undefined ? "–" : whole.format(number));
export const brief = (number) => (number === null || number === undefined ? "–" : short.format(number));
export const percent = (share, digits = 1) => (share === null || share === undefined ? "–" : `${(share * 100).toFixed(digits)} %`);
export const times = (factor) => (factor === null || factor === undefined ? "–" : `${factor.toFixed(2)}×`);
export const instant = (text) => (text ? when.format(new Date(text)) : "–");
export const day = (text) => (text ? date.format(new Date(text)) : "–");

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

/** Rows of objects as CSV, RFC 4180; cells that a spreadsheet would take for a formula are quoted with an apostrophe. */
export function csv(columns, rows) {
  const cell = (value) => {
    const text = value === null || value === undefined ? "" : String(value);
    const safe = typeof value === "string" && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
    return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  return [columns, ...rows.map((row) => columns.map((name) => row[name]))].map((cells) => cells.map(cell).join(",")).join("\r\n") + "\r\n";
}
