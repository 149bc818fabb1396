/** Names of clients by their number, for those who may know them. */
import { useAsked } from "app/ui/asked.js";
import { get } from "app/api.js";
import { useSession } from "app/ui/session.js";

/** Answers a function from a client's number to its name; to those who are no operators numbers stay numbers. */
export function useClients() {
  const { may } = useSession();
  const asked = useAsked((signal) => (may("operator") ? get("/v1/clients", {}, { signal }) : Promise.resolve({ items: [] })), []);
  const names = new Map((asked.data?.items || []).map((one) => [one.id, one.name]));
  return (number) => (number ? names.get(number) || number : "command line");
}
