/** Where we are: the part of the address behind "#". Pages are places one can link to, go back to and reload. */
import { useEffect, useState } from "app/ui/html.js";

/** The place now: `{ path: "/audiences/7", parts: ["audiences", "7"], query: URLSearchParams }`. */
export function place() {
  const [path, query = ""] = (location.hash.slice(1) || "/").split("?");
  return { path, parts: path.split("/").filter(Boolean).map(decodeURIComponent), query: new URLSearchParams(query) };
}

/** The place, as component state. */
export function usePlace() {
  const [here, setHere] = useState(place);
  useEffect(() => {
    const moved = () => setHere(place());
    addEventListener("hashchange", moved);
    return () => removeEventListener("hashchange", moved);
  }, []);
  return here;
}

/** The address of a place, for `href`. */
export function to(path, query = {}) {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== null && value !== "");
  return `#${path}${given.length ? `?${new URLSearchParams(given)}` : ""}`;
}

/** Go there; `replace` leaves no step to go back to. */
export function go(path, query, { replace = false } = {}) {
  if (replace) location.replace(to(path, query));
  else location.hash = to(path, query);
}
