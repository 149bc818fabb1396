/**
 * Cells in, hashes of their normal forms out: the browser's half of identity/tables.py. `hasher(tables)` answers
 * `cell(field, value, country, ownCodes)`, which answers `{ hash, wrong }`: `hash` null for an empty cell, `wrong` in words
 * why a cell that is not empty has the hash of nothing.
 */
import { address } from "./address.js";
import { city, email, name, postal, state } from "./normalise.js";
import { phones } from "./phone.js";
import { NOTHING, hashOf, isHash } from "./sha256.js";
import { strip } from "./text.js";

const EMPTY = { hash: null, wrong: null };
const REMEMBERED = 20_000; // values of one kind; names, cities, states and codes come again and again
const OFTEN = new Set(["first_name", "last_name", "city", "state", "postal"]);
const FREE = { email, first_name: name, last_name: name, city };

export function hasher(tables) {
  const { phone, international } = phones(tables.phone);
  const none = Object.create(null);
  const words = (country) => tables.address[country] || tables.address[""] || none;
  const bound = {
    phone,
    address: (text, country) => address(text, words(country)),
    state: (text, country) => state(text, tables.states[country]),
    postal: (text, country) => postal(text, country, tables.postal),
  };
  const memory = new Map();

  const normal = (field, text, country, ownCodes) => {
    if (FREE[field]) return FREE[field](text);
    const own = field === "phone" && (ownCodes || country === null) ? international(text) : "";
    return own || country === null ? own : bound[field](text, country);
  };
  const fresh = (field, text, country, ownCodes) => {
    const form = normal(field, text, country, ownCodes);
    if (form) return { hash: hashOf(form), wrong: null };
    const lacking = bound[field] && country === null;
    return { hash: NOTHING, wrong: lacking ? "no country" : `no ${field.replace("_", " ")}` };
  };

  /** `country` is null where it is not known. */
  const cell = (field, value, country, ownCodes = false) => {
    const text = strip(value);
    if (!text) return EMPTY;
    if (isHash(text)) return { hash: text.toLowerCase(), wrong: null };
    if (!OFTEN.has(field)) return fresh(field, text, country, ownCodes);
    const key = `${field} ${country} ${text}`;
    let found = memory.get(key);
    if (!found) {
      if (memory.size >= REMEMBERED) memory.clear();
      memory.set(key, (found = fresh(field, text, country, ownCodes)));
    }
    return found;
  };

  /** The code of a country as people write it, null for what is none. */
  const countryOf = (written) => {
    const text = strip(written);
    return tables.also[text.toUpperCase().replaceAll(".", "")] || tables.countries[text.toLowerCase()] || null;
  };

  return { cell, countryOf };
}
