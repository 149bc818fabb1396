/**
 * Normal forms of what people type: names, e-mail, city, state and postal code. A port of identity/normalise.py, whose
 * tables it is given; "" is for a value that cannot be right. Phone numbers are in phone.js, addresses in address.js.
 */
import { WORD } from "./text.js";

const LIGATURES = { "ß": "ss", "ä": "ae", "ö": "oe", "ü": "ue", "ø": "o", "æ": "ae" };
const LIGATURE = /[ßäöüøæ]/g;
const NOT_PLAIN = /[^a-z0-9]+/g;
const NOT_EMAIL = new RegExp(`[^${WORD}.@-]+`, "gu");
const EMAIL = new RegExp(`^[${WORD}.-]+@[${WORD}.-]+$`, "u");
const SIMPLE_EMAIL = /^[a-z0-9.-]+@[a-z0-9.-]+$/;
const POSTAL_CA = /^(?:[A-Za-z][0-9]){3}$/;
const POSTAL_GB = /^[A-Za-z]{1,2}[0-9][A-Za-z0-9]?[0-9][A-Za-z]{2}$/;

/** A first or last name: "O'Neil" is "oneil", "Müller" "mueller"; other accented letters go. */
export const name = (text) => text.toLowerCase().replace(LIGATURE, (letter) => LIGATURES[letter]).replace(NOT_PLAIN, "");

/** A city: lower case, letters a-z and digits. */
export const city = (text) => text.toLowerCase().replace(NOT_PLAIN, "");

/** An e-mail address: lower case, only word characters, dots, "@" and "-". */
export function email(text) {
  const lower = text.toLowerCase();
  if (SIMPLE_EMAIL.test(lower)) return lower;
  const kept = lower.replace(NOT_EMAIL, "");
  return EMAIL.test(kept) ? kept : "";
}

/** A state or province in two letters: by its name in the country (`codes`, null where states have none), or its first two. */
export function state(text, codes) {
  const plain = text.toUpperCase().replace(/[^A-Z]+/g, "");
  return (codes && Object.hasOwn(codes, plain) ? codes[plain] : plain.slice(0, 2)).toLowerCase();
}

/** A postal code; `lengths` has the countries whose codes are not of five digits. What follows the code is cut off. */
export function postal(text, country, lengths) {
  if (country === "CA" || country === "GB") {
    const [pattern, most] = country === "CA" ? [POSTAL_CA, 6] : [POSTAL_GB, 7];
    const compact = text.replace(/[^A-Za-z0-9]+/g, "").slice(0, most);
    return pattern.test(compact) ? compact : "";
  }
  const length = lengths[country] ?? 5;
  const digits = text.replace(/[^0-9]+/g, "").slice(0, length);
  return digits.length === length ? digits : "";
}
