/* Turns as Python gives them, made into what is drawn. */

/** `legal` lists are told once, and each turn names its own. */
export function expanded({ turns = [], envelopes = [], legal = [], texts = {} }) {
  const own = (turn) => ({ ...turn, legal: legal[turn.legal ?? 0] ?? [] });
  return { turns: turns.map(own), envelopes, texts };
}
