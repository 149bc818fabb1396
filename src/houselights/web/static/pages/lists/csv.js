/** Reads tables of text as they arrive (RFC 4180, forgiving), and writes lines of them. Quoted cells may hold line breaks. */

const LONGEST_ROW = 1 << 20; // characters; a quote that is never closed is found out here, not at the end of the file

/** A row is too long to be one; `row` counts from the first. */
export class Torn extends Error {}

export class Rows {
  constructor(delimiter) {
    this.delimiter = delimiter;
    this.rest = "";
    this.count = 0;
  }

  /** The rows that are whole by now; `last` says that nothing follows. Empty lines are none. */
  push(text, last = false) {
    const all = this.rest + text;
    const found = [];
    let at = 0;
    while (at < all.length) {
      const end = this.#row(all, at, last, found);
      if (end < 0) break;
      at = end;
    }
    this.rest = all.slice(at);
    if (this.rest.length > LONGEST_ROW) throw new Torn(`Row ${this.count + 1} has no end: is a quotation mark not closed?`);
    return found;
  }

  // Read one row from `at`; answers where the next begins, -1 when more text must come first.
  #row(all, at, last, found) {
    const { delimiter } = this;
    const cells = [];
    for (;;) {
      let cell;
      if (all[at] === '"') {
        let from = at + 1;
        cell = "";
        for (;;) {
          const quote = all.indexOf('"', from);
          if (quote < 0 && !last) return -1;
          if (quote === all.length - 1 && !last) return -1; // perhaps half of a doubled one
          cell += all.slice(from, quote < 0 ? all.length : quote);
          at = quote < 0 ? all.length : quote + 1;
          if (quote < 0 || all[at] !== '"') break;
          cell += '"';
          from = at + 1;
        }
      } else cell = "";
      const start = at;
      while (at < all.length && all[at] !== delimiter && all[at] !== "\n" && all[at] !== "\r") at += 1;
      cells.push(cell + all.slice(start, at));
      if (at >= all.length) {
        if (!last) return -1;
        break;
      }
      const mark = all[at];
      at += 1;
      if (mark === delimiter) continue;
      if (mark === "\r") {
        if (at >= all.length && !last) return -1;
        if (all[at] === "\n") at += 1;
      }
      break;
    }
    if (cells.length > 1 || cells[0] !== "") {
      this.count += 1;
      found.push(cells);
    }
    return at;
  }
}

/** Which character separates the cells of a table, by its first line. */
export function delimiterOf(text) {
  const line = text.replace(/"[^"]*"/g, "").split(/[\r\n]/, 1)[0];
  const counts = [",", ";", "\t", "|"].map((mark) => [mark, line.split(mark).length]);
  return counts.reduce((best, one) => (one[1] > best[1] ? one : best))[0];
}

/** Cells as one line of CSV. They are the user's own, and stay as they are. */
export const line = (cells) => cells.map((cell) => (/[",\n\r]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(",") + "\r\n";
