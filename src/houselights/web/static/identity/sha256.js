/** SHA-256 as identities use it: lower-case hex of UTF-8, no salt. The hash of nothing identifies nobody. */
import { sha256 } from "../vendor/hashes-2.4.0/sha2.js";

const encoder = new TextEncoder();
const HEX = Array.from({ length: 65_536 }, (_, pair) => pair.toString(16).padStart(4, "0"));
// A file has a million values: one state is set back for each of them, where a new one would have to be cleared away.
const fresh = sha256.create();
const state = sha256.create();
const digest = new Uint8Array(32);

/** The hash of a normalised value. Not the browser's own, which answers later and only to pages that came by https. */
export function hashOf(text) {
  fresh._cloneInto(state);
  state.update(encoder.encode(text)).digestInto(digest);
  let written = "";
  for (let at = 0; at < 32; at += 2) written += HEX[(digest[at] << 8) | digest[at + 1]];
  return written;
}

/** The hash of "". */
export const NOTHING = hashOf("");
/** Whether a text already is such a hash, in either case. */
export const isHash = (text) => text.length === 64 && /^[A-Fa-f0-9]{64}$/.test(text);
