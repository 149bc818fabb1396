/** Which column of a table holds what: by the word at its top, else by what stands in it. A guess, to be corrected. */
import { isHash } from "./sha256.js";
import { strip } from "./text.js";

const ENOUGH = 0.6; // of the cells that are not empty
const DECORATION = /^hashed|(?:hash|hashed|sha256)$/g;
const LOOKS = [
  ["email", (text) => /^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(text)],
  ["postal", (text) => /^\d{5}(-\d{4})?$/.test(text) || /^[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}$/i.test(text) || /^[A-Z]\d[A-Z] ?\d[A-Z]\d$/i.test(text)],
  ["phone", (text) => /^\+?[\d\s().-]{7,20}$/.test(text) && text.replace(/\D/g, "").length >= 7],
];

/** The word at the top of a column, as the tables of headers have it. */
export function plain(column) {
  const letters = column.toLowerCase().replace(/[^a-z0-9]/g, "");
  return letters.replace(DECORATION, "") || letters;
}

/** The field of each column (`null` for none): `rows` are some rows below the header, `header` null when there is none. */
export function recognise(header, rows, tables) {
  const width = header ? header.length : Math.max(0, ...rows.map((row) => row.length));
  const fields = Array(width).fill(null);
  const taken = new Set();
  const give = (at, field) => {
    if (!field || fields[at] || taken.has(field)) return;
    fields[at] = field;
    taken.add(field);
  };
  header?.forEach((words, at) => give(at, tables.headers[plain(words)]));
  for (let at = 0; at < width; at += 1) {
    const cells = rows.map((row) => strip(row[at] || "")).filter((text) => text && !isHash(text)); // hashes say nothing of what they are of
    const often = (holds) => cells.length > 0 && cells.filter(holds).length >= ENOUGH * cells.length;
    if (often((text) => Object.hasOwn(tables.countries, text.toLowerCase()) && text.length > 1 && !/^\d+$/.test(text))) {
      const known = new Set(cells.map((text) => tables.countries[text.toLowerCase()]));
      const states = cells.filter((text) => /^[A-Z]{2}$/.test(text)).length === cells.length && known.size > 12;
      if (!states) give(at, fields[at] ? null : "country");
    }
    for (const [field, looks] of LOOKS) if (often(looks)) give(at, field);
  }
  return fields;
}

/** Whether the first row is data and no header: something in it could be nobody's heading. */
export function isHeadless(first) {
  return first.some((cell) => isHash(strip(cell)) || LOOKS[0][1](strip(cell)) || /^\+?\d[\d\s().-]{5,}$/.test(strip(cell)));
}
