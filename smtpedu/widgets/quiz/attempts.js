import { beliefs } from "./beliefs.js";
import { grade, solution } from "./grading.js";

/* Where a learner stands in a quiz, from what was answered so far. Nothing here draws. */

export const TRIES = 2;

/** How one question stands: `said` of the last try, and in `earlier` the tries before it. `chance` is
    the first one, where it tells of beliefs: who guessed showed none. In an exam nothing is judged
    before Python's `verdict` is there; `most` is how many tries there are. */
export function standing(item, attempts = [], { exam = false, verdict = null, most = TRIES } = {}) {
  const last = attempts.at(-1);
  const given = last?.response ?? null;
  const common = { given, guessed: Boolean(last?.guessed), tries: attempts.length, earlier: [] };
  if (!exam) return { ...common, ...judged(item, attempts, most) };
  const found = { right: false, said: [], misconceptions: [], solution: null, ...verdict };
  if (common.guessed) found.misconceptions = [];
  const chance = verdict && last && !common.guessed ? chanceOf(found) : null;
  return { ...common, ...found, chance, done: Boolean(verdict), first: found.right };
}

function chanceOf({ right, misconceptions }) {
  return { right, misconceptions };
}

function judged(item, attempts, most) {
  const fitting = attempts.filter(({ response }) => grade(item, response)).slice(0, most);
  const grades = fitting.map((one) => ({ ...one, ...grade(item, one.response) }));
  const meant = grades.filter(({ guessed }) => !guessed);
  const right = grades.some((one) => one.right);
  const done = right || grades.length >= most;
  return {
    done,
    right,
    first: Boolean(grades[0]?.right),
    chance: grades[0] && !grades[0].guessed ? chanceOf(grades[0]) : null,
    tries: grades.length,
    said: grades.at(-1)?.said ?? [],
    earlier: grades.slice(0, -1).map(({ response, said }) => ({ response, said })),
    misconceptions: [...new Set(meant.flatMap(({ misconceptions }) => misconceptions))],
    solution: done ? solution(item) : null,
  };
}

/** One word for a question: open, begun, answered (in an exam), right, second, wrong. */
export function mark({ done, right, first, tries }, exam = false) {
  if (done) return right ? (first ? "right" : "second") : "wrong";
  if (!tries) return "open";
  return exam ? "answered" : "begun";
}

/** The question to go on with: the first that is not finished, else `standings.length`. */
export function nextOpen(standings) {
  const open = standings.findIndex(({ done }) => !done);
  return open < 0 ? standings.length : open;
}

/** How many are right, which objectives are known, and what calls for another look. */
export function tally(items, standings) {
  const isKnown = ({ done, first, guessed }) => done && first && !guessed;
  const count = (wanted) => standings.filter(wanted).length;
  const objectives = (wanted) =>
    unique(items.filter((_, n) => wanted(standings[n])).map(({ objective }) => objective));
  const others = objectives((one) => !isKnown(one));
  return {
    right: count((one) => one.done && one.right),
    first: count((one) => one.done && one.first),
    lucky: count((one) => one.done && one.right && one.guessed),
    open: count((one) => !one.done),
    mastered: objectives(isKnown).filter((name) => !others.includes(name)),
    objectives: objectives((one) => one.done && !isKnown(one)),
    beliefs: beliefs(items, standings),
  };
}

function unique(names) {
  return [...new Set(names)].filter(Boolean);
}

/** An attempt as it is kept, sent and stored. In the journal, an answer and its draft have the same
    id, but each a `key` of its own. */
export function attempt(run, { id: item, mark }, earlier, given) {
  const id = freshId();
  // Clocks may be set back: an answer is never given before the one that it follows.
  const times = [new Date().toISOString(), String(earlier.at(-1)?.at ?? "")];
  const at = times.sort().at(-1);
  return { id, key: id, ...run, item, mark, number: earlier.length + 1, ...given, at };
}

/** 32 hexadecimal digits; `crypto.randomUUID` is missing where a server has no TLS. */
export function freshId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
