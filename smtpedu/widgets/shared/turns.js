/* Turns as Python gives them, made into what is drawn. */

/** Turns share the moments in which they end, and these the commands that are legal then. */
export function expanded({ turns = [], moments = [], envelopes = [], legal = [], texts = {} }) {
  const own = ({ at = 0, ...turn }) => ({
    ...(turn.code ? { from: "server", means: `${turn.verb} ${turn.code}` } : { from: "client" }),
    ...turn,
    ...moments[at],
    legal: legal[moments[at].legal ?? 0],
  });
  return { turns: turns.map(own), envelopes, texts };
}
