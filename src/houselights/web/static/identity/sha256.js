/** SHA-256 as identities use it: lower-case hex of UTF-8, no salt. The hash of nothing identifies nobody. */
import { sha256 } from "../vendor/hashes-2.4.0/sha2.js";

const encoder = new TextEncoder();
const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** The hash of a normalised value. Not the browser's own, which answers later and only to pages that came by https. */
export function hashOf(text) {
  const digest = sha256(encoder.encode(text));
  let written = "";
  for (let at = 0; at < 32; at += 1) written += HEX[digest[at]];
  return written;
}

/** The hash of "". */
export const NOTHING = hashOf("");
/** Whether a text already is such a hash, in either case. */
export const isHash = (text) => text.length === 64 && /^[A-Fa-f0-9]{64}$/.test(text);
