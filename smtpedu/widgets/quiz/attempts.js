import { grade, solution } from "./grading.js";

/* Where a learner stands in a quiz, from what was answered so far. Nothing here draws. */

export const TRIES = 2;

/** How one question stands: `said` of the last try, and in `earlier` the tries before it.
    In an exam nothing is judged before Python's `verdict` is there. Who guessed showed no belief. */
export function standing(item, attempts = [], { exam = false, verdict = null } = {}) {
  const last = attempts.at(-1);
  const common = {
    given: last?.response ?? null,
    guessed: Boolean(last?.guessed),
    tries: attempts.length,
    earlier: [],
    solution: null,
  };
  if (!exam) return { ...common, ...judged(item, attempts) };
  const { right = false, said = [], solution: key = null } = verdict ?? {};
  const done = Boolean(verdict);
  const misconceptions = common.guessed ? [] : (verdict?.misconceptions ?? []);
  return { ...common, done, right, first: right, said, misconceptions, solution: key };
}

function judged(item, attempts) {
  const fitting = attempts.filter(({ response }) => grade(item, response));
  const grades = fitting.map((one) => ({ ...one, ...grade(item, one.response) }));
  const meant = grades.filter(({ guessed }) => !guessed);
  const right = grades.some((one) => one.right);
  const done = right || grades.length >= TRIES;
  return {
    done,
    right,
    first: Boolean(grades[0]?.right),
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

/** The question to go on with: the next one that is not finished, else `items.length`. */
export function nextOpen(standings, from = 0) {
  const isOpen = ({ done }) => !done;
  const after = standings.findIndex((one, n) => n >= from && isOpen(one));
  const any = standings.findIndex(isOpen);
  if (after >= 0) return after;
  return any >= 0 ? any : standings.length;
}

/** How many are right, and which objectives and misconceptions call for another look. */
export function tally(items, standings) {
  const gather = (wanted, name) =>
    standings.flatMap((one, n) => (wanted(one) ? [items[n][name] ?? one[name]].flat() : []));
  const done = standings.filter((one) => one.done);
  return {
    right: done.filter((one) => one.right).length,
    first: done.filter((one) => one.first).length,
    lucky: done.filter((one) => one.right && one.guessed).length,
    open: standings.length - done.length,
    objectives: unique(gather((one) => one.done && (!one.first || one.guessed), "objective")),
    misconceptions: oftenest(standings.flatMap((one) => one.misconceptions)),
  };
}

/** Each once, what came most often first. */
function oftenest(names) {
  const times = (wanted) => names.filter((name) => name === wanted).length;
  return unique(names).sort((one, other) => times(other) - times(one));
}

function unique(names) {
  return [...new Set(names)].filter(Boolean);
}

/** An attempt as it is kept, sent and stored. */
export function attempt(run, item, earlier, { response, guessed, hints }) {
  const id = freshId();
  // Clocks may be set back: an answer is never given before the one that it follows.
  const times = [new Date().toISOString(), String(earlier.at(-1)?.at ?? "")];
  return {
    id,
    key: id, // in the journal, where an answer and its draft have the same id
    ...run,
    item: item.id,
    mark: item.mark,
    number: earlier.length + 1,
    response,
    guessed,
    hints,
    at: times.sort().at(-1),
  };
}

/** 32 hexadecimal digits; `crypto.randomUUID` is missing where a server has no TLS. */
export function freshId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
