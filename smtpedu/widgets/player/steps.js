import { set } from "../shared/base.js";

/* Where a session player stands, and how it moves. Nothing here draws. */

const SEEN = ["turns", "envelopes", "step", "predict", "asks", "playing", "highlight", "guesses"];
const BEAT = 1600; // milliseconds between two turns while playing

/** What the learner sees and has answered, as plain values. */
export function present(model) {
  return Object.fromEntries(SEEN.map((name) => [name, model.get(name)]));
}

/** Whether turn `number` (from 1) is a reply that the learner is to predict. */
export function isAsked({ turns, predict, asks }, number) {
  const turn = turns[number - 1];
  return Boolean(predict && turn?.code && asks.includes(turn.verb));
}

/** Whether turn `number` is to be predicted, and is not yet. */
export function isOpen(now, number) {
  return isAsked(now, number) && !(number in now.guesses);
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

/** What became of a prediction: "right", "lawful" (another server might say so), "wrong", "passed". */
export function verdict(turn, guess) {
  if (!guess) return "passed";
  if (guess === turn.code) return "right";
  return turn.lawful?.includes(guess) ? "lawful" : "wrong";
}

/** What the replies with this code meant so far: keys of the texts, in order. */
export function promises({ turns, step, highlight }) {
  const shown = turns.slice(0, step).filter(({ code }) => code && code === highlight);
  return [...new Set(shown.map(({ means }) => means))];
}

/** Jump to a step, but never past an open prediction; whoever does stops the playing. */
export function go(model, step) {
  set(model, { playing: false, step: Math.max(0, Math.min(limit(present(model)), step)) });
}

/** Forget all predictions and begin anew. */
export function again(model) {
  set(model, { playing: false, step: 0, guesses: {} });
}

/** Forget the prediction of one reply, and ask for it again. */
export function ask(model, number) {
  const { [number]: _, ...guesses } = model.get("guesses");
  set(model, { playing: false, step: number - 1, guesses });
}

/** Show the next turn; a reply that was to be predicted counts as passed over. */
export function next(model) {
  const now = present(model);
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
    const now = present(model);
    if (now.step >= limit(now)) set(model, { playing: false });
    else set(model, { step: now.step + 1 });
  };
  const onPlaying = () => {
    clearInterval(timer);
    if (!model.get("playing")) return;
    if (model.get("step") >= model.get("turns").length) set(model, { step: 0 });
    tick(); // which may find that there is nothing to play
    if (model.get("playing")) timer = setInterval(tick, BEAT);
  };
  model.on("change:playing", onPlaying);
  return () => {
    model.off("change:playing", onPlaying);
    clearInterval(timer);
  };
}
