import { expanded } from "../shared/turns.js";

/* What a notebook holds of a session player, made into all that is drawn. */

/** `data` names a captured session, or holds the turns of one's own. */
export async function state(data, kit) {
  const { sessions, choices, otherwise } = await kit.load("sessions");
  const found = data.session ? sessions[data.session] : data;
  const { predict = false, asks = [] } = data;
  const { name, remarks = [] } = found;
  const { turns, envelopes, texts } = expanded(found);
  const offered = ({ verb, code }) => [...new Set([code, ...(choices[verb] ?? otherwise)])].sort();
  const shown = turns.map((turn) => ({ ...turn, choices: turn.code ? offered(turn) : [] }));
  const step = predict ? 0 : Math.min(1, shown.length); // the greeting is there from the start
  const start = { step, predict, asks, playing: false, highlight: 0, guesses: {} };
  return { ...start, name, turns: shown, envelopes, remarks, texts };
}
