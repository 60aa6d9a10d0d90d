import { pageName } from "./journal.js";

/* What a notebook holds of a quiz, made into all that is asked. */

/** `data` has the quiz's name and its questions: which, and their options' order. Until Python says
    otherwise the page is alone, with a run of its own. */
export async function state({ quiz, role, title, ...questions }, kit) {
  const bank = await kit.load("bank");
  const own = Object.fromEntries(Object.keys(kit.strings).map((name) => [name, title]));
  // The same when the page is loaded again: what was answered is there.
  const aloneRun = `${pageName()} ${role} ${questions.seed} ${quiz}`.slice(0, 100);
  return {
    title: bank.titles[quiz] ?? own,
    exam: Boolean(questions.exam),
    run: { run: aloneRun, alone: true, quiz, role, seed: questions.seed },
    questions,
    page: pageOf(questions, bank),
    ...{ answers: {}, at: 0, shared: false, result: {}, notice: "" },
  };
}

/** Keep the page as Python's choice of questions has it. The bank, which holds the key of an exam,
    is no value of the model. */
export function follow(model, kit) {
  let bank;
  kit.load("bank").then((loaded) => {
    bank = loaded;
  });
  const listener = () => model.set("page", pageOf(model.get("questions"), bank));
  model.on("change:questions", listener);
  return () => model.off("change:questions", listener);
}

const TEXTS = { hint: "", why: "", otherwise: "", source: "" };
const OF_OPTION = { right: false, feedback: "", misconception: "", value: null, group: null };

/** The questions with their options in the order in which they are shown. */
export function pageOf({ seed, items, exam = false, own = {} }, bank) {
  const shown = items.flatMap((row) => {
    const [, mark, places, id] = row.match(/^(\S+) (\S*) (.*)$/s);
    const order = places ? places.split(",").map(Number) : [];
    const item = own[id] ?? bank.items[id];
    return item ? [{ ...arranged(item, order, exam), mark }] : [];
  });
  const { objectives, misconceptions } = bank;
  return { items: shown, seed, ...(exam ? {} : { objectives, misconceptions }) };
}

/** In an exam nothing that tells what is right is on the page. */
function arranged(item, order, exam) {
  const { id, kind, stem, language, lines = [], classes = [], options = [] } = item;
  const asked = { id, kind, stem, language, lines, classes };
  const texts = (place) => ({ text: options[place]?.text ?? "" });
  if (exam) return { ...asked, options: order.map(texts) };
  const whole = (place) => ({ ...OF_OPTION, place, ...options[place] });
  return { ...TEXTS, ...item, ...asked, options: order.map(whole) };
}
