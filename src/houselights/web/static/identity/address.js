/** Normal forms of street addresses: "123 East Main St. Apt #5" is "123emainstaptnumber5". A port of identity/address.py. */
import { SPACE, WORD, strip } from "./text.js";

const BREAKS = new RegExp(`(?<![${WORD}])C/O(?![${WORD}])|[${SPACE},.!()\\[\\]{}]+`, "u");
const NUMBER_DASH = /^([0-9]+)-(?![0-9]+$)([^-]+)$/;
const HASH = /^([^#]*)(#)([^#]*)$/;

/** Normalise a street address; "" when it has no words. `words` stands for what in the country: `tables.address[country]`. */
export function address(text, words) {
  let normal = "";
  for (const token of tokens(text)) normal += Object.hasOwn(words, token) ? words[token] : token;
  return normal.toLowerCase();
}

function tokens(text) {
  const found = [];
  for (const token of strip(text).toUpperCase().split(BREAKS)) {
    const split = NUMBER_DASH.exec(token) || HASH.exec(token);
    if (split) found.push(...split.slice(1).filter(Boolean));
    else if (token) found.push(token);
  }
  return found;
}
