/**
 * Observable Plot, fetched when the first chart is drawn. Its files are older than modules and leave their names in the
 * global scope; they are read here and nowhere else.
 */
import { html, useEffect, useRef, useState } from "app/ui/html.js";

let loading = null;

/** Fetch the library once; answers `Plot`. */
export function loadPlot() {
  loading ||= (async () => {
    await import("app/vendor/d3-7.9.2/d3.min.js");
    await import("app/vendor/plot-0.6.17/plot.umd.min.js");
    return globalThis.Plot;
  })();
  return loading;
}

/**
 * A drawing that fills its width and follows the theme. `draw(Plot, width, colours)` answers an element; it is called again
 * when `deps`, the width or the theme change. `label` says in words what the drawing shows.
 */
export function Drawing({ draw, deps = [], label, height = 120 }) {
  const box = useRef(null);
  const [width, setWidth] = useState(0);
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    const watch = new ResizeObserver(([entry]) => setWidth(Math.floor(entry.contentRect.width)));
    const again = () => setTurn((count) => count + 1);
    watch.observe(box.current);
    addEventListener("themechange", again);
    return () => {
      watch.disconnect();
      removeEventListener("themechange", again);
    };
  }, []);
  useEffect(() => {
    if (!width) return undefined;
    let stale = false;
    loadPlot().then((Plot) => {
      if (stale) return;
      const drawn = draw(Plot, width, colours());
      drawn.setAttribute("aria-hidden", "true");
      box.current.replaceChildren(drawn);
    });
    return () => {
      stale = true;
    };
  }, [width, turn, ...deps]);
  return html`<div class="drawing" role="img" aria-label=${label}><div ref=${box} class="drawing-box" data-height=${height}></div></div>`;
}

/** The theme's colours by name, for marks that cannot read custom properties. */
export function colours() {
  const style = getComputedStyle(document.documentElement);
  const named = (name) => style.getPropertyValue(`--${name}`).trim();
  return Object.fromEntries(["ink", "ink-2", "ink-3", "line", "line-2", "more", "less", "more-wash", "less-wash", "grey", "card", "lamp-fill", "sunken"].map((name) => [name, named(name)]));
}

/** What every drawing begins with: one class, so that the library's one style sheet is always the same text. */
export function basics(width, height, more = {}) {
  return { className: "plot", width, height, marginTop: 4, marginRight: 8, marginBottom: 24, marginLeft: 8, style: { background: "transparent", color: "inherit", fontSize: "13px" }, ...more };
}
