import { expanded } from "../shared/turns.js";

/* What a notebook holds of a session player, made into all that is drawn. */

/** Which of `codes` a command may get where it stands: what comes in its turn gets no 503, and
    nothing else is carried out. `before` is what was legal. */
export function lawfulHere(codes, verb, before) {
  const isInTurn = verb === "connect" || before.includes(verb);
  return codes.filter((code) => (isInTurn ? code !== 503 : code >= 400));
}

/** `data` names a captured session, or holds the turns of one's own. */
export async function state(data, kit) {
  const { sessions, choices, otherwise, lawful } = await kit.load("sessions");
  const found = data.session ? sessions[data.session] : data;
  const { predict = false, asks = [] } = data;
  const { name, remarks = [] } = found;
  const { turns, envelopes, texts } = expanded(found);
  const offered = ({ verb, code }) => [...new Set([code, ...(choices[verb] ?? otherwise)])].sort();
  let before = [];
  const shown = turns.map((turn) => {
    if (!turn.code) return turn;
    const possible = lawfulHere(lawful[turn.verb] ?? lawful.any, turn.verb, before);
    before = turn.legal;
    return { ...turn, choices: offered(turn), lawful: possible };
  });
  const isAsked = predict && (!asks.length || asks.includes("connect"));
  const step = isAsked ? 0 : Math.min(1, shown.length); // the greeting is there from the start
  const start = { step, predict, asks, playing: false, highlight: 0, guesses: {} };
  return { ...start, name, turns: shown, envelopes, remarks, texts };
}
