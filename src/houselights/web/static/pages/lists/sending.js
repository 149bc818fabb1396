/**
 * A file on its way to a list: asks the worker for batches of hashes and to send them, waits when the server says so, and
 * then for what became of them. Goes on while another page of the app is shown; is gone when the window is closed.
 */
import { Problem, get, standing } from "app/api.js";

const AGAIN_MS = 600; // between looks at what becomes of uploads
const AT_ONCE = 4; // uploads looked at each time
const LISTED = 200; // rows that the server refused which are shown; the file has all of them
const WAIT_SECONDS = 5; // where a refusal does not say how long

/** The worker of one file, as questions with answers. */
export class Reader {
  constructor() {
    this.worker = new Worker("/web/pages/lists/worker.js", { type: "module" });
    this.waiting = new Map();
    this.count = 0;
    this.worker.onmessage = ({ data }) => {
      const [answered, failed] = this.waiting.get(data.id);
      this.waiting.delete(data.id);
      if (data.fault) failed(new Error(data.fault));
      else answered(data.answer);
    };
    this.worker.onerror = (event) => {
      this.waiting.forEach(([, failed]) => failed(new Error(event.message || "The file cannot be read in this browser.")));
      this.waiting.clear();
    };
  }

  ask(what, more = {}) {
    this.count += 1;
    const id = this.count;
    return new Promise((answered, failed) => {
      this.waiting.set(id, [answered, failed]);
      this.worker.postMessage({ id, ask: what, ...more });
    });
  }

  close() {
    this.worker.terminate();
  }
}

const running = new Map();

/** What is being sent to a list, or was since the window was opened; undefined for nothing. */
export const sendingOf = (list) => running.get(list);

addEventListener("beforeunload", (event) => {
  if ([...running.values()].some((one) => ["sending", "waiting", "paused"].includes(one.phase))) event.preventDefault();
});

export class Sending {
  constructor(list, file, reader) {
    Object.assign(this, { list, file, reader, phase: "sending", problem: null, until: null, share: 0, read: 0, sent: 0, refused: 0, partly: 0, listed: [], uploads: [], declined: [] });
    this.listeners = new Set();
    this.wanted = "sending";
    running.set(list, this);
  }

  /** Call `listener` after every change; returns how to stop. */
  watch(listener) {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  #set(change) {
    Object.assign(this, change);
    this.listeners.forEach((listener) => listener());
  }

  async start(plan) {
    try {
      await this.reader.ask("begin", { file: this.file, plan });
      this.batch = this.reader.ask("next");
      await this.#send();
    } catch (problem) {
      this.#set({ phase: "stopped", problem });
    }
  }

  pause() {
    this.wanted = "paused";
    this.wake?.();
    if (this.phase === "waiting") this.#set({ phase: "paused", until: null });
  }

  /** Go on after a pause, or after what went wrong; the batch that was refused is sent again. */
  resume() {
    this.wanted = "sending";
    if (this.phase === "sending") return;
    this.#set({ phase: "sending", problem: null });
    this.#send();
  }

  async #send() {
    if (this.busy) return;
    this.busy = true;
    try {
      for (;;) {
        const batch = await this.batch;
        if (this.wanted === "paused") return this.#set({ phase: "paused" });
        this.#set({ read: batch.read, refused: batch.refused, partly: batch.partly, listed: [...this.listed, ...batch.listed] });
        batch.listed = [];
        if (batch.kind === "end") break;
        const following = this.ahead || (this.ahead = this.reader.ask("next")); // hashed while this one is on its way
        following.catch(() => null);
        if (!(await this.#post(batch))) return undefined;
        this.batch = following;
        this.ahead = null;
      }
    } catch (problem) {
      return this.#set({ phase: "stopped", problem });
    } finally {
      this.busy = false;
    }
    this.#set({ share: 1, phase: "matching" });
    return this.#outcome();
  }

  // Send one batch, as often as it takes; false when it is to be sent later.
  async #post(batch) {
    for (;;) {
      const { upload, problem } = await this.reader.ask("send", { number: batch.number, list: this.list, standing: standing() });
      if (upload) {
        this.#set({ sent: this.sent + batch.records, share: batch.share, uploads: [...this.uploads, { id: upload, rows: batch.rows, told: null }] });
        return true;
      }
      if (problem.status !== 429) {
        if (problem.status === 401) get("/v1/me").catch(() => null); // so that the page hears that nobody is signed in
        this.#set({ phase: "stopped", problem: placed(problem, batch.rows) });
        return false;
      }
      const seconds = problem.retryAfter || WAIT_SECONDS;
      this.#set({ phase: "waiting", until: Date.now() + seconds * 1000 });
      await new Promise((go) => { this.wake = go; setTimeout(go, seconds * 1000); });
      if (this.wanted === "paused") {
        this.#set({ phase: "paused", until: null });
        return false;
      }
      this.#set({ phase: "sending", until: null });
    }
  }

  async #outcome() {
    try {
      for (;;) {
        const open = this.uploads.filter((one) => !one.told || one.told.state === "waiting").slice(0, AT_ONCE);
        if (!open.length) break;
        await Promise.all(open.map(async (one) => { one.told = await get(`/v1/uploads/${one.id}`); }));
        open.forEach((one) => this.#decline(one));
        this.#set({ uploads: [...this.uploads] });
        if (open.some((one) => one.told.state === "waiting")) await new Promise((go) => setTimeout(go, AGAIN_MS));
      }
      this.#set({ phase: "done" });
    } catch (problem) {
      this.#set({ phase: "stopped", problem });
    }
  }

  // Write down which rows of the file the server did not take.
  #decline({ told, rows }) {
    for (const one of told.invalid || []) if (one.at !== null) this.declined.push([rows[one.at], one.error]);
  }

  /** How many rows have something wrong; one that was sent in part may have been refused as well. */
  get behind() {
    return this.refused + this.partly + this.declined.length;
  }

  /** Rows with something wrong, as far as they are shown: `{ row, sent, faults }`, `sent` null where the server refused. */
  get wrong() {
    const refused = this.declined.slice(0, LISTED).map(([row, words]) => ({ row, sent: null, faults: [words] }));
    return [...this.listed, ...refused].sort((one, other) => one.row - other.row);
  }

  /** Every row that was not sent, not whole or not taken, as a file; it is made here and stays here. */
  async rejects() {
    return (await this.reader.ask("rejects", { refused: this.declined })).file;
  }

  /** Forget it, and the file with it. */
  close() {
    this.reader.close();
    running.delete(this.list);
  }
}

/** A problem as the worker heard it, which names the record in its batch; told by the row of the file instead. */
function placed(problem, rows) {
  const found = /^records[.[](\d+)/.exec(problem.field || "");
  const detail = found ? `Row ${rows[Number(found[1])]} of the file: ${problem.message}` : problem.message;
  return Object.assign(new Problem(problem.status, {}), problem, { detail, message: detail });
}
