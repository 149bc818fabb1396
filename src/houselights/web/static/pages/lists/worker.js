/**
 * The worker: rows of a customer file in, batches of hashes out to the server. What it reads stays here and on the page; it
 * sends the batches itself, so that the page stays quick, and nothing else.
 *
 * Asked `look`, it answers `looked` with the first rows and guesses of columns; `begin` says which columns to hash, each
 * `next` is answered by a `batch` of at most `MOST` records, or by `end`; `send` sends a batch and answers the upload, or
 * the problem; `rejects` answers a file.
 */
import { ask, actFor, useProof } from "../../api.js";
import { hasher } from "../../identity/hash.js";
import { isHeadless, recognise } from "../../identity/headers.js";
import { NOTHING } from "../../identity/sha256.js";
import { line } from "./csv.js";
import { look, pieces } from "./reading.js";

const MOST = 2000;
const LISTED = 200; // rows with a fault that are shown; the file has all of them
const OWN_ID = /^[0-9A-Za-z_-]{1,128}$/;

const encoder = new TextEncoder();
let tables = null;
let work = null;

async function tablesNow() {
  tables ||= (async () => {
    const reply = await fetch("/web/identity/tables.json");
    if (!reply.ok) throw new Error("The tables of normal forms cannot be fetched.");
    return reply.json();
  })();
  return tables;
}

/** One file on its way: `plan` is `{ columns: {field: at}, country, ownCodes, ownId, action, headless, looked }`. */
class Work {
  constructor(file, plan, known) {
    this.plan = plan;
    this.header = plan.header;
    this.width = plan.looked.width;
    this.fields = Object.entries(plan.columns).filter(([field]) => field !== "country");
    this.pieces = pieces(file, plan.looked);
    this.hashing = hasher(known);
    this.waiting = [];
    this.read = 0;
    this.share = 0;
    this.rejected = [];
    this.listed = [];
    this.refused = 0;
    this.partly = 0;
    this.headless = plan.headless;
    this.file = file;
    this.batches = new Map();
  }

  async next() {
    const records = [];
    const rows = [];
    while (records.length < MOST) {
      if (!this.waiting.length && !(await this.more())) break;
      const cells = this.waiting.pop();
      this.read += 1;
      const record = this.record(cells);
      if (!record) continue;
      records.push(record);
      rows.push(this.read);
    }
    const counts = { read: this.read, refused: this.refused, partly: this.partly, listed: this.listed, share: this.share };
    this.listed = [];
    if (!records.length) return { kind: "end", ...counts };
    const number = this.batches.size;
    this.batches.set(number, encoder.encode(JSON.stringify({ records })).buffer);
    return { kind: "batch", number, records: records.length, rows: Uint32Array.from(rows), ...counts };
  }

  /** Send a batch to a list; it is kept until the server has it. */
  async send({ number, list, standing }) {
    useProof(standing.proof);
    actFor(standing.account);
    try {
      const { upload } = await ask("POST", `/v1/lists/${list}/records`, { body: this.batches.get(number), headers: { "Content-Type": "application/json" } });
      this.batches.set(number, null);
      return { upload };
    } catch (problem) {
      return { problem: { ...problem, message: problem.message } };
    }
  }

  async more() {
    for (;;) {
      const { done, value } = await this.pieces.next();
      if (done) return false;
      const rows = this.headless || !value.rows.length ? value.rows : value.rows.slice(1);
      if (value.rows.length) this.headless = true;
      this.share = value.share;
      if (rows.length) {
        this.waiting = rows.reverse();
        return true;
      }
    }
  }

  record(cells) {
    if (cells.length !== this.width) return this.refuse(cells, [`${cells.length} cells, not ${this.width}`]);
    const { plan } = this;
    const faults = [];
    let country = plan.country;
    const written = plan.columns.country === undefined ? "" : cells[plan.columns.country];
    if (written.trim()) {
      country = this.hashing.countryOf(written);
      if (!country) faults.push(`country: “${written}” is none`);
    }
    const hashes = {};
    let any = false;
    for (const [field, at] of this.fields) {
      const { hash, wrong } = this.hashing.cell(field, cells[at], country, plan.ownCodes);
      if (wrong) faults.push(`${this.header[at]}: ${wrong}`);
      else if (hash && hash !== NOTHING) {
        hashes[field] = hash;
        any = true;
      }
    }
    const record = { action: plan.action, hashed: any ? [hashes] : [] };
    if (country) record.country = country;
    if (plan.ownId !== null) {
      const id = cells[plan.ownId].trim();
      if (OWN_ID.test(id)) record.external_id = id;
      else if (id) faults.push(`${this.header[plan.ownId]}: an id has letters, digits, “-” and “_”`);
    }
    if (!any && !record.external_id) return this.refuse(cells, faults.length ? faults : ["nothing in it to hash"]);
    if (faults.length) this.note(cells, faults, true);
    return record;
  }

  refuse(cells, faults) {
    this.note(cells, faults, false);
    return null;
  }

  note(cells, faults, sent) {
    if (sent) this.partly += 1;
    else this.refused += 1;
    this.rejected.push([this.read, sent, faults.join("; "), cells]);
    if (this.refused + this.partly <= LISTED) this.listed.push({ row: this.read, sent, faults });
  }

  /** What stayed behind, as a file; `refused` has the rows that the server did not take, and why: `[[row, words], …]`. */
  async rejects(refused) {
    const kept = this.rejected.map(([row, sent, fault, cells]) => [row, sent ? "without these" : "no", fault, cells]);
    const words = new Map(refused);
    const others = words.size ? await this.cellsOf(words) : [];
    const both = new Map(others.map(([row, cells]) => [row, [row, "refused by the server", words.get(row), cells]]));
    for (const each of kept) {
      const also = both.get(each[0]);
      both.set(each[0], also ? [each[0], also[1], `${each[2]}; ${also[2]}`, each[3]] : each);
    }
    const parts = [line(["row", "sent", "problem", ...this.header])];
    for (const [row, sent, fault, cells] of [...both.values()].sort((a, b) => a[0] - b[0])) parts.push(line([String(row), sent, fault, ...cells]));
    return new Blob(parts, { type: "text/csv" });
  }

  // The cells of some rows, read from the file once more: those that were sent are not kept.
  async cellsOf(wanted) {
    const found = [];
    let row = this.plan.headless ? 0 : -1;
    for await (const { rows } of pieces(this.file, this.plan.looked)) {
      for (const cells of rows) {
        row += 1;
        if (wanted.has(row)) found.push([row, cells]);
      }
    }
    return found;
  }
}

const ANSWERS = {
  async look({ file }) {
    const [looked, known] = [await look(file), await tablesNow()];
    const [first, ...below] = looked.rows;
    const headless = isHeadless(first);
    const width = first.length;
    const rows = headless ? looked.rows : below;
    return {
      kind: "looked",
      looked: { encoding: looked.encoding, delimiter: looked.delimiter, width },
      first,
      rows: rows.slice(0, 5),
      headless,
      fields: recognise(headless ? null : first, rows, known),
      countries: known.names,
    };
  },
  async begin({ file, plan }) {
    work = new Work(file, plan, await tablesNow());
    return { kind: "begun" };
  },
  next: () => work.next(),
  send: (asked) => work.send(asked),
  rejects: async ({ refused }) => ({ kind: "rejects", file: await work.rejects(refused) }),
};

// The next batch is hashed while one is on its way.
addEventListener("message", async ({ data }) => {
  try {
    const answer = await ANSWERS[data.ask](data);
    postMessage({ id: data.id, answer }, answer.kind === "batch" ? [answer.rows.buffer] : []);
  } catch (error) {
    postMessage({ id: data.id, fault: error.message });
  }
});
