/** Normal forms of phone numbers: digits with the country code and no "+". A port of the decisions in identity/normalise.py. */
import { reader } from "./numbers.js";
import { stripStart } from "./text.js";

const WORDY = /[\p{L}\p{Nl}\p{No};#]/u; // letters, or what sets off an extension

/** Make `phone(text, country)` (country null: the digits begin with a country code) and `international(text)`. */
export function phones(tables) {
  const { read, isWhole, fits } = reader(tables);
  const opened = Object.fromEntries(Object.entries(tables.opened).map(([country, range]) => [country, new RegExp(`^(?:${range})$`)]));

  const possible = (digits) => {
    if (digits.length === 11 && digits[0] === "1" && digits[1] > "1") return true;
    const number = read(`+${digits}`, null);
    return number !== null && isWhole(number);
  };
  const spelt = (text, country) => {
    const bare = text.replaceAll("+", "");
    const number = read(country === null ? `+${bare}` : bare, country);
    return number ? number.code + number.national : "";
  };
  const phone = (text, country) => {
    const digits = WORDY.test(text) ? spelt(text, country) : text.replace(/[^0-9]+/g, "");
    if (!digits) return "";
    if ((country === "US" || country === "CA") && digits.length === 10 && digits[0] > "1") return `1${digits}`;
    if (country === null) return possible(digits) ? digits : "";
    const number = read(digits, country);
    if (number?.national === digits && opened[country]?.test(digits)) return "";
    return number && isWhole(number) && fits(number.national, country) ? number.code + number.national : "";
  };
  const international = (text) => (stripStart(text).startsWith("+") ? phone(text, null) : "");
  return { phone, international };
}
