import { expanded } from "../shared/turns.js";

/* What a notebook holds of a session player, made into all that is drawn. */

/** Which of `codes` a command may get where it stands: what comes in its turn gets no 503, and
    all else may get it, and is not carried out. */
export function lawfulHere(codes, inTurn) {
  if (inTurn) return codes.filter((code) => code !== 503);
  return [...new Set([...codes.filter((code) => code >= 400), 503])];
}

/** To which commands the replies are asked where nobody has named any. */
export function askedOf(turns, usual) {
  const verbs = [...new Set(turns.filter(({ code }) => code).map(({ verb }) => verb))];
  const others = verbs.filter((verb) => !usual.includes(verb));
  return others.length ? others : verbs;
}

/** `data` names a captured session, or holds the turns of one's own. */
export async function state(data, kit) {
  const { sessions, choices, otherwise, usual, lawful } = await kit.load("sessions");
  const found = data.session ? sessions[data.session] : data;
  const { predict = false, asks: named = [] } = data;
  const { name, remarks = [] } = found;
  const { turns, envelopes, texts } = expanded(found);
  const offered = ({ verb, code }) => [...new Set([code, ...(choices[verb] ?? otherwise)])].sort();
  let before = [];
  const shown = turns.map((turn) => {
    if (!turn.code) return turn;
    const inTurn = turn.verb === "connect" || before.includes(turn.verb);
    const possible = lawfulHere(lawful[turn.verb] ?? lawful.any, inTurn);
    before = turn.legal;
    return { ...turn, choices: offered(turn), inTurn, lawful: possible };
  });
  const asks = named.length ? named : askedOf(shown, usual);
  // The greeting is there from the start, unless it is to be predicted.
  const step = predict && asks.includes("connect") ? 0 : Math.min(1, shown.length);
  const start = { step, predict, named, asks, playing: false, highlight: 0 };
  return { ...start, guesses: {}, notice: "", name, turns: shown, envelopes, remarks, texts };
}
