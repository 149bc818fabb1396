/** Reads a chosen file: which encoding it has, its first rows, and all of its rows in pieces. Runs in the worker. */
import { Rows, delimiterOf } from "./csv.js";

const BEGINNING = 1 << 18; // bytes looked at for the header and the guesses
const SHOWN = 200; // rows of them

/** What stands in the way of reading a file, in words for its owner. */
export class Unreadable extends Error {}

/** Look at a file: `{ encoding, delimiter, rows }`, its first rows. Raises Unreadable for what is no table of text. */
export async function look(file) {
  const head = new Uint8Array(await file.slice(0, BEGINNING).arrayBuffer());
  if (head.length === 0) throw new Unreadable("The file is empty.");
  if (head[0] === 0x50 && head[1] === 0x4b) throw new Unreadable("This is a workbook or an archive. Save it as CSV first.");
  if (head[0] === 0x1f && head[1] === 0x8b) throw new Unreadable("The file is packed. Unpack it first.");
  const encoding = await encodingOf(file, head);
  const text = new TextDecoder(encoding).decode(head, { stream: true });
  if (text.includes("\0")) throw new Unreadable("This is no table of text.");
  const delimiter = delimiterOf(text);
  const rows = new Rows(delimiter).push(text, head.length === file.size);
  if (!rows.length) throw new Unreadable("The file has no row that ends.");
  return { encoding, delimiter, rows: rows.slice(0, SHOWN) };
}

/** Every row, in pieces: `{ rows, share }`, `share` being how much of the file has been read, of 1. */
export async function* pieces(file, { encoding, delimiter }) {
  const decoder = new TextDecoder(encoding);
  const rows = new Rows(delimiter);
  let read = 0;
  for await (const bytes of chunks(file)) {
    read += bytes.length;
    yield { rows: rows.push(decoder.decode(bytes, { stream: true })), share: read / file.size };
  }
  yield { rows: rows.push(decoder.decode(), true), share: 1 };
}

async function* chunks(file) {
  const reader = file.stream().getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    yield value;
  }
}

// UTF-8 unless its mark says otherwise or some byte of the file cannot be; then what spreadsheets of the West write.
async function encodingOf(file, head) {
  if (head[0] === 0xff && head[1] === 0xfe) return "utf-16le";
  if (head[0] === 0xfe && head[1] === 0xff) return "utf-16be";
  const strict = new TextDecoder("utf-8", { fatal: true });
  try {
    for await (const bytes of chunks(file)) strict.decode(bytes, { stream: true });
    strict.decode();
    return "utf-8";
  } catch {
    return "windows-1252";
  }
}
