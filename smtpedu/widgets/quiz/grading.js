/* Compares a response with a question, as `questions/grading.py` does; a test holds the two
   together. Responses are positions among the options as this page shows them, each of which
   knows its `place` in the question itself. Nothing here draws. */

const SHOWN_BELIEFS = 2; // misconceptions that one answer can show where many are out of place

const isNumber = (value) => Number.isInteger(value);
const inPlace = (options) => [...options].sort((one, other) => one.place - other.place);

/** Right or not, score from 0 to 1, misconceptions shown, what to say; null for no response. */
export function grade(item, response) {
  if (!fits(item, response)) return null;
  return (GRADERS[item.kind] ?? chosen)(item, response);
}

/** The right response. */
export function solution({ kind, options }) {
  const positions = options.map((_, position) => position);
  const rights = positions.filter((position) => options[position].right);
  if (kind === "choices") return rights;
  if (kind === "number" || kind === "point") return options[rights[0]].value;
  if (kind === "order")
    return positions.sort((one, other) => options[one].place - options[other].place);
  if (kind === "classify") return options.map(({ group }) => group);
  return rights[0];
}

/** Whether this is a response to that kind of question at all. */
export function fits({ kind, options, lines, classes }, response) {
  const isPosition = (value) => isNumber(value) && value >= 0 && value < options.length;
  if (kind === "number") return isNumber(response);
  if (kind === "point") return lines.some(([number]) => number === response);
  if (!["choices", "order", "classify"].includes(kind)) return isPosition(response);
  if (!Array.isArray(response)) return false;
  if (kind === "classify") {
    const isClass = (value) => isNumber(value) && value >= 0 && value < classes.length;
    return response.length === options.length && response.every(isClass);
  }
  const whole = kind === "choices" || response.length === options.length;
  return whole && new Set(response).size === response.length && response.every(isPosition);
}

function graded(right, score, wrong, said) {
  const beliefs = wrong.map(({ misconception }) => misconception).filter(Boolean);
  return {
    right,
    score,
    misconceptions: [...new Set(beliefs)],
    said: said.map(({ feedback }) => feedback),
  };
}

function one(option) {
  return graded(option.right, option.right ? 1 : 0, option.right ? [] : [option], [option]);
}

function chosen({ options }, response) {
  return one(options[response]);
}

function typed({ options, otherwise }, response) {
  const anticipated = options.find(({ value }) => value === response);
  return anticipated ? one(anticipated) : graded(false, 0, [], [{ feedback: otherwise }]);
}

function several({ options }, response) {
  const ticked = new Set(response.map((position) => options[position]));
  const rights = inPlace(options.filter(({ right }) => right));
  const wrongly = inPlace([...ticked].filter(({ right }) => !right));
  const missed = rights.filter((option) => !ticked.has(option));
  const found = rights.length - missed.length;
  const wrong = [...wrongly, ...missed];
  if (!wrong.length) return graded(true, 1, [], rights);
  return graded(false, Math.max(0, (found - wrongly.length) / rights.length), wrong, wrong);
}

function ordered({ options }, response) {
  const wrong = response
    .map((position, n) => ({ ...options[position], came: n < options[position].place ? -1 : 1, n }))
    .filter(({ place, n }) => place !== n);
  return misplaced(wrong, options.length, 1);
}

function classified({ options }, response) {
  const given = options.map((option, position) => ({ ...option, came: response[position] }));
  const wrong = inPlace(given.filter(({ group, came }) => group !== came));
  return misplaced(wrong, options.length, options.length);
}

/** What to say of options that are, each, not where they belong but somewhere else. */
function misplaced(wrong, count, told) {
  const showing = wrong.filter(({ mistaken, came }) => mistaken === null || mistaken === came);
  const said = wrong.slice(0, told).map(({ text, feedback }) => ({
    feedback: `${text.replace(/\.+$/, "")}: ${feedback}`,
  }));
  const { misconceptions, ...rest } = graded(
    !wrong.length,
    1 - wrong.length / count,
    showing,
    said,
  );
  return { ...rest, misconceptions: misconceptions.slice(0, SHOWN_BELIEFS) };
}

const GRADERS = {
  choices: several,
  number: typed,
  point: typed,
  order: ordered,
  classify: classified,
};
