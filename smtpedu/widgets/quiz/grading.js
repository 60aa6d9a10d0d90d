/* Compares a response with a question, as `questions/grading.py` does; a test holds the two
   together. Responses are positions among the options as this page shows them, each of which
   knows its `place` in the question itself. Nothing here draws. */

export const LONGEST_TEXT = 1000; // characters that one may write
const SHOWN_BELIEFS = 2; // misconceptions that one answer can show where many are out of place

const isNumber = (value) => Number.isInteger(value);
const inPlace = (options) => [...options].sort((one, other) => one.place - other.place);

/** Right or not, misconceptions shown, what to say; null for no response. */
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
  if (kind === "open") return typeof response === "string" && written(response) === response.trim();
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

/** What was written as a response, or null: what is blank for Python, or half a character, it could
    not keep. */
export function written(text) {
  const whole = text.trim().replace(/\p{Surrogate}/gu, "\ufffd");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are blanks there, not here
  return /[^\s\x1c-\x1f\x85]/.test(whole) && whole.length <= LONGEST_TEXT ? whole : null;
}

function graded(right, wrong, said) {
  const beliefs = wrong.map(({ misconception }) => misconception).filter(Boolean);
  return { right, misconceptions: [...new Set(beliefs)], said: said.map((one) => one.feedback) };
}

function one(option) {
  return graded(option.right, option.right ? [] : [option], [option]);
}

function chosen({ options }, response) {
  return one(options[response]);
}

function typed({ options, otherwise }, response) {
  const anticipated = options.find(({ value }) => value === response);
  return anticipated ? one(anticipated) : graded(false, [], [{ feedback: otherwise }]);
}

function several({ options }, response) {
  const isTicked = (option) => response.includes(options.indexOf(option));
  const rights = inPlace(options.filter(({ right }) => right));
  const wrongly = inPlace(options.filter((option) => isTicked(option) && !option.right));
  const wrong = [...wrongly, ...rights.filter((option) => !isTicked(option))];
  return graded(!wrong.length, wrong, wrong.length ? wrong : rights);
}

function ordered({ options }, response) {
  const wrong = response
    .map((position, n) => ({ ...options[position], came: n < options[position].place ? -1 : 1, n }))
    .filter(({ place, n }) => place !== n);
  return misplaced(wrong, 1);
}

function classified({ options }, response) {
  const given = options.map((option, position) => ({ ...option, came: response[position] }));
  const wrong = inPlace(given.filter(({ group, came }) => group !== came));
  return misplaced(wrong, options.length);
}

/** What to say of options that are, each, not where they belong but somewhere else. */
function misplaced(wrong, told) {
  const showing = wrong.filter(({ mistaken, came }) => mistaken === null || mistaken === came);
  const said = wrong.slice(0, told).map(({ text, feedback }) => ({
    feedback: `${text.replace(/\.+$/, "")}: ${feedback}`,
  }));
  const { misconceptions, ...rest } = graded(!wrong.length, showing, said);
  return { ...rest, misconceptions: misconceptions.slice(0, SHOWN_BELIEFS) };
}

const GRADERS = {
  choices: several,
  number: typed,
  point: typed,
  order: ordered,
  classify: classified,
  open: () => graded(true, [], []),
};
