/** A question to the server as component state: `{ data, problem, loading, again }`. */
import { useCallback, useEffect, useRef, useState } from "app/ui/html.js";

/**
 * Ask when the page is shown, and whenever `deps` change; the answer to an older question never replaces a newer one.
 * `question(signal)` asks; while a new answer is on its way the old one stays. `every` asks again after so many ms.
 */
export function useAsked(question, deps = [], { every = 0, wait = 0 } = {}) {
  const [state, setState] = useState({ data: undefined, problem: null, loading: true });
  const [turn, setTurn] = useState(0);
  const latest = useRef(question);
  latest.current = question;
  useEffect(() => {
    const stop = new AbortController();
    setState((before) => ({ ...before, loading: true }));
    const ask = async () => {
      try {
        const data = await latest.current(stop.signal);
        if (!stop.signal.aborted) setState({ data, problem: null, loading: false });
      } catch (problem) {
        if (!stop.signal.aborted && problem.name !== "AbortError") setState((before) => ({ ...before, problem, loading: false }));
      }
    };
    const timer = wait && turn === 0 ? setTimeout(ask, wait) : (ask(), 0);
    const clock = every ? setInterval(ask, every) : 0;
    return () => {
      stop.abort();
      clearTimeout(timer);
      clearInterval(clock);
    };
  }, [...deps, turn]);
  const again = useCallback(() => setTurn((count) => count + 1), []);
  return { ...state, again };
}
