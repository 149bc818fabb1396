/**
 * A file on its way to a list: asks the worker for batches of hashes, sends them, waits when the server says so, and then
 * for what became of them. Goes on while another page of the app is shown; is gone when the window is closed.
 */
import { ask, get } from "app/api.js";

const AGAIN_MS = 600; // between looks at what becomes of uploads
const AT_ONCE = 4; // uploads looked at each time
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
    Object.assign(this, { list, file, reader, phase: "sending", problem: null, until: null, share: 0, read: 0, sent: 0, refused: 0, partly: 0, listed: [], uploads: [] });
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
      try {
        const body = batch.body;
        const { upload } = await ask("POST", `/v1/lists/${this.list}/records`, { body, headers: { "Content-Type": "application/json" } });
        this.#set({ sent: this.sent + batch.records, share: batch.share, uploads: [...this.uploads, { id: upload, first: batch.first, last: batch.last, told: null }] });
        return true;
      } catch (problem) {
        if (problem.status !== 429) {
          this.#set({ phase: "stopped", problem });
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
  }

  async #outcome() {
    try {
      for (;;) {
        const open = this.uploads.filter((one) => !one.told || one.told.state === "waiting").slice(0, AT_ONCE);
        if (!open.length) break;
        await Promise.all(open.map(async (one) => { one.told = await get(`/v1/uploads/${one.id}`); }));
        this.#set({ uploads: [...this.uploads] });
        if (open.some((one) => one.told.state === "waiting")) await new Promise((go) => setTimeout(go, AGAIN_MS));
      }
      this.#set({ phase: "done" });
    } catch (problem) {
      this.#set({ phase: "stopped", problem });
    }
  }

  /** Every row that was not sent, or not whole, as a file; it is made here and stays here. */
  async rejects() {
    return (await this.reader.ask("rejects")).file;
  }

  /** Forget it, and the file with it. */
  close() {
    this.reader.close();
    running.delete(this.list);
  }
}
