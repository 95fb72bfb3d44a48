import { hashText, mix } from "./hash.js";

/** Endpoints one client connects to out of a longer list. */
export const defaultSubsetSize = 20;

/**
 * Picks `size` of `endpoints` for one client, in the order of the list: those whose hash with the client's id is highest
 * (rendezvous hashing), so each client has others, and an endpoint that comes or goes changes at most one entry. Weights do
 * not matter here: they decide within the subset, and would count twice. With many clients every endpoint gets about as
 * many of them: `clients * size / endpoints`, give or take its square root.
 */
export function subset<T extends { readonly id: string }>(endpoints: readonly T[], size: number, clientId: string): readonly T[] {
  if (endpoints.length <= size) return endpoints;
  const client = hashText(clientId);
  const scored = endpoints.map((endpoint, index) => ({ index, id: endpoint.id, score: mix(client ^ hashText(endpoint.id)) }));
  scored.sort((a, b) => b.score - a.score || (a.id < b.id ? -1 : 1));
  return scored
    .slice(0, size)
    .sort((a, b) => a.index - b.index)
    .map(({ index }) => endpoints[index] as T);
}
