/**
 * What the server's language means by white space and by letters, where a browser's regular expressions mean another set.
 * Strings here are pieces of character classes.
 */

/** White space, also in the classes of patterns. */
export const SPACE = "\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";
/** What a word is made of. */
export const WORD = "\\p{L}\\p{N}_";

const ENDS = new RegExp(`^[${SPACE}]+|[${SPACE}]+$`, "g");
const START = new RegExp(`^[${SPACE}]+`);

/** A text without white space at its ends. */
export const strip = (text) => text.replace(ENDS, "");
/** A text without white space before it. */
export const stripStart = (text) => text.replace(START, "");
