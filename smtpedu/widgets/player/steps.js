import { set } from "../shared/base.js";

/* Where a session player stands, and how it moves. Nothing here draws. */

const SEEN = ["step", "predict", "playing", "highlight", "guesses", "name"];
const BEAT = 1600; // milliseconds between two turns while playing

/** What the learner sees and has answered, as plain values. */
export function state(model) {
  const now = Object.fromEntries(SEEN.map((name) => [name, model.get(name)]));
  return { ...now, turns: model.get("_turns"), envelopes: model.get("_envelopes") };
}

/** Whether turn `number` (from 1) is a reply that the learner is to predict first. */
export function isOpen({ turns, predict, guesses }, number) {
  return Boolean(predict && turns[number - 1]?.choices && !(number in guesses));
}

/** The furthest one may jump from here without passing a reply that is still to be predicted. */
export function limit(now) {
  let step = now.step;
  while (step < now.turns.length && !isOpen(now, step + 1)) step += 1;
  return step;
}

/** How many predictions were right, and of how many; 0 stands for one passed over. */
export function score({ turns, guesses }) {
  const made = Object.entries(guesses).filter(([, guess]) => guess);
  const right = made.filter(([number, guess]) => turns[number - 1]?.code === guess);
  return { right: right.length, made: made.length };
}

/** What the replies with this code answered so far: [verb, how often], in order. */
export function promises({ turns, step, highlight }) {
  const counts = new Map();
  for (const { code, verb } of turns.slice(0, step))
    if (code === highlight) counts.set(verb, (counts.get(verb) ?? 0) + 1);
  return [...counts];
}

/** Jump to a step, but never past an open prediction; whoever does stops the playing. */
export function go(model, step) {
  set(model, { playing: false, step: Math.max(0, Math.min(limit(state(model)), step)) });
}

/** Forget all predictions and begin anew. */
export function again(model) {
  set(model, { playing: false, step: 0, guesses: {} });
}

/** Show the next turn; a reply that was to be predicted counts as passed over. */
export function next(model) {
  const now = state(model);
  const number = now.step + 1;
  if (number > now.turns.length) return;
  const guesses = isOpen(now, number) ? { ...now.guesses, [number]: 0 } : now.guesses;
  set(model, { playing: false, guesses, step: number });
}

/** Take the learner's prediction of the next turn, and show it. */
export function answer(model, code) {
  const number = model.get("step") + 1;
  set(model, { guesses: { ...model.get("guesses"), [number]: code }, step: number });
}

/** Play on by itself until the end or an open prediction. Returns the clean-up. */
export function clock(model) {
  let timer;
  const tick = () => {
    const now = state(model);
    if (now.step >= limit(now)) set(model, { playing: false });
    else set(model, { step: now.step + 1 });
  };
  const onPlaying = () => {
    clearInterval(timer);
    if (!model.get("playing")) return;
    if (model.get("step") >= model.get("_turns").length) set(model, { step: 0 });
    tick(); // which may find that there is nothing to play
    if (model.get("playing")) timer = setInterval(tick, BEAT);
  };
  model.on("change:playing", onPlaying);
  return () => {
    model.off("change:playing", onPlaying);
    clearInterval(timer);
  };
}
